"""What each part of a prompt did for the score, as lines of a table: for who can't see the shading. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omnigov.contracts import Area, AttributionResult, SegmentAttribution, Span, SpanShare
from omnigov.review.marked import readable

STRONGEST = 40
"""Stretches of a text that the table names."""


@dataclass(frozen=True)
class Weighed:
    """A stretch of the text, and what it did: millionths of a nat."""

    text: str
    value: int
    start: int


@dataclass(frozen=True)
class SegmentRow:
    """One part of the prompt. `page` counts from 1; 0 is the medium's text."""

    page: int
    share: int
    grid: tuple[tuple[int, ...], ...]
    strongest: tuple[Weighed, ...]
    stretches: int
    """How many there are; `strongest` has the first of them."""


def segment_rows(why: AttributionResult, text: str) -> list[SegmentRow]:
    """The pages in their order, then the text."""
    rows = [_row(segment, text) for segment in why.segments]
    return sorted(rows, key=lambda row: (row.page == 0, row.page))


def _row(segment: SegmentAttribution, text: str) -> SegmentRow:
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
