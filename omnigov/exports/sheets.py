"""Samples that auditors drew, each with its sheet: what was drawn, and what was found.

A sheet is given as the newest entry of it in the bundle has it, or with nothing filled in: what was kept
while the bundle was written belongs to the next one. Findings and their keys are in a `full` bundle alone.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from omnigov.audits.models import SampleItem
from omnigov.ledger import canonical
from omnigov.ledger.sampling import SAMPLE_DRAWN, SAMPLE_SHEET, SAMPLES, sheet_digest

TABLE = "samples.csv"
_SEEN = "samples.seen"
_COLUMNS = ("sample", "number", "entry", "subject", "mark", "finding", "commitment")
_LINE_LIMIT = 16 * 1024 * 1024
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Sheets:
    """Writes `samples.ndjson` and `samples.csv` where samples are among the entries."""

    def __init__(self, *, full: bool) -> None:
        self._full = full

    def segment(self, folder: Path) -> _Segment:
        return _Segment(folder)

    def members(self, folders: Sequence[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
        drawn, kept = _seen(folders)
        if not drawn:
            return
        sheets = [_sheet(index, sample, kept.get(sample), full=self._full) for sample, index in drawn.items()]
        yield (
            SAMPLES,
            (
                canonical.encode({k: v for k, v in each.items() if k != "rows"}, _LINE_LIMIT) + b"\n"
                for each in sheets
            ),
        )
        yield TABLE, [_table(row for each in sheets for row in each["rows"])]


class _Segment:
    def __init__(self, folder: Path) -> None:
        self._file = (folder / _SEEN).open("w", encoding="utf-8")

    def add(self, index: int, entry: dict[str, Any], body: bytes) -> None:
        if entry["kind"] in (SAMPLE_DRAWN, SAMPLE_SHEET):
            said = [index, entry["kind"], entry["subject"], entry["record"].get("sheet")]
            self._file.write(json.dumps(said) + "\n")

    def close(self) -> None:
        self._file.close()


def _seen(folders: Sequence[Path]) -> tuple[dict[str, int], dict[str, tuple[int, str]]]:
    """By sample the index of its entry, and of the newest entry of its sheet with what that commits to."""
    drawn: dict[str, int] = {}
    kept: dict[str, tuple[int, str]] = {}
    for folder in folders:
        for line in (folder / _SEEN).read_text(encoding="utf-8").splitlines():
            index, kind, sample, sheet = json.loads(line)
            if kind == SAMPLE_DRAWN:
                drawn[sample] = index
            else:
                kept[sample] = (index, sheet)
    return drawn, kept


def _sheet(index: int, sample: str, kept: tuple[int, str] | None, *, full: bool) -> dict[str, Any]:
    items = list(SampleItem.objects.filter(sample=UUID(sample)).order_by("number"))
    filled = kept is not None and sheet_digest(each.commitment for each in items) == kept[1]
    lines, rows = [], []
    for each in items:
        line: dict[str, Any] = {"entry": str(each.entry), "number": each.number}
        finding, mark, commitment = "", "", ""
        if filled:
            opens = full and not each.forgotten and bool(each.key)
            mark, commitment = each.mark, each.commitment
            finding = each.finding if opens else ""
            line |= {
                "commitment": commitment,
                "finding": finding if opens else None,
                "key": bytes(each.key).hex() if opens else None,
                "mark": mark,
            }
        lines.append(line)
        rows.append((sample, each.number, each.entry, each.subject, mark, finding, commitment))
    return {
        "index": index,
        "items": lines,
        "rows": rows,
        "sample": sample,
        "sheet": kept[0] if kept and filled else None,
    }


def _table(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_COLUMNS)
    for row in rows:
        table.writerow(f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in row)
    return out.getvalue().encode()
