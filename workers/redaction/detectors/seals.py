"""Impressions of red seals (hanko) on paper: a name in ink, which OCR rarely reads.

Told by colour and shape: red strokes in a compact patch on light, colourless ground. In a grey scan they are
told by what is printed beside them only (`workers.redaction.language.rules`).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from omnigov.contracts import Detector, Finding
from workers.redaction.core import sources
from workers.redaction.core.picture import Picture, millionths, resized

NAME = "seals"
KIND = "SEAL"
SCORE = 0.7
LONGEST = 1600  # pixels that the longer side of a large picture is brought down to
SMALLEST, LARGEST = 0.008, 0.16  # of the longer side
LEGIBLE = 18  # pixels of the picture that a seal is wide or high: in less no name can be read
COMPACT = 1.9  # the longer side of a seal over its shorter one, at most
STROKES = (0.10, 0.74)  # of the patch is ink: less is a line, more is a dot or a thing
PAPER = 0.4  # of the picture, and
AROUND = 0.8  # of the strip about a seal, is light and without colour
PADDING = 0.15  # of the seal's size

Mask = npt.NDArray[np.uint8]  # [height, width], 0 or 255


class Seals:
    """Finds round and square seals in red ink."""

    def describe(self) -> Detector:
        return Detector(name=NAME, version=f"1, opencv {cv2.__version__}", digest=sources.digest(__file__))

    def find(self, picture: Picture) -> list[Finding]:
        longest = max(picture.width, picture.height)
        scale = min(1.0, LONGEST / longest)
        pixels = resized(picture.pixels, scale)
        paper, ink = _paper_and_ink(pixels)
        if paper.mean() / 255 < PAPER:
            return []
        reach = max(3, round(0.006 * max(pixels.shape[:2])))
        patches = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
        _, _, boxes, _ = cv2.connectedComponentsWithStats(patches)
        findings: list[Finding] = []
        taken: list[tuple[int, int, int, int]] = []
        # The largest first: the letters within a frame are part of the same seal.
        for left, top, width, height, _ in sorted(boxes[1:].tolist(), key=lambda box: -box[2] * box[3]):
            if any(
                x <= left and y <= top and left + width <= x + w and top + height <= y + h
                for x, y, w, h in taken
            ):
                continue
            if max(width, height) < LEGIBLE * scale or not _is_seal(ink, paper, left, top, width, height):
                continue
            taken.append((left, top, width, height))
            place = (left / scale, top / scale, (left + width) / scale, (top + height) / scale)
            pad = PADDING * max(width, height) / scale
            box = picture.area(*place, pad_x=pad, pad_y=pad)
            findings.append(Finding(kind=KIND, place=box, score=millionths(SCORE), detector=NAME))
        return findings


def _paper_and_ink(pixels: npt.NDArray[np.uint8]) -> tuple[Mask, Mask]:
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    hue, colour, light = hsv[:, :, 0], hsv[:, :, 1], hsv[:, :, 2]
    paper = (light > 165) & (colour < 45)
    ink = ((hue < 12) | (hue > 164)) & (colour > 70) & (light > 70)
    return paper.astype(np.uint8) * 255, ink.astype(np.uint8) * 255


def _is_seal(ink: Mask, paper: Mask, left: int, top: int, width: int, height: int) -> bool:
    longest = max(ink.shape)
    long, short = max(width, height), min(width, height)
    if not SMALLEST * longest <= short or long > LARGEST * longest or long > COMPACT * short:
        return False
    inked = ink[top : top + height, left : left + width].mean() / 255
    if not STROKES[0] <= inked <= STROKES[1]:
        return False
    edge = max(2, round(0.12 * long))
    outer = np.s_[max(0, top - edge) : top + height + edge, max(0, left - edge) : left + width + edge]
    around = paper[outer].sum() - paper[top : top + height, left : left + width].sum()
    area = paper[outer].size - width * height
    return bool(area > 0 and around / 255 >= AROUND * area)
