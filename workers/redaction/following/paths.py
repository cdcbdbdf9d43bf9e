"""The path of one thing through the frames of one shot: a box a frame, and how each came about."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from omnigov.contracts import Finding
from omnigov.contracts.video import Known

_HOW: tuple[Known, ...] = ("detected", "followed", "filled", "by_hand")


class Seen(NamedTuple):
    """What a detector, or a person, says of one frame: left, top, right, bottom."""

    edges: tuple[float, float, float, float]
    kind: str
    score: float
    detector: str
    look: Literal["first", "second"] = "first"
    finding: Finding | None = None
    """Of what was found as in a picture: what its value was noted by."""


class Path:
    """One thing's boxes from frame `first` on, one a frame without a gap. Some twenty bytes a box."""

    def __init__(self, first: int, seen: Seen, known: Known = "detected") -> None:
        self.first = first
        self.kind, self.detector, self.look = seen.kind, seen.detector, seen.look
        self.score, self.finding = seen.score, seen.finding
        self.times_seen, self.last_seen = 1, first
        self.sure = False
        self._edges = array("f", seen.edges)
        self._known = array("b", [_HOW.index(known)])

    def __len__(self) -> int:
        return len(self._known)

    @property
    def last(self) -> int:
        return self.first + len(self._known) - 1

    def at(self, frame: int) -> npt.NDArray[np.float32] | None:
        """Its edges in a frame, [4]; None where it has none."""
        at = frame - self.first
        if not 0 <= at < len(self._known):
            return None
        return np.asarray(self._edges[4 * at : 4 * at + 4], np.float32)

    def box(self, frame: int) -> npt.NDArray[np.float32]:
        """As `at`, of a frame in which it has a box. Raises `IndexError` for another."""
        box = self.at(frame)
        if box is None:
            raise IndexError(f"The path has no box in frame {frame}.")
        return box

    def about(self, frame: int) -> npt.NDArray[np.float32]:
        """What holds its box in a frame and half the way to those beside it: it may be ahead or behind."""
        here = self.box(frame)
        near = [(box + here) / 2 for box in map(self.at, (frame - 1, frame + 1)) if box is not None]
        edges = np.stack([here, *near])
        return np.concatenate([edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)])

    def known(self, frame: int) -> Known:
        return _HOW[self._known[frame - self.first]]

    def boxes(self) -> Iterator[tuple[int, npt.NDArray[np.float32], Known]]:
        edges = np.frombuffer(self._edges, np.float32).reshape(-1, 4).copy()
        for number, box in enumerate(edges):
            yield self.first + number, box, _HOW[self._known[number]]

    def after(self, edges: Sequence[float], known: Known) -> None:
        """Adds the box of the next frame."""
        self._edges.extend(float(edge) for edge in edges)
        self._known.append(_HOW.index(known))

    def before(self, boxes: Iterable[Sequence[float]], known: Known) -> None:
        """Adds boxes before the first, from the nearest to the farthest."""
        listed = [array("f", (float(edge) for edge in box)) for box in boxes]
        edges = array("f")
        for box in reversed(listed):
            edges.extend(box)
        self._edges = edges + self._edges
        self._known = array("b", [_HOW.index(known)] * len(listed)) + self._known
        self.first -= len(listed)

    def put(self, frame: int, edges: Sequence[float], known: Known) -> None:
        """Another box for a frame that it has one for."""
        at = frame - self.first
        self._edges[4 * at : 4 * at + 4] = array("f", (float(edge) for edge in edges))
        self._known[at] = _HOW.index(known)

    def sees(self, frame: int, seen: Seen) -> None:
        """A detector saw it again in this frame, its last one. What was followed since is put right.

        What the way up to here was off by, is spread over the frames since it was seen before.
        """
        off = np.asarray(seen.edges, np.float32) - np.asarray(self.at(frame))
        steps = frame - self.last_seen
        for number in range(1, steps):
            at = self.last_seen + number
            followed = np.asarray(self.at(at))
            right = followed + off * np.float32(number / steps)
            # Both may be right: how something moves between two looks is not known for sure.
            hull = np.concatenate([np.minimum(followed, right)[:2], np.maximum(followed, right)[2:]])
            near = np.abs(off).max() <= 0.5 * min(hull[2] - hull[0], hull[3] - hull[1])
            self.put(at, (hull if near else right).tolist(), "followed")
        self.put(frame, seen.edges, "detected")
        self.score = max(self.score, seen.score)
        self.times_seen, self.last_seen = self.times_seen + 1, frame

    def without_after(self, frame: int) -> None:
        """Ends it with this frame."""
        left = max(1, frame - self.first + 1)
        del self._edges[4 * left :], self._known[left:]

    def between(self, start: int, end: int) -> Path | None:
        """The part of it in frames `start` … `end` − 1; None where there is none."""
        start, end = max(start, self.first), min(end, self.last + 1)
        if end <= start:
            return None
        return self._part(start, end)

    def copy(self) -> Path:
        """Another that is the same."""
        return self._part(self.first, self.last + 1)

    def _part(self, start: int, end: int) -> Path:
        part = Path(start, Seen((0, 0, 1, 1), self.kind, self.score, self.detector, self.look))
        at, to = start - self.first, end - self.first
        part._edges, part._known = self._edges[4 * at : 4 * to], self._known[at:to]
        part.finding = self.finding
        part.times_seen, part.sure, part.last_seen = self.times_seen, self.sure, min(self.last_seen, end - 1)
        return part

    def hull(self) -> npt.NDArray[np.float32]:
        """About all its boxes, [4]."""
        edges = np.frombuffer(self._edges, np.float32).reshape(-1, 4).copy()
        return np.concatenate([edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)])
