"""An original video as an officer may see it: the very bytes where browsers play them, else written anew."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np

from omnigov.contracts import Limits
from tests.omnigov.recorded_video import EACH, FRAMES, SIZE, original
from workers.media.upright_video import video_as_shown


def test_what_browsers_play_is_shown_as_it_is() -> None:
    got_on: list[int] = []
    content = original()
    view = video_as_shown(content, Limits(), lambda: got_on.append(1))
    assert (b"".join(view.content), view.media_type) == (content, "video/mp4")
    assert view.tracks.times == tuple(number * EACH for number in range(FRAMES))
    assert (view.tracks.width, view.tracks.height) == SIZE
    assert len(got_on) == FRAMES


def mpeg4_avi() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="avi") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(12):
            pixels = np.full((64, 64, 3), 10 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return out.getvalue()


def test_what_no_browser_plays_is_written_anew_with_the_same_times() -> None:
    view = video_as_shown(mpeg4_avi(), Limits(), lambda: None)
    assert view.media_type == "video/mp4"
    with av.open(io.BytesIO(b"".join(view.content))) as container:
        frames = list(container.decode(video=0))
    assert [round(frame.time * 1000) for frame in frames] == list(view.tracks.times)
    assert len(frames) == 12
    assert abs(float(frames[11].to_ndarray(format="rgb24").mean()) - 110) < 8
