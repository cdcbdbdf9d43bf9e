"""What verdicts and corrections say, beside what the record says: part of `omnigov ledger check`."""

from __future__ import annotations

from typing import Any

from omnigov.decisions.comparison import NAME, differ, with_records
from omnigov.decisions.models import Decision, Run
from omnigov.ledger.check import CheckReport
from omnigov.review.cases import settled
from omnigov.review.models import Act, Case, CaseState, Correction, Review, VerdictTakenBack

_PAGE = 1000


def compare(report: CheckReport) -> None:
    """Adds a problem for each row that the record does not bear out. Memory is flat."""
    reviews = Review.objects.select_related("decision").order_by("pk").iterator(_PAGE)
    for review, record in with_records(reviews):
        said = {
            "verdict": review.verdict,
            "right_label": review.label or None,
            "reviewer": str(review.officer_id),
            "kind": "review",
            "subject": str(review.decision.run_id),
        }
        differ(report, f"a verdict on run {review.decision.run_id}", said, record)
    corrections = Correction.objects.select_related("run").order_by("pk").iterator(_PAGE)
    for correction, record in with_records(corrections):
        differ(report, f"the correction that run {correction.run_id} is made from", _said(correction), record)
    _check_taken_back(report)
    _check_outcomes(report)
    children = Run.objects.filter(parent__isnull=False, correction__isnull=True)
    for run in children.values_list("pk", flat=True).iterator():
        report.add(NAME, f"run {run} is a correction, and nothing says by whom")


def _check_taken_back(report: CheckReport) -> None:
    """A verdict counts unless an entry says that its officer took it back."""
    rows = VerdictTakenBack.objects.select_related("review__decision").order_by("pk").iterator(_PAGE)
    for row, record in with_records(rows):
        said = {
            "by": str(row.review.officer_id),
            "kind": "verdict_taken_back",
            "subject": str(row.review.decision.run_id),
        }
        differ(report, f"a verdict taken back on run {row.review.decision.run_id}", said, record)


def _check_outcomes(report: CheckReport) -> None:
    """A decision has its case, and its outcome follows from its label and the verdicts that stand."""
    decisions = Decision.objects.select_related("case").prefetch_related("reviews__taken_back").order_by("pk")
    for decision in decisions.iterator(_PAGE):
        case = getattr(decision, "case", None)
        if case is None:
            report.add(NAME, f"the decision of run {decision.run_id} has no case")
            continue
        verdicts = [each for each in decision.reviews.all() if not hasattr(each, "taken_back")]
        follows = settled(case, decision, verdicts)
        if decision.outcome != follows.outcome:
            report.add(NAME, f"the outcome of run {decision.run_id} does not follow from the verdicts on it")
        _check_case(report, case, decision, answered=follows.state is CaseState.ANSWERED)


def _check_case(report: CheckReport, case: Case, decision: Decision, *, answered: bool) -> None:
    """A case's row, which lists are made from, says what its decision says."""
    if (case.label, case.outcome) != (decision.label, decision.outcome):
        report.add(NAME, f"the case of run {decision.run_id} says something else than its decision")
    if (case.state == CaseState.ANSWERED) != (decision.review_state == "reviewed") or (
        case.state == CaseState.ANSWERED and not answered
    ):
        report.add(NAME, f"the case of run {decision.run_id} is in a state that its verdicts do not lead to")


def _said(correction: Correction) -> dict[str, Any]:
    said = {
        "by": str(correction.by_id),
        "parent": str(correction.run.parent_id),
        "subject": str(correction.run_id),
    }
    if correction.act == Act.CORRECTED:
        counts = {"added": correction.added, "removed": correction.removed}
        return said | counts | {"kind": "redaction_corrected"}
    return said | {"mode": correction.act, "regions": correction.added, "kind": "quarantine_released"}
