"""Paths that are one thing's, as one: what was behind something for a moment, or looked away."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workers.redaction.following.paths import Path

GAP = 2.0  # seconds for which a thing may be gone
NEAR = 0.8  # of its size: how far off it may come back, and
NEARER = 2.0  # … of its size more, each second that it was gone
SIZES = 1.8  # times as large as it went away, at most


def linked(paths: Sequence[Path], shots: Sequence[int], rate: float) -> list[Path]:
    """The paths, those of one thing in one shot joined. What is between them is filled."""
    left = sorted(paths, key=lambda path: (path.first, path.last))
    made: list[Path] = []
    for path in left:
        before = [one for one in made if _are_one(one, path, shots, rate)]
        if before:
            best = min(before, key=lambda one: _apart(one, path))
            made[made.index(best)] = joined(best, path)
        else:
            made.append(path)
    return made


def shot_of(frame: int, shots: Sequence[int]) -> int:
    """The number of the shot that a frame is in."""
    return bisect_right(shots, frame) - 1


def _are_one(before: Path, after: Path, shots: Sequence[int], rate: float) -> bool:
    if before.kind != after.kind or shot_of(before.first, shots) != shot_of(after.first, shots):
        return False
    gap = after.first - before.last
    if gap > GAP * rate:
        return False
    if gap <= 0:
        return _overlap(before, after)
    one, other = _size(before.box(before.last)), _size(after.box(after.first))
    if max(one, other) > SIZES * min(one, other):
        return False
    return _apart(before, after) <= (NEAR + NEARER * gap / rate) * min(one, other)


def _overlap(before: Path, after: Path) -> bool:
    """Whether they are at one place where both are."""
    frames = range(after.first, min(before.last, after.last) + 1)
    chosen = frames[:: max(1, len(frames) // 8)]
    shares = []
    for frame in chosen:
        one, other = before.at(frame), after.at(frame)
        if one is not None and other is not None:
            shares.append(_common(one, other))
    return bool(shares) and float(np.mean(shares)) > 0.4


def _common(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    sides = np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None)
    areas = [float(np.prod(box[2:] - box[:2])) for box in (one, other)]
    return float(np.prod(sides)) / max(min(areas), 1e-6)


def _apart(before: Path, after: Path) -> float:
    one, other = before.at(min(before.last, after.last)), after.at(after.first)
    if one is None or other is None:
        return 0.0
    return float(np.linalg.norm((one[:2] + one[2:] - other[:2] - other[2:]) / 2))


def _size(box: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(max(float(np.prod(box[2:] - box[:2])), 1e-6)))


def joined(before: Path, after: Path) -> Path:
    """One path of two, of which `after` begins later. Where both are, the box is about both."""
    whole = before.copy()
    end, start = before.box(before.last), after.box(after.first)
    gap = after.first - before.last
    for step in range(1, gap):
        share = np.float32(step / gap)
        whole.after((end * (1 - share) + start * share).tolist(), "filled")
    for frame, box, known in after.boxes():
        there = whole.at(frame)
        if there is None:
            whole.after(box.tolist(), known)
        else:
            hull = np.concatenate([np.minimum(there, box)[:2], np.maximum(there, box)[2:]])
            whole.put(frame, hull.tolist(), whole.known(frame))
    whole.score = max(before.score, after.score)
    whole.finding = before.finding or after.finding
    whole.detector = before.detector if before.look == "first" else after.detector
    whole.times_seen = before.times_seen + after.times_seen
    whole.last_seen, whole.sure = max(before.last_seen, after.last_seen), before.sure or after.sure
    return whole
