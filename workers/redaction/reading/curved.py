"""Writing on round things: badges, patches, stamps, coins, whose names run along their rim.

A line of text finder and reader takes no arc. So circles are looked for, what lies along their rim is laid
straight, once as it is read from outside and once as from inside, and that is read.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from workers.media.picture import Pixels
from workers.redaction.reading.ocr import Line, Reader

LONGEST = 1000  # pixels that a picture is brought down to, to look for circles
SMALLEST = 16  # pixels of such a circle's radius,
LEGIBLE = 28  # … and of the picture itself: on the rim of a smaller one letters have five and can't be read
STRAIGHT, ROUND = 200, 0.8  # how strong an edge is, and how much of a circle it makes, 0 … 1
AT_MOST = 8  # circles that are looked at, the clearest first
INNER, OUTER = 0.5, 1.15  # radii between which the rim lies
RIM = 160  # pixels of it across, to which a small one is enlarged,
ENLARGE_MAX = 4.0  # at most so many times
TURN = 1.25  # of a whole turn: what runs over the seam is seen too
RADIUS = 0.85  # of the circle: there letters are as wide as they were
READ, LETTERS, LONG = 0.5, 3, 2.0  # how sure, of how many signs, and how long for its height writing is
HALF_READ, MORE = 0.95, 4  # read with less, it is of so many signs: the spokes of a wheel make three


class Circle(NamedTuple):
    x: float
    y: float
    radius: float


class Rim(NamedTuple):
    """A circle with writing along it."""

    circle: Circle
    lines: list[Line]


def rims(pixels: Pixels, reader: Reader) -> list[Rim]:
    """The circles of a picture along whose rims something is written."""
    found = []
    for circle in _circles(pixels):
        strip = _straight(pixels, circle)
        lines = [*reader.read(strip), *reader.read(np.ascontiguousarray(strip[::-1, ::-1]))]
        written = [line for line in lines if _is_written(line)]
        if written:
            found.append(Rim(circle, written))
    return found


def _circles(pixels: Pixels) -> list[Circle]:
    scale = min(1.0, LONGEST / max(pixels.shape[:2]))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    largest = min(grey.shape[:2]) // 2
    if largest <= SMALLEST:
        return []
    found = cv2.HoughCircles(
        cv2.GaussianBlur(grey, (0, 0), 1.2),
        cv2.HOUGH_GRADIENT_ALT,
        1.5,
        20,
        param1=STRAIGHT,
        param2=ROUND,
        minRadius=SMALLEST,
        maxRadius=largest,
    )
    if found is None:
        return []
    circles = found.reshape(-1, found.shape[-1])[:AT_MOST]
    placed = [Circle(*(float(value) / scale for value in circle[:3])) for circle in circles]
    return [circle for circle in placed if circle.radius >= LEGIBLE]


def _straight(pixels: Pixels, circle: Circle) -> Pixels:
    """The rim laid straight, from nine o'clock on clockwise, its outer edge above."""
    across = circle.radius * (OUTER - INNER)
    scale = max(min(1.0, RIM / across * 2), min(ENLARGE_MAX, RIM / across))
    high, wide = round(across * scale), round(2 * np.pi * circle.radius * RADIUS * scale)
    angles = np.linspace(-np.pi, np.pi * (2 * TURN - 1), round(wide * TURN), dtype=np.float32)[None]
    radii = np.linspace(circle.radius * OUTER, circle.radius * INNER, high, dtype=np.float32)[:, None]
    xs, ys = circle.x + radii * np.cos(angles), circle.y + radii * np.sin(angles)
    laid = cv2.remap(
        pixels,
        xs.astype(np.float32),
        ys.astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(laid, np.uint8)


def _is_written(line: Line) -> bool:
    letters = sum(sign.isalnum() for sign in line.text)
    enough = letters >= (LETTERS if line.score >= HALF_READ else MORE)
    return line.score >= READ and enough and line.length >= LONG * line.thickness
