"""A person who was found is hidden wherever the text means the same one. Every name is invented."""

from __future__ import annotations

import functools

import pytest

from omnigov.contracts import RedactionProfile
from workers.redaction import mentions
from workers.redaction.japanese_names import Lists
from workers.redaction.mentions import romaji
from workers.redaction.spans import Span
from workers.redaction.text import TextRedactor


@functools.cache
def shared() -> TextRedactor:
    return TextRedactor(RedactionProfile())


@pytest.mark.parametrize(
    "mention",
    [
        "石橋",
        "直樹",
        "いしばしなおき",
        "イシバシ ナオキ",
        "Naoki Ishibashi",
        "ISHIBASHI NAOKI",
        "ishibashi naoki",
    ],
)
def test_a_name_is_hidden_in_each_of_its_forms(mention: str) -> None:
    copy, _ = shared().redact(f"氏名: 石橋直樹\n\nmemo {mention} に確認")
    assert mention not in copy
    assert copy.endswith("に確認")


def test_a_reading_beside_the_name_is_hidden() -> None:
    copy, _ = shared().redact("氏名: 石橋聖空(いしばし そら)")
    assert "そら" not in copy


def test_a_place_that_bears_the_family_name_is_no_mention() -> None:
    text = "石橋直樹は石橋駅で待つ。石橋が来た"
    found = mentions.find(text, [Span(0, 4, "PERSON", 0.9)], Lists(), frozenset())
    assert {span.start for span in found if text[span.start : span.end] == "石橋"} == {0, 12}


def test_a_part_of_an_english_name_is_hidden_alone() -> None:
    copy, _ = shared().redact("Name: Jane Křenková\nLater, křenková and Křenková came; ashore they went")
    assert "Křenková" not in copy
    assert "ashore" in copy


@pytest.mark.parametrize(
    ("reading", "written"),
    [
        ("さとう", {"satou", "sato", "satoh", "satō"}),
        ("しんじ", {"shinji"}),
        ("きょうこ", {"kyouko", "kyoko"}),
        ("はっとり", {"hattori"}),
        ("なんば", {"nanba", "namba"}),
    ],
)
def test_readings_are_romanised_as_is_usual(reading: str, written: set[str]) -> None:
    assert written <= set(romaji(reading))
