"""Checks the ledger when a check is due: what is new every few minutes, everything by night."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.utils import timezone

from omnigov.decisions.comparison import compare as compare_decisions
from omnigov.erasure.comparison import compare as compare_erasures
from omnigov.keeper.job import Job, alone_meanwhile
from omnigov.ledger.checking import checked, due
from omnigov.review.comparison import compare as compare_reviews

log = logging.getLogger(__name__)

NAME = "checker"
COMPARISONS = (compare_decisions, compare_reviews, compare_erasures)


def check_when_due(_: threading.Event) -> None:
    with alone_meanwhile(NAME) as mine:
        wanted = due(timezone.now()) if mine else ""
        if not wanted:
            return
        report = checked(COMPARISONS, full=wanted == "full")
    if not report.ok:
        log.error("The ledger does NOT hold: %s", report.problems[0].detail)


JOB = Job(NAME, min(30.0, settings.OMNIGOV_CHECK_SECONDS), check_when_due)
