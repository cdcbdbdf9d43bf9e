"""A PDF of pictures and nothing else, written page by page (ISO 32000-1, 7.5 and 8.9).

No library that writes PDF leaves out all of what a reader could take for metadata, nor streams its pages;
what is needed here is six kinds of object.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

POINTS = 72  # an inch


class Written(Protocol):
    """What a PDF is written to: of a stream no more than this is asked."""

    def write(self, content: bytes, /) -> int: ...


class PicturePdf:
    """Writes JPEG pages to a stream. As a context manager it writes the file's end; not after an error."""

    def __init__(self, stream: Written) -> None:
        self._stream = stream
        self._at = 0
        self._offsets: dict[int, int] = {}
        self._pages: list[int] = []
        self._write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def add(self, jpeg: bytes, width: int, height: int, dots_an_inch: float) -> tuple[int, int]:
        """One page that the RGB picture of `width` × `height` pixels fills; where its bytes begin and end."""
        # A hair less than the pixels, as who draws the page rounds up to whole ones.
        wide, high = (f"{side * POINTS / dots_an_inch - 0.002:.3f}" for side in (width, height))
        picture, drawing, page = (3 * len(self._pages) + 3 + part for part in range(3))
        start = self._stream_object(
            picture,
            f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceRGB"
            "/BitsPerComponent 8/Filter/DCTDecode",
            jpeg,
        )
        self._stream_object(drawing, "", f"{wide} 0 0 {high} 0 0 cm /P Do".encode())
        self._object(
            page,
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {wide} {high}]"
            f"/Resources<</XObject<</P {picture} 0 R>>>>/Contents {drawing} 0 R>>".encode(),
        )
        self._pages.append(page)
        return start, start + len(jpeg)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._end()

    def _end(self) -> None:
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._object(1, b"<</Type/Catalog/Pages 2 0 R>>")
        self._object(2, f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>".encode())
        table, count = self._at, max(self._offsets) + 1
        self._write(f"xref\n0 {count}\n0000000000 65535 f \n".encode())
        for number in range(1, count):
            self._write(f"{self._offsets[number]:010} 00000 n \n".encode())
        self._write(f"trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n".encode())

    def _stream_object(self, number: int, entries: str, content: bytes) -> int:
        """Writes a stream, and returns where its content begins in the file."""
        head = f"<<{entries}/Length {len(content)}>>stream\n".encode()
        before = len(f"{number} 0 obj\n") + len(head)
        self._object(number, head + content + b"\nendstream")
        return self._offsets[number] + before

    def _object(self, number: int, body: bytes) -> None:
        self._offsets[number] = self._at
        self._write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")

    def _write(self, content: bytes) -> None:
        self._stream.write(content)
        self._at += len(content)
