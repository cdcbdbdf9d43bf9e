"""A worker's parent: keeps the heartbeat, watches for progress, and starts its children again.

A child computes, and may hold Python's lock for minutes: no thread in it is a sign of life. So the leases of
what it holds are extended here, for as long as it gets on. A child that does not get on for a step's own time
hangs and is killed; what it was at is suspect, what it held beside it is given back.

When it is asked to leave, it lets its children stop first: the heartbeat ends after the work.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connections

from omnigov.decisions import leases, live_workers
from omnigov.supervision.line import Heard
from omnigov.supervision.restarting import Ended, Restarted, start, told, why, without
from omnigov.supervision.watching import LOADING, How, Owed, Watch

log = logging.getLogger(__name__)

TICK = 0.2
"""Seconds after which children are looked at even where none said a word."""

Command = Callable[[str, int], list[str]]


def child_command(queue: str, line: int) -> list[str]:
    """The command line of a child: its queue, and the socket that it inherits."""
    command = [sys.executable, "-m", "workers.child", "--queue", queue, "--line", str(line)]
    return without(("DATABASE_OWNER_URL", "OMNIGOV_LOG_KEY"), command)


class Child:
    """One child for one queue, with its line and what is known of it."""

    def __init__(self, queue: str, number: int, command: Command) -> None:
        self.queue = queue
        self.name = f"{socket.gethostname()}:{os.getpid()}:{queue}{number}"
        self.kept = Restarted(f"worker for {queue}", self._start)
        self.watch = Watch()
        self.heard: Heard | None = None
        self.hung = 0.0
        self._command = command

    def _start(self) -> subprocess.Popen[bytes]:
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            process = start(self._command(self.queue, number), inherited=[number], with_us=signal.SIGKILL)
        # What made the one before unfit stays said until this one is ready.
        self.watch = Watch(trouble=self.watch.trouble, patience=LOADING * settings.OMNIGOV_PATIENCE)
        self.heard, self.hung = Heard(ours), 0.0
        return process

    def hear(self) -> list[Owed]:
        """Takes in all that the child has said."""
        if self.heard is None:
            return []
        owed = [owed for message in self.heard.messages() for owed in self.watch.take(message)]
        self.kept.unfit = bool(self.watch.trouble) and not self.watch.ready
        return owed

    def hang_up(self) -> None:
        if self.heard is not None:
            self.heard.close()
            self.heard = None

    def kill_if_hung(self) -> None:
        still = self.watch.hangs_for()
        if still and self.kept.process is not None and not self.hung:
            self.hung = still
            log.error("The worker for %s made no progress for %.0f s; it is stopped.", self.queue, still)
            if not self.watch.ready and not self.watch.trouble:
                self.watch.trouble = (
                    f"It was not ready after {still:.0f} s, and was stopped. Look at its log."
                )
            self.kept.process.kill()

    def settle(self, ended: Ended | None) -> list[Owed]:
        """What the child left behind. `ended` is None where it was asked to leave."""
        if ended is None:
            return self.watch.settle(code="", sentence="")
        if self.hung:
            sentence = f"The worker made no progress with this file for {self.hung:.0f} s and was stopped."
            return self.watch.settle(code=leases.HUNG, sentence=sentence)
        sentence = f"The worker {why(ended.code)} while it worked on this file."
        return self.watch.settle(code=leases.DIED, sentence=sentence)


class Parent:
    """Keeps one child a queue (or several) until it is told to leave."""

    def __init__(self, queues: Sequence[str], command: Command = child_command) -> None:
        counts: dict[str, int] = {}
        self.children = []
        for queue in queues:
            counts[queue] = counts.get(queue, 0) + 1
            self.children.append(Child(queue, counts[queue], command))
        self._owed: list[Owed] = []
        self._beaten = 0.0
        self._beat = settings.OMNIGOV_LEASE_SECONDS / 3

    def run(self) -> None:
        """Until SIGTERM or Ctrl-C."""
        try:
            while True:
                self.look()
        finally:
            self._leave()

    def look(self) -> None:
        """One round: hear, judge, start again, beat."""
        self._listen()
        for child in self.children:
            child.kill_if_hung()
            self._owed += child.hear()  # before it is judged: its last word may be that it is unfit
            ended = child.kept.look()
            if ended is not None:
                self._owed += [*child.hear(), *child.settle(ended)]
                child.hang_up()
                because = child.watch.trouble or ("it made no progress" if child.hung else "")
                print(told(child.kept.name, ended, because), file=sys.stderr, flush=True)
        if self._owed or time.monotonic() - self._beaten >= self._beat:
            self.beat()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for child in self.children:
                if child.heard is not None and child.kept.process is not None:
                    selector.register(child.heard, selectors.EVENT_READ, child)
            if not selector.get_map():
                time.sleep(TICK)
                return
            ready = selector.select(TICK)
        for key, _ in ready:
            self._owed += key.data.hear()
        if ready:
            # A child that has died is always ready: not to spin until it is looked at.
            time.sleep(0.01)

    def beat(self) -> None:
        """Extends what is held, gives back what is owed, and says that this worker lives."""
        self._beaten = time.monotonic()
        close_old_connections()
        try:
            claims = [claim for child in self.children for claim in child.watch.held.values()]
            if claims:
                leases.leases_extend(claims)
            while self._owed:
                try:
                    _give_back(self._owed[0])
                except (OperationalError, InterfaceError):
                    raise
                except Exception:  # one that can't be given back keeps neither heartbeat nor others waiting
                    run = self._owed[0].claim.run_id
                    log.exception("Run %s could not be given back; its lease ends by itself.", run)
                self._owed.pop(0)
            for child in self.children:
                watch = child.watch
                live_workers.worker_seen(
                    name=child.name,
                    queue=child.queue,
                    holds=watch.models if watch.ready else (),
                    ready=watch.ready,
                    trouble=watch.trouble,
                )
        except (DatabaseError, InterfaceError) as error:
            connections.close_all()
            log.warning("The heartbeat did not go through (%s); again at once.", type(error).__name__)
            self._beaten = time.monotonic() - self._beat + 0.5

    def _leave(self) -> None:
        """Asks the children to leave; beats until they have, or their time is over; gives back the rest."""
        for child in self.children:
            if child.kept.process is not None:
                child.kept.process.terminate()
        until = time.monotonic() + settings.OMNIGOV_LEAVE_SECONDS
        while any(_runs(child) for child in self.children):
            if time.monotonic() > until:
                for child in self.children:
                    if child.kept.process is not None:
                        child.kept.process.kill()
            self._listen()
            if time.monotonic() - self._beaten >= self._beat:
                self.beat()
        for child in self.children:
            self._owed += [*child.hear(), *child.settle(None)]
            child.hang_up()
        self.beat()
        try:
            for child in self.children:
                live_workers.worker_gone(child.name)
        except (DatabaseError, InterfaceError):
            log.warning("The database is away; this worker is forgotten after a while.")


def _runs(child: Child) -> bool:
    return child.kept.process is not None and child.kept.process.poll() is None


def _give_back(owed: Owed) -> None:
    if owed.how is How.GIVEN_BACK:
        leases.lease_release(owed.claim, code=owed.code, sentence=owed.sentence)
    else:
        leases.lease_suspect(
            owed.claim, alone=owed.how is How.SUSPECT_ALONE, code=owed.code, sentence=owed.sentence
        )
