"""Documents: each page drawn, redacted as a picture, and written to a new PDF that holds pictures alone."""

from __future__ import annotations

import time
from typing import Any, BinaryIO

from omnigov.contracts import (
    Finding,
    Hook,
    Limits,
    PagePicture,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
)
from workers import memory
from workers.media import document, pdf_pages
from workers.media.pdf import PicturePdf
from workers.media.picture import encode
from workers.redaction.core.picture import Legibility
from workers.redaction.detectors.ensemble import Ensemble, Release, ready
from workers.redaction.kinds.picture import mask, silent, writing
from workers.redaction.kinds.redactors import Beside
from workers.redaction.kinds.whole_text import transcript
from workers.redaction.masking.bounds import check_findings
from workers.redaction.masking.by_hand import NO_EDITS, check_areas
from workers.redaction.masking.hashed import Hashed
from workers.redaction.masking.revision import revision

THUMBNAIL = 320  # pixels of the longer side


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
    """Writes the redacted document, a PDF, to `out`. One page is in memory at a time.

    Whoever has to have what was read hands in `read`, which then has it.

    Raises what `workers.redaction.kinds.picture.redact` does; what stands in `out` then is to be thrown away.
    """
    started = time.monotonic()
    total = document.count(original, limits)
    detectors = ready(profile, Release() if by_hand else None)
    check_areas(edits)
    named = {region.area.part for region in (*edits.added, *edits.removed)}
    if named and max(named) >= total:
        raise Refused("region_outside", f"A region is on page {max(named) + 1}, and there are {total} pages.")
    findings: list[Finding] = []
    legible = Legibility()
    first = (0, 0)
    visible: list[str | None] = []
    hashed = Hashed(out)
    with PicturePdf(hashed) as copy:
        for number, page in enumerate(document.decode(original, limits)):
            height, width = page.pixels.shape[:2]
            first = first if number else (width, height)
            masked = mask(
                page.pixels,
                profile,
                limits,
                "image/jpeg",
                detectors,
                _within(hook, number, total),
                edits,
                number,
                read,
                legible,
            )
            start, end = copy.add(masked.copy, width, height, page.dots_an_inch)
            findings += masked.findings
            check_findings(len(findings))
            if beside is not None:
                _lay(beside, masked.copy, start, end)
            visible.append(masked.visible)
    # Kept from page to page, and no longer: the next file is likely to be smaller.
    memory.give_back()
    if beside is not None:
        beside.transcript = _transcript(visible, profile, limits, detectors, hook)
    result = RedactionResult(
        media_type="application/pdf",
        width=first[0],
        height=first[1],
        digest=hashed.sha256.hexdigest(),
        findings=tuple(findings),
        detectors=detectors.describe(),
        revision=revision(profile, detectors.describe(), edits, by_hand=by_hand),
        duration_ms=round((time.monotonic() - started) * 1000),
        pages=total,
        by_hand=by_hand,
        shortfalls=detectors.shortfalls,
        writing=writing(profile, legible),
        beside=beside.digests() if beside is not None else {},
    )
    hook("redacted", result, 1.0)
    return result


def _lay(beside: Beside, jpeg: bytes, start: int, end: int) -> None:
    """Adds a redacted page and its thumbnail, which is made of the very page that is shown."""
    small, (width, height) = pdf_pages.small(jpeg, THUMBNAIL)
    at = len(beside.thumbnails)
    beside.thumbnails += encode(small, "image/jpeg")
    place = PagePicture(
        width=width,
        height=height,
        start=start,
        end=end,
        thumbnail_start=at,
        thumbnail_end=len(beside.thumbnails),
    )
    beside.pages.append(place)


def _transcript(
    visible: list[str | None], profile: RedactionProfile, limits: Limits, detectors: Ensemble, hook: Hook
) -> str | None:
    """What can still be read on all pages, parted by form feeds, and redacted once more as one text.

    Beyond so many characters as a text may have it is cut off, at a page's end.
    """
    if not profile.text or all(page is None for page in visible):
        return None
    whole = "\f".join(page or "" for page in visible)
    if len(whole) > limits.max_characters:
        whole = whole[: max(whole.rfind("\f", 0, limits.max_characters), 0)]
    try:
        return transcript(whole, profile, lambda step, artefact=None, progress=None: hook(step))
    except Quarantined as reason:
        detectors.pass_over(reason)
        return None


def _within(hook: Hook, page: int, total: int) -> Hook:
    """The hook of one page: its progress is a share of the document's."""

    def of_page(step: str, artefact: Any = None, progress: float | None = None) -> None:
        hook(step, artefact, None if progress is None else (page + progress) / total)

    return of_page
