"""Wakes workers for what waits and nobody holds, and forgets workers and faults that are gone."""

from __future__ import annotations

import threading

from django.conf import settings

from omnigov import celery
from omnigov.decisions.leases import tasks_due
from omnigov.decisions.live_workers import workers_forget
from omnigov.intake import originals
from omnigov.keeper.faults import faults_forget
from omnigov.keeper.job import Job
from omnigov.studio import studies


def wake(_: threading.Event) -> None:
    due = [*tasks_due(), *([originals.TASK] if originals.views_wait() else [])]
    if studies.studies_wait():
        due.append(studies.TASK)
    celery.wake(*celery.unheard(due))
    workers_forget()
    faults_forget()


JOB = Job("waking", settings.OMNIGOV_SWEEP_SECONDS, wake)
