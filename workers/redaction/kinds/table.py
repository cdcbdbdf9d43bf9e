"""Tables as text (CSV, TSV; RFC 4180): a value is hidden by the head of its column, and stays in its cell.

A name alone between two commas tells no analyser that it is one; its column's head does, as a label does on
a form. What else stands in a cell is judged behind its head ("Note: …"), and in its row. Above a table there
may be titles and comments, and below it another one with heads of its own; a row without a known label is no
head.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workers.redaction.forms.labels import NEUTRAL
from workers.redaction.kinds.structured import heads
from workers.redaction.kinds.structured.fields import Field, Island

SUFFIXES = (".csv", ".tsv")
SEPARATORS = ",;\t|^"
FIRST = 20  # rows in which a table's head is looked for where nothing parts it from what is above
SAMPLE = 10_000  # characters by which the separator is told
_SAYS = re.compile(r"\ufeff?\"?sep=(?P<sign>.)\"?[ \t]*(?:\r?\n|\Z)", re.IGNORECASE)
_GAP = re.compile(r"\n[ \t\r]*\n\s*(?=\S)")
_COMMENT = re.compile(r"\s*(?:#|//|--|%%|;;|rem\b)", re.IGNORECASE)
_VALUE = re.compile(r"\d{3}|@|\d[./\-:]\d")  # no head has such
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')


class Cell(NamedTuple):
    """Characters `start` … `end` − 1 of the text, without the quotation marks about them."""

    start: int
    end: int


class Row(NamedTuple):
    start: int
    end: int  # with its line's end
    cells: list[Cell]


def separator(text: str) -> str:
    """What parts the cells of a row: what the text itself says, or what stands most evenly in its lines."""
    said = _SAYS.match(text)
    if said is not None:
        return said["sign"]
    lines = [_QUOTED.sub("", line) for line in text[:SAMPLE].splitlines() if line.strip()]
    if len(text) > SAMPLE and len(lines) > 1:
        lines.pop()

    def evenness(sign: str) -> tuple[int, int]:
        counts = Counter(count for line in lines if (count := line.count(sign)))
        if not counts:
            return 0, 0
        count, even = max(counts.items(), key=lambda item: (item[1], item[0]))
        return even, count

    best = max(SEPARATORS, key=evenness)
    return best if evenness(best)[0] else ","


def islands(text: str) -> list[Island]:
    """The tables of a text that is one, or several below each other; what is in none is other text."""
    said = _SAYS.match(text)
    every, at = list[Row](), said.end() if said is not None else 0
    for part in _parts(text[at:]):
        parted_by = said["sign"] if said is not None else separator(part)
        for row in rows(part, parted_by, _mark(part, parted_by)):
            cells = [Cell(at + cell.start, at + cell.end) for cell in row.cells]
            every.append(Row(at + row.start, at + row.end, cells))
        at += len(part)
    return list(_tables(text, every))


def _parts(text: str) -> list[str]:
    """The text, cut behind empty lines: a table below may be parted by another sign. No quotation is cut."""
    parts, begin = list[str](), 0
    for gap in _GAP.finditer(text):
        if text.count('"', begin, gap.end()) % 2 == 0:
            parts.append(text[begin : gap.end()])
            begin = gap.end()
    return [*parts, text[begin:]]


def _tables(text: str, every: Sequence[Row]) -> Iterator[Island]:
    sizes = Counter(len(row.cells) for row in every if len(row.cells) > 1)
    narrow = not sizes or sum(sizes.values()) * 2 < sum(1 for row in every if _said(text, row))
    head: list[tuple[str, bool, bool]] = []
    names, fields, begin, end, apart = list[str](), list[Field](), 0, 0, True
    for number, row in enumerate(every):
        said = _said(text, row)
        if _is_other(text, row, said, narrow=narrow):
            if fields:
                yield Island(begin, end, fields, rows=True)
                fields = []
            apart = True
            continue
        of_one_size = len(row.cells) == len(head)
        # To judge each cell of each row would take long: a head stands first, apart, or over other columns.
        asked = said == names or apart or not of_one_size if head else apart or number < FIRST
        found = [heads.of_a_column(cell) for cell in _cells(text, row)] if asked else []
        if _is_head(said, found, names, apart=apart, first=not head, of_one_size=of_one_size):
            head, names = found, said
            new = [
                Field(cell.start, cell.end, label=known)
                for cell, (_, _, known) in zip(row.cells, found, strict=True)
                if cell.end > cell.start
            ]
            titles = [heads.words(cell) for cell in _cells(text, row)]
        else:
            new = [
                Field(
                    cell.start,
                    cell.end,
                    titles[column] if head and column < len(titles) else "",
                    *(head[column][:2] if column < len(head) else (NEUTRAL, False)),
                )
                for column, cell in enumerate(row.cells)
                if cell.end > cell.start
            ]
        if not fields:
            begin = row.start
        fields += new
        end, apart = row.end, False
    if fields:
        yield Island(begin, end, fields, rows=True)


def _cells(text: str, row: Row) -> list[str]:
    said = [text[cell.start : cell.end].strip() for cell in row.cells]
    return [said[0].lstrip("# "), *said[1:]] if said else said


def _said(text: str, row: Row) -> list[str]:
    return [cell for cell in _cells(text, row) if cell]


def _is_other(text: str, row: Row, said: list[str], *, narrow: bool) -> bool:
    """An empty row, a title, or a comment that is no head."""
    if not said or (len(said) == 1 and not narrow and len(row.cells) == 1):
        return True
    comment = _COMMENT.match(text, row.start) is not None
    return comment and sum(heads.of_a_column(cell)[2] for cell in said) * 2 < len(said)


def _is_head(
    said: list[str],
    found: list[tuple[str, bool, bool]],
    names: list[str],
    *,
    apart: bool,
    first: bool,
    of_one_size: bool,
) -> bool:
    """Whether the row calls its columns: a known label, and where a head stood already, little else."""
    labels = sum(known for _, _, known in found)
    if not labels or any(_VALUE.search(cell) for cell in said):
        return False
    if first:
        return apart or labels * 2 >= len(said)
    if said == names:
        return True
    return labels * 2 >= len(said) and (apart or not of_one_size)


def _mark(text: str, parted_by: str) -> str:
    """The quotation mark about cells: single ones where most lines have cells in such, and none in others."""
    sign = re.escape(parted_by)
    lines = [line for line in text[:SAMPLE].splitlines() if line.strip()]
    single = sum(bool(re.search(rf"(?:^|{sign})\s?'[^']*'\s?(?:{sign}|$)", line)) for line in lines)
    double = sum(bool(re.search(rf'(?:^|{sign})"', line)) for line in lines)
    return "'" if single * 2 >= len(lines) and single > double else '"'


def rows(text: str, parted_by: str, mark: str = '"') -> Iterator[Row]:
    """The rows, empty ones too. A quotation mark that nothing closes opens a cell to the text's end."""
    sign = re.escape(parted_by)
    cell = re.compile(
        rf"[ ]?{mark}(?P<quoted>[^{mark}]*(?:{mark}{mark}[^{mark}]*)*)(?:{mark}|\Z)[^{sign}\r\n]*"
        rf"|(?P<bare>[^{sign}\r\n]*)"
    )
    row, at, begin = list[Cell](), 0, 0
    while at <= len(text):
        hit = cell.match(text, at)
        if hit is None:  # the pattern takes the empty cell as well
            raise AssertionError("a table's cell was not read")
        group = "bare" if hit.group("quoted") is None else "quoted"
        # What goes on behind a closing mark ("user":"Rose") is said too: no sign of a row is in no cell.
        goes_on = group == "quoted" and text[hit.end(group) + 1 : hit.end()].strip()
        row.append(Cell(hit.start(), hit.end()) if goes_on else Cell(hit.start(group), hit.end(group)))
        at = hit.end()
        if text[at : at + 1] != parted_by:
            at += text[at : at + 2] == "\r\n"
            yield Row(begin, min(at + 1, len(text)), row)
            row, begin = [], at + 1
        at += 1


# Lines of a table that is drawn with bars, as in Markdown and in what databases print.
_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(
    r"[ \t>]{0,40}[|+]?[ \t]{0,40}:?[-=]{2,}:?[ \t]{0,40}"
    r"(?:[|+][ \t]{0,40}:?[-=]{2,}:?[ \t]{0,40})*[|+]?[ \t]{0,40}"
)


def drawn(text: str, start: int, end: int) -> Iterator[Island]:
    """Tables that are drawn with bars, in the middle of other text: heads above a rule, or known heads."""
    block, at, ruled = list[Row](), start, False
    for line in text[start:end].split("\n"):
        begin, at = at, at + len(line) + 1
        rule = _RULE.fullmatch(line.rstrip("\r")) is not None and ("|" in line or "+" in line or bool(block))
        row = None if rule else _drawn_row(text, begin, begin + len(line.rstrip("\r")), min(at, end))
        if rule:
            ruled = ruled or len(block) < 2
        elif row is not None:
            block.append(row)
        if not rule and row is None:
            yield from _drawn_table(text, block, ruled=ruled)
            block, ruled = [], False
    yield from _drawn_table(text, block, ruled=ruled)


def _drawn_row(text: str, begin: int, end: int, line_end: int) -> Row | None:
    bars = [hit.start() for hit in _BAR.finditer(text, begin, end)]
    if not bars:
        return None
    edges = [begin - 1, *bars, end]
    cells = [Cell(one + 1, other) for one, other in itertools.pairwise(edges)]
    if not text[cells[0].start : cells[0].end].strip(" >\t"):
        cells = cells[1:]
    if cells and not text[cells[-1].start : cells[-1].end].strip():
        cells = cells[:-1]
    return Row(begin, line_end, [_stripped(text, cell) for cell in cells]) if cells else None


def _stripped(text: str, cell: Cell) -> Cell:
    said = text[cell.start : cell.end]
    start = cell.start + len(said) - len(said.lstrip(" \t*_`"))
    return Cell(start, max(start, cell.end - (len(said) - len(said.rstrip(" \t*_`")))))


def _drawn_table(text: str, block: list[Row], *, ruled: bool) -> Iterator[Island]:
    if len(block) < 2:
        return
    known = any(heads.of_a_column(cell)[2] for cell in _said(text, block[0]))
    even = len({len(row.cells) for row in block}) == 1 and len(block[0].cells) > 1
    if ruled or (known and even):
        yield from _tables(text, block)
