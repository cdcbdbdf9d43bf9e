"""Ruled paper: the cells of a form's tables, and where on the page something is written.

Told by the page's ink alone, so that it holds where nothing can be read. Pixels are those of the upright
page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from workers.redaction.core.picture import Picture

LONGEST = 2400  # pixels that the longer side of a large page is brought down to
GROUND = 31  # pixels of the square over which paper is averaged, at least
FAINT = 10.0  # of 255: what is less darker than the paper about it is no ink,
GRAIN = 4.5  # nor what is within so many standard deviations of the paper's own grain
ACROSS, DOWN = 3.5, 1.25  # letter heights from which a straight stroke is a rule
THIN = 0.45  # of a stroke's darkness is lost just above and below it: it is a line, and no row of text
LEAN = 0.08  # of a rule's length that it may rise or fall
SPECK = 0.012  # of a letter's square: less ink in one piece is dust
WRITTEN = 0.035  # of a letter's square: so much ink in a place and something is written there
LOW, NARROW = 0.8, 0.8  # letter heights of a cell, at least
SOLID = 0.72  # of its box that a cell fills
LARGEST = 0.7  # of the page: a larger cell is the page's own frame

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]  # [height, width], 0 or 1


class Patch(NamedTuple):
    """A patch of the page, in pixels and parts of them."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def wide(self) -> float:
        return self.right - self.left

    @property
    def high(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def within(self, other: Patch) -> Patch:
        return Patch(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def grown(self, by: float) -> Patch:
        return Patch(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def share_in(self, other: Patch) -> float:
        """How much of it lies in the other, 0 … 1."""
        common = self.within(other)
        if common.wide <= 0 or common.high <= 0:
            return 0.0
        return common.wide * common.high / max(1e-6, self.wide * self.high)

    def but(self, hole: Patch) -> list[Patch]:
        """What of it lies above, left and right of a hole in it, and below."""
        if self.share_in(hole) > 0.7:
            return []
        if hole.share_in(self) < 0.5:
            return [self]
        hole = hole.within(self)
        parts = (
            self._replace(bottom=hole.top),
            Patch(self.left, hole.top, hole.left, hole.bottom),
            Patch(hole.right, hole.top, self.right, hole.bottom),
            self._replace(top=hole.bottom),
        )
        return [part for part in parts if part.wide > 1 and part.high > 1]


class Paper:
    """A page's ink and cells. `letter` is the usual height of a box of text on it, in pixels."""

    def __init__(self, picture: Picture, letter: float) -> None:
        longest = max(picture.width, picture.height)
        self._scale = min(1.0, LONGEST / longest)
        size = (max(1, round(picture.width * self._scale)), max(1, round(picture.height * self._scale)))
        self._letter = max(6.0, letter * self._scale)
        self.letter = self._letter / self._scale
        grey = _grey(picture, size)
        self._hidden = _small(picture.hidden, size)
        darker, grain = _darker(grey, self._letter, self._hidden)
        dark = (darker > max(FAINT, GRAIN * grain)).astype(np.uint8)
        rules = _rules(darker, grain, self._letter, self._hidden)
        self._ink = _without_dust(np.where(_wider(rules) > 0, 0, dark).astype(np.uint8), self._letter)
        self._index, self._cells = _cells(rules, self._letter)

    def cells(self) -> Iterator[Patch]:
        return (self._up(cell) for cell in self._cells.values())

    def cell_at(self, x: float, y: float) -> Patch | None:
        """The ruled cell about a point."""
        column, row = int(x * self._scale), int(y * self._scale)
        high, wide = self._index.shape
        if not (0 <= row < high and 0 <= column < wide):
            return None
        cell = self._cells.get(int(self._index[row, column]))
        return None if cell is None else self._up(cell)

    def beside(self, cell: Patch, y: float, *, left: bool = False) -> Patch | None:
        """The cell that begins where this one ends, at this height."""
        steps = np.arange(2 / self._scale, 0.9 * self.letter, 1 / self._scale)
        return self._first(((cell.left - step if left else cell.right + step), y) for step in steps)

    def under(self, cell: Patch, x: float, *, above: bool = False) -> Patch | None:
        """The cell that begins below this one, at this place across."""
        steps = np.arange(2 / self._scale, 0.9 * self.letter, 1 / self._scale)
        return self._first((x, (cell.top - step if above else cell.bottom + step)) for step in steps)

    def _first(self, points: Iterator[tuple[float, float]]) -> Patch | None:
        return next((cell for x, y in points if (cell := self.cell_at(x, y)) is not None), None)

    def written(self, area: Patch) -> bool:
        """Whether something stands there, or is hidden there already."""
        return self.ink(area) is not None or self.hidden_share(area) > 0.02

    def ink(self, area: Patch) -> Patch | None:
        """The part of the area in which there is ink, None where there is none to speak of."""
        left, top, right, bottom = self._down(area)
        inside = self._ink[top:bottom, left:right]
        if inside.sum() < WRITTEN * self._letter**2:
            return None
        ys, xs = np.nonzero(inside)
        if xs.max() - xs.min() < 0.25 * self._letter and ys.max() - ys.min() < 0.25 * self._letter:
            return None
        found = Patch(left + xs.min(), top + ys.min(), left + xs.max() + 1, top + ys.max() + 1)
        return self._up(Patch(*map(float, found)))

    def hidden_share(self, area: Patch) -> float:
        if self._hidden is None:
            return 0.0
        left, top, right, bottom = self._down(area)
        inside = self._hidden[top:bottom, left:right]
        return float(inside.mean()) if inside.size else 0.0

    def hidden_part(self, area: Patch) -> Patch | None:
        """The part of the area that is hidden already, None where nothing is."""
        if self._hidden is None:
            return None
        left, top, right, bottom = self._down(area)
        ys, xs = np.nonzero(self._hidden[top:bottom, left:right])
        if not len(ys):
            return None
        found = Patch(left + xs.min(), top + ys.min(), left + xs.max() + 1, top + ys.max() + 1)
        return self._up(Patch(*map(float, found)))

    def is_cut(self, area: Patch) -> bool:
        """Whether the picture ends, above or below, in the middle of what stands there."""
        return area.top <= 2 or area.bottom >= self._index.shape[0] / self._scale - 2

    def _down(self, area: Patch) -> tuple[int, int, int, int]:
        high, wide = self._ink.shape
        left, right = (min(max(round(edge * self._scale), 0), wide) for edge in (area.left, area.right))
        top, bottom = (min(max(round(edge * self._scale), 0), high) for edge in (area.top, area.bottom))
        return left, top, right, bottom

    def _up(self, area: Patch) -> Patch:
        return Patch(*(edge / self._scale for edge in area))


def _grey(picture: Picture, size: tuple[int, int]) -> Mask:
    red, green, blue = np.moveaxis(picture.pixels, 2, 0)
    # The least over an axis of three takes numpy ten times as long.
    grey = np.asarray(np.minimum(np.minimum(red, green), blue), np.uint8)
    if size != (picture.width, picture.height):
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    return grey


def _small(hidden: npt.NDArray[np.bool_] | None, size: tuple[int, int]) -> Mask | None:
    if hidden is None:
        return None
    return np.asarray(cv2.resize(hidden.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _darker(grey: Mask, letter: float, hidden: Mask | None) -> tuple[Floats, float]:
    """How much darker than the paper about it each pixel is, and the paper's grain, both of 255.

    What is hidden already counts as paper.
    """
    side = max(GROUND, round(3 * letter)) | 1
    if hidden is not None and hidden.any():
        seen = (1 - np.asarray(cv2.dilate(hidden, np.ones((5, 5), np.uint8)), np.uint8)).astype(np.float32)
        weight = cv2.blur(seen, (side, side))
        ground = np.where(weight < 1e-3, 255, cv2.blur(grey * seen, (side, side)) / np.maximum(weight, 1e-3))
        grey = np.where(seen > 0, grey, ground).astype(np.uint8)
    soft = cv2.GaussianBlur(grey, (0, 0), 0.7).astype(np.float32)
    darker = np.asarray(cv2.blur(soft, (side, side)) - soft, np.float32)
    middle = float(np.median(darker))
    return darker - np.float32(middle), 1.4826 * float(np.median(np.abs(darker - middle)))


def _wider(mask: Mask) -> Mask:
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)


def _rules(darker: Floats, grain: float, letter: float, hidden: Mask | None) -> Mask:
    """Long thin strokes across, and those down that reach from one of them to another.

    A rule may be faint, lean a little and be broken a little. What is hidden hides a part of the rules about
    it: those that run into it go on, or two cells would be one and hand on what one of their labels asks for.
    """
    gap = max(3, round(0.3 * letter))
    across = _strokes(darker, grain, round(1.4 * letter), round(ACROSS * letter), gap, letter)
    down = _strokes(
        np.ascontiguousarray(darker.T), grain, round(0.45 * letter), round(DOWN * letter), 3, letter
    )
    if hidden is not None and hidden.any():
        across = _through(across, hidden, gap)
        down = _through(down, np.ascontiguousarray(hidden.T), gap)
    return across | _between(np.ascontiguousarray(down.T), across, letter)


def _through(strokes: Mask, hidden: Mask, near: int) -> Mask:
    """The strokes across, drawn on to the other side of what is hidden where they run into it."""
    edges = np.diff(np.pad(hidden, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    drawn = strokes.copy()
    for begins, ends in zip(np.argwhere(edges == 1), np.argwhere(edges == -1), strict=True):
        row, begin, end = int(begins[0]), int(begins[1]), int(ends[1])
        before, after = strokes[row, max(0, begin - near) : begin], strokes[row, end : end + near]
        if before.any() or after.any():
            drawn[row, max(0, begin - near) : end + near] = 1
    return drawn


def _strokes(darker: Floats, grain: float, reach: int, long: int, gap: int, letter: float) -> Mask:
    """Strokes across that are darker, over `reach` pixels, than what is just above and just below them."""
    reach = max(3, reach)
    mean = cv2.blur(darker, (reach, 1))
    off = max(3, round(0.13 * letter))
    padded = np.pad(mean, ((off, off), (0, 0)), mode="edge")
    edge = np.maximum(padded[: -2 * off], padded[2 * off :])
    faint = max(FAINT / 2, GRAIN * grain / float(np.sqrt(reach)))
    thin = (mean - np.maximum(edge, 0) > np.maximum(faint, THIN * mean)).astype(np.uint8)
    joined = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    joined = cv2.dilate(joined, np.ones((2, 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(joined, np.uint8))
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    kept = ((wide >= long) & (high <= LEAN * wide + 0.2 * letter)).astype(np.uint8)
    kept[0] = 0
    longer = np.ones((1, 2 * max(gap, round(0.3 * letter)) + 1), np.uint8)
    return np.asarray(cv2.dilate(kept[labels], longer), np.uint8)


def _between(down: Mask, across: Mask, letter: float) -> Mask:
    """Strokes down that meet one across at their top and at their bottom; strokes of letters do not."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(down)
    near = round(0.72 * letter)  # they were drawn out by half a letter
    kept = np.zeros(len(stats), np.uint8)
    for number, (left, top, wide, high, _) in enumerate(stats.tolist()):
        sides = slice(max(0, left - 2), left + wide + 2)
        ends = (
            across[max(0, top - 3) : top + near, sides],
            across[top + high - near : top + high + 3, sides],
        )
        kept[number] = number > 0 and all(end.any() for end in ends)
    return np.asarray(kept[labels], np.uint8)


def _without_dust(ink: Mask, letter: float) -> Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    wide, high, area = (
        stats[:, place] for place in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    # What is left of rules is long and thin, or a frame about nothing.
    frame = ((wide > 8 * letter) | (high > 4 * letter)) & (area < 0.15 * wide * high)
    thin = (np.minimum(wide, high) < 0.2 * letter) & (np.maximum(wide, high) > 2 * letter)
    large = ((area >= max(3, SPECK * letter**2)) & ~frame & ~thin).astype(np.uint8)
    large[0] = 0
    return np.asarray(large[labels], np.uint8)


def _cells(rules: Mask, letter: float) -> tuple[npt.NDArray[np.int32], dict[int, Patch]]:
    """Places with rules all about them, and for each pixel the number of its place."""
    open_places = (_wider(rules) == 0).astype(np.uint8)
    _, index, stats, _ = cv2.connectedComponentsWithStats(open_places, connectivity=4)
    high, wide = rules.shape
    cells = {}
    for number, (left, top, width, height, area) in enumerate(stats.tolist()):
        if number == 0 or width < NARROW * letter or height < LOW * letter:
            continue
        at_edge = left <= 1 or top <= 1 or left + width >= wide - 1 or top + height >= high - 1
        if at_edge or area < SOLID * width * height or width * height > LARGEST * wide * high:
            continue
        cells[number] = Patch(float(left), float(top), float(left + width), float(top + height))
    return np.asarray(index, np.int32), cells
