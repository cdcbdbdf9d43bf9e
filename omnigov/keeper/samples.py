"""Removes the samples of forms that nobody draws on any more."""

from __future__ import annotations

import threading

from omnigov.keeper.job import Job, each_alone
from omnigov.studio.looks import look_end, looks_over

NAME = "samples of forms"


def sweep(leaving: threading.Event) -> int:
    return each_alone(NAME, looks_over(), lambda look: look_end(look_id=look), leaving)


JOB = Job(NAME, 60.0, sweep)
