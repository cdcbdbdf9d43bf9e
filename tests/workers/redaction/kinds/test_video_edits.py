"""Which frames an interval means: what is hidden reaches to its edges, what is spared stays within."""

from __future__ import annotations

from fractions import Fraction

import pytest

from omnigov.contracts import Area, Interval, RedactionEdits, Region, Track
from workers.redaction.following.paths import Path, Seen
from workers.redaction.kinds.video_edits import VideoEdits, frames_of, frames_within

TIMES = [Fraction(number, 15) for number in range(30)]  # 0, 66.7, 133.3 … ms


@pytest.mark.parametrize(
    ("start", "end", "hidden", "spared"),
    [
        (0, 2000, (0, 30), (0, 30)),
        (66, 133, (0, 2), (1, 1)),  # as the tracks say them, cut to whole milliseconds
        (66, 134, (0, 3), (1, 2)),
        (100, 200, (1, 3), (2, 3)),
        (1934, 2000, (29, 30), (30, 30)),
        (1933, 2000, (28, 30), (29, 30)),
    ],
)
def test_what_is_spared_never_reaches_beyond_what_was_said(
    start: int, end: int, hidden: tuple[int, int], spared: tuple[int, int]
) -> None:
    interval = Interval(start=start, end=end)
    assert frames_of(interval, TIMES) == hidden
    assert frames_within(interval, TIMES) == spared


@pytest.mark.parametrize(
    ("name", "spared"),
    [
        ("face-0-10-10", ["FACE"]),  # what lies in the same place and is called otherwise stays hidden
        ("face-0-11-11", ["FACE", "PERSON"]),  # no track is called so any more: what lies there is meant
    ],
)
def test_a_track_that_is_called_by_its_name_is_spared_alone(name: str, spared: list[str]) -> None:
    paths = [Path(0, Seen((10, 10, 50, 50), kind, 0.9, "detector")) for kind in ("FACE", "PERSON")]
    place = Track(
        id=name, interval=Interval(start=0, end=2000), hull=Area(left=8, top=8, right=52, bottom=52)
    )
    edits = VideoEdits(RedactionEdits(removed=(Region(place=place),)))
    kept, given_up = edits.without_spared(paths, TIMES, (100, 100))
    assert [path.kind for path in given_up] == spared
    assert len(kept) == 2 - len(spared)
