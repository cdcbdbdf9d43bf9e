"""Database connections: a process has a few, its threads share them, and nobody keeps one that reads nothing.

A web server answers each request in a thread of its own. With a connection for each, twenty browsers took all
that the database has. Now a thread that finds none waits for one.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

CONNECTIONS = 16
"""At most so many a process: web, keeper and workers together stay below PostgreSQL's usual hundred."""

WAIT_SECONDS = 10
"""How long a thread waits for a connection before it says that the database can't be reached."""

IDLE_SECONDS = 60


def pool_options() -> dict[str, object]:
    """What the settings say of a database's pool, if this process is to have one.

    OMNIGOV_DATABASE_CONNECTIONS is the most connections a process has; 0 stands for no pool, where something
    else pools them (PgBouncer).
    """
    most = int(os.environ.get("OMNIGOV_DATABASE_CONNECTIONS", CONNECTIONS))
    if most <= 0:
        return {}
    atexit.register(pools_close)
    limits = {"min_size": 1, "max_size": most, "timeout": WAIT_SECONDS, "max_idle": IDLE_SECONDS}
    return {"pool": {**limits, "num_workers": 2}}


def pools_close() -> None:
    """Closes this process's connections, and ends the threads that look after them."""
    from django.conf import settings
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper

    if not settings.configured:
        return
    connections.close_all()
    for alias in connections:
        found = connections[alias]
        if isinstance(found, DatabaseWrapper):
            found.close_pool()


class GivesConnectionBack:
    """The outermost middleware: once an answer is made, nothing more is read for it.

    Django keeps the connection until the last byte has been sent, which takes a slow reader of a large file
    hours. Where a transaction is open around the request, as in tests, it stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from django.db import connections

        response = self.get_response(request)
        for each in connections.all(initialized_only=True):
            if not each.in_atomic_block:
                each.close()
        return response
