"""Ink that nobody read: cells without a word, and words that OCR left out of a line that it is sure of.

A name in a script that OCR lacks leaves a gap in what was read, or was taken for other letters (`writing`),
and the rest of the line is read well.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.redaction.cells import Area, Paper
from workers.redaction.labelled import area_of
from workers.redaction.ocr import Line

ONE_ROW = 4.5  # letter heights of a cell that holds one field; a higher one is a block of the form
DOUBT = 0.5  # of one word: from here its line is not read


def unseen(paper: Paper, lines: list[Line]) -> Iterator[Area]:
    """Cells in which there is ink, and no text was found."""
    letter = paper.letter
    for cell in paper.cells():
        if cell.high > ONE_ROW * letter or any(cell.holds(*area_of(line).middle) for line in lines):
            continue
        ink = paper.ink(cell.grown(-0.08 * letter))
        if ink is not None and ink.wide > 0.9 * letter and ink.high > 0.35 * letter:
            yield cell


def half_read(paper: Paper, lines: list[Line], of_labels: set[int]) -> list[Area]:
    """Lines with ink in them that no sign was read from, or a wrong one; of a label's line that ink alone."""
    found: list[Area] = []
    for line in lines:
        parts = (*line.gaps, *line.strange)
        gaps = [area for part in parts if paper.ink(area := Area(*line.stretch(*part))) is not None]
        if id(line) in of_labels:
            found += [area.grown(0.2 * line.thickness) for area in gaps]
        elif gaps or line.doubt > DOUBT:
            found.append(area_of(line).grown(0.1 * line.thickness))
    return found
