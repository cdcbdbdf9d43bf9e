"""All that writes the ledger: appending an entry, and the sequencer that gives entries their places."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from omnigov.keys import keyring
from omnigov.ledger import canonical, queries
from omnigov.ledger.checkpoint import Checkpoint
from omnigov.ledger.keys import log_signer
from omnigov.ledger.merkle import leaf_hash
from omnigov.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerTile
from omnigov.ledger.schemas import SCHEMAS, Export, KeyMade, Record
from omnigov.ledger.tiles import HEIGHT, WIDTH, LedgerDamagedError, TileReader

#: At most this many entries are integrated under one checkpoint: some ten megabytes.
BATCH = 10_000

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,199}")
#: Whoever holds this advisory lock is the sequencer. Any process may be.
_LOCK = int.from_bytes(hashlib.sha256(b"omnigov ledger sequencer").digest()[:8], "big", signed=True)


class LedgerRefusedError(ValueError):
    """The entry can't be appended; the sentence says why."""


class IdempotencyError(LedgerRefusedError):
    """The key was used before, for something else."""


class IntegrationTimeoutError(TimeoutError):
    """Entries were not integrated in time. They are safe, and will be integrated later."""


# --- appending ---------------------------------------------------------------------------------------


def append(
    *, kind: str, body: Record, workspace: UUID | None, subject: UUID, idempotency_key: str
) -> LedgerEntry:
    """Append an entry in the caller's transaction: it is there if and only if that commits.

    The same key with the same content returns the entry that is there already; with other content it raises
    IdempotencyError. Raises LedgerRefusedError outside of a transaction, for a body of another kind, and for
    an entry of 64 KiB or more.
    """
    if not connection.in_atomic_block:
        raise LedgerRefusedError("An entry is appended inside the transaction of what it records.")
    if SCHEMAS.get((kind, body.schema_version)) is not type(body):
        raise LedgerRefusedError(f"{type(body).__name__} is not a schema of the kind {kind!r}.")
    if not _KEY.fullmatch(idempotency_key):
        raise LedgerRefusedError("An idempotency key is up to 200 letters, digits and the signs : . _ -")
    # One clock reading is both in the body and in the column, so that they can be compared later.
    now = datetime.now(UTC)
    previous = queries.latest_leaf_hash(subject)
    envelope: dict[str, Any] = {
        "at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "id": str(uuid.uuid4()),
        "key": idempotency_key,
        "kind": kind,
        "previous": previous.hex() if previous else None,
        "record": body.model_dump(mode="json"),
        "schema": body.schema_version,
        "subject": str(subject),
        "workspace": str(workspace) if workspace else None,
    }
    try:
        data = canonical.encode(envelope)
    except canonical.CanonicalError as error:
        raise LedgerRefusedError(f"The {kind} entry can't be written: {error}.") from error
    entry = LedgerEntry(
        id=UUID(envelope["id"]),
        workspace=workspace,
        kind=kind,
        schema=body.schema_version,
        subject=subject,
        idempotency_key=idempotency_key,
        created_at=now,
        body=data,
        leaf_hash=leaf_hash(data),
    )
    if _insert(entry):
        return entry
    earlier = LedgerEntry.objects.get(idempotency_key=idempotency_key)
    if _content(canonical.decode(bytes(earlier.body))) != _content(envelope):
        raise IdempotencyError(f"The key {idempotency_key} was used before, for an entry with other content.")
    return earlier


@transaction.atomic
def record(
    body: Record, *, workspace: UUID | None, subject: UUID, idempotency_key: str | None = None
) -> LedgerEntry:
    """Append what somebody did, and integrate it after the commit. Without a key each call is an entry."""
    entry = append(
        kind=body.kind,
        body=body,
        workspace=workspace,
        subject=subject,
        idempotency_key=idempotency_key or f"{body.kind}:{uuid.uuid4()}",
    )
    transaction.on_commit(integrate, robust=True)
    return entry


def export_record(
    *, digest: str, entries: int, size: int, whole: bool, workspace: UUID | None, exporter: UUID | None
) -> None:
    """Put a bundle on the record, before it is handed out. `exporter` is None for the command line."""
    body = Export(exporter=exporter, profile="full", whole=whole, entries=entries, size=size, bundle=digest)
    record(body, workspace=workspace, subject=uuid.uuid4())


def keys_record() -> None:
    """Put this installation's two keys on the record, once each: a replaced one is a new entry."""
    verifier = str(log_signer().verifier)
    digest = hashlib.sha256(verifier.encode()).hexdigest()
    for body in (
        KeyMade(use="log_signing", fingerprint=digest, verifier=verifier),
        KeyMade(use="key_encryption", fingerprint=keyring().fingerprint, verifier=None),
    ):
        subject = uuid.uuid5(uuid.NAMESPACE_OID, body.fingerprint)
        key = f"key:{body.use}:{body.fingerprint}"
        record(body, workspace=None, subject=subject, idempotency_key=key)


def _insert(entry: LedgerEntry) -> bool:
    """Insert the row, and fill in `seq` and `transaction`; False where the idempotency key is taken.

    Another transaction that has just used the same key is waited for.
    """
    columns = (
        *("id", "workspace", "kind", "schema", "subject", "idempotency_key"),
        *("created_at", "body", "leaf_hash"),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_entry ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) "  # noqa: S608 - fixed names
            "ON CONFLICT (idempotency_key) DO NOTHING RETURNING seq, transaction",
            [getattr(entry, column) for column in columns],
        )
        row = cursor.fetchone()
    if row is None:
        return False
    entry.seq, entry.transaction = row
    entry._state.adding = False
    entry._state.db = connection.alias
    return True


def _content(envelope: dict[str, Any]) -> dict[str, Any]:
    """What has to be the same for a repeated append: not when it was made, nor what came before it."""
    return {name: value for name, value in envelope.items() if name not in {"at", "id", "previous"}}


# --- the sequencer -----------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def integrate() -> int:
    """Give every committed entry its place, in order, under one signed checkpoint; how many there were.

    All or nothing, and by one process at a time: 0 where another one is at it. Raises LedgerDamagedError
    where the tables do not lead to the root that was signed last, and then signs nothing.
    """
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
    log = TileReader(size).compact_range()
    if last and log.root() != bytes(last.root):
        raise LedgerDamagedError(
            "The tiles do not lead to the root that was signed last. Run: omnigov ledger check"
        )
    growing = _GrowingTiles(size)
    for _, body in rows:
        log.append(leaf_hash(bytes(body)), growing.add)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_leaf (index, entry_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
            [list(range(size, log.size)), [seq for seq, _ in rows]],
        )
    LedgerTile.objects.bulk_create(growing.rows())
    signer = log_signer()
    note = signer.sign(Checkpoint(signer.name, log.size, log.root()).text())
    LedgerCheckpoint.objects.create(
        size=log.size, root=log.root(), note=note, horizon=horizon, created_at=datetime.now(UTC)
    )
    return len(rows)


def _pending_rows(horizon: int) -> tuple[list[tuple[int, bytes]], int]:
    """Entries without a leaf (seq, body) in the order of their appending, and the next horizon.

    Only transactions from the horizon on are looked at: all before it had ended, and were integrated. After
    a move to another server, transaction numbers may start anew below the horizon; then every entry is looked
    at.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        if horizon > cursor.fetchone()[0]:
            horizon = 0
        cursor.execute(
            "SELECT entry.seq, entry.body, pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
            "FROM ledger_entry entry LEFT JOIN ledger_leaf leaf ON leaf.entry_id = entry.seq "
            "WHERE entry.transaction >= %s AND leaf.index IS NULL ORDER BY entry.seq LIMIT %s",
            [horizon, BATCH],
        )
        found = cursor.fetchall()
    if found and len(found) < BATCH:
        horizon = found[0][2]
    return [(seq, body) for seq, body, _ in found], horizon


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
