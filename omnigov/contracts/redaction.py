"""What was hidden, where, and found by what; never the value."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, Never

from pydantic import Field, field_validator, model_validator

from omnigov.contracts.kinds import of_copy
from omnigov.contracts.media import Area, Place, Span, area_of, read_place
from omnigov.contracts.records import MILLION, Frozen, Grown
from omnigov.contracts.sound import SoundCopy
from omnigov.contracts.video import VideoCopy


class Detector(Frozen):
    name: str
    version: str
    digest: str = Field(description="SHA-256 of the model file, or of the rules' source")


class Finding(Grown):
    """Something personal that was hidden: where, what kind, how sure, found by what. Never its value."""

    LATER = ("shown", "empty")

    kind: str
    place: Place
    score: int = Field(ge=0, le=MILLION)
    detector: str
    look: Literal["first", "second"] = "first"
    shown: Span | None = Field(
        default=None,
        description="where what stands for it is: in the copy of a text, in the transcript of a sound",
    )

    empty: str = Field(
        default="",
        max_length=60,
        description="the name of a form's field that has to be filled in, and in which nothing is written",
    )

    _stored_before_places = model_validator(mode="before")(read_place)

    @property
    def area(self) -> Area:
        """Where it is in a picture or on a page. Raises `TypeError` for a place of another kind."""
        return area_of(self.place)


class Region(Frozen):
    """A place that a person names."""

    place: Place
    kind: str = Field(default="BY_HAND", pattern=r"^[A-Z][A-Z0-9_]{0,39}$")

    _stored_before_places = model_validator(mode="before")(read_place)

    @property
    def area(self) -> Area:
        """Where it is in a picture or on a page. Raises `TypeError` for a place of another kind."""
        return area_of(self.place)


class RedactionEdits(Frozen):
    """What a person adds to the detectors' regions, and takes away from them.

    A finding goes away where the removed regions cover most of it; an added region is hidden as it is given,
    over a removed one too. A region that was moved is one removed and one added.
    """

    added: tuple[Region, ...] = Field(default=(), max_length=1000)
    removed: tuple[Region, ...] = Field(default=(), max_length=1000)


class Shortfall(Frozen):
    """What would have stopped redaction, had a person not answered for the picture."""

    code: str = Field(description="of the quarantine that it would have been, as detector_failed")
    detector: str = Field(default="", description="which one it was, where it was one")


class TextFormat(StrEnum):
    """What a text is written as, told from its content."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    JSON_LINES = "json_lines"
    XML = "xml"
    SUBTITLES = "subtitles"
    MAIL = "mail"


class TextCopy(Frozen):
    """How the redacted copy of a text is written: as the original was."""

    format: TextFormat = TextFormat.PLAIN
    encoding: str = Field(default="utf-8", description="as Python's codecs call it")
    characters: int = Field(ge=0, description="of the redacted copy, decoded")


class Writing(Grown):
    """How much writing was seen in a medium, and how much of it was read badly, hidden or not."""

    LATER = ("instructs",)

    lines: int = Field(ge=0)
    badly_read: int = Field(ge=0, description="of these lines")
    instructs: bool = Field(default=False, description="whether a picture tells what to answer about it")

    @property
    def share(self) -> int:
        """Of the lines, in millionths, those that were read badly."""
        return self.badly_read * MILLION // self.lines if self.lines else 0

    def __add__(self, other: Writing) -> Writing:
        return Writing(
            lines=self.lines + other.lines,
            badly_read=self.badly_read + other.badly_read,
            instructs=self.instructs or other.instructs,
        )


class RedactionResult(Grown):
    LATER = ("pages", "text", "by_hand", "shortfalls", "writing", "sound", "beside", "video")

    media_type: str = Field(description="of the redacted copy, as the table of kinds has it")
    width: int = Field(default=0, description="in pixels, of a document its first page; 0 where it has none")
    height: int = 0
    digest: str = Field(description="SHA-256 of the redacted copy")
    findings: tuple[Finding, ...]
    detectors: tuple[Detector, ...]
    revision: str = Field(description="digest of the profile, of every detector, and of a person's edits")
    duration_ms: int
    pages: int = Field(default=1, ge=1)
    text: TextCopy | None = Field(default=None, description="of a text")
    by_hand: bool = Field(default=False, description="whether an officer answers for what is hidden")
    shortfalls: tuple[Shortfall, ...] = Field(default=(), description="only where it was done by hand")
    writing: Writing | None = Field(
        default=None, description="of pictures and pages whose text was looked for; of a sound, its turns"
    )
    sound: SoundCopy | None = Field(default=None, description="of a recording, and of a video's sound")
    beside: dict[str, str] = Field(
        default={},
        description="SHA-256 of what is kept beside the copy, by its name: of a document `pages`, "
        "`thumbnail` and `transcript`, of a picture or video `thumbnail`; `sound` and `video` have theirs",
    )
    video: VideoCopy | None = Field(default=None, description="of a video")

    def kept(self, name: str) -> str | None:
        """The digest of what is kept beside the copy under this name; None where none was recorded."""
        for copy in (self, self.sound, self.video):
            if copy is not None and name in copy.beside:
                return copy.beside[name]
        return None

    @field_validator("media_type")
    @classmethod
    def is_a_kind_s(cls, media_type: str) -> str:
        # It is served to browsers as it stands: nothing that isn't in the table may pass.
        try:
            of_copy(media_type)
        except LookupError as unknown:
            raise ValueError(str(unknown)) from None
        return media_type


class ReadValue:
    """A value as it was read, and the form in which two ways to write it are equal. Shows neither."""

    __slots__ = ("same", "value")

    def __init__(self, value: str, same: str) -> None:
        self.value, self.same = value, same

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("A value that was read stays in memory.")


class ReadValues:
    """What stood where something was hidden: beside the findings, and never in them.

    It goes from the detectors to whoever seals it, in memory. It can't be pickled or written as JSON, and
    says of itself no more than how many values it holds. `seen` is the text that was read before anything
    was hidden, and `left` what of it stays visible; both are for counts, and are kept by nobody. `rows` are
    the rows of a picture that were read, each with the places of its boxes; None where nobody read.
    """

    __slots__ = ("_values", "left", "rows", "seen")

    def __init__(self) -> None:
        self._values: dict[Finding, list[ReadValue]] = {}
        self.seen = self.left = ""
        self.rows: list[tuple[tuple[Area, ...], str]] | None = None

    def note(self, finding: Finding, value: str, same: str) -> None:
        """What was read at a finding. Findings that are equal keep their values in order."""
        self._values.setdefault(finding, []).append(ReadValue(value, same))

    def take(self, other: ReadValues, before: Finding, after: Finding) -> None:
        """Takes over the value that `other` has for `before`, for the same finding as it is called now."""
        if values := other._values.get(before):
            self._values.setdefault(after, []).append(values.pop(0))

    def of(self, findings: Sequence[Finding]) -> list[ReadValue | None]:
        """The value of each finding, in their order; None where nothing was read, as of a face."""
        left = {finding: iter(values) for finding, values in self._values.items()}
        return [next(left[finding], None) if finding in left else None for finding in findings]

    def __len__(self) -> int:
        return sum(map(len, self._values.values()))

    def __repr__(self) -> str:
        return f"<{len(self)} values that were read>"

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("Values that were read stay in memory.")
