"""Documents: each page drawn, redacted as a picture, and written to a new PDF that holds pictures alone."""

from __future__ import annotations

import hashlib
import time
from typing import Any, BinaryIO

from omnigov.contracts import (
    Finding,
    Hook,
    Limits,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
)
from workers.media import document
from workers.media.pdf import PicturePdf
from workers.redaction.detectors.ensemble import Release, ready
from workers.redaction.kinds.picture import mask, silent
from workers.redaction.masking.by_hand import NO_EDITS, check_areas
from workers.redaction.masking.revision import revision


class _Hashed:
    """A stream that is written on, and the SHA-256 of all that went through."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.sha256.update(content)
        return self._stream.write(content)


def redact_to(
    original: bytes,
    out: BinaryIO,
    profile: RedactionProfile,
    limits: Limits,
    hook: Hook = silent,
    edits: RedactionEdits = NO_EDITS,
    read: ReadValues | None = None,
    *,
    by_hand: bool = False,
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
    first = (0, 0)
    hashed = _Hashed(out)
    with PicturePdf(hashed) as copy:  # type: ignore[arg-type] # of a stream it asks no more than `write`
        for number, page in enumerate(document.decode(original, limits)):
            height, width = page.pixels.shape[:2]
            first = first if number else (width, height)
            jpeg, found = mask(
                page.pixels,
                profile,
                limits,
                "image/jpeg",
                detectors,
                _within(hook, number, total),
                edits,
                number,
                read,
            )
            copy.add(jpeg, width, height, page.dots_an_inch)
            findings += found
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
    )
    hook("redacted", result, 1.0)
    return result


def _within(hook: Hook, page: int, total: int) -> Hook:
    """The hook of one page: its progress is a share of the document's."""

    def of_page(step: str, artefact: Any = None, progress: float | None = None) -> None:
        hook(step, artefact, None if progress is None else (page + progress) / total)

    return of_page
