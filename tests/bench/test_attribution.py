"""The figures of the bench of explanations: intervals that hold what they are about."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).resolve().parents[2] / "bench" / "model" / "attribution.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_attribution", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def test_a_share_has_wilsons_interval(bench: ModuleType) -> None:
    found = bench.share(85, 100)
    assert found["share"] == 0.85
    assert found["interval"] == pytest.approx([0.7672, 0.9069], abs=1e-3)
    assert bench.share(0, 0)["share"] is None


def test_a_ratio_is_of_means_and_paired_by_picture(bench: ModuleType) -> None:
    """Pictures that differ much among themselves, and by the same factor each: the interval is narrow."""
    random = [100_000.0, 900_000.0, 20_000.0, 500_000.0]
    found = bench.ratio([each * 0.5 for each in random], random, 0)
    assert found["ratio"] == pytest.approx(0.5)
    assert found["interval"] == pytest.approx([0.5, 0.5])
