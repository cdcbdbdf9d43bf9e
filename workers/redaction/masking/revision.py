"""What names a redaction: the same revision, the same places hidden in the same original."""

from __future__ import annotations

from typing import Literal

from omnigov.contracts import Detector, Frozen, RedactionEdits, RedactionProfile, digest_of


class Revision(Frozen):
    profile: RedactionProfile
    detectors: tuple[Detector, ...]
    edits: RedactionEdits


class RevisionByHand(Revision):
    by_hand: Literal[True] = True


def revision(
    profile: RedactionProfile,
    detectors: tuple[Detector, ...],
    edits: RedactionEdits,
    *,
    by_hand: bool = False,
) -> str:
    """The digest of all that decides what is hidden."""
    made = RevisionByHand if by_hand else Revision
    return digest_of(made(profile=profile, detectors=detectors, edits=edits))
