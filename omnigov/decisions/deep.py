"""The thorough explanation of a decision: asked for or drawn, claimed, recorded by an entry of its own."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from omnigov import celery
from omnigov.accounts.models import User
from omnigov.contracts import DeepAttribution
from omnigov.decisions import entries
from omnigov.decisions.leases import TASKS, LeaseLost
from omnigov.decisions.models import Decision, DeepExplanation, DeepState, Run, RunState
from omnigov.decisions.review_rules import deep_drawn
from omnigov.ledger import services as ledger
from omnigov.ledger.sequencer import integrate

LEASE = timedelta(minutes=15)
"""Longer than one takes: a worker that died over it leaves it to the next after that."""
ATTEMPTS = 3


@dataclass(frozen=True)
class DeepClaim:
    """A worker's hold on a thorough explanation."""

    id: uuid.UUID
    run_id: uuid.UUID
    token: uuid.UUID
    attempt: int


@transaction.atomic
def deep_request(*, decision: Decision, by: User) -> DeepExplanation | None:
    """Asks for it; once there, or on its way, it is not asked for again. None where the medium was erased."""
    run = Run.objects.select_for_update().get(pk=decision.run_id)
    if run.state == RunState.ERASED:
        return None
    found, made = DeepExplanation.objects.get_or_create(decision=decision, defaults={"by": by})
    if not made and found.state == DeepState.FAILED:
        found.state, found.by, found.attempt, found.failure_sentence = DeepState.WAITING, by, 0, ""
        found.token = found.lease_until = None
        found.save()
    if found.state == DeepState.WAITING:
        transaction.on_commit(partial(celery.wake, TASKS["decide"]))
    return found


def deep_draw(decision: Decision) -> None:
    """Where the policy draws this decision, its thorough explanation waits from now on. Wakes nobody.

    A worker comes to it when no run waits.
    """
    run = decision.run
    if deep_drawn(run.id, run.policy_version.spec):
        DeepExplanation.objects.create(decision=decision)


def deep_claim(models: Collection[str] | None = None) -> DeepClaim | None:
    """The one that has waited longest, of the model versions that this worker holds."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    waiting = DeepExplanation.objects.filter(free, state=DeepState.WAITING)
    if models is not None:
        waiting = waiting.filter(decision__run__model_version__digest__in=list(models))
    token = uuid.uuid4()
    with transaction.atomic():
        found = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("decision").first()
        if found is None:
            return None
        found.token, found.attempt = token, found.attempt + 1
        found.save(update_fields=["token", "attempt"])
        DeepExplanation.objects.filter(pk=found.pk).update(lease_until=Now() + LEASE)
    return DeepClaim(found.id, found.decision.run_id, token, found.attempt)


def deep_release(claim: DeepClaim) -> None:
    """Gives it back as if it had never been claimed: a run came in, or the worker leaves."""
    DeepExplanation.objects.filter(pk=claim.id, token=claim.token).update(
        token=None, lease_until=None, attempt=F("attempt") - 1
    )


@transaction.atomic
def deep_record(claim: DeepClaim, result: DeepAttribution | None, *, failure: str = "") -> None:
    """The explanation, or why there is none, with its entry. Raises `LeaseLost`."""
    # Runs first, as an erasure locks them: what was made from an erased medium is dropped.
    run = Run.objects.select_for_update(of=("self",)).select_related("decision").get(pk=claim.run_id)
    held = DeepExplanation.objects.select_for_update().filter(pk=claim.id, token=claim.token).first()
    if held is None or run.state == RunState.ERASED:
        raise LeaseLost("The thorough explanation is no longer this worker's.")
    stored = result.model_dump(mode="json") if result else None
    entry = ledger.append(
        kind="deep_attribution",
        body=entries.deep_attribution(run, result, stored, by=held.by_id),
        workspace=run.workspace_id,
        subject=run.id,
        idempotency_key=f"deep_attribution:{claim.id}:{claim.token}",
    )
    held.result, held.failure_sentence, held.entry = stored, failure, entry.id
    held.state = DeepState.DONE if result else DeepState.FAILED
    held.token = held.lease_until = None
    held.save()
    DeepExplanation.objects.filter(pk=held.pk).update(ended_at=Now())
    transaction.on_commit(integrate, robust=True)
