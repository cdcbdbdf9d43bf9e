"""A case under lock, who may answer it, and what follows for its row from the verdicts that stand."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from omnigov.accounts.models import Membership, Role, User
from omnigov.clock import database_now
from omnigov.decisions.models import Decision, ReviewState
from omnigov.decisions.services import NotPossible
from omnigov.intake.models import Submission
from omnigov.intake.queries import uploaded
from omnigov.keys import keyring
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.review.after_models import KnownAnswer
from omnigov.review.agreement import Said, Settled, settle
from omnigov.review.case_models import Absence, Case, CaseState
from omnigov.review.models import Review


class HeldByAnother(NotPossible):
    """Somebody else has the case; `holder` and `until` say who, and for how long."""

    def __init__(self, holder: User, until: datetime) -> None:
        super().__init__("Somebody else holds this case. Take another one, or wait until it is given back.")
        self.holder, self.until = holder, until


def case_locked(case_id: uuid.UUID) -> Case:
    """The case under lock."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("run", "decision", "held_by")
        .get(pk=case_id)
    )


def case_of(decision: Decision) -> Case:
    """The decision's case under lock."""
    return (
        Case.objects.select_for_update(of=("self",)).select_related("run", "held_by").get(decision=decision)
    )


def officer_in(case: Case, person: User) -> Membership:
    """The person's membership, if an officer's. Raises `NotPossible`."""
    membership = person.memberships.filter(workspace=case.workspace_id).first()
    if membership is None or not membership.may(Role.OFFICER):
        raise NotPossible("A case is a compliance officer's.")
    return membership


def check_may_answer(case: Case, person: User, now: datetime) -> None:
    """Raises `NotPossible` with a sentence where this officer can't answer the case, now or at all."""
    if uploaded(case.run.asset_id, person):
        raise NotPossible("You handed this file in; another officer has to review it.")
    if case.held(now) and case.held_by_id != person.id:
        assert case.held_by is not None  # noqa: S101 - `held` says so
        assert case.held_until is not None  # noqa: S101 - as above
        raise HeldByAnother(case.held_by, case.held_until)
    if case.decision_id is None:
        return
    known: KnownAnswer | None = getattr(case, "known_answer", None)
    if known is not None and known.placed_by_id == person.id:
        raise NotPossible("You said what the right answer of this case is; another officer has to answer it.")
    standing = verdicts_standing(case.decision_id)
    passed_on = bool(standing) and standing[-1].verdict == "escalate"
    if passed_on and standing[-1].officer_id == person.id:
        raise NotPossible("You escalated this decision; another officer has to answer it.")
    if passed_on and case.named and not is_asked(case, person, now):
        raise NotPossible("This case was escalated to somebody else by name.")
    if not passed_on and case.waits and case.needed > 1 and spoke(standing, person):
        raise NotPossible("You gave your verdict; now another officer has to give theirs.")


def check_free(run: uuid.UUID, person: User) -> None:
    """Raises `HeldByAnother` where somebody else has a case of this run, which a correction would end."""
    now = database_now()
    for case in Case.objects.filter(run=run, held_until__gt=now).select_related("held_by"):
        if case.waits and case.held(now) and case.held_by_id != person.id:
            assert case.held_by is not None  # noqa: S101 - `held` says so
            assert case.held_until is not None  # noqa: S101 - as above
            raise HeldByAnother(case.held_by, case.held_until)


def is_asked(case: Case, person: User, now: datetime) -> bool:
    """Whether the case was escalated to this person by name, or to one that they stand in for."""
    return case.asked.filter(person__in=[person.id, *stood_in_for(person, case.workspace_id, now)]).exists()


def stood_in_for(person: User, workspace: uuid.UUID, now: datetime) -> list[uuid.UUID]:
    """Whom this person stands in for at the moment."""
    away = Absence.objects.filter(workspace=workspace, stand_in=person, until__gt=now)
    return list(away.values_list("person", flat=True))


def verdicts_standing(decision: uuid.UUID) -> list[Review]:
    """The verdicts that were not taken back, the oldest first."""
    given = Review.objects.filter(decision=decision, taken_back__isnull=True)
    return list(given.select_related("officer").order_by("created_at", "pk"))


def spoke(standing: Collection[Review], person: User) -> bool:
    """Whether one of these verdicts is this person's."""
    return any(each.officer_id == person.id for each in standing)


def hidden_from(case: Case, person: User) -> bool:
    """Whether this person may not yet see what others said: of several, nobody sees it before their own."""
    if not (case.blind and case.needed > 1 and case.state == CaseState.OPEN) or case.decision_id is None:
        return False
    return not spoke(verdicts_standing(case.decision_id), person)


def runs_hidden_from(runs: Collection[uuid.UUID], person: User) -> set[uuid.UUID]:
    """Those of the runs whose case this person may still answer, blind to what others said of it."""
    blind = Case.objects.filter(
        run__in=runs, decision__isnull=False, blind=True, needed__gt=1, state=CaseState.OPEN
    )
    answers = {each.workspace_id for each in person.memberships.all() if each.may(Role.OFFICER)}
    return {case.run_id for case in blind.filter(workspace__in=answers) if hidden_from(case, person)}


def settled(case: Case, decision: Decision, reviews: Collection[Review]) -> Settled:
    """What these verdicts come to by the policy that the case was opened under."""
    said = [Said(each.verdict, each.label, each.officer_id) for each in reviews]
    return settle(
        decision.label,
        abstained=decision.abstained,
        verdicts=said,
        needed=case.needed,
        most=case.most,
    )


REVIEW_STATES = {
    CaseState.OPEN: ReviewState.WAITING,
    CaseState.ESCALATED: ReviewState.ESCALATED,
    CaseState.ANSWERED: ReviewState.REVIEWED,
}


def follow(case: Case, decision: Decision, now: Settled, *, was_needed: bool, at: datetime) -> None:
    """Writes to case and decision what the verdicts come to. Whoever held the case holds it no more."""
    case.state, case.outcome, case.disagreed = now.state, now.outcome, now.disagreed
    case.urgency = 0 if now.state is CaseState.ESCALATED else 1
    case.answered_at = at if now.state is CaseState.ANSWERED else None
    case.held_by, case.held_until = None, None
    state = REVIEW_STATES[now.state]
    if not was_needed and now.state is CaseState.OPEN:
        case.state, state = CaseState.CLOSED, ReviewState.NOT_NEEDED
    case.save()
    decision.review_state, decision.outcome = state, now.outcome
    decision.save(update_fields=["review_state", "outcome"])


def acted(
    case: Case,
    act: str,
    *,
    by: User,
    role: str,
    to: Collection[User] = (),
    seconds: int | None = None,
    words: str = "",
) -> uuid.UUID:
    """Puts on the record what a person did with a case; the id of the entry."""
    body = schemas.CaseActed.model_validate(
        {
            "act": act,
            "by": by.id,
            "role": role,
            "to": tuple(each.id for each in to),
            "seconds": seconds,
            "words": keyring().asset(case.run.asset_id).commit(words.encode()) if words else None,
        }
    )
    return ledger.record(body, workspace=case.workspace_id, subject=case.run_id).id


def colleagues(case: Case, but: User) -> list[User]:
    """Officers and stewards of the workspace who may answer this case, this person aside."""
    handed_in = Submission.objects.filter(Q(asset=case.run.asset_id) | Q(pk=case.run.asset_id))
    found = User.objects.filter(
        memberships__role__in=[Role.OFFICER, Role.STEWARD],
        memberships__workspace=case.workspace_id,
        is_active=True,
    )
    others = found.exclude(pk=but.pk).exclude(pk__in=handed_in.values("uploaded_by"))
    return list(others.order_by("username"))


def asked_by_name(case: Case, people: Collection[uuid.UUID], but: User) -> list[User]:
    """These people, each of whom has to be one who may answer the case. Raises `NotPossible`."""
    wanted = set(people)
    found = [each for each in colleagues(case, but) if each.pk in wanted]
    if len(found) < len(wanted):
        raise NotPossible("Choose officers of this workspace who did not hand the file in.")
    return found
