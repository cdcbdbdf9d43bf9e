"""What happens to a form on its way: small letters, blur, noise, JPEG, skew, shade, on its head."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from form_sheet import Sheet
from PIL import Image

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Manner:
    """How a form comes: the height of its letters in pixels, and what is done to it."""

    size: int
    spoil: Callable[[Pixels, Pixels, random.Random], tuple[Pixels, Pixels]] = lambda page, owner, _: (
        page,
        owner,
    )
    jpeg: int | None = None
    hand: bool = False  # filled in by hand


def scan(sheet: Sheet, manner: Manner, dice: random.Random) -> tuple[bytes, Pixels]:
    """The file, and for each of its pixels the text whose ink is there."""
    page, owner = manner.spoil(np.asarray(sheet.image).copy(), sheet.owner, dice)
    stream = io.BytesIO()
    if manner.jpeg is None:
        Image.fromarray(page).save(stream, "PNG")
    else:
        Image.fromarray(page).save(stream, "JPEG", quality=manner.jpeg)
    return stream.getvalue(), owner


def blurred(sigma: float) -> Callable[..., tuple[Pixels, Pixels]]:
    return lambda page, owner, _: (cv2.GaussianBlur(page, (0, 0), sigma), owner)


def noisy(sigma: float) -> Callable[..., tuple[Pixels, Pixels]]:
    def spoil(page: Pixels, owner: Pixels, dice: random.Random) -> tuple[Pixels, Pixels]:
        grain = np.random.default_rng(dice.randrange(2**32)).normal(0, sigma, page.shape[:2])
        return np.clip(page + grain[:, :, None], 0, 255).astype(np.uint8), owner

    return spoil


def skewed(most: float) -> Callable[..., tuple[Pixels, Pixels]]:
    def spoil(page: Pixels, owner: Pixels, dice: random.Random) -> tuple[Pixels, Pixels]:
        angle = dice.choice((-1, 1)) * dice.uniform(most / 2, most)
        high, wide = page.shape[:2]
        turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 0.94)
        return warped(page, owner, np.vstack([turn, [0, 0, 1]]), (255, 255, 255))

    return spoil


def warped(
    page: Pixels, owner: Pixels, matrix: npt.NDArray[np.float64], ground: tuple[int, int, int]
) -> tuple[Pixels, Pixels]:
    size = (page.shape[1], page.shape[0])
    turned = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_AREA, borderValue=ground)
    followed = cv2.warpPerspective(owner, matrix, size, flags=cv2.INTER_NEAREST)
    return turned, followed


def faint(page: Pixels, owner: Pixels, dice: random.Random) -> tuple[Pixels, Pixels]:
    return (205 - (255 - page.astype(np.int16)) * 0.22).astype(np.uint8), owner


def photographed(page: Pixels, owner: Pixels, dice: random.Random) -> tuple[Pixels, Pixels]:
    """From a slight angle, on a table, with a shadow over one side."""
    high, wide = page.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    moves = np.array([[dice.uniform(0.01, 0.05) for _ in range(2)] for _ in range(4)], np.float32)
    target = corners + inward * moves * np.array([wide, high], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    page, owner = warped(page, owner, matrix, (112, 96, 84))
    across = np.linspace(1.0, dice.uniform(0.5, 0.65), wide)[None, :, None]
    page = np.clip(page * across * np.array([1.0, 0.97, 0.9]), 0, 255).astype(np.uint8)
    return noisy(4)(cv2.GaussianBlur(page, (0, 0), 0.7), owner, dice)


def on_its_head(page: Pixels, owner: Pixels, dice: random.Random) -> tuple[Pixels, Pixels]:
    return np.ascontiguousarray(page[::-1, ::-1]), np.ascontiguousarray(owner[::-1, ::-1])


def on_its_side(page: Pixels, owner: Pixels, dice: random.Random) -> tuple[Pixels, Pixels]:
    turns = dice.choice((1, 3))
    return np.ascontiguousarray(np.rot90(page, turns)), np.ascontiguousarray(np.rot90(owner, turns))


def worn(page: Pixels, owner: Pixels, dice: random.Random) -> tuple[Pixels, Pixels]:
    page, owner = skewed(1.5)(page, owner, dice)
    return noisy(8)(cv2.GaussianBlur(page, (0, 0), 0.6), owner, dice)


MANNERS: dict[str, Manner] = {
    "clean, 24 px": Manner(24),
    "clean, 14 px": Manner(14),
    "blurred, 14 px": Manner(14, blurred(1.0)),
    "noise, 16 px": Manner(16, noisy(20)),
    "JPEG 40, 14 px": Manner(14, jpeg=40),
    "skewed by up to 3°, 16 px": Manner(16, skewed(3.0)),
    "low contrast, 16 px": Manner(16, faint),
    "photographed, 20 px": Manner(20, photographed, jpeg=75),
    "on its head, 16 px": Manner(16, on_its_head),
    "on its side, 16 px": Manner(16, on_its_side),
    "by hand, 24 px": Manner(24, hand=True),
    "worn, 14 px": Manner(14, worn, jpeg=40),
}
