"""Who works on which run: claims by conditional update, with a lease that a heartbeat extends.

Delivery is not trusted: a worker may be woken twice, late or never. What it may do is told by rows
alone. All times are the database's, so that two machines' clocks need not agree.

A run that is given back without its step's end says why it waits (`trouble`), and counts an attempt only
where it may be what ended its worker.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Case, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, When
from django.db.models.expressions import Value
from django.db.models.functions import Coalesce, Greatest, Least, Now

from omnigov.decisions import entries, together
from omnigov.decisions.models import Run, RunState
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.policies.models import PolicyStop

Step = Literal["check", "redact", "decide"]

STATES: dict[Step, tuple[str, ...]] = {
    "check": (RunState.CHECKING,),
    "redact": (RunState.RECEIVED, RunState.REDACTING),
    "decide": (RunState.INFERRING, RunState.ATTRIBUTING),
}
TASKS: dict[Step, str] = {"check": "workers.check", "redact": "workers.redact", "decide": "workers.decide"}
QUEUES: dict[Step, str] = {"check": "cpu", "redact": "cpu", "decide": "gpu"}
NEEDS_MODEL: frozenset[Step] = frozenset({"decide"})
"""Steps that only a worker with the run's model version can do."""

DIED = "worker_died"
HUNG = "worker_hung"
UNFIT = "worker_unfit"

SHORTEST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
UNFIT_PAUSE = timedelta(seconds=10)


class LeaseLost(RuntimeError):
    """The run is no longer this worker's; what it was about to write is dropped."""


class PolicyStopped(LeaseLost):
    """The run's policy was stopped meanwhile: it is given back, and waits until somebody lets it go on."""


@dataclass(frozen=True)
class Claim:
    """A worker's hold on a run. Every write asks for the token."""

    run_id: uuid.UUID
    token: uuid.UUID
    attempt: int


def claimable(step: Step, *, models: Collection[str] | None = None) -> QuerySet[Run]:
    """Runs that wait for this step and that nobody holds, oldest first.

    With `models`, only those of these model versions, by digest.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    rested = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    waiting = Run.objects.filter(free, rested, state__in=STATES[step]).order_by("created_at", "id")
    if step == "decide":  # under a stopped policy nothing is; personal data goes on being hidden
        stopped = PolicyStop.objects.filter(ended_at__isnull=True, policy=OuterRef("policy_version__policy"))
        waiting = waiting.exclude(Exists(stopped)).filter(together.whole())
    if models is None:
        return waiting
    held = list(models)
    # What was adapted to a policy stands on a model version, and comes with the row that it is bound by.
    return waiting.filter(Q(model_version__digest__in=held) | Q(model_version__base__digest__in=held))


def being_redacted() -> bool:
    """Whether some worker is at the redaction of a run."""
    return Run.objects.filter(state=RunState.REDACTING, lease_until__gt=Now()).exists()


def under_way() -> bool:
    """Whether some run waits for a worker, or one is at it."""
    states = [state for states in STATES.values() for state in states]
    # A recording whose picture is in quarantine may wait for days.
    return Run.objects.filter(~Q(state=RunState.INFERRING) | together.whole(), state__in=states).exists()


def runs_claim(
    *, step: Step, worker: str, limit: int = 1, models: Collection[str] | None = None
) -> list[Claim]:
    """Takes up to `limit` runs. A run that may have ended its worker before is taken alone.

    It must not take the others of its batch with it again. One over which a worker was not fit comes last.
    """
    with transaction.atomic():
        free = claimable(step, models=models).select_for_update(skip_locked=True, of=("self",))
        unfit = Q(trouble_code=UNFIT)
        # A worker that finds itself unfit over one run takes longer to come back than any pause of that run.
        rows = _first(free.exclude(unfit), limit) or _first(free.filter(unfit), limit)
        if not rows:
            return []
        first = rows[0]
        rows = [first] if first[1] or first[2] else [row for row in rows if not row[1] and not row[2]]
        claims = []
        for pk, attempt, _ in rows:
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


def _first(free: QuerySet[Run], limit: int) -> list[tuple[uuid.UUID, int, bool]]:
    return list(free.values_list("pk", "attempt", "suspect")[:limit])


def leases_extend(claims: Collection[Claim]) -> None:
    """The heartbeat: what this worker holds stays its own for another lease.

    It waits for no lock: a child that hangs while it records a run has that run's row, and whoever waited for
    it could not end the child. Nobody else claims a row that is locked.
    """
    tokens = [claim.token for claim in claims]
    with transaction.atomic():
        free = Run.objects.filter(lease_token__in=tokens).select_for_update(skip_locked=True)
        Run.objects.filter(pk__in=list(free.order_by().values_list("pk", flat=True))).update(
            lease_until=Now() + _lease()
        )


def lease_release(claim: Claim, *, code: str = "", sentence: str = "") -> None:
    """Gives a run back as if it had never been claimed: the worker leaves, or is not fit for it.

    `sentence` says on the run's page why it waits. With one it waits a little, so that a worker that is not
    fit for this run, and comes back, takes others first.
    """
    _held(claim).update(
        lease_token=None,
        lease_until=None,
        attempt=F("attempt") - 1,
        not_before=Now() + UNFIT_PAUSE if sentence else None,
        trouble_code=code[:40],
        trouble=sentence,
    )


def lease_postpone(claim: Claim, *, code: str, sentence: str) -> bool:
    """Gives a run back for a while: what stopped it may pass. False, and nothing done, if it lasts too long.

    The pause is as long as the trouble has lasted, so that pauses grow, within two bounds. A trouble after
    which nobody tried the run for that long, as over a night without a worker, is another one.
    """
    patience = timedelta(seconds=settings.OMNIGOV_TROUBLE_SECONDS)
    another = Q(not_before__lt=Now() - patience)
    since = Case(When(another, then=Now()), default=Coalesce(F("troubled_since"), Now()))
    pause = Least(
        Greatest(Now() - since, _interval(SHORTEST_PAUSE)),
        _interval(LONGEST_PAUSE),
    )
    lasts = Q(troubled_since__lte=Now() - patience) & ~another
    waiting = _held(claim).exclude(lasts)
    return bool(
        waiting.update(
            lease_token=None,
            lease_until=None,
            attempt=F("attempt") - 1,
            troubled_since=since,
            not_before=ExpressionWrapper(Now() + pause, output_field=DateTimeField()),
            trouble_code=code[:40],
            trouble=sentence,
        )
    )


@transaction.atomic
def lease_suspect(claim: Claim, *, alone: bool, code: str, sentence: str) -> None:
    """Gives a run back whose worker ended over it. Only one that was alone at work counts an attempt.

    Its next claim comes after a pause that grows with its attempts, so that others are not kept waiting.
    """
    pause = min(SHORTEST_PAUSE * 2 ** max(claim.attempt - 1, 0), LONGEST_PAUSE)
    if code == HUNG:
        _timed_out_log(claim, alone=alone)
    _held(claim).update(
        lease_token=None,
        lease_until=None,
        attempt=F("attempt") if alone else F("attempt") - 1,
        suspect=True,
        not_before=Now() + pause,
        trouble_code=code[:40],
        trouble=sentence,
    )


def _timed_out_log(claim: Claim, *, alone: bool) -> None:
    run = _held(claim).select_related("asset").first()
    if run is not None:
        ledger.append(
            kind=schemas.RunTimedOut.kind,
            body=entries.timed_out(run, alone=alone),
            workspace=run.workspace_id,
            subject=run.id,
            idempotency_key=f"run_timed_out:{run.id}:{claim.token}",
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
    return [TASKS[step] for step in STATES if claimable(step).exists()]


def _held(claim: Claim) -> QuerySet[Run]:
    return Run.objects.filter(pk=claim.run_id, lease_token=claim.token)


def _interval(length: timedelta) -> Value:
    return Value(length)


def _lease() -> timedelta:
    return timedelta(seconds=settings.OMNIGOV_LEASE_SECONDS)
