"""The containers that pictures come in, read without decoding a pixel.

Each function walks one format's own structure (markers, chunks, blocks, directories) and returns a
`Container`: the size, the number of frames, and where the picture ends in the file. A structure that
stops early raises `TruncatedError`, one that contradicts itself raises `DamagedError`; `workers.media.probe`
turns both into sentences. Sources: ITU T.81 (JPEG), W3C PNG 3, RFC 9649 (WebP), GIF89a, TIFF 6.0,
BigTIFF (libtiff) and Microsoft's BITMAPINFOHEADER.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from workers.media.source import Source


class TruncatedError(Exception):
    """The container announces more bytes than there are."""


class DamagedError(Exception):
    """The container contradicts itself; the message says where, in words for a person."""


class Container(NamedTuple):
    width: int
    height: int
    frames: int
    depth: int  # bits a pixel, decoded; for the ratio that tells a decompression bomb
    end: int  # the first byte after the picture


JPEG_SCANS_MAX = 100  # a progressive picture has about ten; each more costs a pass over every block
TIFF_DIRECTORIES_MAX = 10_000

# In entropy-coded data 0xFF is followed by 0x00 (stuffed) or a restart marker; anything else ends it.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _unpack(layout: str, data: Source, at: int) -> tuple[int, ...]:
    try:
        return data.unpack(layout, at)
    except struct.error:
        raise TruncatedError from None
    except ValueError:
        raise DamagedError("a list in it is longer than any picture needs") from None


def jpeg(data: Source) -> Container:
    """One JPEG picture; a preview or gain map after it that an MPF segment announces belongs to it.

    Phones keep those after the picture and say so in the segment (CIPA DC-007). They are never decoded.
    """
    container, several = _jpeg_picture(data, 0)
    end = container.end
    while several and data.part(end, end + 3) == b"\xff\xd8\xff":
        end = _jpeg_picture(data, end)[0].end
    return container._replace(end=end)


def _jpeg_picture(data: Source, start: int) -> tuple[Container, bool]:
    """The picture that starts at `start`, and whether it announces others after it."""
    at, size, scans, several = start + 2, (0, 0, 0), 0, False
    while True:
        marker, at = _jpeg_marker(data, at)
        if marker == 0xD9:
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            continue
        (length,) = _unpack(">H", data, at)
        if length < 2:
            raise DamagedError("a segment of the JPEG has no length")
        if at + length > len(data):
            raise TruncatedError
        if marker in _JPEG_FRAMES:
            depth, height, width, channels = _unpack(">BHHB", data, at + 2)
            size = (width, height, depth * channels)
        elif marker == 0xE2 and data.part(at + 2, at + 6) == b"MPF\0":
            several = True
        at += length
        if marker == 0xDA:
            scans += 1
            if scans > JPEG_SCANS_MAX:
                raise DamagedError(f"the JPEG has more than {JPEG_SCANS_MAX} scans")
            at = data.find(_JPEG_MARKER, 2, at)
            if at < 0:
                raise TruncatedError
    if not scans or 0 in size:
        raise DamagedError("the JPEG has no picture in it")
    return Container(size[0], size[1], 1, size[2], at), several


def _jpeg_marker(data: Source, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise TruncatedError
    if data.byte(at) != 0xFF:
        raise DamagedError("bytes stand between the segments of the JPEG")
    while at < len(data) and data.byte(at) == 0xFF:
        at += 1
    if at >= len(data):
        raise TruncatedError
    return data.byte(at), at + 1


_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def png(data: Source) -> Container:
    at, frames, header, pixels = 8, 1, None, False
    while True:
        (length,) = _unpack(">I", data, at)
        kind = data.part(at + 4, at + 8)
        end = at + 12 + length
        if end > len(data):
            raise TruncatedError
        (crc,) = _unpack(">I", data, end - 4)
        if _crc32(data, at + 4, end - 4) != crc:
            raise DamagedError("a check sum in the PNG does not match")
        if header is None:
            if kind != b"IHDR" or length != 13:
                raise DamagedError("the PNG does not begin with its header")
            header = _unpack(">IIBB", data, at + 8)
        elif kind == b"acTL":
            frames = max(1, _unpack(">I", data, at + 8)[0])
        elif kind == b"IDAT":
            pixels = True
        at = end
        if kind == b"IEND":
            break
    width, height, depth, colour = header
    if not pixels or colour not in _PNG_CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise DamagedError("the PNG has no picture in it")
    return Container(width, height, frames, depth * _PNG_CHANNELS[colour], at)


def _crc32(data: Source, start: int, end: int) -> int:
    found = 0
    for piece in data.pieces(start, end):
        found = zlib.crc32(piece, found)
    return found


def webp(data: Source) -> Container:
    (announced,) = _unpack("<I", data, 4)
    end = 8 + announced
    if end > len(data):
        raise TruncatedError
    at, frames, canvas, picture = 12, 0, None, None
    while at + 8 <= end:
        kind, (length,) = data.part(at, at + 4), _unpack("<I", data, at + 4)
        body = at + 8
        if body + length > end:
            raise TruncatedError
        if kind == b"VP8X":
            canvas = (1 + _u24(data, body + 4), 1 + _u24(data, body + 7))
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"VP8 ":
            if data.part(body + 3, body + 6) != b"\x9d\x01\x2a":
                raise DamagedError("the WebP picture has no start code")
            width, height = _unpack("<HH", data, body + 6)
            picture = (width & 0x3FFF, height & 0x3FFF)
        elif kind == b"VP8L":
            if data.part(body, body + 1) != b"\x2f":
                raise DamagedError("the WebP picture has no signature")
            (bits,) = _unpack("<I", data, body + 1)
            picture = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        at = body + length + (length & 1)
    if picture is None and not frames:
        raise DamagedError("the WebP has no picture in it")
    # The canvas and the picture in it must agree, or a small one would hide a large one.
    if canvas and picture and canvas != picture:
        raise DamagedError("the WebP gives two sizes for one picture")
    width, height = canvas or picture or (0, 0)
    return Container(width, height, max(frames, 1), 32, max(end, min(at, len(data))))


def _u24(data: Source, at: int) -> int:
    low, high = _unpack("<HB", data, at)
    return low | high << 16


def gif(data: Source) -> Container:
    width, height, flags = _unpack("<HHB", data, 6)
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    frames = 0
    while True:
        (block,) = _unpack("<B", data, at)
        if block == 0x3B:
            break
        if block == 0x21:
            at = _gif_blocks(data, at + 2)
        elif block == 0x2C:
            left, top, wide, high, flags = _unpack("<HHHHB", data, at + 1)
            if left + wide > width or top + high > height:
                raise DamagedError("a frame of the GIF is larger than the picture")
            at += 10 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
            at = _gif_blocks(data, at + 1)
            frames += 1
        else:
            raise DamagedError("a block of the GIF is of no known kind")
    if not frames:
        raise DamagedError("the GIF has no picture in it")
    return Container(width, height, frames, 8, at + 1)


def _gif_blocks(data: Source, at: int) -> int:
    while True:
        (length,) = _unpack("<B", data, at)
        at += 1 + length
        if not length:
            return at


def bmp(data: Source) -> Container:
    announced, _, offset, header = _unpack("<IIII", data, 2)
    if header == 12:
        width, height, _, depth = _unpack("<HHHH", data, 18)
        packed, stored = 0, 0
    elif header in (40, 52, 56, 64, 108, 124):
        width, height, _, depth, packed, stored = _unpack("<iiHHII", data, 18)
    else:
        raise DamagedError("the BMP has a header of no known length")
    height = abs(height)
    if width <= 0 or height <= 0 or depth not in (1, 2, 4, 8, 16, 24, 32) or packed not in (0, 1, 2, 3, 6):
        raise DamagedError("the BMP has no picture in it")
    rows = (width * depth + 31) // 32 * 4 * height
    end = offset + (rows if packed in (0, 3, 6) else stored)
    if offset < 14 + header or (packed in (1, 2) and not stored):
        raise DamagedError("the BMP's picture overlaps its header")
    if end > len(data):
        raise TruncatedError
    # Some writers round the file up to whole words and count that; more than that is not padding.
    if end < announced <= min(end + 4, len(data)):
        end = announced
    return Container(width, height, 1, depth, end)


_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TIFF_SIZES |= {16: 8, 17: 8, 18: 8}  # of BigTIFF
_TIFF_CHILDREN = (330, 34665, 34853, 40965)  # SubIFDs, Exif, GPS, interoperability


class _Tiff:
    """A walk over a TIFF's directories; `end` grows to the last byte that any of them speaks of.

    BigTIFF is the same with offsets and counts of eight bytes, and begins with their size.
    """

    def __init__(self, data: Source) -> None:
        self.data = data
        self.order = "<" if data.part(0, 2) == b"II" else ">"
        self.big = _unpack(self.order + "H", data, 2) == (43,)
        self.end = 16 if self.big else 8
        if self.big and _unpack(self.order + "HH", data, 4) != (8, 0):
            raise DamagedError("the BigTIFF's offsets are of no known size")
        self.visited: set[int] = set()

    def first(self) -> int:
        """Where the first directory is."""
        return _unpack(self.order + ("Q" if self.big else "I"), self.data, 8 if self.big else 4)[0]

    def directory(self, at: int) -> tuple[dict[int, list[int]], int]:
        """The numbers under each tag of the directory at `at`, and where the next one is (0: nowhere)."""
        if at in self.visited or len(self.visited) >= TIFF_DIRECTORIES_MAX:
            raise DamagedError("the directories of the TIFF go round in a circle")
        self.visited.add(at)
        head, offset = ("Q", "Q") if self.big else ("H", "I")
        room, step, begin = (8, 20, 8) if self.big else (4, 12, 2)
        (count,) = _unpack(self.order + head, self.data, at)
        self.reach(at + begin + step * count + room)
        numbers: dict[int, list[int]] = {}
        for entry in range(at + begin, at + begin + step * count, step):
            tag, kind, length = _unpack(f"{self.order}HH{offset}", self.data, entry)
            size, value = _TIFF_SIZES.get(kind, 1) * length, entry + step - room
            where = value if size <= room else _unpack(self.order + offset, self.data, value)[0]
            self.reach(where + size)
            code = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(kind)
            if code:
                numbers[tag] = list(_unpack(f"{self.order}{length}{code}", self.data, where))
        (following,) = _unpack(self.order + offset, self.data, at + begin + step * count)
        return numbers, following

    def reach(self, end: int) -> None:
        if end > len(self.data):
            raise TruncatedError
        self.end = max(self.end, end)

    def pixels(self, numbers: dict[int, list[int]]) -> None:
        for offsets, lengths in ((273, 279), (324, 325)):
            for where, length in zip(numbers.get(offsets, []), numbers.get(lengths, []), strict=False):
                self.reach(where + length)


def tiff(data: Source) -> Container:
    """Each directory of the main chain is a page; the largest page gives the size."""
    walk = _Tiff(data)
    at = walk.first()
    pages: list[tuple[int, int, int]] = []
    pending: list[int] = []
    while at:
        numbers, at = walk.directory(at)
        width, height = (numbers.get(tag, [0])[:1] or [0] for tag in (256, 257))
        if not width[0] or not height[0] or not (273 in numbers or 324 in numbers):
            raise DamagedError("a page of the TIFF has no picture in it")
        bits = sum((numbers.get(258) or [1])[:8])
        pages.append((width[0], height[0], max(bits, 1)))
        walk.pixels(numbers)
        pending += [child for tag in _TIFF_CHILDREN for child in numbers.get(tag, [])]
    while pending:
        child = pending.pop()
        if child not in walk.visited:
            numbers, _ = walk.directory(child)
            walk.pixels(numbers)
            pending += [grandchild for tag in _TIFF_CHILDREN for grandchild in numbers.get(tag, [])]
    if not pages:
        raise DamagedError("the TIFF has no picture in it")
    width_, height_, depth = max(pages, key=lambda page: page[0] * page[1])
    return Container(width_, height_, len(pages), depth, walk.end)


READERS: dict[str, Callable[[Source], Container]] = {
    "image/jpeg": jpeg,
    "image/png": png,
    "image/webp": webp,
    "image/gif": gif,
    "image/bmp": bmp,
    "image/tiff": tiff,
}
