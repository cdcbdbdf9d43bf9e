"""Videos as they come in: what is taken, what is refused with a sentence, and what goes out again in time."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import av
import numpy as np
import pytest

from omnigov.contracts import Limits, Refused
from tests.clips import clip, moving, tone, turned
from workers.media import kinds, sound, video_copy
from workers.media.ahead import ahead
from workers.media.source import Source
from workers.media.video import Frame, Video

MOVING = moving(30)


def refusal(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as caught:
        list(Video(content, limits or Limits()).frames())
    assert caught.value.sentence.endswith(".")
    return caught.value.code


@pytest.mark.parametrize(
    ("container", "codec", "media_type"),
    [
        ("mp4", "libx264", "video/mp4"),
        ("mov", "libx264", "video/quicktime"),
        ("matroska", "libx264", "video/x-matroska"),
        ("webm", "libvpx-vp9", "video/webm"),
        ("avi", "mpeg4", "video/x-msvideo"),
    ],
)
def test_each_container_is_told_and_all_its_frames_come(container: str, codec: str, media_type: str) -> None:
    content = clip(MOVING, container=container, codec=codec)
    found = kinds.probe(Source.of(content), Limits())
    assert kinds.told(content).name == "video"
    assert (found.media_type, found.width, found.height, found.frames) == (media_type, 160, 96, 30)
    frames = list(Video(content, Limits()).frames())
    assert [frame.number for frame in frames] == list(range(30))
    assert float(frames[25].time) == pytest.approx(1.0, abs=0.001)
    assert np.abs(frames[9].pixels().astype(int) - MOVING[9]).mean() < 12


def test_frames_from_the_middle_are_those_that_were_there() -> None:
    content = Video(clip(MOVING, options={"g": "10", "bf": "2"}), Limits())
    every = list(content.frames())
    for start in (1, 9, 17, 29):
        some = list(content.frames(start, every[start].time))
        assert [(one.number, one.time) for one in some] == [(one.number, one.time) for one in every[start:]]
        assert np.array_equal(some[0].luma, every[start].luma)


def test_a_telephone_held_upright_gives_upright_frames() -> None:
    content = turned(clip(MOVING), 90)
    frame = next(Video(content, Limits()).frames())
    assert frame.luma.shape == (160, 96)
    assert np.abs(frame.pixels().astype(int) - np.rot90(MOVING[0], 1)).mean() < 12


def test_uneven_times_are_kept() -> None:
    told = [0, 40, 80, 200, 203, 900]
    content = clip(MOVING[:6], container="matroska", times=told)
    times = [frame.time for frame in Video(content, Limits()).frames()]
    assert times == [Fraction(ms, 1000) for ms in told]


@pytest.mark.parametrize(
    ("pts", "expected"),
    [
        ([-80, 0, 40], [0, 80, 120]),  # before zero: all begin with the first
        ([0, 40, 40, 80], [0, 40, 41, 80]),  # twice the same
        ([0, 80, 40, 120], [0, 80, 81, 120]),  # back
        ([0, None, 80], [0, 40, 80]),  # none
    ],
)
def test_times_that_stand_still_or_go_back_go_on_by_a_tick(
    pts: list[int | None], expected: list[int]
) -> None:
    content = Video(clip(MOVING[:2], container="matroska"), Limits(), Fraction(min(pts[0] or 0, 0), 1000))
    before, told = None, []
    for one in pts:
        frame = SimpleNamespace(pts=one, time_base=Fraction(1, 1000))
        before = content._time(frame, before)  # type: ignore[arg-type]
        told.append(round(before * 1000))
    assert told == expected
    assert content.seeks == (expected in ([0, 80, 120], [0, 40, 80]))


def declared(rate: int, times: list[int]) -> bytes:
    """A clip whose header says so many frames a second, and whose frames come at these milliseconds."""
    return clip(moving(len(times)), container="matroska", rate=rate, times=times)


@pytest.mark.parametrize(
    "times",
    [
        [33 * number for number in range(40)],
        [33 * number + 20_000 * (number > 30) for number in range(40)],  # nothing moves for a while
    ],
)
def test_frames_a_second_are_counted_by_their_times_and_not_told_by_the_header(times: list[int]) -> None:
    assert Video(declared(1000, times), Limits()).rate == pytest.approx(30.3, abs=0.1)


def test_more_frames_a_second_than_the_encoder_takes_are_written() -> None:
    original = Video(declared(1000, list(range(20))), Limits())
    assert original.rate == 1000
    out = io.BytesIO()
    video_copy.write(out, original.frames(), original.ticks, original.rate, original.look())
    assert [frame.time for frame in Video(out.getvalue(), Limits()).frames()] == [
        frame.time for frame in original.frames()
    ]


def test_a_recording_with_a_cover_is_no_video() -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="ipod") as whole:
        stream = whole.add_stream("aac", rate=48_000)
        stream.layout = "mono"
        piece = av.AudioFrame.from_ndarray(
            (tone(1.0) * 9000).astype(np.int16)[None], format="s16", layout="mono"
        )
        piece.sample_rate = 48_000
        whole.mux(stream.encode(piece))
        whole.mux(stream.encode(None))
    assert kinds.told(out.getvalue()).name == "sound"


def test_what_is_cut_off_or_damaged_is_refused() -> None:
    content = clip(MOVING)
    assert refusal(content[: len(content) // 2]) == "damaged"
    assert refusal(b"\0\0\0\x20ftypisom" + b"\0" * 500) == "damaged"
    hurt = bytearray(clip(MOVING, container="avi", codec="mpeg4"))
    hurt[-400:] = b"\xff" * 400
    assert list(Video(bytes(hurt), Limits()).frames())  # an index that is broken: the frames are there


def test_of_a_file_that_is_still_being_written_the_frames_that_are_there_come() -> None:
    content = clip(MOVING, container="matroska")
    frames = list(Video(content[: 2 * len(content) // 3], Limits()).frames())
    assert 0 < len(frames) < 30


def test_a_stream_without_frames_is_refused() -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as whole:
        stream = whole.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        heard = whole.add_stream("pcm_s16le", rate=48_000)
        heard.layout = "mono"
        piece = av.AudioFrame.from_ndarray(
            (tone(1.0) * 9000).astype(np.int16)[None], format="s16", layout="mono"
        )
        piece.sample_rate = 48_000
        whole.start_encoding()
        whole.mux(heard.encode(piece))
        whole.mux(heard.encode(None))
    assert refusal(out.getvalue()) in ("no_frames", "damaged")


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_bytes=100), "too_many_bytes"),
        (Limits(max_video_seconds=1), "video_too_long"),
        (Limits(max_video_frames=29), "video_frames"),
        (Limits(max_video_pixels=160 * 95), "too_many_pixels"),
        (Limits(max_streams=1), "video_streams"),
    ],
)
def test_limits_are_kept_before_a_frame_is_decoded(limits: Limits, code: str) -> None:
    content = clip(MOVING, sound=tone(1.2))
    with pytest.raises(Refused) as caught:
        Video(content, limits)
    assert caught.value.code == code


def test_a_frame_of_8k_is_refused_with_its_size() -> None:
    content = clip([np.zeros((4320, 7680, 3), np.uint8)], codec="mpeg4")
    with pytest.raises(Refused, match="7680 × 4320"):
        Video(content, Limits())


def test_a_high_dynamic_range_is_refused_in_words() -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as whole:
        stream = whole.add_stream("libx265", rate=25, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p10le"
        stream.codec_context.color_trc = 16
        for pixels in MOVING[:3]:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p10le")
            frame.color_trc = 16
            whole.mux(stream.encode(frame))
        whole.mux(stream.encode(None))
    assert refusal(out.getvalue()) == "high_dynamic_range"


def test_sound_begins_with_the_video_and_its_pauses_are_silent() -> None:
    content = Video(clip(MOVING, sound=tone(1.2)), Limits())
    samples = np.concatenate(list(content.samples()))
    assert samples.size / sound.RATE == pytest.approx(1.2, abs=0.05)


@pytest.mark.parametrize("times", [None, [0, 40, 80, 200, 203, 900, 901, 1500, 1540, 1580]])
def test_the_copy_has_the_same_frames_at_the_same_times(times: list[int] | None) -> None:
    original = Video(clip(MOVING[:10], container="matroska", times=times, sound=tone(1.7)), Limits())
    samples = (np.concatenate(list(original.samples())) * 32767).astype(np.int16)
    out = io.BytesIO()
    written = video_copy.write(
        out, original.frames(), original.ticks, original.rate, original.look(), [samples]
    )
    copy = Video(out.getvalue(), Limits(), Fraction(0))
    before, after = list(original.frames()), list(copy.frames())
    assert written == len(after) == 10
    assert [frame.time for frame in after] == [frame.time for frame in before]
    assert np.array_equal((np.concatenate(list(copy.samples())) * 32768).astype(np.int16), samples)
    assert np.abs(before[5].luma.astype(int) - after[5].luma).mean() < 6


def test_frames_a_tick_apart_stay_so_where_the_beginning_is_between_two_ticks() -> None:
    tick = Fraction(1, 25)
    original = Video(clip(MOVING[:6], container="avi", codec="mpeg4"), Limits(), Fraction(-1, 50))
    out = io.BytesIO()
    video_copy.write(out, original.frames(), tick, original.rate, original.look())
    times = [frame.time for frame in Video(out.getvalue(), Limits()).frames()]
    assert [after - before for before, after in pairwise(times)] == [tick] * 5


@pytest.mark.parametrize(("width", "height"), [(161, 97), (40, 30), (97, 64), (33, 500)])
def test_odd_and_small_frames_go_out_even(width: int, height: int) -> None:
    frames = [np.full((height, width, 3), 20 * number, np.uint8) for number in range(4)]
    original = Video(clip(frames, codec="ffv1", container="matroska"), Limits())
    out = io.BytesIO()
    video_copy.write(out, original.frames(), original.ticks, original.rate, original.look())
    shapes = {frame.luma.shape for frame in Video(out.getvalue(), Limits()).frames()}
    assert shapes == {(height + height % 2, width + width % 2)}


def test_the_same_frames_give_the_same_bytes() -> None:
    original = Video(clip(MOVING), Limits())
    copies = [io.BytesIO(), io.BytesIO()]
    for copy in copies:
        video_copy.write(copy, original.frames(), original.ticks, original.rate, original.look())
    assert copies[0].getvalue() == copies[1].getvalue()


def test_what_stops_a_stream_ahead_is_raised_where_it_is_taken() -> None:
    def pieces() -> object:
        yield 1
        raise Refused("damaged", "It is damaged.")

    taken = ahead(pieces())  # type: ignore[arg-type]
    assert next(taken) == 1
    with pytest.raises(Refused):
        next(taken)


def test_a_stream_ahead_ends_where_nobody_wants_more() -> None:
    made = list[int]()

    def pieces() -> object:
        for number in range(1000):
            made.append(number)
            yield number

    taken = ahead(pieces(), 2)  # type: ignore[arg-type]
    next(taken)
    taken.close()
    assert len(made) < 10


def test_a_frame_in_colours_is_its_planes() -> None:
    planes = (np.full((4, 4), 128, np.uint8), np.full((2, 2), 128, np.uint8), np.full((2, 2), 128, np.uint8))
    assert np.ptp(Frame(0, Fraction(0), planes, full=False).pixels()) == 0
