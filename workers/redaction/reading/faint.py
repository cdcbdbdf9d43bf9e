"""Faint ink, brought out: what an eye does not see and anybody's picture editor does.

Text a few grey levels from its ground, dark or light, is read by no OCR, and by everybody who stretches the
contrast. The view made here shows the difference of each pixel from the ground about it, against what is
usual there, as dark on white; plain ink, which is read without it, is left out. Most pictures have nothing
of the kind on even ground: then there is no view.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from workers.media.picture import Pixels

PLAIN = 28  # of 255 from its ground: from here ink is read without help
STEP = 2  # the ground is told from every second pixel of every second row
GROUND = 41  # such pixels of the square whose middle value is the ground: strokes may be half as thick
USUAL = 61  # pixels of the square over which differences are averaged
ABOVE = 4.0  # times the usual difference is full black,
LEAST = 0.4  # and so much more: of one grey level on even ground most is seen
EVEN = 1.6  # usual difference of ground on which faint ink can be brought out
FRINGE = 5  # pixels of the square by which plain ink is grown: its edges fade into the paper
# … in a copy that we compressed: what shares a block of 8 × 8 pixels with plain ink has waves of it, which
# look like a page full of faint letters. What stood there was looked for before it was compressed.
FRINGE_IN_COPY = 15
INKED = 128  # of 255 in the view
LETTER = (5, 160)  # pixels that a letter is high
SPARSE = 0.75  # of its box that a letter fills at most; blocks of a compressed picture fill more
LETTERS = 4  # beside each other, from which there may be a word
BAND = 24_000_000  # pixels that are looked at at a time

Mask = npt.NDArray[np.uint8]  # [height, width]


def view(pixels: Pixels, *, of_copy: bool = False) -> Pixels | None:
    """The faint ink of a picture as dark on white, [height, width, 3]; None where none looks like a word.

    `of_copy` is for our own copy of a picture that was looked at before.
    """
    fringe = FRINGE_IN_COPY if of_copy else FRINGE
    shown = np.empty(pixels.shape[:2], np.uint8)
    high = max(1, BAND // pixels.shape[1])
    found = False
    for top in range(0, pixels.shape[0], high):
        band = _brought_out(pixels[top : top + high], fringe)
        shown[top : top + high] = band
        found = found or _has_letters(band)
    return np.asarray(cv2.cvtColor(255 - shown, cv2.COLOR_GRAY2RGB), np.uint8) if found else None


def _brought_out(pixels: Pixels, fringe: int) -> Mask:
    """How much each pixel differs from its ground, 0 … 255, where the ground is even."""
    far = np.zeros(pixels.shape[:2], np.uint8)
    for channel in range(3):
        plane = np.ascontiguousarray(pixels[:, :, channel])
        far = np.maximum(far, cv2.absdiff(plane, _ground(plane)))
    plain = cv2.dilate((far > PLAIN).astype(np.uint8), np.ones((fringe, fringe), np.uint8))
    if not ((far > 0) & (plain == 0)).any():
        return np.zeros_like(far)
    seen = (1 - plain).astype(np.float32)
    differs = far * seen
    weight = cv2.blur(seen, (USUAL, USUAL))
    usual = cv2.blur(differs, (USUAL, USUAL)) / np.maximum(weight, 1e-3)
    shown = differs * (255.0 / (ABOVE * usual + LEAST))
    shown[usual > EVEN] = 0
    return np.asarray(np.minimum(shown, 255), np.uint8)


def _ground(plane: Mask) -> Mask:
    small = np.ascontiguousarray(plane[::STEP, ::STEP])
    side = min(GROUND, (min(small.shape) - 1) | 1)
    if side >= 3:
        small = np.asarray(cv2.medianBlur(small, side), np.uint8)
    size = (plane.shape[1], plane.shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _has_letters(shown: Mask) -> bool:
    """Whether some pieces of ink are as high as letters and stand beside each other."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((shown > INKED).astype(np.uint8))
    left, top, wide, high, area = np.asarray(stats[1:], np.int32).T
    kept = (high >= LETTER[0]) & (high <= LETTER[1]) & (wide <= 6 * high) & (area <= SPARSE * wide * high)
    kept &= area >= high  # a stroke at least
    return _beside(left[kept], top[kept], high[kept]) >= LETTERS


def _beside(left: npt.NDArray[np.int32], top: npt.NDArray[np.int32], high: npt.NDArray[np.int32]) -> int:
    """The most pieces of about one height that follow each other in a row."""
    best, order = 0, np.argsort(left)
    left, top, high = left[order], top[order], high[order]
    chain = np.ones(len(left), np.int32)
    for place in range(len(left)):
        near = slice(max(0, place - 64), place)
        follows = (
            (left[place] - left[near] < 3 * high[place])
            & (abs((top + high)[place] - (top + high)[near]) < 0.5 * high[place])
            & (high[near] < 1.8 * high[place])
            & (high[place] < 1.8 * high[near])
        )
        if follows.any():
            chain[place] = 1 + chain[near][follows].max()
        best = max(best, int(chain[place]))
    return best
