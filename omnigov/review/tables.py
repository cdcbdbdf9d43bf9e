"""A redacted CSV or TSV as a table whose cells know where they stand in the text. Pure."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from omnigov.review.marked import Marks, Piece, pieces

SEPARATORS = ",\t;|"
_TOLD_BY = 50
"""Rows by which the separator is told."""
ROWS = 100
CELLS = 3000
CHARACTERS = 30_000
"""What a page shows of a table at once, whichever comes first."""


class NoTable(ValueError):
    """The text can't be shown as a table; it is shown as it stands."""


@dataclass(frozen=True)
class Cell:
    pieces: tuple[Piece, ...]

    @property
    def hidden(self) -> bool:
        return any(piece.gap for piece in self.pieces)


@dataclass(frozen=True)
class Row:
    """One row. `number` counts from 1, the head included, as a table calculation counts."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Layout:
    """Where the rows of a table lie: its head, and the portions of the rows below it."""

    separator: str
    rows: tuple[tuple[int, int], ...]
    head: int
    """The place of the head among the rows."""
    portions: tuple[tuple[int, int], ...]
    """First row and the one after the last."""


def layout(text: str) -> Layout:
    """How the text is laid out. Raises `NoTable` where it is none, or a row is too long for a page."""
    separator = _separator(text)
    rows, widths = [], []
    for start, end, width in _rows(text, separator):
        if width > CELLS or end - start > CHARACTERS:
            raise NoTable("A row is too long to be shown as one.")
        rows.append((start, end))
        widths.append(width)
    head = 1 if text[:4].lower() == "sep=" else 0
    if len(rows) <= head:
        raise NoTable("There is no row.")
    return Layout(separator, tuple(rows), head, tuple(_portions(rows, widths, head + 1)))


def row(text: str, layout: Layout, place: int, marks: Marks) -> Row:
    """One row with the marks of its cells."""
    start, end = layout.rows[place]
    return Row(
        place + 1,
        tuple(_cell(text, low, high, marks) for low, high in _cells(text, start, end, layout.separator)),
    )


def _portions(rows: list[tuple[int, int]], widths: list[int], first: int) -> Iterator[tuple[int, int]]:
    begin, cells = first, 0
    for place in range(first, len(rows)):
        cells += widths[place]
        long = rows[place][1] - rows[begin][0] > CHARACTERS
        if place > begin and (place - begin >= ROWS or cells > CELLS or long):
            yield begin, place
            begin, cells = place, widths[place]
    yield begin, len(rows)


def _separator(text: str) -> str:
    if text[:4].lower() == "sep=" and text[4:5]:
        return text[4]
    beginning = text[: 4 * CHARACTERS]
    scored = []
    for separator in SEPARATORS:
        try:
            widths = [width for _, _, width in _rows(beginning, separator)][:_TOLD_BY]
        except NoTable:
            continue
        width, times = Counter(widths).most_common(1)[0] if widths else (1, 0)
        scored.append((width > 1, times / max(1, len(widths)), width, separator))
    if not scored:
        raise NoTable("No separator fits.")
    return max(scored, key=lambda each: each[:3])[3]


def _rows(text: str, separator: str) -> Iterator[tuple[int, int, int]]:
    """Where each row begins and ends, and how many cells it has; empty ones are left out."""
    lines = text.split("\n")
    ends, at = [], 0
    for line in lines:
        at += len(line) + 1
        ends.append(min(at, len(text)))
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator)
    start = 0
    try:
        for cells in reader:
            end = ends[reader.line_num - 1]
            if cells and end > start:
                yield start, end, len(cells)
            start = end
    except csv.Error as reason:
        raise NoTable(str(reason)) from None


def _cells(text: str, start: int, end: int, separator: str) -> Iterator[tuple[int, int]]:
    """Where the contents of the row's cells lie, without the quotation marks about them."""
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    at = start
    while True:
        if text[at : at + 1] == '"' and at < end:
            close = _closing(text, at + 1, end)
            yield at + 1, close
            at = min(close + 1, end)
            at = _next(text, at, end, separator)
        else:
            stop = _next(text, at, end, separator)
            yield at, stop
            at = stop
        if at >= end:
            return
        at += 1
        if at == end:  # a separator at the row's end: an empty cell follows it
            yield end, end
            return


def _closing(text: str, at: int, end: int) -> int:
    while at < end:
        if text[at] == '"':
            if text[at + 1 : at + 2] != '"' or at + 1 >= end:
                return at
            at += 1
        at += 1
    return end


def _next(text: str, at: int, end: int, separator: str) -> int:
    found = text.find(separator, at, end)
    return end if found < 0 else found


def _cell(text: str, start: int, end: int, marks: Marks) -> Cell:
    return Cell(tuple(pieces(text, start, end, marks)))
