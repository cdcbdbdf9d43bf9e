"""Finishes uploads whose last step a crash cut off, and refuses those that nobody took up for a day."""

from __future__ import annotations

import threading

from django.conf import settings

from omnigov.clock import database_now
from omnigov.decisions.uploads import upload_finish
from omnigov.intake.queries import uploads_abandoned, uploads_cut_off
from omnigov.intake.services import upload_abandon
from omnigov.keeper.job import Job, each_alone

NAME = "uploads"


def sweep(leaving: threading.Event) -> int:
    now = database_now()
    done = each_alone(NAME, uploads_cut_off(now), lambda upload: upload_finish(submission_id=upload), leaving)
    return done + each_alone(
        NAME, uploads_abandoned(now), lambda upload: upload_abandon(submission_id=upload), leaving
    )


JOB = Job(NAME, settings.OMNIGOV_SWEEP_SECONDS, sweep)
