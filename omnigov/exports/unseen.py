"""What whoever fetches an export must not see yet: verdicts on cases that they are to answer unmoved."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from omnigov.accounts.models import User
from omnigov.exports.jobs import subjects_of
from omnigov.exports.models import ExportJob
from omnigov.ledger.models import LedgerEntry
from omnigov.review.cases import runs_hidden_from
from omnigov.review.models import Case, CaseState, Review

_SAY_VERDICTS = frozenset({"review", "verdict_taken_back"})


def says_hidden_verdicts(job: ExportJob, person: User) -> bool:
    """Whether the finished export holds an entry of a verdict that is hidden from this person."""
    kinds = _SAY_VERDICTS & {job.kind} if job.kind else _SAY_VERDICTS
    given = Review.objects.filter(decision=OuterRef("decision"))
    answered_once = Case.objects.filter(
        Exists(given), workspace=job.workspace_id, blind=True, needed__gt=1, state=CaseState.OPEN
    )
    runs = runs_hidden_from(set(answered_once.values_list("run", flat=True)), person) if kinds else set()
    subjects = subjects_of(job) if runs else None
    if subjects is not None:
        runs &= subjects
    within = {
        "created_at__gte": job.since,
        "created_at__lt": job.until,
        "leaf__index__lt": job.log_size,
    }
    return LedgerEntry.objects.filter(
        kind__in=kinds,
        subject__in=runs,
        **{name: value for name, value in within.items() if value is not None},
    ).exists()
