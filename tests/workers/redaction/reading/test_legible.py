"""What of the boxes is writing, and what of it was read badly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omnigov.contracts import RedactionProfile
from workers.redaction.core.picture import Legibility, Picture
from workers.redaction.reading import legible
from workers.redaction.reading.ocr import Line

PICTURE = Picture(np.zeros((600, 512, 3), np.uint8), RedactionProfile())


def line(text: str, score: float, thick: float, length: float, *, doubt: float = 0.0) -> Line:
    quad = np.array([[0, 0], [length, 0], [length, thick], [0, thick]], np.float32)
    edges = np.linspace(0, 1, len(text) + 1, dtype=np.float32)
    return Line(quad, text, score, edges, vertical=False, upside_down=False, doubt=doubt)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (line("十七★", 0.36, 84, 160), False),  # the stripes and stars of a flag
        (line("长★层", 0.44, 85, 144), False),
        (line("", 0.0, 60, 300), False),  # a row of a chessboard
        (line("COMO HOPPER", 0.97, 84, 160), True),
        (line("Mry OConor", 0.55, 20, 200), True),
        (line("Grce Hoppr", 0.5, 84, 460), True),
    ],
)
def test_textures_are_no_text(read: Line, text: bool) -> None:
    assert legible.is_text(read, PICTURE) is text


def test_lines_and_those_read_badly_are_counted() -> None:
    seen = Legibility()
    lines = [
        line("Invoice", 0.99, 20, 120),
        line("Mary OConnor", 0.78, 20, 200),
        line("from Mqry 12", 0.9, 20, 200, doubt=0.6),
        line("x", 0.4, 20, 22),  # an icon
    ]
    legible.count(lines, seen)
    assert (seen.lines, seen.badly_read) == (3, 2)


WORDS = frozenset({"driver", "left", "the", "yard", "green", "frequency"})


@pytest.mark.parametrize(
    ("text", "part", "gaps", "stays"),
    [
        ("Green frequency", (0.0, 0.42), (), False),
        ("x Driver left the yard", (0.0, 0.08), (), False),  # an icon before it
        ("Driver EQU left the yard", (0.25, 0.5), (), True),
        ("Driver left the yard", (0.25, 0.5), ((0.3, 0.45),), True),  # a word that was not read
        ("Driver left the yard", (0.3, 0.42), (), False),
    ],
)
def test_what_was_read_as_words_of_the_dictionary_is_not_strange(
    text: str, part: tuple[float, float], gaps: tuple[tuple[float, float], ...], stays: bool
) -> None:
    read = replace(line(text, 0.98, 20, 10 * len(text)), strange=(part,), gaps=gaps)
    assert bool(legible.strange(read, lambda word: word.lower() in WORDS)) is stays


def test_in_a_line_that_was_read_badly_what_is_strange_stays() -> None:
    read = replace(line("Green frequency", 0.8, 20, 150), strange=((0.0, 0.42),))
    assert legible.strange(read, lambda word: True) == read.strange
