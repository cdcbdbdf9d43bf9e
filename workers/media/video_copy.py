"""A video's copy: AV1 and FLAC in an MP4 that players seek in, with the times that are given, and no more.

AV1 is written by SVT-AV1, some six times as quick as VP9 by libvpx at the same size; what is smaller than it
takes is written as VP9. The same frames give the same bytes.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from types import TracebackType
from typing import BinaryIO, Self

import av
import numpy as np
import numpy.typing as npt

from workers.media.sound import RATE
from workers.media.video import Frame, Look

MEDIA_TYPE = "video/mp4"
SMALLEST = 64  # pixels of a side that SVT-AV1 takes
PRESET = "10"  # at 11 a block now and then is left as it was before it was covered
QUALITY = "28"  # of 63, 0 the best
FASTEST = 240.0  # frames a second that SVT-AV1 takes; all that it uses them for is how much each may take
KEY_SECONDS = 4  # at most from one frame that players can begin at to the next
# SVT-AV1 writes its settings on the console otherwise.
os.environ.setdefault("SVT_LOG", "0")


class Copy:
    """Frames and samples on their way into an MP4. Both are to be handed in by the order of their times."""

    def __init__(
        self,
        out: BinaryIO,
        size: tuple[int, int],
        ticks: Fraction,
        rate: float,
        look: Look,
        *,
        sound: bool,
        slowly: bool,
    ) -> None:
        """`size` is width and height, both even; `ticks` the seconds that times are counted in."""
        self._container = av.open(out, "w", format="mp4", options={"fflags": "+bitexact"})
        self._ticks, self._look = ticks, look
        self._video = _video(self._container, size, ticks, rate, look, slowly=slowly)
        self._sound = None
        if sound:
            self._sound = self._container.add_stream("flac", rate=RATE)
            self._sound.layout = "mono"
            self._sound.format = "s16"
        self._samples = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def frame(self, frame: Frame) -> None:
        """Adds a frame at its time, which is later than the one before it."""
        height, width = frame.luma.shape
        whole = np.concatenate([plane.reshape(-1) for plane in frame.planes])
        made = av.VideoFrame.from_ndarray(whole.reshape(height * 3 // 2, width), format="yuv420p")
        # Not by halves to even: of two frames a tick apart both would go to one.
        made.pts = math.floor(frame.time / self._ticks + Fraction(1, 2))
        made.time_base = self._ticks
        made.colorspace, made.color_range = self._look.matrix, 2 if self._look.full else 1
        made.color_primaries, made.color_trc = self._look.primaries, self._look.transfer
        self._container.mux(self._video.encode(made))

    def samples(self, samples: npt.NDArray[np.int16]) -> None:
        """Adds samples at the end of the sound."""
        if self._sound is None:
            raise ValueError("The copy has no sound.")
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
        self._samples += samples.size
        self._container.mux(self._sound.encode(frame))

    def finish(self) -> None:
        self._container.mux(self._video.encode(None))
        if self._sound is not None:
            self._container.mux(self._sound.encode(None))


def write(
    out: BinaryIO,
    frames: Iterable[Frame],
    ticks: Fraction,
    rate: float,
    look: Look,
    blocks: Iterable[npt.NDArray[np.int16]] | None = None,
    *,
    slowly: bool = False,
) -> int:
    """Writes frames and, where there is any, sound; how many frames there were. `out` can be sought in.

    Sound goes in as its time comes, so that players need not look for it far away. `slowly`: as VP9, where
    what is quick has written something else than it was given.
    """
    frames = iter(frames)
    first = next(frames)
    size = first.luma.shape[1], first.luma.shape[0]
    pieces, count, heard = _seconds(blocks), 0, 0
    with Copy(out, size, ticks, rate, look, sound=blocks is not None, slowly=slowly) as copy:
        for frame in _with(first, frames):
            while heard <= frame.time * RATE and (piece := next(pieces, None)) is not None:
                copy.samples(piece)
                heard += piece.size
            copy.frame(frame)
            count += 1
        for piece in pieces:
            copy.samples(piece)
        copy.finish()
    return count


def _with(first: Frame, rest: Iterator[Frame]) -> Iterator[Frame]:
    yield first
    yield from rest


def _seconds(blocks: Iterable[npt.NDArray[np.int16]] | None) -> Iterator[npt.NDArray[np.int16]]:
    for block in blocks or ():
        for start in range(0, block.size, RATE):
            yield block[start : start + RATE]


def _video(
    container: av.container.OutputContainer,
    size: tuple[int, int],
    ticks: Fraction,
    rate: float,
    look: Look,
    *,
    slowly: bool,
) -> av.VideoStream:
    keys = str(max(1, round(KEY_SECONDS * rate)))
    if min(size) >= SMALLEST and not slowly:
        # Low delay: each frame is written when it comes, so that times need no shift.
        settings = f"pred-struct=1:lp=2:keyint={keys}"
        stream = container.add_stream(
            "libsvtav1", options={"preset": PRESET, "crf": QUALITY, "svtav1-params": settings}
        )
    else:
        stream = container.add_stream(
            "libvpx-vp9",
            options={"deadline": "realtime", "cpu-used": "6", "crf": QUALITY, "b": "0", "lag-in-frames": "0"},
        )
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.time_base = ticks
    context = stream.codec_context
    context.time_base = ticks
    context.framerate = Fraction(min(rate, FASTEST)).limit_denominator(1001)
    context.sample_aspect_ratio = look.ratio
    context.colorspace, context.color_range = look.matrix, 2 if look.full else 1
    context.color_primaries, context.color_trc = look.primaries, look.transfer
    context.flags |= av.codec.context.Flags.bitexact
    try:
        context.open()
    finally:
        _in_turn_again()
    return stream


def _in_turn_again() -> None:
    """Gives this process's threads their turns among all others' again.

    Run as root, as in many a container, SVT-AV1 takes real-time scheduling for whoever opens it, for its own
    threads and so for all that they start: everything else on the machine stood still.
    """
    if not hasattr(os, "sched_getscheduler"):
        return
    for thread in map(int, os.listdir("/proc/self/task")):
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            if os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR):
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
