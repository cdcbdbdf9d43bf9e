"""Recomputes the log from its rows and compares all that the tables say about it.

What a check inside the database can't find: that all tables were set back together to an earlier state. For
that, compare the newest checkpoint with one that is kept elsewhere (`merkle.verify_consistency`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from pydantic import ValidationError

from omnigov.ledger import canonical
from omnigov.ledger.bundle_entries import ENVELOPE
from omnigov.ledger.checkpoint import Checkpoint, NoteError, WitnessVerifier, cosigners, open_note
from omnigov.ledger.keys import log_verifier
from omnigov.ledger.merkle import HASH_BYTES, CompactRange, leaf_hash
from omnigov.ledger.models import (
    LedgerCheck,
    LedgerCheckpoint,
    LedgerCosignature,
    LedgerEntry,
    LedgerLeaf,
    LedgerTile,
)
from omnigov.ledger.queries import pending
from omnigov.ledger.schemas import SCHEMAS
from omnigov.ledger.tiles import HEIGHT, WIDTH, LedgerDamagedError, TileReader

MODELS = (LedgerEntry, LedgerLeaf, LedgerTile, LedgerCheckpoint, LedgerCosignature, LedgerCheck)
#: The trigger that refuses UPDATE, DELETE and TRUNCATE on each of the tables (migration 0002).
TRIGGER = "rows_are_only_added"
#: SHA-256 of the source of the function that it calls, so that a harmless one in its place is noticed.
TRIGGER_SOURCE = "a278b332b7320f2303c6853f8001f957a020a9a3273c4ffb9445d08c8541647c"

#: An entry that waits longer than this for its place is reported.
LATE = timedelta(minutes=5)
#: After this many problems the rest are counted and not listed.
LISTED = 100
_PAGE = 2000


@dataclass(frozen=True)
class Problem:
    """What does not hold. `index` is that of the entry concerned, where there is one."""

    check: str
    detail: str
    index: int | None = None


@dataclass
class CheckReport:
    """What was compared and what was found. `role_too_strong` is about the database, not the log.

    `since` is the size that an earlier check had found to hold, and that this one began at.
    """

    started_at: datetime
    since: int = 0
    ended_at: datetime | None = None
    entries: int = 0
    pending: int = 0
    tiles: int = 0
    checkpoints: int = 0
    size: int = 0
    root: str | None = None
    role: str = ""
    role_too_strong: list[str] = field(default_factory=list)
    auditor_too_strong: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unlisted: int = 0

    @property
    def ok(self) -> bool:
        """Whether the log holds. A role that is too strong is a warning beside it."""
        return not self.problems

    def add(self, check: str, detail: str, index: int | None = None) -> None:
        if len(self.problems) < LISTED:
            self.problems.append(Problem(check, detail, index))
        else:
            self.unlisted += 1

    def as_json(self) -> dict[str, Any]:
        fields = {**vars(self), "problems": [vars(problem) for problem in self.problems], "ok": self.ok}
        loaded: dict[str, Any] = json.loads(json.dumps(fields, default=str))
        return loaded


#: Adds to the report where tables of the product say something else than the entries about them.
Comparison = Callable[[CheckReport], None]


@transaction.atomic(durable=True)
def check(
    comparisons: Sequence[Comparison] = (), *, since: int = 0, root: bytes | None = None
) -> CheckReport:
    """Read everything once, as it is at one moment. Memory is flat; time grows with the number of entries.

    The ledger knows nothing of what it is about; whoever does hands in the comparisons. With `since` and
    `root`, which an earlier check found, only what came later is read, and whether the tiles still lead to
    that root.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    report = CheckReport(started_at=datetime.now(UTC), since=since)
    newest = LedgerCheckpoint.objects.order_by("-size").first()
    report.size = newest.size if newest else 0
    try:
        _Recomputed(report, root).run()
    except LedgerDamagedError as damage:
        report.add("tile", str(damage))
    _check_cosignatures(report)
    _check_pending(report)
    _check_defence(report)
    _check_auditor(report)
    for compare in comparisons:
        compare(report)
    report.ended_at = datetime.now(UTC)
    return report


class _Recomputed:
    """The tree over the rows, compared with tiles and checkpoints as it grows."""

    def __init__(self, report: CheckReport, root: bytes | None) -> None:
        self.report = report
        self.log = CompactRange()
        self.unfinished: dict[int, list[bytes]] = defaultdict(list)
        if report.since:
            self._go_on(report.since, root)
        later = LedgerCheckpoint.objects.filter(size__gt=report.since)
        self.checkpoints = later.order_by("size").iterator(_PAGE)
        self.checkpoint = next(self.checkpoints, None)

    def _go_on(self, size: int, root: bytes | None) -> None:
        """Begin with the tree of `size` leaves, as the tiles have it."""
        reader = TileReader(size)
        self.log = reader.compact_range()
        if self.log.root() != root:
            raise LedgerDamagedError(f"The tiles do not lead to the root that a check found at size {size}.")
        level = 0
        while at_level := size >> HEIGHT * level:
            if at_level % WIDTH:
                self.unfinished[level] = list(reader.hashes(level, at_level // WIDTH))
            level += 1

    def run(self) -> None:
        report = self.report
        for leaf in _leaves(report.since):
            if leaf.index != self.log.size:
                # What follows would all differ, and tell nothing more.
                report.add(
                    "index", f"entry {self.log.size} is missing; entry {leaf.index} is next", self.log.size
                )
                return
            self._add(leaf.index, leaf.entry)
        report.entries, report.root = self.log.size - report.since, self.log.root().hex()
        if self.log.size != report.size:
            report.add(
                "index",
                f"the newest checkpoint covers {report.size} entries, but {self.log.size} have a place",
            )
        for level, hashes in self.unfinished.items():
            if hashes:
                self._compare_tile(level, (self.log.size >> HEIGHT * level) // WIDTH, hashes)
        strays = 0 if report.since else LedgerTile.objects.count() - report.tiles
        if strays:
            report.add("tile", f"{strays} tiles belong to no part of the log")

    def _add(self, index: int, entry: LedgerEntry) -> None:
        body = bytes(entry.body)
        leaf = leaf_hash(body)
        for problem in _entry_problems(entry, body, leaf):
            self.report.add("entry", problem, index)
        self.log.append(leaf, self._made)
        if self.checkpoint and self.checkpoint.size == self.log.size:
            self._compare_checkpoint(self.checkpoint)
            self.checkpoint = next(self.checkpoints, None)

    def _made(self, level: int, index: int, value: bytes) -> None:
        level, between = divmod(level, HEIGHT)
        if between:
            return
        hashes = self.unfinished[level]
        hashes.append(value)
        if len(hashes) == WIDTH:
            self._compare_tile(level, index // WIDTH, hashes)
            hashes.clear()

    def _compare_tile(self, level: int, index: int, hashes: list[bytes]) -> None:
        data, widths = b"".join(hashes), set()
        for tile in LedgerTile.objects.filter(level=level, index=index, width__lte=len(hashes)):
            widths.add(tile.width)
            self.report.tiles += 1
            if bytes(tile.data) != data[: HASH_BYTES * tile.width]:
                self.report.add("tile", f"tile {level}/{index} of {tile.width} differs from the entries")
        # Kept are full tiles, and above level 0 the newest unfinished ones.
        if len(hashes) not in widths and (level or len(hashes) == WIDTH):
            self.report.add("tile", f"tile {level}/{index} of {len(hashes)} is missing")

    def _compare_checkpoint(self, row: LedgerCheckpoint) -> None:
        self.report.checkpoints += 1
        try:
            signed = Checkpoint.parse(open_note(row.note.encode(), [log_verifier()]))
        except NoteError as error:
            self.report.add("checkpoint", f"checkpoint {row.size}: {error}")
            return
        if (signed.origin, signed.size, signed.root) != (log_verifier().name, row.size, bytes(row.root)):
            self.report.add("checkpoint", f"checkpoint {row.size}: the signed text differs from the row")
        if signed.root != self.log.root():
            self.report.add("checkpoint", f"checkpoint {row.size}: the entries lead to another root")


def _leaves(start: int) -> Iterator[LedgerLeaf]:
    while page := list(LedgerLeaf.objects.filter(index__gte=start).order_by("index")[:_PAGE]):
        prefetch_related_objects(page, "entry")
        yield from page
        start = page[-1].index + 1


def _entry_problems(entry: LedgerEntry, body: bytes, leaf: bytes) -> Iterator[str]:
    if bytes(entry.leaf_hash) != leaf:
        yield "the leaf hash is not that of the body"
    try:
        envelope = canonical.decode(body)
    except canonical.CanonicalError as error:
        yield f"the body is {error}"
        return
    if type(envelope) is not dict or envelope.keys() != ENVELOPE:
        yield "the body is not an entry"
        return
    columns = {
        "at": entry.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "id": str(entry.id),
        "key": entry.idempotency_key,
        "kind": entry.kind,
        "schema": entry.schema,
        "subject": str(entry.subject),
        "workspace": str(entry.workspace) if entry.workspace else None,
    }
    differing = [name for name, value in columns.items() if envelope[name] != value]
    if differing:
        yield f"the columns say something else than the body: {', '.join(differing)}"
    schema = SCHEMAS.get((entry.kind, entry.schema))
    if schema is None:
        yield f"there is no schema {entry.kind} {entry.schema}"
        return
    try:
        schema.model_validate_json(canonical.encode(envelope["record"]))
    except ValidationError as error:
        yield f"the record does not fit its schema: {error.error_count()} errors"


def _check_cosignatures(report: CheckReport) -> None:
    """Each is of a checkpoint that is there, and holds by the witness's key."""
    for row in LedgerCosignature.objects.filter(size__gt=report.since).iterator(_PAGE):
        note = LedgerCheckpoint.objects.filter(size=row.size).values_list("note", flat=True).first()
        try:
            if note is None:
                raise NoteError("there is no such checkpoint")
            if not cosigners((note + row.line).encode(), [WitnessVerifier.parse(row.witness)]):
                raise NoteError("the line is of another key")
        except NoteError as error:
            report.add("cosignature", f"of checkpoint {row.size} by {row.witness.split('+')[0]}: {error}")


def _check_pending(report: CheckReport) -> None:
    report.pending = pending().count()
    late = pending().filter(created_at__lt=report.started_at - LATE)
    for entry in late.order_by("seq")[:LISTED]:
        report.add(
            "pending",
            f"entry {entry.id} has waited for its place since {entry.created_at:%Y-%m-%d %H:%M} UTC",
        )


def _check_defence(report: CheckReport) -> None:
    """Whether the triggers stand, and whether the running role could change the record or switch them off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        report.role, superuser = cursor.fetchone()
        if superuser:
            report.role_too_strong.append("is a superuser")
        for model in MODELS:
            table = model._meta.db_table
            cursor.execute(
                "SELECT pg_has_role(current_user, relowner, 'MEMBER'), "
                "has_table_privilege(oid, 'DELETE'), has_table_privilege(oid, 'TRUNCATE'), "
                "has_table_privilege(oid, 'UPDATE') OR has_any_column_privilege(oid, 'UPDATE'), "
                "(SELECT count(*) FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = %s "
                # 'A': it also fires for a session that calls itself a replica. 58: before a statement, on
                # DELETE, UPDATE and TRUNCATE.
                " AND tgenabled = 'A' AND tgtype = 58 AND EXISTS (SELECT 1 FROM pg_proc "
                "  WHERE pg_proc.oid = tgfoid AND encode(sha256(convert_to(prosrc, 'UTF8')), 'hex') = %s)) "
                "FROM pg_class WHERE oid = %s::regclass",
                [TRIGGER, TRIGGER_SOURCE, table],
            )
            owner, *rights, triggers = cursor.fetchone()
            if owner:
                report.role_too_strong.append(f"owns {table}")
            else:
                named = zip(("DELETE", "TRUNCATE", "UPDATE"), rights, strict=True)
                report.role_too_strong += [f"may {verb} {table}" for verb, granted in named if granted]
            if not triggers:
                report.add(
                    "defence",
                    f"the trigger that refuses change on {table} is missing, off or another one",
                )


def _check_auditor(report: CheckReport) -> None:
    """Whether the auditor's role, where there is one, may do more than read the record."""
    record = [model._meta.db_table for model in MODELS]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, has_any_column_privilege(role.oid, pg_class.oid, 'INSERT, UPDATE') "
            "OR has_table_privilege(role.oid, pg_class.oid, 'DELETE, TRUNCATE, TRIGGER'), "
            "has_any_column_privilege(role.oid, pg_class.oid, 'SELECT') AND relname <> ALL(%s) "
            "FROM pg_class JOIN pg_roles role ON role.rolname = %s "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') "
            "ORDER BY relname",
            [record, settings.OMNIGOV_AUDITOR_ROLE],
        )
        for table, writes, reads in cursor.fetchall():
            if writes:
                report.auditor_too_strong.append(f"may change {table}")
            if reads:
                report.auditor_too_strong.append(f"may read {table}, which is not of the record")
