"""The redactor of each kind of medium, opened when the first medium of its kind comes."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol, cast

from omnigov.contracts import (
    Conversation,
    Hook,
    Limits,
    PageIndex,
    PagePicture,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
)
from omnigov.contracts.kinds import MediumKind


@dataclass
class Beside:
    """What a redactor lays beside the redacted copy, made of the copy alone: of a document, its pages."""

    pages: list[PagePicture] = field(default_factory=list)
    thumbnails: bytearray = field(default_factory=bytearray)
    """JPEGs, one after the other."""
    transcript: str | None = None
    """What can still be read on the pages, or heard, redacted as a text. None where nothing was.

    Of a recording: one line a turn, the speaker's pseudonym, a colon and a space before its words.
    """
    on_picture: str = ""
    """What can still be read on a lone picture. It is looked at once and kept nowhere."""
    conversation: Conversation | None = None
    """Of a recording: its turns, which point into the transcript."""
    peaks: bytes = b""
    """Of a recording's copy: a lowest and a highest sample, signed bytes, for each `PEAK_MS`."""

    tracks: bytes = b""
    """Of a video: `omnigov.contracts.video.Tracks` as JSON."""

    def written(self) -> dict[str, bytes]:
        """The bytes of all that is kept beside the copy, by its name, of those that there are."""
        found = {"peaks": self.peaks, "tracks": self.tracks}
        if self.pages:
            found["pages"] = PageIndex(pages=tuple(self.pages)).model_dump_json().encode()
            found["thumbnail"] = bytes(self.thumbnails)
        if self.conversation is not None:
            found["turns"] = self.conversation.model_dump_json().encode()
        if self.transcript is not None:
            found["transcript"] = self.transcript.encode("utf-8", "replace")
        return {name: content for name, content in found.items() if content}

    def digests(self) -> dict[str, str]:
        """SHA-256 of each, for the record."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.written().items()}


class Redactor(Protocol):
    """What a file of this folder offers for a kind that is redacted by itself.

    MUST look at what it hid again, and raise `Quarantined` for everything that keeps redaction from being
    shown to have worked. What it wrote by then is to be thrown away. MUST write the same for the same
    original, profile, detectors and edits, without metadata.
    """

    def redact_to(
        self,
        original: bytes,
        out: BinaryIO,
        profile: RedactionProfile,
        limits: Limits,
        hook: Hook,
        edits: RedactionEdits,
        read: ReadValues | None,
        beside: Beside | None,
        *,
        by_hand: bool,
        encoding: str = "",
    ) -> RedactionResult:
        """Writes the redacted copy to `out`; what was hidden in it, and in `read` what stood there.

        What there is beside the copy goes to `beside`. `encoding` is what a person said that texts are in.
        """


def redactor(kind: MediumKind) -> Redactor:
    return cast(Redactor, importlib.import_module(kind.redactor))
