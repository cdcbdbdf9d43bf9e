"""Shares with their 95 % intervals: what every part of this bench says of a count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workers.alignment.report import wilson_interval


def share(count: int, of: int) -> dict[str, Any]:
    """A share and its Wilson interval; of nothing, an interval that says nothing."""
    low, high = wilson_interval(count, of) if of else (0.0, 1.0)
    return {
        "count": count,
        "of": of,
        "share": round(count / max(1, of), 4),
        "interval_95": [round(low, 4), round(high, 4)],
    }


def by_name(names: Sequence[str], held: Sequence[bool]) -> dict[str, float]:
    """The share that held, for each name that occurs."""
    return {
        name: round(
            sum(hit for other, hit in zip(names, held, strict=True) if other == name) / names.count(name), 3
        )
        for name in sorted(set(names))
    }
