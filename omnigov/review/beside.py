"""The pictures of a spoken report, on the page of its decision: what was hidden, and what moved the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omnigov.contracts import Area, AttributionResult, RedactionResult
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.together import decided_with
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.review.heat import Cell, cells
from omnigov.review.numbered import Numbered


@dataclass(frozen=True)
class PictureShown:
    """One picture beside a recording. What was hidden is numbered on from the recording's own."""

    part: int
    run: Run
    redaction: RedactionResult
    numbered: list[Numbered]
    heat: list[Cell]
    damage: str
    """Why it can't be shown; empty where it is the one that was recorded."""

    @property
    def number(self) -> int:
        return self.part + 1


def pictures_of(decision: Decision) -> list[tuple[Run, RedactionResult]]:
    """The pictures that the decision was made with, in their order, each with what was hidden in it."""
    runs = decided_with(decision.run)
    return [(run, run.redaction_result) for run in runs if run.redaction_result is not None]


def pictures_shown(decision: Decision, why: AttributionResult | None, numbered: int) -> list[PictureShown]:
    """The pictures of the report; `numbered` is how many places of the recording have numbers already."""
    shown = []
    for part, (run, redaction) in enumerate(pictures_of(decision)):
        found = [Numbered(numbered + ordinal, each) for ordinal, each in enumerate(redaction.findings, 1)]
        numbered += len(found)
        heat = cells(_grid(why, part), redaction.width, redaction.height)
        damage = evidence.damage(run.id, Name.REDACTED, redaction.digest)
        shown.append(PictureShown(part, run, redaction, found, heat, damage))
    return shown


def _grid(why: AttributionResult | None, part: int) -> Sequence[Sequence[int]]:
    segments = why.segments if why else ()
    places = [each for each in segments if isinstance(each.place, Area) and each.place.part == part]
    return places[0].grid if places else ()
