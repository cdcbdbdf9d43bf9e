"""Engagements: an external auditor's account for a time, of some batches and policies. All that writes them.

Whether one runs is told by its times at each request, so that it ends by itself; the keeper then takes the
role away and puts that on the record.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from omnigov.accounts.models import Engagement, Membership, Role, User, Workspace
from omnigov.clock import database_now
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger

MOST = 100
"""Batches, and policies, that one engagement names."""


class NotEngaged(Exception):
    """The engagement can't be made or ended; the sentence says why, and what to do."""


@transaction.atomic
def engagement_begin(
    *,
    workspace: Workspace,
    username: str,
    password: str,
    since: datetime,
    until: datetime,
    batches: Collection[uuid.UUID],
    policies: Collection[uuid.UUID],
    by: User,
) -> Engagement:
    """Gives a new person an auditor's role from one moment to another, over these batches and policies alone.

    The ids are the caller's to check. Raises `NotEngaged` for a name that somebody has: a person of this
    house is no outsider, and a known password is none that was handed over for this.
    """
    if until <= since or until <= database_now():
        raise NotEngaged("An engagement ends after it begins, at a time to come. Change one of the two.")
    if not batches and not policies:
        raise NotEngaged("Choose what the engagement is of: a batch or a policy at least.")
    if len(batches) > MOST or len(policies) > MOST:
        raise NotEngaged("An engagement names up to 100 batches and 100 policies.")
    try:
        with transaction.atomic():
            person = User.objects.create_user(username=username, password=password)
    except IntegrityError:  # also where somebody took the name this very moment
        raise NotEngaged(
            "Somebody has this name already. An engagement gets an account of its own: choose another."
        ) from None
    membership = Membership.objects.create(workspace=workspace, user=person, role=Role.AUDITOR)
    engagement = Engagement(
        workspace=workspace,
        person=person,
        membership=membership,
        since=since,
        until=until,
        batches=sorted(batches),
        policies=sorted(policies),
        made_by=by,
    )
    engagement.save(force_insert=True)
    body = schemas.EngagementBegun(
        engagement=engagement.id,
        since=_moment(since),
        until=_moment(until),
        batches=tuple(engagement.batches),
        policies=tuple(engagement.policies),
        by=by.id,
    )
    ledger.record(body, workspace=workspace.id, subject=person.id)
    return engagement


@transaction.atomic
def engagement_end(*, engagement_id: uuid.UUID, by: User | None) -> None:
    """Takes the role away, at once. `by` is None where its time is over. Raises `NotEngaged`."""
    engagement = Engagement.objects.select_for_update(of=("self",)).get(pk=engagement_id)
    if engagement.ended_at is not None:
        raise NotEngaged("This engagement has ended already.")
    membership = engagement.membership
    engagement.membership, engagement.ended_at = None, database_now()
    engagement.save(update_fields=["membership", "ended_at"])
    if membership is not None:
        membership.delete()
    body = schemas.EngagementEnded(engagement=engagement.id, by=by.id if by else None)
    ledger.record(body, workspace=engagement.workspace_id, subject=engagement.person_id)


def engagements_over(now: datetime) -> list[uuid.UUID]:
    """Those whose time is over and whose role is still there."""
    over = Engagement.objects.filter(ended_at__isnull=True, until__lte=now)
    return list(over.values_list("pk", flat=True))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
