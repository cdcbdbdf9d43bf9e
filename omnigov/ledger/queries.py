"""All that reads the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from omnigov.ledger.merkle import consistency_ranges, inclusion_ranges, range_hash
from omnigov.ledger.models import LedgerCheckpoint, LedgerCosignature, LedgerEntry, LedgerLeaf
from omnigov.ledger.tiles import TileReader

_PAGE = 2000


@dataclass(frozen=True)
class Selection:
    """Which entries: those that fit every field that is set. With none set, the whole log."""

    workspace: UUID | None = None
    subjects: frozenset[UUID] | None = None
    kinds: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def whole(self) -> bool:
        return self == Selection()

    def condition(self, prefix: str = "") -> Q:
        """For LedgerEntry; with prefix "entry__" for LedgerLeaf. `since` is inside, `until` outside."""
        wanted = {
            "workspace": self.workspace,
            "subject__in": self.subjects,
            "kind__in": self.kinds,
            "created_at__gte": self.since,
            "created_at__lt": self.until,
        }
        return Q(**{prefix + field: value for field, value in wanted.items() if value is not None})


def entry(id: UUID) -> LedgerEntry | None:  # noqa: A002 - the record's own word
    return LedgerEntry.objects.filter(id=id).first()


def index_of(entry: LedgerEntry | UUID) -> int | None:
    """The entry's index in the log, by the entry or its id; None while it is pending."""
    wanted = Q(entry=entry) if isinstance(entry, LedgerEntry) else Q(entry__id=entry)
    return LedgerLeaf.objects.filter(wanted).values_list("index", flat=True).first()


def entry_at(index: int) -> LedgerEntry | None:
    leaf = LedgerLeaf.objects.filter(index=index).select_related("entry").first()
    return leaf.entry if leaf else None


def entries(selection: Selection = Selection(), *, size: int, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Index and bytes of each selected entry of the first `size`, from index `start` on, page by page."""
    chosen = LedgerLeaf.objects.filter(selection.condition("entry__"), index__lt=size).order_by("index")
    while page := list(chosen.filter(index__gte=start).values_list("index", "entry_id")[:_PAGE]):
        # The bodies are fetched by themselves: in one query a table that was not analysed yet was joined by
        # reading all of it for each page.
        bodies = _bodies([seq for _, seq in page])
        for index, seq in page:
            yield index, bodies[seq]
        start = page[-1][0] + 1


def _bodies(places: list[int]) -> dict[int, bytes]:
    """By `seq`. In binary form: as text, which is how Django asks for them, bytes come in hex."""
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection, row_factory=psycopg.rows.tuple_row) as cursor,
    ):
        cursor.execute(
            "SELECT seq, body FROM ledger_entry WHERE seq = ANY(%b::bigint[])", [places], binary=True
        )
        return dict(cursor.fetchall())


def integrated_count(selection: Selection, size: int) -> int:
    """How many of the first `size` entries are selected."""
    return LedgerLeaf.objects.filter(selection.condition("entry__"), index__lt=size).count()


def pending(selection: Selection = Selection()) -> QuerySet[LedgerEntry]:
    """The selected entries that have no place in the log yet."""
    return LedgerEntry.objects.filter(selection.condition(), leaf__isnull=True)


def recorded_since(selection: Selection, size: int) -> bool:
    """Whether a selected entry is there that is none of the first `size`, with or without a place yet."""
    later = LedgerLeaf.objects.filter(selection.condition("entry__"), index__gte=size)
    return later.exists() or pending(selection).exists()


def naming(found: QuerySet[LedgerEntry], person: UUID) -> QuerySet[LedgerEntry]:
    """Those of the entries that name this person: as who did it, or as whom it is about.

    By the index of migration 0005, whose condition stands here word for word. It leaves out the kinds that a
    run writes by itself, which are nearly all entries and name nobody.
    """
    named = RawSQL(
        "ledger_entry.kind NOT IN "
        "('decision', 'attribution', 'run_step', 'run_failed', 'quarantine') "
        "AND ledger_named(ledger_entry.body) @> ARRAY[%s]",
        [str(person)],
        output_field=BooleanField(),
    )
    return found.filter(named)


def drawn(
    selection: Selection, *, size: int, seed: str, most: int, about: QuerySet[Any] | None = None
) -> tuple[int, list[tuple[UUID, UUID]]]:
    """How many of the first `size` entries are selected, and the first `most` of them in the order of
    `sampling.sample_rank`: id and subject. `about` narrows the subjects down to those of a query.
    """
    found = LedgerEntry.objects.filter(selection.condition(), leaf__index__lt=size)
    if about is not None:
        found = found.filter(subject__in=about)
    rank = RawSQL("sha256(convert_to(%s || chr(10) || ledger_entry.id::text, 'UTF8'))", [seed])
    nearest = found.annotate(rank=rank).order_by("rank").values_list("id", "subject")[:most]
    return found.count(), list(nearest)


def still_pending(ids: Sequence[UUID]) -> int:
    """How many of these entries have no place in the log yet; an unknown id counts."""
    return len(set(ids)) - LedgerLeaf.objects.filter(entry__id__in=ids).count()


def latest_checkpoint() -> LedgerCheckpoint | None:
    return LedgerCheckpoint.objects.order_by("-size").first()


def cosigned_note(checkpoint: LedgerCheckpoint) -> str:
    """The signed checkpoint with the lines of the witnesses that cosigned it."""
    lines = LedgerCosignature.objects.filter(size=checkpoint.size).values_list("line", flat=True)
    return checkpoint.note + "".join(lines)


def cosigned_size(witness: str) -> int:
    """The newest checkpoint that the witness with this key has cosigned, by its size; 0: none."""
    sizes = LedgerCosignature.objects.filter(witness=witness).order_by("-size")
    return sizes.values_list("size", flat=True).first() or 0


def inclusion(index: int, size: int) -> list[bytes]:
    """The proof that leaf `index` is in the tree of the first `size` (RFC 6962, 2.1.1)."""
    return inclusion_from(TileReader(size), index)


def inclusion_from(reader: TileReader, index: int) -> list[bytes]:
    """The same by a reader that is kept over many proofs."""
    return [range_hash(*each, reader.subtree) for each in inclusion_ranges(index, reader.size)]


def consistency(size1: int, size2: int) -> list[bytes]:
    """The proof that the first `size1` leaves are the same in the tree of `size2` (RFC 6962, 2.1.2)."""
    reader = TileReader(size2)
    return [range_hash(*each, reader.subtree) for each in consistency_ranges(size1, size2)]


def latest_leaf_hashes(subjects: Collection[UUID]) -> dict[UUID, bytes]:
    """By subject the leaf hash of the newest entry about it, pending or not; none for a new subject.

    In plain SQL: it is part of every append, and building the query took longer than running it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, (SELECT leaf_hash FROM ledger_entry entry WHERE entry.subject = given.subject "
            "ORDER BY seq DESC LIMIT 1) FROM unnest(%s::uuid[]) given (subject)",
            [list(subjects)],
        )
        return {subject: bytes(found) for subject, found in cursor.fetchall() if found}
