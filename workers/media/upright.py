"""An original as a browser can show it, upright: what is marked on it lies where the GPU side finds it."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from omnigov.contracts import Limits, PagePicture
from omnigov.orientation import TURNS, orientation
from workers.media import document, sound, text
from workers.media.flac_stream import flac
from workers.media.pdf import PicturePdf
from workers.media.peaks import Peaks
from workers.media.picture import encode

BROWSERS = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp")
"""What browsers show by themselves. A TIFF they do not."""


class NotShown(ValueError):
    """The original can't be shown as a picture."""


def as_shown(content: bytes, media_type: str) -> tuple[bytes, str]:
    """The picture and its media type: the very bytes, where a browser shows them upright by itself.

    Some browsers turn some kinds of file by what a camera wrote into them. So what has to be turned is turned
    here. Raises `NotShown` where the bytes can't be opened.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            # Loaded first: Pillow turns a TIFF itself while it reads it, and then has no turn left.
            image.load()
            turn = TURNS.get(orientation(image))
            if turn is None and media_type in BROWSERS:
                return content, media_type
            stood = _eight_bits(image)
            if turn is not None:
                stood = stood.transpose(turn)
        out = io.BytesIO()
        kind = "JPEG" if media_type == "image/jpeg" else "PNG"
        stood.save(out, kind, quality=92)
    except Exception as broken:
        raise NotShown("The original can't be shown as a picture.") from broken
    return out.getvalue(), f"image/{kind.lower()}"


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("RGB")
    return image.convert("RGB")


def document_as_shown(content: bytes, limits: Limits, pages: list[PagePicture]) -> Iterator[bytes]:
    """A PDF of the document's pages as they are drawn for redaction, a page in memory at a time.

    `pages` then says where each of them lies; there are no thumbnails. Raises `Refused`.
    """
    pieces = _Pieces()
    with PicturePdf(pieces) as drawn:
        for page in document.decode(content, limits):
            height, width = page.pixels.shape[:2]
            start, end = drawn.add(encode(page.pixels, "image/jpeg"), width, height, page.dots_an_inch)
            place = PagePicture(
                width=width, height=height, start=start, end=end, thumbnail_start=0, thumbnail_end=0
            )
            pages.append(place)
            yield pieces.taken()
    yield pieces.taken()


def text_as_shown(content: bytes, limits: Limits, encoding: str = "") -> bytes:
    """The text in UTF-8: its characters are those that redaction counts. Raises `Refused`."""
    return text.decode(content, limits, encoding).text.encode("utf-8", "replace")


def sound_as_shown(content: bytes, limits: Limits, peaks: Peaks | None = None) -> Iterator[bytes]:
    """The recording as FLAC, on one channel of 16,000 samples a second: what redaction listens to.

    `peaks` are gathered meanwhile, and are whole with the last piece.
    It is decoded twice, since its length, by which players seek, has to stand in the first bytes. Between two
    pieces may be empty ones, which say that it gets on. Raises `Refused`.
    """
    samples = 0
    for block in sound.decode(content, limits):
        samples += len(block)
        if peaks is not None:
            peaks.add(block)
        yield b""
    yield from flac(sound.decode(content, limits), samples)


class _Pieces:
    """A stream that is written on and taken from."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, content: bytes) -> int:
        self._written += content
        return len(content)

    def taken(self) -> bytes:
        piece, self._written = bytes(self._written), bytearray()
        return piece
