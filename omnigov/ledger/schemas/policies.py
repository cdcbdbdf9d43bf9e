"""Policies, their models, and what they were measured and fitted on."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from omnigov.contracts import ModelVersion, Stage
from omnigov.ledger.schemas.base import Code, Commitment, Count, Digest, Forgetting, Name, Record, Share


class PolicyPublished(Record):
    """A policy has a new version. The subject is the policy."""

    kind: ClassVar[str] = "policy_published"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    number: Count
    policy: Digest
    before: Digest | None = Field(description="of the version that it follows")
    changed: tuple[Code, ...] = Field(description="fields that differ, as review_below_confidence")
    by: UUID | None = Field(description="who published it; null for the command line")


class PolicyPublished2(Record):
    """A policy has a new version, and why. The subject is the policy."""

    kind: ClassVar[str] = "policy_published"
    schema_version: ClassVar[int] = 2
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    number: Count
    policy: Digest
    before: Digest | None = Field(description="of the version that it follows")
    changed: tuple[Code, ...] = Field(description="fields that differ, as review_below_confidence")
    reason: Commitment | None = Field(
        description="of the publisher's own words, under a key kept beside them; null where none were asked"
    )
    by: UUID | None = Field(description="who published it; null for the command line")


class PolicyPublished3(Record):
    """A policy has a new version, of which model version it is asked, and why. The subject is the policy."""

    kind: ClassVar[str] = "policy_published"
    schema_version: ClassVar[int] = 3
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    number: Count
    policy: Digest
    before: Digest | None = Field(description="of the version that it follows")
    changed: tuple[Code, ...] = Field(description="fields that differ, as review_below_confidence")
    model: Digest = Field(description="of the model version that decides")
    model_before: Digest | None = Field(description="of the version that it follows; null for the first")
    builtin: bool = Field(description="whether the text came with the product")
    reason: Commitment | None = Field(
        description="of the publisher's own words, under a key kept beside them; null where none were asked"
    )
    by: UUID | None = Field(description="who published it; null for the command line")


class BuiltinDeclined(Record):
    """A newer text of a policy that came with the product was declined. The subject is the policy."""

    kind: ClassVar[str] = "builtin_declined"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    offered: Digest = Field(description="of the text that came with the product")
    policy: Digest = Field(description="of the version that stays")
    reason: Commitment = Field(description="of the steward's own words, under a key kept beside them")
    by: UUID


class PolicyStopped(Record):
    """A person stopped a policy: from here on nothing is decided under it. The subject is the policy."""

    kind: ClassVar[str] = "policy_stopped"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    stop: UUID
    reason: Commitment = Field(description="of the person's own words, under a key kept beside them")
    by: UUID


class PolicyResumed(Record):
    """A stopped policy goes on. The subject is the policy."""

    kind: ClassVar[str] = "policy_resumed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    stop: UUID
    reason: Commitment = Field(description="of the steward's own words, under a key kept beside them")
    by: UUID


class ModelRegistered(Record):
    """A model version that runs can be decided with from now on. The subject is the model version."""

    kind: ClassVar[str] = "model_registered"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.NOTHING,)

    model: ModelVersion = Field(description="every weight file by digest")
    version: Digest = Field(description="of the model version")


class ExampleAdded(Record):
    """A redacted medium is an example of a policy: a person says its right label. The subject is its run."""

    kind: ClassVar[str] = "example_added"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: UUID = Field(description="the policy, whichever of its versions")
    label: Name
    origin: Literal["upload", "verdict"]
    by: UUID


class ExampleRemoved(Record):
    """A medium is no example of a policy any more. The subject is its run."""

    kind: ClassVar[str] = "example_removed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: UUID = Field(description="the policy, whichever of its versions")
    label: Name
    by: UUID


class Evaluated(Record):
    """A policy's text and a model version were measured on examples. The subject is the policy."""

    kind: ClassVar[str] = "evaluated"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    policy: Digest = Field(description="of the policy version")
    model: Digest = Field(description="of the model version, what was fitted to the policy included")
    evaluation: Digest = Field(description="of all that was measured")
    examples: Commitment = Field(
        description="SHA-256 of the sorted commitments of the examples' media, with their labels"
    )
    examples_count: Count
    accuracy: Share
    accuracy_low: Share = Field(description="of the interval of 95 %")
    accuracy_high: Share
    calibrated: bool = Field(description="whether confidence was fitted to examples, and says a frequency")
    builtin: bool = Field(description="whether the measurement came with the product")
    by: UUID | None = Field(description="who asked for it; null where it came with the product")


class Adapted(Record):
    """A model version was fitted to a policy, and is bound to it alone. The subject is the policy."""

    kind: ClassVar[str] = "adapted"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    policy: Digest = Field(description="of the policy version")
    base: Digest = Field(description="of the model version that it stands on")
    model: Digest = Field(description="of the model version that came of it")
    head: Digest = Field(
        description="SHA-256 of the file that was fitted, which names its examples by their media's keys"
    )
    card: Digest = Field(description="of its card")
    examples: Commitment = Field(
        description="SHA-256 of the sorted commitments of the examples' media, with their labels"
    )
    examples_count: Count
    by: UUID = Field(description="who asked for it")


class PromotionProposed(Record):
    """A steward proposes to ask a policy of a model version fitted to it. The subject is the policy."""

    kind: ClassVar[str] = "promotion_proposed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    policy: Digest = Field(description="of the policy version")
    model: Digest = Field(description="of the model version")
    by: UUID


class Promoted(Record):
    """A second person decided on such a proposal. The subject is the policy; where it was promoted, the entry
    `policy_published` after this one is the version that came of it."""

    kind: ClassVar[str] = "promoted"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    policy: Digest = Field(description="of the policy version")
    model: Digest = Field(description="of the model version")
    promoted: bool
    proposed_by: UUID
    by: UUID


class StageOpened(Record):
    """A steward asks a policy of another stage of the model, which was measured on the policy's examples.

    The subject is the policy; the entry `policy_published` after this one is the version that came of it."""

    kind: ClassVar[str] = "stage_opened"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    policy: Digest = Field(
        description="of the text that is asked from now on: the one before at another stage"
    )
    before: Digest = Field(description="of the text that was asked until now")
    stage: Stage
    stage_before: Stage
    model: Digest = Field(description="of the model version")
    evaluation: Digest = Field(description="of what was measured of that text and that model version")
    by: UUID
