"""Which workers live, and why a run waits although it could be worked on.

A worker's parent announces it every few seconds. What is written here is of no consequence for who may claim
what: it is for pages, so that a run that nobody can do says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from omnigov.decisions import together
from omnigov.decisions.leases import NEEDS_MODEL, QUEUES, STATES, Step
from omnigov.decisions.models import LiveWorker, Run, RunState
from omnigov.registry.models import ModelVersion

PATIENCE = timedelta(seconds=15)
"""How long a run waits before its page asks where the workers are."""

NOBODY = "No worker is running that could take this file. Ask your administrator to start one; it waits."


NO_MODEL = (
    "No worker holds the model version that this run asks for. Ask your administrator to start one that "
    "does; it waits."
)

PICTURES = "It waits for the pictures that belong to it: they are decided together."
STOPPED = (
    "A picture that belongs to this recording was stopped: it failed, or is in quarantine. The recording "
    "waits until the picture goes on."
)


@dataclass(frozen=True)
class Waiting:
    """Why a run waits: a code that stays, and a sentence. Both empty where there is nothing to say."""

    code: str = ""
    sentence: str = ""


def worker_seen(
    *, name: str, queue: str, holds: Collection[str] = (), ready: bool = False, trouble: str = ""
) -> None:
    """Announces a worker, or that it is still there."""
    now = {"queue": queue, "holds": sorted(holds), "ready": ready, "trouble": trouble, "seen_at": Now()}
    if not LiveWorker.objects.filter(pk=name[:120]).update(**now):
        LiveWorker.objects.create(name=name[:120], **now)


def worker_gone(name: str) -> None:
    """A worker has left."""
    LiveWorker.objects.filter(pk=name[:120]).delete()


def workers_forget() -> int:
    """Removes workers that were not seen for a day; how many."""
    return LiveWorker.objects.filter(seen_at__lt=Now() - timedelta(days=1)).delete()[0]


def workers_in_trouble() -> list[LiveWorker]:
    """Workers that live and say why they do not work."""
    return list(LiveWorker.objects.filter(seen_at__gt=Now() - _seen_within()).exclude(trouble=""))


def _seen_within() -> timedelta:
    return timedelta(seconds=3 * settings.OMNIGOV_LEASE_SECONDS)


class Lookout:
    """The workers that live now, read once for a page, and what they mean for each of its runs."""

    def __init__(self) -> None:
        self._now = timezone.now()
        self._live = list(LiveWorker.objects.filter(seen_at__gt=Now() - _seen_within()))
        held = {digest for worker in self._live for digest in worker.holds}
        mine = Q(digest__in=held) | Q(base__digest__in=held)
        found = ModelVersion.objects.filter(mine) if held else ModelVersion.objects.none()
        self._models = set(found.values_list("pk", flat=True))

    def why_waits(self, run: Run) -> Waiting:
        """Why this run waits although it could be worked on."""
        step = next((step for step, states in STATES.items() if run.state in states), None)
        if step is None or (run.lease_until is not None and run.lease_until > self._now):
            return Waiting()
        if run.trouble:
            return Waiting(run.trouble_code, run.trouble)
        if pictures := together.waits_for(run):
            stopped = {RunState.QUARANTINED, RunState.FAILED}.intersection(pictures)
            return Waiting("picture_stopped", STOPPED) if stopped else Waiting("picture_on_its_way", PICTURES)
        return self._nobody(step, run)

    def _nobody(self, step: Step, run: Run) -> Waiting:
        if self._now - run.created_at < PATIENCE:
            return Waiting()
        able = [worker for worker in self._live if worker.queue == QUEUES[step]]
        if not able:
            return Waiting("no_worker", NOBODY)
        fit = [worker for worker in able if not worker.trouble]
        if not fit:
            return Waiting("worker_unfit", able[0].trouble)
        loaded = all(worker.ready for worker in fit)
        if step in NEEDS_MODEL and loaded and run.model_version_id not in self._models:
            return Waiting("no_model", NO_MODEL)
        return Waiting()
