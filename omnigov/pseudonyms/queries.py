"""All that reads pseudonyms. No value comes from here."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from omnigov.accounts.models import Workspace
from omnigov.decisions.models import Run
from omnigov.intake.models import Batch
from omnigov.pseudonyms.models import Mention, Pseudonym


def mention_of(workspace: Workspace, run_id: uuid.UUID, finding: int) -> Mention | None:
    """The pseudonym of one finding of a run of the workspace."""
    return (
        Mention.objects.filter(run__workspace=workspace, run=run_id, finding=finding)
        .select_related("pseudonym", "run__submission__batch", "run__decision")
        .first()
    )


def names_of(run: Run) -> dict[int, str]:
    """The pseudonyms of a run's findings, by the finding's place in the record, from 0."""
    return {
        each.finding: str(each.pseudonym)
        for each in Mention.objects.filter(run=run).select_related("pseudonym")
    }


def files_with(pseudonym: Pseudonym) -> int:
    """In how many files of its case a pseudonym stands."""
    return pseudonym.mentions.values("run__submission").distinct().count()


def pseudonyms_of(batch: Batch) -> QuerySet[Pseudonym]:
    """A case's pseudonyms with `files`, in how many they stand: those of the most files first."""
    return (
        Pseudonym.objects.filter(case__batch=batch)
        .annotate(files=Count("mentions__run__submission", distinct=True))
        .order_by("-files", "kind", "number")
    )


@dataclass(frozen=True)
class CaseRow:
    """A pseudonym, and the newest run of each file that it stands in, the first `SHOWN` of them."""

    pseudonym: Pseudonym
    files: int
    runs: list[Run]

    @property
    def more(self) -> int:
        return self.files - len(self.runs)


SHOWN = 10


def case_rows(pseudonyms: Sequence[Pseudonym]) -> list[CaseRow]:
    """The rows of a page of `pseudonyms_of`."""
    runs = (
        Run.objects.filter(mentions__pseudonym__in=pseudonyms)
        .select_related("submission", "decision")
        .order_by("submission__created_at", "submission", "-created_at")
    )
    by_id = {run.pk: run for run in runs}
    pairs = Mention.objects.filter(pseudonym__in=pseudonyms).values_list("pseudonym", "run").distinct()
    found: dict[int, dict[uuid.UUID, Run]] = {each.pk: {} for each in pseudonyms}
    there = {(pseudonym, run) for pseudonym, run in pairs}
    for run in by_id.values():
        for pseudonym, files in found.items():
            if (pseudonym, run.pk) in there:
                files.setdefault(run.submission_id, run)
    return [
        CaseRow(each, getattr(each, "files"), list(found[each.pk].values())[:SHOWN])  # noqa: B009 - annotated
        for each in pseudonyms
    ]
