"""The records of what was measured: they agree with themselves, and a head is told from its base."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from omnigov.contracts import (
    MILLION,
    Evaluation,
    InferenceResult,
    Measured,
    ModelVersion,
    Stage,
    WeightFile,
    base_of,
    head_of,
    with_head,
)
from omnigov.contracts.evaluation import NOTHING, Caution, fractions

HALF = Measured(value=500_000, low=250_000, high=750_000)
BASE = ModelVersion(
    name="base",
    stage=Stage.IMAGE_TEXT,
    config_digest="0" * 64,
    files=(WeightFile(name="tower", role="vision_tower", sha256="1" * 64),),
)
HEAD = WeightFile(name="head-abc", role="head", sha256="2" * 64)


def evaluation(**changes: object) -> Evaluation:
    made: dict[str, object] = {
        "policy_digest": "a",
        "model_digest": "b",
        "examples_digest": "c",
        "labels": ("good", "bad"),
        "counts": (3, 1),
        "n": 4,
        "accuracy": HALF,
        "balanced_accuracy": HALF,
        "confusion": ((2, 1), (1, 0)),
        "calibrated": True,
        "ece": 40_000,
        "bins": (),
        "threshold": NOTHING,
        "risk_target": 50_000,
        "coverage": HALF,
        "risk": HALF,
        "risk_curve": (),
        "baselines": (),
        "slices": (),
        "seed": 0,
        "duration_ms": 1,
    }
    return Evaluation.model_validate(made | changes)


def test_a_confusion_is_of_the_examples_that_were_counted() -> None:
    assert evaluation().right == 2
    for changes in ({"counts": (2, 1)}, {"confusion": ((2, 1), (1, 1))}, {"counts": (4,)}):
        with pytest.raises(ValidationError):
            evaluation(**changes)


def test_the_command_line_speaks_in_fractions() -> None:
    said = fractions(evaluation())
    assert said["accuracy"] == 0.5
    assert said["interval"] == [0.25, 0.75]
    assert said["ece"] == 0.04
    assert said["threshold"] is None, "nothing is decided"
    assert {"n", "coverage", "risk", "baselines"} <= said.keys()


def test_a_head_is_told_from_its_base() -> None:
    headed = with_head(BASE, HEAD)
    assert head_of(headed) == HEAD
    assert head_of(BASE) is None
    assert base_of(headed) == BASE == base_of(BASE)


def test_each_caution_has_a_sentence() -> None:
    assert all(caution.sentence.endswith(".") for caution in Caution)


def test_a_result_without_voices_is_written_as_before_them() -> None:
    result = InferenceResult(
        label="good",
        scores=(),
        confidence=MILLION,
        confidence_kind="uncalibrated",
        abstained=False,
        reasons=(),
        prompt_digest="",
        model=BASE,
        device="cpu",
        dtype="float32",
        seed=0,
        libraries={},
        duration_ms=1,
    )
    assert "voices" not in result.model_dump(mode="json")
