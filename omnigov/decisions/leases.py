"""Who works on which run: claims by conditional update, with a lease that a heartbeat extends.

Delivery is not trusted: a worker may be woken twice, late or never. What it may do is told by rows
alone. All times are the database's, so that two machines' clocks need not agree.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from omnigov.decisions.models import Run, RunState

Step = Literal["redact", "decide"]

STATES: dict[Step, tuple[str, ...]] = {
    "redact": (RunState.RECEIVED, RunState.REDACTING),
    "decide": (RunState.INFERRING, RunState.ATTRIBUTING),
}
TASKS: dict[Step, str] = {"redact": "workers.redact", "decide": "workers.decide"}


class LeaseLost(RuntimeError):
    """The run is no longer this worker's; what it was about to write is dropped."""


@dataclass(frozen=True)
class Claim:
    """A worker's hold on a run. Every write asks for the token."""

    run_id: uuid.UUID
    token: uuid.UUID
    attempt: int


def claimable(step: Step) -> QuerySet[Run]:
    """Runs that wait for this step and that nobody holds, oldest first."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    return Run.objects.filter(free, state__in=STATES[step]).order_by("created_at", "id")


def runs_claim(*, step: Step, worker: str, limit: int = 1) -> list[Claim]:
    """Takes up to `limit` runs. A run that was claimed before and not finished is taken alone.

    That one may be what killed its worker: it must not take the others of its batch with it again.
    """
    with transaction.atomic():
        rows = list(
            claimable(step)
            .select_for_update(skip_locked=True, of=("self",))
            .values_list("pk", "attempt")[:limit]
        )
        if not rows:
            return []
        rows = rows[:1] if rows[0][1] else [row for row in rows if not row[1]]
        claims = []
        for pk, attempt in rows:
            token = uuid.uuid4()
            changes: dict[str, object] = {
                "lease_token": token,
                "lease_until": Now() + _lease(),
                "leased_by": worker[:120],
                "attempt": F("attempt") + 1,
                "started_at": Coalesce("started_at", Now()),
            }
            if step == "redact":
                changes["state"] = RunState.REDACTING
            Run.objects.filter(pk=pk).update(**changes)
            claims.append(Claim(pk, token, attempt + 1))
        return claims


def leases_extend(claims: list[Claim]) -> None:
    """The heartbeat: what this worker holds stays its own for another lease."""
    tokens = [claim.token for claim in claims]
    Run.objects.filter(lease_token__in=tokens).update(lease_until=Now() + _lease())


def lease_release(claim: Claim) -> None:
    """Gives a run back as it stands, as if it had never been claimed: the worker is leaving."""
    Run.objects.filter(pk=claim.run_id, lease_token=claim.token).update(
        lease_token=None, lease_until=None, attempt=F("attempt") - 1
    )


def claimed(claim: Claim) -> Run:
    """The run, locked for the rest of the transaction. Raises `LeaseLost` if it is someone else's."""
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("asset", "policy_version__policy", "model_version", "workspace")
        .filter(pk=claim.run_id, lease_token=claim.token)
        .first()
    )
    if run is None:
        raise LeaseLost(f"Run {claim.run_id} was taken over by another worker.")
    return run


def tasks_due() -> list[str]:
    """The tasks for which some run waits unheld: what the sweeper wakes workers for."""
    steps: tuple[Step, ...] = ("redact", "decide")
    return [TASKS[step] for step in steps if claimable(step).exists()]


def _lease() -> timedelta:
    return timedelta(seconds=settings.OMNIGOV_LEASE_SECONDS)
