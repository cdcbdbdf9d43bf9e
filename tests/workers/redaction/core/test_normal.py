from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.redaction.core.normal import has_japanese, has_latin, has_other_script, latin_only, normal


@pytest.mark.parametrize(
    ("original", "text"),
    [
        ("０９０－１２３４", "090-1234"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("03—1234ー5678", "03-1234-5678"),
        ("コーヒー", "コーヒー"),
        ("㈱", "(株)"),
        ("e\u0301", "é"),
        ("a\x00b\u202ec", "a b c"),
        ("\ud83d", " "),
    ],
)
def test_text_comes_in_one_form(original: str, text: str) -> None:
    assert normal(original).text == text


@given(st.text())
def test_each_sign_knows_where_it_came_from(original: str) -> None:
    form = normal(original)
    assert len(form.text) == len(form.first) == len(form.last)
    assert all(0 <= first < last <= len(original) for first, last in zip(form.first, form.last, strict=True))
    assert list(form.first) == sorted(form.first)
    # Nothing between two signs is left out.
    covered = {
        place for first, last in zip(form.first, form.last, strict=True) for place in range(first, last)
    }
    assert covered == set(range(len(original)))


def test_a_span_of_the_form_leads_back_to_the_signs_that_were_read() -> None:
    form = normal("ﾔﾏﾀﾞ様")
    start = form.text.index("ダ")
    assert (form.first[start], form.last[start]) == (2, 4)


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
