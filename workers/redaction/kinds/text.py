"""Plain text: each find is replaced by its kind and a number, the same for the same value or person."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from omnigov import contracts
from omnigov.contracts import Frozen, Hook, Quarantined, RedactionProfile, TextFormat, digest_of
from workers.media import text_format
from workers.redaction.core import deadline, sources
from workers.redaction.core.normal import normal
from workers.redaction.core.spans import Span, merged
from workers.redaction.core.values import FolderPseudonyms, Pseudonyms, same
from workers.redaction.kinds.copy_looks import bare, blanked
from workers.redaction.kinds.picture import silent
from workers.redaction.kinds.structured.layout import Layout
from workers.redaction.language.analysis import Analyser, digest, shared
from workers.redaction.masking.looks import LOOKS_MAX

CHUNK = 1000  # characters that the analysers see at once,
OVERLAP = 120  # and of these so many again with the next: no name is longer
AT_ONCE = 256  # lines
SECONDS, CHARACTERS = 120, 100  # a text has so long, and a second more for so many


def seconds_for(text: str) -> float:
    """How long a text's analysis may take: several times what the slowest takes on one busy core."""
    return SECONDS + len(text) / CHARACTERS


class TextFinding(Frozen):
    """What was hidden in the original's text: where, of what kind. Never the value."""

    kind: str
    place: contracts.Span
    score: int
    pseudonym: str


class TextResult(Frozen):
    media_type: str = "text/plain; charset=utf-8"
    digest: str
    findings: tuple[TextFinding, ...]
    revision: str
    duration_ms: int


class _Revision(Frozen):
    profile: RedactionProfile
    rules: str


class _Row(NamedTuple):
    offset: int
    text: str


class TextRedactor:
    """Redacts texts; the numbers go on from one text to the next, so that a folder is one case.

    Where rows are not `of_one_text` but were read in a picture, none is the value of a label above it: that
    may be hidden there already. Raises `Quarantined` where the analysis does not load, or does not find what
    it must.
    """

    def __init__(
        self, profile: RedactionProfile, pseudonyms: Pseudonyms | None = None, *, of_one_text: bool = True
    ) -> None:
        self._profile = profile
        self._of_one_text = of_one_text
        self._analyser = _loaded()
        self._pseudonyms = pseudonyms or FolderPseudonyms()
        self.revision = digest_of(_Revision(profile=profile, rules=f"{digest()} {sources.digest(__file__)}"))

    def redact(
        self, text: str, *, table: bool = False, seconds: float | None = None
    ) -> tuple[str, TextResult]:
        """The text with placeholders such as `[PERSON_1]`, and what they stand for by place and kind.

        What it is written as is told from it, unless it is said to be a `table`: each value stays where it
        is, and is told by its key or its column's head. With `seconds` it is analysed in a child process,
        which is ended after them. Raises `Quarantined` where an analyser stops with an error, or is ended, or
        finds more at each look at the copy.
        """
        started = time.monotonic()
        told = TextFormat.CSV if table else text_format.told(text)
        layout, found, whole = (
            self._analysed(text, told) if seconds is None else self._within(seconds, text, told)
        )
        parts, findings, last = list[str](), list[TextFinding](), 0
        for span in found:
            value = layout.said(span.start, span.end)
            if span.kind == "PERSON":
                # A family's name goes by the number of its only bearer in this text.
                value = whole.get(same("PERSON", value), value)
            pseudonym = self._pseudonyms.of(span.kind, value)
            parts += [text[last : span.start], layout.written(span.start, span.end, f"[{pseudonym}]")]
            findings.append(
                TextFinding(
                    kind=span.kind,
                    place=contracts.Span(start=span.start, end=span.end),
                    score=round(span.score * 1_000_000),
                    pseudonym=pseudonym,
                )
            )
            last = span.end
        # Half a surrogate pair can't be written.
        copy = "".join([*parts, text[last:]]).encode("utf-8", "replace").decode()
        result = TextResult(
            digest=hashlib.sha256(copy.encode()).hexdigest(),
            findings=tuple(findings),
            revision=self.revision,
            duration_ms=round((time.monotonic() - started) * 1000),
        )
        return copy, result

    def _analysed(self, text: str, told: TextFormat) -> tuple[Layout, list[Span], dict[str, str]]:
        layout = self.layout(text, told)
        found = self.find(layout)
        persons = self.persons(layout, found)
        return layout, self._and_again(layout, text, told, found), persons

    def _and_again(self, layout: Layout, text: str, told: TextFormat, found: list[Span]) -> list[Span]:
        """With what is found in the copy, where the profile asks for a second look."""
        hidden = np.zeros(len(text), np.bool_)
        for span in found:
            hidden[span.start : span.end] = True
        for _ in range(LOOKS_MAX if self._profile.second_look else 0):
            copy = blanked(text, layout, ((span.start, span.end) for span in found))
            fresh = list[Span]()
            for span in self.find(self.layout(copy, told)):
                for start, end in bare(text, hidden, *layout.whole(span.start, span.end)):
                    fresh.append(Span(start, end, span.kind, span.score))
                    hidden[start:end] = True
            if not fresh:
                return found
            found = sorted([*found, *fresh], key=lambda span: span.start)
        if self._profile.second_look:
            raise still_found()
        return found

    def _within(
        self, seconds: float, text: str, told: TextFormat
    ) -> tuple[Layout, list[Span], dict[str, str]]:
        def work() -> tuple[list[Span], dict[str, str], list[tuple[int, int, str, str]]]:
            layout, found, whole = self._analysed(text, told)
            return found, whole, layout.kept()

        try:
            found, whole, kept = deadline.within(seconds, work)
        except TimeoutError as error:
            raise Quarantined(
                "text_too_slow",
                f"The text's analysis took longer than {seconds / 60:.0f} minutes and was ended. Split the "
                "text, or take out what repeats without end; else a person has to redact it by hand.",
            ) from error
        except ChildProcessError as error:
            raise _stopped(error) from error
        layout = self.layout(text, told)
        layout.keep(kept)  # what the child noted of the finds
        return layout, [Span(*span) for span in found], whole

    def layout(self, text: str, told: TextFormat) -> Layout:
        """See `laid_out`."""
        return laid_out(text, told, self._profile)

    def find(self, layout: Layout, hook: Hook = silent) -> list[Span]:
        """What is to be hidden, by places in the original, in order and without overlap.

        Each place is whole: no escape, and no number that has to stay one, is cut by it. What it means is
        `layout.said`, and what is put there is `layout.written`. The hook is told of each piece that was
        read. Raises `Quarantined` where an analyser stops with an error.
        """
        try:
            return layout.places(self._spans(layout, hook))
        except Exception as error:
            raise _stopped(error) from error

    def persons(self, layout: Layout, found: list[Span]) -> dict[str, str]:
        """Whom each name in these finds mentions: a family's name its only bearer in this text."""
        try:
            return self._analyser.persons(layout.text, layout.seen(found))
        except Exception as error:
            raise _stopped(error) from error

    def _spans(self, layout: Layout, hook: Hook) -> list[Span]:
        """What is hidden of what the text means, in order and without overlap.

        A find is carried to each other mention.
        """
        spans = list(self._in_rows(_rows(layout.lines), hook))
        for start, end in layout.texts():
            spans += self._in_rows(_rows(layout.text[start:end], start), silent)
        spans = layout.hidden([*spans, *self._by_field(layout, hook), *layout.by_pairs])
        if "PERSON" in self._profile.entities:
            spans += self._analyser.mentions(layout.text, spans)
        spans += _carried(layout.text, spans)
        return merged(layout.hidden(spans))

    def _in_rows(self, rows: list[_Row], hook: Hook) -> Iterator[Span]:
        for begin in range(0, len(rows), AT_ONCE):
            some = rows[begin : begin + AT_ONCE]
            hook("find:text", None, begin / len(rows))
            forms = [normal(row.text) for row in some]
            found = self._analyser.find(
                [form.text for form in forms], self._profile, of_one_text=self._of_one_text
            )
            for row, form, hits in zip(some, forms, found, strict=True):
                yield from (
                    Span(
                        row.offset + form.first[hit.start],
                        row.offset + form.last[hit.end - 1],
                        hit.kind,
                        hit.score,
                    )
                    for hit in hits
                    if hit.end > hit.start
                )

    def _by_field(self, layout: Layout, hook: Hook) -> Iterator[Span]:
        alone = list(layout.alone())
        for begin in range(0, len(alone), AT_ONCE):
            some = alone[begin : begin + AT_ONCE]
            hook("find:text", None, None)
            forms = [normal(said) for said, _, _, _ in some]
            found = self._analyser.find([form.text for form in forms], self._profile)
            for (_, head, starts, number), form, hits in zip(some, forms, found, strict=True):
                for hit in hits:
                    first, last = max(form.first[hit.start], head), form.last[hit.end - 1]
                    if last > first and (not number or layout.of_numbers(hit)):
                        yield from (
                            Span(start - head + first, start - head + last, hit.kind, hit.score)
                            for start in starts
                        )


def laid_out(text: str, told: TextFormat, profile: RedactionProfile) -> Layout:
    """How the text is laid out: its values, and what its escapes mean. It loads no model."""
    try:
        return Layout(text, told, frozenset(profile.entities))
    except Exception as error:
        raise _stopped(error) from error


def still_found() -> Quarantined:
    """Each look at the copy found more."""
    return Quarantined(
        "still_found",
        f"Personal data was still found in the redacted text after {LOOKS_MAX} looks. A person has to "
        "redact it by hand.",
    )


def _stopped(error: Exception) -> Quarantined:
    """Whatever the reason, not all of the text was looked at.

    Only the error's kind is named: its text may hold what was read.
    """
    return Quarantined(
        "detector_failed",
        f"The text's analysis stopped with {type(error).__name__}. Try again; if it happens again, a person "
        "has to redact the text by hand.",
    )


def _loaded() -> Analyser:
    try:
        return shared()
    except Quarantined:
        raise
    except Exception as error:
        # Whatever the reason, without its models no text is looked at; what the file system says of them is
        # not to be taken for the text's own fault.
        raise Quarantined(
            "detector_missing",
            f"The text's analysis did not load ({type(error).__name__}). Run `omnigov doctor`, mend what it "
            "names, and try again.",
        ) from error


def _rows(text: str, offset: int = 0) -> list[_Row]:
    """Lines, and of long lines pieces that overlap, each with where it begins."""
    rows = list[_Row]()
    for line in text.splitlines(keepends=True):
        words = line.rstrip()
        if words:
            starts = [0] if len(words) <= CHUNK else range(0, len(words) - OVERLAP, CHUNK - OVERLAP)
            rows += [_Row(offset + start, words[start : start + CHUNK]) for start in starts]
        offset += len(line)
    return rows


def _carried(text: str, spans: list[Span]) -> list[Span]:
    """Every other place at which a value stands that was found as a person's name, address or number."""
    values = {(text[span.start : span.end].strip(), span.kind): span.score for span in spans}
    carried = []
    for (value, kind), score in values.items():
        if not _can_be_carried(value):
            continue
        at = text.find(value)
        while at >= 0:
            if _stands_alone(text, at, at + len(value)):
                carried.append(Span(at, at + len(value), kind, score))
            at = text.find(value, at + len(value))
    return carried


def _can_be_carried(value: str) -> bool:
    """Not a single short word, which may be an ordinary one elsewhere."""
    return len(value) >= (5 if value.isascii() else 3)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Not the middle of a longer Latin word or number."""

    def joined(one: str, other: str) -> bool:
        return one.isascii() and other.isascii() and one.isalnum() and other.isalnum()

    before = start > 0 and joined(text[start - 1], text[start])
    after = end < len(text) and joined(text[end - 1], text[end])
    return not before and not after
