"""The redacted copy of a text: a placeholder for each stretch that is hidden, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from omnigov.contracts import Span


class Stretch(NamedTuple):
    """Characters `start` … `end` − 1 of the original, and what stands in their place."""

    start: int
    end: int
    placeholder: str


class Copy:
    """The text with placeholders. Stretches are in order and don't overlap."""

    def __init__(self, original: str, stretches: Sequence[Stretch]) -> None:
        parts, at, length = list[str](), 0, 0
        self.shown: list[Span] = []
        """Of each stretch: where its placeholder is."""
        for start, end, placeholder in stretches:
            parts += [original[at:start], placeholder]
            length += start - at
            self.shown.append(Span(start=length, end=length + len(placeholder)))
            length += len(placeholder)
            at = end
        self.text = "".join([*parts, original[at:]])
