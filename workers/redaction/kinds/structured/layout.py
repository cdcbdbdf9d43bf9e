"""How a text is laid out for the analysers: what is read line by line, and what value by value.

A text is seen through its escapes first (`core.views`), and all places here are those of what it means. Lines
outside of islands are read as they are. In an island only fields hold values; each is judged behind its head,
and what is found ends where the field ends.
"""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from omnigov.contracts import TextFormat
from workers.redaction.core import escapes
from workers.redaction.core.spans import Span, merged
from workers.redaction.core.views import View
from workers.redaction.forms.labels import NEUTRAL
from workers.redaction.kinds import table
from workers.redaction.kinds.structured import heads, json_text, pairs, sql, xml_text
from workers.redaction.kinds.structured.fields import Field, Island
from workers.redaction.language import rules
from workers.redaction.language.analysis import UNREADABLE

LONGEST = 1000  # signs of a value that is judged by itself; a longer one is a text, and is read as one
# What a number alone can be told by: a check digit, or where it has none its head.
_OF_NUMBERS = frozenset({"CREDIT_CARD", "IBAN_CODE", "JP_MY_NUMBER", "US_SSN"})
_OF_WORDS = frozenset({"DATE_TIME", "LOCATION", "JP_ADDRESS", "URL"})  # and of no number alone
_QUERY = re.compile(r"""[?&;](?P<key>[\w.\-\[\]]{1,40})=(?P<value>[^\s&;"'<>#\\]{1,400})""")
_KEY = re.compile(r"(?<![\w.\-])[A-Za-z_][\w.\-]*=")
_TIMES = re.compile(r"^[ \t]*(?:\d+:)?\d{1,2}:\d{2}[,.]\d{1,3}[ \t]+-->[^\n]*", re.MULTILINE)


class Layout:
    """The text's view, its fields, and the lines between them. `kinds` are those that the profile hides."""

    def __init__(self, text: str, told: TextFormat, kinds: frozenset[str]) -> None:
        self._kinds = kinds
        islands = _islands(text, told)
        pieces = sorted(piece for island in islands for piece in island.pieces)
        meaning = escapes.seen_through(View.of(text).then(pieces))
        self.view = meaning.view
        self.text = meaning.view.text
        self.fields = [field for island in islands for field in self._placed(island.fields)]
        self._fields_of_rows = [
            field for island in islands if island.rows for field in self._placed(island.fields)
        ]
        self._islands = [
            (self.view.place(island.start), self.view.place(island.end), island.rows) for island in islands
        ]
        self._unreadable = [
            Span(self.view.place(start), self.view.place(end), UNREADABLE, 1.0)
            for start, end in meaning.unreadable
        ]
        self._regions = self._all_regions()
        self._starts = [start for start, _, _ in self._regions]
        self._kept: dict[tuple[int, int], tuple[str, str]] = {}
        self._queries = list(self._in_queries(text))
        self.by_pairs, self._blanks = self._by_pairs()
        self.lines = self._read()

    def _placed(self, fields: Sequence[Field]) -> Iterator[Field]:
        for field in fields:
            start, end = self.view.place(field.start), self.view.place(field.end)
            if end > start:
                soft = field.soft and not heads.looks_like_a_name(self.text[start:end])
                yield field._replace(start=start, end=end, kind=NEUTRAL if soft else field.kind)

    def _all_regions(self) -> list[tuple[int, int, Field | None]]:
        regions: list[tuple[int, int, Field | None]] = [
            (field.start, field.end, field) for field in self.fields
        ]
        at = 0
        for start, end, _ in [*self._islands, (len(self.text), len(self.text), False)]:
            if start > at:
                regions.append((at, start, None))
            at = max(at, end)
        return sorted(regions, key=lambda region: region[:2])

    def _read(self) -> str:
        """The text, sign for sign, with tabs for all that is no line to read: fields are parted by them."""
        parts, at = list[str](), 0
        for start, end, rows in self._islands:
            parts.append(self.text[at:start])
            if rows:
                inside = start
                for field in _between(self._fields_of_rows, start, end):
                    said = self.text[field.start : field.end]
                    # What its head hides whole says nothing of its neighbours: "2 Rose Field" is no address.
                    whole = field.kind in self._kinds and not field.label
                    parts += [_tabs(self.text[inside : field.start]), _tabs(said) if whole else said]
                    inside = field.end
                parts.append(_tabs(self.text[inside:end]))
            else:
                parts.append(_tabs(self.text[start:end]))
            at = max(at, end)
        parts.append(self.text[at:])
        lines = _TIMES.sub(lambda hit: "\t" * len(hit.group()), "".join(parts))
        parts, at = [], 0
        # A key without its value would be a label, and the next words would be taken for its value.
        for start, end in self._blanks:
            parts += [lines[at:start], _tabs(lines[max(at, start) : end])]
            at = max(at, end)
        return "".join([*parts, lines[at:]])

    def alone(self) -> Iterator[tuple[str, int, list[int], bool]]:
        """What fields without such a head say, each wording once.

        It stands behind its head; told are how long that is, where the fields begin that say it, and whether
        it is a number.
        """
        places: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
        for field in self.fields:
            value = self.text[field.start : field.end]
            if field.label or field.kind in self._kinds or len(value) > LONGEST or "\n" in value:
                continue
            if any(sign.isalpha() for sign in value) or (len(value) > 6 and any(map(str.isdigit, value))):
                places[field.head, value, bool(field.bare)].append(field.start)
        for name, start, end in self._queries:
            places[name, self.text[start:end], False].append(start)
        for (name, value, number), starts in places.items():
            head = f"{name}: " if name else ""
            yield f"{head}{value}", len(head), starts, number

    def _in_queries(self, text: str) -> Iterator[tuple[str, int, int]]:
        """What queries ask with, which goes on where an address seems to end: ?q=Olivia+Brandt."""
        for hit in _QUERY.finditer(text):
            start, end = self.view.place(hit.start("value")), self.view.place(hit.end("value"))
            if any(sign.isalpha() for sign in self.text[start:end]) or end - start > 6:
                yield heads.words(hit["key"]), start, end

    def texts(self) -> Iterator[tuple[int, int]]:
        """Values that are texts of their own, and stand in no row."""
        for start, end, rows in self._islands:
            if not rows:
                for field in _between(self.fields, start, end):
                    if field.end - field.start > LONGEST or "\n" in self.text[field.start : field.end]:
                        yield field.start, field.end

    def _by_pairs(self) -> tuple[list[Span], list[tuple[int, int]]]:
        """Values that a key beside them calls, and what is no text; and where the pairs stand, merged."""
        values, blanks = list(self._unreadable), [(span.start, span.end) for span in self._unreadable]
        for start, end, field in self._regions:
            if field is None or (field.kind not in self._kinds and not field.label and not field.bare):
                for begin, found in pairs.find(self.text, start, end):
                    if found.kind in self._kinds:
                        values.append(Span(found.start, found.end, found.kind, rules.LABEL_SCORE))
                        blanks.append((begin, found.end))
        return merged(values), sorted(blanks)

    @staticmethod
    def of_numbers(span: Span) -> bool:
        """Whether a number without a head is told by this find."""
        return span.kind in _OF_NUMBERS

    def places(self, spans: Sequence[Span]) -> list[Span]:
        """Where in the original the view's spans are written, in order and without overlap.

        Of base64 whole groups are taken; what they hold beside the find is kept for `written`.
        """
        placed = list[Span]()
        for span in spans:
            cuts = self.view.cut(span.start, span.end)
            for start, end in cuts:
                if len(cuts) > 1 and not any(sign.isalnum() for sign in self.text[start:end]):
                    continue
                coat = self.view.coated(self.view.first[start])
                begin, stop = (start, end) if coat is None else self.view.whole(start, end, coat)
                place = Span(self.view.first[begin], self.view.last[stop - 1], span.kind, span.score)
                kept = self.text[begin:start], self.text[end:stop]
                if placed and place.start < placed[-1].end:
                    before = placed.pop()
                    kept = self._kept.pop((before.start, before.end), ("", ""))[0], kept[1]
                    surest = max(before, place, key=lambda one: one.score)
                    place = Span(before.start, max(before.end, place.end), surest.kind, surest.score)
                placed.append(place)
                if any(kept):
                    self._kept[place.start, place.end] = kept
        return placed

    def whole(self, start: int, end: int) -> tuple[int, int]:
        """Characters `start` … `end` − 1 of the original, and the rest of what they cut."""
        first, last = self.view.place(start), self.view.place(end)
        if first and self.view.last[first - 1] > start:
            first -= 1
        if last <= first:
            return start, end
        number = self._number(first)
        if number is not None:
            first, last = min(first, number.start), max(last, number.end)
        placed = self.places([Span(first, last, UNREADABLE, 1.0)])
        return min(start, placed[0].start), max(end, placed[-1].end)

    def kept(self) -> list[tuple[int, int, str, str]]:
        """What the groups of finds hold beside them: of each its place, and what stands before and behind."""
        return [(start, end, before, after) for (start, end), (before, after) in self._kept.items()]

    def keep(self, kept: Sequence[tuple[int, int, str, str]]) -> None:
        """Takes over what another process's `places` kept of the same text."""
        self._kept.update({(start, end): (before, after) for start, end, before, after in kept})

    def said(self, start: int, end: int) -> str:
        """What these characters of the original mean; of a find, without what its groups hold beside it."""
        return self.text[slice(*self._seen(start, end))]

    def _seen(self, start: int, end: int) -> tuple[int, int]:
        before, after = self._kept.get((start, end), ("", ""))
        return self.view.place(start) + len(before), self.view.place(end) - len(after)

    def seen(self, spans: Sequence[Span]) -> list[Span]:
        """The view's spans of these in the original."""
        return [Span(*self._seen(span.start, span.end), span.kind, span.score) for span in spans]

    def written(self, start: int, end: int, placeholder: str) -> str:
        """What has to stand for these characters of the original, which `places` or `whole` told.

        Amid escapes that is the placeholder; in base64 and in encoded words of a mail it is encoded as they
        are, so that what decoded before still does; where a number stood it is a string.
        """
        coat = self.view.coated(start)
        if coat is None or end > coat.end:
            number = self._number(self.view.place(start))
            mark = number.bare if number else ""
            return f"{mark}{placeholder}{mark}"
        before, after = self._kept.get((start, end), ("", ""))
        behind = self.view.place(end)
        last = behind >= len(self.text) or self.view.first[behind] >= coat.end
        for gap in ("", " ", "  "):
            made = coat.write(f"{before}{placeholder}{gap}{after}", last)
            if made is not None:
                return made
        raise AssertionError("a placeholder did not fill its groups")

    def hidden(self, spans: list[Span]) -> list[Span]:
        """The spans, cut where fields end and without the labels of heads; and the fields hidden whole."""
        parts = [
            part
            for span in spans
            for start, end, field in self._touched(span)
            if field is None or (not field.label and field.kind not in self._kinds)
            if not (field is not None and field.bare and span.kind in _OF_WORDS)
            for part in self._without_keys(
                Span(max(span.start, start), min(span.end, end), span.kind, span.score)
            )
        ]
        parts += [
            Span(*self._bare(field), field.kind, rules.LABEL_SCORE)
            for field in self.fields
            if field.kind in self._kinds and not field.label
        ]
        return [
            span._replace(start=number.start, end=number.end)
            if (number := self._number(span.start))
            else span
            for span in parts
            if span.kind == UNREADABLE or any(sign.isalnum() for sign in self.text[span.start : span.end])
        ]

    def _without_keys(self, span: Span) -> Iterator[Span]:
        """What a find holds beside keys such as `user=`, which stay as they are."""
        at = span.start
        if span.kind not in (UNREADABLE, "URL"):
            for key in _KEY.finditer(self.text, span.start, span.end):
                before = self.text[at : key.start()].rstrip()
                if before:
                    yield span._replace(start=at, end=at + len(before))
                at = key.end()
        if span.end > at:
            yield span._replace(start=at)

    def _number(self, start: int) -> Field | None:
        """The field of a number that this place is in: of a number all is hidden or nothing."""
        place = bisect.bisect_right(self._starts, start) - 1
        field = self._regions[place][2] if place >= 0 else None
        return field if field is not None and field.bare and start < field.end else None

    def _bare(self, field: Field) -> tuple[int, int]:
        said = self.text[field.start : field.end]
        start = field.start + len(said) - len(said.lstrip())
        return start, start + len(said.strip())

    def _touched(self, span: Span) -> Iterator[tuple[int, int, Field | None]]:
        first = max(0, bisect.bisect_right(self._starts, span.start) - 1)
        for region in (self._regions[place] for place in range(first, len(self._regions))):
            start, end, _ = region
            if start >= span.end:
                return
            if end > max(span.start, start):
                yield region


def _between(fields: list[Field], start: int, end: int) -> list[Field]:
    return fields[bisect.bisect_left(fields, (start,)) : bisect.bisect_left(fields, (end,))]


def _tabs(said: str) -> str:
    return re.sub(r"[^\r\n]", "\t", said)


def _islands(text: str, told: TextFormat) -> list[Island]:
    """Where the text is written in fields, in order and without overlap."""
    if told == TextFormat.JSON and (island := json_text.whole(text)):
        return [island]
    if told == TextFormat.XML and (island := xml_text.whole(text)):
        return [island]
    if told == TextFormat.CSV:
        return table.islands(text)
    found = [
        *json_text.within(text, 0, len(text)),
        *sql.within(text, 0, len(text)),
        *table.drawn(text, 0, len(text)),
    ]
    kept, end = list[Island](), 0
    for island in sorted(found, key=lambda island: (island.start, -island.end)):
        if island.start >= end:
            kept.append(island)
            end = island.end
    return kept
