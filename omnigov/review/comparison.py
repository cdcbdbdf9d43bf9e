"""What verdicts and corrections say, beside what the record says: part of `omnigov ledger check`."""

from __future__ import annotations

from typing import Any

from omnigov.decisions.comparison import NAME, differ, with_records
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.outcome import outcome_of
from omnigov.ledger.check import CheckReport
from omnigov.review.models import Act, Correction, Review

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
    _check_outcomes(report)
    children = Run.objects.filter(parent__isnull=False, correction__isnull=True)
    for run in children.values_list("pk", flat=True).iterator():
        report.add(NAME, f"run {run} is a correction, and nothing says by whom")


def _check_outcomes(report: CheckReport) -> None:
    """A decision's outcome follows from its label and the verdicts on it."""
    decisions = Decision.objects.prefetch_related("reviews").order_by("pk")
    for decision in decisions.iterator(_PAGE):
        verdicts = [(review.verdict, review.label) for review in decision.reviews.all()]
        follows = outcome_of(decision.label, abstained=decision.abstained, verdicts=verdicts)
        if decision.outcome != follows:
            report.add(NAME, f"the outcome of run {decision.run_id} does not follow from the verdicts on it")


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
