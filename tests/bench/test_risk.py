"""The bound of the risk as its tables have it, and a limit that keeps to it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "model"))

from calibration import Draw
from risk import NEVER, decided, limit_by_bound, upper


def test_the_bound_is_clopper_and_pearsons() -> None:
    """Of none wrong it is 1 − 0.1^(1/n); one of ten wrong, one-sided 90 %: 0.3368."""
    assert upper(0, 44) == pytest.approx(1 - 0.1 ** (1 / 44), abs=1e-9)
    assert upper(1, 10) == pytest.approx(0.3368, abs=1e-4)
    assert upper(10, 10) == pytest.approx(1.0, abs=1e-9)


def test_a_limit_stands_where_the_bound_still_holds() -> None:
    """Of 44 right ones it is 5.1 %, of 45 it is 4.99 %; of 60 and then an error 6.2 %, of the 60 3.8 %."""
    confidence = np.linspace(0.99, 0.5, 61)
    right = np.arange(61) < 60
    assert limit_by_bound(confidence[:44], right[:44], 0.05) == NEVER
    assert limit_by_bound(confidence[:45], right[:45], 0.05) == pytest.approx(confidence[44])
    assert limit_by_bound(confidence, right, 0.05) == pytest.approx(confidence[59])


def test_what_is_decided_is_counted_from_the_limit_up() -> None:
    shares = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6]])
    draw = Draw(shares, np.array([0, 1, 1]), shares, np.array([0, 1, 1]))
    assert decided(draw, 0.8) == {"asked": 3, "coverage": 2 / 3, "wrong": 1, "risk": 0.5}
    assert decided(draw, NEVER)["risk"] is None
