"""The one clock that counts between machines: the database's.

Whether an upload was left, a view is over or a medium has been kept for long enough is asked of it, and what
is compared with it was written by it. A machine whose own clock is a day ahead would refuse open uploads.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The database's time, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
