"""Fills tables quickly: rows as they are, with indexes made once at the end and no row checked or counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, cast

import psycopg

Connection = psycopg.Connection[Any]


@contextmanager
def without_indexes(owner: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Within, the tables have neither triggers, foreign keys nor indexes but those that hold constraints.

    Only for a house that nobody else works in: what is written is taken as it is.
    """
    found = owner.execute(
        """SELECT index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid)
        FROM pg_index index LEFT JOIN pg_constraint held ON held.conindid = index.indexrelid
        WHERE index.indrelid = ANY(%s::regclass[]) AND held.oid IS NULL AND NOT index.indisunique""",
        [list(tables)],
    ).fetchall()
    owner.execute("SET synchronous_commit = off")
    owner.execute("SET maintenance_work_mem = '512MB'")
    owner.execute("SET work_mem = '128MB'")
    keys = owner.execute(
        """SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
        FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])""",
        [list(tables)],
    ).fetchall()
    _all(owner, (f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables))
    _all(owner, (f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in keys))
    _all(owner, (f"DROP INDEX {name}" for name, _ in found))
    yield
    _all(owner, (definition for _, definition in found))
    # What is there is taken as it is; what comes after is checked.
    _all(owner, (f"ALTER TABLE {table} ADD CONSTRAINT {name} {key} NOT VALID" for table, name, key in keys))
    _all(owner, (f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables))


def _all(owner: Connection, statements: Iterable[str]) -> None:
    for each in statements:
        owner.execute(cast(LiteralString, each))
