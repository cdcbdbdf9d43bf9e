"""Documents: a PDF or a TIFF of several pages, as upright pictures one after the other.

A page is drawn as it would be printed: form fields and annotations where they can be seen; hidden text,
attachments and scripts not at all, as PDFium is built without a script engine here.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pypdfium2
from PIL import Image

from omnigov.contracts import Limits, Refused
from workers.media.picture import Pixels, frames_of_tiff, upright

DOTS_AN_INCH = 200  # of a drawn page: letters of 8 points are 22 pixels high
POINTS = 72
_PDF_WINDOW = 1024  # readers of PDF look for its header in so many bytes


@dataclass(frozen=True)
class Page:
    pixels: Pixels
    dots_an_inch: float


def tells(content: bytes) -> bool:
    """Whether the file is a PDF or a TIFF of several pages. A PDF with something before it is one too."""
    return _is_pdf(content) or frames_of_tiff(content) > 1


def decode(content: bytes, limits: Limits) -> Iterator[Page]:
    """The pages, one in memory at a time. Raises `Refused` for a document that can't be drawn whole.

    Limits on bytes and pages are checked before the first is drawn, as by `count`.
    """
    count(content, limits)
    return _of_pdf(content, limits) if _is_pdf(content) else _of_tiff(content, limits)


def count(content: bytes, limits: Limits) -> int:
    """How many pages the document has. Raises `Refused` where it can't be opened or is beyond the limits."""
    if len(content) > limits.max_bytes:
        raise Refused(
            "too_many_bytes", f"The file is larger than {limits.max_bytes / 1e6:.0f} MB. Send a smaller one."
        )
    if not _is_pdf(content):
        total = frames_of_tiff(content)
    else:
        document = _opened(content)
        try:
            total = len(document)
        finally:
            document.close()
    _check_count(total, limits)
    return total


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:_PDF_WINDOW]


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Refused(
                "encrypted",
                "The PDF is locked with a password. Open it, save it without a password, and send that.",
            ) from None
        raise Refused(
            "damaged", "The PDF is damaged and can't be opened. Print it anew to a PDF and send that."
        ) from None
    document.init_forms()
    return document


def _of_pdf(content: bytes, limits: Limits) -> Iterator[Page]:
    document = _opened(content)
    try:
        for number in range(len(document)):
            yield _drawn(document, number, limits)
    finally:
        document.close()


def _drawn(document: pypdfium2.PdfDocument, number: int, limits: Limits) -> Page:
    try:
        page = document[number]
        width, height = page.get_size()
        if not (0 < width < math.inf and 0 < height < math.inf):
            raise Refused("damaged", f"Page {number + 1} of the PDF says that it has no width or no height.")
        scale = min(
            DOTS_AN_INCH / POINTS,
            math.sqrt(limits.max_pixels / (width * height)),
            limits.max_side / max(width, height),
        )
        drawn = page.render(scale=scale, draw_annots=True, may_draw_forms=True, rev_byteorder=True)
        pixels = np.array(drawn.to_numpy()[:, :, :3], dtype=np.uint8)
        page.close()
    except pypdfium2.PdfiumError:
        raise Refused(
            "damaged",
            f"Page {number + 1} of the PDF is damaged and can't be drawn. Print it anew to a PDF and "
            "send that.",
        ) from None
    return Page(pixels, scale * POINTS)


def _of_tiff(content: bytes, limits: Limits) -> Iterator[Page]:
    for number in range(frames_of_tiff(content)):
        with Image.open(io.BytesIO(content), formats=("TIFF",)) as image:
            yield Page(upright(image, limits, page=number), DOTS_AN_INCH)


def _check_count(found: int, limits: Limits) -> None:
    if not found:
        raise Refused("empty", "The document has no page.")
    if found > limits.max_pages:
        raise Refused(
            "too_many_pages",
            f"The document has {found} pages; up to {limits.max_pages} are taken. Split it and "
            "send the parts.",
        )
