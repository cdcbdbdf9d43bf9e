"""Tables as text (CSV, TSV; RFC 4180): a value is hidden by the head of its column, and stays in its cell.

A name alone between two commas tells no analyser that it is one; its column's head does, as a label does on
a form. What else stands in a cell is judged behind its head ("Note: …"), and in its row. A first row without
a known label is no head.
"""

from __future__ import annotations

import bisect
import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from workers.redaction.core.spans import Span
from workers.redaction.forms import labels as form_labels
from workers.redaction.forms.labels import NEUTRAL
from workers.redaction.language import rules

SUFFIXES = (".csv", ".tsv")
SAMPLE = 10_000  # characters by which the separator is told
LONGEST = 1000  # signs of a cell that is judged by itself; a longer one is a text, and is read as one
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|_")


def separator(text: str) -> str:
    """What parts the cells of a row: a comma, a semicolon or a tab."""
    sample = text[:SAMPLE]
    try:
        return csv.Sniffer().sniff(sample, ",;\t").delimiter
    except csv.Error:
        return "\t" if "\t" in sample else ","


class Cell(NamedTuple):
    """Characters `start` … `end` − 1 of the text, without the quotation marks about them."""

    start: int
    end: int
    column: int


class Table:
    """The cells of a text. A quotation mark that nothing closes opens a cell to the text's end.

    Columns whose head names one of `kinds` are hidden whole.
    """

    def __init__(self, text: str, kinds: frozenset[str]) -> None:
        self._text, self._kinds = text, kinds
        parted_by = separator(text)
        self.tabbed = text.replace(parted_by, "\t")  # sign for sign, with the cells as analysers know fields
        rows = [row for row in _rows(text, parted_by) if any(self._bare(cell) for cell in row)]
        labels = [form_labels.whole(_HUMP.sub(" ", self._bare(cell))) for cell in rows[0]] if rows else []
        self._has_head = any(labels)
        self._head = rows[0] if self._has_head else []
        self._labels = labels if self._has_head else []
        self._body = [cell for row in rows[1 if self._has_head else 0 :] for cell in row]
        self._starts = [cell.start for row in rows for cell in row]
        self._cells = [cell for row in rows for cell in row]

    def _bare(self, cell: Cell) -> str:
        return self._text[cell.start : cell.end].strip()

    def others(self) -> Iterator[tuple[str, int, list[int]]]:
        """What cells without such a head say, each wording once.

        It stands behind its head; told are how long that is, and where the cells begin that say it.
        """
        places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for cell in self._body:
            value = self._text[cell.start : cell.end]
            if self._kind(cell) in self._kinds or len(value) > LONGEST or "\n" in value:
                continue
            if any(sign.isalpha() for sign in value):
                places[self._name(cell), value].append(cell.start)
        for (name, value), starts in places.items():
            head = f"{name}: " if name else ""
            yield f"{head}{value}", len(head), starts

    def hidden(self, spans: list[Span]) -> list[Span]:
        """The spans, cut where cells end and without the labels of the head; and the columns hidden whole."""
        labels = {cell.start for cell, label in zip(self._head, self._labels, strict=True) if label}
        parts = [
            Span(max(span.start, cell.start), min(span.end, cell.end), span.kind, span.score)
            for span in spans
            for cell in self._touched(span)
            if cell.start not in labels and self._kind(cell) not in self._kinds
        ]
        return parts + [
            Span(cell.start, cell.end, self._kind(cell), rules.LABEL_SCORE)
            for cell in self._body
            if self._kind(cell) in self._kinds and any(sign.isalnum() for sign in self._bare(cell))
        ]

    def _touched(self, span: Span) -> Iterator[Cell]:
        for cell in self._cells[max(0, bisect.bisect_right(self._starts, span.start) - 1) :]:
            if cell.start >= span.end:
                return
            if cell.end > max(span.start, cell.start):
                yield cell

    def _kind(self, cell: Cell) -> str:
        label = self._labels[cell.column] if cell.column < len(self._labels) else None
        return label.kind if label else NEUTRAL

    def _name(self, cell: Cell) -> str:
        return self._bare(self._head[cell.column]) if cell.column < len(self._head) else ""


def _rows(text: str, parted_by: str) -> Iterator[list[Cell]]:
    cell = re.compile(
        rf'"(?P<quoted>[^"]*(?:""[^"]*)*)(?:"|\Z)[^{parted_by}\r\n]*|(?P<bare>[^{parted_by}\r\n]*)'
    )
    row, at = list[Cell](), 0
    while at <= len(text):
        hit = cell.match(text, at)
        if hit is None:  # the pattern takes the empty cell as well
            raise AssertionError("a table's cell was not read")
        group = "bare" if hit.group("quoted") is None else "quoted"
        row.append(Cell(hit.start(group), hit.end(group), len(row)))
        at = hit.end()
        if text[at : at + 1] != parted_by:
            yield row
            row = []
            at += text[at : at + 2] == "\r\n"
        at += 1
