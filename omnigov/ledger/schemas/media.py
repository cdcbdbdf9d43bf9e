"""What is done with a sealed original: opened, held, erased."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from omnigov.ledger.schemas.base import Code, Commitment, Count, Forgetting, Moment, Pseudonym, Record


class OriginalOpened(Record):
    """An officer opened a sealed original. The subject is the asset."""

    kind: ClassVar[str] = "original_opened"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    viewer: UUID
    role: Code
    reason: Commitment = Field(description="of the officer's own words")
    seconds: Count = Field(description="for which it may be looked at")


class Reidentified(Record):
    """An officer asked who a pseudonym is, and was shown the value. The subject is the asset."""

    kind: ClassVar[str] = "reidentified"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    batch: UUID = Field(description="the case that the pseudonym's number is of")
    pseudonym: Pseudonym
    viewer: UUID
    role: Code
    reason: Commitment = Field(description="of the officer's own words")
    seconds: Count = Field(description="for which it may be looked at")


class HoldPlaced(Record):
    """A legal hold: the asset, which is the subject, is not erased while it stands."""

    kind: ClassVar[str] = "hold_placed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    hold: UUID
    reason: Commitment
    by: UUID | None = Field(description="who placed it; null for the command line")


class HoldReleased(Record):
    """A legal hold was released. The subject is the asset."""

    kind: ClassVar[str] = "hold_released"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    hold: UUID
    reason: Commitment
    by: UUID | None = Field(description="who released it; null for the command line")


class Erasure(Record):
    """An asset, which is the subject, was erased: keys, original, derivatives, and what was said of them."""

    kind: ClassVar[str] = "erasure"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment = Field(description="as earlier entries name it; its key is destroyed")
    cause: Literal["request", "retention"]
    by: UUID | None = Field(description="who asked for it; null for the command line and for retention")
    runs: tuple[UUID, ...] = Field(max_length=1000, description="of the asset, the first thousand")
    runs_count: Count
    journaled: Moment = Field(description="when the journal outside of the database had it")
    replayed: bool = Field(description="whether a crash or a backup that was played back made it necessary")
