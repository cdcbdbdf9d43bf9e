"""PP-OCRv6's three networks: where text is, whether it stands on its head, and what it reads.

The networks and how boxes are made from the first one's answer are rapidocr's. How they are run is ours:
rapidocr fills the lines of a batch up to the longest one, and to 320 pixels at least, which doubles the work
and makes a line's reading depend on its neighbours. Here each line goes alone, as wide as it is, and as many
at once as there are threads: the same line reads the same wherever it stands, and so is read once a picture.
"""

from __future__ import annotations

import hashlib
import math
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from rapidocr.ch_ppocr_det import TextDetector
from rapidocr.ch_ppocr_det.utils import DBPostProcess

from workers.media.picture import Pixels
from workers.redaction.core.runtime import finite, session, threads

STEP = 32  # the finder halves the picture five times
# As published for PP-OCRv6; but no box is given up for there being many, which rapidocr does from 1,000 on.
FINDER = {
    "thresh": 0.3,
    "box_thresh": 0.5,
    "unclip_ratio": 1.6,
    "use_dilation": True,
    "score_mode": "fast",
    "max_candidates": 1_000_000,
}
HIGH = 48  # pixels to which a line is brought
NARROWEST = 96  # … and how wide it is at least: narrower ones get grey on their right
WIDEST = 9600  # … and at most: a hairline across a picture would take all memory
TURN_WIDTH = 192
TURN_AT_ONCE = 32

Floats = npt.NDArray[np.float32]


class Finder:
    """Where text is."""

    def __init__(self, model: str) -> None:
        self._session = session(model)
        self._input = self._session.get_inputs()[0].name
        self._boxes = DBPostProcess(**FINDER)

    def __call__(self, pixels: Pixels) -> Floats:
        """Boxes of text in reading order, [boxes, 4, 2]: x, y of their corners, clockwise from top left."""
        high, wide = (max(STEP, round(side / STEP) * STEP) for side in pixels.shape[:2])
        fitted = pixels if pixels.shape[:2] == (high, wide) else _resized(pixels, wide, high)
        heat = finite(self._session.run(None, {self._input: _scaled(fitted)[None]})[0])
        boxes, _ = self._boxes(heat, pixels.shape[:2])
        if not len(boxes):
            return np.empty((0, 4, 2), np.float32)
        return np.asarray(TextDetector.sorted_boxes(boxes), np.float32)


class Turner:
    """Whether a line stands on its head."""

    def __init__(self, model: str) -> None:
        self._session = session(model)
        self._input = self._session.get_inputs()[0].name

    def __call__(self, lines: list[Pixels]) -> list[tuple[bool, float]]:
        """For each line whether it does, and how sure that is, 0.5 … 1."""
        votes: list[tuple[bool, float]] = []
        for begin in range(0, len(lines), TURN_AT_ONCE):
            some = [_line(line, TURN_WIDTH, TURN_WIDTH) for line in lines[begin : begin + TURN_AT_ONCE]]
            shares = finite(self._session.run(None, {self._input: np.stack(some)})[0])  # [lines, 2]: 0°, 180°
            votes += [(bool(over > upright), float(max(over, upright))) for upright, over in shares]
        return votes


class Reading(NamedTuple):
    """What a line reads. Sign i was seen at `middles[i]`, a share of the line's length, with `sure[i]`."""

    text: str
    score: float  # 0 … 1, how sure it is; 0 where nothing was read
    middles: Floats
    sure: Floats  # 0 … 1


class Recogniser:
    """What lines read. Safe to call from several threads at once."""

    def __init__(self, model: str) -> None:
        # One thread a line, and a line for each thread: a line alone is too little for two to share.
        self._session = session(model, at_once=1)
        self._input = self._session.get_inputs()[0].name
        listed = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._signs = [
            "",
            *listed,
            " ",
        ]  # the first stands for "none" (connectionist temporal classification)
        self._pool = ThreadPoolExecutor(threads(), thread_name_prefix="ocr")
        self._known: dict[bytes, Reading] = {}

    def __call__(self, lines: list[Pixels]) -> list[Reading]:
        return list(self._pool.map(self._once, lines))

    def forget(self) -> None:
        """Forgets what was read so far: it is somebody's, and kept until the next picture at most."""
        self._known.clear()

    def _once(self, line: Pixels) -> Reading:
        """What the line reads. The very same pixels, as a later look sees most lines, are read once."""
        told = f"{line.shape} {line.dtype}".encode()
        key = hashlib.blake2b(told + line.tobytes(), digest_size=32).digest()
        reading = self._known.get(key)
        if reading is None:
            reading = self._known[key] = self._read(line)
        return reading

    def _read(self, line: Pixels) -> Reading:
        entered = _line(line, NARROWEST, WIDEST)
        likely = self._session.run(None, {self._input: entered[None]})[0][0]  # [columns, signs]
        best, sure = likely.argmax(axis=1), finite(likely.max(axis=1))
        seen = best != 0
        seen[1:] &= best[1:] != best[:-1]
        (columns,) = np.nonzero(seen)
        if not len(columns):
            return Reading("", 0.0, np.empty(0, np.float32), np.empty(0, np.float32))
        # The signs stand in the columns that the line fills, and not in those beside it.
        filled = len(best) * min(1.0, _width(line) / entered.shape[2])
        middles = np.clip((columns + 0.5) / filled, 0, 1).astype(np.float32)
        return Reading(
            "".join(self._signs[sign] for sign in best[columns]),
            float(sure[columns].mean()),
            middles,
            sure[columns],
        )


def _width(line: Pixels) -> int:
    high, wide = line.shape[:2]
    return int(max(1, math.ceil(HIGH * wide / high)))


def _line(line: Pixels, narrowest: int, widest: int) -> Floats:
    """The line as a network takes it, [3, `HIGH`, width]: pressed to `widest`, filled up to `narrowest`."""
    width = min(_width(line), widest)
    entered = np.zeros((3, HIGH, max(width, narrowest)), np.float32)
    entered[:, :, :width] = _scaled(_resized(line, width, HIGH))
    return entered


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    return np.asarray(cv2.resize(pixels, (width, height)), np.uint8)


def _scaled(pixels: Pixels) -> Floats:
    """RGB as the networks take it: [3, height, width], blue first, −1 … 1."""
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)[::-1], np.float32)
    planes *= 1 / 127.5
    planes -= 1
    return planes
