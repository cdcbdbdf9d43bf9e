"""Which engine judges which letters; a sign of mathematics is no script."""

from __future__ import annotations

import pytest

from workers.redaction.core.normal import normal
from workers.redaction.core.scripts import has_japanese, has_latin, has_other_script, latin_only


def test_latin_only_keeps_every_place() -> None:
    text = "電話03-1234へ Émile"
    assert latin_only(text) == "  03-1234  Émile"
    assert len(latin_only(text)) == len(text)


def test_scripts_are_told_apart() -> None:
    assert has_japanese("a漢")
    assert has_japanese("かな")
    assert not has_japanese("kana 1")
    assert has_latin("x")
    assert not has_latin("漢字。")
    assert has_other_script("Иван")
    assert has_other_script("김")
    assert not has_other_script("Zoë 山田 ー・、。★→")


@pytest.mark.parametrize(
    "text",
    [
        "Take 5 µg of vitamin D daily",
        "Resistor of 4 kΩ, 3 MΩ or 20 μΩ",
        "気温はΔ3℃で、合計は42です。",
        "The parcel of Nguyễn Thị Minh",
        "Phạm Văn Đồng, Trần Thị Ngọc Ánh",
        "the angle θ, Δλ = 3, β-test, TNFα, λ/4 and a π-filter",
        "Hawaiʻi, Oʼahu and the sound ə",
        "№ 5, 20 ℓ, 3 Å, ½ ㎏, ™ and ß",
    ],
)
def test_signs_of_units_and_letters_with_marks_are_no_other_script(text: str) -> None:
    assert not has_other_script(normal(text).text)


@pytest.mark.parametrize("text", ["Γιώργος", "5 µg for Γιώργος", "Ελένη", "Ива", "И. x", "ก", "علي", "דוד"])
def test_words_of_another_script_are(text: str) -> None:
    assert has_other_script(normal(text).text)


def test_a_letter_that_hides_in_a_name_is_read_as_the_one_that_it_looks_like() -> None:
    assert latin_only("Mαriα Lopez 5 µg") == "Maria Lopez 5 µg"
    assert latin_only("Nguyễn Thị Minh 様") == "Nguyễn Thị Minh  "
