"""What the model is given of one medium, all of it redacted: pages as pictures, sound, and text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from omnigov.contracts import Interval, Pages

LONGEST = 1024  # pixels of a page's longer side: the tower takes 224, a heat map 768
RATE = 16_000
"""Samples a second of what is heard."""
WINDOW = 81_920
"""Samples that are heard at once: 5.12 seconds."""
HEARD = 6 * WINDOW
"""Samples of one recording that are heard at most: about 31 seconds. Its transcript is read beside them."""
LETTERS_A_TOKEN = 16  # more of a text is not looked at; English has 4 letters a token, Japanese less than 1


@dataclass(frozen=True, eq=False)
class Page:
    """One page of a medium as a picture. It may have fewer pixels than the page, which is `size`."""

    part: int
    pixels: np.ndarray  # RGB, [height, width, 3], uint8
    size: tuple[int, int]  # width and height


@dataclass(frozen=True, eq=False)
class Window:
    """Some seconds of a recording that are heard at once."""

    start: int  # samples from the recording's beginning
    samples: np.ndarray  # float32, −1 … 1, RATE a second

    @property
    def place(self) -> Interval:
        return self.part(0, len(self.samples))

    def part(self, begin: int, end: int) -> Interval:
        """The samples from … to before … of this window, in the recording's milliseconds."""
        return Interval(
            start=(self.start + begin) * 1000 // RATE,
            end=max(
                (self.start + min(end, len(self.samples))) * 1000 // RATE,
                (self.start + begin) * 1000 // RATE + 1,
            ),
        )


@dataclass(frozen=True, eq=False)
class Seen:
    """Pages, what is heard, and as much of a text as could be read.

    What is said of a lone `picture` is said as it was before there were documents and texts.
    """

    pages: tuple[Page, ...] = ()
    text: str = ""
    picture: bool = False
    windows: tuple[Window, ...] = ()

    @classmethod
    def of_picture(cls, pixels: np.ndarray) -> Self:
        return cls(pages=(Page(0, pixels, (pixels.shape[1], pixels.shape[0])),), picture=True)

    @classmethod
    def of_text(cls, text: str, most_tokens: int, pages: Sequence[Page] = ()) -> Self:
        return cls(pages=tuple(pages), text=text[: most_tokens * LETTERS_A_TOKEN])

    @classmethod
    def of_sound(
        cls, windows: Sequence[Window], transcript: str, most_tokens: int, pages: Sequence[Page] = ()
    ) -> Self:
        """A recording, its redacted transcript, and pictures that belong to it."""
        return cls(
            pages=tuple(pages), text=transcript[: most_tokens * LETTERS_A_TOKEN], windows=tuple(windows)
        )


def windows_heard(samples: int) -> list[int]:
    """Where those windows begin of a recording of so many samples that the model hears, from 0, in order.

    All of a short recording; of a longer one as many, at even distances.
    """
    most = HEARD // WINDOW
    if samples <= HEARD:
        return list(range(0, samples, WINDOW))
    return [round(number * (samples - WINDOW) / (most - 1)) for number in range(most)]


def listen(blocks: Iterable[np.ndarray], samples: int) -> tuple[Window, ...]:
    """The windows that are heard of a recording of so many samples, which come in blocks; one is held.

    A recording that turns out shorter has fewer or shorter ones.
    """
    starts = windows_heard(samples)
    pieces: list[list[np.ndarray]] = [[] for _ in starts]
    at = 0
    for block in blocks:
        for start, piece in zip(starts, pieces, strict=True):
            part = block[max(0, start - at) : max(0, start + WINDOW - at)]
            if len(part):
                piece.append(part)
        at += len(block)
    return tuple(
        Window(start, np.concatenate(piece).astype(np.float32))
        for start, piece in zip(starts, pieces, strict=True)
        if piece
    )


def pages_seen(wanted: Pages, count: int) -> list[int]:
    """Which of a document's `count` pages are shown to the model, from 0, in order."""
    most = min(wanted.most, count)
    if wanted.which == "first" or most < 2:
        return list(range(most))
    if wanted.which == "first_and_last":
        back = most // 2
        return [*range(most - back), *range(count - back, count)]
    return [round(number * (count - 1) / (most - 1)) for number in range(most)]
