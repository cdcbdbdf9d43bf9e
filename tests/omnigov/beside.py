"""Two transactions at once: the second begins while the first is not committed yet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

from django.db import connection, transaction


def beside(first: Callable[[], Any], second: Callable[[], None]) -> None:
    """Does `first` and commits it once `second`, begun after it, is done or waits for a lock."""
    done = Event()
    with ThreadPoolExecutor(1) as others:
        with transaction.atomic():
            first()
            begun = Event()
            later: Future[None] = others.submit(_apart, second, begun, done)
            begun.wait(30)
            while not done.wait(0.02) and not _somebody_waits():
                pass
        later.result(30)


def _apart(work: Callable[[], None], begun: Event, done: Event) -> None:
    try:
        begun.set()
        work()
    finally:
        done.set()
        connection.close()


def _somebody_waits() -> bool:
    """Whether a transaction waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone() is not None
