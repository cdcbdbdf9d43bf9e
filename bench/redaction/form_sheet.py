"""A sheet of paper that remembers where the ink of each value went, through whatever is done to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

EITHER = "EITHER"  # the kind of a day or an hour that is nobody's birthday: hidden or not, both are right
INK = 100  # of 255: from here a pixel of a drawn sign counts as its ink


@dataclass(frozen=True)
class Text:
    """Something written: `kind` is None for what is not personal."""

    kind: str | None
    words: str
    label: bool = False


@dataclass
class Sheet:
    """`owner` holds for each pixel the text whose ink is there, counted from 1 in `texts`; 0 is paper."""

    image: Image.Image
    owner: npt.NDArray[np.uint8]
    texts: list[Text] = field(default_factory=list)


Font = ImageFont.FreeTypeFont


class Pen:
    """Writes on a sheet; `print_font` is for what the form's maker set, `hand` for what was filled in."""

    def __init__(self, width: int, height: int, size: int, print_font: str, hand: str) -> None:
        self.sheet = Sheet(Image.new("RGB", (width, height), "white"), np.zeros((height, width), np.uint8))
        self.size = size
        self._draw = ImageDraw.Draw(self.sheet.image)
        self._print, self._hand = print_font, hand

    def label(self, x: float, y: float, words: str, scale: float = 1.0) -> float:
        """Writes what belongs to the form; returns where it ends."""
        return self._write(x, y, Text(None, words, label=True), self._font(self._print, scale), "black")

    def value(self, x: float, y: float, words: str, kind: str | None) -> float:
        """Writes what someone filled in; returns where it ends."""
        return self._write(x, y, Text(kind, words), self._font(self._hand, 1.0), (20, 20, 50))

    def wide(self, words: str, *, hand: bool = False, scale: float = 1.0) -> float:
        return float(self._font(self._hand if hand else self._print, scale).getlength(words))

    def line(self, *corners: float, width: int = 1) -> None:
        self._draw.line(corners, fill=(60, 60, 60), width=width)

    def frame(self, left: float, top: float, right: float, bottom: float, width: int = 1) -> None:
        self._draw.rectangle((left, top, right, bottom), outline=(60, 60, 60), width=width)

    def _font(self, path: str, scale: float) -> Font:
        return ImageFont.truetype(path, max(8, round(self.size * scale)))

    def _write(self, x: float, y: float, text: Text, font: Font, colour: str | tuple[int, int, int]) -> float:
        self._draw.text((x, y), text.words, font=font, fill=colour)
        mask = Image.new("L", self.sheet.image.size)
        ImageDraw.Draw(mask).text((x, y), text.words, font=font, fill=255)
        self.sheet.texts.append(text)
        if len(self.sheet.texts) > 255:
            raise ValueError("a sheet holds 255 texts")
        self.sheet.owner[np.asarray(mask) >= INK] = len(self.sheet.texts)
        return x + float(font.getlength(text.words))
