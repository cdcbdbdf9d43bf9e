"""What a picture is, told from its bytes before anything is decoded.

Pure byte reading, a piece in memory at a time: no codec runs here, so a hostile file has nothing to attack.
What can't be taken is refused with a sentence that says why and what to do.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from omnigov.contracts import Limits, Refused
from omnigov.contracts.kinds import HEAD
from workers.media.containers import READERS, Container, DamagedError, TruncatedError
from workers.media.source import Source

# A decoder may write this many times the file's bytes. Photographs stay below 200, a chessboard
# drawn by a program reaches 860, and nothing but one plain colour comes near the 1 032 that deflate can do.
BOMB_RATIO = 1_000
BOMB_PIXELS = 8_000_000

_SPACE = re.compile(rb"\A[\0\s]*\Z")
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|script|svg|\?php)[\s>]", re.IGNORECASE)
_MARKUP_WINDOW = 4096
_PDF_WINDOW = 1024  # readers of PDF look for its header in so many bytes
_ZIP_WINDOW = 65_557  # the end record of a ZIP (22 bytes) and the longest comment after it


_TYPES = tuple(
    (re.compile(begins), f"image/{name}")
    for begins, name in (
        (rb"\xff\xd8\xff", "jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "png"),
        (rb"GIF8[79]a", "gif"),
        (rb"RIFF[\s\S]{4}WEBP", "webp"),
        (rb"II[*+]\0|MM\0[*+]", "tiff"),
        (rb"BM[\s\S]{4}\0{4}", "bmp"),
    )
)

MARKS_OF_PICTURES = re.compile(b"|".join(begins.pattern for begins, _ in _TYPES))


class Probed(NamedTuple):
    media_type: str
    width: int
    height: int
    frames: int


def probe(data: Source, limits: Limits, encoding: str = "") -> Probed:
    """The picture's type, size in pixels (as stored, before EXIF turns it) and number of frames.

    `data` is the whole file, of which a piece is in memory at a time. Raises `Refused` for anything that
    isn't one whole picture within `limits`.
    """
    if len(data) > limits.max_bytes:
        raise Refused(
            "too_many_bytes",
            f"The file has {len(data) / 1e6:.1f} MB; up to {limits.max_bytes / 1e6:.0f} MB are "
            "taken. Send a smaller picture.",
        )
    head = data.part(0, HEAD)
    media_type = next((name for begins, name in _TYPES if begins.match(head)), None)
    if media_type is None:
        raise Refused("not_media", "This is not a picture, whatever its name says. Send one of another kind.")
    try:
        container = READERS[media_type](data)
    except TruncatedError:
        raise _truncated() from None
    except DamagedError as damaged:
        raise Refused(
            "damaged",
            f"The picture is damaged: {damaged}. Open it in a picture editor, save it anew and send that.",
        ) from None
    _within(container, len(data), limits)
    _nothing_else(data, container.end)
    return Probed(media_type, container.width, container.height, container.frames)


def _truncated() -> Refused:
    return Refused(
        "truncated",
        "The file ends before the picture does. It was probably cut off while being copied; send it again.",
    )


def _within(container: Container, size: int, limits: Limits) -> None:
    width, height, frames, depth, _ = container
    if width <= 0 or height <= 0:
        raise Refused(
            "damaged", "The picture says that it has no width or no height. Save it anew and send that."
        )
    if max(width, height) > limits.max_side:
        raise Refused(
            "too_long_a_side",
            f"The picture is {width} × {height} pixels; a side may have up to {limits.max_side}. "
            "Send a smaller one.",
        )
    if width * height > limits.max_pixels:
        raise Refused(
            "too_many_pixels",
            f"The picture has {width * height / 1e6:.1f} million pixels; up to "
            f"{limits.max_pixels / 1e6:.0f} million are taken. Send a smaller one.",
        )
    if frames > limits.max_frames:
        raise Refused(
            "too_many_frames",
            f"The file holds {frames} pictures (an animation or several pages) and {limits.max_frames} is "
            "taken. Send each picture as a file of its own.",
        )
    decoded = width * height * depth / 8
    if width * height > BOMB_PIXELS and decoded > size * BOMB_RATIO:
        raise Refused(
            "bomb",
            f"The file would grow to {decoded / size:.0f} times its size when opened, which no photograph or "
            "scan does. If the picture really is one plain colour, send a smaller one.",
        )


def _nothing_else(data: Source, end: int) -> None:
    """Refuses a file that is a picture and something else too: a later reader might see the other."""
    if not all(_SPACE.match(piece) for piece in data.pieces(end, len(data))):
        motion = b"ftyp" in data.part(end, end + 64)
        what = "a short video (a motion photo)" if motion else f"{len(data) - end} more bytes"
        raise Refused(
            "polyglot",
            f"After the picture's end the file goes on with {what}. Open it in a picture editor, save the "
            "picture alone and send that.",
        )
    other = _hidden(data)
    if other:
        raise Refused(
            "polyglot",
            f"The file is a picture and {other} at once. Open it in a picture editor, save the picture alone "
            "and send that.",
        )


def _hidden(data: Source) -> str | None:
    size = len(data)
    if b"%PDF-" in data.part(0, _PDF_WINDOW):
        return "a PDF document"
    if _MARKUP.search(data.part(0, _MARKUP_WINDOW)) or _MARKUP.search(data.part(size - _MARKUP_WINDOW, size)):
        return "a web page"
    tail_at = max(0, size - _ZIP_WINDOW)
    tail = data.part(tail_at, size)
    found = tail.rfind(b"PK\x05\x06")
    if found >= 0 and found + 22 <= len(tail):
        length, offset = struct.unpack_from("<II", tail, found + 12)
        at = tail_at + found
        # The four letters may come up by chance in compressed data; a directory before them does not.
        if length + offset <= at and data.part(at - length, at - length + 4) in (
            b"PK\x01\x02",
            b"PK\x05\x06",
        ):
            return "a ZIP archive"
    return None
