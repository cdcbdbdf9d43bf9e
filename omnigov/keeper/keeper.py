"""All jobs of the keeper, each in a thread of its own: one that is slow keeps no other waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings

from omnigov.keeper import (
    checking,
    cosigning,
    engagements,
    exporting,
    indexing,
    locks,
    mailing,
    orphans,
    replaying,
    retention,
    samples,
    sequencing,
    uploads,
    views,
    waking,
)
from omnigov.keeper.job import Job, JobThread

PATIENCE = 20.0
"""Seconds that jobs have to come to an end between two items."""


def jobs() -> tuple[Job, ...]:
    """Every job that has something to do here."""
    found = [
        sequencing.JOB,
        checking.JOB,
        *exporting.JOBS,
        uploads.JOB,
        views.JOB,
        samples.JOB,
        indexing.JOB,
        mailing.JOB,
        engagements.JOB,
        waking.JOB,
        replaying.JOB,
        *orphans.JOBS,
        retention.JOB,
        locks.JOB,
    ]
    if settings.OMNIGOV_WITNESSES:
        found.append(cosigning.JOB)
    return tuple(found)


@contextmanager
def keeping(work: Sequence[Job]) -> Iterator[list[JobThread]]:
    """The jobs at work for the block."""
    threads = [JobThread(job) for job in work]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.leave()
        until = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
