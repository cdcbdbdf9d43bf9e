"""Who is away, until when, and who stands in: what is asked of the one by name is asked of the other."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.db import transaction

from omnigov.accounts.models import Membership, Role, User, Workspace
from omnigov.clock import database_now
from omnigov.decisions.services import NotPossible
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.review.case_models import Absence, Case, CaseAsked, NoticeKind
from omnigov.review.claims import case_hand_over
from omnigov.review.notices import notice_add


@transaction.atomic
def absence_set(*, workspace: Workspace, person: User, stand_in: uuid.UUID, until: datetime) -> Absence:
    """The person is away until then. What they hold is handed over, and what they were asked is told on.

    Raises `NotPossible` with a sentence.
    """
    now = database_now()
    _officer(workspace, person)
    if until <= now:
        raise NotPossible("Say until when you are away: a time to come.")
    other = User.objects.filter(pk=stand_in, is_active=True).exclude(pk=person.pk).first()
    if other is None or not _is_officer(workspace, other):
        raise NotPossible("Choose another officer of this workspace to stand in for you.")
    known = Absence.objects.select_for_update().filter(workspace=workspace, person=person).first()
    if known and (known.stand_in_id, known.until) == (other.pk, until):
        return known
    absence, _ = Absence.objects.update_or_create(
        workspace=workspace, person=person, defaults={"stand_in": other, "until": until}
    )
    _record(workspace, person, other, until)
    for case in Case.objects.filter(workspace=workspace, held_by=person, held_until__gt=now):
        try:
            with transaction.atomic():
                case_hand_over(case_id=case.id, by=person, to=other.pk)
        except NotPossible:
            continue  # it does not wait any more, or is a file of theirs: the hold runs out by itself
    for asked in CaseAsked.objects.filter(case__workspace=workspace, person=person).select_related("case"):
        notice_add(asked.case, other, NoticeKind.ASKED, by=None)
    return absence


@transaction.atomic
def absence_end(*, workspace: Workspace, person: User) -> None:
    """The person is back. Nothing is done where they were not away."""
    gone, _ = Absence.objects.filter(workspace=workspace, person=person).delete()
    if gone:
        _record(workspace, person, None, None)


def absence_of(workspace: Workspace, person: User) -> Absence | None:
    """The person's absence, if it is not over."""
    away = Absence.objects.filter(workspace=workspace, person=person, until__gt=database_now())
    return away.select_related("stand_in").first()


def stand_ins(workspace: Workspace, person: User) -> list[User]:
    """Who could stand in: the other officers and stewards."""
    roles = [Role.OFFICER, Role.STEWARD]
    found = User.objects.filter(memberships__workspace=workspace, memberships__role__in=roles, is_active=True)
    return list(found.exclude(pk=person.pk).order_by("username"))


def _record(workspace: Workspace, person: User, stand_in: User | None, until: datetime | None) -> None:
    at = until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if until else None
    body = schemas.AbsenceSet(by=person.id, stand_in=stand_in.id if stand_in else None, until=at)
    ledger.record(body, workspace=workspace.id, subject=person.id)


def _officer(workspace: Workspace, person: User) -> None:
    if not _is_officer(workspace, person):
        raise NotPossible("A case is a compliance officer's.")


def _is_officer(workspace: Workspace, person: User) -> bool:
    membership = Membership.objects.filter(workspace=workspace, user=person).first()
    return membership is not None and membership.may(Role.OFFICER)
