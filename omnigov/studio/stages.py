"""Opening a stage of the model for a policy: a steward does it, after the policy was measured there.

A stage that is registered changes no policy. What is asked at another stage is another text, with a digest of
its own, so what was measured before says nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from omnigov.accounts.models import Role, User
from omnigov.contracts import PolicySpec, Stage, digest_of
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.policies.models import Measurement, PolicyVersion
from omnigov.policies.services import NotPublished, stage_publish
from omnigov.registry.models import ModelVersion
from omnigov.registry.queries import models_of


@dataclass(frozen=True)
class Openable:
    """Another stage that the policy may come to be asked at, and what was measured of it there."""

    stage: Stage
    model: ModelVersion
    measurement: Measurement | None


def text_at(version: PolicyVersion, model: ModelVersion) -> PolicySpec:
    """The version's text as it is asked of a model version: at its own stage, or at that one's."""
    return version.spec.model_copy(update={"stage": Stage(model.stage)})


def openable(version: PolicyVersion) -> list[Openable]:
    """The other stages that a model is registered for, with the newest of it."""
    found = []
    for stage in Stage:
        model = models_of(stage).first()
        if stage is not version.spec.stage and model is not None:
            found.append(Openable(stage, model, measured_there(version, model)))
    return found


def measured_there(version: PolicyVersion, model: ModelVersion) -> Measurement | None:
    """The newest measurement of the version's text at the stage of a model version, and of that one."""
    digest = digest_of(text_at(version, model))
    found = Measurement.objects.filter(policy=version.policy_id, policy_digest=digest, model_version=model)
    return found.order_by("created_at", "id").last()


@transaction.atomic
def stage_open(
    *, version: PolicyVersion, model_version: ModelVersion, reason: str, by: User
) -> PolicyVersion:
    """The policy's next version, asked at the stage of this model version. Raises `NotPublished`."""
    membership = by.memberships.filter(workspace=version.policy.workspace_id).first()
    if membership is None or not membership.may(Role.STEWARD):
        raise NotPublished("A steward opens a stage for a policy.")
    measured = measured_there(version, model_version)
    if measured is None:
        raise NotPublished(
            "Nobody has measured this policy at that stage yet. Measure it first, then open the stage."
        )
    body = schemas.StageOpened(
        policy=measured.policy_digest,
        before=version.digest,
        stage=Stage(model_version.stage),
        stage_before=version.spec.stage,
        model=model_version.digest,
        evaluation=measured.digest,
        by=by.id,
    )
    ledger.record(body, workspace=version.policy.workspace_id, subject=version.policy_id)
    return stage_publish(based_on=version, model_version=model_version, reason=reason, by=by)
