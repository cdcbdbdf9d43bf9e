"""A recording on the page of its decision: waveform, turns, silent stretches, and the transcript by words.

What lies on the line of time is given in percent of the recording's length, so that a page draws it at any
width. All times are milliseconds from the beginning.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from omnigov.contracts import Conversation, Finding, Interval, Span, SpanShare, Turn
from omnigov.evidence.waveform import columns_of, height_of, path_of
from omnigov.review.marked import LEVELS, Marks, Piece, level, pieces
from omnigov.review.numbered import Numbered
from omnigov.review.parts import Media, Part, gaps_of

COLUMNS = 900
"""Columns that a waveform is drawn with."""
_BYTES = 8
"""Shares that one sign may have, and more."""
BAR = 5
"""Pixels of each level in the band of what moved the score."""
LANES = 12
"""Speakers that have a line of their own; the others share the last one."""
TICKS = 8
"""Marks of time that a recording has at most."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True)
class Stretch:
    """A part of the line of time. `left` and `width` are percent, written as SVG takes them."""

    at: Interval
    left: str
    width: str


@dataclass(frozen=True)
class Silence(Stretch):
    """What is silent because something was hidden. `ordinal` counts from 1, as in the list of findings."""

    finding: Finding
    ordinal: int


@dataclass(frozen=True)
class Weight(Stretch):
    """What a word or a moment did for the score: for it upwards, against it downwards.

    `strength` is as of a piece.
    """

    value: int
    level: int

    @property
    def height(self) -> int:
        """Pixels of its bar, which stands on the middle of the band or hangs from it."""
        return BAR * self.level

    @property
    def top(self) -> int:
        return BAR * LEVELS - self.height

    @property
    def strength(self) -> str:
        return f"{'for' if self.value >= 0 else 'against'} level-{self.level}"


@dataclass(frozen=True)
class Band:
    """What moved the score along the line of time: words of the transcript, or what was heard."""

    of: str
    weights: tuple[Weight, ...]


@dataclass(frozen=True)
class Lane:
    """The turns of one speaker."""

    speaker: int
    name: str
    turns: tuple[Stretch, ...]


@dataclass(frozen=True)
class Tick:
    left: str
    at: int


@dataclass(frozen=True)
class Spoken:
    """What is heard at once: a word, or what stands for something hidden; `at` is None between words."""

    pieces: tuple[Piece, ...]
    at: Interval | None


@dataclass(frozen=True)
class TurnShown:
    """A turn as a block of the conversation. `spoken` is empty where all of it is silent."""

    turn: Turn
    lane: int
    spoken: tuple[Spoken, ...]


@dataclass(frozen=True)
class SoundPart(Part):
    """A recording, whole."""

    kind = "sound"

    milliseconds: int = field(kw_only=True)
    turns: tuple[TurnShown, ...] = field(kw_only=True)
    lanes: tuple[Lane, ...] = field(kw_only=True)
    silences: tuple[Silence, ...] = field(kw_only=True)
    bands: tuple[Band, ...] = field(kw_only=True)
    ticks: tuple[Tick, ...] = field(kw_only=True)
    waveform: str = field(kw_only=True)
    """Of an SVG path, `columns` wide and from -`height` to `height` high; empty where there are no peaks."""
    columns: int = field(kw_only=True)
    height: int = field(kw_only=True)
    has_transcript: bool = field(kw_only=True)

    @property
    def silent(self) -> int:
        """Milliseconds that are silent because something was hidden; where silences overlap, once."""
        return covered([each.at for each in self.silences])


def sound_part(media: Media, length: int | None = None) -> SoundPart:
    """What the page of a decision on a recording shows. Raises `EvidenceDamaged`.

    `length` is that of the line of time, where it is longer: a video's, whose sound it is.
    """
    told = media.redaction.sound
    findings = tuple(Numbered(ordinal, each) for ordinal, each in enumerate(media.redaction.findings, 1))
    total = length or (told.milliseconds if told else 1)
    text, conversation, peaks = media.text(), media.conversation(), media.peaks()
    gaps = tuple(gaps_of(media.redaction.findings))
    times = {each.ordinal: each.finding.place for each in findings}
    lanes = _lanes(conversation, total)
    place = {each.speaker: number for number, each in enumerate(lanes)}
    drawn = columns_of(peaks, COLUMNS)
    marks = media.marks(gaps)
    marked = Along(marks)
    return SoundPart(
        number=1,
        total=1,
        findings=findings,
        milliseconds=total,
        turns=tuple(
            TurnShown(
                turn,
                place.get(turn.speaker, len(lanes) - 1),
                tuple(spoken(text, turn, marked, times)) if turn.span else (),
            )
            for turn in conversation.turns
        ),
        lanes=lanes,
        silences=tuple(
            Silence(each.finding.place, *along(each.finding.place, total), each.finding, each.ordinal)
            for each in findings
            if isinstance(each.finding.place, Interval)
        ),
        bands=tuple(
            band for band in (_heard(media, total), _words(conversation, marks.shares, total)) if band.weights
        ),
        ticks=tuple(ticks(total)),
        waveform=path_of(drawn),
        columns=len(drawn),
        height=height_of(drawn),
        has_transcript=bool(text),
    )


def covered(intervals: Sequence[Interval]) -> int:
    """Milliseconds that lie in at least one of the intervals."""
    found, until = 0, 0
    for each in sorted(intervals, key=lambda interval: interval.start):
        found += max(0, each.end - max(each.start, until))
        until = max(until, each.end)
    return found


class Along:
    """The marks of a transcript, in order, of which those of a turn are found without looking at all."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._shares = [share.place.start for share in marks.shares]
        self._gaps = [gap.start for gap in marks.gaps]
        self.most = max((abs(share.value) for share in marks.shares), default=0)

    def of(self, start: int, end: int) -> Marks:
        """Those of these characters. The bytes of one sign are several shares of one place."""
        shares = self._marks.shares[
            max(0, bisect_left(self._shares, start) - _BYTES) : bisect_left(self._shares, end)
        ]
        gaps = self._marks.gaps[max(0, bisect_left(self._gaps, start) - 1) : bisect_left(self._gaps, end)]
        return replace(
            self._marks, shares=tuple(each for each in shares if each.place.end > start), gaps=gaps
        )


def spoken(text: str, turn: Turn, along: Along, times: Mapping[int, object]) -> Iterator[Spoken]:
    """The words of a turn in their order, and what stands between them. `times` are the findings' places."""
    if turn.span is None:
        return
    start, end = turn.span.start, min(turn.span.end, len(text))
    words = sorted(turn.words, key=lambda word: word.span.start)
    starts = [word.span.start for word in words]
    cut: list[tuple[int, Piece]] = []
    at = start
    for piece in _levelled(pieces(text, start, end, along.of(start, end)), along.most):
        edges = {at, at + len(piece.text)}
        if piece.gap is None:
            for word in words[max(0, bisect_right(starts, at) - 1) :]:
                if word.span.start >= at + len(piece.text):
                    break
                edges |= {
                    place for place in (word.span.start, word.span.end) if at < place < at + len(piece.text)
                }
        ordered = sorted(edges)
        for low, high in pairwise(ordered):
            cut.append((low, replace(piece, text=piece.text[low - at : high - at])))
        at += len(piece.text)

    def heard(placed: tuple[int, Piece]) -> Interval | None:
        low, piece = placed
        if piece.gap is not None:
            found = times.get(piece.gap.ordinal)
            if isinstance(found, Interval):
                return found
        place = bisect_right(starts, low) - 1
        return words[place].at if place >= 0 and low < words[place].span.end else None

    for when, group in groupby(cut, key=heard):
        yield Spoken(tuple(piece for _, piece in group), when)


def _levelled(found: Sequence[Piece], most: int) -> Iterator[Piece]:
    """The pieces, each as strong as it is beside the strongest of the whole transcript."""
    for piece in found:
        yield piece if piece.value is None else replace(piece, level=level(piece.value, most))


def _heard(media: Media, total: int) -> Band:
    """What each moment did that a stage of the model which listens was given."""
    segments = media.why.segments if media.why else ()
    found = [(each.place, each.value) for segment in segments for each in segment.intervals]
    return Band("sound", tuple(weights(found, total)))


def _words(conversation: Conversation, shares: Sequence[SpanShare], total: int) -> Band:
    """What each word did: the values of the tokens that stand in it, shared out by their characters."""
    starts = [share.place.start for share in shares]
    found: list[tuple[Interval, int]] = []
    for turn in conversation.turns:
        for word in turn.words:
            value = _value(word.span, shares, starts)
            if value:
                found.append((word.at, value))
    return Band("words", tuple(weights(found, total)))


def weights(found: Sequence[tuple[Interval, int]], total: int) -> Iterator[Weight]:
    most = max((abs(value) for _, value in found), default=0)
    for at, value in found:
        if reached := level(value, most):
            yield Weight(at, *along(at, total), value, reached)


def _value(span: Span, shares: Sequence[SpanShare], starts: Sequence[int]) -> int:
    value = 0.0
    place = max(0, bisect_right(starts, span.start) - 1)
    for share in shares[place:]:
        if share.place.start >= span.end:
            break
        common = min(share.place.end, span.end) - max(share.place.start, span.start)
        if common > 0:
            value += share.value * common / (share.place.end - share.place.start)
    return round(value)


def _lanes(conversation: Conversation, total: int) -> tuple[Lane, ...]:
    """A line for each speaker in the order in which they begin; from the last line on all together."""
    order = list(dict.fromkeys(turn.speaker for turn in conversation.turns))
    own = order if len(order) <= LANES else order[: LANES - 1]
    lanes = []
    for speaker in own:
        theirs = [turn for turn in conversation.turns if turn.speaker == speaker]
        lanes.append(
            Lane(speaker, next((turn.name for turn in theirs if turn.name), ""), _turns(theirs, total))
        )
    if others := [turn for turn in conversation.turns if turn.speaker not in own]:
        lanes.append(Lane(-1, "", _turns(others, total)))
    return tuple(lanes)


def _turns(turns: Sequence[Turn], total: int) -> tuple[Stretch, ...]:
    return tuple(Stretch(turn.at, *along(turn.at, total)) for turn in turns)


def ticks(total: int) -> Iterator[Tick]:
    step = next((each for each in _STEPS if total <= each * 1000 * TICKS), _STEPS[-1]) * 1000
    for at in range(0, total, step):
        yield Tick(f"{100 * at / total:.3f}%", at)


def along(at: Interval, total: int) -> tuple[str, str]:
    """Where it begins, and how long it is; never so short that it can't be seen."""
    start, end = min(at.start, total), min(at.end, total)
    return f"{100 * start / total:.3f}%", f"{max(100 * (end - start) / total, 0.05):.3f}%"
