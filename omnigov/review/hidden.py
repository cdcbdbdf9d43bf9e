"""What was hidden, as a list to be read: by kind, and one line for all places of one value. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from omnigov.review.numbered import Numbered

MOST_OPEN = 12
"""Places up to which every kind's lines are shown at once."""


@dataclass
class Value:
    """The places of one value, or one place of which nobody could say what stood there."""

    name: str
    """The pseudonym, which is the same for the same value; empty where there is none."""
    places: list[Numbered] = field(default_factory=list)

    @property
    def first(self) -> Numbered:
        return self.places[0]

    @property
    def ordinals(self) -> str:
        """Their numbers, with spaces."""
        return " ".join(str(each.ordinal) for each in self.places)

    @property
    def least(self) -> int:
        """How sure the detector was of the one that it was least sure of."""
        return min(each.finding.score for each in self.places)

    @property
    def detectors(self) -> str:
        return ", ".join(dict.fromkeys(each.finding.detector for each in self.places))

    @property
    def second(self) -> bool:
        """Whether one of them was found by the second look alone."""
        return any(each.finding.look == "second" for each in self.places)


@dataclass
class Group:
    """All of one kind: those that stand most often first."""

    kind: str
    values: list[Value]
    open: bool

    @property
    def places(self) -> int:
        return sum(len(value.places) for value in self.values)


def grouped(found: Iterable[Numbered], names: Mapping[int, str]) -> list[Group]:
    """Kinds in the order in which they are met; `names` are pseudonyms by place in the record, from 0."""
    found = list(found)
    kinds: dict[str, dict[str, Value]] = {}
    for each in found:
        values = kinds.setdefault(each.finding.kind, {})
        name = names.get(each.place, "")
        values.setdefault(name or f"#{each.ordinal}", Value(name)).places.append(each)
    return [
        Group(kind, sorted(values.values(), key=lambda value: -len(value.places)), len(found) <= MOST_OPEN)
        for kind, values in kinds.items()
    ]
