from __future__ import annotations

import pytest

from workers.redaction.hearing import numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You can reach me at 555-0147-382.", "555-0147-382"),
        ("it is five five five, oh one four, thank you", "five five five, oh one four"),
        ("double five six seven", "double five six seven"),
        ("dial five to one for nine now", "five to one for nine"),
        ("my name is J-O-N-E-S", "J-O-N-E-S"),
        ("B, as in Bravo, C, D", "B, as in Bravo, C, D"),
        ("電話は09012345678です", "09012345678"),
        ("ゼロきゅうゼロ、いちにさんよんです", "ゼロきゅうゼロ、いちにさんよん"),
        ("会員番号は四七二一です", "四七二一"),
    ],
)
def test_digits_and_letters_said_one_by_one_are_found(text: str, found: str) -> None:
    assert [text[span.start : span.end] for span in numbers.find(text)] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "At ten past two, the forklift ran into the rack.",
        "room 12 and 3 more",
        "one of the two is for me, too",
        "I have a plan",
        "部品が12個、三つの箱に入っています",
        "西へ四五日後に行く",
        "しごとのあとに",
    ],
)
def test_what_counts_is_left_alone(text: str) -> None:
    assert list(numbers.find(text)) == []
