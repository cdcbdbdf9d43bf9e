"""What tells people apart in a text or a table, and two lines about it for people."""

from __future__ import annotations

import csv
import io
from collections import Counter

from workers.anonymity.groups import Anonymity, Record
from workers.anonymity.quasi import exact, found, header
from workers.redaction.kinds.table import separator

LONGEST_CELL = 1_000_000  # signs; Python's own limit is an eighth of that


def whole(text: str) -> list[Record]:
    """The one record of a text that is no table."""
    return [found(text)]


def rows(text: str, *, kinds: list[str | None] | None = None) -> list[Record]:
    """A record for each row of a table. A column is told by its head; one without a known head is read.

    `kinds` are those of its columns, where they are known.
    """
    table = _cells(text)
    kinds = kinds or columns(text)
    return [_row(kinds, row) for row in table[1:]]


def columns(text: str) -> list[str | None]:
    """By the table's heads, of which kind each column is."""
    return [header(name) for name in next(iter(_cells(text)), [])]


def _cells(text: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    table = csv.reader(io.StringIO(text), delimiter=separator(text))
    return [row for row in table if any(cell.strip() for cell in row)]


def _row(kinds: list[str | None], row: list[str]) -> Record:
    if len(row) != len(kinds):
        # What was hidden there took a separator along, so that the columns don't stand under their heads.
        return found(" | ".join(row))
    record: dict[str, Counter[str]] = {}
    for kind, cell in zip(kinds, row, strict=True):
        for name, values in ({kind: Counter(exact(kind, cell))} if kind else found(cell)).items():
            record.setdefault(name, Counter()).update(values)
    return {kind: values for kind, values in record.items() if values}


def summary(report: dict[str, Anonymity]) -> str:
    """Two lines for people."""
    before, after = report["before"], report["after"]
    first = (
        f"Quasi-identifiers: {_kinds(before)} in {before.records} "
        f"record{'s' if before.records != 1 else ''}{_k(before)}; {_kinds(after)} left visible{_k(after)}."
    )
    if after.groups is None:
        return f"{first}\nk needs two records or more: redact a folder, a table with a head, or use --case."
    if after.best is None:
        return f"{first}\nNo single kind in a wider class would leave fewer people alone in what they say."
    best = after.best
    return (
        f"{first}\nMost would be won by {best.kind}: {best.to}. Then k = {best.k}, and {best.alone} "
        f"of {after.records} stand alone."
    )


def _kinds(part: Anonymity) -> str:
    return f"{len(part.kinds)} kind{'s' if len(part.kinds) != 1 else ''}"


def _k(part: Anonymity) -> str:
    groups = part.groups
    if groups is None:
        return ""
    return f" (k = {groups.k}, {groups.alone} alone, {groups.below_five} in groups below 5)"
