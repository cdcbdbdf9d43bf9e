"""What a job is: a name, how often, and work that does each of its items alone."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
    transaction,
)
from django.utils import timezone

from omnigov.keeper.faults import fault_clear, fault_note
from omnigov.keeper.models import JobFault

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0
"""Seconds between two tries of a job that fails as a whole."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Job:
    """`work` is called every `every` seconds. It MUST return soon, or look at `leaving` between items."""

    name: str
    every: float
    work: Callable[[threading.Event], object]


def only_one(job: str) -> bool:
    """Whether this transaction has the job to itself, until it ends: several keepers may run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(job)])
        return bool(cursor.fetchone()[0])


def _number(job: str) -> int:
    digest = hashlib.sha256(f"omnigov keeper {job}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextmanager
def alone_meanwhile(job: str) -> Iterator[bool]:
    """Whether the block has the job to itself: for work that has transactions of its own.

    Another connection holds the lock, and does nothing else. It is in no transaction: one that stayed open
    for as long as a night's check takes is what a database's owner looks for, and ends.
    """
    other = connections[DEFAULT_DB_ALIAS].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_number(job)])
            mine = bool(cursor.fetchone()[0])
        try:
            yield mine
        finally:
            if mine:
                with other.cursor() as cursor:  # the pool would hand the lock on with the connection
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(job)])
    finally:
        other.close()


def each_alone(
    job: str, items: Iterable[Item], work: Callable[[Item], object], leaving: threading.Event | None = None
) -> int:
    """Does the work for each item in a transaction of its own; how many went well.

    The fault of one is kept where an administrator sees it, and the next one is done. It is tried again after
    a pause. A database that is away is no item's fault: it is raised. One that refuses this item and answers
    otherwise (a deadlock, a statement that took too long) keeps no other waiting.
    """
    now = timezone.now()
    known = dict(JobFault.objects.filter(job=job).values_list("subject", "next_at"))
    done = 0
    for item in items:
        if leaving is not None and leaving.is_set():
            break
        subject = str(item)[:120]
        if subject in known and known[subject] > now:
            continue
        try:
            with transaction.atomic():
                if not only_one(job):
                    return done
                work(item)
        except Exception as error:
            if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
                raise
            fault_note(job, subject, error)
            continue
        if subject in known:
            fault_clear(job, subject)
        done += 1
    return done


class JobThread(threading.Thread):
    """Does one job again and again, until `leave()`. Nothing ends it: neither a fault nor a lost database."""

    def __init__(self, job: Job) -> None:
        super().__init__(name=job.name, daemon=True)
        self.leaving = threading.Event()
        self._job = job
        self._trouble: str | None = None
        """What stopped it last; None before its first round, and a keeper before may have noted a fault."""

    def leave(self) -> None:
        self.leaving.set()

    def run(self) -> None:
        pause = self._job.every
        try:
            while not self.leaving.wait(pause):
                pause = self._job.every if self._once() else min(max(1.0, pause * 2), LONGEST_PAUSE)
        finally:
            connection.close()

    def _once(self) -> bool:
        close_old_connections()
        try:
            self._job.work(self.leaving)
            if self._trouble != "":
                fault_clear(self._job.name, "")
                self._trouble = ""
        except (OperationalError, InterfaceError) as error:
            # Where the database is away there is nowhere to keep it, and its return mends it.
            self._say(error)
        except Exception as error:  # noqa: BLE001 - the thread has to live on, whatever a job meets
            self._say(error)
            self._keep(error)
        else:
            return True
        finally:
            connection.close()  # others may have it until the next round
        return False

    def _say(self, error: Exception) -> None:
        if self._trouble != str(error):
            self._trouble = str(error) or type(error).__name__
            log.error("The job %s did not go through; it is tried again.", self._job.name, exc_info=error)

    def _keep(self, error: Exception) -> None:
        try:
            fault_note(self._job.name, "", error)
        except (DatabaseError, InterfaceError):
            log.warning("The fault of the job %s is in this log alone.", self._job.name)
