"""What a form's labels say about the places beside and below them: a value is hidden by its place.

A value that OCR misread is no name to any analyser. But where its label was read, or nearly, the place that
belongs to it is told by the form's rules, by what stands beside and below, and by where there is ink. Where
it can't be told which of two places a label means, both are hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from workers.redaction.forms import labels as form_labels
from workers.redaction.forms import unread
from workers.redaction.forms.labelled import Labelled, area_of, around, is_after, overlap, same_row
from workers.redaction.language.analysis import UNREADABLE
from workers.redaction.reading import legible
from workers.redaction.reading.cells import Paper, Patch
from workers.redaction.reading.ocr import Line

SCORE = 0.8
UNSURE = 0.72  # read with less, a text on a form counts as unread; on a page
UNSURE_IF_POOR = 0.8  # that is read poorly as a whole, with less than this
POOR = 0.92  # the middle of a page's readings
TABLE_LABELS = 2  # in ruled cells, from which a page is a form whatever they ask for
PAGE_LINES = 6  # from which there is a page, and no texture that is taken for a word or two
NEXT_LINE = 2.4  # letter heights from a label to the line below that is its value
NEXT_ROW = 3.4  # … and from one row of a table to the next, at most
BLOCK_LINES = 7  # of an addressee
SHORT = 1.3  # letter heights: a shorter box holds one sign at most
GUESSED = 0.5  # a label with a slip that is read with less may as well be anything
APART = 6.0  # letter heights between a name and the 様 behind it, at most
FOUND = 0.3  # of a place is hidden already: the second look leaves it
TABLE = 3  # cells below a label that are no labels themselves: a table's column
STEPS = 60  # cells in a row or a column, at most


class Place(NamedTuple):
    """Where a value stands, and what its label asks for."""

    kind: str
    area: Patch
    score: float = SCORE


def _is_form(lines: list[Line], labels: list[Labelled], wanted: frozenset[str]) -> bool:
    """Whether values are to be expected: a label asks for one, or the page is read too poorly to tell."""
    if any(label.sure and label.kind in wanted for label in labels):
        return True
    scores = sorted(line.score for line in lines)
    return len(scores) >= PAGE_LINES and scores[len(scores) // 2] < POOR


class Fields:
    """The places of a page that belong to its labels."""

    def __init__(
        self,
        paper: Paper,
        lines: list[Line],
        labels: list[Labelled],
        wanted: frozenset[str],
        *,
        again: bool = False,
    ) -> None:
        """`again` where only a band of the page is looked at, which may cut through a row of text."""
        self._again = again
        self._paper = paper
        self._all_lines = lines
        self._lines = [line for line in lines if not line.upside_down]
        self._labels = labels
        self._wanted = wanted
        self._labelled_cells = {
            cell for label in labels if (cell := paper.cell_at(*label.area.middle)) is not None
        }
        self.is_form = len(self._labelled_cells) >= TABLE_LABELS or _is_form(lines, labels, wanted)
        self._of_labels = {
            id(line)
            for label in labels
            for line in label.lines
            if label.whole and (label.sure or line.score >= GUESSED)
        }

    def find(self) -> list[Place]:
        places: list[Place] = []
        for label in self._labels:
            if label.kind in self._wanted:
                places += [Place(label.kind, area) for area in self._of(label)]
        places += self._before_honorifics()
        places += self._unsure()
        places += [Place(UNREADABLE, area, 1.0) for area in self._unseen()]
        places += [Place(UNREADABLE, area) for area in self._half_read()]
        return [place for place in places if self._is_fresh(place.area)]

    def firms(self) -> list[Patch]:
        """Places where a label asks for a firm or a team, and none for a person."""
        mine = [
            area for label in self._labels if label.kind != form_labels.NEUTRAL for area in self._of(label)
        ]
        return [
            area
            for label in self._labels
            if label.firm
            for area in self._of(label)
            if not any(area.share_in(other) > FOUND or other.share_in(area) > FOUND for other in mine)
        ]

    def _is_fresh(self, area: Patch) -> bool:
        return area.wide > 1 and area.high > 1 and self._paper.hidden_share(area) < FOUND

    def _of(self, label: Labelled) -> list[Patch]:
        cell = self._paper.cell_at(*label.area.middle)
        if cell is None:
            return self._open(label, None)
        mates = [other for other in self._labels if other is not label and cell.holds(*other.area.middle)]
        if mates and not (len(mates) == 1 and mates[0].kind == label.kind and mates[0].whole):
            return self._open(label, cell)
        return self._ruled(label, cell)

    # --- in a ruled cell -----------------------------------------------------------------------------

    def _ruled(self, label: Labelled, cell: Patch) -> list[Patch]:
        letter = label.area.high
        x, y = label.area.middle
        beside = Patch(label.area.right + 0.1 * letter, cell.top, cell.right, cell.bottom)
        below = Patch(cell.left, label.area.bottom, cell.right, cell.bottom)
        own = [
            area for area in (beside, below) if area.wide > 0 and area.high > 0 and self._holds_value(area)
        ]
        right = self._paper.beside(cell, y)
        free = right is not None and right not in self._labelled_cells
        if not label.whole or beside in own or (label.block and own):
            # The rest of the cell; and what stands beside it, unless that has a label of its own.
            rest = self._but_labels([beside, below]) if label.block else own or [beside]
            return rest + ([right] if right and free and not label.block and beside not in own else [])
        if own:
            return own + ([right] if right and free and self._paper.written(right) else [])
        areas = []
        if right is not None and free:
            areas += self._run(right, y)
        elif right is None:
            # The table ends here, or the rule of the next cell is broken.
            areas += self._filled(self._to_the_next(label, cell), label)
        if not areas or self._may_head_a_column(cell, x, y):
            areas += self._column(cell, x)
        return areas

    def _to_the_next(self, label: Labelled, cell: Patch) -> Patch:
        after = (other.area.left for other in self._labels if is_after(label.area, other.area))
        return Patch(cell.right + 2, cell.top, min(after, default=self._paper_right()) - 2, cell.bottom)

    def _but_labels(self, areas: list[Patch]) -> list[Patch]:
        """A block without the labels in it that were read well and hide their own values, as 電話 does."""
        for label in self._labels:
            if label.whole and label.sure and label.kind in self._wanted - {"PERSON"}:
                areas = [part for area in areas for part in area.but(label.area)]
        return areas

    def _holds_value(self, area: Patch) -> bool:
        """Whether more than a label or a note stands there."""
        if not self._paper.written(area):
            return False
        inside = [line for line in self._lines if area.holds(*area_of(line).middle)]
        return not inside or any(id(line) not in self._of_labels for line in inside)

    def _run(self, first: Patch, y: float) -> list[Patch]:
        """A cell and those behind it as far as they are narrow: a number with a box for each digit."""
        areas, cell = [first], first
        while cell.wide < 1.6 * cell.high and len(areas) < STEPS:
            after = self._paper.beside(cell, y)
            if after is None or after in self._labelled_cells or after.wide > 1.6 * after.high:
                break
            areas.append(after)
            cell = after
        return areas

    def _column(self, head: Patch, x: float) -> list[Patch]:
        areas, cell = [], head
        for _ in range(STEPS):
            under = self._paper.under(cell, x)
            if under is None or (under in self._labelled_cells and not self._is_like_a_label(under)):
                break
            areas.append(under)
            cell = under
        return areas

    def _is_like_a_label(self, cell: Patch) -> bool:
        """Price and Day are surnames as well: among values, one such word alone in its row is no label."""
        inside = [label for label in self._labels if cell.holds(*label.area.middle)]
        if len(inside) != 1 or inside[0].colon:
            return False
        if inside[0].kind != form_labels.NEUTRAL and inside[0].sure:
            return False
        return self._count(cell, inside[0].area.middle[1], across=True)[0] == 1

    def _may_head_a_column(self, cell: Patch, x: float, y: float) -> bool:
        under = self._paper.under(cell, x)
        if under is None or under in self._labelled_cells:
            return False
        labels_down, _ = self._count(cell, x, across=False)
        if labels_down > 1:
            return False
        labels_across, cells_across = self._count(cell, y, across=True)
        return labels_across > 1 or cells_across >= 3 or len(self._column(cell, x)) >= TABLE

    def _count(self, cell: Patch, at: float, *, across: bool) -> tuple[int, int]:
        """Labels and cells in the row or the column of a cell."""
        cells = [cell]
        for back in (True, False):
            here = cell
            for _ in range(STEPS):
                found = (
                    self._paper.beside(here, at, left=back)
                    if across
                    else self._paper.under(here, at, above=back)
                )
                if found is None or found in cells:
                    break
                cells.append(found)
                here = found
        return sum(each in self._labelled_cells for each in cells), len(cells)

    # --- without rules -------------------------------------------------------------------------------

    def _open(self, label: Labelled, clip: Patch | None) -> list[Patch]:
        """Beside the label up to the next one, else below it; in a table's head the column below."""
        letter = label.area.high
        row = self._in_row(label.area)
        after = [other for other in self._labels if other is not label and is_after(label.area, other.area)]
        limit = min((other.area.left for other in after), default=self._paper_right())
        beside = Patch(
            label.area.right + 0.1 * letter,
            label.area.top - 0.3 * letter,
            limit - 0.2 * letter,
            label.area.bottom + 0.3 * letter,
        )
        beside = beside.within(clip) if clip else beside
        next_line = min(
            (line for line in row if area_of(line).middle[0] > label.area.right),
            key=lambda line: area_of(line).left,
            default=None,
        )
        if label.block:
            block = [*self._filled(beside, label), *self._below(label, limit, clip, BLOCK_LINES)]
            return self._but_labels(block)
        adjacent = label.whole and next_line is not None and id(next_line) in self._of_labels
        if not label.whole or (label.colon and not adjacent):
            found = self._filled(beside, label)
            return found or ([] if not label.whole else self._below(label, limit, clip, 1))
        found = [] if adjacent else self._filled(beside, label)
        others = len(row) > 1 or adjacent
        if found and not (len(row) > 1 and after):
            # One label with what stands beside it; a table's head has more of them. Ink beside it that is no
            # text may be something else.
            if next_line is None and self._paper.hidden_part(beside) is None:
                return found + self._below(label, limit, clip, 1)
            return found if len(row) <= 2 else found + self._below(label, limit, clip, STEPS)
        return found + self._below(label, limit, clip, STEPS if others else 1)

    def _paper_right(self) -> float:
        return max((area_of(line).right for line in self._lines), default=0.0) + 12 * self._paper.letter

    def _in_row(self, area: Patch) -> list[Line]:
        """The other boxes of text that stand at the same height."""
        return [
            line for line in self._lines if same_row(area, area_of(line)) and not overlap(area, area_of(line))
        ]

    def _filled(self, area: Patch, label: Labelled | None = None) -> list[Patch]:
        """What is written in a place: the boxes of text that begin there, whole, and the ink between."""
        if area.wide <= 0 or area.high <= 0 or not self._paper.written(area):
            return []
        hidden = self._paper.hidden_part(area)
        if hidden is not None:
            return [hidden]  # its value was found before
        found = self._paper.ink(area)
        parts = [] if found is None else [found]
        for line in self._lines:
            box = area_of(line)
            if id(line) in self._of_labels or (label and any(line is own for own in label.lines)):
                continue
            if area.holds(*box.middle) or (box.share_in(area) > 0.5):
                parts.append(box)
        return [around(parts).grown(0.12 * area.high)]

    def _below(self, label: Labelled, limit: float, clip: Patch | None, most: int) -> list[Patch]:
        """What stands under a label, row by row, up to a gap, to the next labels, or to `most` rows."""
        letter = label.area.high
        before = [
            area_of(line).right for line in self._in_row(label.area) if area_of(line).right <= label.area.left
        ]
        left = max([label.area.left - 1.2 * letter, *(edge + 0.3 * letter for edge in before)])
        right = min(limit, max(label.area.right + 14 * letter, left)) - 0.4 * letter
        if clip:
            left, right = max(left, clip.left), min(right, clip.right)
        areas: list[Patch] = []
        bottom = label.area.bottom
        under = Patch(label.area.left, bottom, label.area.right, bottom + letter)
        if most == 1 and self._paper.hidden_share(under) > FOUND:
            return []  # its value was found before
        reach = NEXT_ROW if most > 1 and not label.block else NEXT_LINE
        while len(areas) < most:
            row = self._next_row(bottom, reach * letter, clip, None if most > BLOCK_LINES else (left, right))
            if row is None or self._is_of_labels(row, left, right, label):
                break
            top, low = row
            filled = self._filled(Patch(left, top, right, low))
            areas += filled
            bottom = max(low, bottom + 0.5 * letter)
            if most == 1 and filled:
                break
        return areas

    def _next_row(
        self, above: float, reach: float, clip: Patch | None, between: tuple[float, float] | None
    ) -> tuple[float, float] | None:
        """Top and bottom of the next row of text; with `between` only text at that place across counts."""
        under = [
            area
            for line in self._lines
            if (area := area_of(line)).middle[1] > above
            and area.top - above < reach
            and not line.vertical
            and (clip is None or clip.holds(*area.middle))
            and (between is None or (area.left < between[1] and area.right > between[0]))
        ]
        if not under:
            return None
        first = min(under, key=lambda area: area.middle[1])
        row = [area for area in under if same_row(first, area)]
        return min(area.top for area in row), max(area.bottom for area in row)

    def _is_of_labels(self, row: tuple[float, float], left: float, right: float, label: Labelled) -> bool:
        """Whether the row has labels of its own: the column ends there."""
        inside = [
            other
            for other in self._labels
            if other is not label and row[0] <= other.area.middle[1] <= row[1] and not label.block
        ]
        if label.block:
            return any(
                row[0] <= other.area.middle[1] <= row[1]
                and left <= other.area.left <= right
                and (other.block or other.kind == form_labels.NEUTRAL)
                for other in self._labels
            )
        own = [other for other in inside if other.area.left < right and other.area.right > left]
        return len(inside) > 1 or any(other.kind != form_labels.NEUTRAL or other.colon for other in own)

    # --- whatever has no label -----------------------------------------------------------------------

    def _before_honorifics(self) -> Iterator[Place]:
        """Who stands before 様: in the same row, not far off."""
        if "PERSON" not in self._wanted:
            return
        for line in self._lines:
            if not form_labels.is_honorific(line.text):
                continue
            area, high = area_of(line), line.thickness
            before = [
                area_of(other)
                for other in self._in_row(area)
                if 0 <= area.left - area_of(other).right + 0.5 * high < APART * high
            ]
            left = min((other.left for other in before), default=area.left - APART * high)
            for filled in self._filled(Patch(left, area.top, area.left, area.bottom)):
                yield Place("PERSON", filled)

    def _unseen(self) -> Iterator[Patch]:
        return unread.unseen(self._paper, self._lines, of_form=self.is_form)

    def _half_read(self) -> Iterator[Patch]:
        # Strange letters are easily taken to stand on their heads; other text that does is half read there.
        lines = [
            replace(line, gaps=(), doubt=0.0) if line.upside_down else line
            for line in self._all_lines
            if not (self._again and self._paper.is_cut(area_of(line)))
            and (self.is_form or legible.is_word(line))
        ]
        for found in unread.half_read(self._paper, lines, self._of_labels, of_form=self.is_form):
            # Of a line that is hidden in part already, what nobody read may be the rest.
            if found.whole is not None and self._is_fresh(found.whole):
                yield found.whole
            else:
                yield from found.parts

    def _unsure(self) -> Iterator[Place]:
        """Text read badly hides its whole cell, and the cell beside it, of which it may be the label."""
        scores = sorted(line.score for line in self._lines)
        poor = bool(scores) and scores[len(scores) // 2] < POOR
        for line in self._lines:
            if line.score >= (UNSURE_IF_POOR if poor else UNSURE) or id(line) in self._of_labels:
                continue
            area = area_of(line)
            if line.length < SHORT * line.thickness or (self._again and self._paper.is_cut(area)):
                continue
            x, y = area.middle
            cell = self._paper.cell_at(x, y)
            if cell is None or cell.high > unread.ONE_ROW * line.thickness:
                if not self.is_form and not legible.is_word(line):
                    continue  # icons and textures are half read too
                yield Place(UNREADABLE, area.grown(0.1 * line.thickness), 1 - line.score)
                continue
            yield Place(UNREADABLE, cell, 1 - line.score)
            if self._count(cell, y, across=True)[0] > 1 and self._count(cell, x, across=False)[0] == 0:
                # In the head of a table it was a label.
                for area in self._column(cell, x):
                    yield Place(UNREADABLE, area, 1 - line.score)
            right = self._paper.beside(cell, y)
            if right is not None and right not in self._labelled_cells:
                yield Place(UNREADABLE, right, 1 - line.score)
