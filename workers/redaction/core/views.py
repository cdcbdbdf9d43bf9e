"""A text as it is meant, behind its escapes, with the way back to the characters that are written.

`Ren\\u00e9`, `Ren%C3%A9`, `Ren&eacute;` and UmVuw6k= all mean René. A view holds what is meant; each of its
characters knows the written ones that it comes from, so that what is found in it is hidden there, whole
escapes and never half of one.
"""

from __future__ import annotations

import bisect
import itertools
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Writer = Callable[[str, bool], str | None]


@dataclass(frozen=True)
class Coat:
    """Characters `start` … `end` − 1 are written so that no placeholder can stand among them as it is.

    `write` makes of a text what is written for it, or None where it does not fill a group of base64 and does
    not stand at the coat's end, which is told.
    """

    start: int
    end: int
    write: Writer


class Piece(NamedTuple):
    """Characters `start` … `end` − 1 mean `text`; its character i comes from `first[i]` … `last[i]` − 1."""

    start: int
    end: int
    text: str
    first: Sequence[int]
    last: Sequence[int]
    write: Writer | None = None


@dataclass(frozen=True)
class View:
    """`text` is what is meant; its character i comes from the original's `first[i]` … `last[i]` − 1."""

    text: str
    first: Sequence[int]
    last: Sequence[int]
    coats: tuple[Coat, ...] = ()

    @classmethod
    def of(cls, text: str) -> View:
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def then(self, pieces: Sequence[Piece]) -> View:
        """This view, with what the pieces mean in their stead. They are in order and don't overlap."""
        if not pieces:
            return self
        parts, first, last, coats, at = list[str](), array("L"), array("L"), list(self.coats), 0
        for piece in pieces:
            parts += [self.text[at : piece.start], piece.text]
            first.extend(self.first[at : piece.start])
            last.extend(self.last[at : piece.start])
            first.extend(array("L", [self.first[place] for place in piece.first]))
            last.extend(array("L", [self.last[place - 1] for place in piece.last]))
            if piece.write is not None and piece.end > piece.start:
                coats.append(Coat(self.first[piece.start], self.last[piece.end - 1], piece.write))
            at = piece.end
        parts.append(self.text[at:])
        first.extend(self.first[at:])
        last.extend(self.last[at:])
        return View("".join(parts), first, last, tuple(sorted(coats, key=lambda coat: coat.start)))

    def place(self, original: int) -> int:
        """Where the original's character stands here, or the next one that does."""
        return bisect.bisect_left(self.first, original)

    def coated(self, start: int) -> Coat | None:
        """The coat that the original's character `start` is in."""
        place = bisect.bisect_right(self.coats, start, key=lambda coat: coat.start) - 1
        return self.coats[place] if place >= 0 and start < self.coats[place].end else None

    def cut(self, start: int, end: int) -> list[tuple[int, int]]:
        """Characters `start` … `end` − 1 of the view, cut where a coat begins or ends."""
        edges = {start, end}
        if self.coats and end > start:
            low, high = self.first[start], self.last[end - 1]
            at = max(0, bisect.bisect_right(self.coats, low, key=lambda coat: coat.start) - 1)
            for coat in itertools.takewhile(lambda coat: coat.start < high, self.coats[at:]):
                edges |= {
                    place for place in (self.place(coat.start), self.place(coat.end)) if start < place < end
                }
        return list(itertools.pairwise(sorted(edges)))

    def whole(self, start: int, end: int, coat: Coat) -> tuple[int, int]:
        """The view's characters that are written together with `start` … `end` − 1, in groups of base64."""
        while start and self.last[start - 1] > self.first[start] and self.first[start - 1] >= coat.start:
            start -= 1
        while end < len(self.text) and self.first[end] < self.last[end - 1] and self.first[end] < coat.end:
            end += 1
        return start, end
