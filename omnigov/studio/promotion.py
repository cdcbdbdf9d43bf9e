"""Promotion: a steward proposes to ask a policy of what was adapted to it, and a second person decides."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from omnigov.accounts.models import Role, User
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.policies.models import PolicyVersion
from omnigov.policies.queries import measurement_by
from omnigov.policies.services import NotPublished, model_publish
from omnigov.registry.models import ModelVersion
from omnigov.studio.models import Proposal

MIN_REASON = 3


class NotPromoted(Exception):
    """Nothing was changed; the sentence says why."""


@transaction.atomic
def promotion_propose(
    *, version: PolicyVersion, model_version: ModelVersion, reason: str, by: User
) -> Proposal:
    """Proposes to ask the policy of a model version that was adapted to this version of it.

    Raises `NotPromoted` where it was adapted to something else, was not measured, or is proposed already.
    """
    if model_version.policy != version.policy_id or model_version.head.policy_digest != version.digest:
        raise NotPromoted("This model version was adapted to another policy, or to another text of this one.")
    if version.model_version_id == model_version.pk:
        raise NotPromoted("The policy is asked of this model version already.")
    if measurement_by(version, model_version) is None:
        raise NotPromoted("This model version was not measured. Measure it first.")
    if len(reason.strip()) < MIN_REASON:
        raise NotPromoted("Write a reason: an outsider has to understand later why this was done.")
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(
                policy_version=version, model_version=model_version, reason=reason.strip(), proposed_by=by
            )
    except IntegrityError:
        raise NotPromoted("This model version is proposed already; a second person decides.") from None
    body = schemas.PromotionProposed(policy=version.digest, model=model_version.digest, by=by.id)
    ledger.record(body, workspace=version.policy.workspace_id, subject=version.policy_id)
    return proposal


@transaction.atomic
def promotion_decide(*, proposal_id: uuid.UUID, promote: bool, by: User) -> PolicyVersion | None:
    """A second person's decision. Promoted, the policy's next version asks that model version.

    Raises `NotPromoted` where it is the same person, where it was decided, or where the policy moved on.
    """
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("policy_version__policy", "model_version__head")
        .get(pk=proposal_id)
    )
    version = proposal.policy_version
    if proposal.promoted is not None:
        raise NotPromoted("This proposal was decided already. Load the page again.")
    if proposal.proposed_by_id == by.id and promote:
        raise NotPromoted("You proposed this; a second person has to decide.")
    membership = by.memberships.filter(workspace=version.policy.workspace_id).first()
    if membership is None or not membership.may(Role.STEWARD, Role.OFFICER):
        raise NotPromoted("A steward or a compliance officer decides on a promotion.")
    proposal.promoted, proposal.decided_by, proposal.decided_at = promote, by, datetime.now(UTC)
    proposal.save()
    body = schemas.Promoted(
        policy=version.digest,
        model=proposal.model_version.digest,
        promoted=promote,
        proposed_by=proposal.proposed_by_id,
        by=by.id,
    )
    ledger.record(body, workspace=version.policy.workspace_id, subject=version.policy_id)
    if not promote:
        return None
    try:
        return model_publish(
            based_on=version, model_version=proposal.model_version, reason=proposal.reason, by=by
        )
    except NotPublished as reason:
        raise NotPromoted(str(reason)) from None
