"""A video's tracks as they are told: a finding each, and all their boxes as a file of the evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from omnigov.contracts import Area, Finding, Interval, ReadValues, Refused, Track
from workers.redaction.core.picture import millionths
from workers.redaction.following.cover import Cover
from workers.redaction.following.paths import Path

BOXES_MAX = 2_000_000  # of all tracks: each is kept, and shown on a page


@dataclass(frozen=True)
class Told:
    """What is hidden in a video."""

    paths: Sequence[Path]
    cover: Cover
    times: Sequence[Fraction]
    shots: Sequence[int]
    size: tuple[int, int]
    milliseconds: int


def findings(told: Told, values: ReadValues, read: ReadValues | None) -> tuple[Finding, ...]:
    """One finding a track. What was read where it was first seen goes from `values` to `read`."""
    made = []
    for path, name in zip(told.paths, names(told.paths), strict=True):
        place = Track(id=name, interval=_interval(told, path), hull=hull(told.cover, path))
        found = Finding(
            kind=path.kind, place=place, score=millionths(path.score), detector=path.detector, look=path.look
        )
        if read is not None and path.finding is not None:
            read.take(values, path.finding, found)
        made.append(found)
    return tuple(made)


def names(paths: Sequence[Path]) -> list[str]:
    """What tracks are called: what they are and where they begin, so that another run says the same."""
    made, taken = list[str](), dict[str, int]()
    for path in paths:
        left, top = (max(0, round(edge)) for edge in path.box(path.first).tolist()[:2])
        name = f"{path.kind.lower()}-{path.first}-{left}-{top}"[:56]
        taken[name] = taken.get(name, 0) + 1
        made.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return made


def hull(cover: Cover, path: Path) -> Area:
    """About all that is hidden of a track; its part is its first frame."""
    areas = [cover.placed(path, frame).area for frame in range(path.first, path.last + 1)]
    return Area(
        part=path.first,
        left=min(area.left for area in areas),
        top=min(area.top for area in areas),
        right=max(area.right for area in areas),
        bottom=max(area.bottom for area in areas),
    )


def _interval(told: Told, path: Path) -> Interval:
    start = int(told.times[path.first] * 1000)
    after = path.last + 1
    end = -int(-told.times[after] * 1000 // 1) if after < len(told.times) else told.milliseconds
    return Interval(start=start, end=max(end, start + 1))


def written(told: Told) -> bytes:
    """`omnigov.contracts.video.Tracks` as JSON: without a record a box in memory, as there may be many."""
    if sum(map(len, told.paths)) > BOXES_MAX:
        raise Refused(
            "too_many_findings",
            f"More than {BOXES_MAX:,} boxes would have to be kept of this video. Split it and send the "
            "parts.",
        )
    head = {
        "width": told.size[0],
        "height": told.size[1],
        "times": [int(moment * 1000) for moment in told.times],
        "shots": list(told.shots),
    }
    tracks = ",".join(
        _track(told, path, name) for path, name in zip(told.paths, names(told.paths), strict=True)
    )
    return f'{json.dumps(head, separators=(",", ":"))[:-1]},"tracks":[{tracks}]}}'.encode()


def _track(told: Told, path: Path, name: str) -> str:
    head = {"id": name, "kind": path.kind, "detector": path.detector, "score": millionths(path.score)}
    return f'{json.dumps(head, separators=(",", ":"))[:-1]},"boxes":[{",".join(_boxes(told, path))}]}}'


def _boxes(told: Told, path: Path) -> Iterator[str]:
    for frame in range(path.first, path.last + 1):
        area, known = told.cover.placed(path, frame)
        yield (
            f'{{"frame":{frame},"left":{area.left},"top":{area.top},"right":{area.right},'
            f'"bottom":{area.bottom},"known":"{known}"}}'
        )
