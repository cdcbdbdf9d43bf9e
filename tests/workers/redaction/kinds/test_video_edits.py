"""Which frames an interval means: what is hidden reaches to its edges, what is spared stays within."""

from __future__ import annotations

from fractions import Fraction

import pytest

from omnigov.contracts import Interval
from workers.redaction.kinds.video_edits import frames_of, frames_within

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
