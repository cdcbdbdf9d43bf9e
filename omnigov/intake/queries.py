"""All that reads batches and uploads."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, Q

from omnigov.accounts.models import User, Workspace
from omnigov.intake.models import Batch, Submission

ABANDONED_AFTER = timedelta(days=1)
CUT_OFF_AFTER = timedelta(seconds=30)
"""A whole upload that nothing has happened to for so long was cut off before its last step."""


def batch_of(workspace: Workspace, batch_id: uuid.UUID) -> Batch | None:
    """The workspace's batch of this id."""
    return (
        Batch.objects.filter(workspace=workspace, pk=batch_id)
        .select_related("policy_version__policy", "created_by")
        .first()
    )


def newest_batches(workspace: Workspace, most: int = 300) -> list[tuple[str, str]]:
    """The newest batches, each by its id and what it is called, for a field that asks for one."""
    newest = Batch.objects.filter(workspace=workspace).order_by("-created_at")[:most]
    return [(str(each.pk), f"{each.name} · {each.created_at:%Y-%m-%d}") for each in newest]


def uploads_cut_off(now: datetime) -> list[uuid.UUID]:
    """Uploads that are whole and were not looked at, oldest first."""
    uploading = Submission.objects.filter(state=Submission.State.UPLOADING, offset__gte=1, offset=F("length"))
    cut_off = uploading.filter(touched_at__lt=now - CUT_OFF_AFTER).order_by("touched_at")
    return list(cut_off.values_list("pk", flat=True))


def uploads_abandoned(now: datetime) -> list[uuid.UUID]:
    """Uploads that nobody took up for a day, oldest first."""
    uploading = Submission.objects.filter(state=Submission.State.UPLOADING)
    abandoned = uploading.filter(touched_at__lt=now - ABANDONED_AFTER).order_by("touched_at")
    return list(abandoned.values_list("pk", flat=True))


def spare(uploads: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Those of the uploads whose bytes are no medium's: refused, or of a medium that was here before."""
    refused = Q(state=Submission.State.REFUSED)
    here_before = Q(state=Submission.State.ACCEPTED) & ~Q(asset=F("pk"))
    found = Submission.objects.filter(refused | here_before, pk__in=uploads)
    return list(found.values_list("pk", flat=True))


def submission_of(workspace: Workspace, submission_id: uuid.UUID) -> Submission | None:
    """The workspace's upload of this id."""
    return Submission.objects.filter(batch__workspace=workspace, pk=submission_id).first()


def uploaded(asset_id: uuid.UUID, person: User) -> bool:
    """Whether this person ever handed these bytes in: who did is not who judges or uncovers them.

    Until a file was checked, and where it could not be, its asset is the one with the upload's own id.
    """
    handed_in = Submission.objects.filter(uploaded_by=person)
    return handed_in.filter(Q(asset=asset_id) | Q(pk=asset_id)).exists()
