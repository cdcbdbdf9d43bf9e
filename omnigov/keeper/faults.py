"""All that writes and reads the faults of the keeper's jobs."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from omnigov.keeper.models import JobFault

log = logging.getLogger(__name__)

SHORTEST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=2)
"""Whatever still does not go through has been tried again long before."""


def fault_note(job: str, subject: str, error: Exception | str) -> JobFault:
    """Keeps why an item did not go through, and when it is tried again: later each time."""
    sentence = error if isinstance(error, str) else _sentence(error)
    with transaction.atomic():
        fault, made = JobFault.objects.select_for_update().get_or_create(
            job=job, subject=subject[:120], defaults={"sentence": sentence, "next_at": timezone.now()}
        )
        if not made:
            fault.times += 1
        fault.sentence = sentence
        fault.next_at = timezone.now() + min(SHORTEST_PAUSE * 2 ** min(fault.times - 1, 20), LONGEST_PAUSE)
        fault.save()
    if made:
        known = None if isinstance(error, str) else error
        log.error(
            "The job %s met a fault%s: %s", job, f" at {subject}" * bool(subject), sentence, exc_info=known
        )
    return fault


def fault_clear(job: str, subject: str) -> None:
    """It went well."""
    if JobFault.objects.filter(job=job, subject=subject[:120]).delete()[0]:
        log.info("The job %s goes well again%s.", job, f" at {subject}" * bool(subject))


def faults_forget() -> int:
    """Removes faults of items that nobody tries again, because they are gone by now; how many."""
    return JobFault.objects.filter(last_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()[0]


def faults() -> QuerySet[JobFault]:
    """Everything that does not go through at present."""
    return JobFault.objects.all()


def _sentence(error: Exception) -> str:
    """Errors of ours are sentences. Of others only the kind is told: their text may hold what was read."""
    if type(error).__module__.split(".")[0] == "omnigov":
        return str(error)
    return f"Something unexpected stopped it ({type(error).__name__}). The keeper's log has the details."
