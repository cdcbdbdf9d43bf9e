"""Japanese plates are told by where their two lines stand."""

from __future__ import annotations

import numpy as np
import pytest

from omnigov.contracts import Area, RedactionProfile
from workers.redaction.core.picture import Picture
from workers.redaction.forms import plates
from workers.redaction.reading.ocr import Line

PICTURE = Picture(np.zeros((400, 600, 3), np.uint8), RedactionProfile())


def line(text: str, left: float, top: float, right: float, bottom: float, score: float = 0.95) -> Line:
    quad = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    return Line(quad, text, score, np.linspace(0, 1, len(text) + 1, dtype=np.float32), False, False)


def around(box: Area, left: int, top: int, right: int, bottom: int) -> bool:
    return box.left <= left and box.top <= top and box.right >= right and box.bottom >= bottom


UPPER = line("品川 330", 240, 200, 330, 225)
LOWER = line("12-34", 230, 230, 350, 275)


def test_both_lines_and_the_kana_that_was_not_read_are_one_box() -> None:
    (box,) = plates.japanese([UPPER, LOWER], PICTURE)
    assert around(box, 190, 200, 350, 275)


@pytest.mark.parametrize("text", ["あ12-34", "さ ・・12", "ね·6-83", "を ・1-23"])
def test_a_lower_line_with_its_kana_is_enough(text: str) -> None:
    (box,) = plates.japanese([line(text, 230, 230, 350, 275)], PICTURE)
    assert around(box, 230, 190, 350, 275)


def test_an_upper_line_alone_tells_where_the_number_stands() -> None:
    (box,) = plates.japanese([UPPER], PICTURE)
    assert around(box, 210, 200, 360, 290)


def test_a_half_read_place_is_enough_over_a_line_that_only_a_plate_has() -> None:
    assert plates.japanese(
        [line("名占図319", 240, 200, 330, 225, 0.5), line("・8-22", 230, 230, 350, 275)], PICTURE
    )


@pytest.mark.parametrize(
    "lines",
    [
        [LOWER],  # a score, or a date
        [line("部屋 301", 240, 200, 330, 225)],
        [line("部屋 301", 240, 200, 330, 225), LOWER],
        [UPPER.__class__(UPPER.quad, UPPER.text, 0.3, UPPER.edges, False, False)],  # hardly read, alone
        [line("第12-34号", 230, 230, 350, 275)],
    ],
)
def test_other_numbers_are_no_plates(lines: list[Line]) -> None:
    assert plates.japanese(lines, PICTURE) == []


def test_a_number_elsewhere_is_not_the_plate_s_second_line() -> None:
    far = line("12-34", 430, 330, 550, 375)
    (box,) = plates.japanese([UPPER, far], PICTURE)
    assert box.right < 430


def test_a_profile_without_plates_asks_for_none() -> None:
    profile = RedactionProfile(entities=("PERSON",))
    assert plates.japanese([UPPER, LOWER], Picture(PICTURE.pixels, profile)) == []
