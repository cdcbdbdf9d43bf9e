"""Pictures: find, mask, and look again at what came out. Fails closed."""

from __future__ import annotations

import hashlib
import time
from typing import Any, BinaryIO, NamedTuple

from omnigov.contracts import (
    Finding,
    Hook,
    Limits,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Writing,
)
from workers import memory
from workers.media.picture import MediaType, Pixels, decode, media_type_for
from workers.redaction.core.picture import Legibility
from workers.redaction.detectors.ensemble import Ensemble, Release, ready
from workers.redaction.kinds.redactors import Beside
from workers.redaction.masking.by_hand import NO_EDITS, on_page
from workers.redaction.masking.copies import encoded
from workers.redaction.masking.looks import LOOKS_MAX, Looks
from workers.redaction.masking.masks import Masks
from workers.redaction.masking.revision import revision

LARGE = 2_000_000  # pixels from which what was freed is given back: the next picture is likely to be smaller


def silent(step: str, artefact: Any = None, progress: float | None = None) -> None:
    """A hook for callers that want none."""


def load(profile: RedactionProfile | None = None) -> None:
    """Loads what the profile asks for, before a picture comes. Raises `Quarantined` as `redact` does."""
    ready(profile or RedactionProfile())


def redact(
    original: bytes,
    profile: RedactionProfile,
    limits: Limits,
    hook: Hook = silent,
    edits: RedactionEdits = NO_EDITS,
    read: ReadValues | None = None,
    beside: Beside | None = None,
    *,
    by_hand: bool = False,
) -> tuple[bytes, RedactionResult]:
    """The redacted copy's bytes and what was hidden in it: kinds and boxes, never the values.

    Whoever has to have the values hands in `read`, which then has them. `by_hand` is for a picture that an
    officer let out of quarantine: their regions are hidden, each detector that works looks all the same, and
    what would have stopped it is noted in the result. A copy that can't be read back is never passed over.

    The copy carries no metadata, and is the same for the same original, profile, detectors and edits. Raises
    `Refused` for an original that can't be decoded, and `Quarantined` for everything that keeps redaction
    from being shown to have worked: a detector that doesn't load or stops with an error, a profile that
    asks for a kind nobody finds, a copy that can't be read back, or one in which personal data is still
    found after `LOOKS_MAX` looks. No bytes come back then.
    """
    started = time.monotonic()
    pixels = decode(original, limits)
    hook("decode", None, 0.1)
    detectors = ready(profile, Release() if by_hand else None)
    media_type = media_type_for(original)
    legible = Legibility()
    copy, findings, visible = mask(
        pixels, profile, limits, media_type, detectors, hook, edits, read=read, legible=legible
    )
    if beside is not None:
        beside.on_picture = visible or ""
    if pixels.shape[0] * pixels.shape[1] > LARGE:
        memory.give_back()
    result = RedactionResult(
        media_type=media_type,
        width=pixels.shape[1],
        height=pixels.shape[0],
        digest=hashlib.sha256(copy).hexdigest(),
        findings=tuple(findings),
        detectors=detectors.describe(),
        revision=revision(profile, detectors.describe(), edits, by_hand=by_hand),
        duration_ms=round((time.monotonic() - started) * 1000),
        by_hand=by_hand,
        shortfalls=detectors.shortfalls,
        writing=writing(profile, legible),
    )
    hook("redacted", result, 1.0)
    return copy, result


def redact_to(
    original: bytes,
    out: BinaryIO,
    profile: RedactionProfile,
    limits: Limits,
    hook: Hook = silent,
    edits: RedactionEdits = NO_EDITS,
    read: ReadValues | None = None,
    beside: Beside | None = None,
    *,
    by_hand: bool = False,
    encoding: str = "",
) -> RedactionResult:
    """As `redact`, with the copy written to `out`: what every kind of medium offers."""
    copy, result = redact(original, profile, limits, hook, edits, read, beside, by_hand=by_hand)
    out.write(copy)
    return result


class Masked(NamedTuple):
    """A redacted picture, encoded; what was hidden; and what can still be read, None where nobody read."""

    copy: bytes
    findings: list[Finding]
    visible: str | None


def mask(
    pixels: Pixels,
    profile: RedactionProfile,
    limits: Limits,
    media_type: MediaType,
    detectors: Ensemble,
    hook: Hook = silent,
    edits: RedactionEdits = NO_EDITS,
    page: int = 0,
    read: ReadValues | None = None,
    legible: Legibility | None = None,
) -> Masked:
    """Hides what is found in an upright picture, in place.

    What was read there is added to `read`, and how well to `legible`. `edits` are those of all pages; only
    those of `page` are heeded. Raises what `redact` does.
    """
    values = ReadValues()
    findings, cleared = on_page(edits, page, width=pixels.shape[1], height=pixels.shape[0])
    masks = Masks(pixels, profile.fill, cleared)
    looks = Looks(profile, detectors, masks, values, hook, legible)
    findings += looks.first(pixels)
    masks.hide(findings)
    hook("mask", None, 0.5)
    copy, seen = encoded(pixels, media_type, limits)
    for _ in range(LOOKS_MAX):
        fresh = looks.again(seen)
        if not fresh:
            break
        findings += fresh
        masks.hide(fresh)
        copy, seen = encoded(pixels, media_type, limits)
    else:
        detectors.pass_over(_still_found())
    return Masked(copy, _on_page(findings, page, values, read), looks.visible())


def writing(profile: RedactionProfile, legible: Legibility) -> Writing | None:
    """What goes on the record of how well was read; None where nothing was to be."""
    return Writing(lines=legible.lines, badly_read=legible.badly_read) if profile.text else None


def _still_found() -> Quarantined:
    return Quarantined(
        "still_found",
        f"Personal data was still found in the redacted picture after {LOOKS_MAX} looks. A person has to "
        "redact it by hand.",
    )


def _on_page(
    findings: list[Finding], page: int, values: ReadValues, read: ReadValues | None
) -> list[Finding]:
    """The findings as those of the page, and in `read` what was read at each of them."""
    on_page = [
        finding.model_copy(update={"place": finding.area.model_copy(update={"part": page})})
        for finding in findings
    ]
    if read is not None:
        for before, after in zip(findings, on_page, strict=True):
            read.take(values, before, after)
        read.seen, read.left = f"{read.seen}{values.seen}\n", f"{read.left}{values.left}\n"
    return on_page
