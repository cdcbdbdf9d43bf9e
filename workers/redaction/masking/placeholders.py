"""The redacted copy of a text: a placeholder for each hidden stretch, and where all else comes from."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
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
        # What is left of the original: where it begins and ends in the copy, and where it came from.
        self._begins, self._ends, self._origins = [0], list[int](), [0]
        for start, end, placeholder in stretches:
            parts += [original[at:start], placeholder]
            length += start - at
            self._ends.append(length)
            self.shown.append(Span(start=length, end=length + len(placeholder)))
            length += len(placeholder)
            at = end
            self._begins.append(length)
            self._origins.append(at)
        self.text = "".join([*parts, original[at:]])
        self._ends.append(len(self.text))

    def origins(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Which characters of the original the copy's characters `start` … `end` − 1 show."""
        for place in range(bisect.bisect_right(self._begins, start) - 1, len(self._begins)):
            begins = self._begins[place]
            if begins >= end:
                return
            low, high = max(start, begins), min(end, self._ends[place])
            if high > low:
                yield self._origins[place] + low - begins, self._origins[place] + high - begins
