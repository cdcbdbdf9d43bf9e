"""All that reads batches with what became of their files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from omnigov.accounts.models import Workspace
from omnigov.decisions.models import Run
from omnigov.decisions.progress import Row
from omnigov.intake.models import Batch, Submission


def batches_of(workspace: Workspace) -> QuerySet[Batch]:
    """The workspace's batches, newest first, but those of examples. How far they are: `counts.counts_of`."""
    return (
        Batch.objects.filter(workspace=workspace, label="")
        .select_related("policy_version__policy", "created_by")
        .order_by("-created_at")
    )


def run_of(workspace: Workspace, run_id: uuid.UUID) -> Run | None:
    """The workspace's run of this id."""
    return Run.objects.filter(workspace=workspace, pk=run_id).select_related("submission").first()


@dataclass(frozen=True)
class SameBytes:
    """The file that had these bytes first, and the batch it came with."""

    name: str
    batch_id: uuid.UUID
    batch_name: str


def first_of_same_bytes(rows: Iterable[Row]) -> dict[uuid.UUID, SameBytes]:
    """For each row whose bytes were known already, by its submission: the first file that had them."""
    again = [row.submission for row in rows if row.seen_before]
    if not again:
        return {}
    assets = dict(Submission.objects.filter(pk__in=again).values_list("pk", "asset_id"))
    order = Window(RowNumber(), partition_by=F("asset_id"), order_by=("created_at", "id"))
    earliest = (
        Submission.objects.filter(asset__in=assets.values())
        .annotate(place=order)
        .filter(place=1)
        .select_related("batch")
    )
    by_asset = {each.asset_id: SameBytes(each.title, each.batch_id, each.batch.name) for each in earliest}
    return {pk: by_asset[asset] for pk, asset in assets.items() if asset in by_asset}
