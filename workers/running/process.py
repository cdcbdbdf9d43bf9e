"""This process as a worker: its name, its parent, the models it holds, and whether it is leaving."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, transaction

from omnigov.decisions import leases
from omnigov.decisions.leases import Claim, Step
from omnigov.supervision.line import Line
from workers.faults import WorkerUnfit

log = logging.getLogger(__name__)


class WorkerProcess:
    """Claims runs, and tells the parent what is held, what is at work and that it gets on.

    Without a parent, as in tests, nobody is told; leases are then as long as they are.
    """

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.leaving = threading.Event()
        self.line = Line()
        self.models: frozenset[str] | None = None
        """Digests of the model versions that it can be asked of; None where it was not asked."""

    @contextmanager
    def claimed(self, step: Step, limit: int) -> Iterator[list[Claim]]:
        """Runs taken for the block; what it leaves undone is given back at its end."""
        models = self.models if step in leases.NEEDS_MODEL else None
        claims: list[Claim] = []
        try:
            with transaction.atomic():
                claims = leases.runs_claim(step=step, worker=self.name, limit=limit, models=models)
                # Before the commit: a run that is held and that the parent knows nothing of would lose its
                # lease.
                self.line.hold(claims)
        except (DatabaseError, InterfaceError):
            # Whether the commit went through is not known. The parent would extend for ever what nobody does.
            for claim in claims:
                self.line.owe(claim, "", "")
            raise
        try:
            yield claims
        finally:
            self.line.let_go(claims)

    def at_work(self, claims: Collection[Claim], patience: float) -> None:
        """These runs are being worked on, and get on at least once in `patience` seconds."""
        self.line.work_on(claims, patience)

    @contextmanager
    def at_something_else(self, patience: float) -> Iterator[None]:
        """What is done in the block is no run, and still has to end, or get on, in `patience` seconds."""
        self.line.work_on((), patience)
        try:
            yield
        finally:
            self.line.rest()

    def give_back(self, claims: Collection[Claim], *, code: str = "", sentence: str = "") -> None:
        """Gives runs back that this process did not end. Where the database is away, the parent will."""
        for claim in claims:
            try:
                leases.lease_release(claim, code=code, sentence=sentence)
            except (DatabaseError, InterfaceError):
                self.line.owe(claim, code, sentence)

    def suspect(self, claims: Collection[Claim], *, code: str, sentence: str) -> None:
        """Gives runs back that may be why this process can't go on; one alone at work counts that."""
        for claim in claims:
            try:
                leases.lease_suspect(claim, alone=len(claims) == 1, code=code, sentence=sentence)
            except (DatabaseError, InterfaceError):
                self.line.owe(claim, code, sentence)

    def stop(self, reason: WorkerUnfit) -> None:
        """Takes no more runs, says why, and leaves."""
        log.error("This worker stops: %s", reason)
        self.leaving.set()
        self.line.unfit(str(reason))
        if self.line.connected:
            os.kill(os.getpid(), signal.SIGTERM)


process = WorkerProcess()
