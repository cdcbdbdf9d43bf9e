"""What auditors do, and what is handed out: engagements, samples, exports, and the keys."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from omnigov.ledger.schemas.base import (
    Code,
    Commitment,
    Count,
    Digest,
    Forgetting,
    Moment,
    Name,
    Record,
    Seed,
)


class EngagementBegun(Record):
    """A steward made an account for an external auditor. The subject is the person."""

    kind: ClassVar[str] = "engagement_begun"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    engagement: UUID
    since: Moment
    until: Moment
    batches: tuple[UUID, ...] = Field(max_length=100)
    policies: tuple[UUID, ...] = Field(max_length=100, description="whichever of their versions")
    by: UUID


class EngagementEnded(Record):
    """An engagement is over, and its role gone. The subject is the person."""

    kind: ClassVar[str] = "engagement_ended"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    engagement: UUID
    by: UUID | None = Field(description="who ended it; null: its time was over")


class SampleDrawn(Record):
    """An auditor drew a sample of entries. The subject is the sample. How it is drawn: `ledger.sampling`."""

    kind: ClassVar[str] = "sample_drawn"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    algorithm: Name
    seed: Seed
    seed_chosen: bool = Field(description="by the person; else it is the root of the newest checkpoint")
    log_size: Count = Field(description="only entries with a place before it were drawn from")
    population_kind: Code | None = Field(description="of entries; null: of every kind")
    since: Moment | None
    until: Moment | None
    batch: UUID | None = Field(description="entries about its runs alone; null: about anything")
    policies: tuple[Digest, ...] = Field(
        max_length=500, description="entries about runs under these texts alone; none: about anything"
    )
    population: Count = Field(description="entries that were drawn from")
    size: Count
    drawn: Digest = Field(description="of the ids of the entries in their order")
    by: UUID


class SampleSheet(Record):
    """What an auditor found in a sample, as far as they have come. The subject is the sample."""

    kind: ClassVar[str] = "sample_sheet"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    size: Count
    fine: Count
    findings: Count
    sheet: Commitment = Field(
        description="SHA-256 of the HMACs of its lines in their order, each under a key kept beside the line"
    )
    by: UUID


class Export(Record):
    """A bundle that was handed out. The subject is the export."""

    kind: ClassVar[str] = "export"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    exporter: UUID | None = Field(description="the person; null for the command line")
    profile: Literal["full", "redacted"]
    whole: bool
    entries: Count
    size: Count = Field(description="of the log, by the checkpoint in the bundle")
    bundle: Digest


class KeyMade(Record):
    """A key came into use. The subject is made from its fingerprint."""

    kind: ClassVar[str] = "key_made"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.NOTHING,)

    use: Literal["log_signing", "key_encryption", "workspace"]
    fingerprint: Digest = Field(description="of a public key its SHA-256, of a secret one an HMAC under it")
    verifier: Name | None = Field(description="a signing key's public half, as a signed note names it")
