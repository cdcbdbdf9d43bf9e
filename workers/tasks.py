"""The Celery tasks: the only door between the two halves.

`workers.show`    the upright view of an original, for an officer who opened it; samples of forms
`workers.check`   checking → received | refused | failed
`workers.redact`  received → redacting → inferring | quarantined | failed
`workers.decide`  inferring → attributing → recorded | failed
`workers.study`   a policy is measured, or a model adapted to it: waiting → working → done | failed

A message says only that there may be something to do. What there is, and whether it is still to be
done, is claimed from the rows; so a message that is lost, late or doubled changes nothing.
"""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from omnigov.celery import app, wake
from workers.running.checking import check as check_claims
from workers.running.deciding import decide as decide_claims
from workers.running.deciding import gather
from workers.running.deepening import deepen
from workers.running.drain import Drain, StepPlan
from workers.running.looking import look as look_at_samples
from workers.running.preparing import prepare
from workers.running.process import process
from workers.running.redacting import redact as redact_claims
from workers.running.showing import show as show_originals
from workers.running.studying import study, study_if_overdue


def before_each() -> None:
    """What takes little, and somebody sits and waits for."""
    show_originals()
    look_at_samples()


def before_deciding() -> None:
    """Studies wait for a moment without decisions, but not for ever."""
    study_if_overdue()
    gather()


def what_can_wait() -> bool:
    """What is done while no decision waits; whether there was anything."""
    return deepen() or study() or prepare()


check_and_redact = Drain(
    StepPlan("check", 1, check_claims, first=before_each), StepPlan("redact", 1, redact_claims)
)
decide_all = Drain(
    StepPlan("decide", settings.OMNIGOV_MODEL_BATCH, decide_claims, first=before_deciding),
    ahead=what_can_wait,
)


@worker_ready.connect
def _begin(sender: Any, **_: Any) -> None:
    """What waited while no worker was here is not left to the sweeper."""
    routes = app.conf.task_routes
    queues = sender.app.amqp.queues.consume_from.keys()
    wake(*(task for task, route in routes.items() if route["queue"] in queues))


@worker_shutting_down.connect
def _leave(**_: Any) -> None:
    process.leaving.set()


@app.task(name="workers.show")
def show() -> None:
    """Makes the views of originals that officers opened; looks at the samples of forms."""
    before_each()


@app.task(name="workers.check")
def check() -> None:
    """Checks whatever has come in whole; then redacts."""
    check_and_redact()


@app.task(name="workers.redact")
def redact() -> None:
    """Redacts whatever waits to be redacted; what has come in meanwhile is checked first."""
    check_and_redact()


@app.task(name="workers.study")
def measure_and_adapt() -> None:
    """Does the studies that wait, when no decision does; what waits to be decided comes first."""
    decide_all()


@app.task(name="workers.decide")
def decide() -> None:
    """Decides whatever is redacted: inference, attribution and record."""
    decide_all()
