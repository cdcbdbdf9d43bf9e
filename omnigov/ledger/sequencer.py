"""The sequencer: gives entries their places in the log, and signs its state.

Any process may run it; an advisory lock lets one at a time through.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from django.db import connection, transaction

from omnigov.ledger import queries
from omnigov.ledger.checkpoint import Checkpoint
from omnigov.ledger.keys import log_signer, may_sign
from omnigov.ledger.models import LedgerCheckpoint, LedgerTile
from omnigov.ledger.tiles import HEIGHT, WIDTH, LedgerDamagedError, TileReader

#: At most this many entries are integrated under one checkpoint: some ten megabytes.
BATCH = 10_000
#: Whoever holds this advisory lock is the sequencer. Any process may be.
_LOCK = int.from_bytes(hashlib.sha256(b"omnigov ledger sequencer").digest()[:8], "big", signed=True)


class IntegrationTimeoutError(TimeoutError):
    """Entries were not integrated in time. They are safe, and will be integrated later."""


@transaction.atomic(durable=True)
def integrate() -> int:
    """Give every committed entry its place, in order, under one signed checkpoint; how many there were.

    All or nothing, and by one process at a time: 0 where another one is at it, and in a process that has no
    signing key, from where a keeper takes it up. Raises LedgerDamagedError
    where the tables do not lead to the root that was signed last, and then signs nothing.
    """
    if not may_sign():
        return 0
    with connection.cursor() as cursor:
        # Released with the transaction, so that no crash leaves it behind. Each later statement sees what the
        # sequencer before committed.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = queries.latest_checkpoint()
    rows, horizon = _pending_rows(last.horizon if last else 0)
    if not rows:
        return 0
    size = last.size if last else 0
    grown = TileReader(size).compact_range()
    if last and grown.root() != bytes(last.root):
        raise LedgerDamagedError(
            "The tiles do not lead to the root that was signed last. Run: omnigov ledger check"
        )
    growing = _GrowingTiles(size)
    for _, leaf in rows:
        grown.append(leaf, growing.add)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_leaf (index, entry_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
            [list(range(size, grown.size)), [seq for seq, _ in rows]],
        )
    LedgerTile.objects.bulk_create(growing.rows())
    signer = log_signer()
    note = signer.sign(Checkpoint(signer.name, grown.size, grown.root()).text())
    LedgerCheckpoint.objects.create(
        size=grown.size, root=grown.root(), note=note, horizon=horizon, created_at=datetime.now(UTC)
    )
    return len(rows)


def _pending_rows(horizon: int) -> tuple[list[tuple[int, bytes]], int]:
    """Entries without a leaf (seq, leaf hash) in the order of their appending, and the next horizon.

    The hash is computed from the body anew, by the database, which need not send the body then.

    Only transactions from the horizon on are looked at: all before it had ended, and were integrated. After
    a move to another server, transaction numbers may start anew below the horizon; then every entry is looked
    at.
    """
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection, row_factory=psycopg.rows.tuple_row) as cursor,
    ):
        (newest,) = cursor.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        ).fetchone() or (0,)
        if horizon > newest:
            horizon = 0
        cursor.execute(
            "SELECT entry.seq, sha256('\\x00'::bytea || entry.body), "
            "pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
            "FROM ledger_entry entry LEFT JOIN ledger_leaf leaf ON leaf.entry_id = entry.seq "
            "WHERE entry.transaction >= %s AND leaf.index IS NULL ORDER BY entry.seq LIMIT %s",
            [horizon, BATCH],
            binary=True,
        )
        found = cursor.fetchall()
    if found and len(found) < BATCH:
        horizon = found[0][2]
    return [(seq, leaf) for seq, leaf, _ in found], horizon


class _GrowingTiles:
    """The tiles that a growing log fills, from the unfinished tiles at the right edge of `size` leaves."""

    def __init__(self, size: int) -> None:
        self._reader = TileReader(size)
        self._open: dict[int, tuple[int, list[bytes]]] = {}
        self._full: list[LedgerTile] = []

    def add(self, level: int, index: int, value: bytes) -> None:
        """Told each perfect subtree as it is completed (`CompactRange.append`)."""
        level, between = divmod(level, HEIGHT)
        if between:
            return
        tile, offset = divmod(index, WIDTH)
        if level not in self._open:
            self._open[level] = (tile, list(self._reader.hashes(level, tile)) if offset else [])
        hashes = self._open[level][1]
        hashes.append(value)
        if len(hashes) == WIDTH:
            self._full.append(LedgerTile(level=level, index=tile, width=WIDTH, data=b"".join(hashes)))
            del self._open[level]

    def rows(self) -> list[LedgerTile]:
        """The full tiles, and above level 0 the unfinished ones that have grown."""
        unfinished = [
            LedgerTile(level=level, index=tile, width=len(hashes), data=b"".join(hashes))
            for level, (tile, hashes) in self._open.items()
            if level
        ]
        return [*self._full, *unfinished]


def wait_integrated(entry_ids: Sequence[UUID], timeout: float) -> None:
    """Return once these entries have their places; integrates, where no other process does.

    Called after the transaction that appended them. Raises IntegrationTimeoutError after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while waiting := queries.still_pending(entry_ids):
        if time.monotonic() > deadline:
            raise IntegrationTimeoutError(
                f"{waiting} entries were not integrated within {timeout:g} s. They are safe; try again, and "
                "see `omnigov ledger status` where it lasts."
            )
        if not integrate():
            time.sleep(0.02)
