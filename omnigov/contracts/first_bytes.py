"""What a file plainly is not, by its first bytes and never by its name.

Asked of an upload as its first bytes pass, and again of the whole file before it is decoded.
"""

from __future__ import annotations

import re

from omnigov.contracts import kinds
from omnigov.contracts.steps import Refused

TAKEN = "JPEG, PNG, WebP, BMP, TIFF or a GIF of one frame"


def plainly_taken(head: bytes) -> None:
    """Raises `Refused` where the first `kinds.HEAD` bytes are those of no kind that is taken."""
    if any(kind.viewer and kind.begins.match(head) for kind in kinds.KINDS):
        return
    name = _known_by_name(head)
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


def _known_by_name(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _HEIC:
            return "a HEIC picture (the usual format of an iPhone)"
        return "an AVIF picture" if brand in (b"avif", b"avis") else "an MP4 or QuickTime video"
    if head.startswith(b"RIFF"):
        return {b"WAVE": "a WAV sound", b"AVI ": "an AVI video"}.get(head[8:12])
    if re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>]*>|\s)*<svg[\s>]", head, re.S):
        return "an SVG drawing"
    return next((name for magic, name in _OTHERS if head.startswith(magic)), None)
