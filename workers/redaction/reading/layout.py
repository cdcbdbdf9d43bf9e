"""A page turned so that its text stands upright, and its boxes of text as rows and columns.

A scan lies on its head or a few degrees aslant, and then what stands beside what can't be told from upright
boxes. So all that is told by place is told on the turned page, and what is to be hidden is brought back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from omnigov.contracts import Area
from workers.redaction.core.normal import FIELD, Normal, normal
from workers.redaction.core.picture import Picture
from workers.redaction.core.spans import Span
from workers.redaction.reading.ocr import Line

GAP = 1.5  # letter heights between two boxes from which they are two fields
LEVEL = math.radians(0.3)  # a slant below this changes nothing that is told by place
LONG = 3.0  # letter heights from which a line tells the page's slant
MEND = 0.25  # of a box's height: more than this it does not grow when it is brought back aslant
PIECES_MAX = 16
CLEARLY = 0.7  # a line read with less tells no slant
# For each quarter turn of a line against the page: the corners in reading order, as the box has them.
_READING = ((0, 1, 2, 3), (1, 2, 3, 0), (2, 3, 0, 1), (3, 0, 1, 2))

Matrix = npt.NDArray[np.float64]  # [2, 3]: from the picture to the turned page


@dataclass(frozen=True)
class Page:
    """The picture turned upright, with its text; boxes on it go back to the picture by `back`."""

    picture: Picture
    original: Picture
    lines: list[Line]
    matrix: Matrix | None  # None where nothing was turned

    @property
    def lay_on_its_side(self) -> bool:
        return self.matrix is not None and abs(self.matrix[0, 0]) < abs(self.matrix[0, 1])

    def back(self, box: Area) -> list[Area]:
        """The box in the picture's pixels; several where it lies aslant, so that they cover little else."""
        if self.matrix is None:
            return [box]
        inverse = cv2.invertAffineTransform(self.matrix)
        lean = abs(math.sin(2 * math.atan2(inverse[1, 0], inverse[0, 0]))) / 2
        wide, high = box.right - box.left, box.bottom - box.top
        short, long = min(wide, high), max(wide, high)
        count = min(PIECES_MAX, max(1, math.ceil(long * lean / max(1.0, MEND * short))))
        xs, ys = ([box.left, box.right], [box.top, box.bottom])
        if wide >= high:
            xs = np.linspace(box.left, box.right, count + 1).tolist()
        else:
            ys = np.linspace(box.top, box.bottom, count + 1).tolist()
        boxes = []
        for left, right in pairwise(xs):
            for top, bottom in pairwise(ys):
                corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]])
                found = corners @ inverse.T
                (x0, y0), (x1, y1) = found.min(axis=0), found.max(axis=0)
                if x1 > 0 and y1 > 0 and x0 < self.original.width and y0 < self.original.height:
                    boxes.append(self.original.area(round(x0, 3), round(y0, 3), round(x1, 3), round(y1, 3)))
        return boxes


def turned(picture: Picture, lines: list[Line]) -> Page:
    """The page with most of its text upright and level."""
    quarters = _quarters(lines)
    slant = _slant(lines, quarters)
    if not quarters and abs(slant) < LEVEL:
        return Page(picture, picture, lines, None)
    matrix, size = _turn(picture, quarters, slant if abs(slant) >= LEVEL else 0.0)
    ground = [int(value) for value in np.median(picture.pixels[::8, ::8].reshape(-1, 3), axis=0)]
    pixels = cv2.warpAffine(
        picture.pixels,
        matrix,
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=ground,
    )
    hidden = None
    if picture.hidden is not None:
        hidden = cv2.warpAffine(
            picture.hidden.astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST
        ).astype(bool)
    page = Picture(np.asarray(pixels, np.uint8), picture.profile, picture.look, hidden, picture.read)
    return Page(page, picture, [_moved(line, matrix, quarters) for line in lines], matrix)


def _heading(line: Line) -> int:
    """Quarter turns, clockwise, by which the line's text lies; a column of upright signs lies by none."""
    if line.column:
        return 0
    return (1 if line.vertical else 0) + (2 if line.upside_down else 0)


def _quarters(lines: list[Line]) -> int:
    weights = [0.0] * 4
    for line in lines:
        if line.score > 0.5:
            weights[_heading(line)] += line.length * line.score
    most = max(range(4), key=lambda turn: weights[turn])
    return most if weights[most] > 0 else 0


def _slant(lines: list[Line], quarters: int) -> float:
    """The angle, in radians, by which lines fall to the right when the quarters are undone."""
    angles, weights = [], []
    for line in lines:
        if line.column or _heading(line) != quarters or line.length < LONG * line.thickness:
            continue
        if line.score < CLEARLY:
            continue
        start, end, far, near = line.quad[list(_READING[quarters])]
        way = (end - start) + (far - near)
        angle = math.atan2(way[1], way[0]) - quarters * math.pi / 2
        angles.append(math.remainder(angle, 2 * math.pi))
        weights.append(line.length)
    if not angles:
        return 0.0
    order = np.argsort(angles)
    total = np.cumsum(np.array(weights)[order])
    low, middle, high = (
        float(np.array(angles)[order][np.searchsorted(total, total[-1] * share)])
        for share in (0.25, 0.5, 0.75)
    )
    # Lines that lean to both sides are no slant of the page.
    if high - low > max(LEVEL, abs(middle)):
        return 0.0
    return middle if abs(middle) < math.radians(20) else 0.0


def _turn(picture: Picture, quarters: int, slant: float) -> tuple[Matrix, tuple[int, int]]:
    """The turn that makes the page upright, and the size of a page that holds all of it."""
    angle = -(quarters * math.pi / 2 + slant)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    corners = np.array(
        [[0, 0], [picture.width, 0], [picture.width, picture.height], [0, picture.height]], np.float64
    )
    reach = corners @ turn.T
    low, high = reach.min(axis=0), reach.max(axis=0)
    wide, tall = (math.ceil(round(side, 3)) for side in high - low)
    return np.hstack([turn, -low[:, None]]), (wide, tall)


def _moved(line: Line, matrix: Matrix, quarters: int) -> Line:
    quad = (np.hstack([line.quad, np.ones((4, 1))]) @ matrix.T).astype(np.float32)
    left_over = (_heading(line) - quarters) % 4
    if line.column:
        return replace(line, quad=quad[list(_READING[-quarters % 4])], vertical=quarters % 2 == 0)
    reading = quad[list(_READING[_heading(line)])]
    return replace(
        line,
        quad=reading[list(_READING[-left_over % 4])],
        vertical=left_over % 2 == 1,
        upside_down=left_over >= 2,
    )


# --- rows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hit:
    """Characters `first` … `last` − 1 of a line."""

    line: Line
    first: int
    last: int
    kind: str
    score: float
    value: str = field(repr=False)
    behind_label: bool = False  # in the same line: then it is not the whole of it


@dataclass(frozen=True)
class Row:
    """Boxes that stand beside each other, as one text; its character i comes from `places[i]`."""

    text: str
    lines: tuple[Line, ...]
    places: tuple[tuple[int, int, int] | None, ...]  # line, first, last + 1; None between two boxes

    def hits(self, span: Span) -> list[Hit]:
        reach: dict[int, tuple[int, int]] = {}
        for place in self.places[span.start : span.end]:
            if place is not None:
                line, first, last = place
                low, high = reach.get(line, (first, last))
                reach[line] = (min(low, first), max(high, last))
        return [
            Hit(self.lines[line], first, last, span.kind, span.score, self.text[span.start : span.end])
            for line, (first, last) in reach.items()
        ]

    def line_at(self, index: int) -> Line | None:
        place = self.places[index]
        return None if place is None else self.lines[place[0]]


def rows_of(lines: list[Line]) -> list[Row]:
    """Boxes to rows, top to bottom; text set upright down the page is a row of its own."""
    flat = sorted((line for line in lines if not line.vertical and line.text.strip()), key=middle)
    groups: list[list[Line]] = []
    for line in flat:
        beside = next((group for group in reversed(groups) if _is_beside(group[-1], line)), None)
        if beside is None:
            groups.append([line])
        else:
            beside.append(line)
    return [_row(sorted(group, key=lambda line: line.upright[0])) for group in groups] + _columns(lines)


def _columns(lines: list[Line]) -> list[Row]:
    """Text set upright down the page: boxes under each other are one column, read from its top."""
    tall = sorted(
        (line for line in lines if line.vertical and line.text.strip()), key=lambda line: line.upright[1]
    )
    groups: list[list[Line]] = []
    for line in tall:
        over = next((group for group in groups if _is_in_column(group[-1], line)), None)
        if over is None:
            groups.append([line])
        else:
            over.append(line)
    return [_row(group, down=True) for group in groups]


def _is_in_column(upper: Line, lower: Line) -> bool:
    common = min(upper.upright[2], lower.upright[2]) - max(upper.upright[0], lower.upright[0])
    return common > 0.5 * min(upper.upright[2] - upper.upright[0], lower.upright[2] - lower.upright[0])


def middle(line: Line) -> float:
    return (line.upright[1] + line.upright[3]) / 2


def _is_beside(one: Line, other: Line) -> bool:
    common = min(one.upright[3], other.upright[3]) - max(one.upright[1], other.upright[1])
    return common > 0.5 * min(one.upright[3] - one.upright[1], other.upright[3] - other.upright[1])


def _row(lines: list[Line], *, down: bool = False) -> Row:
    near, far = (1, 3) if down else (0, 2)
    text, places = "", list[tuple[int, int, int] | None]()
    for index, line in enumerate(lines):
        if index:
            gap = line.upright[near] - lines[index - 1].upright[far]
            text += FIELD if gap > GAP * min(line.thickness, lines[index - 1].thickness) else " "
            places.append(None)
        form: Normal = normal(line.text)
        text += form.text.replace(FIELD, " ")
        places += [(index, first, last) for first, last in zip(form.first, form.last, strict=True)]
    return Row(text, tuple(lines), tuple(places))
