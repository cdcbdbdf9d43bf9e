"""Intervals and kappa against figures that were reckoned elsewhere."""

from __future__ import annotations

import pytest

from omnigov.review.statistics import Z, kappa, share


def test_a_share_has_wilsons_interval() -> None:
    # Wilson's interval of 81 of 263, as in Newcombe, Statistics in Medicine 17 (1998), table I.
    found = share(81, 263)
    assert (found.low / 1e6, found.high / 1e6) == (
        pytest.approx(0.2553, abs=5e-5),
        pytest.approx(0.3662, abs=5e-5),
    )
    assert (share(0, 0).low, share(0, 0).high) == (0, 1_000_000)
    assert share(0, 20).low == 0
    assert share(20, 20).high == 1_000_000


def test_kappa_and_its_error_are_those_of_the_textbook() -> None:
    # Fleiss, Statistical Methods for Rates and Proportions, the example of 100 diagnoses: 0.68, error 0.087.
    table = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    labels = ("psychosis", "neurosis", "organic")
    pairs = [
        (labels[row], labels[column])
        for row in range(3)
        for column in range(3)
        for _ in range(table[row][column])
    ]
    found = kappa(pairs)
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert found.high is not None
    assert found.value is not None
    assert (found.high - found.value) / Z == pytest.approx(0.0877, abs=5e-4)
    assert (found.agreed.count, found.agreed.of) == (89, 100)


def test_where_everybody_always_says_the_same_there_is_no_kappa() -> None:
    assert kappa([("a", "a")] * 30).value is None
    assert kappa([]).value is None
    assert kappa([("a", "b"), ("b", "a")]).value == pytest.approx(-1)
