"""What decided, what it decided, and what that rests on."""

from __future__ import annotations

from typing import Literal

from pydantic import (
    Field,
)

from omnigov.contracts.policy import Stage
from omnigov.contracts.records import MILLION, Frozen


class LabelScore(Frozen):
    label: str
    log_likelihood: int = Field(description="nats, in millionths; zero or less")
    probability: int = Field(ge=0, le=MILLION, description="softmax over the policy's labels")


class WeightFile(Frozen):
    name: str
    role: str
    sha256: str


class ModelVersion(Frozen):
    """What decided: a name, a stage and every weight file by digest."""

    name: str
    stage: Stage
    config_digest: str
    files: tuple[WeightFile, ...]


class InferenceResult(Frozen):
    label: str
    scores: tuple[LabelScore, ...] = Field(description="most likely first")
    confidence: int = Field(ge=0, le=MILLION)
    confidence_kind: Literal["uncalibrated"] = Field(
        description="the model's own share of the label: it orders decisions, and says no frequency"
    )
    abstained: bool
    reasons: tuple[str, ...] = Field(description="sentences, written after the label was chosen")
    prompt_digest: str
    model: ModelVersion
    device: str
    dtype: str
    seed: int
    libraries: dict[str, str]
    duration_ms: int


class TokenShare(Frozen):
    text: str
    value: int = Field(description="signed; of the score's change, in millionths of a nat")


class AttributionResult(Frozen):
    """Captum on the chosen label's log-likelihood, over picture patches and prompt tokens."""

    method: str
    label: str
    grid: tuple[tuple[int, ...], ...] = Field(description="[rows][columns], signed millionths of a nat")
    tokens: tuple[TokenShare, ...]
    picture_share: int = Field(ge=0, le=MILLION, description="|patches| ÷ (|patches| + |tokens|)")
    total: int = Field(description="score at the input less score at the baseline, millionths of a nat")
    completeness_gap: int = Field(description="|sum of attributions − total|, millionths of a nat")
    steps: int
    duration_ms: int
    heat_map: str = Field(default="", description="SHA-256 of the heat map's PNG; empty before it is drawn")
