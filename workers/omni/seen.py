"""What the model is given of one medium, all of it redacted: pages as pictures, and text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from omnigov.contracts import Pages

LONGEST = 1024  # pixels of a page's longer side: the tower takes 224, a heat map 768
LETTERS_A_TOKEN = 16  # more of a text is not looked at; English has 4 letters a token, Japanese less than 1


@dataclass(frozen=True, eq=False)
class Page:
    """One page of a medium as a picture. It may have fewer pixels than the page, which is `size`."""

    part: int
    pixels: np.ndarray  # RGB, [height, width, 3], uint8
    size: tuple[int, int]  # width and height


@dataclass(frozen=True, eq=False)
class Seen:
    """Pages, and as much of a text as could be read.

    What is said of a lone `picture` is said as it was before there were documents and texts.
    """

    pages: tuple[Page, ...] = ()
    text: str = ""
    picture: bool = False

    @classmethod
    def of_picture(cls, pixels: np.ndarray) -> Self:
        return cls(pages=(Page(0, pixels, (pixels.shape[1], pixels.shape[0])),), picture=True)

    @classmethod
    def of_text(cls, text: str, most_tokens: int, pages: Sequence[Page] = ()) -> Self:
        return cls(pages=tuple(pages), text=text[: most_tokens * LETTERS_A_TOKEN])


def pages_seen(wanted: Pages, count: int) -> list[int]:
    """Which of a document's `count` pages are shown to the model, from 0, in order."""
    most = min(wanted.most, count)
    if wanted.which == "first" or most < 2:
        return list(range(most))
    if wanted.which == "first_and_last":
        back = most // 2
        return [*range(most - back), *range(count - back, count)]
    return [round(number * (count - 1) / (most - 1)) for number in range(most)]
