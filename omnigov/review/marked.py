"""A redacted text as its page shows it: in portions, cut where something was hidden or moved the score. Pure.

All places are characters of the redacted copy, as it was decoded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from omnigov.contracts import Span, SpanShare

PORTION = 20_000
"""Characters of a text that a page shows at once, or some fewer: it is cut where a line ends."""
LEVELS = 4
_PICTURES = {sign: 0x2400 + sign for sign in range(0x20) if chr(sign) not in "\t\n\r"} | {0x7F: 0x2421}
"""What a page can't show as it is: a picture of the sign for the sign, so that places stay."""


@dataclass(frozen=True)
class Gap:
    """What stands for something that was hidden. `ordinal` counts from 1, as in the list of findings."""

    start: int
    end: int
    kind: str
    ordinal: int = 0


@dataclass(frozen=True)
class Piece:
    """A stretch that is shown alike. `value` is what it did for the score; None: not computed."""

    text: str
    gap: Gap | None = None
    value: int | None = None
    level: int = 0
    given: bool = True

    @property
    def strength(self) -> str:
        """A class for how it is shaded: for … speaks for the label, against … against it."""
        return f"{'for' if (self.value or 0) >= 0 else 'against'} level-{self.level}"


@dataclass(frozen=True)
class Marks:
    """What is marked in a text: gaps in order and apart, shares in order, and the stretch that was given."""

    gaps: tuple[Gap, ...] = ()
    shares: tuple[SpanShare, ...] = ()
    given: Span | None = None
    asked: bool = False
    """Whether it is known what was given; before that was kept, all counts as given."""


def readable(text: str) -> str:
    """The text with a picture in place of each sign that pages can't show."""
    return text.translate(_PICTURES)


def portions(text: str, gaps: Sequence[Gap] = (), most: int = PORTION) -> list[tuple[int, int]]:
    """Where the portions of a text begin and end: at a line's end if there is one, never within a gap."""
    found, start = [], 0
    starts = [gap.start for gap in gaps]
    while start < len(text):
        end = min(start + most, len(text))
        if end < len(text):
            end = _line_end(text, start + most // 2, end)
            place = bisect_left(starts, end) - 1
            if place >= 0 and gaps[place].end > end and gaps[place].start > start:
                end = gaps[place].start
        found.append((start, end))
        start = end
    return found or [(0, 0)]


def portion(text: str, number: int, gaps: Sequence[Gap] = ()) -> dict[str, int | str]:
    """Portion `number` of a text, from 1, as JSON takes it: as it stands, with where it begins."""
    cut = portions(text, gaps)
    number = max(1, min(number, len(cut)))
    start, end = cut[number - 1]
    return {"number": number, "total": len(cut), "start": start, "text": text[start:end]}


def _line_end(text: str, low: int, high: int) -> int:
    at = text.rfind("\n", low, high)
    if at >= 0:
        return at + 1
    # Half of a line's end must not stand alone.
    return high - 1 if text[high - 1 : high + 1] == "\r\n" else high


def pieces(text: str, start: int, end: int, marks: Marks) -> list[Piece]:
    """The characters from `start` to before `end`, cut where a mark begins or ends."""
    most = max((abs(share.value) for share in marks.shares), default=0)
    shares = [share for share in marks.shares if share.place.start < end and share.place.end > start]
    gaps = [gap for gap in marks.gaps if gap.start < end and gap.end > start]
    found, at = list[Piece](), start
    for gap in gaps:
        begin, stop = max(gap.start, at), min(gap.end, end)
        if begin >= stop:
            continue
        found += _plain(text, at, begin, shares, marks, most)
        found.append(_of_gap(text, gap, begin, stop, shares, marks, most))
        at = stop
    return [*found, *_plain(text, at, end, shares, marks, most)]


def _of_gap(
    text: str, gap: Gap, begin: int, stop: int, shares: Sequence[SpanShare], marks: Marks, most: int
) -> Piece:
    inside = [share.value for share in shares if share.place.start < stop and share.place.end > begin]
    value = sum(inside) if inside else None
    return Piece(readable(text[begin:stop]), gap, value, level(value or 0, most), _given(marks, begin))


def _plain(
    text: str, begin: int, stop: int, shares: Sequence[SpanShare], marks: Marks, most: int
) -> Iterator[Piece]:
    """A stretch without gaps. Where tokens share a character, as bytes of one sign, their values add up."""
    change: dict[int, tuple[int, int]] = {begin: (0, 0), stop: (0, 0)}
    for share in shares:
        low, high = max(share.place.start, begin), min(share.place.end, stop)
        if low < high:
            for place, sign in ((low, 1), (high, -1)):
                value, count = change.get(place, (0, 0))
                change[place] = (value + sign * share.value, count + sign)
    if marks.given:
        for place in (marks.given.start, marks.given.end):
            if begin < place < stop:
                change.setdefault(place, (0, 0))
    value = count = 0
    for low, high in pairwise(sorted(change)):
        value, count = value + change[low][0], count + change[low][1]
        weighed = value if count else None
        yield Piece(
            readable(text[low:high]), None, weighed, level(value, most) if count else 0, _given(marks, low)
        )


def level(value: int, most: int) -> int:
    """How strong a share is beside the strongest one: 0 … `LEVELS`."""
    return min(LEVELS, round(LEVELS * abs(value) / most)) if most else 0


def _given(marks: Marks, place: int) -> bool:
    if not marks.asked:
        return True
    return marks.given is not None and marks.given.start <= place < marks.given.end
