"""A part as an answer to a browser: any range of it, a piece at a time, and no copy left behind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from itertools import chain
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from omnigov.evidence import waveform
from omnigov.evidence.queries import Opened
from omnigov.security import EVIDENCE_POLICY

#: A part of up to 1 MiB is read, and thereby checked, before the answer begins.
AT_ONCE = 1024 * 1024
_RANGE = re.compile(r"bytes=(?:(\d{1,19})-(\d{0,19})|-(\d{1,19}))")


def part_response(request: HttpRequest, part: Opened, media_type: str) -> HttpResponse:
    """The part, or the one range that was asked for. Raises `EvidenceDamaged` where its beginning is damaged.

    A damage further on cuts the answer off. Its length was promised, so the browser sees that.
    """
    start, end, status = 0, part.size, 200
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and request.headers.get("If-Range", _tag(part)) == _tag(part):
        start, end = _span(asked, part.size)
        if start >= end:
            refused = HttpResponse(status=416)
            refused["Content-Range"] = f"bytes */{part.size}"
            return refused
        status = 206
    response: Any
    if end - start <= AT_ONCE:
        response = HttpResponse(b"".join(part.pieces(start, end)), content_type=media_type, status=status)
    else:
        pieces = part.pieces(start, end)
        pieces = chain([next(pieces)], pieces)
        content: Any = _later(pieces) if isinstance(request, ASGIRequest) else pieces
        response = StreamingHttpResponse(content, content_type=media_type, status=status)
    if status == 206:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{part.size}"
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = _tag(part)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = EVIDENCE_POLICY
    response["Content-Disposition"] = "inline"
    answer: HttpResponse = response
    return answer


def waveform_response(peaks: bytes) -> HttpResponse:
    """A recording's waveform, small, for a list."""
    response = HttpResponse(waveform.small(peaks), content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = EVIDENCE_POLICY
    response["Content-Disposition"] = "inline"
    return response


def _span(asked: re.Match[str], size: int) -> tuple[int, int]:
    """The range as start and end; empty where nothing of the part lies in it (RFC 9110, 14.1.2)."""
    first, last, of_the_end = asked.groups()
    if of_the_end:
        return max(size - int(of_the_end), 0), size
    return int(first), min(int(last) + 1, size) if last else size


def _tag(part: Opened) -> str:
    return f'"{part.digest}"'


async def _later(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    # An asynchronous server would otherwise gather the whole part in memory first. A piece is opened in a
    # thread, so that others are served meanwhile.
    while (piece := await asyncio.to_thread(next, pieces, b"")) != b"":
        yield piece
