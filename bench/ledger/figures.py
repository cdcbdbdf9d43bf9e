"""Medians, rates and quantiles."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def rate_of(work: Callable[[], object], rounds: int = 200, repeats: int = 5) -> float:
    """Calls a second, the median of some repeats."""
    rates = []
    for _ in range(repeats):
        began = time.perf_counter()
        for _ in range(rounds):
            work()
        rates.append(rounds / (time.perf_counter() - began))
    return statistics.median(rates)


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of a call, the median."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(times), 2)


def quantile(values: list[float], share: float) -> float | None:
    """The value below which this share of them lies."""
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 3) if values else None
