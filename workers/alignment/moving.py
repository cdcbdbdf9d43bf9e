"""Clips made by rule: a cut-out that moves over a background, seen by a camera that shakes and is noisy.

Only the frames that the model sees of such a clip are drawn, each as the JPEG that it would have been. What
moves, where and when is drawn from a seed, so that the same seed gives the same clip.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from workers.omni.seen import Page, stretches_seen

SIZE = (640, 360)
QUALITY = 60  # of the frames' JPEG
SHAKE = 6.0  # pixels, standard deviation
RATE = 25  # frames a second


@dataclass(frozen=True, eq=False)
class Scene:
    """What is drawn: a background, what moves over it if anything, and how large that is."""

    background: np.ndarray  # RGB
    cut_out: np.ndarray | None = None  # RGBA
    size: tuple[float, float] = (0.3, 0.6)  # of the frame's height, smallest and largest
    whole_time: bool = False  # else it comes some time, and goes


def frames_of(scene: Scene, seconds: float, random: np.random.Generator) -> tuple[list[Page], list[bool]]:
    """The frames that are seen of it, and in which of them the cut-out is."""
    stretches = stretches_seen(round(1000 * seconds), round(RATE * seconds))
    count = len(stretches)
    present = [scene.cut_out is not None] * count
    if not scene.whole_time and scene.cut_out is not None:
        length = int(random.integers(3, count + 1)) if count > 3 else count
        first = int(random.integers(0, count - length + 1))
        present = [first <= number < first + length for number in range(count)]
    high = random.uniform(*scene.size)
    start, end = random.uniform(0.1, 0.9, 2)
    ground = random.uniform(0.6, 0.95)
    gain, noise = random.uniform(0.7, 1.1), random.uniform(3, 10)
    mirrored = bool(random.integers(2))
    backdrop = _filling(scene.background, random)
    pages = []
    for number, (at, there) in enumerate(zip(stretches, present, strict=True)):
        middle = number / max(1, count - 1)
        picture = _shaken(backdrop, random)
        if there and scene.cut_out is not None:
            _put(picture, scene.cut_out, high, start + (end - start) * middle, ground, mirrored=mirrored)
        picture = picture * gain + random.normal(0, noise, picture.shape)
        pixels = _as_jpeg(np.clip(picture, 0, 255).astype(np.uint8))
        pages.append(Page(round(RATE * (at.start + at.end) / 2000), pixels, SIZE, at))
    return pages, present


def _filling(background: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A part of it with the frame's shape, and a margin for the shaking."""
    width, height = SIZE[0] + 64, SIZE[1] + 64
    scale = max(width / background.shape[1], height / background.shape[0]) * random.uniform(1.0, 1.3)
    wide, high = (
        max(least, round(scale * side))
        for least, side in zip((width, height), background.shape[1::-1], strict=True)
    )
    large = np.asarray(Image.fromarray(background).resize((wide, high), Image.Resampling.BICUBIC))
    left, top = int(random.integers(wide - width + 1)), int(random.integers(high - height + 1))
    return large[top : top + height, left : left + width]


def _shaken(backdrop: np.ndarray, random: np.random.Generator) -> np.ndarray:
    left, top = (int(np.clip(32 + random.normal(0, SHAKE), 0, 64)) for _ in range(2))
    return backdrop[top : top + SIZE[1], left : left + SIZE[0]].astype(np.float64)


def _put(
    picture: np.ndarray, cut_out: np.ndarray, high: float, across: float, ground: float, *, mirrored: bool
) -> None:
    """Draws the cut-out standing at `ground`, its middle `across`, both in parts of the frame."""
    height = max(4, round(high * SIZE[1]))
    width = max(4, round(height * cut_out.shape[1] / cut_out.shape[0]))
    small = np.asarray(Image.fromarray(cut_out).resize((width, height), Image.Resampling.BICUBIC))
    small = small[:, ::-1] if mirrored else small
    top, left = round(ground * SIZE[1]) - height, round(across * SIZE[0] - width / 2)
    top = max(0, top)
    rows = slice(top, min(SIZE[1], top + height))
    columns = slice(max(0, left), min(SIZE[0], left + width))
    piece = small[: rows.stop - rows.start, columns.start - left : columns.stop - left]
    alpha = piece[..., 3:4] / 255.0
    picture[rows, columns] = alpha * piece[..., :3] + (1 - alpha) * picture[rows, columns]


def _as_jpeg(pixels: np.ndarray) -> np.ndarray:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=QUALITY)
    return np.asarray(Image.open(out).convert("RGB"))


def cut_out(pixels: np.ndarray, box: Sequence[int]) -> np.ndarray:
    """RGBA of what lies in a box (left, top, right, bottom) of a photograph, told from its ground.

    Rother, Kolmogorov & Blake, "GrabCut" (2004).
    """
    left, top, right, bottom = box
    mask = np.zeros(pixels.shape[:2], np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    where = (left, top, right - left, bottom - top)
    cv2.grabCut(np.ascontiguousarray(pixels[..., ::-1]), mask, where, *models, 4, cv2.GC_INIT_WITH_RECT)
    inside = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    return np.dstack([pixels, inside])[top:bottom, left:right]


def trimmed(picture: np.ndarray) -> np.ndarray:
    """RGBA without its empty borders."""
    rows, columns = np.nonzero(picture[..., 3] > 8)
    return picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
