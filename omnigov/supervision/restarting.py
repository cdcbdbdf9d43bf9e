"""Processes of ours that are started again whenever they end, after pauses that grow, and say why.

Whoever starts them has one thread: a child is told of its parent's death by the kernel, which counts the
thread that started it as the parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds before the first, the second, … start after one that ended soon; then the last again and again."""

CALM = 60.0
"""Seconds after which a process has not ended soon."""

CALM_UNFIT = 3600.0
"""The same for one that said it can't do its work: it may take minutes to find that out, each time."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def without(names: Sequence[str], command: Sequence[str]) -> list[str]:
    """The command line that runs `command` with these variables empty: what a process must not have."""
    return ["env", *(f"{name}=" for name in names), *command]


def start(
    command: Sequence[str],
    *,
    log: Path | None = None,
    inherited: Sequence[int] = (),
    with_us: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """A child in a process group of its own, which gets the signal `with_us` when this process dies.

    In a group of its own, because Ctrl-C is for whoever ends its children in order.
    """
    us = os.getpid()

    def end_with_us() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(with_us))
        if os.getppid() != us:
            os._exit(1)

    with contextlib.ExitStack() as stack:
        out = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            out = stack.enter_context(log.open("ab"))
        return subprocess.Popen(  # noqa: S603 - our own commands
            command,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            pass_fds=tuple(inherited),
            process_group=0,
            preexec_fn=end_with_us,
        )


def end(process: subprocess.Popen[bytes], name: str, patience: float = 20) -> None:
    """SIGTERM, then SIGKILL: a worker's runs are safe either way, their leases end by themselves."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        print(f"The {name} did not leave within {patience:.0f} s and is stopped now.", file=sys.stderr)
        process.kill()
        process.wait()


def why(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
        return f"was ended by signal {-code}"
    return f"ended with code {code}"


@dataclass(frozen=True)
class Ended:
    """That a process ended: its code, how long it had run, and the pause before it is started again."""

    code: int
    lived: float
    pause: float
    not_made: str = ""
    """Why it could not even be started, where that is so."""


class Restarted:
    """One process that is kept up. `look` has to be called again and again."""

    def __init__(self, name: str, make: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.name = name
        self.starts = 0
        self.unfit = False
        """Whether the process that runs, or ran last, said that it can't do its work."""
        self.process: subprocess.Popen[bytes] | None = None
        self._make = make
        self._soon = 0
        self._began = self._next = 0.0

    def look(self) -> Ended | None:
        """Starts it where it is time to; says once that it ended."""
        now = time.monotonic()
        if self.process is None:
            if now < self._next:
                return None
            try:
                self.unfit = False
                self.process, self._began = self._make(), now
            except (OSError, subprocess.SubprocessError) as error:
                # No memory or no process left on the machine: that passes, and ends nobody else.
                return self._ended(0, 0.0, now, str(error) or type(error).__name__)
            self.starts += 1
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.process = None
        return self._ended(code, now - self._began, now)

    def _ended(self, code: int, lived: float, now: float, not_made: str = "") -> Ended:
        self._soon = 0 if lived >= (CALM_UNFIT if self.unfit else CALM) else self._soon + 1
        pause = PAUSES[min(max(self._soon - 1, 0), len(PAUSES) - 1)]
        self._next = now + pause
        return Ended(code, lived, pause, not_made)

    def end(self, patience: float) -> None:
        if self.process is not None:
            end(self.process, self.name, patience)
            self.process = None


def told(name: str, ended: Ended, because: str = "") -> str:
    """The sentence that says that a process ended, why, and when it comes again."""
    again = "now" if not ended.pause else f"in {ended.pause:.0f} s"
    if ended.not_made:
        return f"The {name} could not be started ({ended.not_made}). It is tried again {again}."
    reason = f": {because}" if because else "."
    return f"The {name} {why(ended.code)}{reason} It is started again {again}."


@contextlib.contextmanager
def interrupted() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block in order, and nothing is printed of it."""
    try:
        yield
    except KeyboardInterrupt:
        return
