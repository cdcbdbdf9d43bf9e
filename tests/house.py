"""Real worker processes for tests, and ways to watch and to end them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from omnigov.commands.house import worker_command

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


class Worker:
    """A worker process of this session's house, with its log in a file."""

    def __init__(self, queues: str = "cpu,gpu") -> None:
        self._log = tempfile.NamedTemporaryFile(prefix="worker-", suffix=".log", delete=False)  # noqa: SIM115 - closed by stop
        self.process = subprocess.Popen(
            worker_command(queues=queues),
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            env=os.environ,
        )

    def kill(self) -> None:
        """As the kernel's out-of-memory killer does it: no clean-up, no goodbye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self._log.close()
        Path(self._log.name).unlink(missing_ok=True)

    @property
    def log(self) -> str:
        return Path(self._log.name).read_text(errors="replace")


@contextlib.contextmanager
def working(queues: str = "cpu,gpu") -> Iterator[Worker]:
    worker = Worker(queues)
    try:
        yield worker
    finally:
        worker.stop()


def until(
    true: Callable[[], bool], *, within: float, worker: Worker | None = None, every: float = 0.05
) -> None:
    """Waits for a condition; fails with the worker's log where it does not come true."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(
                "It did not come true in time." + (f"\n{worker.log[-6000:]}" if worker else "")
            )
        if worker is not None and worker.process.poll() is not None:
            raise AssertionError(f"The worker ended with {worker.process.returncode}.\n{worker.log[-6000:]}")
        time.sleep(every)
