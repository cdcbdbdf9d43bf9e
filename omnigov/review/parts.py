"""Documents and texts on the page of a decision: one page of the one, one portion of the other, at a time.

A recording is shown whole (`review.heard`), and so is a video (`review.watched`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from omnigov.contracts import (
    Area,
    AttributionResult,
    Conversation,
    Finding,
    InferenceResult,
    Interval,
    PagePicture,
    Place,
    RedactionResult,
    SegmentAttribution,
    Span,
    TextFormat,
    Tracks,
)
from omnigov.contracts.kinds import of_copy
from omnigov.decisions.models import Run
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.review import tables
from omnigov.review.heat import Cell, cells
from omnigov.review.marked import Gap, Marks, Piece, pieces, portions
from omnigov.review.numbered import Numbered

STRIP = 60
"""Thumbnails that a page has at once."""
PAGE_END = "\f"
"""What parts the pages of a transcript."""
_STANDS_FOR = re.compile(r"\[([A-Z][A-Z0-9_]*)_\d+\]")
_PROSE = {TextFormat.PLAIN, TextFormat.MARKDOWN, TextFormat.MAIL, TextFormat.SUBTITLES, TextFormat.CSV}


@dataclass(frozen=True)
class Given:
    """What of a medium the model was given, and what not. Numbers of pages count from 1."""

    pages: tuple[int, ...] = ()
    all_pages: int = 0
    start: int = 0
    end: int = 0
    characters: int = 0
    """Of the whole text; 0 where it has none."""
    heard: tuple[Interval, ...] = ()
    """The stretches of a recording that it was given to hear."""
    milliseconds: int = 0
    """Of the whole recording, or of a video's sound; 0 where there is none."""
    shown_at: tuple[int, ...] = ()
    """Of a video: when the pictures that it was given are shown, in milliseconds."""
    all_pictures: int = 0
    """Of a video; 0 of what is none."""

    @property
    def heard_for(self) -> int:
        """Milliseconds that it heard."""
        return sum(each.end - each.start for each in self.heard)

    @property
    def pages_said(self) -> str:
        return _ranges(self.pages)

    @property
    def pages_left(self) -> str:
        """The pages that it was not given."""
        return _ranges(tuple(each for each in range(1, self.all_pages + 1) if each not in self.pages))

    @property
    def first(self) -> int:
        """The number of the first character that it was given, from 1."""
        return self.start + 1

    @property
    def whole_text(self) -> bool:
        return self.start == 0 and self.end >= self.characters


@dataclass(frozen=True)
class Thumbnail:
    part: int
    hidden: int
    given: bool
    size: PagePicture

    @property
    def number(self) -> int:
        return self.part + 1


@dataclass(frozen=True)
class Part:
    """What the page shows at once: page `number` of a document or portion `number` of a text, from 1."""

    number: int
    total: int
    findings: tuple[Numbered, ...]
    pieces: tuple[Piece, ...] = ()
    """Of a text, or of a page's transcript."""

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        """0 where there is none."""
        return self.number + 1 if self.number < self.total else 0


@dataclass(frozen=True)
class DocumentPart(Part):
    """A page: its picture, what is hidden on it, what can be read on it, and the thumbnails about it."""

    kind = "document"

    size: PagePicture = field(kw_only=True)
    given: bool = field(kw_only=True)
    segment: SegmentAttribution | None = field(kw_only=True)
    strip: tuple[Thumbnail, ...] = field(kw_only=True)
    has_transcript: bool = field(kw_only=True)

    @property
    def at(self) -> int:
        """The page's number, from 0."""
        return self.number - 1

    @property
    def has_heat_map(self) -> bool:
        return self.segment is not None and self.segment.heat_map is not None

    @property
    def heat(self) -> list[Cell]:
        """What spoke for the label on this page, and what against it; none where it was not weighed."""
        return cells(self.segment.grid, self.size.width, self.size.height) if self.segment else []

    @property
    def earlier(self) -> int:
        """The last page before the thumbnails; 0 where they begin with the first."""
        return self.strip[0].part

    @property
    def later(self) -> int:
        """The first page after the thumbnails; 0 where there is none."""
        return self.strip[-1].part + 2 if self.strip[-1].part + 1 < self.total else 0


@dataclass(frozen=True)
class TextPart(Part):
    """A portion of a text, as a table where it is one."""

    kind = "text"

    start: int = field(kw_only=True)
    end: int = field(kw_only=True)
    characters: int = field(kw_only=True)
    format: TextFormat = field(kw_only=True)
    head: tables.Row | None = field(default=None, kw_only=True)
    rows: tuple[tables.Row, ...] = field(default=(), kw_only=True)
    weighed: bool = field(default=False, kw_only=True)
    """Whether something in it moved the score."""

    @property
    def first(self) -> int:
        """The number of its first character, from 1."""
        return min(self.start + 1, self.end)

    @property
    def prose(self) -> bool:
        return self.format in _PROSE


class Media:
    """One run's document, text or recording, read from its evidence when it is asked for.

    Raises `EvidenceDamaged`.
    """

    def __init__(
        self, run: Run, redaction: RedactionResult, inference: InferenceResult, why: AttributionResult | None
    ) -> None:
        self._run, self.redaction, self.inference, self.why = run, redaction, inference, why
        self._seen = inference.seen
        self._text: str | None = None
        self._tracks: Tracks | None = None
        self.kind = of_copy(redaction.media_type).name

    @property
    def in_parts(self) -> bool:
        return self.kind in {"document", "text", "sound", "video"}

    def given(self) -> Given | None:
        """What the model was given; None where that was not kept, as of pictures."""
        if not self._seen:
            return None
        pages = tuple(sorted(place.part + 1 for place in self._seen if isinstance(place, Area)))
        span, times = _span_of(self._seen), self.times()
        return Given(
            pages=pages,
            all_pages=self.redaction.pages if self.kind == "document" else 0,
            start=span.start if span else 0,
            end=span.end if span else 0,
            characters=len(self.text()),
            heard=tuple(place for place in self._seen if isinstance(place, Interval)),
            milliseconds=self.redaction.sound.milliseconds if self.redaction.sound else 0,
            shown_at=tuple(times[page - 1] for page in pages if page <= len(times)),
            all_pictures=self.redaction.video.frames if self.redaction.video else 0,
        )

    def text(self) -> str:
        """The redacted text, or what can be read in a document or heard in a recording; may be empty."""
        if self._text is None:
            self._text = self._read()
        return self._text

    def _read(self) -> str:
        if self.redaction.text is not None:
            content = evidence.content(self._run.id, Name.REDACTED, digest=self.redaction.digest)
            return decoded(content, self.redaction.text.encoding)
        digest = self._recorded(Name.TRANSCRIPT)
        if digest is None and not evidence.has(self._run.id, Name.TRANSCRIPT):
            return ""
        return decoded(evidence.content(self._run.id, Name.TRANSCRIPT, digest=digest), "utf-8")

    def _recorded(self, name: Name) -> str | None:
        """The digest of what is kept beside the copy; None where the record says none."""
        return self.redaction.kept(name)

    def conversation(self) -> Conversation:
        """The turns of a recording; none where nobody speaks."""
        digest = self._recorded(Name.TURNS)
        if digest is None and not evidence.has(self._run.id, Name.TURNS):
            return Conversation()
        return evidence.conversation(self._run.id, digest=digest)

    def tracks(self) -> Tracks | None:
        """Where in a video each thing is hidden, frame by frame; None where that was not kept."""
        if self._tracks is None:
            digest = self._recorded(Name.TRACKS)
            if digest is not None or evidence.has(self._run.id, Name.TRACKS):
                self._tracks = evidence.tracks(self._run.id, digest=digest)
        return self._tracks

    def times(self) -> tuple[int, ...]:
        """When each picture of a video is shown, in milliseconds; none where that was not kept."""
        tracks = self.tracks() if self.kind == "video" else None
        return tracks.times if tracks else ()

    def peaks(self) -> bytes:
        """The peaks of a recording; none where they were not kept."""
        digest = self._recorded(Name.PEAKS)
        if digest is None and not evidence.has(self._run.id, Name.PEAKS):
            return b""
        return evidence.content(self._run.id, Name.PEAKS, digest=digest)

    def part(self, number: int) -> DocumentPart | TextPart:
        """A page or portion, from 1; of a number that there is none of, the nearest."""
        return self._page(number) if self.kind == "document" else self._portion(number)

    def _page(self, number: int) -> DocumentPart:
        index = evidence.pages(self._run.id, digest=self._recorded(Name.PAGES)).pages
        number = max(1, min(number, len(index)))
        at = number - 1
        of_pages: dict[int, list[Numbered]] = {}
        for ordinal, finding in enumerate(self.redaction.findings, 1):
            of_pages.setdefault(finding.area.part, []).append(Numbered(ordinal, finding))
        given = {place.part for place in self._seen if isinstance(place, Area)}
        first = max(0, min(at - at % STRIP, len(index) - 1))
        text = self.text()
        start, end = _page_of(text, at)
        return DocumentPart(
            number=number,
            total=len(index),
            findings=tuple(of_pages.get(at, ())),
            pieces=tuple(pieces(text, start, end, self.marks(_placeholders(text, start, end)))),
            size=index[at],
            given=at in given,
            segment=next((each for each in self._segments() if _page(each.place) == at), None),
            strip=tuple(
                Thumbnail(part, len(of_pages.get(part, ())), part in given, index[part])
                for part in range(first, min(first + STRIP, len(index)))
            ),
            has_transcript=bool(text),
        )

    def _portion(self, number: int) -> TextPart:
        text = self.text()
        told = self.redaction.text
        format_ = told.format if told else TextFormat.PLAIN
        marks = self.marks(gaps_of(self.redaction.findings))
        if format_ is TextFormat.CSV:
            try:
                return self._rows(text, tables.layout(text), number, marks)
            except tables.NoTable:
                format_ = TextFormat.PLAIN
        cut = portions(text, marks.gaps)
        number = max(1, min(number, len(cut)))
        start, end = cut[number - 1]
        shown = tuple(pieces(text, start, end, marks))
        return TextPart(
            number=number,
            total=len(cut),
            findings=self._within(start, end),
            pieces=shown,
            start=start,
            end=end,
            characters=len(text),
            format=format_,
            weighed=any(piece.value for piece in shown),
        )

    def _rows(self, text: str, layout: tables.Layout, number: int, marks: Marks) -> TextPart:
        number = max(1, min(number, len(layout.portions)))
        first, last = layout.portions[number - 1]
        rows = tuple(tables.row(text, layout, place, marks) for place in range(first, last))
        begin = layout.rows[layout.head] if number == 1 or first >= last else layout.rows[first]
        start, end = begin[0], (layout.rows[last - 1] if last > first else begin)[1]
        return TextPart(
            number=number,
            total=len(layout.portions),
            findings=self._within(start, end),
            start=start,
            end=end,
            characters=len(text),
            format=TextFormat.CSV,
            head=tables.row(text, layout, layout.head, marks),
            rows=rows,
            weighed=any(piece.value for row in rows for cell in row.cells for piece in cell.pieces),
        )

    def _within(self, start: int, end: int) -> tuple[Numbered, ...]:
        return tuple(
            Numbered(ordinal, finding)
            for ordinal, finding in enumerate(self.redaction.findings, 1)
            if finding.shown and finding.shown.start < end and finding.shown.end > start
        )

    def _segments(self) -> tuple[SegmentAttribution, ...]:
        return self.why.segments if self.why else ()

    def marks(self, gaps: Sequence[Gap]) -> Marks:
        """What is marked in its text: these gaps, what moved the score, and what the model was given."""
        of_text = next((each for each in self._segments() if isinstance(each.place, Span)), None)
        return Marks(
            gaps=tuple(gaps),
            shares=of_text.spans if of_text else (),
            given=_span_of(self._seen),
            asked=bool(self._seen),
        )


def decoded(content: bytes, encoding: str) -> str:
    """The text as the worker read it; what can't be decoded any more is a sign of its own."""
    try:
        text = content.decode(encoding, "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return text.removeprefix("\ufeff")


def gaps_of(findings: Sequence[Finding]) -> list[Gap]:
    """What stands in a redacted text for what was hidden, in order and apart."""
    found = [
        Gap(finding.shown.start, finding.shown.end, finding.kind, ordinal)
        for ordinal, finding in enumerate(findings, 1)
        if finding.shown
    ]
    apart: list[Gap] = []
    for gap in sorted(found, key=lambda each: (each.start, -each.end)):
        if not apart or gap.start >= apart[-1].end:
            apart.append(gap)
    return apart


def gap_map(findings: Sequence[Finding]) -> list[list[int]]:
    """From a redacted text to its original: where each placeholder stands, and what it stands for.

    Lists of start and end in the original, start and end in the copy; in order and apart. Between two of them
    the texts are the same.
    """
    together: list[list[int]] = []
    pairs = [(each.place, each.shown) for each in findings if each.shown and isinstance(each.place, Span)]
    for place, shown in sorted(pairs, key=lambda pair: (pair[1].start, pair[0].start)):
        last = together[-1] if together else None
        if last and (shown.start < last[3] or place.start < last[1]):
            last[1], last[3] = max(last[1], place.end), max(last[3], shown.end)
        else:
            together.append([place.start, place.end, shown.start, shown.end])
    return together


def _placeholders(text: str, start: int, end: int) -> list[Gap]:
    """What stands in a transcript for what was hidden in it: told by how it is written, as in a text."""
    return [Gap(found.start(), found.end(), found[1]) for found in _STANDS_FOR.finditer(text, start, end)]


def _page_of(text: str, at: int) -> tuple[int, int]:
    start = 0
    for _ in range(at):
        found = text.find(PAGE_END, start)
        if found < 0:
            return len(text), len(text)
        start = found + 1
    end = text.find(PAGE_END, start)
    return start, len(text) if end < 0 else end


def _page(place: Place) -> int | None:
    return place.part if isinstance(place, Area) else None


def _span_of(places: Sequence[Place]) -> Span | None:
    return next((place for place in places if isinstance(place, Span)), None)


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers as people write them: 1–3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
