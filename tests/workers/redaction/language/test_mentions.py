"""A person who was found is hidden wherever the text means the same one. Every name is invented."""

from __future__ import annotations

import functools

import pytest

from omnigov.contracts import RedactionProfile
from workers.redaction.core.spans import Span
from workers.redaction.kinds.text import TextRedactor
from workers.redaction.language import mentions
from workers.redaction.language.ja.names import Lists
from workers.redaction.language.mentions import romaji


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


def numbers(text: str) -> list[str]:
    _, result = shared().redact(text)
    return [finding.pseudonym for finding in result.findings if finding.kind == "PERSON"]


@pytest.mark.parametrize(
    "text",
    [
        "氏名: 石橋直樹\n\n石橋様から連絡。Naoki Ishibashi に確認",
        "石橋様から連絡。\n\n氏名: 石橋直樹(いしばし なおき)\n\nイシバシ ナオキ",
        "Name: Jane Ashworth\n\nMs Ashworth called. ASHWORTH signed.",
    ],
)
def test_each_mention_of_a_person_has_that_persons_number(text: str) -> None:
    said = numbers(text)
    assert len(said) == 3
    assert len(set(said)) == 1


def test_a_family_name_that_two_persons_share_has_a_number_of_its_own() -> None:
    for text in (
        "氏名: 石橋直樹\n氏名: 石橋聖空\n\n石橋様から連絡。",
        "Name: Jane Ashworth\nName: Peter Ashworth\n\nMr Ashworth called.",
    ):
        said = numbers(text)
        assert len(said) == len(set(said)) == 3


def persons(text: str, *names: str) -> dict[str, str]:
    spans = [Span(text.index(name), text.index(name) + len(name), "PERSON", 0.9) for name in names]
    return mentions.persons(text, spans, Lists(), frozenset())


def test_a_mention_leads_to_the_whole_name_over_another_writing() -> None:
    text = "Ishibashi, Naoki Ishibashi, 石橋直樹"
    whole = persons(text, "Ishibashi", "Naoki Ishibashi", "石橋直樹")
    assert set(whole.values()) == {"石橋直樹"}


def test_a_reading_beside_a_name_is_its_persons_whatever_the_lists_know() -> None:
    text = "石橋聖空(いしばし くう)"
    whole = persons(text, "石橋聖空", "いしばし くう")
    assert set(whole.values()) == {"石橋聖空"}
    english = persons("石橋聖空(Ghent Office)", "石橋聖空", "Ghent Office")
    assert set(english.values()) == {"石橋聖空", "Ghent Office"}


def test_names_that_mention_nobody_else_stay_their_own() -> None:
    text = "Jane Ashworth met Tom Quill and Ashworth."
    whole = persons(text, "Jane Ashworth", "Tom Quill")
    assert whole == {"janeashworth": "Jane Ashworth", "tomquill": "Tom Quill"}
