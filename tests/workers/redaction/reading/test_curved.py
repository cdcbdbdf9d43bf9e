"""What runs along the rim of a round thing is laid straight and read, above and below."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import Limits
from tests.bad_files import saved
from tests.workers.redaction.conftest import TEXT_ONLY, dejavu
from workers.media.picture import Pixels
from workers.redaction.kinds.picture import redact
from workers.redaction.reading import curved

LARGER = 4  # times that a badge is drawn larger than it is shown


def badge(above: str, below: str, *, size: int = 400, radius: int = 120, letters: int = 18) -> Image.Image:
    """A round badge with words along its upper and its lower rim, as they are read from below."""
    drawn = Image.new("RGB", (size * LARGER, size * LARGER), (200, 190, 170))
    middle, reach = size * LARGER // 2, radius * LARGER
    edge = (middle - reach, middle - reach, middle + reach, middle + reach)
    ImageDraw.Draw(drawn).ellipse(edge, fill=(30, 40, 120), outline=(220, 200, 60), width=3 * LARGER)
    font, rim = dejavu(letters * LARGER), (radius - letters) * LARGER
    for words, way in ((above, 1), (below, -1)):
        angle = -way * (math.pi / 2 + font.getlength(words) / rim / 2)
        for sign in words:
            half = font.getlength(sign) / rim / 2
            angle += way * half
            stamp = Image.new("L", (letters * LARGER * 2, letters * LARGER * 2))
            ImageDraw.Draw(stamp).text((stamp.width / 2, stamp.height / 2), sign, 255, font, anchor="mm")
            stamp = stamp.rotate(-math.degrees(angle) - way * 90, Image.Resampling.BICUBIC, expand=True)
            place = (
                round(middle + rim * math.cos(angle) - stamp.width / 2),
                round(middle + rim * math.sin(angle) - stamp.height / 2),
            )
            drawn.paste((240, 240, 240), place, stamp)
            angle += way * half
    return drawn.resize((size, size), Image.Resampling.LANCZOS)


def hidden_share(page: Image.Image, area: tuple[int, int, int, int]) -> float:
    _, result = redact(saved(page, "PNG"), TEXT_ONLY, Limits())
    hidden = np.zeros((page.height, page.width), bool)
    for finding in result.findings:
        hidden[finding.area.top : finding.area.bottom, finding.area.left : finding.area.right] = True
    left, top, right, bottom = area
    return float(hidden[top:bottom, left:right].mean())


@pytest.mark.parametrize("part", [(160, 87, 240, 110), (160, 290, 240, 313)], ids=["above", "below"])
def test_names_along_a_rim_are_hidden(part: tuple[int, int, int, int]) -> None:
    assert hidden_share(badge("MARY O'CONNOR", "ELIZABETH HART"), part) > 0.95


def test_a_rim_that_was_read_well_and_is_nobodys_is_not_hidden_whole() -> None:
    assert hidden_share(badge("SPRING WATER", "NO SUGAR ADDED"), (70, 160, 330, 230)) == 0.0


class Blind:
    """Reads nothing, and keeps what it was to read."""

    def __init__(self) -> None:
        self.asked: list[Pixels] = []

    def read(self, pixels: Pixels) -> list[object]:
        self.asked.append(pixels)
        return []


def test_pictures_without_circles_are_not_read_twice() -> None:
    reader = Blind()
    assert curved.rims(np.full((300, 400, 3), 200, np.uint8), reader) == []  # type: ignore[arg-type]
    assert reader.asked == []
    assert curved.rims(np.asarray(badge("A", "B")), reader) == []  # type: ignore[arg-type]
    assert reader.asked


def test_a_circle_too_small_for_letters_that_can_be_read_is_not_looked_along() -> None:
    small = np.asarray(badge("MARY O'CONNOR", "ELIZABETH HART", size=80, radius=24, letters=4))
    assert not curved._circles(small)
    assert curved._circles(
        np.asarray(badge("MARY O'CONNOR", "ELIZABETH HART", size=120, radius=36, letters=6))
    )
