"""Checks on a schedule: what came since the last one every few minutes, everything by night.

What a check found is a row that can only be added, so that nobody turns a bad one into a good one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from omnigov.ledger.check import CheckReport, Comparison, check
from omnigov.ledger.models import LedgerCheck
from omnigov.ledger.queries import latest_checkpoint

#: A full check that was missed (the machine was off at night) is made up for after this long.
OVERDUE = timedelta(hours=48)
_APART = timedelta(hours=20)


def checked(comparisons: Sequence[Comparison] = (), *, full: bool = True) -> CheckReport:
    """Check the log, and add a row that says what was found.

    Not `full`, it begins where the last check that found nothing ended, and leaves the comparisons out; where
    there is none, it is full.
    """
    since = None if full else LedgerCheck.objects.filter(problems_count=0, size__gt=0).first()
    report = check(since=since.size, root=bytes(since.root)) if since else check(comparisons)
    LedgerCheck.objects.create(
        started_at=report.started_at,
        ended_at=report.ended_at or report.started_at,
        full=since is None,
        # Where the tree could not be recomputed to its end, there is nothing for a later check to begin at.
        size=report.size if report.root else 0,
        root=bytes.fromhex(report.root or ""),
        problems=[vars(problem) for problem in report.problems],
        problems_count=len(report.problems) + report.unlisted,
        warnings=[*report.role_too_strong, *report.auditor_too_strong],
    )
    return report


def newest_check() -> LedgerCheck | None:
    return LedgerCheck.objects.first()


def due(now: datetime) -> str:
    """`full`, `later` for what came since the last check, or nothing."""
    newest = newest_check()
    if latest_checkpoint() is None:
        return ""
    last_full = LedgerCheck.objects.filter(full=True).values_list("ended_at", flat=True).first()
    by_night = timezone.localtime(now).hour == settings.OMNIGOV_CHECK_HOUR
    if last_full is None or now - last_full > (_APART if by_night else OVERDUE):
        return "full"
    if newest is None or (now - newest.ended_at).total_seconds() >= settings.OMNIGOV_CHECK_SECONDS:
        return "later"
    return ""
