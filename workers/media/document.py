"""Documents: a PDF or a TIFF of several pages, as upright pictures one after the other.

A page is drawn as it would be printed: form fields and annotations where they can be seen; hidden text,
attachments and scripts not at all, as PDFium is built without a script engine here.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image
from pypdfium2 import raw as pdfium

from omnigov.contracts import Limits, Refused
from workers.media.picture import Pixels, pages_of_tiff, upright
from workers.media.picture import probe as probe_picture
from workers.media.probe import MARKS_OF_PICTURES, Probed
from workers.media.source import WINDOW, Source

DOTS_AN_INCH = 200  # of a drawn page: letters of 8 points are 22 pixels high
POINTS = 72
_PDF_WINDOW = 1024  # readers of PDF look for its header in so many bytes


@dataclass(frozen=True)
class Page:
    pixels: Pixels
    dots_an_inch: float


def tells(data: Source) -> bool:
    """Whether the file is a PDF or a TIFF of several pages. A PDF with something before it is one too.

    What begins as a picture is none: `workers.media.probe` says what it is to be both.
    """
    return _is_pdf(data) or pages_of_tiff(data) > 1


def probe(data: Source, limits: Limits, encoding: str = "") -> Probed:
    """Type, number of pages, and the first page's size in pixels as it will be drawn; none is drawn for it.

    PDFium reads of the file what it needs. Raises `Refused` as `decode` does.
    """
    _check_bytes(len(data), limits)
    if not _is_pdf(data):
        total = pages_of_tiff(data)
        _check_count(total, limits)
        return probe_picture(data, limits.model_copy(update={"max_frames": total}))
    with _opened(_load_piecewise(data)) as document:
        total = len(document)
        _check_count(total, limits)
        width, height = document.get_page_size(0)
        scale = _scale(0, width, height, limits)
        return Probed("application/pdf", math.ceil(width * scale), math.ceil(height * scale), total)


def decode(content: bytes, limits: Limits) -> Iterator[Page]:
    """The pages, one in memory at a time. Raises `Refused` for a document that can't be drawn whole.

    Limits on bytes and pages are checked before the first is drawn, as by `count`.
    """
    count(content, limits)
    return _of_pdf(content, limits) if _is_pdf(Source.of(content)) else _of_tiff(content, limits)


def count(content: bytes, limits: Limits) -> int:
    """How many pages the document has. Raises `Refused` where it can't be opened or is beyond the limits."""
    _check_bytes(len(content), limits)
    if not _is_pdf(Source.of(content)):
        total = pages_of_tiff(Source.of(content))
    else:
        with _opened(_load(content)) as document:
            total = len(document)
    _check_count(total, limits)
    return total


def _is_pdf(data: Source) -> bool:
    head = data.part(0, _PDF_WINDOW)
    return b"%PDF-" in head and not MARKS_OF_PICTURES.match(head)


@dataclass(frozen=True)
class _Loaded:
    """PDFium's handle of a document, none where it failed, and what has to live as long as that."""

    handle: Any
    held: object
    stopped: list[Exception]
    """What stopped the reading of the file: no exception goes through C code."""


def _load(content: bytes) -> _Loaded:
    return _Loaded(pdfium.FPDF_LoadMemDocument64(content, len(content), None), content, [])


def _load_piecewise(data: Source) -> _Loaded:
    """As `_load`, of a file that PDFium asks for piece by piece."""
    stopped: list[Exception] = []

    def block(_: object, at: int, into: Any, size: int) -> int:
        try:
            for done in range(0, size, WINDOW):
                piece = data.part(at + done, at + min(size, done + WINDOW))
                ctypes.memmove(ctypes.addressof(into.contents) + done, piece, len(piece))
        except Exception as error:  # noqa: BLE001 - raised again by `_opened`
            stopped.append(error)
            return 0
        return 1

    access = pdfium.FPDF_FILEACCESS()
    access.m_FileLen = len(data)
    access.m_GetBlock = dict(pdfium.FPDF_FILEACCESS._fields_)["m_GetBlock"](block)
    return _Loaded(pdfium.FPDF_LoadCustomDocument(access, None), access, stopped)


@contextlib.contextmanager
def _opened(loaded: _Loaded) -> Iterator[pypdfium2.PdfDocument]:
    """The document for the block. Raises `Refused` where it can't be opened."""
    if not loaded.handle:
        if loaded.stopped:
            raise loaded.stopped[0]
        # Asked right after the failure: PDFium keeps the last one through every success.
        if pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Refused(
                "encrypted",
                "The PDF is locked with a password. Open it, save it without a password, and send that.",
            )
        raise Refused(
            "damaged", "The PDF is damaged and can't be opened. Print it anew to a PDF and send that."
        )
    document = pypdfium2.PdfDocument(loaded.handle)
    try:
        document.init_forms()
        yield document
        if loaded.stopped:
            raise loaded.stopped[0]
    finally:
        document.close()


def _of_pdf(content: bytes, limits: Limits) -> Iterator[Page]:
    with _opened(_load(content)) as document:
        for number in range(len(document)):
            yield _drawn(document, number, limits)


def _scale(number: int, width: float, height: float, limits: Limits) -> float:
    """Pixels a point, at which the page is drawn within the limits."""
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise Refused("damaged", f"Page {number + 1} of the PDF says that it has no width or no height.")
    return min(
        DOTS_AN_INCH / POINTS,
        math.sqrt(limits.max_pixels / (width * height)),
        limits.max_side / max(width, height),
    )


def _drawn(document: pypdfium2.PdfDocument, number: int, limits: Limits) -> Page:
    try:
        page = document[number]
        width, height = page.get_size()
        scale = _scale(number, width, height, limits)
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
    for number in range(pages_of_tiff(Source.of(content))):
        with Image.open(io.BytesIO(content), formats=("TIFF",)) as image:
            yield Page(upright(image, limits, page=number), DOTS_AN_INCH)


def _check_bytes(found: int, limits: Limits) -> None:
    if found > limits.max_bytes:
        raise Refused(
            "too_many_bytes", f"The file is larger than {limits.max_bytes / 1e6:.0f} MB. Send a smaller one."
        )


def _check_count(found: int, limits: Limits) -> None:
    if not found:
        raise Refused("empty", "The document has no page. Print it anew to a PDF and send that.")
    if found > limits.max_pages:
        raise Refused(
            "too_many_pages",
            f"The document has {found} pages; up to {limits.max_pages} are taken. Split it and "
            "send the parts.",
        )
