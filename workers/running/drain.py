"""Works through what waits for a step until nothing is left."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

from omnigov.decisions.leases import UNFIT, Claim, Step
from workers import memory
from workers.faults import WorkerUnfit
from workers.running.process import process

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StepPlan:
    """A step as data: how many runs are taken together, and what is done with them.

    `work` MUST end each run, hand it on or give it back, and raises nothing but `WorkerUnfit`. `first` takes
    seconds at most: it is done before each claim.
    """

    step: Step
    limit: int
    work: Callable[[list[Claim]], None]
    first: Callable[[], None] | None = None


class Drain:
    """One loop a process: claims and works until nothing is left, always of the first step that waits.

    So a check, which tells a person at once what is wrong with a file, waits for no backlog of redactions.
    `ahead` does a little of what may be of use later, and says whether it did; what waits is asked for again
    after it.

    A wake-up that comes while the loop runs is remembered, so that what was committed between the
    loop's last look and its end is not left to the sweeper.
    """

    def __init__(self, *plans: StepPlan, ahead: Callable[[], bool] = lambda: False) -> None:
        self._plans, self._ahead = plans, ahead
        self._busy = threading.Lock()
        self._woken = threading.Event()

    def __call__(self) -> None:
        self._woken.set()
        while self._woken.is_set() and self._busy.acquire(blocking=False):
            try:
                self._woken.clear()
                self._until_empty()
                memory.give_back()  # nobody waits now, and others may have it
            except WorkerUnfit as reason:
                process.stop(reason)
            except (OperationalError, InterfaceError) as error:
                # The sweeper wakes again; what was held is given back already, or by the parent.
                log.warning("The database does not answer (%s).", type(error).__name__)
            finally:
                self._busy.release()

    def _until_empty(self) -> None:
        while not process.leaving.is_set() and (
            any(self._some_of(plan) for plan in self._plans) or self._ahead()
        ):
            pass

    def _some_of(self, plan: StepPlan) -> bool:
        """Takes up to the plan's limit of runs; False where nothing waits for this step."""
        if plan.first:
            plan.first()
        with process.claimed(plan.step, plan.limit) as claims:
            try:
                if claims:
                    plan.work(claims)
            except WorkerUnfit as reason:
                process.suspect(reason.suspects, code=UNFIT, sentence=str(reason))
                innocent = [claim for claim in claims if claim not in reason.suspects]
                process.give_back(innocent, code=UNFIT, sentence=str(reason))
                raise
            except (OperationalError, InterfaceError):
                process.give_back(claims)
                raise
            return bool(claims)
