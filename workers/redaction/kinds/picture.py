"""Pictures: find, mask, and look again at what came out. Fails closed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from omnigov.contracts import (
    MILLION,
    Box,
    Detector,
    Finding,
    Frozen,
    Hook,
    Limits,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
    Shortfall,
    digest_of,
)
from workers.media.image import MediaType, Pixels, decode, encode, media_type_for
from workers.redaction.core.picture import Look, Picture, covered_share, fill, hidden_share
from workers.redaction.core.runtime import give_back
from workers.redaction.detectors.registry import Entry, PictureDetector, loaded, wanted
from workers.weights import WeightsUnavailable

LARGE = 2_000_000  # pixels from which what a detector freed is given back before the next one begins
LOOKS_MAX = 4  # at the redacted copy, until one finds nothing more: what a mask cuts can look strange once
BAND_MARGIN = 64  # pixels
PAGE = 9_000_000  # pixels: up to an A4 page at 300 dpi, all of it is looked at again
HIDDEN = 0.9  # of a box: what is found there was hidden before
CLEARED = 0.7  # of a finding: so much of it under removed regions, and it is not hidden
NO_EDITS = RedactionEdits()


class _Revision(Frozen):
    profile: RedactionProfile
    detectors: tuple[Detector, ...]
    edits: RedactionEdits


class _RevisionByHand(_Revision):
    by_hand: Literal[True] = True


class Release:
    """An officer answers for the picture: what would have stopped redaction is noted, and it goes on.

    Without one, nothing that stops it is passed over.
    """

    def __init__(self) -> None:
        self.shortfalls: list[Shortfall] = []

    def note(self, reason: Quarantined, detector: str = "") -> None:
        shortfall = Shortfall(code=reason.code, detector=detector)
        if shortfall not in self.shortfalls:
            self.shortfalls.append(shortfall)


def silent(step: str, artefact: Any = None, progress: float | None = None) -> None:
    """A hook for callers that want none."""


def load(profile: RedactionProfile | None = None) -> None:
    """Loads what the profile asks for, before a picture comes. Raises `Quarantined` as `redact` does."""
    ready(profile or RedactionProfile())


Detectors = dict[str, tuple[Entry, PictureDetector]]


def ready(profile: RedactionProfile, release: Release | None = None) -> Detectors:
    """The detectors that the profile asks for, loaded.

    Raises `Quarantined` where one is not to be had; with a `release`, that one is noted and left out.
    """
    try:
        _check_kinds(profile)
    except Quarantined as reason:
        _pass_over(reason, release)
    detectors: Detectors = {}
    for entry in wanted(profile):
        try:
            detectors[entry.name] = (entry, _load(entry))
        except Quarantined as reason:
            _pass_over(reason, release, entry.name)
    return detectors


def _pass_over(reason: Quarantined, release: Release | None, detector: str = "") -> None:
    if release is None:
        raise reason
    release.note(reason, detector)


def redact(
    original: bytes,
    profile: RedactionProfile,
    limits: Limits,
    hook: Hook = silent,
    edits: RedactionEdits = NO_EDITS,
    read: ReadValues | None = None,
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
    release = Release() if by_hand else None
    detectors = ready(profile, release)
    media_type = media_type_for(original)
    copy, findings = mask(
        pixels, profile, limits, media_type, detectors, hook, edits, read=read, release=release
    )
    result = RedactionResult(
        media_type=media_type,
        width=pixels.shape[1],
        height=pixels.shape[0],
        digest=hashlib.sha256(copy).hexdigest(),
        findings=tuple(findings),
        detectors=described(detectors),
        revision=revision(profile, detectors, edits, by_hand=by_hand),
        duration_ms=round((time.monotonic() - started) * 1000),
        by_hand=by_hand,
        shortfalls=tuple(release.shortfalls) if release else (),
    )
    hook("redacted", result, 1.0)
    return copy, result


def described(detectors: Detectors) -> tuple[Detector, ...]:
    return tuple(detector.describe() for _, detector in detectors.values())


def revision(
    profile: RedactionProfile, detectors: Detectors, edits: RedactionEdits, *, by_hand: bool = False
) -> str:
    """The digest that names what was hidden how: the same one, the same regions in the same original."""
    made = _RevisionByHand if by_hand else _Revision
    return digest_of(made(profile=profile, detectors=described(detectors), edits=edits))


def mask(
    pixels: Pixels,
    profile: RedactionProfile,
    limits: Limits,
    media_type: MediaType,
    detectors: Detectors,
    hook: Hook = silent,
    edits: RedactionEdits = NO_EDITS,
    page: int = 0,
    read: ReadValues | None = None,
    release: Release | None = None,
) -> tuple[bytes, list[Finding]]:
    """Hides what is found in an upright picture, in place, and returns it encoded, with the findings.

    What was read there is added to `read`, and what a `release` passes over is noted in it.

    `edits` are those of all pages; only those of `page` are heeded. Raises what `redact` does.
    """
    cleared = [region.box for region in edits.removed if region.page == page]
    findings, values = _by_hand(pixels, edits, page), ReadValues()
    for name, detector in _of_look(detectors.values(), "first"):
        found = _find(name, detector, Picture(pixels, profile, read=values), release)
        findings += [finding for finding in found if covered_share(finding.box, cleared) < CLEARED]
        hook(f"find:{name}", None, None)
    fill(pixels, (finding.box for finding in findings), profile.fill)
    hook("mask", None, 0.5)
    copy, later = _second_look(
        pixels, findings, cleared, profile, limits, media_type, detectors, hook, values, release
    )
    on_page = [finding.model_copy(update={"page": page}) for finding in (*findings, *later)]
    if read is not None:
        for before, after in zip((*findings, *later), on_page, strict=True):
            read.take(values, before, after)
        read.seen, read.left = f"{read.seen}{values.seen}\n", f"{read.left}{values.left}\n"
    return copy, on_page


def _by_hand(pixels: Pixels, edits: RedactionEdits, page: int) -> list[Finding]:
    """The regions that a person added on this page, as findings."""
    height, width = pixels.shape[:2]
    added = [region for region in edits.added if region.page == page]
    for region in (*added, *(region for region in edits.removed if region.page == page)):
        if region.box.right > width or region.box.bottom > height:
            raise Refused(
                "region_outside",
                f"A region reaches beyond page {page + 1}, which has {width} × {height} pixels. Correct it.",
            )
    return [
        Finding(kind=region.kind, box=region.box, score=MILLION, detector="person", page=page)
        for region in added
    ]


def _second_look(
    pixels: Pixels,
    findings: list[Finding],
    cleared: list[Box],
    profile: RedactionProfile,
    limits: Limits,
    media_type: MediaType,
    detectors: Detectors,
    hook: Hook,
    values: ReadValues,
    release: Release | None,
) -> tuple[bytes, list[Finding]]:
    """Encodes, decodes and looks until nothing more is found; hides in `pixels` what is.

    What lies in a place that a person cleared is theirs to answer for.
    """
    hidden = np.zeros(pixels.shape[:2], np.bool_)
    later: list[Finding] = []
    fresh = findings
    top, bottom = 0, pixels.shape[0]
    for look in range(LOOKS_MAX):
        for box in (finding.box for finding in fresh):
            hidden[box.top : box.bottom, box.left : box.right] = True
        copy = encode(pixels, media_type)
        seen = _read_back(copy, limits, pixels.shape)
        if not profile.second_look:
            return copy, later
        band = Picture(seen[top:bottom], profile, "second", hidden[top:bottom])
        found = [
            (finding, moved)
            for name, detector in _of_look(detectors.values(), "second")
            for finding in _find(name, detector, band, release)
            if hidden_share(hidden[top:bottom], finding.box) < HIDDEN
            and covered_share((moved := _moved(finding, top)).box, cleared) < CLEARED
        ]
        for before, after in found:
            values.take(band.read, before, after)
        if look == 0 and values.seen:
            values.left = band.read.left
        fresh = [after for _, after in found]
        hook("second_look", None, 0.5 + 0.5 * (look + 1) / (LOOKS_MAX + 1))
        if not fresh:
            return copy, later
        fill(pixels, (finding.box for finding in fresh), profile.fill)
        later += fresh
        if pixels.shape[0] * pixels.shape[1] > PAGE:
            top, bottom = _band(fresh, pixels.shape[0])
    still_found = Quarantined(
        "still_found",
        f"Personal data was still found in the redacted picture after {LOOKS_MAX} looks. A person has to "
        "redact it by hand.",
    )
    _pass_over(still_found, release)
    copy = encode(pixels, media_type)
    _read_back(copy, limits, pixels.shape)
    return copy, later


def _moved(finding: Finding, down: int) -> Finding:
    """A finding of the second look, in a band that begins `down` pixels below the picture's top."""
    box = finding.box.model_copy(update={"top": finding.box.top + down, "bottom": finding.box.bottom + down})
    return finding.model_copy(update={"box": box, "look": "second"})


def _band(findings: list[Finding], height: int) -> tuple[int, int]:
    """The rows of the picture that the next look has to see: those just changed and what stands about them.

    The rest was looked at in the same state before, and nothing was found there. In a form a band has lost
    the labels above it, so a page is looked at whole.
    """
    margin = max(BAND_MARGIN, height // 10)
    top = min(finding.box.top for finding in findings) - margin
    bottom = max(finding.box.bottom for finding in findings) + margin
    return max(top, 0), min(bottom, height)


def _read_back(copy: bytes, limits: Limits, shape: tuple[int, ...]) -> Pixels:
    # The copy may be larger than the original, which is no reason against it.
    try:
        seen = decode(copy, limits.model_copy(update={"max_bytes": max(limits.max_bytes, len(copy))}))
    except Refused as refused:
        raise Quarantined(
            "copy_broken",
            "The redacted copy can't be read back. Try again; if that fails, tell the administrator.",
        ) from refused
    if seen.shape != shape:
        raise Quarantined("copy_broken", "The redacted copy has another size than the original.")
    return seen


def _load(entry: Entry) -> PictureDetector:
    try:
        return loaded(entry)
    except Quarantined:
        raise
    except WeightsUnavailable as error:
        raise Quarantined("detector_missing", f"The detector {entry.name} did not load. {error}") from error
    except Exception as error:
        # Whatever the reason, a detector that did not load has hidden nothing.
        raise Quarantined(
            "detector_missing",
            f"The detector {entry.name} did not load ({type(error).__name__}). Run `omnigov doctor`, mend "
            "what it names, and try again.",
        ) from error


def _find(name: str, detector: PictureDetector, picture: Picture, release: Release | None) -> list[Finding]:
    try:
        return detector.find(picture)
    except Quarantined as reason:
        _pass_over(reason, release, name)
        return []
    except Exception as error:
        # Whatever the reason, the picture was not looked at. Only the error's kind is named: its text may
        # hold what was read.
        failed = Quarantined(
            "detector_failed",
            f"The detector {name} stopped with {type(error).__name__}. Try again; if it happens again, a "
            "person has to redact the picture by hand.",
        )
        if release is None:
            raise failed from error
        release.note(failed, name)
        return []
    finally:
        if picture.width * picture.height > LARGE:
            give_back()


def _of_look(
    detectors: Iterable[tuple[Entry, PictureDetector]], look: Look
) -> list[tuple[str, PictureDetector]]:
    return [(entry.name, detector) for entry, detector in detectors if look in entry.looks]


def _check_kinds(profile: RedactionProfile) -> None:
    """A kind that no detector knows would stay visible without a word."""
    if not profile.text:
        return
    from workers.redaction.language.analysis import KINDS

    unknown = sorted(set(profile.entities) - KINDS)
    if unknown:
        raise Quarantined(
            "unknown_kind",
            f"The profile is to hide {', '.join(unknown)}, which no detector finds. Correct the profile.",
        )
