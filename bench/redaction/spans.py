"""What every bench of text counts: entities that are hidden whole, and hidden stretches that hold one.

An entity counts as found where each of its letters and digits is hidden, as whatever kind: half a name is no
redaction. A hidden stretch (what overlaps or touches is one) counts as right where at least half of its
letters and digits belong to personal entities. Both are shares of counts, so that they have an interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from measure import by_name, share


@dataclass(frozen=True)
class Entity:
    """Characters `start` … `end` − 1 are of this kind; without `personal` they may be hidden or not."""

    start: int
    end: int
    kind: str
    personal: bool = True


@dataclass(frozen=True)
class Sample:
    text: str
    entities: tuple[Entity, ...]
    manner: str = ""


Hidden = Sequence[tuple[int, int]]


def measure(samples: Sequence[Sample], hidden: Sequence[Hidden]) -> dict[str, Any]:
    """Recall and precision with intervals, recall by kind and by manner, and a few of each mistake."""
    kinds, manners, found, missed = list[str](), list[str](), list[bool](), list[str]()
    right, wrong = 0, list[str]()
    for sample, spans in zip(samples, hidden, strict=True):
        covered = {place for start, end in spans for place in range(start, end)}
        for entity in sample.entities:
            if entity.personal:
                holds = _signs(sample.text, entity.start, entity.end) <= covered
                kinds.append(entity.kind)
                manners.append(sample.manner)
                found.append(holds)
                if not holds:
                    missed.append(_shown(sample.text, entity.start, entity.end))
        mine = _within(sample, personal=True)
        either = _within(sample, personal=False)
        for start, end in _joined(spans):
            signs = _signs(sample.text, start, end) - (either - mine)
            if not signs:
                continue
            if 2 * len(signs & mine) >= len(signs):
                right += 1
            else:
                wrong.append(_shown(sample.text, start, end))
    said = {
        "recall": share(sum(found), len(found)),
        "precision": share(right, right + len(wrong)),
        "recall_by_kind": by_name(kinds, found),
        "entities_by_kind": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }
    if any(manners):
        said["recall_by_manner"] = by_name(manners, found)
    return said | {"missed": missed[:12], "hidden_in_vain": wrong[:12]}


def _signs(text: str, start: int, end: int) -> set[int]:
    return {place for place in range(start, end) if text[place].isalnum()}


def _within(sample: Sample, *, personal: bool) -> set[int]:
    """The letters and digits of the personal entities, or else of those that may be hidden or not."""
    return {
        place
        for entity in sample.entities
        if entity.personal == personal
        for place in _signs(sample.text, entity.start, entity.end)
    }


def _joined(spans: Hidden) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _shown(text: str, start: int, end: int) -> str:
    """The place in its sentence, in brackets; every value of these benches is invented."""
    return f"{text[max(0, start - 30) : start]}[{text[start:end]}]{text[end : end + 20]}"
