"""The stop button of a policy: from one moment on nothing is decided under it, until a steward lets it go on.

What waits keeps waiting, and what a worker is at is not recorded: a decision holds the policy's row while it
is written, so that none is written once the stop is. Personal data goes on being hidden, and people go on
answering what was decided before.
"""

from __future__ import annotations

import secrets
import uuid
from functools import partial

from django.db import connection, transaction

from omnigov import celery
from omnigov.accounts.models import User
from omnigov.clock import database_now
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.policies.models import Policy, PolicyStop, committed
from omnigov.policies.services import PREPARES


class NotStopped(Exception):
    """The policy can't be stopped, or let go on; the sentence says why."""


@transaction.atomic
def policy_stop(*, policy: Policy, reason: str, by: User) -> PolicyStop:
    """Stops it at once. Raises `NotStopped` where it is stopped already, or no reason is given."""
    Policy.objects.select_for_update().get(pk=policy.pk)
    if stop_of(policy) is not None:
        raise NotStopped("This policy is stopped already.")
    key = secrets.token_bytes(32)
    stop = PolicyStop.objects.create(policy=policy, reason=_reason(reason), reason_key=key, by=by)
    body = schemas.PolicyStopped(stop=stop.id, reason=committed(stop.reason, key) or "", by=by.id)
    ledger.record(body, workspace=policy.workspace_id, subject=policy.id)
    return stop


@transaction.atomic
def policy_resume(*, policy: Policy, reason: str, by: User) -> None:
    """Lets it go on. Raises `NotStopped` where it is not stopped, or no reason is given."""
    Policy.objects.select_for_update().get(pk=policy.pk)
    stop = stop_of(policy)
    if stop is None:
        raise NotStopped("This policy is not stopped.")
    stop.end_reason, stop.end_key = _reason(reason), secrets.token_bytes(32)
    stop.ended_at, stop.ended_by = database_now(), by
    stop.save()
    committed_reason = committed(stop.end_reason, stop.end_key) or ""
    body = schemas.PolicyResumed(stop=stop.id, reason=committed_reason, by=by.id)
    ledger.record(body, workspace=policy.workspace_id, subject=policy.id)
    transaction.on_commit(partial(celery.wake, PREPARES))


def stop_of(policy: Policy) -> PolicyStop | None:
    """The stop that holds; None: the policy is asked."""
    return PolicyStop.objects.filter(policy=policy, ended_at__isnull=True).select_related("by").first()


def stopped_now(policy: uuid.UUID) -> bool:
    """Whether the policy is stopped, which it then can't become before the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM policies_policy WHERE id = %s FOR SHARE", [policy])
    return PolicyStop.objects.filter(policy=policy, ended_at__isnull=True).exists()


def _reason(reason: str) -> str:
    if not reason.strip():
        raise NotStopped("Write a reason: an outsider has to understand later why this was done.")
    return reason.strip()[:2000]
