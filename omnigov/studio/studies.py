"""Studies: a policy version is measured on its examples, or a model is adapted to it by them.

The row is the job, as a run's is. A worker holds it by a lease that each sign of progress extends, and writes
with its token alone: whoever was thought dead writes nothing. A study whose worker died is taken again, and
ends with a sentence where that happened too often.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from omnigov import celery
from omnigov.accounts.models import User
from omnigov.contracts import Evaluation, Head, digest_of
from omnigov.decisions.examples import Usable, usable
from omnigov.decisions.models import Example
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.sequencer import integrate
from omnigov.policies.measuring import examples_digest, measurement_record
from omnigov.policies.models import PolicyVersion
from omnigov.registry.models import ModelVersion
from omnigov.registry.services import head_register
from omnigov.studio.models import Study, StudyKind, StudyState

TASK = "workers.study"
LEASE = timedelta(seconds=4 * settings.OMNIGOV_LEASE_SECONDS)
"""Longer than a run's: each sign of progress extends it, and these come every few seconds."""

MOST_TRIES = 3
LEAST = 10
"""Examples, in all, below which nothing is measured: an interval would say next to nothing."""
LEAST_A_LABEL = 5
"""Of each label, below which nothing is adapted."""
OPEN = (StudyState.WAITING, StudyState.WORKING)
DIED = "The worker stopped %d times during this. Look at the worker's log and its memory, then ask again."


class NotStudied(Exception):
    """It can't be measured or adapted as it is; the sentence says what is missing."""


class StudyLost(RuntimeError):
    """The study is no longer this worker's; what it was about to write is dropped."""


@dataclass(frozen=True)
class Held:
    """A worker's hold on a study."""

    id: uuid.UUID
    token: uuid.UUID


# --- asking --------------------------------------------------------------------------------------------


def missing(kind: str, version: PolicyVersion, found: Usable) -> str:
    """Why there are not enough examples yet; empty where there are."""
    if kind == StudyKind.EVALUATE:
        return "" if len(found.examples) >= LEAST else "Measuring takes at least 10 examples. Add more."
    few = [each for each in version.spec.labels if found.counts.get(each.key, 0) < LEAST_A_LABEL]
    return "Adapting takes at least 5 examples of each label. Add more." if few else ""


@transaction.atomic
def study_ask(
    *, version: PolicyVersion, kind: str, by: User, model_version: ModelVersion | None = None
) -> Study:
    """Asks for a version to be measured, or for its model to be adapted; one at a time. Raises `NotStudied`.

    `model_version` is a candidate that is to be measured before anything is asked of it. What is adapted
    always stands on the base, never on what was adapted before.
    """
    model = model_version or version.model_version
    if model is None:
        raise NotStudied(
            "This version of the policy names no model. Publish the next one with a model version."
        )
    if why := missing(kind, version, usable(version)):
        raise NotStudied(why)
    if kind == StudyKind.ADAPT and model.base:
        model = model.base
    try:
        with transaction.atomic():
            study = Study.objects.create(kind=kind, policy_version=version, model_version=model, asked_by=by)
    except IntegrityError:
        raise NotStudied(
            "This policy is being measured or adapted already. Wait until that has ended."
        ) from None
    transaction.on_commit(partial(celery.wake, TASK))
    return study


# --- working -------------------------------------------------------------------------------------------


def _free() -> QuerySet[Study]:
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    return Study.objects.filter(free, state__in=OPEN).order_by("asked_at")


def studies_wait(*, longer_than: timedelta = timedelta()) -> bool:
    """Whether some study waits for a worker, since longer than this."""
    return _free().filter(asked_at__lte=Now() - longer_than).exists()


@transaction.atomic
def study_claim(models: Collection[str] | None) -> Held | None:
    """Takes the study that has waited longest and whose model version this worker holds, or stands on it."""
    free = _free()
    if models is not None:
        held = list(models)
        free = free.filter(Q(model_version__digest__in=held) | Q(model_version__base__digest__in=held))
    for study in free.select_for_update(skip_locked=True, of=("self",)):
        if study.tries >= MOST_TRIES:
            _end(study, StudyState.FAILED, code="worker_died", sentence=DIED % study.tries)
            continue
        token = uuid.uuid4()
        Study.objects.filter(pk=study.pk).update(
            state=StudyState.WORKING,
            lease_token=token,
            lease_until=Now() + LEASE,
            tries=F("tries") + 1,
            step="",
            progress=0,
        )
        return Held(study.pk, token)
    return None


def study_of(held: Held) -> Study:
    """The study that is held. Raises `StudyLost`."""
    study = (
        Study.objects.filter(pk=held.id, lease_token=held.token)
        .select_related("policy_version__policy", "model_version__head", "model_version__base", "asked_by")
        .first()
    )
    if study is None:
        raise StudyLost("The study was taken over by another worker.")
    return study


def study_goes_on(held: Held, *, step: str, progress: int) -> None:
    """A sign of progress: the hold lasts on, and the page shows how far it is. Raises `StudyLost`."""
    mine = Study.objects.filter(pk=held.id, lease_token=held.token)
    if not mine.update(step=step[:40], progress=progress, lease_until=Now() + LEASE):
        raise StudyLost("The study was taken over by another worker.")


def study_give_back(held: Held, *, counts: bool) -> None:
    """Lets another worker have it. `counts`: it may be what stopped this one."""
    Study.objects.filter(pk=held.id, lease_token=held.token).update(
        state=StudyState.WAITING,
        lease_token=None,
        lease_until=None,
        **({} if counts else {"tries": F("tries") - 1}),
    )


@transaction.atomic
def study_fail(held: Held, *, code: str, sentence: str) -> None:
    """It can't be done; the sentence is for a person, who may ask again."""
    _end(_locked(held), StudyState.FAILED, code=code, sentence=sentence)


@transaction.atomic
def study_measured(held: Held, evaluation: Evaluation, examples: Collection[Example]) -> None:
    """What was measured, with its entry, or neither."""
    study = _locked(held)
    study.measurement = measurement_record(
        policy=study.policy_version.policy,
        model_version=study.model_version,
        evaluation=evaluation,
        examples=named(examples),
        by=study.asked_by,
    )
    _end(study, StudyState.DONE)


@transaction.atomic
def study_adapted(held: Held, content: bytes, card: Head, examples: Collection[Example]) -> None:
    """The model version that came of it, what was measured of it, and their entries, or none of them."""
    study, learned = _locked(held), named(examples)
    policy, base = study.policy_version.policy, study.model_version
    candidate = head_register(
        base=base, card=card, content=content, policy=policy.id, examples=[each for each, _label in learned]
    )
    body = schemas.Adapted(
        policy=card.policy_digest,
        base=base.digest,
        model=candidate.digest,
        head=card.file_digest,
        card=digest_of(card),
        examples=examples_digest(learned),
        examples_count=len(learned),
        by=study.asked_by_id,
    )
    ledger.record(body, workspace=policy.workspace_id, subject=policy.id)
    study.candidate = candidate
    study.measurement = measurement_record(
        policy=policy,
        model_version=candidate,
        evaluation=card.measured,
        examples=learned,
        by=study.asked_by,
    )
    _end(study, StudyState.DONE)


def named(examples: Collection[Example]) -> list[tuple[str, str]]:
    """Examples as the record names them: the commitment of each one's medium, and its label."""
    return [(example.run.asset.commitment, example.label) for example in examples]


def _locked(held: Held) -> Study:
    study = (
        Study.objects.select_for_update(of=("self",))
        .select_related("policy_version__policy", "model_version", "asked_by")
        .filter(pk=held.id, lease_token=held.token)
        .first()
    )
    if study is None:
        raise StudyLost("The study was taken over by another worker.")
    return study


def _end(study: Study, state: StudyState, *, code: str = "", sentence: str = "") -> None:
    study.state, study.step = state, ""
    study.failure_code, study.failure_sentence = code[:40], sentence
    study.lease_token = study.lease_until = None
    study.progress = 1_000_000
    study.save()
    Study.objects.filter(pk=study.pk).update(ended_at=Now())
    transaction.on_commit(integrate, robust=True)


# --- reading -------------------------------------------------------------------------------------------


def studies_of(version: PolicyVersion) -> QuerySet[Study]:
    """The studies of a policy's versions, newest first."""
    return (
        Study.objects.filter(policy_version__policy=version.policy)
        .select_related("policy_version__policy", "measurement", "candidate", "asked_by", "model_version")
        .order_by("-asked_at")
    )
