"""The database itself refuses change, whoever asks."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.utils import IntegrityError

from omnigov.ledger.models import LedgerEntry, LedgerTile
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services


CHANGES = [
    "UPDATE {} SET {} = {}",
    "UPDATE {} SET {} = {} WHERE false",
    "DELETE FROM {}",
    "DELETE FROM {} WHERE false",
    "TRUNCATE {} CASCADE",
]
COLUMNS = {
    "ledger_entry": "kind",
    "ledger_leaf": "index",
    "ledger_tile": "width",
    "ledger_checkpoint": "note",
    "ledger_cosignature": "line",
}


@pytest.mark.parametrize("alias", ["default", "owner"])
@pytest.mark.parametrize("table", COLUMNS)
def test_change_is_refused(long_log: Log, alias: str, table: str) -> None:
    expected = {"default": "permission denied", "owner": "the ledger is only added to"}[alias]
    column = COLUMNS[table]
    with connections[alias].cursor() as cursor:
        for change in CHANGES:
            with pytest.raises(Exception, match=expected):
                cursor.execute(change.format(table, column, column))


def test_change_is_refused_to_a_session_that_calls_itself_a_replica(log: Log) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute(
            "SELECT bool_and(tgenabled = 'A') FROM pg_trigger WHERE tgname = 'rows_are_only_added'"
        )
        assert cursor.fetchone() == (True,)


def test_the_application_s_role_may_read_and_add_alone(log: Log) -> None:
    with connection.cursor() as cursor:
        for table in COLUMNS:
            for privilege, granted in (
                *(("SELECT", True), ("INSERT", True), ("UPDATE", False), ("DELETE", False)),
                *(("TRUNCATE", False), ("TRIGGER", False), ("REFERENCES", False)),
            ):
                cursor.execute("SELECT has_table_privilege(%s, %s)", [table, privilege])
                assert cursor.fetchone() == (granted,), (table, privilege)
            with pytest.raises(Exception, match="must be owner"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            with pytest.raises(Exception, match="must be owner"):
                cursor.execute(f"DROP TABLE {table} CASCADE")


def test_a_row_that_does_not_fit_its_own_bytes_is_refused(log: Log) -> None:
    with pytest.raises(IntegrityError, match="a_leaf_hash_is_the_body_s"):
        LedgerEntry.objects.create(
            id=uuid4(),
            kind="x",
            schema=1,
            subject=uuid4(),
            idempotency_key="x",
            created_at="2026-01-01T00:00Z",
            body=b"{}",
            leaf_hash=bytes(32),
        )
    with pytest.raises(IntegrityError, match="a_tile_is_as_wide_as_it_says"):
        LedgerTile.objects.create(level=1, index=0, width=2, data=bytes(32))
