"""Ends engagements whose time is over: the role goes, and that is on the record."""

from __future__ import annotations

import contextlib
import threading
import uuid

from omnigov.accounts.engagements import NotEngaged, engagement_end, engagements_over
from omnigov.clock import database_now
from omnigov.keeper.job import Job, each_alone

NAME = "engagements"
INTERVAL = 30.0


def sweep(leaving: threading.Event) -> int:
    over = engagements_over(database_now())
    return each_alone(NAME, over, _end, leaving)


def _end(engagement: uuid.UUID) -> None:
    with contextlib.suppress(NotEngaged):  # a steward or another keeper was quicker
        engagement_end(engagement_id=engagement, by=None)


JOB = Job(NAME, INTERVAL, sweep)
