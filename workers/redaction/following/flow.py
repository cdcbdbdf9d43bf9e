"""Where boxes of one frame are in the next: by optical flow (Lucas and Kanade, pyramidal), else by likeness.

A head that turns away is followed as what it is: something that moves. What moved is believed where it moves
back to where it came from, and looks as before.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from workers.media.video import Frame, Plane

Edges = npt.NDArray[np.float32]  # [boxes, 4]: left, top, right, bottom in pixels of the frame
Flags = npt.NDArray[np.bool_]  # [boxes]

LONGEST = 640  # pixels that frames are brought down to, where that leaves the smallest thing `SMALLEST`
SMALLEST = 9.0
SIDE = 6  # points of a box's grid, along each side
INNER = 0.8  # of the box in which points are: what is about it moves otherwise
BACK = 1.2  # pixels by which a point may miss itself on its way back
FOUND = 0.3  # of the points
LEVELS = 3  # of the pyramid
WINDOWS = ((20.0, 9), (60.0, 13), (1e9, 19))  # boxes up to this side, and the window their points get
LIKE = 0.45  # correlation with the frame before, from which it is the same thing
STRANGE = 0.25  # correlation with what was seen last, below which it is something else, or turned away
SHADE = 12.0  # levels that an even patch may get darker or lighter by from frame to frame
EVEN = 4.0  # levels that a patch spreads by, on which nothing can be seen
SURE = 0.72  # … where only likeness speaks
PATCH = 16  # pixels that what boxes show is compared at
REACH = 0.6  # of the box's sides: how far it is looked for by likeness
SIGHT = 0.08  # of a box's area that has to lie in the frame
FEW = 5  # points in the frame that a box has to have there
GROWTH = 0.08  # of its size, that a box grows or shrinks by in one frame at most


class Flow:
    """Follows boxes through frames of one size. `smallest` is the shortest side of them, in pixels.

    `even`: surfaces too on which nothing is to be seen, as a person may point at one.
    """

    def __init__(self, width: int, height: int, smallest: float, *, even: bool = False) -> None:
        self._even = even
        longest = max(width, height)
        self.scale = min(1.0, max(LONGEST / longest, SMALLEST / smallest))
        self._size = max(1, round(width * self.scale)), max(1, round(height * self.scale))

    def small(self, frame: Frame) -> Plane:
        """What of a frame is kept to follow things in it."""
        if self.scale == 1.0:
            return frame.luma
        return np.asarray(cv2.resize(frame.luma, self._size, interpolation=cv2.INTER_AREA), np.uint8)

    def step(self, before: Plane, after: Plane, boxes: Edges) -> tuple[Edges, Flags]:
        """Where the boxes are in the frame after, and whether they were found there.

        Both frames are as `small` gives them; what was not found stays where it was.
        """
        if not len(boxes):
            return boxes, np.zeros(0, np.bool_)
        here = boxes * np.float32(self.scale)
        there, found = here.copy(), np.zeros(len(boxes), np.bool_)
        sides = np.minimum(here[:, 2] - here[:, 0], here[:, 3] - here[:, 1])
        least = 0.0
        for most, window in WINDOWS:
            chosen = np.flatnonzero((sides > least) & (sides <= most))
            least = most
            if len(chosen):
                there[chosen], found[chosen] = _flowed(before, after, here[chosen], window)
        for number in range(len(boxes)):
            likeness = 0.0
            if found[number]:
                likeness = _likeness(before, here[number], after, there[number], even=self._even)
            if likeness < LIKE:
                moved, likeness = _searched(before, after, here[number])
                found[number] = likeness >= SURE
                there[number] = moved if found[number] else here[number]
        return there / np.float32(self.scale), found


def _flowed(before: Plane, after: Plane, boxes: Edges, window: int) -> tuple[Edges, Flags]:
    grid = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE * INNER + (1 - INNER) / 2
    across, down = (each.reshape(-1) for each in np.meshgrid(grid, grid))  # [points]
    sides = boxes[:, 2:] - boxes[:, :2]
    points = np.stack(
        [boxes[:, :1] + across * sides[:, :1], boxes[:, 1:2] + down * sides[:, 1:]], axis=2
    ).astype(np.float32)  # [boxes, points, 2]
    start = points.reshape(-1, 1, 2)
    size = (window, window)
    guess = start.copy()
    moved, seen, _ = cv2.calcOpticalFlowPyrLK(before, after, start, guess, winSize=size, maxLevel=LEVELS)
    guess = np.array(moved)
    back, again, _ = cv2.calcOpticalFlowPyrLK(after, before, moved, guess, winSize=size, maxLevel=LEVELS)
    missed = np.linalg.norm(back - start, axis=2).reshape(len(boxes), -1)
    good = (seen.reshape(len(boxes), -1) > 0) & (again.reshape(len(boxes), -1) > 0) & (missed < BACK)
    ends = moved.reshape(points.shape)
    height, width = before.shape
    inside = ((points >= 0) & (points < [width, height])).all(axis=2)
    good &= inside
    count = inside.sum(axis=1)
    made, found = boxes.copy(), (count >= FEW) & (good.sum(axis=1) >= FOUND * np.maximum(count, 1))
    for number in np.flatnonzero(found):
        made[number] = _moved(boxes[number], points[number][good[number]], ends[number][good[number]])
    return made, found


def _moved(box: Edges, start: Edges, end: Edges) -> Edges:
    """The box, moved and grown as most of its points were."""
    shift = np.median(end - start, axis=0)
    spread, grown = start - np.median(start, axis=0), end - np.median(end, axis=0)
    from_middle = np.linalg.norm(spread, axis=1)
    far = from_middle > 1.0
    size = float(np.median(np.linalg.norm(grown, axis=1)[far] / from_middle[far])) if far.any() else 1.0
    size = min(max(size, 1 - GROWTH), 1 + GROWTH)
    middle = (box[:2] + box[2:]) / 2 + shift
    half = (box[2:] - box[:2]) / 2 * size
    return np.concatenate([middle - half, middle + half]).astype(np.float32)


def _patch(plane: Plane, box: Edges) -> npt.NDArray[np.float32] | None:
    left, top, right, bottom = np.rint(box).astype(int)
    part = plane[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if part.shape[0] < 3 or part.shape[1] < 3:
        return None
    return np.asarray(cv2.resize(part, (PATCH, PATCH), interpolation=cv2.INTER_AREA), np.float32)


def _likeness(before: Plane, here: Edges, after: Plane, there: Edges, *, even: bool) -> float:
    """Correlation of what two boxes show, -1 … 1; 0 where nothing is shown in the second, as of a wall.

    `even`: of two even patches it is 1 where they are of one brightness.
    """
    one, other = _patch(before, here), _patch(after, there)
    if one is None or other is None:
        return 0.0
    if other.std() < EVEN and one.std() < 2 * EVEN:
        return float(even and abs(float(one.mean() - other.mean())) < SHADE)
    return alike(one, other)


def alike(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean() / max(spread, 1e-6))


def _searched(before: Plane, after: Plane, box: Edges) -> tuple[Edges, float]:
    """Where what the box shows is most alike nearby, and how much it is."""
    left, top, right, bottom = np.rint(box).astype(int)
    part = before[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if part.shape[0] < 4 or part.shape[1] < 4 or part.std() < 3.0:
        return box, 0.0
    reach_x, reach_y = (max(4, round(REACH * side)) for side in (part.shape[1], part.shape[0]))
    x, y = max(left, 0), max(top, 0)
    x0, y0 = max(x - reach_x, 0), max(y - reach_y, 0)
    where = after[y0 : y + part.shape[0] + reach_y, x0 : x + part.shape[1] + reach_x]
    if where.shape[0] < part.shape[0] or where.shape[1] < part.shape[1]:
        return box, 0.0
    answers = cv2.matchTemplate(where, part, cv2.TM_CCOEFF_NORMED)
    _, best, _, (at_x, at_y) = cv2.minMaxLoc(answers)
    shift = np.array([x0 + at_x - x, y0 + at_y - y] * 2, np.float32)
    return box + shift, float(best)


def strange(plane: Plane, box: npt.NDArray[np.float32], known: Edges | None) -> bool:
    """Whether a box, in pixels of the plane, shows something else than a patch that is known."""
    shown = _patch(plane, box)
    return known is None or shown is None or alike(known, shown) < STRANGE


def patch(plane: Plane, box: npt.NDArray[np.float32]) -> Edges | None:
    """What a box, in pixels of the plane, shows; None where it is too small to tell."""
    return _patch(plane, box)


def in_sight(boxes: Edges, width: int, height: int) -> Flags:
    """Whether some part of each box lies in the frame: it may reach over the edge, as what it is about."""
    kept = np.clip(boxes, 0, np.array([width, height, width, height], np.float32))
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    left = np.prod(np.clip(kept[:, 2:] - kept[:, :2], 0, None), axis=1)
    return np.asarray(left > SIGHT * np.maximum(area, 1e-6), np.bool_)


def as_edges(boxes: Sequence[Sequence[float]]) -> Edges:
    return np.asarray(boxes, np.float32).reshape(-1, 4)
