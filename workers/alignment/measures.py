"""From what was said of examples to what it is worth: shares with intervals, calibration, risk, slices.

Wilson's intervals for shares of examples; the bootstrap (2,000 draws within each label, seeded) for means
over labels and for paired differences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from omnigov.contracts import (
    MILLION,
    Baseline,
    CalibrationBin,
    Caution,
    Evaluation,
    LeftOut,
    Measured,
    RiskPoint,
    Slice,
)
from omnigov.contracts.evaluation import NOTHING
from workers.alignment.report import wilson_interval

DRAWS = 2000
BINS, SMALLEST_BIN = 10, 20
"""Decisions are binned by confidence into as many bins of equal count, or fewer where examples are few."""
POINTS = 40
"""Points of a risk curve that are kept."""
FEW = 30
RISK_TARGET = 50_000
"""Share of the decisions taken that may be wrong, in millionths."""


@dataclass(frozen=True)
class Said:
    """What was said of examples: truth [n], calibrated shares [n, labels], and what simpler ways said."""

    truth: np.ndarray
    shares: np.ndarray
    baselines: Mapping[str, np.ndarray]  # name -> [n], a label's index
    slices: Sequence[Sequence[str]] = ()
    sides: Mapping[str, object] = field(default_factory=dict)

    @property
    def said(self) -> np.ndarray:
        return np.asarray(self.shares.argmax(1))

    @property
    def right(self) -> np.ndarray:
        return np.asarray(self.said == self.truth)

    @property
    def confidence(self) -> np.ndarray:
        return np.asarray(self.shares.max(1))


def millionths(share: float) -> int:
    return min(MILLION, max(0, round(share * MILLION)))


def measured(right: int, of: int) -> Measured:
    """A share with Wilson's interval; of none it is 0, from 0 to 1."""
    low, high = wilson_interval(right, of)
    return Measured(value=millionths(right / of if of else 0), low=millionths(low), high=millionths(high))


def balanced(truth: np.ndarray, right: np.ndarray, seed: int) -> Measured:
    """The mean over the labels that have examples of each one's accuracy."""
    random = np.random.default_rng(seed)
    labels = [np.flatnonzero(truth == label) for label in np.unique(truth)]
    value = float(np.mean([right[rows].mean() for rows in labels]))
    drawn = np.mean(
        [random.binomial(len(rows), right[rows].mean(), DRAWS) / len(rows) for rows in labels], axis=0
    )
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Measured(
        value=millionths(value), low=millionths(min(low, value)), high=millionths(max(high, value))
    )


def baseline(name: str, said: np.ndarray, truth: np.ndarray, right: np.ndarray, seed: int) -> Baseline:
    """What a simpler way gets right, and how much better `right` is on the very same examples."""
    theirs = said == truth
    change = right.astype(int) - theirs.astype(int)
    random = np.random.default_rng(seed)
    kinds = np.array([(change == -1).mean(), (change == 0).mean(), (change == 1).mean()])
    drawn = random.multinomial(len(change), kinds, DRAWS) @ np.array([-1, 0, 1]) / len(change)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Baseline(
        name=name,
        accuracy=measured(int(theirs.sum()), len(truth)),
        better_by=round(change.mean() * MILLION),
        better_by_low=round(min(low, change.mean()) * MILLION),
        better_by_high=round(max(high, change.mean()) * MILLION),
    )


def calibration(confidence: np.ndarray, right: np.ndarray) -> tuple[int, tuple[CalibrationBin, ...]]:
    """Expected calibration error in millionths, and the bins: Σ n/N · |mean confidence − accuracy|."""
    count = max(1, min(BINS, len(right) // SMALLEST_BIN))
    order = np.argsort(confidence, kind="stable")
    bins, error = [], 0.0
    for rows in np.array_split(order, count):
        promised, came = float(confidence[rows].mean()), float(right[rows].mean())
        error += len(rows) / len(right) * abs(promised - came)
        bins.append(CalibrationBin(n=len(rows), confidence=millionths(promised), accuracy=millionths(came)))
    return millionths(error), tuple(bins)


def risk_curve(confidence: np.ndarray, right: np.ndarray) -> tuple[RiskPoint, ...]:
    """Coverage and risk at up to POINTS thresholds, from the most to the least confident."""
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    ends = np.unique(np.linspace(1, len(order), min(POINTS, len(order))).round().astype(int))
    return tuple(
        RiskPoint(
            confidence=millionths(confidence[order[end - 1]]),
            coverage=millionths(end / len(order)),
            risk=millionths(wrong[end - 1] / end),
        )
        for end in ends
    )


def threshold_for(confidence: np.ndarray, right: np.ndarray, target: int) -> int:
    """The lowest confidence from which decisions can be taken at the risk `target`, else NOTHING.

    As in conformal risk control (Angelopoulos et al., 2022) one wrong decision more than were seen is
    reckoned with: (wrong + 1) / (taken + 1) must not be above the target. So of a twentieth, nothing is
    decided before 19 examples were decided rightly.
    """
    order = np.argsort(-confidence, kind="stable")
    taken = np.arange(1, len(order) + 1)
    reckoned = (np.cumsum(~right[order]) + 1) / (taken + 1)
    # Equal confidences stand or fall together.
    last = np.append(np.diff(confidence[order]) != 0, True)
    allowed = np.flatnonzero((reckoned <= target / MILLION) & last)
    return millionths(confidence[order[allowed[-1]]]) if len(allowed) else NOTHING


def evaluation(
    said: Said,
    labels: Sequence[str],
    *,
    policy_digest: str,
    model_digest: str,
    head_digest: str,
    examples_digest: str,
    threshold: int,
    risk_target: int,
    calibrated: bool,
    seed: int,
    duration_ms: int,
    out_of_fold: int = 0,
    left_out: Sequence[LeftOut] = (),
    chosen: Sequence[str] = (),
    twins: int = 0,
    twins_in_training: int | None = None,
) -> Evaluation:
    """The whole record of what was said of these examples."""
    truth, right, confidence = said.truth, said.right, said.confidence
    count = len(truth)
    confusion = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(confusion, (truth, said.said), 1)
    ece, bins = calibration(confidence, right)
    taken = np.array([millionths(each) >= threshold for each in confidence])
    most_common = np.full(count, np.bincount(truth, minlength=len(labels)).argmax())
    others = {"majority": most_common, **said.baselines}
    baselines = [baseline(name, each, truth, right, seed) for name, each in others.items()]
    even = measured(round(count / len(labels)), count).model_copy(
        update={"value": millionths(1 / len(labels))}
    )
    better = round(right.mean() * MILLION) - even.value
    accuracy = measured(int(right.sum()), count)
    baselines.append(
        Baseline(
            name="chance",
            accuracy=even,
            better_by=better,
            better_by_low=accuracy.low - even.value,
            better_by_high=accuracy.high - even.value,
        )
    )
    risk = measured(int((~right[taken]).sum()), int(taken.sum()))
    made = Evaluation(
        policy_digest=policy_digest,
        model_digest=model_digest,
        head_digest=head_digest,
        examples_digest=examples_digest,
        labels=tuple(labels),
        counts=tuple(int((truth == index).sum()) for index in range(len(labels))),
        n=count,
        out_of_fold=out_of_fold,
        twins=twins,
        twins_in_training=twins_in_training,
        left_out=tuple(left_out),
        accuracy=accuracy,
        balanced_accuracy=balanced(truth, right, seed),
        chosen=tuple(chosen),
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
        calibrated=calibrated,
        ece=ece,
        bins=bins,
        threshold=threshold,
        risk_target=risk_target,
        coverage=measured(int(taken.sum()), count),
        risk=risk,
        risk_curve=risk_curve(confidence, right),
        baselines=tuple(baselines),
        slices=_slices(said, labels),
        seed=seed,
        duration_ms=duration_ms,
    )
    return made.model_copy(update={"cautions": _cautions(made)})


def _slices(said: Said, labels: Sequence[str]) -> tuple[Slice, ...]:
    """Accuracy by label, and by what the examples' owner says of them."""
    names: dict[str, list[int]] = {}
    for row, label in enumerate(said.truth):
        names.setdefault(f"label:{labels[label]}", []).append(row)
        for name in said.slices[row] if said.slices else ():
            names.setdefault(name, []).append(row)
    return tuple(
        Slice(name=name, n=len(rows), accuracy=measured(int(said.right[rows].sum()), len(rows)))
        for name, rows in sorted(names.items())
    )


def _cautions(made: Evaluation) -> tuple[Caution, ...]:
    majority = next(each for each in made.baselines if each.name == "majority")
    found = {
        Caution.FEW_EXAMPLES: made.n < FEW,
        Caution.LABEL_ABSENT: 0 in made.counts,
        Caution.ALL_OUT_OF_FOLD: made.out_of_fold == made.n,
        Caution.NOT_CALIBRATED: not made.calibrated,
        Caution.NOTHING_DECIDED: made.threshold == NOTHING,
        Caution.RISK_ABOVE_TARGET: made.coverage.value > 0 and made.risk.value > made.risk_target,
        Caution.NOT_BETTER: majority.better_by_low <= 0,
        Caution.LEFT_OUT: bool(made.left_out),
        Caution.TWINS: made.twins > 0,
        Caution.TWINS_IN_TRAINING: bool(made.twins_in_training),
    }
    return tuple(caution for caution, holds in found.items() if holds)
