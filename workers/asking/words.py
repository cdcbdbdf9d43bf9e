"""What was measured, in sentences for a terminal and as JSON in fractions."""

from __future__ import annotations

from typing import Any

from omnigov.contracts import MILLION, Evaluation, Forecast, Head, Measured
from omnigov.contracts.evaluation import NOTHING, fractions


def percent(share: int) -> str:
    return f"{share / 10_000:.1f} %"


def between(found: Measured) -> str:
    return f"{percent(found.value)} ({percent(found.low)} to {percent(found.high)})"


def of_evaluation(found: Evaluation) -> list[str]:
    """Lines for a terminal."""
    lines = [
        f"examples             {found.n}; {found.out_of_fold} were decided by heads that had not seen them",
        f"right                {between(found.accuracy)}",
        f"mean over the labels {between(found.balanced_accuracy)}",
        *(
            f"  {each.name:<18} {percent(each.accuracy.value)}; better by {each.better_by / 10_000:+.1f} "
            f"({each.better_by_low / 10_000:+.1f} to {each.better_by_high / 10_000:+.1f}) points"
            for each in found.baselines
        ),
        f"calibration error    {percent(found.ece)}" if found.calibrated else "calibration          none",
        f"decides              {between(found.coverage)} of them"
        + (f", at a confidence of {percent(found.threshold)} or more" if found.threshold < NOTHING else ""),
    ]
    if found.coverage.value:
        lines.append(f"  of these wrong     {between(found.risk)}")
    if found.twins:
        lines.append(f"look like a copy     {found.twins} of another of them")
    if found.twins_in_training:
        lines.append(f"  of one fitted on   {found.twins_in_training}")
    lines += [f"  {each.name:<18} {percent(each.accuracy.value)} of {each.n}" for each in found.slices]
    lines += [f"left out: {each.n}: {each.sentence}" for each in found.left_out]
    return [*lines, *(caution.sentence for caution in found.cautions)]


def of_head(card: Head) -> list[str]:
    """Lines for a terminal: what was chosen among what, and what more examples would give."""
    tried = [
        f"  {'*' if each.chosen else ' '} {each.name:<16} {percent(each.accuracy.value)}, "
        f"log-loss {each.log_loss / MILLION:.3f}"
        for each in card.candidates
    ]
    curve = ", ".join(f"{point.per_label}: {percent(point.accuracy.value)}" for point in card.learning_curve)
    return ["tried:", *tried, f"with fewer a label:  {curve}", *of_forecast(card.forecast)]


def of_forecast(found: Forecast | None) -> list[str]:
    if found is None:
        return []
    return [f"{found.more} more examples would give about {between(found.accuracy)}."]


def json_of_evaluation(found: Evaluation) -> dict[str, Any]:
    return {
        **fractions(found),
        "policy": found.policy_digest,
        "model": found.model_digest,
        "head": found.head_digest or None,
        "examples": found.examples_digest,
        "out_of_fold": found.out_of_fold,
        "twins": found.twins,
        "twins_in_training": found.twins_in_training,
        "labels": list(found.labels),
        "counts": list(found.counts),
        "confusion": [list(row) for row in found.confusion],
        "risk_curve": [
            {"confidence": p.confidence / MILLION, "coverage": p.coverage / MILLION, "risk": p.risk / MILLION}
            for p in found.risk_curve
        ],
        "bins": [
            {"n": b.n, "confidence": b.confidence / MILLION, "accuracy": b.accuracy / MILLION}
            for b in found.bins
        ],
        "better_by": {
            each.name: [n / MILLION for n in (each.better_by, each.better_by_low, each.better_by_high)]
            for each in found.baselines
        },
        "slices": {
            each.name: {
                "n": each.n,
                "accuracy": each.accuracy.value / MILLION,
                "interval": _interval(each.accuracy),
            }
            for each in found.slices
        },
        "left_out": [each.model_dump() for each in found.left_out],
        "cautions": [caution.sentence for caution in found.cautions],
        "seed": found.seed,
        "duration_ms": found.duration_ms,
    }


def json_of_head(card: Head) -> dict[str, Any]:
    return {
        **json_of_evaluation(card.measured),
        "name": card.name,
        "chosen": card.chosen,
        "candidates": {
            each.name: {"accuracy": each.accuracy.value / MILLION, "log_loss": each.log_loss / MILLION}
            for each in card.candidates
        },
        "temperature": card.temperature / MILLION,
        "learning_curve": [
            {
                "per_label": p.per_label,
                "accuracy": p.accuracy.value / MILLION,
                "interval": _interval(p.accuracy),
            }
            for p in card.learning_curve
        ],
        "forecast": (
            {
                "more": card.forecast.more,
                "accuracy": card.forecast.accuracy.value / MILLION,
                "interval": _interval(card.forecast.accuracy),
                "sentence": of_forecast(card.forecast)[0],
            }
            if card.forecast
            else None
        ),
    }


def _interval(found: Measured) -> list[float]:
    return [found.low / MILLION, found.high / MILLION]
