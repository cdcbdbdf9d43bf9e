"""One recording while it is listened to: 16-bit samples in a file without a name, read piece by piece."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from omnigov.contracts import Interval
from workers.media.sound import RATE, Samples

Whole = npt.NDArray[np.int16]
BLOCK = 60 * RATE  # samples that are worked on at once
RAMP = RATE // 100  # samples over which sound fades, inside what is hidden: an edge would click
TONE, TONE_LOUD = 1000, 1600  # Hz, and its highest sample: as loud as quiet speech
_FULL = 32768.0


class Stretch(NamedTuple):
    """Samples `start` … `end` − 1."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def overlap(self, other: Stretch) -> int:
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def joined(stretches: Iterable[Stretch], gap: int = 0) -> list[Stretch]:
    """Stretches in order; those that overlap, or are no more than `gap` samples apart, as one."""
    whole: list[Stretch] = []
    for stretch in sorted(stretches):
        if whole and stretch.start <= whole[-1].end + gap:
            whole[-1] = Stretch(whole[-1].start, max(whole[-1].end, stretch.end))
        elif stretch.length > 0:
            whole.append(stretch)
    return whole


def without(stretches: Iterable[Stretch], taken: Sequence[Stretch]) -> list[Stretch]:
    """What is left of the stretches outside those that are taken, which are in order and do not overlap."""
    left: list[Stretch] = []
    for stretch in stretches:
        start = stretch.start
        for other in taken:
            if other.end <= start or other.start >= stretch.end:
                continue
            if other.start > start:
                left.append(Stretch(start, other.start))
            start = max(start, other.end)
        if start < stretch.end:
            left.append(Stretch(start, stretch.end))
    return left


def interval(stretch: Stretch) -> Interval:
    """As milliseconds, rounded outwards."""
    return Interval(start=stretch.start * 1000 // RATE, end=-(-stretch.end * 1000 // RATE))


def stretch_of(place: Interval, length: int) -> Stretch:
    """As samples of a recording that has `length`; milliseconds are rounded outwards."""
    return Stretch(min(place.start * RATE // 1000, length), min(-(-place.end * RATE // 1000), length))


class Recording:
    """The samples of a recording, [samples], on disk while it is open; nothing of it is left afterwards."""

    def __init__(self, blocks: Iterable[Samples], *, tone: bool = False) -> None:
        """`tone`: what is hidden sounds, instead of being silent."""
        self._tone = tone
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self.length = 0
        try:
            for block in blocks:
                whole = np.clip(np.rint(block * _FULL), -_FULL, _FULL - 1).astype("<i2")
                self._file.write(whole.tobytes())
                self.length += whole.size
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def milliseconds(self) -> int:
        return max(1, self.length * 1000 // RATE)

    def whole(self, start: int, end: int, hidden: Sequence[Stretch] = ()) -> Whole:
        """The samples from `start` up to `end`, silent where hidden: the redacted copy's own samples."""
        start, end = max(0, start), min(end, self.length)
        self._file.seek(2 * start)
        samples = np.frombuffer(self._file.read(2 * max(0, end - start)), "<i2").astype(np.int16)
        for one in hidden:
            if one.end > start and one.start < end:
                _silence(samples, one.start - start, one.end - start)
                if self._tone:
                    _sound(samples, one, start)
        return samples

    def part(self, start: int, end: int, hidden: Sequence[Stretch] = ()) -> Samples:
        """As `whole`, between -1 and 1."""
        return self.whole(start, end, hidden).astype(np.float32) / np.float32(_FULL)

    def blocks(self, hidden: Sequence[Stretch] = ()) -> Iterator[Whole]:
        for start in range(0, self.length, BLOCK):
            yield self.whole(start, start + BLOCK, hidden)


def _silence(samples: Whole, first: int, last: int) -> None:
    """Silences samples `first` … `last` − 1, which may lie beyond both ends, fading inside them."""
    ramp = min(RAMP, (last - first) // 4)
    falling = np.linspace(1.0, 0.0, ramp, endpoint=False)
    _faded(samples, first, falling)
    _faded(samples, last - ramp, falling[::-1])
    samples[max(0, first + ramp) : max(0, last - ramp)] = 0


def _sound(samples: Whole, hidden: Stretch, start: int) -> None:
    """Adds an even tone within what is hidden, to samples that begin at `start`."""
    first, last = max(hidden.start + RAMP, start), min(hidden.end - RAMP, start + samples.size)
    if last > first:
        at = np.arange(first, last)
        edge = np.minimum(at - hidden.start - RAMP, hidden.end - RAMP - at)
        wave = TONE_LOUD * np.sin(2 * np.pi * TONE * at / RATE) * np.clip(edge / RAMP, 0, 1)
        samples[first - start : last - start] = np.rint(wave).astype(np.int16)


def _faded(samples: Whole, first: int, weights: npt.NDArray[np.float64]) -> None:
    low, high = max(0, first), min(first + weights.size, samples.size)
    if high > low:
        part = samples[low:high] * weights[low - first : high - first]
        samples[low:high] = np.rint(part).astype(np.int16)


def loudness(samples: Samples, frame: int) -> npt.NDArray[np.float32]:
    """The root mean square of each whole frame of so many samples, [frames]."""
    whole = samples[: samples.size // frame * frame].reshape(-1, frame)
    return np.asarray(np.sqrt(np.square(whole).mean(axis=1)), np.float32)
