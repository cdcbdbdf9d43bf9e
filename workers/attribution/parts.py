"""What an explanation speaks of, as parts that can be taken away: areas of pages, seconds of sound, words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from omnigov.contracts import Area, AttributionResult, Interval, Place, SegmentAttribution, Span
from workers.omni.seen import RATE, Page, Seen, Window

SECOND = 1000  # milliseconds: what a person hears as one thing, and can take away


@dataclass(frozen=True)
class Part:
    """One area, second or word and its value, in millionths of a nat."""

    place: Area | Interval | Span
    value: int


def parts_of(result: AttributionResult, seen: Seen) -> list[Part]:
    """In the medium's order."""
    if seen.picture:
        page = seen.pages[0]
        return list(_areas(result.grid, page.part, page.size))
    found: list[Part] = []
    for segment in result.segments:
        if isinstance(segment.place, Area):
            size = (segment.place.right, segment.place.bottom)
            found += _areas(segment.grid, segment.place.part, size)
        elif isinstance(segment.place, Interval):
            found += _seconds(segment)
        else:
            found += _words(segment, seen.text)
    return found


def _seconds(segment: SegmentAttribution) -> Iterator[Part]:
    """Tokens of a sixth of a second each, together up to a second: less of it tells nothing by itself."""
    second: Part | None = None
    for share in segment.intervals:
        if second is not None and share.place.end - second.place.start <= SECOND:  # type: ignore[union-attr]
            place = Interval(start=second.place.start, end=share.place.end)  # type: ignore[union-attr]
            second = Part(place, second.value + share.value)
            continue
        if second is not None:
            yield second
        second = Part(share.place, share.value)
    if second is not None:
        yield second


def _areas(grid: Sequence[Sequence[int]], part: int, size: tuple[int, int]) -> Iterator[Part]:
    width, height = size
    rows, columns = len(grid), len(grid[0]) if grid else 0
    for y, line in enumerate(grid):
        top, bottom = round(y * height / rows), round((y + 1) * height / rows)
        for x, value in enumerate(line):
            left, right = round(x * width / columns), round((x + 1) * width / columns)
            if right > left and bottom > top:
                yield Part(Area(part=part, left=left, top=top, right=right, bottom=bottom), value)


def _words(segment: SegmentAttribution, text: str) -> Iterator[Part]:
    """Tokens with no blank between them are one word: half a word can't be taken away."""
    word: Part | None = None
    for share in segment.spans:
        letters = text[share.place.start : share.place.end]
        joins = word is not None and letters[:1].isalnum() and letters.isascii()
        if word is not None and joins and text[word.place.end - 1 : word.place.end].isalnum():  # type: ignore[union-attr]
            place = Span(start=word.place.start, end=share.place.end)  # type: ignore[union-attr]
            word = Part(place, word.value + share.value)
            continue
        if word is not None:
            yield word
        word = Part(share.place, share.value)
    if word is not None:
        yield word


RIM = 0.04  # of a page's longer side: what counts as its border
SHADE = 8  # colours are told apart by so much, so that blank pages of one ground are computed once


def ground_of(pixels: np.ndarray) -> tuple[int, int, int]:
    """The colour of what a page is drawn on: the median of its border, in steps of SHADE.

    A blank page is even and of this colour. Beside even grey, white paper itself would be something that
    speaks for or against a label, and what is drawn on it would have to share with it.
    """
    rim = max(1, round(RIM * max(pixels.shape[:2])))
    sides = (pixels[:rim], pixels[-rim:], pixels[:, :rim], pixels[:, -rim:])
    middle = np.median(np.concatenate([each.reshape(-1, 3) for each in sides]), axis=0)
    red, green, blue = (min(255, int(SHADE * round(value / SHADE))) for value in middle)
    return red, green, blue


def without(seen: Seen, places: Collection[Area | Interval | Span]) -> Seen:
    """The medium with these places blank: its ground's colour in a picture, silence, words gone."""
    pages = tuple(
        _blanked(page, [p for p in places if isinstance(p, Area) and p.part == page.part])
        for page in seen.pages
    )
    intervals = [place for place in places if isinstance(place, Interval)]
    windows = tuple(_silenced(window, intervals) for window in seen.windows)
    text, kept = seen.text, []
    end = 0
    for span in sorted((p for p in places if isinstance(p, Span)), key=lambda span: span.start):
        kept.append(text[end : max(end, span.start)])
        end = max(end, span.end)
    return replace(seen, pages=pages, windows=windows, text="".join(kept) + text[end:])


def _silenced(window: Window, intervals: Sequence[Interval]) -> Window:
    samples = np.array(window.samples)
    for interval in intervals:
        begin, end = (max(0, edge * RATE // 1000 - window.start) for edge in (interval.start, interval.end))
        samples[begin:end] = 0
    return replace(window, samples=samples)


def _blanked(page: Page, areas: Sequence[Area]) -> Page:
    if not areas:
        return page
    pixels, ground = np.array(page.pixels), ground_of(page.pixels)
    height, width = pixels.shape[:2]
    across, down = width / page.size[0], height / page.size[1]
    for area in areas:
        rows = slice(int(area.top * down), max(1, round(area.bottom * down)))
        columns = slice(int(area.left * across), max(1, round(area.right * across)))
        pixels[rows, columns] = ground
    return replace(page, pixels=pixels)


def covered(place: Area | Interval | Span, hidden: Sequence[Place]) -> float:
    """How much of a place is hidden, 0 … 1; places that overlap are not counted twice beyond 1."""
    return min(1.0, sum(_shared(place, each) for each in hidden))


def _shared(place: Area | Interval | Span, other: Place) -> float:
    if isinstance(place, Area) and isinstance(other, Area) and place.part == other.part:
        across = min(place.right, other.right) - max(place.left, other.left)
        down = min(place.bottom, other.bottom) - max(place.top, other.top)
        whole = (place.right - place.left) * (place.bottom - place.top)
        return max(0, across) * max(0, down) / whole
    if isinstance(place, Interval) and isinstance(other, Interval):
        return max(0, min(place.end, other.end) - max(place.start, other.start)) / (place.end - place.start)
    if isinstance(place, Span) and isinstance(other, Span):
        return max(0, min(place.end, other.end) - max(place.start, other.start)) / (place.end - place.start)
    return 0.0
