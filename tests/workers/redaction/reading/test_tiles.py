"""Large sheets are looked at in tiles, in which letters are large enough; lines that tiles cut are whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from workers.media.picture import Pixels
from workers.redaction.reading import ocr, tiles
from workers.redaction.reading.tiles import Quads


@pytest.mark.parametrize(
    ("high", "wide", "scale"),
    [
        (300, 400, 1.6),  # a small picture is enlarged
        (2339, 1654, 1.0),  # A4 at 200 dots an inch
        (3000, 4000, 0.6),  # 12 megapixels
        (3508, 2480, 2400 / 3508),  # A4 at 300
        (6000, 8000, 0.75),  # 48 megapixels
        (4678, 6623, 0.75),  # A1 at 200
        (14000, 1080, 1.0),  # a page of a telephone, as long as it is
    ],
)
def test_letters_stay_large_enough_to_be_found(high: int, wide: int, scale: float) -> None:
    assert tiles.scale_of(high, wide) == pytest.approx(scale)


def found_in(pixels: Pixels, zoom: float = 1.0) -> tuple[Quads, list[tuple[int, int]]]:
    """The black bars of a picture as `tiles` finds them, and the sizes of the views that it takes."""
    views: list[tuple[int, int]] = []

    def bars(view: Pixels) -> Quads:
        views.append((view.shape[0], view.shape[1]))
        dark = view[:, :, 0] < 128
        rows = np.flatnonzero(dark.any(axis=1))
        groups = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []
        quads = []
        for group in groups:
            columns = np.flatnonzero(dark[group].any(axis=0))
            left, right, top, bottom = columns[0], columns[-1] + 1, group[0], group[-1] + 1
            quads.append([[left, top], [right, top], [right, bottom], [left, bottom]])
        return np.array(quads, np.float32).reshape(-1, 4, 2)

    return tiles.boxes(pixels, zoom, bars), views


def sheet(high: int, wide: int, *bars: tuple[int, int, int, int]) -> Pixels:
    pixels = np.full((high, wide, 3), 255, np.uint8)
    for left, top, right, bottom in bars:
        pixels[top:bottom, left:right] = 0
    return pixels


def test_a_line_that_tiles_cut_is_one_box() -> None:
    bar = (1000, 2000, 5000, 2040)
    quads, views = found_in(sheet(4678, 6623, bar))
    assert max(max(size) for size in views) <= tiles.LONGEST + 1
    assert len(quads) == 1
    assert quads[0].min(axis=0) == pytest.approx(bar[:2], abs=3)
    assert quads[0].max(axis=0) == pytest.approx(bar[2:], abs=3)


def test_a_line_in_the_overlap_of_two_tiles_is_found_once() -> None:
    places = [(left, 700, left + 90, 740) for left in range(100, 6400, 700)]
    for place in places:
        assert len(found_in(sheet(4678, 6623, place))[0]) == 1


def test_tiles_without_ink_are_not_looked_at() -> None:
    _, views = found_in(sheet(4678, 6623, (100, 100, 300, 140)))
    assert len(views) == 1


def test_two_lines_are_not_joined() -> None:
    assert len(found_in(sheet(4678, 6623, (2500, 2000, 4000, 2040), (2500, 2060, 4000, 2100)))[0]) == 2


def test_what_fits_is_one_view() -> None:
    assert found_in(sheet(3000, 4000, (0, 0, 900, 140), (0, 2900, 4000, 3000)))[1] == [(1800, 2400)]
    assert len(found_in(sheet(3000, 4000, (100, 100, 900, 140)), zoom=0.75)[1]) == 1


def test_empty_paper_about_what_stands_is_not_looked_at() -> None:
    bar = (400, 300, 900, 330)
    quads, views = found_in(sheet(2339, 1654, bar))
    assert views == [(160, 640)], "the bar and its margin, in whole steps of the finder's"
    assert views[0][0] >= 30 + 2 * tiles.MARGIN
    assert views[0][1] >= 500 + 2 * tiles.MARGIN
    assert quads[0].min(axis=0) == pytest.approx(bar[:2], abs=1)
    assert quads[0].max(axis=0) == pytest.approx(bar[2:], abs=1)


def test_of_an_empty_page_nothing_is_looked_at() -> None:
    assert found_in(sheet(2339, 1654)) == (pytest.approx(np.empty((0, 4, 2))), [])


@pytest.mark.parametrize("grey", [0, 252, 255])
def test_what_differs_a_little_from_the_paper_is_looked_at(grey: int) -> None:
    pixels = np.full((600, 800, 3), abs(grey - 3), np.uint8)
    pixels[10:590, 10:790, 1] = grey
    assert found_in(pixels)[1] == [(600, 800)]


def test_ink_at_every_edge_is_looked_at() -> None:
    assert found_in(sheet(600, 800, (0, 0, 800, 2), (0, 598, 800, 600)))[1] == [(600, 800)]


def words(pixels: Pixels, *places: tuple[int, int]) -> None:
    for place in places:
        cv2.putText(pixels, "Emeka Obi", place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1, cv2.LINE_AA)


def lines_found(pixels: Pixels, reader: ocr.Reader) -> list[tuple[int, int]]:
    """Left and bottom of what a real reader finds."""
    bounds = [line.bounds for line in reader.read(pixels)]
    return [(round(left), round(bottom)) for left, _, _, bottom in bounds]


def is_found(place: tuple[int, int], among: list[tuple[int, int]]) -> bool:
    return any(abs(place[0] - left) < 20 and abs(place[1] - bottom) < 20 for left, bottom in among)


@pytest.mark.parametrize("stands_above", ["nothing", "a photograph", "a frame"])
def test_lines_alone_on_a_wide_ground_are_found(stands_above: str) -> None:
    pixels = sheet(2000, 1600)
    if stands_above == "a photograph":
        noise = np.random.default_rng(3).integers(0, 255, (90, 80, 3)).astype(np.uint8)
        pixels[100:1300, 100:1500] = cv2.resize(noise, (1400, 1200), interpolation=cv2.INTER_CUBIC)
    elif stands_above == "a frame":
        cv2.rectangle(pixels, (20, 20), (1580, 1980), (0, 0, 0), 2)
    places = [(60, 1500), (1300, 1940)]
    words(pixels, *places)
    found = lines_found(pixels, ocr.Reader())
    assert all(is_found(place, found) for place in places)


def test_what_a_box_touches_is_not_looked_at_again() -> None:
    lines = [(100, top, 1500, top + 20) for top in range(100, 1900, 60)]
    _, views = found_in(sheet(2000, 1600, *lines))
    assert len(views) == 1


def test_many_things_that_stand_apart_are_looked_at_together() -> None:
    seen: list[tuple[int, int]] = []

    def blind(view: Pixels) -> Quads:
        seen.append((view.shape[0], view.shape[1]))
        return np.empty((0, 4, 2), np.float32)

    spots = [(left, top, left + 30, top + 30) for left in range(0, 1600, 100) for top in range(0, 2000, 100)]
    tiles.boxes(sheet(2000, 1600, *spots), 1.0, blind)
    assert 1 < len(seen) <= 1 + 4 * 3
    assert max(max(size) for size in seen[1:]) <= tiles.PIECE + 2 * tiles.MARGIN + 2 * tiles.BLOCK
