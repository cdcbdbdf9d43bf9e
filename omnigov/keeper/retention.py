"""Erases media whose retention period is over, each alone."""

from __future__ import annotations

import contextlib
import logging
import threading
from datetime import datetime
from uuid import UUID

from django.conf import settings

from omnigov.clock import database_now
from omnigov.erasure.models import Cause
from omnigov.erasure.retention import retention_look
from omnigov.erasure.services import NotErased, asset_erase
from omnigov.keeper.job import Job, each_alone

log = logging.getLogger(__name__)

NAME = "retention"
AT_ONCE = 500


def retain(leaving: threading.Event, now: datetime | None = None) -> int:
    """Looks at what it is time to look at, and erases what is due, until nothing is left; how many."""
    done = 0
    while not leaving.is_set():
        looked = retention_look(now or database_now(), limit=AT_ONCE)
        done += each_alone(NAME, looked.due, _erase, leaving)
        if looked.count < AT_ONCE:
            break
    if done:
        log.info("%d media were erased: their retention period is over.", done)
    return done


def _erase(asset: UUID) -> None:
    with contextlib.suppress(NotErased):  # a hold was placed a moment ago, and it wins
        asset_erase(asset_id=asset, cause=Cause.RETENTION)


JOB = Job(NAME, settings.OMNIGOV_RETENTION_SECONDS, retain)
