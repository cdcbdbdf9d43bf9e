"""Recordings of all formats that are taken, made here; and those that are refused, each with its sentence."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from omnigov.contracts import Limits, Refused
from workers.media import sound
from workers.media.source import Source

SECONDS = 2.0
FORMATS = {
    "audio/wav": ("wav", "pcm_s16le", 44_100),
    "audio/flac": ("flac", "flac", 44_100),
    "audio/mpeg": ("mp3", "libmp3lame", 44_100),
    "audio/mp4": ("mp4", "aac", 48_000),
    "audio/aac": ("adts", "aac", 48_000),
    "audio/ogg": ("ogg", "libopus", 48_000),
    "audio/webm": ("webm", "libopus", 48_000),
}


def tone(rate: int, seconds: float, channels: int = 1) -> np.ndarray:
    """440 Hz, [channels, samples]."""
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)
    return np.repeat(wave[np.newaxis, :].astype(np.float32), channels, axis=0)


def written(
    samples: np.ndarray,
    container: str = "wav",
    codec: str = "pcm_s16le",
    rate: int = 16_000,
    *,
    layout: str = "mono",
    streams: int = 1,
) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        for _ in range(streams):
            file.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        for stream in file.streams.audio:
            fifo = av.AudioFifo()
            resampler = av.AudioResampler(stream.format, layout, rate, stream.frame_size or None)
            for piece in (*resampler.resample(frame), *resampler.resample(None)):
                fifo.write(piece)
            while (piece := fifo.read(stream.frame_size or 1024, partial=True)) is not None:
                file.mux(stream.encode(piece))
            file.mux(stream.encode(None))
    return out.getvalue()


def heard(content: bytes, limits: Limits | None = None) -> np.ndarray:
    return np.concatenate(list(sound.decode(content, limits or Limits())))


def refusal(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as refused:
        heard(content, limits)
    assert refused.value.sentence
    return refused.value.code


@pytest.mark.parametrize("media_type", FORMATS)
def test_each_format_is_told_from_its_content_and_heard(media_type: str) -> None:
    container, codec, rate = FORMATS[media_type]
    content = written(tone(rate, SECONDS), container, codec, rate)
    assert sound.tells(Source.of(content))
    assert sound.probe(Source.of(content), Limits()).media_type == media_type
    samples = heard(content)
    assert len(samples) == pytest.approx(SECONDS * sound.RATE, abs=0.1 * sound.RATE)
    spectrum = np.abs(np.fft.rfft(samples[4000:20_000]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=3)


def test_all_channels_are_heard() -> None:
    one_side = tone(16_000, 1.0, 6)
    one_side[1:] = 0
    assert np.abs(heard(written(one_side, layout="5.1"))).max() == pytest.approx(0.5 / 6, rel=0.1)


def test_channels_that_cancel_each_other_out_are_refused() -> None:
    both = tone(16_000, 1.0, 2)
    both[1] *= -1
    assert refusal(written(both, layout="stereo")) == "channels_cancel"


def test_silence_is_a_recording() -> None:
    assert not heard(written(np.zeros((2, 16_000), np.float32), layout="stereo")).any()


def test_what_is_beyond_the_limits_is_refused_before_it_is_decoded() -> None:
    content = written(tone(48_000, 2.0, 2), rate=48_000, layout="stereo")
    for limits, code in (
        (Limits(max_seconds=1), "too_long"),
        (Limits(max_channels=1), "too_many_channels"),
        (Limits(max_rate=44_100), "too_high_a_rate"),
        (Limits(max_bytes=1000), "too_many_bytes"),
    ):
        with pytest.raises(Refused) as refused:
            sound.probe(Source.of(content), limits)
        assert refused.value.code == code


def test_a_header_that_hides_how_long_it_is_does_not_help() -> None:
    # Of a stream in WebM the duration is not told before it ends.
    content = written(tone(48_000, 3.0), "adts", "aac", 48_000)
    assert refusal(content, Limits(max_seconds=1)) == "too_long"


def test_too_short_empty_and_broken_ones_are_refused() -> None:
    whole = written(tone(16_000, 1.0))
    assert refusal(written(tone(16_000, 0.05))) == "too_short"
    assert refusal(whole[:44]) in {"no_sound", "damaged"}
    assert refusal(b"RIFF\x10\0\0\0WAVEnothing of the kind") in {"no_sound", "damaged"}
    assert refusal(b"no recording at all") == "not_media"


def test_a_video_is_refused_whatever_it_is_called() -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 64
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert refusal(out.getvalue()) == "video"


def test_two_recordings_side_by_side_are_refused() -> None:
    content = written(tone(48_000, 1.0), "mp4", "aac", 48_000, streams=2)
    assert refusal(content) == "too_many_streams"


def test_a_probe_has_a_piece_of_the_file_in_memory() -> None:
    content = written(tone(48_000, 30.0), rate=48_000)
    read = []

    def part(start: int, end: int) -> bytes:
        read.append(end - start)
        return content[start:end]

    sound.probe(Source(part, len(content)), Limits())
    assert sum(read) <= 2 * 1024 * 1024 + 1024
