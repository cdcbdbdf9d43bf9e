"""Recordings of all formats that are taken, made here; and those that are refused, each with its sentence."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from omnigov.contracts import Limits, Refused
from workers.media import flac, sound
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


def tagged(container: str, codec: str) -> bytes:
    """A second of sound with a cover picture and lyrics in its tags."""
    cover = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(cover, "JPEG")
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        file.metadata.update({"title": "Sarah Brown", "lyrics": "call Sarah Brown"})
        stream = file.add_stream(codec, rate=48_000, layout="mono")
        picture = file.add_stream("mjpeg", rate=1)
        picture.width = picture.height = 32
        picture.pix_fmt = "yuvj420p"
        picture.disposition = Disposition.attached_pic
        packet = av.Packet(cover.getvalue())
        packet.stream, packet.pts, packet.dts = picture, 0, 0
        packet.is_keyframe = True
        frame = av.AudioFrame.from_ndarray(tone(48_000, 1.0), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        fifo = av.AudioFifo()
        for piece in av.AudioResampler(stream.format, "mono", 48_000, stream.frame_size).resample(frame):
            fifo.write(piece)
        encoded = [each for piece in iter(lambda: fifo.read(1152), None) for each in stream.encode(piece)]
        file.mux(packet)
        file.mux([*encoded, *stream.encode(None)])
    return out.getvalue()


def test_pictures_and_lyrics_in_tags_are_left_behind() -> None:
    content = tagged("mp3", "libmp3lame")
    assert b"Sarah Brown" in content
    assert b"\xff\xd8\xff" in content  # the cover

    assert sound.probe(Source.of(content), Limits()).media_type == "audio/mpeg"
    assert np.abs(heard(content)).max() == pytest.approx(0.5, abs=0.1)


def test_a_variable_bit_rate_is_as_long_as_it_sounds() -> None:
    """Half of it is silent, so that its frames differ in size, and no header says how many there are."""
    rate = 44_100
    samples = np.concatenate([tone(rate, 2.0), np.zeros((1, 3 * rate), np.float32)], axis=1)
    samples += (
        0.1 * np.random.default_rng(1).standard_normal(samples.shape).astype(np.float32) * (samples != 0)
    )
    out = io.BytesIO()
    options = {"write_xing": "0", "id3v2_version": "0"}
    with av.open(out, "w", format="mp3", options=options) as file:
        stream = file.add_stream("libmp3lame", rate=rate, layout="mono", options={"compression_level": "9"})
        stream.codec_context.global_quality = 2 * 118  # FF_QP2LAMBDA: quality instead of a bit rate
        stream.codec_context.qscale = True
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = rate
        fifo = av.AudioFifo()
        fifo.write(frame)
        while (piece := fifo.read(1152, partial=True)) is not None:
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    content = out.getvalue()
    assert b"Xing" not in content
    assert b"Info" not in content

    assert len(heard(content)) == pytest.approx(5 * sound.RATE, abs=0.15 * sound.RATE)
    assert refusal(content, Limits(max_seconds=4)) == "too_long"


def header(rate: int = 16_000, channels: int = 1, size: int = 64_000) -> bytes:
    """A WAV of a second of silence, whose header says this of it."""
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + size,
        b"WAVE",
        b"fmt ",
        16,
        1,
        channels,
        rate,
        rate * channels * 2 % 2**32,
        channels * 2 % 2**16,
        16,
        b"data",
        size,
    )
    return head + bytes(32_000)


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"channels": 0}, {"rate": 2**31}, {"channels": 60_000}])
def test_a_header_that_can_not_be_is_refused_with_a_sentence(wrong: dict[str, int]) -> None:
    assert refusal(header(**wrong)) in {"damaged", "no_sound", "too_many_channels", "too_high_a_rate"}


def test_a_header_that_promises_more_than_there_is_gives_what_there_is() -> None:
    assert len(heard(header(size=64_000))) == 16_000


def test_more_than_three_hours_are_refused_by_what_the_header_says() -> None:
    out = io.BytesIO()
    flac.write([np.zeros(sound.RATE, np.int16)], out)
    content = bytearray(out.getvalue())
    samples = round((Limits().max_seconds + 1) * sound.RATE)
    fields = int.from_bytes(content[18:26], "big") >> 36 << 36 | samples
    content[18:26] = fields.to_bytes(8, "big")  # RFC 9639, 8.2: how many samples there are

    with pytest.raises(Refused) as refused:
        sound.probe(Source.of(bytes(content)), Limits())
    assert refused.value.code == "too_long"
    assert "180 minutes" in refused.value.sentence
