"""How far a batch is, file by file: read by the batch page and by the command line alike."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from omnigov.decisions.counts import counts_of
from omnigov.decisions.live_workers import Lookout, Waiting
from omnigov.decisions.models import ENDED, Decision, ReviewState, Run, RunState
from omnigov.intake.models import Batch, Submission
from omnigov.ledger.models import LedgerLeaf

_AT_ONCE = 500
#: What is shown of an answer that is not recorded yet.
_SAID = ("label", "confidence", "confidence_kind")
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
    measured: bool | None = None
    """Whether it was known how often such decisions are right; None before there is one."""
    waits_for_review: bool = False
    ledger_index: int | None = None
    corrected: bool = False
    kind: str = ""
    """Of the medium: picture, document, text or sound; empty before a worker has told."""
    belongs_to: str = ""
    """Of a picture: the name of the recording that it is decided together with."""
    with_pictures: int = 0
    """Of a recording: how many pictures it is decided together with."""

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
        if self.measured is False:
            confidence += ", not measured"
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


@dataclass(frozen=True)
class FilePage:
    """Some of a batch's files in the order they came, and the files that the pages beside it end at."""

    rows: list[Row]
    first: int
    previous: uuid.UUID | None
    next: uuid.UUID | None

    @property
    def last(self) -> int:
        """The place of the last row, from 1 on, as `first` is that of the first."""
        return self.first + len(self.rows) - 1


def batch_page(
    batch: Batch, *, after: uuid.UUID | None = None, before: uuid.UUID | None = None, limit: int
) -> FilePage:
    """The files that come after this one, or before it; with neither, the first ones.

    In as many queries however many files there are, and none of them reads what lies before or behind the
    page. A file that is not of this batch counts as none.
    """
    files = batch.submissions.select_related("uploaded_by", "beside").order_by("created_at", "id")
    beside = before or after
    at = files.filter(pk=beside).values_list("created_at", "id").first() if beside else None
    if at and before:
        found = list(files.filter(_place("lt", *at)).reverse()[: limit + 1])
        more_before, more_after = len(found) > limit, True
        found = found[:limit][::-1]
    else:
        found = list((files.filter(_place("gt", *at)) if at else files)[: limit + 1])
        more_before, more_after = at is not None, len(found) > limit
        found = found[:limit]
    if not found:
        return FilePage([], 0, None, None)
    ahead = files.filter(_place("lt", found[0].created_at, found[0].id)).count() if more_before else 0
    return FilePage(
        rows=_rows(found),
        first=ahead + 1,
        previous=found[0].id if more_before else None,
        next=found[-1].id if more_after else None,
    )


def _place(which: str, created_at: datetime, pk: uuid.UUID) -> Q:
    """Files that come before (`lt`) or after (`gt`) this place."""
    same = Q(**{"created_at": created_at, f"id__{which}": pk})
    return Q(**{f"created_at__{which}e": created_at}) & (Q(**{f"created_at__{which}": created_at}) | same)


def batch_rows(batch: Batch) -> list[Row]:
    """One row a file, in the order they came."""
    rows: list[Row] = []
    after: uuid.UUID | None = None
    while True:
        page = batch_page(batch, after=after, limit=_AT_ONCE)
        rows += page.rows
        after = page.next
        if after is None:
            return rows


def _rows(submissions: Sequence[Submission]) -> list[Row]:
    """A row for each. Of a file that was corrected it is the newest run that counts; no finding is read."""
    # All runs of these files: few are corrected, and to ask for those that nobody corrected reads every run.
    found = (
        Run.objects.filter(submission__in=submissions)
        .select_related("decision", "asset", "submission")
        .defer("redaction", "inference", "edits", "timings", "decision__review_reasons")
        .annotate(**{f"said_{key}": KeyTextTransform(key, "inference") for key in _SAID})
    )
    corrected = {run.parent_id for run in found}
    runs = {run.submission_id: run for run in found if run.pk not in corrected}
    entries = [run.decision.entry for run in runs.values() if hasattr(run, "decision")]
    indexes = dict(LedgerLeaf.objects.filter(entry__id__in=entries).values_list("entry__id", "index"))
    rows = [
        replace(
            _row(submission, runs.get(submission.id), indexes),
            belongs_to=submission.beside.title if submission.beside else "",
            with_pictures=submission.with_pictures,
        )
        for submission in submissions
    ]
    return _saying_why_they_wait(rows, runs)


def _saying_why_they_wait(rows: list[Row], runs: Mapping[uuid.UUID, Run]) -> list[Row]:
    """The rows; those of runs that could go on and do not have the reason as their sentence."""
    if all(row.ended or row.run is None for row in rows):
        return rows
    lookout = Lookout()
    said = []
    for row in rows:
        run = runs.get(row.submission)
        why = Waiting() if run is None or row.ended else lookout.why_waits(run)
        said.append(replace(row, code=why.code, sentence=why.sentence) if why.sentence else row)
    return said


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
    label, confidence, confidence_kind = _answer(run, decision)
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
        redactions=run.redactions,
        decision=decision.id if decision else None,
        outcome=decision.outcome if decision else "",
        label=label,
        confidence=confidence,
        confidence_kind=confidence_kind,
        measured=decision.measurement_id is not None if decision else None,
        waits_for_review=decision is not None
        and decision.review_state in {ReviewState.WAITING, ReviewState.ESCALATED},
        ledger_index=indexes.get(decision.entry) if decision else None,
        corrected=run.parent_id is not None,
        kind=run.asset.kind,
    )


def _answer(run: Run, decision: Decision | None) -> tuple[str, int | None, str]:
    """Label, confidence and its kind: as they are recorded, or as the model said before that."""
    if decision:
        return decision.label, decision.confidence, decision.confidence_kind
    label, confidence, kind = (getattr(run, f"said_{key}") for key in _SAID)
    return (label, int(confidence), kind) if label else ("", None, "")


def transcripts_recorded(runs: Collection[uuid.UUID]) -> dict[uuid.UUID, str | None]:
    """Of recordings the digest of each transcript, as the record of its redaction has it."""
    digest = KeyTextTransform("transcript", KeyTransform("beside", KeyTransform("sound", "redaction")))
    return dict(Run.objects.filter(pk__in=runs).annotate(kept=digest).values_list("pk", "kept"))


def batch_progress(batch: Batch) -> Progress:
    """The batch's progress bar, from its counters; the step is that of any file which is being worked on."""
    counts = counts_of([batch.pk])[batch.pk]
    working = Run.objects.filter(submission__batch=batch).exclude(state__in=ENDED).exclude(step="")
    return Progress(
        total=counts.total,
        ended=counts.ended,
        percent=counts.progress // 10_000,
        step=working.values_list("step", flat=True).first() or "" if counts.ended < counts.total else "",
    )
