"""Shares with their intervals, and Cohen's kappa. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959964
"""Of an interval of 95 %."""


@dataclass(frozen=True)
class Share:
    """`of` how many, how many did, and the interval of 95 % for the share, in millionths."""

    count: int
    of: int
    low: int
    high: int

    @property
    def value(self) -> int:
        return round(1_000_000 * self.count / self.of) if self.of else 0


def share(count: int, of: int) -> Share:
    """With Wilson's score interval ("Probable Inference", JASA 1927); of none it is from 0 to 1."""
    if not of:
        return Share(0, 0, 0, 1_000_000)
    p, zz = count / of, Z * Z
    middle, half = p + zz / (2 * of), Z * math.sqrt(p * (1 - p) / of + zz / (4 * of * of))
    low, high = (middle - half) / (1 + zz / of), (middle + half) / (1 + zz / of)
    return Share(count, of, round(1_000_000 * max(0.0, low)), round(1_000_000 * min(1.0, high)))


@dataclass(frozen=True)
class Kappa:
    """How far two who look at the same thing agree beyond chance; None where that can't be told."""

    agreed: Share
    value: float | None
    low: float | None
    high: float | None


def kappa(pairs: Sequence[tuple[str, str]]) -> Kappa:
    """Cohen's kappa of pairs of answers ("A coefficient of agreement for nominal scales", 1960), with its
    interval of 95 % by Fleiss, Cohen and Everitt's large-sample error (Psychological Bulletin 72, 1969).

    It is None where everybody always said the same: then chance agrees as often as they do.
    """
    n = len(pairs)
    agreed = share(sum(first == second for first, second in pairs), n)
    if not n:
        return Kappa(agreed, None, None, None)
    cells = Counter(pairs)
    rows, columns = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    observed = agreed.count / n
    expected = sum(rows[label] * columns[label] for label in rows) / (n * n)
    if expected >= 1:
        return Kappa(agreed, None, None, None)
    value = (observed - expected) / (1 - expected)
    error = _error(cells, rows, columns, observed, expected)
    return Kappa(agreed, value, max(-1.0, value - Z * error), min(1.0, value + Z * error))


def _error(
    cells: Counter[tuple[str, str]],
    rows: Counter[str],
    columns: Counter[str],
    observed: float,
    expected: float,
) -> float:
    n = sum(cells.values())
    lost = 1 - observed
    on = sum(
        cells[label, label] / n * ((1 - expected) - (rows[label] + columns[label]) / n * lost) ** 2
        for label in rows
    )
    off = lost**2 * sum(
        count / n * ((columns[first] + rows[second]) / n) ** 2
        for (first, second), count in cells.items()
        if first != second
    )
    chance = (observed * expected - 2 * expected + observed) ** 2
    return math.sqrt(max(0.0, on + off - chance) / (n * (1 - expected) ** 4))
