"""What is hidden in which frame: boxes grown by what is not known of them, and laid over its planes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from omnigov.contracts import MILLION, Area, Fill, RedactionProfile
from omnigov.contracts.video import Known
from workers.media.video import Frame, Plane
from workers.redaction.following.paths import Path

# Of a box's own size, added on each side of what a detector drew tightly (faces) and of what came padded.
TIGHT: dict[Known, float] = {"detected": 0.08, "followed": 0.12, "filled": 0.18, "by_hand": 0.0}
PADDED: dict[Known, float] = {"detected": 0.0, "followed": 0.04, "filled": 0.10, "by_hand": 0.0}
MUCH, MORE = 5.0, 0.02  # pixels, and of the size: the most of it
LEAST = 2.0  # pixels, on each side of what was not drawn by hand
BLACK = {False: 16, True: 0}  # of luma, in the narrow and in the full range
GREY = 128
DARK = 40  # of 255, above black: what writing leaves of it
BRIGHT = 0.01  # of the pixels may be brighter: an edge that moves
CELLS, BLUR = 4, 0.25  # as of a picture's fill

Hidden = npt.NDArray[np.bool_]  # [height, width]


class Placed(NamedTuple):
    area: Area
    known: Known


class Cover:
    """The boxes of all paths, frame by frame."""

    def __init__(self, paths: Sequence[Path], profile: RedactionProfile, width: int, height: int) -> None:
        self.paths = sorted(paths, key=lambda path: path.first)
        self._padding, self._size = profile.padding / MILLION, (width, height)

    def at(self, frame: int) -> list[tuple[Path, Placed]]:
        """What is hidden in one frame."""
        return [(path, self.placed(path, frame)) for path in self.paths if path.first <= frame <= path.last]

    def through(self, frames: int) -> Iterator[list[Area]]:
        """What is hidden in each frame, from the first on."""
        waiting, going = list(reversed(self.paths)), list[Path]()
        for number in range(frames):
            while waiting and waiting[-1].first <= number:
                going.append(waiting.pop())
            going = [path for path in going if path.last >= number]
            yield [self.placed(path, number).area for path in going]

    def placed(self, path: Path, frame: int) -> Placed:
        """A path's box in a frame in which it has one, as it is hidden: its edges are even."""
        known = path.known(frame)
        box = path.box(frame) if known == "by_hand" else path.about(frame)
        tight = path.kind == "FACE" and path.finding is None and known != "by_hand"
        sides = np.maximum(box[2:] - box[:2], 1.0)
        unsure = sides * np.float32((TIGHT if tight else PADDED)[known])
        if tight:
            # What a box is off by does not grow with a face as the face does.
            unsure = np.minimum(unsure, MUCH + MORE * sides) + self._padding * sides
        pad = 0.0 if known == "by_hand" else np.maximum(unsure, LEAST * (1 + (known == "filled")))
        edges = np.concatenate([box[:2] - pad, box[2:] + pad])
        return Placed(even(edges, *self._size), known)


def even(edges: npt.NDArray[np.float32], width: int, height: int) -> Area:
    """The edges in even pixels of the frame, outwards: colour has one value for two by two of them."""
    limits = (width, height)
    low = [min(max(int(edge // 2) * 2, 0), side - 2) for edge, side in zip(edges[:2], limits, strict=True)]
    high = [
        min(max(-int(-edge // 2) * 2, start + 2), side)
        for edge, start, side in zip(edges[2:], low, limits, strict=True)
    ]
    return Area(left=low[0], top=low[1], right=high[0], bottom=high[1])


def hide(frame: Frame, areas: Sequence[Area], style: Fill) -> None:
    """Hides areas with even edges, in place."""
    for area in areas:
        for plane, half in zip(frame.planes, (1, 2, 2), strict=True):
            inside = plane[area.top // half : area.bottom // half, area.left // half : area.right // half]
            if style is Fill.SOLID:
                inside[:] = BLACK[frame.full] if half == 1 else GREY
            else:
                inside[:] = _weakened(inside, style)


def _weakened(inside: Plane, style: Fill) -> Plane:
    height, width = inside.shape
    if style is Fill.BLUR:
        return np.asarray(cv2.GaussianBlur(inside, (0, 0), max(1.0, BLUR * min(height, width))), np.uint8)
    cells = tuple(max(1, round(CELLS * side / max(height, width))) for side in (width, height))
    small = cv2.resize(inside, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def mask(areas: Sequence[Area], width: int, height: int) -> Hidden:
    hidden = np.zeros((height, width), np.bool_)
    for area in areas:
        hidden[area.top : area.bottom, area.left : area.right] = True
    return hidden


def is_hidden(frame: Frame, areas: Sequence[Area]) -> bool:
    """Whether a copy's frame is black where it has to be, away from the edges that writing blurs."""
    darkest = BLACK[frame.full] + DARK
    return all(
        inside.size == 0 or float((inside > darkest).mean()) <= BRIGHT
        for area in areas
        for inside in [frame.luma[area.top + 2 : area.bottom - 2, area.left + 2 : area.right - 2]]
    )
