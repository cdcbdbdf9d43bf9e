from __future__ import annotations

import io

import numpy as np

from omnigov.contracts import Limits
from workers.media import flac
from workers.media.sound import decode


def blocks() -> list[np.ndarray]:
    random = np.random.default_rng(1)
    return [random.integers(-32768, 32768, length).astype(np.int16) for length in (40_000, 17, 3333)]


def written() -> bytes:
    out = io.BytesIO()
    flac.write(blocks(), out)
    return out.getvalue()


def test_every_sample_comes_back() -> None:
    back = np.concatenate(list(decode(written(), Limits())))

    assert np.array_equal(np.rint(back * 32768), np.concatenate(blocks()))


def test_there_is_nothing_beside_the_samples() -> None:
    content = written()

    assert content[:8] == b"fLaC\x80\x00\x00\x22"  # the layout of 34 bytes is the last block of metadata
    assert content[42:44] in (b"\xff\xf8", b"\xff\xf9")  # a frame of samples begins behind it


def test_the_same_samples_give_the_same_bytes() -> None:
    assert written() == written()
