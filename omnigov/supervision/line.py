"""What a worker's child says to its parent: lines of JSON over a socket.

The child says what it holds, what it is at and how long that may take without progress, that it gets on, and
why it can't work. It hears nothing but the line's end, when its parent died; then it ends too.

This file knows neither Django nor what a run is for.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Collection, Iterator
from typing import Any, Protocol

SAID_AT_MOST = 0.1
"""Seconds between two words that it gets on."""


class Hold(Protocol):
    """A hold on a run: `omnigov.decisions.leases.Claim`."""

    @property
    def run_id(self) -> uuid.UUID: ...
    @property
    def token(self) -> uuid.UUID: ...
    @property
    def attempt(self) -> int: ...


class Line:
    """The child's end. Before `connect` it says nothing to nobody."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._said = 0.0

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def connect(self, number: int) -> None:
        """Takes the inherited socket, and ends this process when the other end is gone."""
        self._socket = socket.socket(fileno=number)
        threading.Thread(target=self._end_with_parent, name="parent", daemon=True).start()

    def _end_with_parent(self) -> None:
        if self._socket is not None:
            self._socket.recv(1)
        os._exit(1)

    def ready(self, models: Collection[str]) -> None:
        self._say(say="ready", models=sorted(models))

    def hold(self, claims: Collection[Hold]) -> None:
        if claims:
            self._say(say="hold", claims=[_plain(claim) for claim in claims])

    def let_go(self, claims: Collection[Hold]) -> None:
        if claims:
            self._say(say="let_go", tokens=[str(claim.token) for claim in claims])

    def work_on(self, claims: Collection[Hold], patience: float) -> None:
        self._say(say="work_on", tokens=[str(claim.token) for claim in claims], patience=patience)

    def rest(self) -> None:
        """Says that it is at nothing any more that has a time of its own."""
        self._say(say="rest")

    def get_on(self) -> None:
        now = time.monotonic()
        if now - self._said >= SAID_AT_MOST:
            self._said = now
            self._say(say="get_on")

    def owe(self, claim: Hold, code: str, sentence: str) -> None:
        """Asks the parent to give a run back: the child could not reach the database."""
        self._say(say="owe", claim=_plain(claim), code=code, sentence=sentence)

    def unfit(self, sentence: str) -> None:
        self._say(say="unfit", sentence=sentence)

    def _say(self, **message: Any) -> None:
        if self._socket is None:
            return
        with self._lock:
            try:
                self._socket.sendall(json.dumps(message).encode() + b"\n")
            except OSError:
                os._exit(1)  # the parent died: that is no fault of the run that is at work


class Heard:
    """The parent's end: gives out whole messages, as they came."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self._rest = b""

    def fileno(self) -> int:
        return self._socket.fileno()

    def messages(self) -> Iterator[dict[str, Any]]:
        """All that has come by now. What is no message is left out: a child that died in a word."""
        while True:
            try:
                piece = self._socket.recv(65536)
            except (BlockingIOError, ConnectionResetError):
                break
            if not piece:
                break
            self._rest += piece
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            message = json.loads(line)
            if isinstance(message, dict):
                yield message

    def close(self) -> None:
        self._socket.close()


def _plain(claim: Hold) -> list[Any]:
    return [str(claim.run_id), str(claim.token), claim.attempt]
