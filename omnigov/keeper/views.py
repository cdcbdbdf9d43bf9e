"""Removes the views of originals whose minutes are over."""

from __future__ import annotations

import threading

from omnigov.intake.originals import view_end, views_over
from omnigov.keeper.job import Job, each_alone

NAME = "views of originals"


def sweep(leaving: threading.Event) -> int:
    return each_alone(NAME, views_over(), lambda view: view_end(view_id=view), leaving)


JOB = Job(NAME, 10.0, sweep)
