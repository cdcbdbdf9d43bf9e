"""What people decided: verdicts, what became of a case, and corrections of what was hidden."""

from __future__ import annotations

from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from omnigov.ledger.schemas.base import (
    Code,
    Commitment,
    Count,
    Digest,
    Forgetting,
    LeafHash,
    Moment,
    Name,
    Record,
)


class Review(Record):
    """One officer's verdict. The subject is the run."""

    kind: ClassVar[str] = "review"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: LeafHash
    reviewer: UUID
    role: Code
    verdict: Literal["uphold", "overturn", "escalate"]
    label: Name = Field(description="the label under review")
    right_label: Name | None = Field(description="where overturned")
    reason: Commitment = Field(description="of the officer's own words")
    # Written as a constant: it names what pages of that time held, and nothing that was seen to be displayed.
    shown: tuple[Code, ...] = Field(description="what the officer had before them, such as `redacted_copy`")

    @model_validator(mode="after")
    def has_a_right_label_where_overturned(self) -> Self:
        if (self.verdict == "overturn") != (self.right_label is not None):
            raise ValueError("a right label stands where the verdict is overturn, and nowhere else")
        return self


class Review2(Record):
    """One officer's verdict, and what the server had served for it. The subject is the run."""

    kind: ClassVar[str] = "review"
    schema_version: ClassVar[int] = 2
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: LeafHash
    reviewer: UUID
    role: Code
    verdict: Literal["uphold", "overturn", "escalate"]
    label: Name = Field(description="the label under review: the model's")
    right_label: Name | None = Field(description="where overturned")
    outcome: Name | None = Field(
        description="the label that holds after this verdict; null: the model abstained, nobody decided"
    )
    reason: Commitment = Field(description="of the officer's own words")
    served: tuple[Code, ...] = Field(
        description="what was in the page that the server served to this person, such as `redacted_copy`; "
        "not that any of it was displayed or looked at. Empty where no page was served"
    )
    displayed: Commitment | None = Field(
        description="of what the page measured to have been displayed; null where nothing was measured"
    )

    @model_validator(mode="after")
    def has_a_right_label_where_overturned(self) -> Self:
        if (self.verdict == "overturn") != (self.right_label is not None):
            raise ValueError("a right label stands where the verdict is overturn, and nowhere else")
        return self


class VerdictTakenBack(Record):
    """An officer took their verdict back within seconds: it counts no more. The subject is the run."""

    kind: ClassVar[str] = "verdict_taken_back"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    review: LeafHash = Field(description="of the verdict's own entry")
    by: UUID
    role: Code
    outcome: Name | None = Field(
        description="the label that holds without it; null: the model abstained, nobody decided"
    )


class CaseActed(Record):
    """What a person did with a case, beside giving a verdict. The subject is the run."""

    kind: ClassVar[str] = "case"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    act: Literal[
        "held", "given_back", "skipped", "handed_over", "escalated", "sent_back", "question_answered"
    ] = Field(description="escalated: to whom a verdict of that name passed it on")
    by: UUID
    role: Code
    to: tuple[UUID, ...] = Field(default=(), max_length=100, description="the people it is asked of now")
    seconds: Count | None = Field(default=None, description="for which it is held, or not offered again")
    words: Commitment | None = Field(default=None, description="of the question, or of its answer")


class AbsenceSet(Record):
    """A person said that they are away, or back. The subject is the person."""

    kind: ClassVar[str] = "absence_set"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    by: UUID
    stand_in: UUID | None = Field(description="who is asked in their place; null: they are back")
    until: Moment | None


class RedactionCorrected(Record):
    """A person corrected what is hidden: the run, the subject, is its parent's with other regions."""

    kind: ClassVar[str] = "redaction_corrected"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: Digest
    model: Digest = Field(description="of the model version")
    parent: UUID = Field(description="the run that is corrected")
    by: UUID
    role: Code
    added: Count = Field(description="regions, by this correction alone")
    removed: Count = Field(description="regions, by this correction alone")
    original_seen: bool = Field(description="whether the person had opened the original before")
    edits: Commitment = Field(description="of all that people added and took away, earlier corrections' too")
    reason: Commitment = Field(description="of the person's own words")


class QuarantineReleased(Record):
    """An officer let a file out of quarantine: the run, which is the subject, is its parent's by hand."""

    kind: ClassVar[str] = "quarantine_released"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: Digest
    model: Digest = Field(description="of the model version")
    parent: UUID = Field(description="the run in quarantine")
    code: Code = Field(description="why it was there")
    by: UUID
    role: Code
    mode: Literal["by_hand", "nothing_visible"]
    regions: Count = Field(description="that the officer drew")
    edits: Commitment = Field(description="of all that people added and took away")
    reason: Commitment = Field(description="of the officer's own words")


class Disposition(Record):
    """What was done with the matter on the strength of a decision's outcome. The subject is the run."""

    kind: ClassVar[str] = "disposition"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: LeafHash
    review: LeafHash | None = Field(
        description="of the entry of the newest verdict that stood; null: no person was asked"
    )
    done: Literal["released", "rejected", "sent_on", "nothing"]
    outcome: Name = Field(description="the label that held")
    to: Commitment | None = Field(description="of where it was sent on to, in the person's own words")
    words: Commitment | None = Field(description="of the person's own words; null: none")
    by: UUID
    role: Code


class LetterMade(Record):
    """A letter about a decision was made, for the person concerned. The subject is the run."""

    kind: ClassVar[str] = "letter_made"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: LeafHash
    review: LeafHash | None = Field(
        description="of the entry of the newest verdict that the letter tells of; null: none was given"
    )
    outcome: Name = Field(description="the label that the letter says")
    letter: Commitment = Field(description="of the canonical list of its paragraphs")
    language: Literal["en", "ja"]
    by: UUID
    role: Code


class KnownAnswerPlaced(Record):
    """A case whose right answer is known was put among those that wait. The subject is the run.

    Which answer that is, the entry commits to and does not say: who reads it may yet be asked.
    """

    kind: ClassVar[str] = "known_answer_placed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: LeafHash
    answer: Commitment = Field(description="of the label's key")
    by: UUID
