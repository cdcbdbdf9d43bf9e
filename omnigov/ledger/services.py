"""Appending to the ledger: entries wait in their table for the sequencer to give them their places."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import psycopg
from django.db import connection, transaction

from omnigov.keys import keyring
from omnigov.ledger import canonical, queries
from omnigov.ledger.keys import log_signer
from omnigov.ledger.merkle import leaf_hash
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.schemas import SCHEMAS, Export, KeyMade, Record
from omnigov.ledger.sequencer import integrate

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,199}")
_COLUMNS = {
    "id": "uuid",
    "workspace": "uuid",
    "kind": "text",
    "schema": "smallint",
    "subject": "uuid",
    "idempotency_key": "text",
    "created_at": "timestamptz",
    "body": "bytea",
    "leaf_hash": "bytea",
}
_INSERT = (
    f"INSERT INTO ledger_entry ({', '.join(_COLUMNS)}) "  # noqa: S608 - fixed names
    f"SELECT * FROM unnest({', '.join(f'%b::{each}[]' for each in _COLUMNS.values())}) "
    "ON CONFLICT (idempotency_key) DO NOTHING RETURNING seq, transaction"
)


class LedgerRefusedError(ValueError):
    """The entry can't be appended; the sentence says why."""


class IdempotencyError(LedgerRefusedError):
    """The key was used before, for something else."""


# --- appending ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewEntry:
    """An entry to be: its record, what it is about, and the key that keeps it from being written twice."""

    body: Record
    workspace: UUID | None
    subject: UUID
    idempotency_key: str


def append(
    *, kind: str, body: Record, workspace: UUID | None, subject: UUID, idempotency_key: str
) -> LedgerEntry:
    """Append an entry in the caller's transaction: it is there if and only if that commits.

    The same key with the same content returns the entry that is there already; with other content it raises
    IdempotencyError. Raises LedgerRefusedError outside of a transaction, for a body of another kind, and for
    an entry of 64 KiB or more.
    """
    if body.kind != kind:
        raise LedgerRefusedError(f"{type(body).__name__} is not a schema of the kind {kind!r}.")
    return append_many([NewEntry(body, workspace, subject, idempotency_key)])[0]


def append_many(new: Sequence[NewEntry]) -> list[LedgerEntry]:
    """Append entries in this order, as `append` does each, but all in two statements."""
    if not connection.in_atomic_block:
        raise LedgerRefusedError("An entry is appended inside the transaction of what it records.")
    if not new:
        return []
    made = _made(new)
    if len(new) == 1:
        return made if _insert(made) else [_repeated(made[0])]
    try:
        with transaction.atomic():
            if not _insert(made):
                raise _KeyTakenError
    except _KeyTakenError:
        # What follows a repeated entry in the batch would name it as its predecessor, not the earlier one.
        return [append_many([each])[0] for each in new]
    return made


class _KeyTakenError(Exception):
    """One of a batch was appended before."""


def _made(new: Sequence[NewEntry]) -> list[LedgerEntry]:
    """The entries, each with its predecessor and its bytes."""
    # One clock reading is both in the body and in the column, so that they can be compared later.
    now = datetime.now(UTC)
    at = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    previous = queries.latest_leaf_hashes({each.subject for each in new})
    made = []
    for each in new:
        body = each.body
        if SCHEMAS.get((body.kind, body.schema_version)) is not type(body):
            raise LedgerRefusedError(f"{type(body).__name__} is not a schema of the kind {body.kind!r}.")
        if not _KEY.fullmatch(each.idempotency_key):
            raise LedgerRefusedError("An idempotency key is up to 200 letters, digits and the signs : . _ -")
        before, new_id = previous.get(each.subject), uuid.uuid4()
        envelope: dict[str, Any] = {
            "at": at,
            "id": str(new_id),
            "key": each.idempotency_key,
            "kind": body.kind,
            "previous": before.hex() if before else None,
            "record": body.model_dump(mode="json"),
            "schema": body.schema_version,
            "subject": str(each.subject),
            "workspace": str(each.workspace) if each.workspace else None,
        }
        try:
            data = canonical.encode(envelope)
        except canonical.CanonicalError as error:
            raise LedgerRefusedError(f"The {body.kind} entry can't be written: {error}.") from error
        leaf = previous[each.subject] = leaf_hash(data)
        made.append(
            LedgerEntry(
                id=new_id,
                workspace=each.workspace,
                kind=body.kind,
                schema=body.schema_version,
                subject=each.subject,
                idempotency_key=each.idempotency_key,
                created_at=now,
                body=data,
                leaf_hash=leaf,
            )
        )
    return made


def _repeated(entry: LedgerEntry) -> LedgerEntry:
    """The entry that has this one's key already."""
    earlier = LedgerEntry.objects.get(idempotency_key=entry.idempotency_key)
    if _content(bytes(earlier.body)) != _content(bytes(entry.body)):
        raise IdempotencyError(
            f"The key {entry.idempotency_key} was used before, for an entry with other content."
        )
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
    *,
    digest: str,
    profile: Literal["full", "redacted"],
    entries: int,
    size: int,
    whole: bool,
    workspace: UUID | None,
    exporter: UUID | None,
) -> None:
    """Put a bundle on the record, before it is handed out. `exporter` is None for the command line."""
    body = Export(exporter=exporter, profile=profile, whole=whole, entries=entries, size=size, bundle=digest)
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


def key_is_another(use: str, fingerprint: str) -> bool:
    """Whether keys of this use are on the record, and this one is not among them."""
    if LedgerEntry.objects.filter(idempotency_key=f"key:{use}:{fingerprint}").exists():
        return False
    return LedgerEntry.objects.filter(
        workspace=None, kind=KeyMade.kind, idempotency_key__startswith=f"key:{use}:"
    ).exists()


def _insert(made: Sequence[LedgerEntry]) -> bool:
    """Insert the rows, and fill in `seq` and `transaction`; False where an idempotency key is taken.

    Another transaction that has just used the same key is waited for. Bytes go to the database as bytes: as
    literals in the statement, which is how Django sends them, they were half of the time of an append.
    """
    columns = [[getattr(entry, name) for entry in made] for name in _COLUMNS]
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection, row_factory=psycopg.rows.tuple_row) as cursor,
    ):
        cursor.execute(_INSERT, columns, binary=True)
        rows = cursor.fetchall()
    if len(rows) < len(made):
        return False
    for entry, (seq, number) in zip(made, rows, strict=True):
        entry.seq, entry.transaction = seq, number
        entry._state.adding = False
        entry._state.db = connection.alias
    return True


def _content(body: bytes) -> dict[str, Any]:
    """What has to be the same for a repeated append: not when it was made, nor what came before it."""
    envelope: dict[str, Any] = canonical.decode(body)
    return {name: value for name, value in envelope.items() if name not in {"at", "id", "previous"}}
