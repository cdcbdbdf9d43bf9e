"""What a person says of a video: what is followed and hidden on their word, and what is spared.

`omnigov.contracts.video` says what each place means.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from omnigov.contracts import Area, Interval, RedactionEdits, Refused, Region, Track
from workers.redaction.core.picture import covered_share
from workers.redaction.detectors.sight import area
from workers.redaction.following.linking import shot_of
from workers.redaction.following.paths import Path, Seen
from workers.redaction.following.seeds import Seed
from workers.redaction.kinds.told_tracks import names
from workers.redaction.masking.masks import CLEARED

ALIKE = 0.6  # overlap (IoU) of two tracks' hulls from which they are one, by whatever name


class VideoEdits:
    """A person's regions, those of the pictures and those of the sound. Raises `Refused` for other places."""

    def __init__(self, edits: RedactionEdits) -> None:
        for region in (*edits.added, *edits.removed):
            if not isinstance(region.place, Area | Track | Interval):
                raise Refused("regions_unusable", "A region says no place in a video. Correct the regions.")
        self.sound = RedactionEdits(added=_heard(edits.added), removed=_heard(edits.removed))
        self._added, self._removed = _seen(edits.added), _seen(edits.removed)

    def seeds(self, times: Sequence[Fraction], shots: Sequence[int], size: tuple[int, int]) -> list[Seed]:
        """What is followed on a person's word. Raises `Refused` where it lies outside of the video."""
        for region in (*self._added, *self._removed):
            _check(region, times, size)
        made = []
        for region in self._added:
            at = region.place.hull if isinstance(region.place, Track) else region.area
            shot = shot_of(at.part, shots)
            start, end = shots[shot], (*shots, len(times))[shot + 1]
            if isinstance(region.place, Track):
                first, last = frames_of(region.place.interval, times)
                start, end = max(start, min(first, at.part)), min(end, max(last, at.part + 1))
            edges = (float(at.left), float(at.top), float(at.right), float(at.bottom))
            made.append(Seed(at.part, Seen(edges, region.kind, 1.0, "person"), start, end, "by_hand"))
        return made

    def without_spared(
        self, paths: Sequence[Path], times: Sequence[Fraction], size: tuple[int, int]
    ) -> tuple[list[Path], list[Path]]:
        """What of the paths stays hidden, and what a person answers for."""
        kept, spared = list[Path](), list[Path]()
        called = names(paths)
        for path, name in zip(paths, called, strict=True):
            pieces = [path]
            for region in self._removed:
                if isinstance(region.place, Track):
                    known = region.place.id in called
                    if name != region.place.id if known else not _is_meant(path, region.place, times):
                        continue
                    first, last = frames_within(region.place.interval, times)
                elif _stands_in(path, region.area, size):
                    first, last = path.first, path.last + 1
                else:
                    continue
                cut = [
                    (one.between(one.first, first), one.between(first, last), one.between(last, one.last + 1))
                    for one in pieces
                ]
                spared += [middle for _, middle, _ in cut if middle is not None]
                pieces = [one for before, _, after in cut for one in (before, after) if one is not None]
            kept += pieces
        return kept, spared


def frames_of(interval: Interval, times: Sequence[Fraction]) -> tuple[int, int]:
    """The frames that are shown in an interval: the first one, and the one after the last."""
    first = max(0, bisect_right(times, Fraction(interval.start, 1000)) - 1)
    return first, max(first + 1, bisect_left(times, Fraction(interval.end, 1000)))


def frames_within(interval: Interval, times: Sequence[Fraction]) -> tuple[int, int]:
    """The frames that are shown in an interval and at no other time: what is spared beside them stays hidden.

    The last frame is one of them where the interval goes on after it has come.
    """
    first, end = bisect_left(times, Fraction(interval.start, 1000)), Fraction(interval.end, 1000)
    return first, len(times) if end > times[-1] else max(first, bisect_right(times, end) - 1)


def _heard(regions: Sequence[Region]) -> tuple[Region, ...]:
    return tuple(region for region in regions if isinstance(region.place, Interval))


def _seen(regions: Sequence[Region]) -> tuple[Region, ...]:
    return tuple(region for region in regions if isinstance(region.place, Area | Track))


def _check(region: Region, times: Sequence[Fraction], size: tuple[int, int]) -> None:
    at = region.place.hull if isinstance(region.place, Track) else region.area
    if at.part >= len(times):
        raise Refused(
            "region_outside",
            f"A region lies in frame {at.part + 1}, and the video has {len(times)}. Correct it.",
        )
    if at.right > size[0] or at.bottom > size[1]:
        raise Refused(
            "region_outside",
            f"A region reaches beyond the frames, which have {size[0]} × {size[1]} pixels. Correct it.",
        )


def _is_meant(path: Path, track: Track, times: Sequence[Fraction]) -> bool:
    """Whether a person meant this path, by its place: where a new run calls none by the name they gave."""
    first, last = frames_of(track.interval, times)
    if track.hull.part != path.first or path.last < first or path.first >= last:
        return False
    hull = np.array([track.hull.left, track.hull.top, track.hull.right, track.hull.bottom], np.float32)
    return _overlap(path.hull(), hull) >= ALIKE


def _stands_in(path: Path, place: Area, size: tuple[int, int]) -> bool:
    box = path.at(place.part)
    return box is not None and covered_share(area(box.tolist(), *size), [place]) >= CLEARED


def _overlap(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    common = float(np.prod(np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None)))
    areas = [float(np.prod(box[2:] - box[:2])) for box in (one, other)]
    return common / max(sum(areas) - common, 1e-6)
