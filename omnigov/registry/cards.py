"""What is written down about the stages that come with the product: from files, shown beside its weights."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from omnigov import contracts
from omnigov.contracts.stage import StageCard, StageScore

FOLDER = Path(__file__).parent / "stages"
_Z = 1.959964  # of a 95 % interval


@dataclass(frozen=True)
class Interval:
    """A share and its 95 % interval, in whole per cent."""

    share: int
    low: int
    high: int


@cache
def cards() -> tuple[StageCard, ...]:
    """Every card, in the order of the stages."""
    found = [StageCard.model_validate_json(each.read_text("utf-8")) for each in FOLDER.glob("*.json")]
    order = list(contracts.Stage)
    return tuple(sorted(found, key=lambda card: order.index(card.stage)))


def card_of(spec: contracts.ModelVersion, known: Iterable[StageCard] | None = None) -> StageCard | None:
    """The card of a model version; None where none speaks of the files that were trained."""
    digests = {file.sha256 for file in spec.files}
    of_stage = (card for card in (cards() if known is None else known) if card.stage is spec.stage)
    return next((card for card in of_stage if digests.issuperset(card.files)), None)


def interval(right: int, of: int) -> Interval:
    """Wilson's score interval ("Probable Inference", JASA 1927). Raises `ZeroDivisionError` of none."""
    share = right / of
    middle, whole = share + _Z * _Z / (2 * of), 1 + _Z * _Z / of
    spread = _Z * math.sqrt(share * (1 - share) / of + _Z * _Z / (4 * of * of))
    low, high = max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
    return Interval(round(100 * share), round(100 * low), round(100 * high))


def interval_of(score: StageScore) -> Interval:
    return interval(score.right, score.of)


def beside(score: StageScore) -> Interval | None:
    """The same of what a score is compared with; None where nothing stands beside it."""
    if score.beside_right is None:
        return None
    return interval(score.beside_right, score.beside_of or score.of)
