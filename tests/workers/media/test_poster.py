"""A video's poster is a frame of the copy that is more than black."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.omnigov.recorded_video import SIZE, mp4
from workers.media.poster import poster

BLACK = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
GREY = np.full((SIZE[1], SIZE[0], 3), 150, np.uint8)


def mean(jpeg: bytes) -> float:
    with Image.open(io.BytesIO(jpeg)) as shown:
        assert shown.size == (320, 180)
        return float(np.asarray(shown.convert("L")).mean())


@pytest.mark.parametrize(
    ("frames", "light"), [([GREY] * 5, True), ([BLACK] * 40 + [GREY] * 80, True), ([BLACK] * 5, False)]
)
def test_the_poster_is_a_light_frame_where_there_is_one(frames: list[np.ndarray], light: bool) -> None:
    assert (mean(poster(io.BytesIO(mp4(frames)))) > 100) is light


def test_what_is_no_video_has_no_poster() -> None:
    assert poster(io.BytesIO(b"no video at all")) == b""
