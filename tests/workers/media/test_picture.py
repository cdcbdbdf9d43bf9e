"""Bytes to upright RGB and back, with nothing else kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from omnigov.contracts import Limits, Refused
from tests.bad_files import WHOLE, BadFile, bad_files, exif, picture, saved
from tests.workers.media.conftest import STORED, metadata
from workers.media.picture import MediaType, decode, encode, media_type_for

SAMPLES = Path(__file__).parents[3] / "samples"
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*EXIF.*:UserWarning", "ignore:Truncated File Read:UserWarning"
)


def quarters() -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right; wider than high."""
    pixels = np.zeros((32, 48, 3), np.uint8)
    pixels[:16, :24], pixels[:16, 24:], pixels[16:, :24], pixels[16:, 24:] = (
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255),
    )  # fmt: skip
    return Image.fromarray(pixels)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "JPEG"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_comes_out_upright(kind: str, turn: int) -> None:
    upright = quarters()
    stored = upright.transpose(STORED[turn]) if turn in STORED else upright
    options = {"lossless": True} if kind == "WEBP" else {}
    pixels = decode(saved(stored, kind, exif=exif(turn), **options), Limits())
    assert pixels.shape == (32, 48, 3)
    tolerance = 8 if kind == "JPEG" else 0
    for y, x in ((4, 4), (4, 44), (28, 4), (28, 44)):
        assert np.abs(pixels[y, x].astype(int) - np.asarray(upright)[y, x]).max() <= tolerance


def test_big_endian_exif_is_read_too() -> None:
    body = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    content = saved(quarters().transpose(STORED[6]), "JPEG", exif=body)
    assert decode(content, Limits()).shape == (32, 48, 3)


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (8, 8), (10, 20, 30, 0))
    assert (decode(saved(clear, "PNG"), Limits()) == 255).all()
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 200, 0, 0])
    half = decode(saved(palette, "PNG", transparency=bytes([255, 0])), Limits())
    assert (half == 255).all()


def test_sixteen_bits_become_eight() -> None:
    steps = np.array([[0, 0x7FFF, 0xFFFF]], dtype=np.uint16)
    assert decode(saved(Image.fromarray(steps), "PNG"), Limits())[0, :, 0].tolist() == [0, 127, 255]


@pytest.mark.parametrize("bits", [9, 10, 12])
def test_sixteen_bits_of_which_few_are_used_are_no_darkness(bits: int) -> None:
    steps = np.zeros((100, 100), np.uint16)
    steps[:50] = 2**bits - 1
    steps[50:, 50:] = 2 ** (bits - 1)
    shown = decode(saved(Image.fromarray(steps), "PNG"), Limits())
    assert sorted(set(shown.ravel().tolist())) == [0, 128, 255]


@pytest.mark.parametrize(("kind", "hot"), [(np.uint16, 65_535), (np.float32, 1e9), (np.float32, -1e9)])
def test_one_hot_pixel_does_not_scale_all_others_to_one_shade(kind: type, hot: float) -> None:
    values = np.full((100, 100), 400, kind)
    values[20:40, 20:80] = 100
    values[70, 70] = hot
    shown = decode(saved(Image.fromarray(values), "TIFF"), Limits()).astype(int)
    assert abs(int(shown[30, 50, 0]) - int(shown[80, 20, 0])) > 100


def test_cmyk_inks_are_not_turned_round() -> None:
    red = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    with_marker = saved(red, "JPEG", quality=95)
    assert b"Adobe" in with_marker
    at = with_marker.index(b"\xff\xee")
    length = int.from_bytes(with_marker[at + 2 : at + 4], "big")
    # Without Adobe's marker the inks are stored as they are, so the stored ones are turned round first.
    turned = saved(Image.new("CMYK", (32, 32), (255, 0, 0, 255)), "JPEG", quality=95)
    without_marker = turned[:at] + turned[at + 2 + length :]
    for content in (with_marker, without_marker, saved(red, "TIFF")):
        middle = decode(content, Limits())[16, 16].astype(int)
        assert middle[0] > 200, middle
        assert middle[1] < 90, middle


def test_a_colour_profile_is_applied() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = decode(saved(picture(), "PNG"), Limits())
    same = decode(saved(picture(), "PNG", icc_profile=srgb), Limits())
    assert np.abs(same.astype(int) - plain).max() <= 1
    # The same profile with red and green exchanged: what it calls red is our green.
    turned = bytearray(srgb)
    red, green = (turned.index(tag, 128) for tag in (b"rXYZ", b"gXYZ"))
    turned[red : red + 4], turned[green : green + 4] = b"gXYZ", b"rXYZ"
    exchanged = decode(
        saved(Image.new("RGB", (4, 4), (255, 0, 0)), "PNG", icc_profile=bytes(turned)), Limits()
    )
    assert exchanged[0, 0, 1] > 250
    assert exchanged[0, 0, 0] < 60


def test_limits_are_checked_before_decoding() -> None:
    content = WHOLE["png"]
    for limits in (Limits(max_pixels=100), Limits(max_side=50), Limits(max_bytes=10)):
        with pytest.raises(Refused):
            decode(content, limits)


def decoded(content: bytes) -> np.ndarray | str:
    try:
        return decode(content, Limits())
    except Refused as refused:
        return refused.sentence


PICTURES = [file for file in bad_files() if file.kind == "picture"]


@pytest.mark.parametrize("file", PICTURES, ids=lambda file: ascii(file.name)[:40])
def test_no_bad_file_comes_out_of_the_decoder_as_a_traceback(file: BadFile) -> None:
    result = decoded(file.content)
    if isinstance(result, str):
        assert result.endswith(".")
        assert file.expected == "refused"
    else:
        assert result.dtype == np.uint8
        assert result.shape[2] == 3


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg"])
def test_the_same_pixels_give_the_same_bytes(media_type: MediaType) -> None:
    pixels = np.asarray(picture())
    assert encode(pixels, media_type) == encode(pixels.copy(), media_type)


def test_png_keeps_every_pixel() -> None:
    pixels = np.asarray(picture())
    assert (decode(encode(pixels, "image/png"), Limits()) == pixels).all()


def test_the_copy_is_of_the_originals_kind() -> None:
    assert media_type_for(WHOLE["jpg"]) == "image/jpeg"
    assert media_type_for(WHOLE["webp"]) == "image/jpeg"
    assert media_type_for(saved(picture(), "WEBP", lossless=True)) == "image/png"
    for suffix in ("png", "gif", "bmp", "tiff"):
        assert media_type_for(WHOLE[suffix]) == "image/png"


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg"])
def test_nothing_of_the_metadata_is_kept(media_type: MediaType, tmp_path: Path) -> None:
    original = (SAMPLES / "astronaut.jpg").read_bytes()
    if shutil.which("exiftool"):
        assert any("GPS" in key for key in metadata(original, tmp_path))
    assert b"Exif" in original
    copy = encode(decode(original, Limits()), media_type)
    assert metadata(copy, tmp_path) == {}
    assert b"Exif" not in copy
    assert b"Example camera" not in copy
