"""One analyser for the tests of language, and what it or the rules alone find in a text."""

from __future__ import annotations

import functools

from omnigov.contracts import RedactionProfile
from workers.redaction.core.normal import normal
from workers.redaction.language import rules
from workers.redaction.language.analysis import Analyser

PERSONS = RedactionProfile(entities=("PERSON",))


@functools.cache
def shared() -> Analyser:
    return Analyser()


def found(text: str, analyser: Analyser | None = None) -> list[str]:
    row = normal(text).text
    hidden = {
        place
        for span in (analyser or shared()).find([row], PERSONS)[0]
        for place in range(span.start, span.end)
    }
    marked = "".join(sign if place in hidden else "\0" for place, sign in enumerate(row))
    return [run for run in marked.split("\0") if run]


def found_by_rules(text: str, kind: str) -> list[str]:
    """What a kind's spans cover in the text, joined where they overlap."""
    row = normal(text).text
    covered = [False] * len(row)
    for span in rules.find(row):
        if span.kind == kind:
            covered[span.start : span.end] = [True] * (span.end - span.start)
    runs = "".join(sign if hit else "\0" for sign, hit in zip(row, covered, strict=True))
    return [run for run in runs.split("\0") if run]
