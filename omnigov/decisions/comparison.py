"""What runs and decisions say, beside what the record says: part of `omnigov ledger check`.

The record is proof against change; these tables are what people look at. Whoever changes a label here, or
deletes an entry before it got its place in the log, is found by holding one against the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from omnigov.decisions.entries import beside_copies
from omnigov.decisions.models import Decision, Run, RunState
from omnigov.decisions.together import decided_with
from omnigov.keys import keyring
from omnigov.ledger import canonical
from omnigov.ledger.bundle import EVIDENCE_LIMIT
from omnigov.ledger.check import CheckReport
from omnigov.ledger.models import LedgerEntry

NAME = "tables"
_PAGE = 1000


def compare(report: CheckReport) -> None:
    """Adds a problem for each row that the record does not bear out. Memory is flat."""
    decisions = Decision.objects.select_related("run__submission").order_by("pk").iterator(_PAGE)
    for decision, record in with_records(decisions):
        _check_pictures(report, decision, record)
        said = {
            "label": decision.label,
            "confidence": decision.confidence,
            "abstained": decision.abstained,
            "kind": "decision",
            "subject": str(decision.run_id),
        }
        differ(report, f"the decision of run {decision.run_id}", said, record)
    _check_uploaders(report)
    _check_ended(report)


def _check_pictures(report: CheckReport, decision: Decision, record: dict[str, Any] | None) -> None:
    """The pictures beside a recording are those that the decision's entry names, and as it commits to."""
    named = (record or {}).get("beside") or []
    if not named and not decision.run.submission.with_pictures:
        return
    pictures = decided_with(decision.run)
    what = f"the decision of run {decision.run_id}"
    if [str(each.pk) for each in pictures] != [each["run"] for each in named]:
        report.add(NAME, f"{what} was made with other pictures than its entry names")
        return
    erased = decision.run.state == RunState.ERASED
    if erased or not named or not keyring().has_asset(decision.run.asset_id):
        return
    copies = canonical.encode(beside_copies(pictures), EVIDENCE_LIMIT)
    if keyring().asset(decision.run.asset_id).commit(copies) != (record or {}).get("beside_copies"):
        report.add(NAME, f"{what} shows another copy of a picture than its entry commits to")


def _check_uploaders(report: CheckReport) -> None:
    """A file's uploader, for whom four eyes ask, is the one that the entry of its run names."""
    rows = Run.objects.order_by("pk").values_list(
        "pk", "submission__uploaded_by", "submission__uploader_assumed"
    )
    runs = rows.iterator(_PAGE)
    while page := {pk: said for pk, *said in islice(runs, _PAGE)}:
        entries = LedgerEntry.objects.filter(kind="run_queued", subject__in=page)
        for entry in entries.order_by("seq").iterator(_PAGE):
            if _uploader(entry) not in (page[entry.subject], None):
                report.add(NAME, f"the file of run {entry.subject} has another uploader than its entry names")


def _uploader(entry: LedgerEntry) -> list[Any] | None:
    """Whom the entry names, and whether that was assumed: until its second version it always was."""
    try:
        record = canonical.decode(bytes(entry.body))["record"]
        named = record.get("uploader") or record["by"]
        return [UUID(named), record.get("uploader_assumed", True)]
    except (canonical.CanonicalError, KeyError, TypeError, ValueError):
        return None  # the check of the log itself says what is wrong with the entry


def with_records(rows: Iterator[Any]) -> Iterator[tuple[Any, dict[str, Any] | None]]:
    """Each row with what its entry says (the record, its kind and subject); None where the entry is gone."""
    while page := list(islice(rows, _PAGE)):
        records = _records([row.entry for row in page])
        yield from ((row, records.get(row.entry)) for row in page)


def _records(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    found = {}
    for entry in LedgerEntry.objects.filter(id__in=ids):
        try:
            body = canonical.decode(bytes(entry.body))
            found[entry.id] = {**body["record"], "kind": body["kind"], "subject": body["subject"]}
        except (canonical.CanonicalError, KeyError, TypeError):
            found[entry.id] = {}  # the check of the log itself says what is wrong with the entry
    return found


def differ(report: CheckReport, what: str, said: dict[str, Any], record: dict[str, Any] | None) -> None:
    """Adds a problem where a row says something else than its entry."""
    if record is None:
        report.add(NAME, f"{what} names an entry that is not on the record")
        return
    names = [name for name, value in said.items() if record.get(name) != value]
    if names:
        report.add(NAME, f"{what} says something else than its entry: {', '.join(names)}")


def _check_ended(report: CheckReport) -> None:
    """A run that has ended has an entry of its end."""
    undecided = Run.objects.filter(state=RunState.RECORDED, decision__isnull=True)
    for run in undecided.values_list("pk", flat=True).iterator():
        report.add(NAME, f"run {run} is recorded, and has no decision")
    for state, kind in (
        (RunState.QUARANTINED, "quarantine"),
        (RunState.FAILED, "run_failed"),
        (RunState.REFUSED, "file_refused"),
    ):
        ended = Run.objects.filter(state=state).order_by("pk").values_list("pk", flat=True).iterator(_PAGE)
        while page := list(islice(ended, _PAGE)):
            entries = LedgerEntry.objects.filter(kind=kind, subject__in=page)
            known = set(entries.values_list("subject", flat=True))
            for run in page:
                if run not in known:
                    report.add(NAME, f"run {run} is in the state {state}, and no entry says so")
