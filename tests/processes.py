"""Real worker and keeper processes for tests, and ways to watch and to end them."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from omnigov.commands.installation import keeper_command, worker_command
from omnigov.supervision.restarting import start

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


class Process:
    """A process of this session's house, with its log in a file."""

    def __init__(self, command: list[str]) -> None:
        with tempfile.NamedTemporaryFile(prefix="process-", suffix=".log", delete=False) as log:
            self._log = Path(log.name)
        self.process = start(command, log=self._log)

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
        self._log.unlink(missing_ok=True)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")


class Worker(Process):
    """A worker: its parent, whose children end with it."""

    def __init__(self, queues: str = "cpu,gpu") -> None:
        super().__init__(worker_command(queues=queues))


@contextlib.contextmanager
def working(queues: str = "cpu,gpu") -> Iterator[Worker]:
    """A worker for the block, and a keeper, which wakes it."""
    keeper, worker = Process(keeper_command()), Worker(queues)
    try:
        yield worker
    finally:
        worker.stop()
        keeper.stop()


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
