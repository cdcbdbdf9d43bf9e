"""What was said aloud."""

from __future__ import annotations

import pytest

from tests.workers.redaction.language.conftest import found_by_rules as found


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("PHONE_NUMBER", "ゼロきゅうゼロのいちにさんよんのごろくななはち"),
        ("PHONE_NUMBER", "ゼロ、三の、一二三四の、五六七八"),
        ("PHONE_NUMBER", "〇三・一二三四・五六七八"),
        ("PHONE_NUMBER", "れいはちれい の にいにいよんよん の ごーごーろくろく"),
        ("PHONE_NUMBER", "ぜろいちにぜろ の 123 の よんごろく"),
        ("PHONE_NUMBER", "oh two oh, seven nine four six, oh three five eight"),
        ("PHONE_NUMBER", "five five five oh one two three"),
        ("PHONE_NUMBER", "double five, five, triple one two"),
        ("PHONE_NUMBER", "five five five, double oh seven, nine"),
        ("PHONE_NUMBER", "oh seven seven, twenty-three, forty five, nineteen"),
        ("JP_MY_NUMBER", "いちにさんよん ごろくななはち きゅうゼロいちはち"),
        ("CREDIT_CARD", "four one one one one one one one one one one one one one one one"),
        ("EMAIL_ADDRESS", "taro dot yamada at example dot co dot jp"),
        ("EMAIL_ADDRESS", "john dot smith at example dot com"),
        ("EMAIL_ADDRESS", "john_smith [at] example [dot] com"),
        ("EMAIL_ADDRESS", "john(at)example.com"),
        ("EMAIL_ADDRESS", "taro アットマーク example ドット jp"),
    ],
)
def test_it_is_heard_whole(kind: str, said: str) -> None:
    assert found(f"はい、{said}、です", kind) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "one or two, maybe three or four",
        "二三日で四五人",
        "一二三",
        "2026 12 24 1 2 3",
        "しごくもっともなはなしにはちがいない",
        "at home one day",
        "he is twenty three and she is forty",
        "look at example one dot",
        "look at this dot",
    ],
)
def test_what_only_counts_is_left_alone(text: str) -> None:
    assert found(text, "PHONE_NUMBER") == []
    assert found(text, "EMAIL_ADDRESS") == []
