"""What the roles may do in the database.

The application: all but own it, and nothing but add to the record. The auditor: read the record, which holds
nothing personal, and see no other table.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from pghistory.models import Event
from psycopg import sql

RECORD_APP = "ledger"


def grant(using: str) -> None:
    """Gives the application role its rights on every table, after each migration by the owner.

    Where owner and application are one role nothing is granted: it has every right already, which
    `omnigov doctor` and `omnigov ledger check` say.
    """
    connection = connections[using]
    role = sql.Identifier(settings.OMNIGOV_APP_ROLE)
    record = {model._meta.db_table for model in apps.get_app_config(RECORD_APP).get_models()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user",
            [settings.OMNIGOV_APP_ROLE],
        )
        if cursor.fetchone() is None:
            return
        tables = connection.introspection.table_names(cursor)
        history = {each._meta.db_table for each in apps.get_models() if issubclass(each, Event)}
        for table in tables:
            rights = "SELECT, INSERT" if table in record else "SELECT, INSERT, UPDATE, DELETE"
            if table in history:
                rights = "SELECT, INSERT"
            if table == "django_migrations":
                rights = "SELECT"
            cursor.execute(sql.SQL("REVOKE ALL ON TABLE {} FROM {}").format(sql.Identifier(table), role))
            cursor.execute(
                sql.SQL("GRANT " + rights + " ON TABLE {} TO {}").format(sql.Identifier(table), role)
            )
        cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(role))


def grant_auditor(using: str) -> None:
    """Lets the auditor's role read the record's tables, and takes every other right on tables from it.

    Nothing is done where the role is missing, or is the one that migrates or the application's.
    """
    name = settings.OMNIGOV_AUDITOR_ROLE
    if name == settings.OMNIGOV_APP_ROLE:
        return
    connection = connections[using]
    role = sql.Identifier(name)
    record = {model._meta.db_table for model in apps.get_app_config(RECORD_APP).get_models()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [name])
        if cursor.fetchone() is None:
            return
        for table in connection.introspection.table_names(cursor):
            cursor.execute(sql.SQL("REVOKE ALL ON TABLE {} FROM {}").format(sql.Identifier(table), role))
            if table in record:
                cursor.execute(sql.SQL("GRANT SELECT ON TABLE {} TO {}").format(sql.Identifier(table), role))


def grant_after_migrate(*, using: str, **_: Any) -> None:
    """Receiver of `post_migrate`, which Django sends once an app: the last app's call sees every table."""
    grant(using)
    grant_auditor(using)
