"""Ends locks of sign-ins whose time is over, and forgets refused sign-ins that count no more."""

from __future__ import annotations

import threading

from omnigov.accounts.locks import attempts_forget, lock_end, over
from omnigov.keeper.job import Job, each_alone

NAME = "locks"


def end(leaving: threading.Event) -> None:
    each_alone(NAME, over(), lock_end, leaving)
    attempts_forget()


JOB = Job(NAME, 15.0, end)
