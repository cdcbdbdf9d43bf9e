"""k-anonymity: how many people share what is said of each (L. Sweeney 2002, see `workers.anonymity.quasi`).

Records are what quasi-identifiers were found of one person each: a text, a form, a row of a table. k is the
size of the smallest group of records that say the same. Reports hold kinds and counts, and never a value or a
class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from omnigov.contracts import Frozen
from workers.anonymity.quasi import LADDERS, LEFT_OUT, wider

Record = Mapping[str, Mapping[str, int]]  # by kind, what is said and how often
SMALL = 5  # groups below this are counted: many publishers of figures suppress such cells

SOURCE = "L. Sweeney, k-anonymity: a model for protecting privacy, IJUFKS 10(5), 2002, 557-570"


class KindCount(Frozen):
    """How often a kind was found, in how many records, and how many different things were said."""

    kind: str
    mentions: int
    records: int
    different: int


class Groups(Frozen):
    """`k`: of the smallest group; `alone`: records in groups of one; `below_five`: in those below five."""

    k: int
    alone: int
    below_five: int


class Step(Groups):
    """The groups if this one kind were said in a wider class."""

    kind: str
    to: str


class Anonymity(Frozen):
    """What tells the records apart. `groups`, `wider` and `best` need a set of two records or more."""

    records: int
    kinds: tuple[KindCount, ...]
    groups: Groups | None = None
    wider: Groups | None = None
    best: Step | None = None
    source: str = SOURCE


def anonymity(records: Sequence[Record]) -> Anonymity:
    """The counts of a set of records; of one record alone, which kinds stand in it.

    `wider` are the groups with every kind one step up its ladder. `best` is the one kind, and the step, that
    would raise k most; of two that raise it alike, the one that leaves fewer records alone or in small
    groups. None where no single one does.
    """
    kinds = tuple(_count(kind, records) for kind in LADDERS if any(record.get(kind) for record in records))
    if len(records) < 2:
        return Anonymity(records=len(records), kinds=kinds)
    now = _groups(records, {})
    steps = [
        Step(kind=each.kind, to=name, **_groups(records, {each.kind: level}).model_dump())
        for each in kinds
        for level, name in enumerate((*LADDERS[each.kind], LEFT_OUT), 1)
    ]
    best = max(steps, key=_merit, default=None)
    return Anonymity(
        records=len(records),
        kinds=kinds,
        groups=now,
        wider=_groups(records, {each.kind: 1 for each in kinds if LADDERS[each.kind]}),
        best=best if best and _merit(best) > _merit(now) else None,
    )


def _merit(groups: Groups) -> tuple[int, int, int]:
    return groups.k, -groups.alone, -groups.below_five


def _groups(records: Sequence[Record], levels: Mapping[str, int]) -> Groups:
    sizes = Counter(_said(record, levels) for record in records)
    return Groups(
        k=min(sizes.values()),
        alone=sum(size for size in sizes.values() if size == 1),
        below_five=sum(size for size in sizes.values() if size < SMALL),
    )


def _said(record: Record, levels: Mapping[str, int]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What a record says, kind by kind, in classes of these levels."""
    said = []
    for kind in LADDERS:
        classes = {wider(kind, value, levels.get(kind, 0)) for value in record.get(kind, ())} - {""}
        if classes:
            said.append((kind, tuple(sorted(classes))))
    return tuple(said)


def _count(kind: str, records: Sequence[Record]) -> KindCount:
    having = [record[kind] for record in records if record.get(kind)]
    return KindCount(
        kind=kind,
        mentions=sum(sum(said.values()) for said in having),
        records=len(having),
        different=len({value for said in having for value in said}),
    )
