"""Where a shot ends: the colours and the layout of a frame are others than those of the one before.

A flash or a frame that drops out is no cut: soon after it the picture is as it was before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from workers.media.video import Frame

AHEAD = 3  # frames that are looked at before a cut is called one
SMALL = (48, 27)  # width and height that frames are compared at
LEVELS = 16  # of brightness, and 8 of each colour
OTHER_COLOURS = 0.42  # of the pixels
OTHER_LAYOUT = 26.0  # of 255, mean difference of pixels in place
OTHER_SHAPES = 0.6  # one less correlation, and
SOME_LAYOUT = 9.0  # … of 255 with it: noise has no shapes
ALIKE = 0.6  # of both measures: the picture is as it was

Floats = npt.NDArray[np.float32]


class Placed(NamedTuple):
    """A frame, whether a shot begins with it, and whether it flashes: then nothing is followed into it."""

    frame: Frame
    cut: bool
    flash: bool


class _Sketch(NamedTuple):
    layout: Floats  # [27, 48]
    colours: Floats  # shares, that sum to 1

    @classmethod
    def of(cls, frame: Frame) -> _Sketch:
        layout, u, v = (cv2.resize(plane, SMALL, interpolation=cv2.INTER_AREA) for plane in frame.planes)
        bins = (layout // (256 // LEVELS)).astype(np.int32) * 64 + (u // 32).astype(np.int32) * 8 + v // 32
        colours = np.bincount(bins.reshape(-1), minlength=LEVELS * 64) / bins.size
        return cls(layout.astype(np.float32), colours.astype(np.float32))

    def unlike(self, other: _Sketch) -> float:
        """How unlike two frames are: from 1 on they are of two shots."""
        colours = 1.0 - float(np.minimum(self.colours, other.colours).sum())
        layout = float(np.abs(self.layout - other.layout).mean())
        # A moved camera shows the same colours elsewhere, a dimmed light other colours in the same places.
        either = min(colours / OTHER_COLOURS, layout / OTHER_LAYOUT)
        shapes = (1.0 - self._alike(other)) / OTHER_SHAPES
        return max(either, min(shapes, layout / SOME_LAYOUT))

    def _alike(self, other: _Sketch) -> float:
        """The correlation of both layouts, whatever their brightness, -1 … 1."""
        one, another = self.layout - self.layout.mean(), other.layout - other.layout.mean()
        spread = float(np.sqrt(np.square(one).sum() * np.square(another).sum()))
        return float((one * another).sum()) / spread if spread > one.size else 1.0


def placed(frames: Iterator[Frame]) -> Iterator[Placed]:
    """The frames, with what begins a shot. `AHEAD` of them are in memory."""
    waiting = deque[tuple[Frame, _Sketch]]()
    before: _Sketch | None = None
    for frame in frames:
        waiting.append((frame, _Sketch.of(frame)))
        if len(waiting) > AHEAD:
            one, before = _next(waiting, before)
            yield one
    while waiting:
        one, before = _next(waiting, before)
        yield one


def _next(waiting: deque[tuple[Frame, _Sketch]], before: _Sketch | None) -> tuple[Placed, _Sketch]:
    frame, sketch = waiting.popleft()
    if before is None:
        return Placed(frame, cut=True, flash=False), sketch
    if sketch.unlike(before) < 1.0:
        return Placed(frame, cut=False, flash=False), sketch
    if any(later.unlike(before) < ALIKE for _, later in waiting):
        return Placed(frame, cut=False, flash=True), before
    return Placed(frame, cut=True, flash=False), sketch
