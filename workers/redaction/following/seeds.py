"""What is pointed at in one frame, followed both ways: by a person, or by those who look again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from omnigov.contracts.video import Known
from workers.media.video import Frame, Plane, Video
from workers.redaction.following.flow import Edges, Flow, as_edges, in_sight
from workers.redaction.following.paths import Path, Seen
from workers.redaction.following.tracker import rolled

CHUNK = 64  # frames that are in memory while something is followed backwards
PATIENCE = 8  # frames that what is not found again is waited for, where it was


class Seed(NamedTuple):
    """Something in one frame, and the frames `start` … `end` − 1 in which it is followed."""

    frame: int
    seen: Seen
    start: int
    end: int
    known: Known


def grown(
    video: Video, seeds: Sequence[Seed], times: Sequence[Fraction], flow: Flow, told: Callable[[], None]
) -> list[Path]:
    """A path of each seed, in their order. `told` is called now and then, for those who wait."""
    made = [Path(seed.frame, seed.seen, seed.known) for seed in seeds]
    for first, last, chosen in _groups(seeds):
        _forwards(video, [(seeds[one], made[one]) for one in chosen], first, last, times, flow, told)
        _backwards(video, [(seeds[one], made[one]) for one in chosen], times, flow, told)
    for seed, path in zip(seeds, made, strict=True):
        rolled(path, seed.start, seed.end)
    return made


def _groups(seeds: Sequence[Seed]) -> Iterator[tuple[int, int, list[int]]]:
    """Seeds whose frames lie together, with the first of them and where the last is followed to."""
    order = sorted(range(len(seeds)), key=lambda one: seeds[one].frame)
    group, last = list[int](), -1
    for one in order:
        if group and seeds[one].frame > last:
            yield seeds[group[0]].frame, last, group
            group = []
        group.append(one)
        last = max(last, seeds[one].end) if len(group) > 1 else seeds[one].end
    if group:
        yield seeds[group[0]].frame, last, group


class _Going:
    """One that is followed; it ends where it leaves the frame, or is not found for too long."""

    def __init__(self, seed: Seed, path: Path) -> None:
        self.seed, self.path = seed, path
        self.box, self.lost, self.ended = np.asarray(seed.seen.edges, np.float32), 0, False
        self.way: list[tuple[list[float], Known]] = []

    def takes(self, box: Edges, found: bool, inside: bool) -> None:
        if not inside:
            self.ended = True
            return
        self.lost = 0 if found else self.lost + 1
        self.box = box if found else self.box
        self.way.append((self.box.tolist(), "followed" if found else "filled"))
        self.ended = self.lost > PATIENCE

    def written(self, *, forwards: bool) -> None:
        way = self.way[: len(self.way) - self.lost] if self.lost else self.way
        if forwards:
            for box, known in way:
                self.path.after(box, known)
        else:
            self.path.before([box for box, _ in way], "followed")


def _forwards(
    video: Video,
    seeds: Sequence[tuple[Seed, Path]],
    first: int,
    last: int,
    times: Sequence[Fraction],
    flow: Flow,
    told: Callable[[], None],
) -> None:
    waiting = sorted((_Going(*one) for one in seeds), key=lambda one: one.seed.frame)
    going = list[_Going]()
    before: Plane | None = None
    for frame in video.frames(first, times[first]):
        small = flow.small(frame)
        if before is not None:
            _step(before, small, [one for one in going if frame.number < one.seed.end], flow, _size(frame))
        going = [one for one in going if not one.ended and frame.number < one.seed.end]
        going += [one for one in waiting if one.seed.frame == frame.number]
        before = small
        told()
        if frame.number + 1 >= last or not (going or any(one.seed.frame > frame.number for one in waiting)):
            break
    for one in waiting:
        one.written(forwards=True)


def _backwards(
    video: Video,
    seeds: Sequence[tuple[Seed, Path]],
    times: Sequence[Fraction],
    flow: Flow,
    told: Callable[[], None],
) -> None:
    waiting = sorted((_Going(*one) for one in seeds), key=lambda one: -one.seed.frame)
    going = list[_Going]()
    after: Plane | None = None
    end, first = waiting[0].seed.frame + 1, min(one.seed.start for one in waiting)
    while end > first:
        start = max(first, end - CHUNK)
        chunk, size = list[Plane](), (0, 0)
        for frame in video.frames(start, times[start]):
            if frame.number >= end:
                break
            chunk.append(np.array(flow.small(frame)))
            size = _size(frame)
            told()
        for number in range(start + len(chunk) - 1, start - 1, -1):
            small = chunk[number - start]
            if after is not None:
                _step(after, small, [one for one in going if number >= one.seed.start], flow, size)
            going = [one for one in going if not one.ended and number > one.seed.start]
            going += [one for one in waiting if one.seed.frame == number]
            after = small
        end = start
        if not going and all(one.seed.frame >= start for one in waiting):
            break
    for one in waiting:
        one.written(forwards=False)


def _size(frame: Frame) -> tuple[int, int]:
    height, width = frame.luma.shape
    return width, height


def _step(before: Plane, after: Plane, going: Sequence[_Going], flow: Flow, size: tuple[int, int]) -> None:
    moved, found = flow.step(before, after, as_edges([one.box.tolist() for one in going]))
    inside = in_sight(moved, *size)
    for one, box, seen, here in zip(going, moved, found, inside, strict=True):
        one.takes(box, bool(seen), bool(here))
