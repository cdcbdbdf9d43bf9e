"""All that reads runs for a policy's next version."""

from __future__ import annotations

from django.db.models import QuerySet

from omnigov.accounts.models import Workspace
from omnigov.decisions.models import Run, RunState


def redacted_copies(workspace: Workspace) -> QuerySet[Run]:
    """Runs whose redacted copy is a picture that can be shown, newest first."""
    return (
        Run.objects.filter(
            workspace=workspace,
            state=RunState.RECORDED,
            decision__isnull=False,
            redaction__media_type__in=["image/png", "image/jpeg"],
        )
        .select_related("decision", "submission")
        .order_by("-created_at")
    )
