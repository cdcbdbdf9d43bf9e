"""The queue's settings. The web app sends tasks by name; only workers import their code."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection

from celery import Celery
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# Celery sets Django up by itself before it imports the tasks, if this names the settings.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnigov.settings")
# Two threads of a worker each run a model. Waiting threads of the one must not spin on the cores of the
# other; read when torch is loaded, which is later than this.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

app = Celery("omnigov", broker=os.environ.get("BROKER_URL"))
app.conf.update(
    task_default_queue="cpu",
    task_routes={
        "workers.show": {"queue": "cpu"},
        "workers.check": {"queue": "cpu"},
        "workers.redact": {"queue": "cpu"},
        "workers.decide": {"queue": "gpu"},
        "workers.study": {"queue": "gpu"},
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600, "socket_connect_timeout": 2, "socket_timeout": 10},
    include=["workers.tasks"],
)


def unheard(tasks: Collection[str]) -> list[str]:
    """Those of the tasks for whose queue no message lies there that a worker has yet to take.

    One is enough: whoever takes it works through all that waits. Who calls again and again asks first, or the
    queue of a worker that is away grows for as long as it is away.
    """
    routes = app.conf.task_routes
    waiting: dict[str, int] = {}
    with app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1)
            for queue in {routes[task]["queue"] for task in tasks}:
                try:
                    waiting[queue] = connection.default_channel.queue_declare(
                        queue, passive=True
                    ).message_count
                except connection.channel_errors:  # an empty queue is none
                    waiting[queue] = 0
        except (OperationalError, *connection.connection_errors) as error:
            log.warning("The broker can't be reached (%s); nobody is woken now.", type(error).__name__)
            return []
    return [task for task in tasks if not waiting[routes[task]["queue"]]]


def wake(*tasks: str) -> None:
    """Tells workers that there is something to claim.

    A broker that is away is a delay, not a loss: the row is the job, and the sweeper wakes again.
    """
    for task in tasks:
        try:
            app.send_task(task, retry=False)
        except (OperationalError, OSError) as error:
            log.warning(
                "The broker can't be reached (%s); the sweeper will wake the workers.", type(error).__name__
            )
            return
