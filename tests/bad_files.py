"""Files as they come in the wild and worse, made in memory, the same each time.

`bad_files()` yields `BadFile(name, content, expected, kind)`; expected is "refused" or "accepted". Those
accepted are odd but whole: they must decode.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageCms

from tests import bad_documents

Expected = Literal["refused", "accepted"]


# Whole as containers, so the door lets them in; what is broken lies in the compressed pixels.
REFUSED_BY_DECODER = frozenset({"too-few-pixels.png", "not-deflate.png"})


class BadFile(NamedTuple):
    name: str
    content: bytes
    expected: Expected
    kind: str = "picture"


def picture(mode: str = "RGB", width: int = 96, height: int = 64) -> Image.Image:
    """A picture with enough going on in it that no compressor makes it tiny."""
    noise = np.random.default_rng(7).integers(0, 256, (height, width, 4), dtype=np.uint8)
    noise[: height // 2, :, 0] = 200
    return Image.fromarray(noise[:, :, :3]).convert(mode) if mode != "RGBA" else Image.fromarray(noise)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


WHOLE = {
    "jpg": saved(picture(), "JPEG", quality=90),
    "png": saved(picture(), "PNG"),
    "webp": saved(picture(), "WEBP", quality=80),
    "gif": saved(picture("P"), "GIF"),
    "bmp": saved(picture(), "BMP"),
    "tiff": saved(picture(), "TIFF"),
}


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    body = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", body)


def png_of_one_colour(width: int, height: int) -> bytes:
    """A whole picture that deflate makes a thousand times smaller than its pixels."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + 3 * width)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png_header(width, height) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def exif(orientation: int | None = None, *, broken: bytes | None = None) -> bytes:
    if broken is not None:
        return b"Exif\0\0" + broken
    made = Image.Exif()
    if orientation is not None:
        made[0x0112] = orientation
    return made.tobytes()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inside.txt", "hidden")
    return out.getvalue()


def _with_comment(jpeg: bytes, comment: bytes) -> bytes:
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + jpeg[2:]


def truncated() -> Iterator[BadFile]:
    for suffix, content in WHOLE.items():
        for tenth in range(1, 10):
            yield BadFile(f"cut-{tenth}0.{suffix}", content[: len(content) * tenth // 10], "refused")
        yield BadFile(f"cut-last-byte.{suffix}", content[:-1], "refused")


def not_pictures() -> Iterator[BadFile]:
    yield BadFile("empty.jpg", b"", "refused")
    yield BadFile("zeros.png", b"\0" * 4096, "refused")
    yield BadFile("noise.jpg", np.random.default_rng(1).bytes(5000), "refused")
    yield BadFile("wrong-magic.png", b"\x88" + WHOLE["png"][1:], "refused")
    yield BadFile("magic-only.jpg", b"\xff\xd8\xff\xe0", "refused")
    yield BadFile(
        "drawing.svg", b'<?xml version="1.0"?><svg xmlns="x"><script>alert(1)</script></svg>', "refused"
    )
    yield BadFile("paper.pdf", b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF", "refused")
    yield BadFile("archive.jpg", _zip(), "refused")
    yield BadFile("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200, "refused")
    yield BadFile("film.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 200, "refused")
    yield BadFile("sound.wav", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 40, "refused")


def texts_by_other_names() -> Iterator[BadFile]:
    yield BadFile("text.jpg", "just a text, 文字だけ\n".encode() * 40, "accepted", "text")
    yield BadFile("page.png", b"<!doctype html><script>alert(1)</script>", "accepted", "text")


def documents_and_texts() -> Iterator[BadFile]:
    for kind, refused, whole in (
        ("document", bad_documents.REFUSED_DOCUMENTS, bad_documents.WHOLE_DOCUMENTS),
        ("text", bad_documents.REFUSED_TEXTS, bad_documents.WHOLE_TEXTS),
    ):
        yield from (BadFile(name, content, "refused", kind) for name, content in refused.items())
        yield from (BadFile(name, content, "accepted", kind) for name, content in whole.items())


def too_large() -> Iterator[BadFile]:
    yield BadFile(
        "30000x30000.png",
        png_header(30_000, 30_000) + png_chunk(b"IDAT", zlib.compress(b"\0" * 999)) + png_chunk(b"IEND", b""),
        "refused",
    )
    jpeg = bytearray(WHOLE["jpg"])
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 30_000, 30_000)
    yield BadFile("30000x30000.jpg", bytes(jpeg), "refused")
    bmp = bytearray(WHOLE["bmp"])
    bmp[18:26] = struct.pack("<ii", 30_000, 30_000)
    yield BadFile("30000x30000.bmp", bytes(bmp), "refused")
    yield BadFile("30000-wide.png", png_of_one_colour(30_000, 2), "refused")
    yield BadFile("bomb.png", png_of_one_colour(4_000, 4_000), "refused")
    yield BadFile(
        "no-width.png",
        png_header(0, 10) + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b""),
        "refused",
    )


def several() -> Iterator[BadFile]:
    frames = [picture(width=40 + step, height=40).resize((40, 40)) for step in range(3)]
    yield BadFile(
        "moving.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80), "refused"
    )
    yield BadFile("moving.png", saved(frames[0], "PNG", save_all=True, append_images=frames[1:]), "refused")
    yield BadFile("moving.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]), "refused")
    pages = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    yield BadFile("pages.tiff", pages, "accepted", "document")


def two_at_once() -> Iterator[BadFile]:
    yield BadFile("picture-and-zip.jpg", WHOLE["jpg"] + _zip(), "refused")
    yield BadFile("picture-and-zip.png", WHOLE["png"] + _zip(), "refused")
    yield BadFile("picture-and-zip.gif", WHOLE["gif"] + _zip(), "refused")
    yield BadFile("picture-and-page.png", WHOLE["png"] + b"<html><script>alert(1)</script></html>", "refused")
    yield BadFile("picture-and-film.jpg", WHOLE["jpg"] + b"\0\0\0\x18ftypmp42" + b"\1" * 500, "refused")
    yield BadFile("picture-twice.jpg", WHOLE["jpg"] * 2, "refused")
    yield BadFile("pdf-inside.jpg", _with_comment(WHOLE["jpg"], b"%PDF-1.4 1 0 obj"), "refused")
    yield BadFile(
        "page-inside.jpg", _with_comment(WHOLE["jpg"], b"<html ><script >alert(1)</script >"), "refused"
    )
    yield BadFile("zip-after.tiff", WHOLE["tiff"] + _zip(), "refused")
    yield BadFile("more-after.bmp", WHOLE["bmp"] + b"\1" * 100, "refused")


def damaged() -> Iterator[BadFile]:
    png = bytearray(WHOLE["png"])
    png[len(png) // 2] ^= 0x55
    yield BadFile("flipped-bit.png", bytes(png), "refused")
    yield BadFile("no-pixels.png", png_header(10, 10) + png_chunk(b"IEND", b""), "refused")
    short = png_header(64, 64) + png_chunk(b"IDAT", zlib.compress(b"\0" * 500)) + png_chunk(b"IEND", b"")
    yield BadFile("too-few-pixels.png", short, "refused")
    yield BadFile(
        "not-deflate.png",
        png_header(64, 64) + png_chunk(b"IDAT", b"\xff" * 300) + png_chunk(b"IEND", b""),
        "refused",
    )
    yield BadFile("no-scan.jpg", b"\xff\xd8\xff\xe0\0\x04ab\xff\xd9", "refused")
    circle = bytearray(WHOLE["tiff"])
    (at,) = struct.unpack_from("<I", circle, 4)
    (count,) = struct.unpack_from("<H", circle, at)
    struct.pack_into("<I", circle, at + 2 + 12 * count, at)
    yield BadFile("circle.tiff", bytes(circle), "refused")
    webp = bytearray(WHOLE["webp"])
    struct.pack_into("<I", webp, 4, 0xFFFFFFF0)
    yield BadFile("long-riff.webp", bytes(webp), "refused")
    gif = bytearray(WHOLE["gif"])
    gif[13 + 768] = 0x77
    yield BadFile("unknown-block.gif", bytes(gif), "refused")


def odd_but_whole() -> Iterator[BadFile]:
    yield BadFile("cmyk.jpg", saved(picture("CMYK"), "JPEG"), "accepted")
    sixteen = np.random.default_rng(3).integers(0, 65_536, (40, 50), dtype=np.uint16)
    yield BadFile("sixteen-bit.png", saved(Image.fromarray(sixteen), "PNG"), "accepted")
    yield BadFile("sixteen-bit.tiff", saved(Image.fromarray(sixteen), "TIFF"), "accepted")
    yield BadFile("float.tiff", saved(Image.fromarray(sixteen.astype(np.float32)), "TIFF"), "accepted")
    palette = picture("P")
    yield BadFile("palette-alpha.png", saved(palette, "PNG", transparency=bytes(range(256))), "accepted")
    yield BadFile("palette-alpha.gif", saved(palette, "GIF", transparency=3), "accepted")
    yield BadFile("alpha.png", saved(picture("RGBA"), "PNG"), "accepted")
    yield BadFile("alpha.webp", saved(picture("RGBA"), "WEBP", lossless=True), "accepted")
    yield BadFile("grey.jpg", saved(picture("L"), "JPEG"), "accepted")
    yield BadFile("grey-alpha.png", saved(picture("LA"), "PNG"), "accepted")
    yield BadFile("black-and-white.png", saved(picture("1"), "PNG"), "accepted")
    yield BadFile(
        "lab.tiff",
        saved(
            ImageCms.profileToProfile(
                picture(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
            ),
            "TIFF",
        ),
        "accepted",
    )  # type: ignore[arg-type]
    yield BadFile("cmyk.tiff", saved(picture("CMYK"), "TIFF"), "accepted")
    yield BadFile("progressive.jpg", saved(picture(), "JPEG", progressive=True), "accepted")
    yield BadFile("one-pixel.png", saved(picture(width=1, height=1), "PNG"), "accepted")
    yield BadFile("one-row.png", saved(picture(width=900, height=1), "PNG"), "accepted")
    yield BadFile("one-column.jpg", saved(picture(width=1, height=900), "JPEG"), "accepted")
    for name, broken in {
        "exif-nonsense.jpg": b"not tiff at all",
        "exif-cut.jpg": b"MM\0*\0\0\0\x08\0\x05\x01\x12",
        "exif-far-away.jpg": b"II*\0\xf0\xff\xff\xff",
        "exif-loop.jpg": b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0",
        "exif-orientation-99.jpg": exif(99)[6:],
    }.items():
        yield BadFile(name, saved(picture(), "JPEG", exif=exif(broken=broken)), "accepted")
    yield BadFile("broken-profile.png", saved(picture(), "PNG", icc_profile=b"\x01" * 400), "accepted")
    yield BadFile("padded.jpg", WHOLE["jpg"] + b"\0" * 64, "accepted")
    yield BadFile("picture-named.exe", WHOLE["png"], "accepted")


def odd_names() -> Iterator[BadFile]:
    for name in (
        "../../../etc/passwd",
        "..\\..\\windows\\system32\\config",
        "/absolute/path.png",
        "C:\\Users\\someone\\face.png",
        "nul\0byte.png",
        "two\nlines\r\n.png",
        "\x1b[31mred\x07.png",
        "\u202egnp.exe",
        "zero\u200bwidth\u2060.png",
        "",
        "...",
        " ",
        "a" * 400 + ".png",
        "名前" * 100 + ".png",
        "<img src=x onerror=alert(1)>.png",
        "'; drop table submission; --.png",
        "half \ud83d of a pair.png",
    ):
        yield BadFile(name, WHOLE["png"], "accepted")


def bad_files() -> Iterator[BadFile]:
    """Every one of them; names may repeat no more than a folder allows."""
    for group in (
        truncated,
        not_pictures,
        texts_by_other_names,
        documents_and_texts,
        too_large,
        several,
        two_at_once,
        damaged,
        odd_but_whole,
        odd_names,
    ):
        yield from group()
