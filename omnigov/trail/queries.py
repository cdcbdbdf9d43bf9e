"""What the pages of the record show beside the entries themselves: pages of them, witnesses, neighbours."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from omnigov.ledger import queries
from omnigov.ledger.cosigning import WitnessesError, witnesses
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.queries import cosigned_size
from omnigov.ledger.schemas import SCHEMAS
from omnigov.trail.deeds import OF_RUNS

OTHERS = 20
KINDS = sorted({kind for kind, _ in SCHEMAS})
#: What people and administrators do, beside the runs' own entries.
DEEDS = frozenset(KINDS) - OF_RUNS


@dataclass(frozen=True)
class Narrowed:
    """What a list of entries is narrowed down to. Nothing set: everything of the workspace."""

    kinds: Collection[str] | None = None
    subjects: Collection[uuid.UUID] | None = None
    person: uuid.UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    within: Q | None = None


def entries_before(
    workspace: uuid.UUID, narrowed: Narrowed, before: int | None, most: int
) -> tuple[list[LedgerEntry], bool]:
    """The newest `most` entries that fit, in time before the one whose `seq` is `before`, and whether there
    are more. No page is slower than another: each begins in the index where the last one ended."""
    found = LedgerEntry.objects.filter(workspace=workspace)
    wanted = {
        "kind__in": narrowed.kinds,
        "subject__in": narrowed.subjects,
        "created_at__gte": narrowed.since,
        "created_at__lt": narrowed.until,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    if narrowed.within is not None:
        found = found.filter(narrowed.within)
    if narrowed.person:
        found = queries.naming(found, narrowed.person)
    if before is not None:
        last = LedgerEntry.objects.filter(workspace=workspace, seq=before).values_list(
            "created_at", flat=True
        )
        at = last.first()
        if at is not None:
            found = found.filter(Q(created_at__lt=at) | Q(created_at=at, seq__lt=before), created_at__lte=at)
    entries = list(found.select_related("leaf").order_by("-created_at", "-seq")[: most + 1])
    return entries[:most], len(entries) > most


def people_named(workspace: uuid.UUID, within: Q, people: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the people whom an entry of the workspace within this names. A look into an index each."""
    entries = LedgerEntry.objects.filter(within, workspace=workspace)
    return {each for each in people if queries.naming(entries, each).exists()}


def witnesses_seen() -> list[tuple[str, int]]:
    """Each witness and the size that it has cosigned."""
    try:
        return [(each.key.name, cosigned_size(str(each.key))) for each in witnesses()]
    except WitnessesError:
        return []


def newest_of(entries: QuerySet[LedgerEntry]) -> Sequence[LedgerEntry]:
    """The newest few, in order: a person signs in thousands of times."""
    newest = entries.annotate(index=F("leaf__index")).defer("body").order_by("-seq")
    return list(newest[:OTHERS])[::-1]
