"""The redactor of each kind of medium, opened when the first medium of its kind comes."""

from __future__ import annotations

import importlib
from typing import BinaryIO, Protocol, cast

from omnigov.contracts import Hook, Limits, ReadValues, RedactionEdits, RedactionProfile, RedactionResult
from omnigov.contracts.kinds import MediumKind


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
        *,
        by_hand: bool,
    ) -> RedactionResult:
        """Writes the redacted copy to `out`; what was hidden in it, and in `read` what stood there."""


def redactor(kind: MediumKind) -> Redactor:
    return cast(Redactor, importlib.import_module(kind.redactor))
