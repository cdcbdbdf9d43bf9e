"""The heat map: a PNG in the picture's shape, light where the support is, marked without colour."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from workers.attribution.heatmap import LARGEST, render


def drawn(picture: np.ndarray, grid: np.ndarray) -> Image.Image:
    image = Image.open(io.BytesIO(render(picture, grid.tolist())))
    assert image.format == "PNG"
    return image


@pytest.mark.parametrize(("height", "width"), [(60, 200), (1, 1), (900, 300)])
def test_it_keeps_the_pictures_shape(height: int, width: int) -> None:
    picture = np.full((height, width, 3), 120, dtype=np.uint8)
    image = drawn(picture, np.eye(7, dtype=int))
    scale = min(1, LARGEST / max(height, width))
    assert image.size == (max(1, round(width * scale)), max(1, round(height * scale)))


def test_support_is_light_in_grey_too() -> None:
    grid = np.zeros((7, 7), dtype=int)
    grid[1, 5] = 1_000_000
    grey = np.asarray(drawn(np.full((210, 210, 3), 120, dtype=np.uint8), grid).convert("L")).astype(int)
    hot, cold = grey[50:55, 170:175].mean(), grey[160:200, 10:50].mean()
    assert hot > cold + 60


def test_the_strongest_patch_is_outlined_and_numbered() -> None:
    grid = np.zeros((7, 7), dtype=int)
    grid[2, 3] = 500
    picture = np.full((210, 210, 3), 120, dtype=np.uint8)
    marked = np.asarray(drawn(picture, grid))
    assert (marked[60, 95:115] == 255).all()  # the patch's upper edge: row 2 of 30 pixels each
    assert not (marked[0] == 255).any()


def test_a_patch_against_the_label_is_dashed() -> None:
    grid = np.zeros((7, 7), dtype=int)
    grid[4, 1] = -500
    marked = np.asarray(drawn(np.full((210, 210, 3), 120, dtype=np.uint8), grid))
    edge = (marked[120, 30:60] == 255).all(axis=-1)
    assert edge.any()
    assert not edge.all()


def test_nothing_attributed_draws_no_outline() -> None:
    marked = np.asarray(drawn(np.full((70, 70, 3), 120, dtype=np.uint8), np.zeros((7, 7), dtype=int)))
    assert len(np.unique(marked.reshape(-1, 3), axis=0)) == 1
