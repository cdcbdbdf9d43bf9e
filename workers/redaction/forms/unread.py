"""Ink that nobody read: cells without a word, and words that OCR left out of a line that it is sure of.

A name in a script that OCR lacks leaves a gap in what was read, or was taken for other letters (`writing`),
and the rest of the line is read well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workers.redaction.forms.labelled import area_of
from workers.redaction.reading.cells import Paper, Patch
from workers.redaction.reading.ocr import Line

ONE_ROW = 4.5  # letter heights of a cell that holds one field; a higher one is a block of the form
DOUBT = 0.5  # of one word: from here its line is not read


def unseen(paper: Paper, lines: list[Line]) -> Iterator[Patch]:
    """Cells in which there is ink, and no text was found."""
    letter = paper.letter
    for cell in paper.cells():
        if cell.high > ONE_ROW * letter or any(cell.holds(*area_of(line).middle) for line in lines):
            continue
        ink = paper.ink(cell.grown(-0.08 * letter))
        if ink is not None and ink.wide > 0.9 * letter and ink.high > 0.35 * letter:
            yield cell


class HalfRead(NamedTuple):
    """A line with something in it that nobody read, or read for something else."""

    whole: Patch | None  # what is to be hidden; None of a label's line, of which only the parts are
    parts: list[Patch]


def half_read(paper: Paper, lines: list[Line], of_labels: set[int]) -> list[HalfRead]:
    """Lines with ink in them that no sign was read from, in strange letters, or with a word in doubt."""
    found = []
    for line in lines:
        parts = [area for gap in line.gaps if paper.ink(area := Patch(*line.stretch(*gap))) is not None]
        # That these are written is known already: to a page of large letters small print is dust.
        parts += [Patch(*line.stretch(*part)) for part in line.strange]
        parts = [part.grown(0.2 * line.thickness) for part in parts]
        is_label = id(line) in of_labels
        if parts or (line.doubt > DOUBT and not is_label):
            found.append(HalfRead(None if is_label else area_of(line).grown(0.1 * line.thickness), parts))
    return found
