"""An original video as a browser can play it, with the times that redaction counts by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile

import av
import numpy as np
import numpy.typing as npt

from omnigov.contracts import Limits, Refused, Tracks
from workers.media import sound, video_copy
from workers.media.source import Source
from workers.media.video import Frame, Video

PICTURES = frozenset({"h264", "vp8", "vp9", "av1", "libdav1d", "libvpx", "libvpx-vp9"})
"""What browsers show by themselves, as MP4 or WebM."""
SOUNDS = frozenset({"aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac"})
AT_ONCE = 1024 * 1024
NO_SOUND = ("no_sound", "too_short")


@dataclass(frozen=True)
class VideoView:
    """What an officer is shown. `tracks` says when each picture is shown; nothing in it is hidden."""

    content: Iterator[bytes]
    media_type: str
    tracks: Tracks


def video_as_shown(content: bytes, limits: Limits, get_on: Callable[[], None]) -> VideoView:
    """The very bytes, where a browser plays them upright and from 0 on; else AV1 and FLAC in an MP4.

    `get_on` is called with each frame. Raises `Refused`.
    """
    video = Video(content, limits)
    times, size = list[int](), (0, 0)
    for frame in video.frames():
        get_on()
        times.append(int(frame.time * 1000))
        size = frame.luma.shape[1], frame.luma.shape[0]
    if not times:
        raise Refused("empty", "The video has no picture.")
    tracks = Tracks(width=size[0], height=size[1], times=tuple(times))
    if _plays(video, content):
        return VideoView(iter([content]), video.media_type, tracks)
    return VideoView(_written(video, get_on), video_copy.MEDIA_TYPE, tracks)


def _plays(video: Video, content: bytes) -> bool:
    if video.media_type not in ("video/mp4", "video/webm") or video.origin or not video.seeks:
        return False
    with av.open(sound.File(Source.of(content)), mode="r") as container:
        context = container.streams.video[0].codec_context
        names = {each.codec_context.codec.name for each in container.streams.audio}
        first = next(container.decode(video=0), None)
        return (
            context.codec.name in PICTURES
            and context.pix_fmt in ("yuv420p", "yuvj420p")
            and not context.width % 2
            and not context.height % 2
            and names <= SOUNDS
            and first is not None
            and not round(first.rotation) % 360
        )


def _written(video: Video, get_on: Callable[[], None]) -> Iterator[bytes]:
    with TemporaryFile() as file:
        video_copy.write(file, _frames(video, get_on), video.ticks, video.rate, video.look(), _samples(video))
        file.seek(0)
        yield from iter(partial(file.read, AT_ONCE), b"")


def _frames(video: Video, get_on: Callable[[], None]) -> Iterator[Frame]:
    for frame in video.frames():
        get_on()
        yield frame


def _samples(video: Video) -> Iterator[npt.NDArray[np.int16]] | None:
    """The sound as the copy has it; None where there is none in which anybody could say a word."""
    if not video.sounds:
        return None
    try:
        samples = np.concatenate(list(video.samples()))
    except Refused as refusal:
        if refusal.code not in NO_SOUND:
            raise
        return None
    whole = np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int16)
    return iter([whole])
