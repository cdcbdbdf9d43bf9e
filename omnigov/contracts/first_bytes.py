"""What a file plainly is not, by its first bytes and never by its name.

Asked of an upload as its first bytes pass, and again of the whole file before it is decoded.
"""

from __future__ import annotations

import re

from omnigov.contracts import kinds
from omnigov.contracts.steps import Refused

TAKEN = (
    "a picture (JPEG, PNG, WebP, BMP, TIFF or a GIF of one frame), a PDF, a text (plain, Markdown, CSV, "
    "JSON, XML, subtitles, mail), a recording (WAV, FLAC, MP3, M4A or AAC, Ogg or Opus, WebM), or a video "
    "(MP4, MOV, MKV, WebM, AVI)"
)


def plainly_taken(head: bytes) -> None:
    """Raises `Refused` where the first `kinds.HEAD` bytes are those of no kind that is taken."""
    name = _known_by_name(head)
    if name:
        raise Refused("unsupported", f"This is {name}, which is not taken here. Send {TAKEN}.")
    if not any(kind.begins.match(head) for kind in kinds.KINDS):
        raise Refused(
            "not_media", f"This is no medium that is taken here, whatever its name says. Send {TAKEN}."
        )


_HEIC = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_OTHERS = (
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"8BPS\0", "a Photoshop document"),
    (b"\0\0\1\xba", "an MPEG video"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file"),
    (b"#!AMR", "an AMR recording"),
    (b"\0\0\x01\0", "an icon"),
)


def _known_by_name(head: bytes) -> str | None:
    if head[:1] == b"\0" and head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _HEIC:
            return "a HEIC picture (the usual format of an iPhone)"
        if brand in (b"avif", b"avis"):
            return "an AVIF picture"
        return None
    if head.startswith(b"OggS"):
        return "an Ogg video" if head[28:35] == b"\x80theora" else None
    if re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>]*>|\s)*<svg[\s>]", head, re.S):
        return "an SVG drawing"
    return next((name for magic, name in _OTHERS if head.startswith(magic)), None)
