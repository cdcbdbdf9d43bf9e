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
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import close_old_connections

from omnigov import celery
from omnigov.decisions.leases import Claim, leases_extend, tasks_due
from omnigov.erasure.services import replay, retention_run
from omnigov.intake.services import uploads_sweep

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
        swept = retained = 0.0
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
                if time.monotonic() - retained >= settings.OMNIGOV_RETENTION_SECONDS:
                    retained = time.monotonic()
                    erased = retention_run()
                    if erased:
                        log.info("%d media were erased: their retention period is over.", erased)
            except Exception:  # logged, and tried again: without this thread the worker has no heartbeat
                log.exception("The heartbeat or the sweep did not go through; again in %.0f s.", beat)


def sweep() -> None:
    """Wakes workers for runs that nobody holds, and finishes cut-off uploads and erasures."""
    uploads_sweep()
    replay(since=datetime.now(UTC) - timedelta(days=1))
    celery.wake(*tasks_due())
