"""A worker's sign of life, and the sweep that finds what nobody holds.

Both run in a thread of their own: a step that computes for minutes must not look dead, and a run whose
wake-up call was lost must not wait for the next upload.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from omnigov import celery
from omnigov.decisions.leases import Claim, leases_extend, tasks_due
from omnigov.intake.services import uploads_sweep
from omnigov.ledger import services as ledger

log = logging.getLogger(__name__)


class Presence(threading.Thread):
    """Extends the leases of all that this process holds, and sweeps, until `leave()`."""

    def __init__(self) -> None:
        super().__init__(name="presence", daemon=True)
        self.stopping = threading.Event()
        self._held: set[Claim] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def holding(self, claims: list[Claim]) -> Iterator[None]:
        """While the block lasts, the heartbeat keeps these claims alive."""
        with self._lock:
            self._held.update(claims)
        try:
            yield
        finally:
            with self._lock:
                self._held.difference_update(claims)

    def leave(self) -> None:
        self.stopping.set()

    def run(self) -> None:
        beat = min(settings.OMNIGOV_LEASE_SECONDS / 3, settings.OMNIGOV_SWEEP_SECONDS)
        swept = 0.0
        while not self.stopping.wait(beat):
            close_old_connections()
            try:
                with self._lock:
                    held = list(self._held)
                if held:
                    leases_extend(held)
                if time.monotonic() - swept >= settings.OMNIGOV_SWEEP_SECONDS:
                    swept = time.monotonic()
                    sweep()
            except DatabaseError:
                # The database may be back at the next beat; a thread that dies of it would leave
                # the worker alive but without a heartbeat.
                log.exception("The heartbeat could not reach the database; trying again in %.0f s.", beat)


def sweep() -> None:
    """Wakes workers for runs that nobody holds, finishes cut-off uploads, integrates what is pending."""
    uploads_sweep()
    celery.wake(*tasks_due())
    ledger.integrate()
