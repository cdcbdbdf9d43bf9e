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
WORD = 1.8  # times its height that a word is long
SIGN = 1.2  # letter heights that a sign is wide, at most
DOUBT = 0.5  # of one word: from here its line is not read


def unseen(paper: Paper, lines: list[Line], *, of_form: bool = True) -> Iterator[Patch]:
    """Cells in which there is ink, and no text was found; where there is no form, ink as long as a word."""
    long = 0.0 if of_form else WORD
    letter = paper.letter
    for cell in paper.cells():
        if cell.high > ONE_ROW * letter or any(cell.holds(*area_of(line).middle) for line in lines):
            continue
        ink = paper.ink(cell.grown(-0.08 * letter))
        if (
            ink is not None
            and ink.wide > 0.9 * letter
            and ink.high > 0.35 * letter
            and ink.wide >= long * ink.high
        ):
            yield cell


class HalfRead(NamedTuple):
    """A line with something in it that nobody read, or read for something else."""

    whole: Patch | None  # what is to be hidden; None of a label's line, of which only the parts are
    parts: list[Patch]


def half_read(
    paper: Paper, lines: list[Line], of_labels: set[int], *, of_form: bool = True
) -> list[HalfRead]:
    """Lines with ink in them that no sign was read from, in strange letters, or with a word in doubt.

    Where there is no form, ink that is no longer than a sign is a box to tick or an icon.
    """
    found = []
    for line in lines:
        gaps = [
            gap for gap in line.gaps if of_form or (gap[1] - gap[0]) * line.length > SIGN * line.thickness
        ]
        parts = [area for gap in gaps if paper.ink(area := Patch(*line.stretch(*gap))) is not None]
        # That these are written is known already: to a page of large letters small print is dust.
        parts += [Patch(*line.stretch(*part)) for part in line.strange]
        parts = [part.grown(0.2 * line.thickness) for part in parts]
        is_label = id(line) in of_labels
        if parts or (line.doubt > DOUBT and not is_label):
            found.append(HalfRead(None if is_label else area_of(line).grown(0.1 * line.thickness), parts))
    return found
