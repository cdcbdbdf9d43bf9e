"""What the model decided, and why it says so."""

from __future__ import annotations

from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from omnigov.contracts import Frozen, LabelScore, ModelVersion, Stage
from omnigov.ledger.schemas.base import (
    Code,
    Commitment,
    Count,
    Digest,
    Forgetting,
    LeafHash,
    Name,
    Record,
    Share,
)


def _require_one_of(attribution: str | None, method: str | None, missing: str | None) -> None:
    if (attribution is None) != (method is None) or (attribution is None) == (missing is None):
        raise ValueError("either an attribution with its method, or the reason why there is none")


class Decision(Record):
    """What was decided in a run (the entry's subject), on what, by what. The label is the first of `scores`
    unless the model abstained."""

    kind: ClassVar[str] = "decision"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    asset: Commitment = Field(description="of the original's bytes")
    redacted: Commitment = Field(description="of the redacted copy's SHA-256: all that the model saw")
    findings: Commitment = Field(description="of the canonical list of what was hidden")
    findings_count: Count
    redaction_revision: Digest = Field(description="of the redaction profile and every detector")
    policy: Digest = Field(description="of the policy version")
    model: ModelVersion = Field(description="what decided, every weight file by digest")
    code_version: Name
    libraries: dict[Name, Name]
    device: Name
    dtype: Name
    seed: Count
    stage: Stage
    prompt: Commitment
    label: Name
    scores: tuple[LabelScore, ...] = Field(min_length=1, max_length=32)
    confidence: Share
    # Nothing calibrates a confidence yet; a schema that was written keeps its words.
    confidence_kind: Literal["uncalibrated", "calibrated"]
    abstained: bool
    reasons: Commitment = Field(description="of the sentences that the model wrote after the label")
    attribution: Commitment | None
    attribution_method: Name | None
    attribution_missing: Code | None = Field(
        description="why there is none; the entry `attribution` after this one says so too"
    )
    review_rules: tuple[Code, ...] = Field(description="the rules that ask for a person; none: no review")
    durations: dict[Code, Count] = Field(description="milliseconds by step")
    parent: UUID | None = Field(description="the run that this one corrects")

    @model_validator(mode="after")
    def has_an_attribution_or_a_reason(self) -> Self:
        _require_one_of(self.attribution, self.attribution_method, self.attribution_missing)
        return self


class Decision2(Record):
    """What was decided in a run (the entry's subject), on what, by what, and how often
    such decisions are known to be right. The label is the first of `scores`
    unless the model abstained."""

    kind: ClassVar[str] = "decision"
    schema_version: ClassVar[int] = 2
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    asset: Commitment = Field(description="of the original's bytes")
    redacted: Commitment = Field(description="of the redacted copy's SHA-256: all that the model saw")
    findings: Commitment = Field(description="of the canonical list of what was hidden")
    findings_count: Count
    redaction_revision: Digest = Field(description="of the redaction profile and every detector")
    policy: Digest = Field(description="of the policy version")
    model: ModelVersion = Field(description="what decided, every weight file by digest")
    code_version: Name
    libraries: dict[Name, Name]
    device: Name
    dtype: Name
    seed: Count
    stage: Stage
    prompt: Commitment
    label: Name
    scores: tuple[LabelScore, ...] = Field(min_length=1, max_length=32)
    confidence: Share
    confidence_kind: Literal["uncalibrated", "calibrated"]
    measurement: Digest | None = Field(
        description="of what was measured of this policy and model, as `evaluated` has it; null: not measured"
    )
    abstained: bool
    reasons: Commitment = Field(description="of the sentences that the model wrote after the label")
    attribution: Commitment | None
    attribution_method: Name | None
    attribution_missing: Code | None = Field(
        description="why there is none; the entry `attribution` after this one says so too"
    )
    review_rules: tuple[Code, ...] = Field(description="the rules that ask for a person; none: no review")
    durations: dict[Code, Count] = Field(description="milliseconds by step")
    parent: UUID | None = Field(description="the run that this one corrects")

    @model_validator(mode="after")
    def has_an_attribution_or_a_reason(self) -> Self:
        _require_one_of(self.attribution, self.attribution_method, self.attribution_missing)
        return self


class BesidePicture(Frozen):
    """A picture that a recording was decided together with, named as its own entries name it."""

    asset: Commitment = Field(description="of its original's bytes, under its own key")
    run: UUID = Field(description="of its redacted copy; the subject of its own entries")
    findings_count: Count
    redaction_revision: Digest


class Decision3(Decision2):
    """As version 2, of a medium that may have pictures beside it: a spoken report is one decision on all."""

    schema_version: ClassVar[int] = 3
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    beside: tuple[BesidePicture, ...] = Field(
        max_length=8, description="the pictures that a recording was decided together with, in their order"
    )
    beside_copies: Commitment | None = Field(
        description="of the list of each picture's redacted copy (SHA-256) and what was hidden in it, under "
        "the recording's key; null where there is none"
    )

    @model_validator(mode="after")
    def commits_to_the_pictures_beside(self) -> Self:
        if bool(self.beside) != (self.beside_copies is not None):
            raise ValueError("where pictures stand beside a recording, their copies are committed to")
        return self


class Attribution(Record):
    """An attribution that is not in its decision's entry: it failed. The subject is the run."""

    kind: ClassVar[str] = "attribution"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    decision: LeafHash
    label: Name
    attribution: Commitment | None
    attribution_method: Name | None
    attribution_missing: Code | None
    duration: Count

    @model_validator(mode="after")
    def has_an_attribution_or_a_reason(self) -> Self:
        _require_one_of(self.attribution, self.attribution_method, self.attribution_missing)
        return self


class DeepAttribution(Record):
    """The thorough explanation of a decision ended. The subject is the run."""

    kind: ClassVar[str] = "deep_attribution"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: UUID = Field(description="the id of the decision's entry")
    label: Name
    against: Name | None = Field(description="the runner-up that it is explained against")
    attribution: Commitment | None = Field(description="of the explanation with its trials")
    attribution_method: Name | None
    attribution_missing: Code | None
    complete: bool | None = Field(description="whether its parts add up to the score's change")
    by: UUID | None = Field(description="the officer who asked for it; null: the policy drew it")
    duration: Count
    code_version: Name

    @model_validator(mode="after")
    def has_an_attribution_or_a_reason(self) -> Self:
        _require_one_of(self.attribution, self.attribution_method, self.attribution_missing)
        return self
