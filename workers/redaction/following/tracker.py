"""Who is who from one look to the next, and where between: what detectors see becomes one path a thing.

At a look, strong boxes are matched with what is followed, and then weak ones with what is left of it (the
two stages of ByteTrack, Zhang et al., 2022, arXiv:2110.06864): a face that turns away is still a weak one.
Between looks boxes follow the flow, from where something is first seen also backwards. Nothing is followed
over a cut.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from workers.media.video import Plane
from workers.redaction.following.flow import Edges, Flow, as_edges, in_sight, patch, strange
from workers.redaction.following.paths import Path, Seen
from workers.redaction.following.shots import Placed

PATIENCE = 1.0  # seconds that something is followed without being seen again
BACK = 4.0  # seconds that it is followed back from where it was first seen
KEPT = 128  # frames at most, for that
ROLL = 5  # frames that are hidden before it comes and after it has gone: it moves on as it did
SOON = 12  # frames: what is seen so soon after a cut was there at it, and so before one
AT_ONCE = 2  # frames: so long after it was lost it is looked for in each
STRANGE = 0.5  # seconds for which something may show otherwise than where it was seen
LINGER = 0.6  # seconds for which what was lost may be seen again as itself
SAME, SAME_WEAK = 0.2, 0.3  # overlap (IoU) from which a strong, and a weak, box is what was followed there
NEAR = 0.7  # … or so near, in sizes of the smaller one
SIZES = 2.0  # times as large, at most
DAMPED = 0.9  # a frame later, of the speed of what was lost
OFTEN = 3  # times that something was seen, from which it is no mistake

See = Callable[[Sequence[Seen], Sequence[Seen], Callable[[Seen], bool] | None], None]


@dataclass
class _Live:
    path: Path
    found: int
    """The last frame in which it was seen, or found by the flow."""
    shown: npt.NDArray[np.float32] | None = None
    """What its box showed when it was seen last."""
    strange: int = 0
    """Frames in a row in which it has shown something else."""
    speed: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(4, np.float32))

    @property
    def box(self) -> npt.NDArray[np.float32]:
        return self.path.box(self.path.last)


class Tracker:
    """Takes a video's frames in order, and at some of them what was seen there."""

    def __init__(self, width: int, height: int, smallest: float, rate: float) -> None:
        self._flow = Flow(width, height, smallest)
        self._size, self._rate = (width, height), rate
        self._live: list[_Live] = []
        self._kept = deque[tuple[int, Plane, bool]](maxlen=min(KEPT, max(8, round(BACK * rate))))
        self._before: Plane | None = None
        self._number = -1
        self.paths: list[Path] = []
        """What has ended."""
        self.shots: list[int] = []

    def follow(self, placed: Placed) -> None:
        """Takes the next frame."""
        self._number += 1
        small = self._flow.small(placed.frame)
        if placed.cut:
            self._end_all()
            self._kept.clear()
            self.shots.append(self._number)
        elif placed.flash or self._before is None:
            for live in self._live:
                live.path.after(live.box.tolist(), "filled")
        else:
            self._step(self._before, small)
        self._kept.append((self._number, small, placed.flash))
        if not placed.flash:
            self._before = small

    def see(
        self, strong: Sequence[Seen], weak: Sequence[Seen] = (), opinion: Callable[[Seen], bool] | None = None
    ) -> None:
        """Takes what was seen in the last frame that was followed.

        What is only weak keeps alive what is followed. `opinion` is asked of what nothing else makes sure.
        """
        left = self._matched(list(strong), self._live, SAME, opinion)
        unseen = [live for live in self._live if live.path.last_seen != self._number]
        self._matched(list(weak), unseen, SAME_WEAK, None)
        fresh = [self._begun(seen, opinion) for seen in left]
        self._back(fresh)
        self._live += fresh

    def glimpse(
        self, strong: Sequence[Seen], weak: Sequence[Seen] = (), opinion: Callable[[Seen], bool] | None = None
    ) -> None:
        """As `see`, in a frame that flashes: it may be of another picture, so that nothing is matched there
        with what is followed, nor followed from there. What is only weak is left."""
        self.paths += [self._begun(seen, opinion).path for seen in strong]

    @property
    def loses(self) -> bool:
        """Whether something is being lost: then a look at this very frame may find it again."""
        return any(0 < self._number - live.found <= AT_ONCE for live in self._live)

    def finish(self) -> list[Path]:
        """All paths in the order of their beginnings. Nothing is taken afterwards."""
        self._end_all()
        return sorted(self.paths, key=lambda path: (path.first, path.kind, *path.hull().tolist()))

    def _step(self, before: Plane, small: Plane) -> None:
        boxes = as_edges([live.box.tolist() for live in self._live])
        moved, found = self._flow.step(before, small, boxes)
        inside = in_sight(moved, *self._size)
        going = list[_Live]()
        for live, box, was, here, seen in zip(self._live, moved, boxes, inside, found, strict=True):
            if seen and here:
                live.speed = 0.6 * live.speed + 0.4 * (box - was)
                live.path.after(box.tolist(), "followed")
                live.found = self._number
                live.strange = live.strange + 1 if self._is_strange(small, box, live.shown) else 0
            elif not seen:
                live.speed = live.speed * np.float32(DAMPED)
                live.path.after((was + live.speed).tolist(), "filled")
            unseen = self._number - live.path.last_seen
            lost = self._number - live.found > LINGER * self._rate
            other = live.strange > STRANGE * self._rate and unseen > STRANGE * self._rate
            if not here or lost or other or unseen > PATIENCE * self._rate:
                self._end(live)
            else:
                going.append(live)
        self._live = going

    def _matched(
        self, seen: list[Seen], lives: list[_Live], least: float, opinion: Callable[[Seen], bool] | None
    ) -> list[Seen]:
        """Gives what was seen to what is followed; what was nobody's is left."""
        if not seen or not lives:
            return seen
        likeness = _likeness(
            as_edges([one.edges for one in seen]), as_edges([live.box.tolist() for live in lives])
        )
        kinds = np.array([[one.kind == live.path.kind for live in lives] for one in seen])
        likeness = np.where(kinds & (likeness >= least), likeness, 0.0)
        taken = set[int]()
        for one, live in zip(*linear_sum_assignment(-likeness), strict=True):
            if likeness[one, live] > 0:
                path = lives[live].path
                before = path.last_seen
                path.sees(self._number, seen[one])
                self._sure(path, seen[one], opinion)
                steps = max(1, self._number - before)
                lives[live].found = self._number
                lives[live].shown, lives[live].strange = self._shown(path), 0
                if before < self._number and (was := path.at(self._number - min(steps, 5))) is not None:
                    lives[live].speed = (lives[live].box - was) / np.float32(min(steps, 5))
                taken.add(int(one))
        return [one for number, one in enumerate(seen) if number not in taken]

    def _begun(self, seen: Seen, opinion: Callable[[Seen], bool] | None) -> _Live:
        path = Path(self._number, seen)
        self._sure(path, seen, opinion)
        return _Live(path, self._number, self._shown(path))

    def _shown(self, path: Path) -> npt.NDArray[np.float32] | None:
        return patch(self._kept[-1][1], path.box(self._number) * np.float32(self._flow.scale))

    def _is_strange(
        self, small: Plane, box: npt.NDArray[np.float32], shown: npt.NDArray[np.float32] | None
    ) -> bool:
        return strange(small, box * np.float32(self._flow.scale), shown)

    def _sure(self, path: Path, seen: Seen, opinion: Callable[[Seen], bool] | None) -> None:
        if not path.sure:
            path.sure = opinion is None or path.times_seen >= OFTEN or opinion(seen)

    def _back(self, fresh: list[_Live]) -> None:
        """Follows what has just been seen back to where it came from."""
        ways: list[list[list[float]]] = [[] for _ in fresh]
        boxes = as_edges([live.path.box(live.path.first).tolist() for live in fresh])
        going, odd = list(range(len(fresh))), [0] * len(fresh)
        after: Plane | None = None
        for _, small, flash in reversed(self._kept):
            if after is None:
                after = small
                continue
            if not going:
                break
            if flash:
                for number in going:
                    ways[number].append(boxes[number].tolist())
                continue
            moved, found = self._flow.step(after, small, boxes[going])
            inside = in_sight(moved, *self._size)
            there = [number for at, number in enumerate(going) if found[at] and inside[at]]
            for number, box in zip(there, moved[found & inside], strict=True):
                boxes[number] = box
                ways[number].append(box.tolist())
                other = self._is_strange(small, box, fresh[number].shown)
                odd[number] = odd[number] + 1 if other else 0
            going = [number for number in there if odd[number] <= STRANGE * self._rate]
            after = small
        for live, way in zip(fresh, ways, strict=True):
            live.path.before(way, "followed")
            rolled(live.path, self.shots[-1], None)

    def _end(self, live: _Live) -> None:
        live.path.without_after(max(live.found + ROLL, live.path.last_seen))
        self.paths.append(live.path)

    def _end_all(self) -> None:
        """Ends all with the shot: what was lost shortly before is hidden up to here."""
        for live in self._live:
            if self._number - 1 - live.found > SOON:
                self._end(live)
            else:
                self.paths.append(live.path)
        self._live = []


def rolled(path: Path, start: int | None, end: int | None) -> None:
    """Goes on before its first frame, back to `start`, and after its last one, up to before `end`."""
    boxes = _edges(path, +1)
    if start is not None:
        way, speed = list[list[float]](), _speed(boxes)
        before = path.first - start
        for step in range(1, (before if before <= SOON else ROLL) + 1):
            way.append((boxes[0] + speed * step).tolist())
        path.before(way, "filled")
    if end is not None:
        boxes = _edges(path, -1)
        speed = _speed(boxes)
        after = end - 1 - path.last
        for step in range(1, (after if after <= SOON else ROLL) + 1):
            path.after((boxes[0] + speed * step).tolist(), "filled")


def _edges(path: Path, way: int) -> list[npt.NDArray[np.float32]]:
    frames = range(path.first, path.last + 1) if way > 0 else range(path.last, path.first - 1, -1)
    return [path.box(frame) for frame in frames[: ROLL + 1]]


def _speed(boxes: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Pixels a frame by which the first box goes away from the others."""
    if len(boxes) < 2:
        return np.zeros(4, np.float32)
    return (boxes[0] - boxes[-1]) / np.float32(len(boxes) - 1)


def _likeness(ones: Edges, others: Edges) -> npt.NDArray[np.float32]:
    """How much each box is each other one, [ones, others], 0 … 1: overlap, or nearness at one size."""
    left_top = np.maximum(ones[:, None, :2], others[None, :, :2])
    right_bottom = np.minimum(ones[:, None, 2:], others[None, :, 2:])
    common = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    areas, other_areas = (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (ones, others))
    overlap = common / np.maximum(areas[:, None] + other_areas[None] - common, 1e-6)
    middles, other_middles = ((boxes[:, :2] + boxes[:, 2:]) / 2 for boxes in (ones, others))
    apart = np.linalg.norm(middles[:, None] - other_middles[None], axis=2)
    size = np.sqrt(np.maximum(np.minimum(areas[:, None], other_areas[None]), 1e-6))
    ratio = np.sqrt(np.maximum(areas[:, None], other_areas[None])) / size
    near = np.where((apart < NEAR * size) & (ratio < SIZES), 0.31 * (1 - apart / (NEAR * size)) + 0.2, 0.0)
    return np.asarray(np.maximum(overlap, near), np.float32)
