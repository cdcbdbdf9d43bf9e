"""Originals as a browser can show them: upright by our own doing, and as the GPU side sees them."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from omnigov.contracts import Limits
from tests.bad_files import exif
from tests.workers.media.test_sound import tone, written
from workers.media import sound
from workers.media.flac_stream import flac
from workers.media.picture import decode
from workers.media.upright import NotShown, as_shown, sound_as_shown

HALF = Image.new("RGB", (40, 20), "white")
HALF.paste("red", (0, 0, 20, 20))


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        assert not image.getexif()
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_what_stands_upright_is_shown_byte_for_byte(kind: str) -> None:
    content = saved(HALF, kind)
    assert as_shown(content, f"image/{kind.lower()}") == (content, f"image/{kind.lower()}")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_it_is_turned_as_the_gpu_side_turns_it(kind: str, turn: int) -> None:
    tags = {"tiffinfo": {0x0112: turn}} if kind == "TIFF" else {"exif": exif(turn)}
    content = saved(HALF, kind, **tags)
    shown, media_type = as_shown(content, f"image/{kind.lower()}")
    seen = decode(content, Limits()).astype(int)
    if turn == 1 and kind != "TIFF":
        assert shown == content
    else:
        assert media_type == ("image/jpeg" if kind == "JPEG" else "image/png")
        assert pixels(shown).shape == seen.shape
        assert np.abs(pixels(shown) - seen).mean() < 6


def test_sixteen_bits_are_shown() -> None:
    values = np.linspace(0, 65_535, 40 * 20).reshape(20, 40).astype(np.uint16)
    shown, media_type = as_shown(saved(Image.fromarray(values), "TIFF"), "image/tiff")
    assert media_type == "image/png"
    assert (pixels(shown).min(), pixels(shown).max()) == (0, 255)


def test_what_is_no_picture_is_not_shown() -> None:
    with pytest.raises(NotShown):
        as_shown(b"%PDF-1.7", "image/png")


def test_a_recording_is_shown_as_what_redaction_listens_to() -> None:
    """A player has to know how long it is before it has come to its end: that stands in the first bytes."""
    content = written(tone(44_100, 3.0, channels=2), "mp3", "libmp3lame", 44_100, layout="stereo")
    heard = np.concatenate(list(sound.decode(content, Limits())))
    shown = b"".join(sound_as_shown(content, Limits()))
    with av.open(io.BytesIO(shown)) as file:
        assert (file.streams.audio[0].rate, file.streams.audio[0].layout.name) == (sound.RATE, "mono")
        assert file.duration == heard.size * 1_000_000 // sound.RATE
        assert not file.metadata
    again = np.concatenate(list(sound.decode(shown, Limits())))
    assert again.size == heard.size
    assert np.abs(again - heard).max() < 1 / 16_000


def test_a_flac_comes_in_pieces() -> None:
    """So a recording of three hours is never whole in memory, nor on a disk."""
    blocks = [tone(sound.RATE, 1.0)[0] for _ in range(40)]
    pieces = list(flac(blocks, 40 * sound.RATE))
    assert len(pieces) > 5
    assert pieces[0][:4] == b"fLaC"
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 4
