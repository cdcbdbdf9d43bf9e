"""Ink that nobody sees until they stretch the contrast is seen here."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import Limits
from tests.workers.redaction.conftest import dejavu, sample
from workers.media.picture import Pixels, decode, encode
from workers.redaction.reading import faint


def page(ground: int, ink: int, *, quality: int | None = None, noise: float = 0.0) -> Pixels:
    """A page with a line in plain ink, and below it one in `ink`."""
    sheet = Image.new("RGB", (700, 160), (ground,) * 3)
    pen = ImageDraw.Draw(sheet)
    pen.text((30, 20), "Invoice for the repair", (0, 0, 0) if ground > 127 else (255,) * 3, dejavu(22))
    pen.text((30, 90), "Mary O'Connor", (ink,) * 3, dejavu(22))
    pixels = np.asarray(sheet)
    if noise:
        grain = np.random.default_rng(1).normal(0, noise, (160, 700, 1))
        pixels = np.clip(pixels + grain, 0, 255).astype(np.uint8)
    if quality is None:
        return pixels
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream).convert("RGB"))


def darkness(view: Pixels | None) -> float:
    """How much ink the view shows where the faint line stands, 0 … 1."""
    assert view is not None
    return float((view[90:120, 30:200, 0] < 100).mean())


@pytest.mark.parametrize(
    ("ground", "ink"), [(255, 254), (255, 253), (255, 245), (0, 1), (0, 10), (128, 130), (40, 36)]
)
def test_ink_of_one_to_ten_grey_levels_is_brought_out(ground: int, ink: int) -> None:
    view = faint.view(page(ground, ink))
    assert darkness(view) > 0.1
    assert view is not None
    assert (view[20:50, 30:300] > 200).all(), "plain ink is left out: it is read without help"


@pytest.mark.parametrize(("ground", "ink", "quality"), [(255, 251, 92), (255, 245, 75), (0, 8, 92)])
def test_it_is_brought_out_of_a_jpeg(ground: int, ink: int, quality: int) -> None:
    assert darkness(faint.view(page(ground, ink, quality=quality))) > 0.1


def test_it_is_brought_out_of_the_grain_of_a_scan() -> None:
    assert darkness(faint.view(page(230, 222, noise=1.0))) > 0.1


def test_one_colour_alone_may_be_faint() -> None:
    pixels = page(255, 255).copy()
    pixels[:, :, 2] = page(255, 247)[:, :, 2]
    assert darkness(faint.view(pixels)) > 0.1


@pytest.mark.parametrize("name", ["butterfly.jpg", "cat.jpg", "flower.jpg", "fruits.jpg", "home.jpg"])
def test_photographs_have_no_such_view(name: str) -> None:
    assert faint.view(np.asarray(Image.open(io.BytesIO(sample(name))).convert("RGB"))) is None


def test_a_page_in_plain_ink_has_no_such_view() -> None:
    assert faint.view(page(255, 255)) is None
    assert faint.view(np.full((50, 60, 3), 255, np.uint8)) is None
    assert faint.view(np.zeros((2, 1, 3), np.uint8)) is None


def test_in_a_copy_waves_about_plain_ink_are_no_faint_ink() -> None:
    lines = Image.new("RGB", (1653, 800), "white")
    pen = ImageDraw.Draw(lines)
    for row in range(20):
        pen.text((60, 20 + 38 * row), "The parts were checked before they left the store", 0, dejavu(28))
    copy = decode(encode(np.asarray(lines), "image/jpeg"), Limits())
    assert faint.view(copy) is not None, "the bench of speed's pages have them"
    assert faint.view(copy, of_copy=True) is None


@pytest.mark.parametrize(("ground", "ink"), [(255, 251), (255, 245), (0, 8)])
def test_in_a_copy_faint_ink_that_stands_by_itself_is_brought_out(ground: int, ink: int) -> None:
    copy = decode(encode(page(ground, ink), "image/jpeg"), Limits())
    assert darkness(faint.view(copy, of_copy=True)) > 0.1
