"""All that reads batches and uploads."""

from __future__ import annotations

import uuid

from omnigov.accounts.models import Workspace
from omnigov.intake.models import Batch, Submission


def batch_of(workspace: Workspace, batch_id: uuid.UUID) -> Batch | None:
    """The workspace's batch of this id."""
    return (
        Batch.objects.filter(workspace=workspace, pk=batch_id)
        .select_related("policy_version__policy", "created_by")
        .first()
    )


def submission_of(workspace: Workspace, submission_id: uuid.UUID) -> Submission | None:
    """The workspace's upload of this id."""
    return Submission.objects.filter(batch__workspace=workspace, pk=submission_id).first()
