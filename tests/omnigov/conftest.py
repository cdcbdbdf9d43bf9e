"""Results as the GPU side returns them, for tests of what is done with them."""

from __future__ import annotations

import pytest

from omnigov import contracts
from omnigov.decisions import leases, services
from omnigov.decisions.models import Decision, Run, RunState
from omnigov.decisions.uploads import file_submit
from omnigov.intake.services import batch_create
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.omnigov.decisions.test_uploads import picture

DIGEST = "ab" * 32


@pytest.fixture
def redaction() -> contracts.RedactionResult:
    return contracts.RedactionResult(
        media_type="image/png",
        width=64,
        height=48,
        digest=DIGEST,
        findings=(
            contracts.Finding(
                kind="FACE",
                place=contracts.Area(left=1, top=1, right=9, bottom=9),
                score=900_000,
                detector="centerface",
            ),
        ),
        detectors=(contracts.Detector(name="centerface", version="1", digest=DIGEST),),
        revision=DIGEST,
        duration_ms=100,
    )


def inferred(
    label: str = "animal", confidence: int = 900_000, *, abstained: bool = False
) -> contracts.InferenceResult:
    return contracts.InferenceResult(
        label=label,
        scores=(contracts.LabelScore(label=label, log_likelihood=-100_000, probability=confidence),),
        confidence=confidence,
        confidence_kind="uncalibrated",
        abstained=abstained,
        reasons=("It has four legs.",),
        prompt_digest=DIGEST,
        model=contracts.ModelVersion(
            name="any", stage=contracts.Stage.IMAGE_TEXT, config_digest=DIGEST, files=()
        ),
        device="cpu",
        dtype="float32",
        seed=0,
        libraries={"torch": "2"},
        duration_ms=200,
    )


@pytest.fixture
def attribution() -> contracts.AttributionResult:
    return contracts.AttributionResult(
        method="integrated gradients",
        label="animal",
        grid=((1, 2), (3, 4)),
        tokens=(contracts.TokenShare(text="kind", value=5),),
        picture_share=600_000,
        total=15,
        completeness_gap=0,
        steps=8,
        duration_ms=300,
    )


@pytest.fixture
def run(cast: Cast) -> Run:
    """A picture handed in, and nothing else in the house for a worker to claim."""
    Run.objects.exclude(state__in=["recorded", "failed", "quarantined"]).update(state=RunState.CANCELLED)
    batch = batch_create(policy_version=cast.policy_version, name="b", by=cast.operator)
    return recorded.checked(
        file_submit(batch=batch, name="a.png", content=picture(), by=cast.operator)
    ).runs.get()


def claim(step: leases.Step = "redact") -> leases.Claim:
    (taken,) = leases.runs_claim(step=step, worker="test")
    return taken


def decide(
    run: Run,
    redaction: contracts.RedactionResult,
    attribution: contracts.AttributionResult | None,
    **kwargs: object,
) -> Decision:
    services.redaction_record(claim(), redaction, parts=[])
    taken = claim("decide")
    services.inference_record(taken, inferred(**kwargs))  # type: ignore[arg-type]
    return services.decision_record(
        taken, attribution, attribution_failure="" if attribution else "It did not work."
    )
