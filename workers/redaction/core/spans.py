"""A stretch of text that has to be hidden, and the rules that find one by its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import regex

TIMEOUT = 5.0  # seconds; a hostile text must not hold a worker


class Span(NamedTuple):
    """Characters `start` … `end` − 1 of a text are of this kind."""

    start: int
    end: int
    kind: str
    score: float


def merged(spans: list[Span]) -> list[Span]:
    """Overlapping spans as one: as wide as all of them together, of the surest one's kind."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start < joined[-1].end:
            before = joined.pop()
            surest = max(before, span, key=lambda one: (one.score, one.end - one.start))
            joined.append(Span(before.start, max(before.end, span.end), surest.kind, surest.score))
        else:
            joined.append(span)
    return joined


_LONG_NUMBER = regex.compile(r"\d(?:[._/\-]?\d){12,}")


def whole_numbers(text: str, spans: list[Span]) -> list[Span]:
    """The spans, each as wide as the long number that it lies in: no card is cut into a date and a rest."""
    numbers = list(_LONG_NUMBER.finditer(text, timeout=TIMEOUT)) if spans else []
    for number in numbers:
        start, end = number.span()
        spans = [
            span._replace(start=min(span.start, start), end=max(span.end, end))
            if span.start < end and start < span.end
            else span
            for span in spans
        ]
    return spans


@dataclass(frozen=True)
class Rule:
    """A pattern whose group `value`, or else the whole, is of this kind where `holds` says so."""

    kind: str
    pattern: regex.Pattern[str]
    score: float
    holds: Callable[[str], bool] | None = None

    def find(self, text: str) -> Iterator[Span]:
        for hit in self.pattern.finditer(text, overlapped=self.holds is not None, timeout=TIMEOUT):
            group = "value" if "value" in self.pattern.groupindex else 0
            if hit.end(group) > hit.start(group) and (self.holds is None or self.holds(hit.group(group))):
                yield Span(hit.start(group), hit.end(group), self.kind, self.score)
