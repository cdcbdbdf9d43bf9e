"""Pictures: bytes to an upright RGB array, and an array to bytes without metadata."""

from __future__ import annotations

import io
import re
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, UnidentifiedImageError

from omnigov.contracts import Limits, Refused
from omnigov.orientation import TURNS, orientation
from workers.media import containers
from workers.media.probe import probe as probe
from workers.media.source import Source

Pixels = npt.NDArray[np.uint8]  # [height, width, 3], RGB, upright
MediaType = Literal["image/png", "image/jpeg"]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
JPEG_QUALITY = 92
PNG_EFFORT = 6
ICC_MAX = 4_000_000
_TIFF = re.compile(rb"II[*+]\0|MM\0[*+]")
OUTLIERS = 0.0005  # of a picture's pixels, at each end: scaled by them, the rest would be too dark


def tells(data: Source) -> bool:
    """Whether the file is a picture, its head being one's. A TIFF of several pages is a document."""
    return pages_of_tiff(data) <= 1


def pages_of_tiff(data: Source) -> int:
    """How many pages a TIFF has; 0 where the file is none, or is damaged: `probe` then says how."""
    if not _TIFF.match(data.part(0, 4)):
        return 0
    try:
        return containers.tiff(data).frames
    except (containers.TruncatedError, containers.DamagedError):
        return 0


def decode(content: bytes, limits: Limits) -> Pixels:
    """The picture as RGB, [height, width, 3], upright by its EXIF and in sRGB.

    Transparency is laid on white, 16 bits become 8, CMYK and palettes become RGB. Only the first picture
    of a file is read, and never more than `limits` allow. Raises `Refused` for anything that can't be
    decoded whole.
    """
    if len(content) > limits.max_bytes:
        raise Refused(
            "too_many_bytes", f"The file is larger than {limits.max_bytes / 1e6:.0f} MB. Send a smaller one."
        )
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_frames(image, limits)
            return upright(image, limits)
    except UnidentifiedImageError:
        raise Refused(
            "not_media", "This can't be opened as a picture. Send it as JPEG, PNG, WebP, BMP, TIFF or GIF."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Refused:
        raise
    except Exception as broken:
        raise _damaged() from broken


def upright(image: Image.Image, limits: Limits, page: int = 0) -> Pixels:
    """One page of an opened picture as `decode` gives it. Raises `Refused` where it can't be had whole."""
    try:
        if page:
            image.seek(page)
        _check_size(image, limits)
        image.load()
        turn = TURNS.get(orientation(image))
        stood = _rgb(image)
        if turn is not None:
            stood = stood.transpose(turn)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except MemoryError:
        raise Refused(
            "too_many_pixels", "The picture does not fit into memory. Send a smaller one."
        ) from None
    except Refused:
        raise
    except Exception as broken:
        raise _damaged() from broken
    # A copy of its own: what Pillow hands out is read-only, and may share memory with the decoder.
    return np.array(stood, dtype=np.uint8)


def within(pixels: Pixels, longest: int) -> Pixels:
    """The picture, made smaller where its longer side has more pixels than that."""
    if max(pixels.shape[:2]) <= longest:
        return pixels
    image = Image.fromarray(pixels)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _damaged() -> Refused:
    return Refused(
        "damaged",
        "The picture is damaged and can't be opened whole. Save it anew in a picture editor and send that.",
    )


def _too_large() -> Refused:
    return Refused("too_many_pixels", "The picture has far too many pixels. Send a smaller one.")


def _check_size(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise Refused(
            "too_many_pixels",
            f"The picture is {width} × {height} pixels, more than the {limits.max_pixels / 1e6:.0f} million "
            f"or the {limits.max_side} a side that are taken. Send a smaller one.",
        )


def _check_frames(image: Image.Image, limits: Limits) -> None:
    # The second picture of an MPO is a preview or a gain map that a phone adds; only the first is read.
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    if frames > limits.max_frames:
        raise Refused(
            "too_many_frames", f"The file holds {frames} pictures. Send each picture as a file of its own."
        )


def _rgb(image: Image.Image) -> Image.Image:
    """The picture in sRGB without alpha, 8 bits a channel."""
    if image.format == "JPEG" and image.mode == "CMYK" and "adobe" not in image.info:
        # Pillow takes every CMYK JPEG for one of Adobe's, whose inks are stored inverted.
        image = Image.fromarray(255 - np.asarray(image), mode="CMYK")
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image).convert("RGB")
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "PA", "LA", "La", "RGBa", "RGBA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        flat = Image.alpha_composite(ground, layer).convert("RGB")
        return _in_srgb(flat, profile) or flat
    if image.mode == "1":
        image = image.convert("L")
    if image.mode == "LAB":
        return _from_lab(image)
    return _in_srgb(image, profile) or image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits, or of floating point, as grey of 8 bits.

    No file says which of its numbers is white. Whole numbers are taken for as many bits as they need; of
    others the darkest becomes black and the lightest white. A few pixels beyond all others, as a sensor has
    them, say nothing of either: what is scaled by them would be too dark to be read, and not for who
    stretches the copy's contrast.
    """
    values = np.asarray(image).astype(np.float64)
    whole = image.mode.startswith("I")
    if not whole:
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = _but_outliers(values)
    if whole and values.min() >= 0 and values.max() <= 65_535:
        low, high = 0.0, next(2.0**bits - 1 for bits in range(8, 17) if high < 2**bits)
    scaled = (values - low) * (255.0 / (high - low)) if high > low else np.zeros_like(values)
    return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8))


def _but_outliers(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The least and the greatest of the values, a few of each aside."""
    few = min(values.size // 2, max(1, round(OUTLIERS * values.size))) if values.size > 2 else 0
    ordered = np.partition(values, (few, values.size - 1 - few), axis=None)
    low, high = float(ordered[few]), float(ordered[values.size - 1 - few])
    return (low, high) if high > low else (float(values.min()), float(values.max()))


def _in_srgb(image: Image.Image, profile: object) -> Image.Image | None:
    """The picture turned to sRGB by its own colour profile; None without a profile that fits the picture."""
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= ICC_MAX:
        return None
    space = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}.get(profile[16:20])
    if space != image.mode:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A broken profile says nothing about the colours; the picture is read as if it had none.
        return None


def _from_lab(image: Image.Image) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    if converted is None:
        raise Refused(
            "damaged", "The picture's colours (L*a*b*) can't be read. Save it as RGB and send that."
        )
    return converted


def media_type_for(content: bytes) -> MediaType:
    """What a redacted copy is written as: JPEG where the original was compressed with loss, else PNG."""
    lossy_webp = content[:4] == b"RIFF" and content[8:16] in (b"WEBPVP8 ", b"WEBPVP8X")
    return "image/jpeg" if content.startswith(b"\xff\xd8\xff") or lossy_webp else "image/png"


def encode(pixels: Pixels, media_type: MediaType) -> bytes:
    """The picture's bytes, the same for the same pixels, with no metadata, profile or thumbnail.

    JPEG at quality 92 with full colour resolution, or PNG.
    """
    out = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if media_type == "image/jpeg":
        image.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    else:
        image.save(out, "PNG", compress_level=PNG_EFFORT)
    return out.getvalue()
