"""A finding with its number in the list of all."""

from __future__ import annotations

from dataclasses import dataclass

from omnigov.contracts import Finding


@dataclass(frozen=True)
class Numbered:
    """`ordinal` counts all findings of the run from 1, whatever part of the medium they are in."""

    ordinal: int
    finding: Finding

    @property
    def place(self) -> int:
        """Its place in the record, from 0."""
        return self.ordinal - 1
