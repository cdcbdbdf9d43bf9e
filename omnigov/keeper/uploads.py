"""Finishes uploads whose last step a crash cut off, and refuses those that nobody took up for a day.

A recording whose pictures will never all be there is given up: nothing is decided on a part of a report.
"""

from __future__ import annotations

import threading

from django.conf import settings

from omnigov.clock import database_now
from omnigov.decisions.services import report_give_up
from omnigov.decisions.together import never_whole
from omnigov.decisions.uploads import upload_finish
from omnigov.intake.queries import uploads_abandoned, uploads_cut_off
from omnigov.intake.services import upload_abandon
from omnigov.keeper.job import Job, each_alone

NAME = "uploads"


def sweep(leaving: threading.Event) -> int:
    now = database_now()
    done = each_alone(NAME, uploads_cut_off(now), lambda upload: upload_finish(submission_id=upload), leaving)
    done += each_alone(
        NAME, uploads_abandoned(now), lambda upload: upload_abandon(submission_id=upload), leaving
    )
    return done + each_alone(NAME, never_whole(now), lambda run: report_give_up(run_id=run), leaving)


JOB = Job(NAME, settings.OMNIGOV_SWEEP_SECONDS, sweep)
