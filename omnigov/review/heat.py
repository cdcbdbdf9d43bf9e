"""A grid of shares as marks to be laid over the picture that it is of. Pure.

Each area becomes a disc in its middle whose surface grows with its share: full where it spoke for the label,
a ring where against it. So it is read without colour, and is never taken for what redaction hid, which has
corners.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 20
"""Of the strongest share, one in so many: what is weaker is not drawn."""


@dataclass(frozen=True)
class Cell:
    """One area of the grid. Pixels of the picture; `strength` 1 … 4."""

    left: int
    top: int
    width: int
    height: int
    radius: int
    strength: int
    against: bool

    @property
    def x(self) -> int:
        """The middle, from the left."""
        return self.left + self.width // 2

    @property
    def y(self) -> int:
        """The middle, from the top."""
        return self.top + self.height // 2


def cells(grid: Sequence[Sequence[int]], width: int, height: int) -> list[Cell]:
    """The areas of `grid` ([rows][columns], signed) that count, over a picture of so many pixels."""
    peak = max((abs(value) for line in grid for value in line), default=0)
    if not peak or not width or not height:
        return []
    rows, columns = len(grid), len(grid[0])
    found = []
    for row, line in enumerate(grid):
        top, bottom = row * height // rows, (row + 1) * height // rows
        for column, value in enumerate(line):
            if abs(value) * LEAST < peak:
                continue
            left, right = column * width // columns, (column + 1) * width // columns
            share = abs(value) / peak
            radius = max(1, round(min(right - left, bottom - top) / 2 * math.sqrt(share)))
            strength = min(4, 1 + int(share * 4))
            found.append(Cell(left, top, right - left, bottom - top, radius, strength, value < 0))
    return found
