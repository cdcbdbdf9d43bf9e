"""The faults of the soak. Each is done for real, from outside: nothing in the product knows of it."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
import uuid
from pathlib import Path

import psutil

from omnigov import embedded
from tests.soak.running import Files, Processes

UNWRITABLE_SECONDS = 4.0
AWAY_SECONDS = 3.0


class Faults:
    """One method a kind; each returns what it did, for the report."""

    def __init__(self, var: Path, processes: Processes, files: Files) -> None:
        self._var = var
        self._processes = processes
        self._files = files
        self.poison: uuid.UUID | None = None
        self.poison_kills = 0

    def child_killed(self) -> str:
        children = self._processes.children()
        for queue in sorted(children, key=lambda _: os.urandom(1)):
            _kill(children[queue])
            return f"child for {queue} killed"
        return "no child was there to kill"

    def parent_killed(self) -> str:
        pid = self._processes.pid("worker")
        if pid is not None:
            _kill(pid)
        return "worker's parent killed"

    def keeper_killed(self) -> str:
        pid = self._processes.pid("keeper")
        if pid is not None:
            _kill(pid)
        return "keeper killed"

    def disk_full(self) -> str:
        """Not a byte more can be written to any file by the children, for some seconds."""
        limited = []
        for pid in self._processes.children().values():
            with contextlib.suppress(ProcessLookupError):
                limited.append((pid, resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, -1))))
        self._wait(UNWRITABLE_SECONDS)
        for pid, before in limited:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        return f"no file could be written by {len(limited)} children"

    def database_lost(self) -> str:
        from django.db import connections

        connections.close_all()
        embedded._stop_postgres(self._var)
        self._wait(AWAY_SECONDS)
        embedded._start_postgres(self._var)
        return "database stopped and started"

    def broker_lost(self) -> str:
        pid = int((self._var / "run" / "valkey.pid").read_text())
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self._wait(AWAY_SECONDS)
        embedded._start_valkey(self._var)
        return "broker killed and started"

    def upload_damaged(self) -> str:
        """A byte of a sealed original changes on the disk, before a worker comes to it."""
        from omnigov.intake import vault

        submission = self._files.hand_in()
        file = vault._file(submission)
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(bytes(content))
        self._files.damaged.add(submission)
        return "an upload was damaged"

    def file_poisoned(self) -> str:
        """A file that kills whoever works on it: `poison_look` does the killing."""
        if self.poison is not None:
            return self.child_killed()
        self.poison = self._files.hand_in()
        self._files.poisoned.add(self.poison)
        return "a poisoned file was handed in"

    def poison_look(self) -> None:
        """Kills the child that works on the poisoned file, each time, until its run has ended."""
        if self.poison is None:
            return
        run = self._files.runs().filter(submission=self.poison).first()
        if run is not None and run.ended:
            self.poison = None
            return
        if run is not None and run.lease_token and run.state == "redacting" and run.step:
            child = self._processes.children().get("cpu")
            if child is not None:
                _kill(child)
                self.poison_kills += 1

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._processes.look()
            time.sleep(0.1)


def _kill(pid: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()
