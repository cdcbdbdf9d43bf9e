"""Sound: recordings as one channel of 16,000 samples a second, whatever they come as.

What is listened to is what goes out: all channels as their mean, nothing above 8 kHz. So no speech can hide
in a channel, a band or a tag that nobody listened to. The format is told from the first bytes and forced on
FFmpeg, which would otherwise try readers that open other files. A video, a second stream of sound, and
channels that cancel each other out are refused; pictures and lyrics in tags are left behind.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import numpy.typing as npt
from av.audio.resampler import AudioResampler
from av.stream import Disposition

from omnigov.contracts import Limits, Refused
from omnigov.contracts.kinds import HEAD
from workers.media.probe import Probed
from workers.media.source import WINDOW, Source

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

RATE = 16_000
"""Samples a second of what `decode` gives."""
SHORTEST = 0.1
"""Seconds: in less nobody can say a word."""
PAUSE = 0.02
"""Seconds between two pieces of a video's sound from which there is silence between them."""
CANCELLED = 0.01
"""Share of the channels' power that is left in their mean where they cancel each other out."""

Samples = npt.NDArray[np.float32]

# What begins a file, the media type that it has then, and the one reader of FFmpeg's that is asked.
_TYPES = (
    (re.compile(rb"RIFF[\s\S]{4}WAVE"), "audio/wav", "wav"),
    (re.compile(rb"fLaC"), "audio/flac", "flac"),
    (re.compile(rb"OggS"), "audio/ogg", "ogg"),
    (re.compile(rb"\0[\s\S]{3}ftyp"), "audio/mp4", "mov"),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "audio/webm", "matroska"),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), "audio/aac", "aac"),
    (re.compile(rb"ID3[\2-\4]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), "audio/mpeg", "mp3"),
)
_NAMES = "WAV, FLAC, MP3, M4A or AAC, Ogg or Opus, WebM"
_DAMAGED = "The recording is damaged and can't be played. Save it anew from the program that made it."


def tells(data: Source) -> bool:
    """Whether the file begins as a recording does. `probe` says whether it is one with a picture."""
    return _type(data.part(0, HEAD)) is not None


def probe(data: Source, limits: Limits, encoding: str = "") -> Probed:
    """The recording's type. Its header and its first frame are decoded, with a piece of it in memory.

    Raises `Refused` where it is none, is beyond the limits as its header says, or holds more than one sound.
    """
    _check_bytes(len(data), limits)
    media_type, reader = _told(data)
    with _opened(data, reader) as container:
        stream = _stream(container, limits)
        if next(_frames(container, stream), None) is None:
            raise _empty()
    return Probed(media_type, width=0, height=0, frames=1)


def decode(content: bytes | Source, limits: Limits) -> Iterator[Samples]:
    """The samples between -1 and 1 in blocks, one in memory at a time.

    Raises `Refused` as `probe` does before the first block, and for what only shows while decoding: more
    seconds than the header said, less than `SHORTEST`, damage, channels that cancel each other out.
    """
    data = Source.of(content) if isinstance(content, bytes) else content
    _check_bytes(len(data), limits)
    _, reader = _told(data)
    with _opened(data, reader) as container:
        yield from _decoded(container, _stream(container, limits), limits)


def beside_pictures(data: Source, reader: str, limits: Limits, origin: Fraction) -> Iterator[Samples]:
    """As `decode`, the first sound of a video. It is silent from `origin`, in seconds, up to where it begins,
    and where it pauses, so that a time means the same in pictures and sound."""
    with _opened(data, reader) as container:
        stream = usable(container.streams.audio[0], limits)
        yield from _decoded(container, stream, limits, origin)


def _decoded(
    container: InputContainer, stream: AudioStream, limits: Limits, origin: Fraction | None = None
) -> Iterator[Samples]:
    total, power, left = 0, 0.0, 0.0
    narrow = _Narrow()
    for frame in _frames(container, stream):
        if origin is not None and (pause := _pause(frame, origin, total)):
            _check_seconds((total + pause) / RATE, limits)
            for start in range(0, pause, RATE):
                yield np.zeros(min(RATE, pause - start), np.float32)
            total += pause
        channels = narrow.channels(frame)
        mean = channels.mean(axis=0, dtype=np.float32)
        power += float(np.square(channels, dtype=np.float64).mean()) * mean.size
        left += float(np.square(mean, dtype=np.float64).sum())
        for block in narrow.resampled(mean, frame.sample_rate):
            total += block.size
            _check_seconds(total / RATE, limits)
            yield block
    for block in narrow.rest():
        total += block.size
        yield block
    if not total:
        raise _empty()
    if total < SHORTEST * RATE:
        raise Refused(
            "too_short",
            f"The recording has {total / RATE:.2f} seconds, in which nobody can say a word. Check that it "
            "was copied whole, and send it again.",
        )
    if power and left < CANCELLED * power:
        raise Refused(
            "channels_cancel",
            "The recording's channels cancel each other out, so that nobody hears it on one loudspeaker. "
            "Save one of the channels alone and send that.",
        )


class _Narrow:
    """From frames of any kind to one channel of `RATE` samples a second."""

    def __init__(self) -> None:
        self._resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
        self._packed: AudioResampler | None = None
        self._shape: tuple[str, int] | None = None

    def channels(self, frame: AudioFrame) -> Samples:
        """The frame's samples, [channels, samples]. Raises `Refused` where they change in the middle."""
        shape = (frame.layout.name, frame.sample_rate)
        if self._packed is None:
            self._shape = shape
            # One plane for all channels: PyAV counts eight planes as nine, and reads what is not its own.
            self._packed = AudioResampler(format="flt", layout=frame.layout, rate=frame.sample_rate)
        if shape != self._shape:
            raise Refused(
                "changes",
                "The recording changes its channels or its rate in the middle. Save it anew as one piece.",
            )
        made = [each.to_ndarray()[0] for each in self._packed.resample(frame)]
        samples = np.concatenate(made, dtype=np.float32).reshape(-1, frame.layout.nb_channels).T
        if not np.isfinite(samples).all():
            raise Refused("damaged", _DAMAGED)
        return np.clip(samples, -1.0, 1.0)

    def resampled(self, mean: Samples, rate: int) -> Iterator[Samples]:
        frame = av.AudioFrame.from_ndarray(mean[np.newaxis, :], format="flt", layout="mono")
        frame.sample_rate = rate
        yield from (each.to_ndarray()[0] for each in self._resampler.resample(frame))

    def rest(self) -> Iterator[Samples]:
        if self._packed is not None:
            yield from (each.to_ndarray()[0] for each in self._resampler.resample(None))


class File(io.RawIOBase):
    """A source as the file that FFmpeg reads."""

    def __init__(self, data: Source) -> None:
        self._data, self._at = data, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        most = WINDOW if size < 0 else min(size, WINDOW)
        piece = self._data.part(self._at, self._at + most)
        self._at += len(piece)
        return piece


def _type(head: bytes) -> tuple[str, str] | None:
    return next(((name, reader) for begins, name, reader in _TYPES if begins.match(head)), None)


def _told(data: Source) -> tuple[str, str]:
    told = _type(data.part(0, HEAD))
    if told is None:
        raise Refused("not_media", f"This is no recording, whatever its name says. Send {_NAMES}.")
    return told


@contextlib.contextmanager
def _opened(data: Source, reader: str) -> Iterator[InputContainer]:
    try:
        with av.open(File(data), mode="r", format=reader) as container:
            yield container
    except av.error.FFmpegError:
        raise Refused("damaged", _DAMAGED) from None


def _stream(container: InputContainer, limits: Limits) -> AudioStream:
    """The one stream of sound. Raises `Refused` where there is not just that, or it is beyond the limits."""
    if any(not each.disposition & Disposition.attached_pic for each in container.streams.video):
        raise Refused(
            "video", f"This is a video, whatever its name says, and only sound is taken. Send {_NAMES}."
        )
    if not container.streams.audio:
        raise _empty()
    if len(container.streams.audio) > 1:
        raise Refused(
            "too_many_streams",
            f"The file holds {len(container.streams.audio)} recordings side by side. Save each as a file of "
            "its own.",
        )
    stream = usable(container.streams.audio[0], limits)
    if container.duration:  # microseconds, where the header tells
        _check_seconds(container.duration / 1_000_000, limits)
    return stream


def usable(stream: AudioStream, limits: Limits) -> AudioStream:
    """The stream, where it is within the limits. Raises `Refused`."""
    context = stream.codec_context
    if not context.sample_rate or not context.channels:
        raise Refused("damaged", _DAMAGED)
    if context.channels > limits.max_channels:
        raise Refused(
            "too_many_channels",
            f"The recording has {context.channels} channels; up to {limits.max_channels} are taken. Save it "
            "in stereo or mono.",
        )
    if context.sample_rate > limits.max_rate:
        raise Refused(
            "too_high_a_rate",
            f"The recording has {context.sample_rate:,} samples a second; up to {limits.max_rate:,} are "
            "taken. Save it with 48,000.",
        )
    return stream


def _pause(frame: AudioFrame, origin: Fraction, total: int) -> int:
    """Samples that are silent before this frame. Less than `PAUSE` is how players' clocks jitter."""
    if frame.pts is None or frame.time_base is None:
        return 0
    begins = round((frame.pts * Fraction(frame.time_base) - origin) * RATE)
    pause = begins - total
    return pause if pause > PAUSE * RATE else 0


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    for frame in container.decode(stream):
        if frame.samples:
            yield frame


def _empty() -> Refused:
    return Refused(
        "no_sound", "There is no sound in the file. Check that it was copied whole, and send it again."
    )


def _check_bytes(found: int, limits: Limits) -> None:
    if found > limits.max_bytes:
        raise Refused(
            "too_many_bytes",
            f"The file has {found / 1e6:.1f} MB; up to {limits.max_bytes / 1e6:.0f} MB are taken. Save it "
            "as FLAC, Opus or MP3, or split it.",
        )


def _check_seconds(found: float, limits: Limits) -> None:
    if found > limits.max_seconds:
        raise Refused(
            "too_long",
            f"The recording is longer than {limits.max_seconds / 60:.0f} minutes. Split it and send the "
            "parts.",
        )
