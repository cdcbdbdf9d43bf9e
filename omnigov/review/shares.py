"""What each part of a prompt did for the score, as lines of a table: for who can't see the shading. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from omnigov.contracts import Area, AttributionResult, Interval, SegmentAttribution, Span, SpanShare
from omnigov.review.marked import readable

STRONGEST = 40
"""Stretches of a text that the table names."""


@dataclass(frozen=True)
class Weighed:
    """A stretch of the text or of the recording, and what it did: millionths of a nat.

    `start` is its first character, from 0; of a recording its first millisecond, and `end` the one after.
    """

    text: str
    value: int
    start: int
    end: int = 0


@dataclass(frozen=True)
class SegmentRow:
    """One part of the prompt. `page` counts from 1; 0 is the medium's text, or what was heard at once."""

    page: int
    share: int
    grid: tuple[tuple[int, ...], ...]
    strongest: tuple[Weighed, ...]
    stretches: int
    """How many there are; `strongest` has the first of them."""
    heard: Interval | None = None
    """What was heard at once; None of pages and texts."""
    shown: int | None = None
    """Of a video: when the picture is shown, in milliseconds; None of what is no picture of one."""

    @property
    def begins(self) -> int:
        return self.heard.start if self.heard else 0


def segment_rows(why: AttributionResult, text: str, times: Sequence[int] = ()) -> list[SegmentRow]:
    """The pages in their order, then what was heard, then the text. `times` are of a video's pictures."""
    rows = [_row(segment, text) for segment in why.segments]
    if times:
        last = len(times) - 1
        rows = [replace(row, shown=times[min(row.page - 1, last)]) if row.page else row for row in rows]
    return sorted(rows, key=lambda row: (row.page == 0, row.heard is None, row.page, row.begins))


def _row(segment: SegmentAttribution, text: str) -> SegmentRow:
    if isinstance(segment.place, Interval):
        parts = sorted(segment.intervals, key=lambda each: -abs(each.value))[:STRONGEST]
        return SegmentRow(
            page=0,
            share=segment.share,
            grid=(),
            strongest=tuple(Weighed("", each.value, each.place.start, each.place.end) for each in parts),
            stretches=len(segment.intervals),
            heard=segment.place,
        )
    return SegmentRow(
        page=segment.place.part + 1 if isinstance(segment.place, Area) else 0,
        share=segment.share,
        grid=segment.grid,
        strongest=tuple(_strongest(segment.spans, text)),
        stretches=len(segment.spans),
    )


def _strongest(spans: Sequence[SpanShare], text: str) -> list[Weighed]:
    together: dict[Span, int] = {}
    for share in spans:  # the bytes of one sign are several tokens of one place
        together[share.place] = together.get(share.place, 0) + share.value
    first = sorted(together.items(), key=lambda each: -abs(each[1]))[:STRONGEST]
    return [Weighed(readable(text[place.start : place.end]), value, place.start) for place, value in first]
