"""Three limits from which a head may decide, each to keep at most 5 % wrong, on stamps that are not held out.

    omnigov bench model --only risk [--features FOLDER]

Of each label 10 and 50 examples, but at most half of what there is, are drawn four times; a head is adapted
to them and asked about all other pictures of the same side. The limits are set on its out-of-fold shares:
`as_it_is` reckons with one error more than was seen, `half` does so with half the target, and `bound` takes
the upper bound of the risk (Clopper and Pearson, Biometrika 26, 1934; one-sided, 90 %). JSON: of each draw
the coverage, and how many of the decided were wrong. For development: nothing held out is looked at.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from calibration import Draw, draws, options_of, stamps_at, written

from omnigov.contracts import MILLION
from workers.alignment.measures import RISK_TARGET, threshold_for

SHOTS = (10, 50)
SEEDS = (0, 1, 2, 3)
SURE = 0.9
HALVINGS = 40
NEVER = 1.1
"""A limit that no share reaches."""


def main(argv: Sequence[str] | None = None) -> int:
    options = options_of(__doc__, argv)
    policy, material, held = stamps_at(options.features)
    found: dict[str, Any] = {"side": "development", "target": RISK_TARGET / MILLION, "shots": {}}
    for shot in SHOTS:
        rows: dict[str, list[dict[str, Any]]] = {}
        for draw in draws(policy, material, held, shot, SEEDS, most=0.5):
            for name, limit in limits(draw).items():
                rows.setdefault(name, []).append(decided(draw, limit))
            print(f"{shot} a label, {len(rows['bound'])} of {len(SEEDS)}", file=sys.stderr, flush=True)
        found["shots"][str(shot)] = rows
    return written(found, options.out)


def limits(draw: Draw) -> dict[str, float]:
    confidence = draw.out_of_fold.max(1)
    right = draw.out_of_fold.argmax(1) == draw.truth
    return {
        "as_it_is": threshold_for(confidence, right, RISK_TARGET) / MILLION,
        "half": threshold_for(confidence, right, RISK_TARGET // 2) / MILLION,
        "bound": limit_by_bound(confidence, right, RISK_TARGET / MILLION),
    }


def limit_by_bound(confidence: np.ndarray, right: np.ndarray, target: float) -> float:
    """The lowest confidence from which the upper bound of the risk is not above the target."""
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    allowed = [taken for taken in range(1, len(order) + 1) if upper(int(wrong[taken - 1]), taken) <= target]
    return float(confidence[order[allowed[-1] - 1]]) if allowed else NEVER


def upper(wrong: int, taken: int) -> float:
    """The risk at which as few as `wrong` of `taken` have a chance of 1 − SURE, found by halving."""
    low, high = wrong / taken, 1.0
    for _ in range(HALVINGS):
        risk = (low + high) / 2
        terms = (
            math.comb(taken, count) * risk**count * (1 - risk) ** (taken - count)
            for count in range(wrong + 1)
        )
        low, high = (risk, high) if sum(terms) > 1 - SURE else (low, risk)
    return high


def decided(draw: Draw, limit: float) -> dict[str, Any]:
    taken = draw.shares.max(1) >= limit
    wrong = int((draw.shares.argmax(1) != draw.asked_truth)[taken].sum())
    count = int(taken.sum())
    return {
        "asked": len(taken),
        "coverage": count / len(taken),
        "wrong": wrong,
        "risk": wrong / count if count else None,
    }


if __name__ == "__main__":
    sys.exit(main())
