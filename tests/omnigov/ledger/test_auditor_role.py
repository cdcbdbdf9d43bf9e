"""The auditor's database role reads the record and nothing else."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql

from omnigov.database_roles import grant_auditor
from omnigov.ledger.check import check
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services


def _as_owner(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(sql.Identifier(settings.OMNIGOV_AUDITOR_ROLE)))


def _may(table: str, privilege: str) -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(%s, %s, %s)", [settings.OMNIGOV_AUDITOR_ROLE, table, privilege]
        )
        return bool(cursor.fetchone()[0])


def test_the_auditor_reads_the_record_and_changes_nothing(log: Log) -> None:
    for table in ("ledger_entry", "ledger_leaf", "ledger_tile", "ledger_checkpoint"):
        assert _may(table, "SELECT")
        assert not _may(table, "INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER")
    assert not _may("django_migrations", "SELECT")
    assert check().auditor_too_strong == []


def test_an_auditor_who_may_do_more_is_named_by_the_check_and_put_right(log: Log) -> None:
    _as_owner("GRANT INSERT ON ledger_entry TO {}")
    _as_owner("GRANT SELECT ON django_migrations TO {}")
    assert check().auditor_too_strong == [
        "may read django_migrations, which is not of the record",
        "may change ledger_entry",
    ]
    grant_auditor("owner")
    assert check().auditor_too_strong == []
