"""Policies that were measured, without a model: the record of it has its true form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnigov.contracts.evaluation import Evaluation, Measured

if TYPE_CHECKING:
    from omnigov.policies.models import Measurement, PolicyVersion


def evaluation(
    policy_digest: str, model_digest: str, labels: tuple[str, ...], *, calibrated: bool = True
) -> Evaluation:
    """Thirty examples of the first two labels, 26 of them right."""
    counts = (15, 15, *(0 for _ in labels[2:]))
    rows = [[0] * len(labels) for _ in labels]
    rows[0][0], rows[0][1] = 14, 1
    rows[1][1], rows[1][0] = 12, 3
    share = Measured(value=866_667, low=703_000, high=947_000)
    return Evaluation(
        policy_digest=policy_digest,
        model_digest=model_digest,
        examples_digest="e" * 64,
        labels=labels,
        counts=counts,
        n=30,
        accuracy=share,
        balanced_accuracy=share,
        confusion=tuple(tuple(row) for row in rows),
        calibrated=calibrated,
        ece=41_000,
        bins=(),
        threshold=620_000,
        risk_target=50_000,
        coverage=Measured(value=733_000, low=556_000, high=858_000),
        risk=Measured(value=45_000, low=2_000, high=218_000),
        risk_curve=(
            {"confidence": 990_000, "coverage": 33_333, "risk": 0},
            {"confidence": 620_000, "coverage": 733_000, "risk": 45_000},
            {"confidence": 310_000, "coverage": 1_000_000, "risk": 133_333},
        ),
        baselines=(
            {
                "name": "majority",
                "accuracy": Measured(value=500_000, low=331_000, high=669_000),
                "better_by": 366_667,
                "better_by_low": 140_000,
                "better_by_high": 590_000,
            },
        ),
        slices=(),
        seed=0,
        duration_ms=900,
    )


def measured(version: PolicyVersion, **how: bool) -> Measurement:
    """The version after somebody measured it."""
    from omnigov.policies.measuring import measurement_record

    assert version.model_version is not None
    labels = tuple(label.key for label in version.spec.labels)
    made = evaluation(version.digest, version.model_version.digest, labels, **how)
    return measurement_record(
        policy=version.policy,
        model_version=version.model_version,
        evaluation=made,
        examples=(("c" * 64, labels[0]), ("d" * 64, labels[1])),
        by=None,
    )
