"""What the model is given of one medium, all of it redacted: pages as pictures, frames, sound, and text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
from PIL import Image

from omnigov.contracts import Interval, Pages

LONGEST = 1024  # pixels of a page's longer side: the tower takes 224, a heat map 768
RATE = 16_000
"""Samples a second of what is heard."""
WINDOW = 81_920
"""Samples that are heard at once: 5.12 seconds."""
HEARD = 6 * WINDOW
"""Samples of one recording that are heard at most: about 31 seconds. Its transcript is read beside them."""
FRAMES = 8
"""Frames of one clip that are seen at most: at even distances."""
SECONDS = 24
"""Seconds of a clip's sound that are heard at most, one by one: of a longer one at even distances."""
LETTERS_A_TOKEN = 16  # more of a text is not looked at; English has 4 letters a token, Japanese less than 1


@dataclass(frozen=True, eq=False)
class Page:
    """One page or frame of a medium as a picture. It may have fewer pixels than the page, which is `size`."""

    part: int
    pixels: np.ndarray  # RGB, [height, width, 3], uint8
    size: tuple[int, int]  # width and height
    at: Interval | None = None
    """Of a frame: the stretch of the clip that it stands for; it is shown in its middle."""


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
    clip: bool = False
    """Its pages are frames, and its sound stands between them, second by second."""

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

    @classmethod
    def of_clip(
        cls, frames: Sequence[Page], windows: Sequence[Window], transcript: str, most_tokens: int
    ) -> Self:
        """Frames of a clip with their stretches, its sound in seconds, and its redacted transcript."""
        text = transcript[: most_tokens * LETTERS_A_TOKEN]
        return cls(pages=tuple(frames), text=text, windows=tuple(windows), clip=True)


def stretches_seen(milliseconds: int, frames: int) -> list[Interval]:
    """The stretches of a clip of so many frames that one frame each stands for, in order, without gaps."""
    count = max(1, min(FRAMES, frames, milliseconds))
    edges = [round(number * milliseconds / count) for number in range(count + 1)]
    return [Interval(start=start, end=end) for start, end in pairwise(edges)]


def watch(
    frames: Iterable[tuple[int, float, Callable[[], np.ndarray]]], milliseconds: int, count: int
) -> tuple[Page, ...]:
    """The frames that are seen of a clip of so many milliseconds and frames; they come one after the other.

    Each comes as its number, the milliseconds at which it begins to be shown, and what makes its pixels:
    that is asked of the chosen ones alone. A stretch is stood for by the frame that is shown in its middle.
    Several stretches have one frame where it stands for long; a clip that turns out to have none gives none.
    """
    stretches = stretches_seen(milliseconds, count)
    pages: list[Page] = []
    shown: tuple[int, Callable[[], np.ndarray]] | None = None

    def take(before: float) -> None:
        while shown is not None and len(pages) < len(stretches):
            at = stretches[len(pages)]
            if (at.start + at.end) / 2 >= before:
                return
            number, made = shown
            if pages and pages[-1].part == number:
                pages.append(replace(pages[-1], at=at))
                continue
            pixels = made()
            pages.append(Page(number, _small(pixels), (pixels.shape[1], pixels.shape[0]), at))

    for number, begins, made in frames:
        take(begins)
        shown = (number, made)
    take(float("inf"))
    return tuple(pages)


def _small(pixels: np.ndarray) -> np.ndarray:
    scale = LONGEST / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))


def seconds_heard(samples: int) -> list[int]:
    """Where those seconds begin of a clip's sound of so many samples that the model hears, in order."""
    whole = -(-samples // RATE)
    if whole <= SECONDS:
        return [RATE * second for second in range(whole)]
    return [RATE * round(number * (whole - 1) / (SECONDS - 1)) for number in range(SECONDS)]


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
    return _windows(blocks, windows_heard(samples), WINDOW)


def listen_to_clip(blocks: Iterable[np.ndarray], samples: int) -> tuple[Window, ...]:
    """As `listen`, of a clip's sound: seconds."""
    return _windows(blocks, seconds_heard(samples), RATE)


def _windows(blocks: Iterable[np.ndarray], starts: Sequence[int], length: int) -> tuple[Window, ...]:
    pieces: list[list[np.ndarray]] = [[] for _ in starts]
    at = 0
    for block in blocks:
        for start, piece in zip(starts, pieces, strict=True):
            part = block[max(0, start - at) : max(0, start + length - at)]
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
