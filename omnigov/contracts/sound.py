"""What a recording's redacted copy is, and what is kept beside it: turns, words and peaks.

All times are milliseconds from the beginning. The copy is as long as the original: what is hidden is silent,
never cut out, so that a time means the same in both.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from omnigov.contracts.media import Interval, Span
from omnigov.contracts.records import Frozen, Grown

PEAK_MS = 50
"""Milliseconds that one pair of peaks stands for."""


class SoundCopy(Grown):
    """How long the redacted copy is, who is heard in it, and what is kept beside it."""

    LATER = ("beside",)

    milliseconds: int = Field(gt=0)
    turns: int = Field(default=0, ge=0, description="in which somebody speaks")
    muted_turns: int = Field(default=0, ge=0, description="of these, those that are silent as a whole")
    speakers: int = Field(default=0, ge=0, description="that were told apart; 0 where nobody speaks")
    languages: tuple[str, ...] = Field(default=(), description="that were heard: ISO 639-1")
    beside: dict[str, str] = Field(
        default={}, description="SHA-256 of `transcript`, `turns` and `peaks`, of those that there are"
    )


class Word(Frozen):
    """One word of the transcript: when it is said and where it is written."""

    at: Interval
    span: Span


class Turn(Frozen):
    """From where somebody begins to speak up to where they stop."""

    at: Interval
    speaker: int = Field(ge=0, description="a number in this recording, from 1; 0 where it is not known")
    name: str = Field(default="", description="the pseudonym that stands for the speaker in the transcript")
    span: Span | None = Field(
        default=None, description="its words in the transcript; None where the turn is silent as a whole"
    )
    words: tuple[Word, ...] = ()
    heard_badly: bool = Field(default=False, description="hidden because it was not understood")

    @model_validator(mode="after")
    def is_silent_without_words(self) -> Turn:
        if self.span is None and self.words:
            raise ValueError("a turn that is silent as a whole has no words")
        return self


class Conversation(Frozen):
    """The turns of a recording in the order in which they begin. The transcript's text lies beside it."""

    turns: tuple[Turn, ...] = ()


def peak_pairs(peaks: bytes) -> list[tuple[int, int]]:
    """Lowest and highest sample of each `PEAK_MS`, from -127 to 127. Raises `ValueError` for half a pair."""
    if len(peaks) % 2:
        raise ValueError("peaks come in pairs")
    signed = memoryview(peaks).cast("b")
    return list(zip(signed[::2], signed[1::2], strict=True))
