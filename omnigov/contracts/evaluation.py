"""How well a policy is answered, as it was measured, and the card of a head that was fitted for it.

All shares are in millionths, as everywhere on the record. No name of a file is kept: names of people stand
in them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from omnigov.contracts.decision import ModelVersion, WeightFile
from omnigov.contracts.records import MILLION, Frozen, Grown, digest_of

Share = int  # millionths, 0 … 1 000 000

NOTHING = MILLION + 1
"""A threshold that no confidence reaches."""

HEAD_ROLE = "head"
"""Of a model version's files: the one that was fitted to one policy."""


class Caution(StrEnum):
    """What keeps a measurement from meaning more. `sentence` says it to a person."""

    FEW_EXAMPLES = "few_examples"
    LABEL_ABSENT = "label_absent"
    ALL_OUT_OF_FOLD = "all_out_of_fold"
    NOT_CALIBRATED = "not_calibrated"
    NOTHING_DECIDED = "nothing_decided"
    RISK_ABOVE_TARGET = "risk_above_target"
    NOT_BETTER = "not_better"
    LEFT_OUT = "left_out"
    TWINS = "twins"
    TWINS_IN_TRAINING = "twins_in_training"

    @property
    def sentence(self) -> str:
        return _CAUTIONS[self]


_CAUTIONS = {
    Caution.FEW_EXAMPLES: "There are fewer than 30 examples, so the intervals are wide; add more.",
    Caution.LABEL_ABSENT: "Some labels have no example here, and nothing was measured about them.",
    Caution.ALL_OUT_OF_FOLD: "The head was fitted on all of these examples, and each was decided by "
    "heads that had not seen it; examples that were never used would say more.",
    Caution.NOT_CALIBRATED: "The confidence was never fitted to examples: it orders decisions, and is "
    "no frequency.",
    Caution.NOTHING_DECIDED: "No confidence was found above which few enough decisions are wrong, so "
    "nothing is decided without a person.",
    Caution.RISK_ABOVE_TARGET: "More of what was decided is wrong than the target allows.",
    Caution.NOT_BETTER: "It is not better than always saying the most common label.",
    Caution.LEFT_OUT: "Some files were left out, because they could not be read or redacted.",
    Caution.TWINS: "Some examples look like a copy of another. They were kept together when examples "
    "were split; pictures of other things would say more.",
    Caution.TWINS_IN_TRAINING: "Some of these examples look like a copy of one that the head was fitted on, "
    "so they say less than others would.",
}


class Measured(Frozen):
    """A share with its 95 % interval."""

    value: Share = Field(ge=0, le=MILLION)
    low: Share = Field(ge=0, le=MILLION)
    high: Share = Field(ge=0, le=MILLION)


class Baseline(Frozen):
    """What something simpler gets right on the same examples."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    accuracy: Measured
    better_by: int = Field(
        ge=-MILLION, le=MILLION, description="accuracy of what was measured less this one's, paired"
    )
    better_by_low: int = Field(ge=-MILLION, le=MILLION)
    better_by_high: int = Field(ge=-MILLION, le=MILLION)


class RiskPoint(Frozen):
    """If only decisions of at least this confidence were taken."""

    confidence: Share = Field(ge=0, le=MILLION)
    coverage: Share = Field(ge=0, le=MILLION, description="share of the examples that are then decided")
    risk: Share = Field(ge=0, le=MILLION, description="share of those that are then wrong")


class CalibrationBin(Frozen):
    """Decisions of like confidence: what was promised and what came."""

    n: int = Field(ge=1)
    confidence: Share = Field(ge=0, le=MILLION, description="mean")
    accuracy: Share = Field(ge=0, le=MILLION)


class Slice(Frozen):
    """A part of the examples: of one label, of one size of medium, of those with much hidden in them."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_:]{0,79}$", description="kind:value, as label:cat")
    n: int = Field(ge=1)
    accuracy: Measured


class LeftOut(Frozen):
    """Examples that nothing was measured on, and why, by the code of the refusal or quarantine."""

    code: str
    sentence: str
    n: int = Field(ge=1)


class Evaluation(Grown):
    """What was measured, of which policy and model, on which examples.

    Rows and columns of `confusion` and `counts` are the policy's labels, in its order.
    """

    LATER = ("twins", "twins_in_training")

    policy_digest: str
    model_digest: str = Field(description="digest_of(ModelVersion), its head included where it has one")
    head_digest: str = Field(
        default="", description="SHA-256 of the head's file; empty: the base model alone"
    )
    examples_digest: str = Field(
        description="over the keyed marks of the redacted examples, each with its label, sorted"
    )
    labels: tuple[str, ...]
    counts: tuple[int, ...] = Field(description="examples of each label")
    n: int = Field(ge=1)
    out_of_fold: int = Field(
        default=0,
        ge=0,
        description="of them the head was fitted on; each was decided by heads that had not seen it",
    )
    twins: int = Field(default=0, ge=0, description="examples that look like a copy of another of them")
    twins_in_training: int | None = Field(
        default=None,
        ge=0,
        description="of those that the head was not fitted on, so many look like a copy of one that it was "
        "fitted on; null: that was not looked for",
    )
    left_out: tuple[LeftOut, ...] = ()
    accuracy: Measured
    balanced_accuracy: Measured = Field(description="mean over the labels; interval by bootstrap")
    chosen: tuple[str, ...] = Field(
        default=(), description="what decided, by candidate, where folds differed"
    )
    confusion: tuple[tuple[int, ...], ...] = Field(description="[label that is right][label that was said]")
    calibrated: bool
    ece: Share = Field(ge=0, le=MILLION, description="expected calibration error over bins of equal count")
    bins: tuple[CalibrationBin, ...]
    threshold: int = Field(
        ge=0, le=NOTHING, description="below this confidence nothing is decided; a millionth above 1: never"
    )
    risk_target: Share = Field(ge=0, le=MILLION)
    coverage: Measured = Field(description="share of the examples that are decided at the threshold")
    risk: Measured = Field(description="share of those that are wrong; 0 of none: the interval says it all")
    risk_curve: tuple[RiskPoint, ...]
    baselines: tuple[Baseline, ...]
    slices: tuple[Slice, ...]
    cautions: tuple[Caution, ...] = ()
    seed: int
    duration_ms: int

    @model_validator(mode="after")
    def counts_agree(self) -> Evaluation:
        if len(self.counts) != len(self.labels) or sum(self.counts) != self.n:
            raise ValueError("the labels' counts are not those of the examples")
        if len(self.confusion) != len(self.labels) or any(
            len(row) != len(self.labels) or sum(row) != count
            for row, count in zip(self.confusion, self.counts, strict=True)
        ):
            raise ValueError("the confusion is not of these examples")
        return self

    @property
    def right(self) -> int:
        return sum(row[index] for index, row in enumerate(self.confusion))


class Candidate(Frozen):
    """One way to decide that was tried, and how it did on examples that it had not seen."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    accuracy: Measured
    log_loss: int = Field(ge=0, description="mean, millionths of a nat")
    chosen: bool


class CurvePoint(Frozen):
    """How well it does with so many examples a label."""

    per_label: int = Field(ge=1)
    accuracy: Measured


class Forecast(Frozen):
    """What more examples would give, from the learning curve: an expectation, no promise."""

    more: int = Field(ge=1, description="examples more, in all")
    accuracy: Measured


class Head(Grown):
    """The card of a head: a small model on the tower's features, for one policy alone."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_.-]{0,59}$")
    file_digest: str = Field(description="SHA-256 of the head's file")
    policy_digest: str
    base: ModelVersion = Field(description="the model that it stands on")
    features_digest: str = Field(description="of the tower's file and of how features are made of it")
    labels: tuple[str, ...]
    counts: tuple[int, ...] = Field(description="examples of each label, in the policy's order")
    examples_digest: str
    candidates: tuple[Candidate, ...] = Field(description="as cross-validation found them, best first")
    chosen: str
    temperature: int = Field(gt=0, description="millionths; scores are divided by it before the softmax")
    threshold: int = Field(ge=0, le=NOTHING, description="as an evaluation's")
    risk_target: Share = Field(ge=0, le=MILLION)
    learning_curve: tuple[CurvePoint, ...]
    forecast: Forecast | None = None
    measured: Evaluation = Field(description="by nested cross-validation: each example out of its fold")
    method: Literal["head"] = "head"
    seed: int
    libraries: dict[str, str]
    duration_ms: int

    @property
    def file(self) -> WeightFile:
        return WeightFile(name=self.name, role=HEAD_ROLE, sha256=self.file_digest)

    @property
    def model_version(self) -> ModelVersion:
        """What the record calls the base model with this head."""
        return with_head(self.base, self.file)


def with_head(base: ModelVersion, head: WeightFile) -> ModelVersion:
    return base.model_copy(update={"name": f"{base.name}+{head.name}", "files": (*base.files, head)})


def head_of(version: ModelVersion) -> WeightFile | None:
    """The head's file, where this model version has one."""
    return next((file for file in version.files if file.role == HEAD_ROLE), None)


def base_of(version: ModelVersion) -> ModelVersion:
    """The model version without its head."""
    head = head_of(version)
    if head is None:
        return version
    files = tuple(file for file in version.files if file != head)
    return version.model_copy(update={"name": version.name.removesuffix(f"+{head.name}"), "files": files})


def measured_digest(evaluation: Evaluation) -> str:
    """What a ledger entry names an evaluation by."""
    return digest_of(evaluation)


def fractions(evaluation: Evaluation) -> dict[str, object]:
    """The evaluation as the command line prints it: shares from 0 to 1, baselines by name."""

    def share(value: int) -> float:
        return value / MILLION

    return {
        "n": evaluation.n,
        "accuracy": share(evaluation.accuracy.value),
        "interval": [share(evaluation.accuracy.low), share(evaluation.accuracy.high)],
        "balanced_accuracy": share(evaluation.balanced_accuracy.value),
        "balanced_interval": [
            share(evaluation.balanced_accuracy.low),
            share(evaluation.balanced_accuracy.high),
        ],
        "ece": share(evaluation.ece),
        "calibrated": evaluation.calibrated,
        "threshold": share(evaluation.threshold) if evaluation.threshold < NOTHING else None,
        "risk_target": share(evaluation.risk_target),
        "coverage": share(evaluation.coverage.value),
        "coverage_interval": [share(evaluation.coverage.low), share(evaluation.coverage.high)],
        "risk": share(evaluation.risk.value),
        "risk_interval": [share(evaluation.risk.low), share(evaluation.risk.high)],
        "baselines": {each.name: share(each.accuracy.value) for each in evaluation.baselines},
    }
