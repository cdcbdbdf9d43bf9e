"""Writes the exports that were ordered, and removes those that lay long enough."""

from __future__ import annotations

import threading

from omnigov.exports.jobs import jobs_expire, jobs_run
from omnigov.keeper.job import Job


def export(_: threading.Event) -> None:
    jobs_run()


def expire(_: threading.Event) -> None:
    jobs_expire()


JOBS = (Job("exports", 0.5, export), Job("old exports", 60.0, expire))
