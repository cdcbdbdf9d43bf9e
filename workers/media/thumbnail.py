"""A picture, small, for a list: made of the redacted copy, and never of an original."""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

SIDE = 320
"""Pixels of the longer side, as of a document's pages."""
_QUALITY = 80
_FORMATS = ("PNG", "JPEG")


def thumbnail(copy: BinaryIO) -> bytes:
    """A JPEG of the picture with a longer side of `SIDE` pixels; nothing where the copy is no picture.

    The copy is the redaction's own, written a moment before, so its size was held against the limits.
    """
    copy.seek(0)
    try:
        with Image.open(copy, formats=_FORMATS) as image:
            image.draft("RGB", (SIDE, SIDE))
            image.thumbnail((SIDE, SIDE), reducing_gap=2.0)
            out = io.BytesIO()
            image.convert("RGB").save(out, "JPEG", quality=_QUALITY)
            return out.getvalue()
    except UnidentifiedImageError:
        return b""
