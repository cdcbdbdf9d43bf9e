"""What is written down about a stage of the model: what it learned, its cost, what it scores, what it kept.

Every figure was measured in a run that the card names by its command. A card speaks of the files that were
trained, by digest: it is shown beside a model version that is made of them, and beside no other.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from omnigov.contracts.policy import Stage
from omnigov.contracts.records import Frozen


class Said(Frozen):
    """Some words in both languages of the pages."""

    en: str = Field(min_length=1)
    ja: str = Field(min_length=1)


class Learned(Frozen):
    """Examples of one kind that a stage learned from, and the licence that they came with."""

    what: Said
    n: int = Field(ge=1)
    licence: str = Field(min_length=1)


class Cost(Frozen):
    """What training took."""

    parameters: int = Field(ge=1, description="that were trained")
    work: Said = Field(description="rounds or steps")
    seconds: int = Field(ge=1)
    machine: Said = Field(description="what the seconds are of, and on what")


class StageScore(Frozen):
    """One task on material that was not learned from, and what is beside it."""

    task: Said
    right: int = Field(ge=0)
    of: int = Field(ge=1)
    held_out: bool = Field(description="written down before anybody looked; else it was used to choose by")
    beside: Said | None = Field(default=None, description="what it is compared with")
    beside_right: int | None = Field(default=None, ge=0)
    beside_of: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def is_possible(self) -> StageScore:
        if self.right > self.of or (self.beside_right or 0) > (self.beside_of or self.of):
            raise ValueError("more were right than were asked")
        return self


class Kept(Frozen):
    """What of the stage before is as it was, and by what that is held."""

    what: Said
    bit_identical: bool = Field(description="else it was measured, and the figures stand among the scores")
    held_by: str = Field(description="the test or command that shows it")


class StageCard(Frozen):
    stage: Stage
    files: tuple[str, ...] = Field(min_length=1, description="SHA-256 of each file that was trained")
    learned: tuple[Learned, ...] = Field(default=(), description="none where it is not trained")
    cost: Cost | None = None
    scores: tuple[StageScore, ...] = ()
    kept: tuple[Kept, ...] = Field(default=(), description="none for the first stage")
    not_for: Said = Field(description="what nobody may conclude from it")
    command: str = Field(default="", description="that trains it again")

    @model_validator(mode="after")
    def is_trained_or_not(self) -> StageCard:
        if len({bool(self.learned), self.cost is not None, bool(self.scores), bool(self.command)}) > 1:
            raise ValueError("what was trained says from what, at what cost, with what scores and how")
        return self
