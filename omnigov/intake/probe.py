"""What a file is, told from its bytes before anything is decoded.

Pure byte reading: no codec runs here, so a hostile file has nothing to attack in the web process. What
can't be taken is refused with a sentence that says why and what to do.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from typing import BinaryIO, NamedTuple

from omnigov.contracts import Limits, Refused
from omnigov.intake.containers import READERS, Container, DamagedError, TruncatedError

TAKEN = "JPEG, PNG, WebP, BMP, TIFF or a GIF of one frame"
NAME_MAX = 120

# A decoder may write this many times the file's bytes. Photographs stay below 200, a chessboard
# drawn by a program reaches 860, and nothing but one plain colour comes near the 1 032 that deflate can do.
BOMB_RATIO = 1_000
BOMB_PIXELS = 8_000_000

_SPACE = re.compile(rb"\A[\0\s]*\Z")
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|script|svg|\?php)[\s>]", re.IGNORECASE)
_MARKUP_WINDOW = 4096
_PDF_WINDOW = 1024  # readers of PDF look for its header in so many bytes
_ZIP_WINDOW = 65_557  # the end record of a ZIP (22 bytes) and the longest comment after it


class Probed(NamedTuple):
    media_type: str
    width: int
    height: int
    frames: int


def probe(source: BinaryIO | bytes, size: int, limits: Limits) -> Probed:
    """The picture's type, size in pixels (as stored, before EXIF turns it) and number of frames.

    `source` is the whole file, as bytes or as a seekable file whose bytes lie in memory; `size` is its
    length as announced. Raises `Refused` for anything that isn't one whole picture within `limits`.
    """
    data = source if isinstance(source, bytes) else _read(source, limits.max_bytes)
    if max(size, len(data)) > limits.max_bytes:
        raise Refused(
            "too_many_bytes",
            f"The file has {max(size, len(data)) / 1e6:.1f} MB; up to {limits.max_bytes / 1e6:.0f} MB are "
            "taken. Send a smaller picture.",
        )
    if not data:
        raise Refused("empty", "The file is empty. Check that it was copied whole, and send it again.")
    if len(data) < size:
        raise _truncated()
    media_type = _media_type(data)
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
    _nothing_else(data, media_type, container.end)
    return Probed(media_type, container.width, container.height, container.frames)


def _read(source: BinaryIO, most: int) -> bytes:
    source.seek(0)
    return source.read(most + 1)


def _truncated() -> Refused:
    return Refused(
        "truncated",
        "The file ends before the picture does. It was probably cut off while being copied; send it again.",
    )


def _media_type(data: bytes) -> str:
    """The type of a picture that is taken; raises `Refused` for all else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith((b"II*\0", b"MM\0*")):
        return "image/tiff"
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        return "image/bmp"
    name = _known_by_name(data)
    if name:
        raise Refused("unsupported", f"This is {name}, which is not taken here. Send it as {TAKEN}.")
    raise Refused(
        "not_media",
        f"This is not a picture, whatever its name says. {TAKEN[0].upper()}{TAKEN[1:]} can be sent.",
    )


_HEIC = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_OTHERS = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"8BPS", "a Photoshop document"),
    (b"II+\0", "a BigTIFF picture"),
    (b"MM\0+", "a BigTIFF picture"),
    (b"\x1a\x45\xdf\xa3", "a WebM or Matroska video"),
    (b"OggS", "an Ogg sound or video"),
    (b"ID3", "an MP3 sound"),
    (b"fLaC", "a FLAC sound"),
    (b"\0\0\x01\0", "an icon"),
)


def _known_by_name(data: bytes) -> str | None:
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in _HEIC:
            return "a HEIC picture (the usual format of an iPhone)"
        return "an AVIF picture" if brand in (b"avif", b"avis") else "an MP4 or QuickTime video"
    if data.startswith(b"RIFF"):
        return {b"WAVE": "a WAV sound", b"AVI ": "an AVI video"}.get(data[8:12])
    if re.match(
        rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>]*>|\s)*<svg[\s>]", data[:4096], re.S
    ):
        return "an SVG drawing"
    return next((name for magic, name in _OTHERS if data.startswith(magic)), None)


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


def _nothing_else(data: bytes, media_type: str, end: int) -> None:
    """Refuses a file that is a picture and something else too: a later reader might see the other."""
    trailing = data[end:]
    if trailing and not _SPACE.match(trailing):
        what = "a short video (a motion photo)" if b"ftyp" in trailing[:64] else f"{len(trailing)} more bytes"
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


def _hidden(data: bytes) -> str | None:
    if b"%PDF-" in data[:_PDF_WINDOW]:
        return "a PDF document"
    if _MARKUP.search(data[:_MARKUP_WINDOW]) or _MARKUP.search(data[-_MARKUP_WINDOW:]):
        return "a web page"
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _ZIP_WINDOW))
    if at >= 0 and at + 22 <= len(data):
        size, offset = struct.unpack_from("<II", data, at + 12)
        # The four letters may come up by chance in compressed data; a directory before them does not.
        if size + offset <= at and data[at - size : at - size + 4] in (b"PK\x01\x02", b"PK\x05\x06"):
            return "a ZIP archive"
    return None


_PARTS = re.compile(r"[/\\]")


def safe_name(raw: str) -> str:
    """A name to show to people: the last path part, without control signs, bidi overrides or surrogates.

    Never empty, at most `NAME_MAX` characters; the extension stays when the name is cut.
    """
    name = _PARTS.split(raw.replace("\0", ""))[-1]
    # Cc: control; Cf: bidi overrides, zero-width signs; Cs: half a surrogate pair; Co, Cn: nothing to see.
    name = "".join(
        sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name.strip(". "):
        return "unnamed"
    if len(name) > NAME_MAX:
        stem, dot, extension = name.rpartition(".")
        tail = f"…{dot}{extension}" if dot and len(extension) <= 8 else "…"
        name = (stem if tail != "…" else name)[: NAME_MAX - len(tail)] + tail
    return name
