"""Fills tables quickly: rows as they are, with indexes made once at the end and no row checked or counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    owner.execute("SET session_replication_role = replica")
    for name, _ in found:
        owner.execute(cast(LiteralString, f"DROP INDEX {name}"))
    try:
        yield
    finally:
        for _, definition in found:
            owner.execute(cast(LiteralString, definition))
        owner.execute("SET session_replication_role = origin")
