"""Gives entries their places in the log. A checkpoint follows a commit within a second."""

from __future__ import annotations

import threading

from omnigov.keeper.job import Job
from omnigov.ledger import sequencer

INTERVAL = 0.2


def sequence(leaving: threading.Event) -> None:
    while sequencer.integrate() == sequencer.BATCH and not leaving.is_set():
        pass


JOB = Job("sequencer", INTERVAL, sequence)
