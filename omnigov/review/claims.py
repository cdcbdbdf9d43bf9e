"""Who has a case: taken, given back, put off, handed over. Each is on the record with its row.

A hold runs out by itself, by the database's clock. It keeps others from answering, and from being offered the
case; it never keeps what its holder wrote from being recorded, unless somebody else has it by then.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from omnigov.accounts.models import User
from omnigov.clock import database_now
from omnigov.decisions.services import NotPossible
from omnigov.review.case_models import Case, CaseAsked, CaseSkipped, NoticeKind
from omnigov.review.cases import acted, asked_by_name, case_locked, check_may_answer, officer_in
from omnigov.review.notices import notice_add

HOLD_SECONDS = 15 * 60
LOOK_SECONDS = 45
SKIP_SECONDS = 8 * 60 * 60
_LONG_ENOUGH = timedelta(minutes=5)


@transaction.atomic
def case_hold(*, case_id: uuid.UUID, by: User) -> Case:
    """The person has the case for a quarter of an hour. Again while most of it is left, it stays as it is.

    Raises `HeldByAnother`, or `NotPossible` with a sentence where they may not answer it.
    """
    case, now = case_locked(case_id), database_now()
    role = officer_in(case, by).role
    if not case.waits:
        raise NotPossible("This case does not wait any more.")
    check_may_answer(case, by, now)
    if case.held_by_id == by.id and case.held_until and case.held_until - now > _LONG_ENOUGH:
        return case
    case.held_by, case.held_until = by, now + timedelta(seconds=HOLD_SECONDS)
    case.save(update_fields=["held_by", "held_until"])
    CaseSkipped.objects.filter(case=case, person=by).delete()
    acted(case, "held", by=by, role=role, seconds=HOLD_SECONDS)
    return case


@transaction.atomic
def case_give_back(*, case_id: uuid.UUID, by: User) -> Case:
    """The person has the case no more. Nothing is done where they had not."""
    case = case_locked(case_id)
    role = officer_in(case, by).role
    if case.held_by_id != by.id:
        return case
    case.held_by, case.held_until = None, None
    case.save(update_fields=["held_by", "held_until"])
    acted(case, "given_back", by=by, role=role)
    return case


@transaction.atomic
def case_skip(*, case_id: uuid.UUID, by: User) -> Case:
    """The case is not offered to this person for some hours, and is given back if they had it."""
    case, now = case_locked(case_id), database_now()
    role = officer_in(case, by).role
    if not case.waits:
        return case
    put_off = CaseSkipped.objects.filter(case=case, person=by, until__gt=now).exists()
    CaseSkipped.objects.update_or_create(
        case=case, person=by, defaults={"until": now + timedelta(seconds=SKIP_SECONDS)}
    )
    if case.held_by_id == by.id:
        case.held_by, case.held_until = None, None
        case.save(update_fields=["held_by", "held_until"])
    if not put_off:
        acted(case, "skipped", by=by, role=role, seconds=SKIP_SECONDS)
    return case


@transaction.atomic
def case_hand_over(*, case_id: uuid.UUID, by: User, to: uuid.UUID) -> Case:
    """Another officer has the case from here on, and is told. Raises `NotPossible` with a sentence."""
    case, now = case_locked(case_id), database_now()
    role = officer_in(case, by).role
    if not case.waits:
        raise NotPossible("This case does not wait any more.")
    if case.held(now) and case.held_by_id not in (by.id, to):
        raise NotPossible("Somebody else holds this case; it is theirs to hand over.")
    (person,) = asked_by_name(case, [to], by)
    if case.held_by_id == person.id and case.held(now):
        return case  # sent twice
    if case.named:
        CaseAsked.objects.get_or_create(case=case, person=person)
    case.held_by, case.held_until = person, now + timedelta(seconds=SKIP_SECONDS)
    case.save(update_fields=["held_by", "held_until"])
    acted(case, "handed_over", by=by, role=role, to=[person], seconds=SKIP_SECONDS)
    notice_add(case, person, NoticeKind.HANDED, by=by)
    return case


def case_look(*, case_id: uuid.UUID, by: User) -> Case:
    """The person's page of the case is open. Of no consequence, and on no record: it only tells others."""
    now = database_now()
    free = Q(looked_until__isnull=True) | Q(looked_until__lte=now) | Q(looked_by=by)
    until = now + timedelta(seconds=LOOK_SECONDS)
    Case.objects.filter(free, pk=case_id).update(looked_by=by, looked_until=until)
    return Case.objects.select_related("looked_by").get(pk=case_id)
