"""Documents and texts as a worker would leave them, with all their evidence; `recorded` does pictures.

What is hidden is told by hand. The parts have their true form: a PDF of JPEG pages with its index,
thumbnails, a transcript, heat maps one after the other; a text with placeholders.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from omnigov import contracts
from omnigov.contracts import Area, Finding, PageIndex, PagePicture, SegmentAttribution, Span, SpanShare
from omnigov.contracts.media import Place
from omnigov.decisions import services
from omnigov.decisions.models import Decision, Run
from omnigov.evidence.models import Name
from omnigov.evidence.services import Part, part_write
from omnigov.intake.models import Submission
from tests.omnigov.recorded import attributed, claim, inferred, run_of
from workers.attribution import heatmap
from workers.media.pdf import PicturePdf

GRID = tuple(tuple((row - 3) * (column - 2) * 7000 for column in range(7)) for row in range(7))
DETECTOR = contracts.Detector(name="text", version="1", digest="c7" * 32)
SHEET = (620, 877)

Hidden = tuple[str, str]
"""A value of an original, and the kind that it is hidden as."""


@dataclass(frozen=True)
class Copy:
    """A redacted copy with its record, and the parts that lie beside it."""

    content: bytes
    result: contracts.RedactionResult
    parts: dict[Name, tuple[bytes, str]]


def sheet(*lines: str) -> Image.Image:
    """A page with these lines on it."""
    page = Image.new("RGB", SHEET, "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(24)
    for number, line in enumerate(lines):
        pen.text((50, 60 + 56 * number), line, fill="black", font=font)
    return page


def pdf_of(pages: Sequence[Image.Image]) -> tuple[bytes, list[tuple[int, int]]]:
    """A PDF of these pages, and where the JPEG of each lies in it."""
    out, places = io.BytesIO(), []
    with PicturePdf(out) as written:
        for page in pages:
            jpeg = _jpeg(page)
            before = out.tell()
            written.add(jpeg, page.width, page.height, 75)
            start = out.getvalue().index(jpeg, before)
            places.append((start, start + len(jpeg)))
    return out.getvalue(), places


def document(
    pages: Sequence[Image.Image],
    boxes: Sequence[tuple[str, int, tuple[int, int, int, int]]],
    transcript: str = "",
) -> Copy:
    """The redacted copy of a document; `boxes` are kinds, pages from 0, and pixels."""
    copies = [page.copy() for page in pages]
    findings = []
    for kind, part, (left, top, right, bottom) in boxes:
        ImageDraw.Draw(copies[part]).rectangle((left, top, right, bottom), fill="black")
        place = Area(part=part, left=left, top=top, right=right, bottom=bottom)
        findings.append(Finding(kind=kind, place=place, score=900_000, detector="text"))
    content, places = pdf_of(copies)
    small, index = bytearray(), []
    for page, (start, end) in zip(copies, places, strict=True):
        thumbnail = page.copy()
        thumbnail.thumbnail((320, 320))
        begin = len(small)
        small += _jpeg(thumbnail)
        index.append(
            PagePicture(
                width=page.width,
                height=page.height,
                start=start,
                end=end,
                thumbnail_start=begin,
                thumbnail_end=len(small),
            )
        )
    parts = {
        Name.REDACTED: (content, "application/pdf"),
        Name.PAGES: (PageIndex(pages=tuple(index)).model_dump_json().encode(), "application/json"),
        Name.THUMBNAIL: (bytes(small), "image/jpeg"),
    }
    if transcript:
        parts[Name.TRANSCRIPT] = (transcript.encode(), "text/plain; charset=utf-8")
    size: dict[str, object] = {"width": copies[0].width, "height": copies[0].height, "pages": len(pages)}
    size["beside"] = {
        name.value: hashlib.sha256(kept).hexdigest()
        for name, (kept, _) in parts.items()
        if name != Name.REDACTED
    }
    return Copy(content, result_of(content, "application/pdf", findings, **size), parts)


def text(
    original: str,
    hidden: Sequence[Hidden],
    written_as: contracts.TextFormat = contracts.TextFormat.PLAIN,
    encoding: str = "utf-8",
) -> Copy:
    """The redacted copy of a text: each of the values, at its first mention, is a placeholder."""
    places = sorted((original.index(value), value, kind) for value, kind in hidden)
    copy, at, findings = "", 0, []
    numbers: dict[str, int] = {}
    for start, value, kind in places:
        copy += original[at:start]
        numbers[kind] = numbers.get(kind, 0) + 1
        placeholder = f"[{kind}_{numbers[kind]}]"
        findings.append(
            Finding(
                kind=kind,
                place=Span(start=start, end=start + len(value)),
                shown=Span(start=len(copy), end=len(copy) + len(placeholder)),
                score=900_000,
                detector="text",
            )
        )
        copy, at = copy + placeholder, start + len(value)
    copy += original[at:]
    content, media_type = copy.encode(encoding), "text/plain; charset=utf-8"
    told = contracts.TextCopy(format=written_as, encoding=encoding, characters=len(copy))
    return Copy(
        content, result_of(content, media_type, findings, text=told), {Name.REDACTED: (content, media_type)}
    )


def record(
    submission: Submission,
    copy: Copy,
    *,
    seen: tuple[Place, ...] = (),
    words: str = "",
    label: str = "animal",
    confidence: int = 620_000,
) -> Decision:
    """Takes an accepted document or text through every step. `words` is the text that the model read."""
    run = run_of(submission)
    redact(run, copy)
    run.refresh_from_db()
    hold = claim(run, "decide")
    services.inference_record(
        hold, inferred(run, label, confidence, ("It asks for something.",)).model_copy(update={"seen": seen})
    )
    why, maps = explained(label, seen, words)
    parts = [_part(run, hold.token, Name.HEAT_MAP, maps, "image/png")] if maps else []
    decision = services.decision_record(hold, why, parts=parts)
    services.recording_timed(run.id, 14)
    return decision


def redact(run: Run, copy: Copy) -> None:
    """Takes a run that was received through redaction."""
    hold = claim(run, "redact")
    parts = [_part(run, hold.token, name, *content) for name, content in copy.parts.items()]
    services.redaction_record(hold, copy.result, parts=parts)


def explained(label: str, seen: tuple[Place, ...], words: str) -> tuple[contracts.AttributionResult, bytes]:
    """Shares for the pages and the text that the model was given, and the pages' heat maps."""
    segments, maps = [], bytearray()
    for place in seen:
        if isinstance(place, Area):
            start = len(maps)
            maps += heatmap.render(_grey(place), GRID)
            segments.append(
                SegmentAttribution(place=place, share=210_000, grid=GRID, heat_map=(start, len(maps)))
            )
        elif isinstance(place, Span):
            segments.append(SegmentAttribution(place=place, share=330_000, spans=_tokens(words, place)))
    pages = sum(isinstance(place, Area) for place in seen)
    result = attributed(label).model_copy(
        update={
            "grid": (),
            "picture_share": 210_000 * pages,
            "text_share": 330_000 if any(isinstance(place, Span) for place in seen) else 0,
            "segments": tuple(segments),
            "extent": -271_828,
            "heat_map": hashlib.sha256(maps).hexdigest() if maps else "",
        }
    )
    return result, bytes(maps)


def whole(page: Image.Image, part: int) -> Area:
    return Area(part=part, left=0, top=0, right=page.width, bottom=page.height)


def _tokens(words: str, place: Span) -> tuple[SpanShare, ...]:
    shares, at = [], place.start
    for number, word in enumerate(words[place.start : place.end].split(" ")):
        if word:
            value = (-1) ** number * (90_000 - 2_900 * (number % 31))
            shares.append(SpanShare(place=Span(start=at, end=at + len(word)), value=value))
        at += len(word) + 1
    return tuple(shares)


def _grey(place: Area) -> np.ndarray:
    return np.full((place.bottom - place.top, place.right - place.left, 3), 230, dtype=np.uint8)


def result_of(
    content: bytes, media_type: str, findings: list[Finding], **more: object
) -> contracts.RedactionResult:
    return contracts.RedactionResult.model_validate(
        {
            "media_type": media_type,
            "digest": hashlib.sha256(content).hexdigest(),
            "findings": findings,
            "detectors": (DETECTOR,),
            "revision": "4e" * 32,
            "duration_ms": 2210,
            **more,
        }
    )


def _part(run: Run, token: uuid.UUID, name: Name, content: bytes, media_type: str) -> Part:
    return part_write(
        run=run.id, asset=run.asset_id, token=token, name=name, media_type=media_type, content=[content]
    )


def _jpeg(page: Image.Image) -> bytes:
    out = io.BytesIO()
    page.save(out, "JPEG", quality=85)
    return out.getvalue()
