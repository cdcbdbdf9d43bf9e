"""Work with a time limit, in a process that can be stopped.

A pattern or a model that hangs inside a library hears of no signal and of no thread's wish. A child that was
forked when everything is loaded costs some milliseconds, shares the models' memory, and is ended for certain.
It must be forked while no other thread of this process computes; the governed worker, where several do, is
itself a child that its parent watches and ends.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any, NoReturn

from omnigov.contracts import Quarantined

PIECE = 1 << 20  # bytes that are read of an answer at once


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """What the work returns, as JSON knows it: lists for tuples. It is done in a child process.

    Raises `TimeoutError` where it takes longer, `Quarantined` where the work does, and `ChildProcessError`
    where the child ends without an answer or with another error, of which only the kind is told.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _answer(writer, work)
    os.close(writer)
    try:
        said = json.loads(_read(reader, time.monotonic() + seconds) or '{"error": "no answer"}')
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)  # it is not waited for yet, so the number is still its own
        os.waitpid(child, 0)
    if "quarantined" in said:
        raise Quarantined(*said["quarantined"])
    if "error" in said:
        raise ChildProcessError(said["error"])
    return said["result"]


def _read(reader: int, deadline: float) -> bytes:
    """All that comes until the other side is closed. Raises `TimeoutError` at the deadline."""
    pieces: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            raise TimeoutError("the time was over")
        piece = os.read(reader, PIECE)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _answer(writer: int, work: Callable[[], Any]) -> NoReturn:
    """The child: writes what the work returns or raises, and ends with none of the parent's last acts."""
    try:
        try:
            said = json.dumps({"result": work()})
        except Quarantined as kept:
            said = json.dumps({"quarantined": [kept.code, kept.sentence]})
        except Exception as error:  # noqa: BLE001 # the parent has to hear of any; its text may hold values
            said = json.dumps({"error": type(error).__name__})
        with os.fdopen(writer, "wb") as stream:
            stream.write(said.encode())
    finally:
        os._exit(0)
