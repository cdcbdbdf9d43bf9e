from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.redaction.core.normal import normal


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
