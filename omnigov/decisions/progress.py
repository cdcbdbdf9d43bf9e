"""How far a batch is, file by file: read by the batch page and by the command line alike."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from omnigov.decisions.models import ENDED, Decision, ReviewState, Run, RunState
from omnigov.intake.models import Batch, Submission
from omnigov.ledger.models import LedgerLeaf

_OF_THE_FILE = {RunState.CHECKING, RunState.REFUSED}
"""States in which there is more to say of the file than of its run."""
_ENDED = {Submission.State.ACCEPTED, Submission.State.REFUSED}


@dataclass(frozen=True)
class Row:
    """One file of a batch. What it does not have yet, or never will, is None or empty.

    `label` is the model's answer, `outcome` the label after the verdicts on it.
    """

    submission: uuid.UUID
    name: str
    state: str
    uploaded_by: str
    seen_before: bool
    progress: int
    step: str
    sentence: str
    code: str = ""
    run: uuid.UUID | None = None
    redactions: int | None = None
    decision: uuid.UUID | None = None
    outcome: str = ""
    label: str = ""
    confidence: int | None = None
    confidence_kind: str = ""
    waits_for_review: bool = False
    ledger_index: int | None = None
    corrected: bool = False

    @property
    def ended(self) -> bool:
        return self.state in ENDED or self.state == Submission.State.REFUSED

    def as_json(self) -> dict[str, Any]:
        return {
            key: str(value) if isinstance(value, uuid.UUID) else value for key, value in asdict(self).items()
        }

    def _decided(self) -> str:
        if self.decision is None or self.outcome == self.label:
            return self.label or self.state
        return f"{self.outcome or 'abstained'} (model: {self.label})"

    def as_text(self) -> tuple[str, ...]:
        """Cells for a terminal: file, redactions, decision, confidence, ledger index."""
        confidence = (
            "" if self.confidence is None else f"{self.confidence / 10_000:.1f} % {self.confidence_kind}"
        )
        return (
            self.name,
            "" if self.redactions is None else str(self.redactions),
            self._decided(),
            confidence,
            "" if self.ledger_index is None else str(self.ledger_index),
        )


@dataclass(frozen=True)
class Progress:
    """A batch as one bar. `total` counts files; a refused file has ended."""

    total: int
    ended: int
    percent: int
    step: str


def batch_rows(batch: Batch) -> list[Row]:
    """One row a file, in the order they came, in three queries however many files there are.

    Of a file that was corrected it is the newest run that counts.
    """
    submissions = batch.submissions.select_related("uploaded_by").order_by("created_at", "id")
    runs = {
        run.submission_id: run
        for run in Run.objects.filter(submission__batch=batch, corrections__isnull=True).select_related(
            "decision"
        )
    }
    entries = [run.decision.entry for run in runs.values() if hasattr(run, "decision")]
    indexes = dict(LedgerLeaf.objects.filter(entry__id__in=entries).values_list("entry__id", "index"))
    return [_row(submission, runs.get(submission.id), indexes) for submission in submissions]


def _row(submission: Submission, run: Run | None, indexes: dict[uuid.UUID, int]) -> Row:
    if run is None or (run.state in _OF_THE_FILE):
        arrived = round(400_000 * submission.offset / submission.length) if submission.length else 0
        return Row(
            submission=submission.id,
            name=submission.title,
            state=submission.state,
            uploaded_by=submission.uploaded_by.username,
            seen_before=submission.seen_before,
            progress=1_000_000 if submission.state in _ENDED else arrived,
            step=run.step if run else "",
            sentence=submission.refusal_sentence,
            code=submission.refusal_code,
            run=run.id if run else None,
        )
    decision: Decision | None = getattr(run, "decision", None)
    inference = run.inference or {}
    return Row(
        submission=submission.id,
        name=submission.title,
        state=run.state,
        uploaded_by=submission.uploaded_by.username,
        seen_before=submission.seen_before,
        progress=run.progress,
        step=run.step,
        sentence=run.failure_sentence,
        code=run.failure_code,
        run=run.id,
        redactions=len(run.redaction["findings"]) if run.redaction else None,
        decision=decision.id if decision else None,
        outcome=decision.outcome if decision else "",
        label=decision.label if decision else inference.get("label", ""),
        confidence=decision.confidence if decision else inference.get("confidence"),
        confidence_kind=decision.confidence_kind if decision else inference.get("confidence_kind", ""),
        waits_for_review=decision is not None
        and decision.review_state in {ReviewState.WAITING, ReviewState.ESCALATED},
        ledger_index=indexes.get(decision.entry) if decision else None,
        corrected=run.parent_id is not None,
    )


def batch_progress(batch: Batch) -> Progress:
    """The batch's progress bar: the mean of its files'."""
    rows = batch_rows(batch)
    if not rows:
        return Progress(0, 0, 0, "")
    steps = [row.step for row in rows if row.step and not row.ended]
    done = sum(1_000_000 if row.ended else row.progress for row in rows)
    return Progress(
        total=len(rows),
        ended=sum(row.ended for row in rows),
        percent=done // (10_000 * len(rows)),
        step=steps[0] if steps else "",
    )
