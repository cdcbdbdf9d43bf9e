from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnigov.contracts import Area, RedactionProfile
from workers.redaction.core.picture import Picture, fill, hidden_share, strongest, united


def blank(width: int, height: int, padding: int = 100_000) -> Picture:
    return Picture(np.full((height, width, 3), 255, np.uint8), RedactionProfile(padding=padding))


def test_padding_is_a_share_of_the_box_on_each_side() -> None:
    assert blank(100, 100).padded(40, 40, 60, 50) == Area(left=38, top=39, right=62, bottom=51)
    assert blank(100, 100, padding=0).padded(40, 40, 60, 50) == Area(left=40, top=40, right=60, bottom=50)


edge = st.floats(-500, 500, allow_nan=False)


@given(edge, edge, edge, edge)
def test_a_box_always_lies_in_the_picture_and_has_an_area(a: float, b: float, c: float, d: float) -> None:
    box = blank(90, 60).area(min(a, c), min(b, d), max(a, c), max(b, d))
    assert 0 <= box.left < box.right <= 90
    assert 0 <= box.top < box.bottom <= 60


def test_of_boxes_that_overlap_the_surest_stays() -> None:
    boxes = np.array(
        [[0, 0, 10, 10, 0.5], [1, 1, 11, 11, 0.9], [50, 50, 60, 60, 0.4], [2, 2, 6, 6, 0.3]], np.float32
    )
    assert strongest(boxes, 0.3)[:, 4].tolist() == pytest.approx([0.9, 0.4, 0.3])
    assert strongest(boxes, 0.3, of_smaller=True)[:, 4].tolist() == pytest.approx([0.9, 0.4])
    assert strongest(boxes[:0], 0.3).shape == (0, 5)


def test_a_filled_box_is_black_and_nothing_else_is() -> None:
    picture = blank(20, 20)
    fill(picture.pixels, [Area(left=5, top=6, right=8, bottom=9)])
    assert (picture.pixels[6:9, 5:8] == 0).all()
    assert (picture.pixels == 0).sum() == 3 * 3 * 3


def test_the_hidden_share_counts_pixels() -> None:
    hidden = np.zeros((10, 10), np.bool_)
    hidden[:, :5] = True
    assert hidden_share(hidden, Area(left=0, top=0, right=10, bottom=10)) == 0.5


def test_boxes_of_one_thing_are_united_from_the_surest_views() -> None:
    boxes = np.array(
        [
            [10, 10, 110, 110, 0.7],
            [0, 20, 100, 105, 0.9],
            [5, 5, 100, 100, 0.8],
            [20, 20, 140, 140, 0.4],  # the fourth of the same thing: less sure than three others
            [300, 300, 310, 310, 0.6],
            [400, 400, 400, 420, 0.5],  # without an area
        ],
        np.float32,
    )
    assert united(boxes, 0.3, 3).tolist() == [
        [0, 5, 110, 110, pytest.approx(0.9)],
        [300, 300, 310, 310, pytest.approx(0.6)],
        [400, 400, 400, 420, pytest.approx(0.5)],
    ]
    assert united(boxes[:0], 0.3, 3).shape == (0, 5)
