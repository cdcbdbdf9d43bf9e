"""Text in pictures: where it is and what it reads, by PP-OCRv6 through rapidocr.

rapidocr's own pipeline drops lines that it could not read and goes on after errors; here every box that
was found comes back, read or not, and every error goes up: a box is better hidden than forgotten. How its
networks are run stands in `ppocr`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rapidocr.utils.process_img import get_rotate_crop_image

from workers import weights
from workers.media.picture import Pixels
from workers.redaction.reading import ppocr, tiles
from workers.redaction.reading.ppocr import Reading
from workers.redaction.reading.writing.tell import SURELY, Stretch, WritingSystems

FILES = ("ppocr-det", "ppocr-cls", "ppocr-rec")
VERSION = f"rapidocr {version('rapidocr')}"

SIDE_MIN = 64  # smaller pictures are laid on a ground of their edge's colour
VERTICAL = 1.5  # height over width from which rapidocr turns a box before it is read
INK_DARKER = 40  # than the middle of a column, of 255
HALF_SIGN = 0.4  # of a line's height: what a sign may reach to each side of its middle
GAP = 1.4  # heights between two signs' middles from which something may stand between them
WELL_READ = 0.97  # the mean over the signs of a part, from which it takes more to call its letters strange
LATIN = "\u2e7f"  # the last sign before those of Chinese and Japanese
ALIKE = 0.05  # between the scores of two readings of a box that say little about which is right
TURN_SURE = 0.9  # as published for the classifier of direction

Quad = npt.NDArray[np.float32]  # [4, 2]: x, y of top left, top right, bottom right, bottom left
Edges = npt.NDArray[np.float32]
Part = tuple[float, float]  # of a line, in shares of its length


@dataclass(frozen=True)
class Line:
    """One box of text. Character i lies between `edges[i]` and `edges[i + 1]`, shares of the box's length."""

    quad: Quad
    text: str
    score: float  # 0 … 1, how sure the reading is; 0 where nothing was read
    edges: Edges  # [characters + 1]
    vertical: bool
    upside_down: bool
    column: bool = False  # signs that stand upright under each other
    gaps: tuple[Part, ...] = ()  # shares of the length over which no sign was read
    strange: tuple[Part, ...] = ()  # … where letters stand that OCR takes for others
    doubt: float = 0.0  # 0 … 1, how unsure the reading of the worst of its words is

    def span(self, first: int, last: int) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the upright box about characters `first` … `last` − 1."""
        return self.stretch(float(self.edges[first]), float(self.edges[last]))

    def stretch(self, begin: float, end: float) -> tuple[float, float, float, float]:
        """The same about what lies between two shares of the box's length."""
        if self.upside_down:
            begin, end = 1 - end, 1 - begin
        # A tall box is turned by 90° anticlockwise to be read: its top becomes the left.
        near, far = ([0, 1], [3, 2]) if self.vertical else ([0, 3], [1, 2])
        way = self.quad[far] - self.quad[near]
        corners = np.concatenate([self.quad[near] + way * begin, self.quad[near] + way * end])
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        (left, top), (right, bottom) = self.quad.min(axis=0), self.quad.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def upright(self) -> tuple[float, float, float, float]:
        """The bounds as they would be if the page were turned so that this line stands upright.

        Text on its head keeps its order of reading that way; its coordinates are negative, so that it is
        never beside text that stands.
        """
        left, top, right, bottom = self.bounds
        return (-right, -bottom, -left, -top) if self.upside_down else (left, top, right, bottom)

    @property
    def length(self) -> float:
        """Pixels along the reading direction."""
        one, other = (0, 3) if self.vertical else (0, 1)
        return float(np.linalg.norm(self.quad[one] - self.quad[other]))

    @property
    def thickness(self) -> float:
        """Pixels across the reading direction: about the height of its letters."""
        one, other = (0, 1) if self.vertical else (0, 3)
        return float(np.linalg.norm(self.quad[one] - self.quad[other]))


class Reader:
    """PP-OCRv6's three networks. Safe to call from several threads at once."""

    def __init__(self) -> None:
        find, turn, read = (str(weights.path(name)) for name in FILES)
        self._find = ppocr.Finder(find)
        self._turn = ppocr.Turner(turn)
        self._read = ppocr.Recogniser(read)
        self._strange = WritingSystems()

    def forget(self) -> None:
        """Forgets what was read so far; whoever begins with another picture calls it."""
        self._read.forget()

    def read(self, pixels: Pixels, zoom: float = 1.0) -> list[Line]:
        """Every box of text, read or not, in pixels of the picture.

        `zoom` changes the size that text is looked for at; it is read from the picture itself either way.
        """
        quads = self._boxes(pixels, zoom)
        if not len(quads):
            return []
        crops = [get_rotate_crop_image(pixels, quad.copy()) for quad in quads]
        over = self._upside_down(crops)
        stood = [np.rot90(crop, 2) if turn else crop for crop, turn in zip(crops, over, strict=True)]
        read = self._read(stood)
        columns = {
            place: _Column(np.rot90(crop, -1))
            for place, (crop, quad) in enumerate(zip(crops, quads, strict=True))
            if _is_tall(quad)
        }
        again = self._read([column.laid for column in columns.values()])
        found = self._strange([*stood, *(column.laid for column in columns.values())])
        lying = [
            replace(
                _line(quad, reading, _edges(reading), vertical=_is_tall(quad), upside_down=turn),
                strange=_strange(places, reading),
            )
            for quad, turn, reading, places in zip(quads, over, read, found[: len(quads)], strict=True)
        ]
        chosen = list(lying)
        for (place, column), reading, places in zip(columns.items(), again, found[len(quads) :], strict=True):
            upright = replace(
                _line(quads[place], reading, column.down(_edges(reading)), vertical=True),
                column=True,
                gaps=(),
                strange=column.parts_down(_strange(places, reading)),
            )
            chosen[place] = _either(lying[place], upright, _amount(found[place]), _amount(places))
        return chosen

    def _upside_down(self, crops: list[Pixels]) -> list[bool]:
        """Whether each line stands on its head; one of which that is not sure goes with the page."""
        votes = self._turn(crops)
        page = sum(sure if over else -sure for over, sure in votes) > 0
        return [over if sure >= TURN_SURE else page for over, sure in votes]

    def _boxes(self, pixels: Pixels, zoom: float) -> npt.NDArray[np.float32]:
        """Boxes of text, [boxes, 4, 2], within the picture and no thinner than a pixel."""
        quads = tiles.boxes(pixels, zoom, self._in_view)
        limits = np.array([pixels.shape[1], pixels.shape[0]], np.float32)
        quads = np.clip(quads, 0, limits)
        sides = np.linalg.norm(quads - np.roll(quads, 1, axis=1), axis=2)  # [boxes, 4]
        thick: npt.NDArray[np.float32] = quads[(sides >= 1).all(axis=1)]
        return thick

    def _in_view(self, view: Pixels) -> npt.NDArray[np.float32]:
        below, right = (max(SIDE_MIN - side, 0) for side in view.shape[:2])
        return self._find(np.pad(view, ((0, below), (0, right), (0, 0)), mode="edge"))


class _Column:
    """A column of upright signs, cut where no ink is and laid side by side, so that it reads as a line."""

    def __init__(self, column: Pixels) -> None:
        high, wide = column.shape[:2]
        grey = column.min(axis=2).astype(np.int16)
        dark = np.abs(grey - np.median(grey)).max(axis=1) > INK_DARKER
        self._cuts = _cuts(dark, wide)
        cells = [column[top:bottom] for top, bottom in zip(self._cuts, self._cuts[1:], strict=False)]
        tallest = max(cell.shape[0] for cell in cells)
        ground = np.median(column.reshape(-1, 3), axis=0).astype(np.uint8)
        laid = np.empty((tallest, wide * len(cells), 3), np.uint8)
        laid[:] = ground
        for place, cell in enumerate(cells):
            above = (tallest - cell.shape[0]) // 2
            laid[above : above + cell.shape[0], place * wide : (place + 1) * wide] = cell
        self.laid: Pixels = laid
        self._high = high

    def down(self, edges: Edges) -> Edges:
        """Edges in shares of the line as they are in shares of the column."""
        cells = len(self._cuts) - 1
        places = np.interp(edges, np.arange(cells + 1) / cells, np.array(self._cuts) / self._high)
        return np.asarray(places, np.float32)

    def parts_down(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple((float(begin), float(end)) for begin, end in map(self.down, map(np.array, parts)))


def _cuts(dark: npt.NDArray[np.bool_], wide: int) -> list[int]:
    """Where a column is cut into signs about as high as wide: in rows without ink, where there are any."""
    high, cuts = len(dark), [0]
    while high - cuts[-1] > 1.35 * wide:
        wished = cuts[-1] + wide
        low, most = cuts[-1] + max(1, round(0.6 * wide)), min(high - 1, cuts[-1] + round(1.35 * wide))
        free = [row for row in range(low, most + 1) if not dark[row]]
        cuts.append(min(free, key=lambda row: abs(row - wished)) if free else min(wished, high - 1))
    return [*cuts, high]


def _either(lying: Line, upright: Line, strange_lying: float, strange_upright: float) -> Line:
    """Of a tall box the better reading: text that lies on its side, or signs that stand under each other.

    Kana and kanji are read about as well on their sides, but look strange then.
    """
    if abs(upright.score - lying.score) < ALIKE and strange_lying != strange_upright:
        return upright if strange_upright < strange_lying else lying
    return upright if upright.score > lying.score else lying


def _amount(found: tuple[Stretch, ...]) -> float:
    """How much of a line is strange, 0 … 1."""
    return sum((stretch.end - stretch.begin) * stretch.likely for stretch in found)


def _line(quad: Quad, reading: Reading, edges: Edges, *, vertical: bool, upside_down: bool = False) -> Line:
    score = reading.score if reading.text.strip() else 0.0
    line = Line(quad, reading.text, score, edges, vertical, upside_down)
    return replace(line, gaps=_gaps(reading, line.thickness / max(line.length, 1.0)), doubt=_doubt(reading))


def _gaps(reading: Reading, letter: float) -> tuple[Part, ...]:
    """Stretches between two signs, or one and an end, too long for signs that stand beside each other.

    `letter` is the line's height as a share of its length.
    """
    seen = [
        float(middle)
        for sign, middle in zip(reading.text, reading.middles, strict=True)
        if not sign.isspace()
    ]
    if not seen:
        return ()
    reach = HALF_SIGN * letter
    stops = [-reach, *seen, 1 + reach]
    return tuple(
        (max(0.0, one + reach), min(1.0, other - reach))
        for one, other in pairwise(stops)
        if other - one > GAP * letter
    )


def _strange(found: tuple[Stretch, ...], reading: Reading) -> tuple[Part, ...]:
    """The parts that are in strange letters: where a part was read well, only if that is quite clear."""
    parts = []
    for begin, end, likely in found:
        inside = reading.sure[(reading.middles >= begin) & (reading.middles <= end)]
        if likely > SURELY or not len(inside) or inside.mean() < WELL_READ:
            parts.append((begin, end))
    return tuple(parts)


def _doubt(reading: Reading) -> float:
    """How unsure the worst word is. One sign alone is none, kanji aside: arrows and boxes are read as one."""
    worst, word, signs = 1.0, list[float](), ""
    for sign, sure in zip(f"{reading.text} ", [*reading.sure, 0.0], strict=True):
        if not sign.isspace():
            word.append(float(sure))
            signs += sign
        elif word:
            if len(signs) > 1 or signs > LATIN:
                worst = min(worst, sum(word) / len(word))
            word, signs = [], ""
    return 1 - worst


def _is_tall(quad: Quad) -> bool:
    """Whether `get_rotate_crop_image` turned the crop: the same sums as there."""
    wide = int(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3])))
    high = int(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))
    return high / max(wide, 1) >= VERTICAL


def _edges(reading: Reading) -> Edges:
    """Where each character begins and ends, from where the network saw it.

    Half-way between two characters one ends and the next begins; the outer ones reach to the box's ends.
    """
    if not reading.text:
        return np.array([0.0], np.float32)
    inner = (reading.middles[1:] + reading.middles[:-1]) / 2
    return np.concatenate([[0.0], inner, [1.0]]).astype(np.float32)
