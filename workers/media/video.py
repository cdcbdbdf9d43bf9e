"""Videos: their frames upright and one after the other, as often as they are wanted; and their sound.

The container is told from the first bytes and its reader forced on FFmpeg, as for sound. Frames come in 8
bits and YUV 4:2:0, as all but every camera writes them and as the copy is written: what is not hidden is not
converted. Interlaced frames are taken as they are. High dynamic range is refused in words. The first moving
picture and the first sound are taken; subtitles, attachments, chapters, cover pictures, further streams and
all that is written in tags are left behind.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.stream import Disposition

from omnigov.contracts import Limits, Refused
from omnigov.contracts.kinds import HEAD
from workers.media import sound
from workers.media.picture import Pixels
from workers.media.probe import Probed
from workers.media.source import Source

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

Plane = npt.NDArray[np.uint8]  # [height, width]

_TYPES = (
    (re.compile(rb"\0[\s\S]{3}ftypqt  |\0[\s\S]{3}(?:moov|mdat|wide|free|skip)"), "video/quicktime", "mov"),
    (re.compile(rb"\0[\s\S]{3}ftyp"), "video/mp4", "mov"),
    (re.compile(rb"\x1a\x45\xdf\xa3[\s\S]{0,64}webm"), "video/webm", "matroska"),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "video/x-matroska", "matroska"),
    (re.compile(rb"RIFF[\s\S]{4}AVI "), "video/x-msvideo", "avi"),
)
_RECORDING = re.compile(rb"\0[\s\S]{3}ftyp(?:M4A |M4B |M4P |f4a |f4b )")
# What cameras, telephones, screens and editors write. FFmpeg knows hundreds more, each a way in for a
# hostile file.
_CODECS = frozenset(
    [
        "h264",
        "hevc",
        "av1",
        "libdav1d",
        "vp8",
        "vp9",
        "libvpx",
        "libvpx-vp9",
        "mpeg4",
        "msmpeg4v2",
        "msmpeg4",
        "h263",
        "h263p",
        "mpeg1video",
        "mpeg2video",
        "mjpeg",
        "prores",
        "dnxhd",
        "ffv1",
        "huffyuv",
        "ffvhuff",
        "rawvideo",
        "theora",
        "dvvideo",
        "png",
        "cinepak",
        "wmv2",
        "flv",
        "utvideo",
        "qtrle",
    ]
)
_HDR = {16: "PQ", 18: "HLG"}  # transfer characteristics (ITU-T H.273)
_DAMAGED = "The video is damaged and can't be played. Save it anew from the program that made it."
USUAL = 25.0  # frames a second, where neither times nor header say
_NAMES = "MP4, MOV, MKV, WebM or AVI"


class Frame(NamedTuple):
    """One upright frame. `planes` are luma, [height, width], and two of colour at half its size."""

    number: int
    time: Fraction  # seconds from the beginning of the video, as the file says
    planes: tuple[Plane, Plane, Plane]
    full: bool  # whether luma reaches from 0 to 255, and not from 16 to 235

    @property
    def luma(self) -> Plane:
        return self.planes[0]

    def pixels(self) -> Pixels:
        """The frame in RGB."""
        whole = np.concatenate([plane.reshape(-1) for plane in self.planes])
        height, width = self.luma.shape
        made = cv2.cvtColor(whole.reshape(height * 3 // 2, width), cv2.COLOR_YUV2RGB_I420)
        return np.asarray(made, np.uint8)


class Look(NamedTuple):
    """How the copy's colours have to be read: as the original's (ITU-T H.273)."""

    matrix: int
    primaries: int
    transfer: int
    full: bool
    ratio: Fraction  # width over height of a pixel


def tells(data: Source) -> bool:
    """Whether the file shows moving pictures, and is not a recording with a cover."""
    head = data.part(0, HEAD)
    told = _type(head)
    if told is None or _RECORDING.match(head):
        return False
    try:
        with av.open(sound.File(data), mode="r", format=told[1]) as container:
            return any(not _still(each) for each in container.streams.video)
    except av.error.FFmpegError:
        # A WebM may as well have been a recording, whose room says the same of it.
        return told[1] != "matroska"


def probe(data: Source, limits: Limits, encoding: str = "") -> Probed:
    """The video's type and size upright. Its packets are counted and its first frame is decoded.

    Raises `Refused` where it is none, or is beyond the limits.
    """
    video = Video(data, limits)
    first = next(video.frames(), None)
    if first is None:
        raise _empty()
    height, width = first.luma.shape
    return Probed(video.media_type, width, height, video.packets)


def decode(content: bytes | Source, limits: Limits) -> Iterator[Frame]:
    """The frames, one in memory at a time. Raises `Refused` as `probe` does, and for damage where it is."""
    yield from Video(content, limits).frames()


class Video:
    """A video, read from its beginning as often as wanted; from several threads where it is bytes."""

    def __init__(self, content: bytes | Source, limits: Limits, origin: Fraction | None = None) -> None:
        """`origin`: where its times are to begin; None: with its first frame or sound."""
        self._content, self._limits = content, limits
        data = self._source()
        _check_bytes(len(data), limits)
        told = _type(data.part(0, HEAD))
        if told is None:
            raise Refused("not_media", f"This is no video, whatever its name says. Send {_NAMES}.")
        self.media_type, self._reader = told
        with self._opened() as container:
            stream = self._stream(container)
            self.sounds = len(container.streams.audio)
            if self.sounds:
                sound.usable(container.streams.audio[0], limits)
            self.ticks = Fraction(stream.time_base or Fraction(1, 1000))
            """Seconds of one tick of the frames' times."""
            self.packets, self.seeks, rate = self._counted(container, stream)
            self.rate = rate or float(stream.average_rate or 0) or USUAL
            """Frames a second, by the usual step between two: headers tell 1000 of what browsers record."""
            self.origin = self._begins(container, stream) if origin is None else origin
            """Seconds at which the first frame or sound stands in the file: all times here begin there."""

    def frames(self, start: int = 0, at: Fraction | None = None) -> Iterator[Frame]:
        """The frames from number `start` on. Raises `Refused` for damage, and for what only now shows.

        Where `at`, the time of that frame, is given and the file can be sought in, others are left out.
        """
        if start and at is not None and self.seeks:
            sought = self._sought(start, at)
            if (first := next(sought, None)) is not None:
                yield first
                yield from sought
                return
        with self._opened() as container:
            stream = self._stream(container)
            stream.thread_type = "AUTO"
            stream.codec_context.thread_count = 2
            before = None
            shape: tuple[int, int] | None = None
            for number, frame in enumerate(container.decode(stream)):
                time = self._time(frame, before)
                before = time
                if number >= start:
                    made = self._frame(frame, number, time)
                    if shape is not None and made.luma.shape != shape:
                        raise Refused(
                            "video_changes",
                            "The video changes its size in the middle. Save it anew as one piece.",
                        )
                    shape = made.luma.shape
                    yield made
                if number >= self._limits.max_video_frames:
                    raise _too_many_frames(number + 1, self._limits)
                _check_seconds(float(time), self._limits)

    def _sought(self, start: int, at: Fraction) -> Iterator[Frame]:
        """The frames from the one at this time on; none where there is none at just this time."""
        with self._opened() as container:
            stream = self._stream(container)
            stream.thread_type = "AUTO"
            stream.codec_context.thread_count = 2
            wanted = round((at + self.origin) / self.ticks)
            container.seek(max(0, wanted), stream=stream)
            number = start - 1
            for frame in container.decode(stream):
                if frame.pts is None or (number < start and frame.pts > wanted):
                    return
                if frame.pts >= wanted:
                    number += 1
                    yield self._frame(frame, number, frame.pts * Fraction(self.ticks) - self.origin)

    def look(self) -> Look:
        """How colours are to be read, of the first frame. Raises `Refused` where there is none."""
        with self._opened() as container:
            for frame in container.decode(self._stream(container)):
                ratio = Fraction(getattr(container.streams.video[0], "sample_aspect_ratio", None) or 1)
                if round(frame.rotation) % 180:
                    ratio = 1 / ratio if ratio else Fraction(1)
                return Look(
                    int(frame.colorspace),
                    int(frame.color_primaries),
                    int(frame.color_trc),
                    _full(frame),
                    ratio if ratio > 0 else Fraction(1),
                )
        raise _empty()

    def samples(self) -> Iterator[sound.Samples]:
        """The sound's samples in blocks, from the video's beginning on: silent until it begins, and in gaps.

        Raises what `workers.media.sound.decode` does.
        """
        yield from sound.beside_pictures(self._source(), self._reader, self._limits, self.origin)

    def _source(self) -> Source:
        # A source remembers the piece that it read last, so each reader has its own.
        return Source.of(self._content) if isinstance(self._content, bytes) else self._content

    @contextlib.contextmanager
    def _opened(self) -> Iterator[InputContainer]:
        try:
            with av.open(sound.File(self._source()), mode="r", format=self._reader) as container:
                yield container
        except av.error.FFmpegError:
            raise Refused("damaged", _DAMAGED) from None

    def _stream(self, container: InputContainer) -> VideoStream:
        """The moving picture. Raises `Refused` where there is none, or it is beyond the limits."""
        limits = self._limits
        if len(container.streams) > limits.max_streams:
            raise Refused(
                "video_streams",
                f"The file holds {len(container.streams)} streams of pictures, sounds, subtitles and "
                f"attachments; up to {limits.max_streams} are taken. Save it with those that are needed.",
            )
        moving = [each for each in container.streams.video if not _still(each)]
        if not moving:
            raise _empty()
        stream = moving[0]
        context = stream.codec_context
        if context is None or not context.width or not context.height:
            raise Refused("damaged", _DAMAGED)
        if context.codec.name not in _CODECS:
            raise Refused(
                "unsupported",
                f"The video is written as {context.codec.name}, which is not taken. Save it as H.264, VP9 or "
                "AV1.",
            )
        if context.width * context.height > limits.max_video_pixels:
            raise Refused(
                "too_many_pixels",
                f"The video's frames have {context.width} × {context.height} pixels; up to "
                f"{limits.max_video_pixels / 1e6:.1f} million are taken. Save it smaller.",
            )
        if container.duration:  # microseconds, where the header tells
            _check_seconds(container.duration / 1_000_000, limits)
        if stream.frames > limits.max_video_frames:
            raise _too_many_frames(stream.frames, limits)
        return stream

    def _counted(self, container: InputContainer, stream: VideoStream) -> tuple[int, bool, float]:
        """How many packets hold a frame, whether all have times of their own, by which one can seek, and how
        many come in a second; 0 where their times don't say."""
        count, times = 0, list[int]()
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None:
                times.append(packet.pts)
            if packet.size:
                count += 1
            if count > self._limits.max_video_frames:
                raise _too_many_frames(count, self._limits)
        if not count:
            raise _empty()
        apart = np.diff(np.unique(np.array(times, np.int64)))
        rate = float(1 / (Fraction(float(np.median(apart))) * self.ticks)) if apart.size else 0.0
        return count, len(set(times)) == count, rate

    def _begins(self, container: InputContainer, stream: VideoStream) -> Fraction:
        return min(
            (
                each.start_time * Fraction(each.time_base)
                for each in (stream, *container.streams.audio[:1])
                if each.start_time is not None and each.time_base is not None
            ),
            default=Fraction(0),
        )

    def _time(self, frame: VideoFrame, before: Fraction | None) -> Fraction:
        """When the frame is shown: as the file says, or one tick after the one before it."""
        if frame.pts is None:
            time = before + Fraction(1, 25) if before is not None else Fraction(0)
        else:
            time = frame.pts * Fraction(frame.time_base or self.ticks) - self.origin
        least = before + self.ticks if before is not None else Fraction(0)
        if time < least:
            self.seeks = False  # its frames come otherwise than their times say: none is found by its time
        return max(time, least)

    def _frame(self, frame: VideoFrame, number: int, time: Fraction) -> Frame:
        if int(frame.color_trc) in _HDR:
            raise Refused(
                "high_dynamic_range",
                f"The video has a high dynamic range ({_HDR[int(frame.color_trc)]}), which is not taken. "
                "Save it in standard colours (SDR, BT.709).",
            )
        full = _full(frame)
        if frame.width % 2 or frame.height % 2:
            return Frame(number, time, _even(frame), full)
        turn = round(frame.rotation / 90) % 4
        if frame.format.name not in ("yuv420p", "yuvj420p"):
            frame = frame.reformat(format="yuv420p")
        planes = tuple(
            np.ascontiguousarray(np.rot90(_plane(plane), turn)) if turn else _plane(plane)
            for plane in frame.planes
        )
        return Frame(number, time, planes, full)  # type: ignore[arg-type]


def _plane(plane: object) -> Plane:
    """A copy of a plane's pixels, without what lines are padded with."""
    height, width, line = plane.height, plane.width, plane.line_size  # type: ignore[attr-defined]
    return np.frombuffer(plane, np.uint8).reshape(-1, line)[:height, :width].copy()  # type: ignore[call-overload,no-any-return]


def _even(frame: VideoFrame) -> tuple[Plane, Plane, Plane]:
    """The planes of a frame with an odd side, which gets one more row or column like the last."""
    pixels: Pixels = np.rot90(
        np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), round(frame.rotation / 90) % 4
    )
    height, width = pixels.shape[:2]
    pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    height, width = pixels.shape[:2]
    made = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2YUV_I420)
    whole = np.asarray(made, np.uint8).reshape(-1)
    at, quarter = height * width, height * width // 4
    half = height // 2, width // 2
    return (
        whole[:at].reshape(height, width),
        whole[at : at + quarter].reshape(half),
        whole[at + quarter :].reshape(half),
    )


def _full(frame: VideoFrame) -> bool:
    return frame.format.name.startswith("yuvj") or int(frame.color_range) == 2


def _still(stream: VideoStream) -> bool:
    """Whether it is a cover or a thumbnail, and no moving picture."""
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _type(head: bytes) -> tuple[str, str] | None:
    return next(((name, reader) for begins, name, reader in _TYPES if begins.match(head)), None)


def _empty() -> Refused:
    return Refused(
        "no_frames",
        "There is no moving picture in the file. Check that it was copied whole, and send it again.",
    )


def _check_bytes(found: int, limits: Limits) -> None:
    if found > limits.max_bytes:
        raise Refused(
            "too_many_bytes",
            f"The file has {found / 1e6:.1f} MB; up to {limits.max_bytes / 1e6:.0f} MB are taken. Save it "
            "smaller, or split it.",
        )


def _check_seconds(found: float, limits: Limits) -> None:
    if found > limits.max_video_seconds:
        raise Refused(
            "video_too_long",
            f"The video is longer than {limits.max_video_seconds / 60:.0f} minutes. Split it and send the "
            "parts.",
        )


def _too_many_frames(found: int, limits: Limits) -> Refused:
    return Refused(
        "video_frames",
        f"The video has {found:,} frames or more; up to {limits.max_video_frames:,} are taken. Split it and "
        "send the parts.",
    )
