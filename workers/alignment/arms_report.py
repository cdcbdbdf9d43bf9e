"""All arms one after the other, and what came of them in a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from workers.alignment.arms import ARMS, FRACTIONS, SEEDS, STEPS, Data, Found, difference, run
from workers.alignment.arms_material import Material

MEASURES = ("picture", "recording", "clip", "bound")


class Difference(BaseModel):
    """By how much one arm is better than another, with 95 %."""

    model_config = ConfigDict(frozen=True)

    of: str
    than: str
    measure: str
    by: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"{self.of} − {self.than}, {self.measure}: {self.by:+.3f} ({self.low:+.3f} to {self.high:+.3f})"
        )


class ArmsReport(BaseModel):
    """Shares by arm, measure and seed; of the fractions the same of the staged arm."""

    model_config = ConfigDict(frozen=True)

    command: str
    steps: int
    subjects: dict[str, int]
    recordings: dict[str, int]
    arms: dict[str, dict[str, list[float]]]
    fractions: dict[str, dict[str, list[float]]]
    alone: dict[str, list[float]]
    """The question of clips by one side alone and blind, of the staged arm, seed by seed."""
    kept: dict[str, list[bool | None]]
    differences: list[Difference]
    processor_seconds: float


def all_arms(material: Material, said: Callable[[str], None], *, steps: int = STEPS) -> ArmsReport:
    began = time.process_time()
    sets = material.training, material.development, material.held_out
    found = {arm: [run(arm, seed, *sets, said, steps=steps) for seed in SEEDS] for arm in ARMS}
    fractions = {
        share: [run("staged", seed, *sets, said, heard=share, steps=steps) for seed in SEEDS]
        for share in FRACTIONS
        if share < 1
    }
    fractions[1.0] = found["staged"]
    differences = [
        _difference(found, "staged", other, measure)
        for other in ("direct", "balanced", "ungated")
        for measure in ("mean", *MEASURES)
    ]
    least = {"staged": found["staged"], "a quarter": fractions[0.25], "a tenth": fractions[0.1]}
    differences += [_difference(least, "staged", other, "recording") for other in ("a quarter", "a tenth")]
    differences += [_beside(found["staged"], name) for name in found["staged"][0].alone]
    return ArmsReport(
        command=f"omnigov align --stage video --part arms --steps {steps}",
        steps=steps,
        subjects={name: len(data.pictures) for name, data in _named(material)},
        recordings={name: len(data.recordings) for name, data in _named(material)},
        arms={arm: _shares(some) for arm, some in found.items()},
        fractions={f"{share:.0%}": _shares(some) for share, some in sorted(fractions.items())},
        alone={
            name: [statistics.mean(one.alone[name]) for one in found["staged"]]
            for name in found["staged"][0].alone
        },
        kept={arm: [one.kept for one in some] for arm, some in found.items()},
        differences=differences,
        processor_seconds=round(time.process_time() - began, 1),
    )


def _named(material: Material) -> list[tuple[str, Data]]:
    return [(name, getattr(material, name)) for name in ("training", "development", "held_out")]


def _shares(some: Sequence[Found]) -> dict[str, list[float]]:
    found = {name: [one.shares[name] for one in some] for name in MEASURES}
    return {**found, "mean": [one.mean for one in some]}


def _difference(found: dict[str, list[Found]], of: str, than: str, measure: str) -> Difference:
    by, low, high = difference(found[of], found[than], measure)
    return Difference(of=of, than=than, measure=measure, by=by, low=low, high=high)


def _beside(staged: Sequence[Found], name: str) -> Difference:
    """The question of clips, both sides beside one alone."""
    alone = [Found(**{**one.__dict__, "bound": one.alone[name]}) for one in staged]
    by, low, high = difference(staged, alone, "bound")
    return Difference(of="both", than=name, measure="bound", by=by, low=low, high=high)


def arms_table(report: ArmsReport) -> str:
    """Markdown: means over seeds, with the smallest and the largest."""
    lines = ["| arm | " + " | ".join((*MEASURES, "mean")) + " |", "|---" * 6 + "|"]
    rows = {**report.arms, **{f"staged, {share}": of for share, of in report.fractions.items()}}
    for arm, shares in rows.items():
        cells = (f"{statistics.mean(v):.3f} ({min(v):.3f}–{max(v):.3f})" for v in shares.values())
        lines.append(f"| {arm} | " + " | ".join(cells) + " |")
    lines += ["", *(f"- {name}: {statistics.mean(v):.3f}" for name, v in report.alone.items())]
    lines += ["", *(f"- {each}" for each in report.differences)]
    return "\n".join(lines)
