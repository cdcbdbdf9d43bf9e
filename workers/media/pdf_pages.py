"""The pages of a PDF that `workers.media.pdf` wrote: a JPEG each, read where it lies."""

from __future__ import annotations

import io
import re

import numpy as np
from PIL import Image

from workers.media.picture import Pixels

_END = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")
_ENTRY = 20  # bytes of a line of the table of objects
_PICTURE = re.compile(rb"\d+ 0 obj\n<</Type/XObject/Subtype/Image[^>]*/Length (\d+)>>stream\n")


def ranges(content: bytes) -> list[tuple[int, int]]:
    """Of each page its JPEG's bytes from … to before …. Raises `ValueError` for a PDF of other making."""
    end = _END.search(content, max(0, len(content) - 64))
    table = re.compile(rb"xref\n0 (\d+)\n").match(content, int(end[1])) if end else None
    if table is None:
        raise ValueError("This PDF was not written page by page here.")
    found = []
    for number in range(3, int(table[1]), 3):  # after the catalogue and the list of pages, three a page
        at = table.end() + number * _ENTRY
        picture = _PICTURE.match(content, int(content[at : at + 10]))
        if picture is None:
            raise ValueError("This PDF was not written page by page here.")
        found.append((picture.end(), picture.end() + int(picture[1])))
    return found


def small(jpeg: bytes, longest: int) -> tuple[Pixels, tuple[int, int]]:
    """RGB with a longer side of `longest` pixels at most, and the width and height before it was scaled."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        size = image.size
        image.draft("RGB", (2 * longest, 2 * longest))
        drawn = image.convert("RGB")
    drawn.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(drawn), size
