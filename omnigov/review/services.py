"""An officer's verdict on a decision, and how it is taken back at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from omnigov.accounts.models import Role, User, Workspace
from omnigov.clock import database_now
from omnigov.decisions.examples import example_follow
from omnigov.decisions.models import Decision, ReviewState, RunState
from omnigov.decisions.services import NotPossible
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.sequencer import integrate
from omnigov.review import entries
from omnigov.review.case_models import Case, CaseAsked, CaseState, Draft, NoticeKind, VerdictTakenBack
from omnigov.review.cases import (
    acted,
    asked_by_name,
    case_of,
    check_may_answer,
    follow,
    hidden_from,
    settled,
    verdicts_standing,
)
from omnigov.review.claims import HOLD_SECONDS
from omnigov.review.displayed import Displayed
from omnigov.review.drafts import draft_end
from omnigov.review.indexing import words_add
from omnigov.review.models import Review, Verdict
from omnigov.review.notices import notice_add, notices_take_back
from omnigov.review.questions import question_end
from omnigov.review.served import Served

MIN_REASON = 3
UNDO_SECONDS = 10
"""How long a page offers to take a verdict back."""
_ON_THE_WAY = 5
"""Seconds more that the service gives: what was asked for in time may arrive late."""


class Moved(NotPossible):
    """Another verdict was given after the page was served; `by` is that one."""

    def __init__(self, by: Review) -> None:
        super().__init__("Another verdict was given on this decision after your page was served.")
        self.by = by


@transaction.atomic
def review_add(
    *,
    decision_id: uuid.UUID,
    officer: User,
    verdict: str,
    reason: str,
    label: str = "",
    review_id: uuid.UUID | None = None,
    served: Served | None = None,
    to: Collection[uuid.UUID] = (),
    displayed: Displayed | None = None,
) -> Review:
    """Adds a verdict and its ledger entry. The same `review_id` again is the same review, not a second.

    Upholding takes a reason only where the policy asks for one.

    `displayed` is what that page measured to have been displayed; None: nothing was measured.

    `served` is the page that the verdict was given on; None where there was none. `to` are the people whom an
    escalation asks by name; none: any other officer. Raises `Moved` where another verdict came after that
    page; `NotPossible` with a sentence where the reason is missing, the label is not one of the policy's, or
    it is not this officer's to answer.
    """
    decision = _locked(decision_id)
    review = Review.objects.filter(pk=review_id).first() if review_id else None
    if review:
        return review
    if decision.run.state == RunState.ERASED:
        raise NotPossible("This medium is erased; there is nothing left to look at.")
    if decision.review_state == ReviewState.CORRECTED:
        raise NotPossible("This decision was corrected; give your verdict on the one in its place.")
    case, now = case_of(decision), database_now()
    earlier = verdicts_standing(decision.id)
    if served and earlier and served.newest != earlier[-1].pk and not hidden_from(case, officer):
        raise Moved(earlier[-1])
    role = _check(decision, officer, verdict, reason, label)
    check_may_answer(case, officer, now)
    people = asked_by_name(case, to, officer) if verdict == Verdict.ESCALATE else []
    review = Review(
        id=review_id or uuid.uuid4(),
        decision=decision,
        officer=officer,
        verdict=verdict,
        reason=reason.strip(),
        displayed=displayed.model_dump(mode="json") if displayed else None,
    )
    review.label = label if verdict == Verdict.OVERTURN else ""
    after = settled(case, decision, [*earlier, review])
    decision.outcome = after.outcome
    entry = ledger.append(
        kind="review",
        body=entries.review(decision, review, role=role, served=served or Served()),
        workspace=decision.run.workspace_id,
        subject=decision.run_id,
        idempotency_key=f"review:{review.id}",
    )
    review.entry = entry.id
    review.save(force_insert=True)
    _pass_on(case, review, people, role)
    words_add(case, review.reason)
    draft_end(run_id=decision.run_id, person=officer, page=Draft.Page.VERDICT)
    if case.state == CaseState.SENT_BACK:
        question_end(case)
    follow(case, decision, after, was_needed=True, at=now)
    if after.state is CaseState.ANSWERED:
        _tell_who_escalated(case, earlier, officer)
    transaction.on_commit(integrate, robust=True)
    return review


def _locked(decision_id: uuid.UUID) -> Decision:
    return (
        Decision.objects.select_for_update(of=("self",))
        .select_related("run__policy_version__policy", "run__workspace")
        .get(pk=decision_id)
    )


def _pass_on(case: Case, review: Review, people: Collection[User], role: str) -> None:
    """An escalation asks these people by name. Who was asked before stays: a verdict may be taken back."""
    if review.verdict != Verdict.ESCALATE:
        return
    CaseAsked.objects.filter(case=case).delete()
    case.named = bool(people)
    CaseAsked.objects.bulk_create(CaseAsked(case=case, person=each) for each in people)
    if people:
        acted(case, "escalated", by=review.officer, role=role, to=people)
    for each in people:
        notice_add(case, each, NoticeKind.ASKED, by=review.officer)


def _tell_who_escalated(case: Case, earlier: Collection[Review], by: User) -> None:
    """Whoever passed the case on hears that it was answered."""
    for each in {review.officer for review in earlier if review.verdict == Verdict.ESCALATE}:
        notice_add(case, each, NoticeKind.ANSWERED, by=by)


@transaction.atomic
def review_take_back(*, review_id: uuid.UUID, officer: User) -> Review:
    """The verdict counts no more: the case waits as before it, held by the officer. Again, it is the same.

    Raises `NotPossible` with a sentence where it is not theirs, too late, or no longer the newest.
    """
    found = Review.objects.select_related("decision").get(pk=review_id)
    decision = _locked(found.decision_id)
    case, now = case_of(decision), database_now()
    if found.officer_id != officer.id:
        raise NotPossible("Only whoever gave a verdict can take it back.")
    if VerdictTakenBack.objects.filter(review=found).exists():
        return found
    if now - found.created_at > timedelta(seconds=UNDO_SECONDS + _ON_THE_WAY):
        raise NotPossible("It is too late to take this verdict back. Give another one, and say why.")
    if decision.review_state == ReviewState.CORRECTED or decision.run.state == RunState.ERASED:
        raise NotPossible("This decision moved on; its verdicts can't be taken back any more.")
    if found.dispositions.exists():
        raise NotPossible("Something was done on this verdict already. Give another one, and say why.")
    standing = verdicts_standing(decision.id)
    if standing[-1].pk != found.pk:
        raise NotPossible("Another verdict came after yours; it can't be taken back any more.")
    membership = officer.memberships.get(workspace=decision.run.workspace_id)
    before = settled(case, decision, standing[:-1])
    body = schemas.VerdictTakenBack(
        review=bytes(LedgerEntry.objects.get(id=found.entry).leaf_hash).hex(),
        by=officer.id,
        role=membership.role,
        outcome=before.outcome or None,
    )
    key = f"verdict_taken_back:{found.id}"
    entry = ledger.record(
        body, workspace=decision.run.workspace_id, subject=decision.run_id, idempotency_key=key
    )
    VerdictTakenBack.objects.create(review=found, entry=entry.id)
    notices_take_back(case, (NoticeKind.ASKED, NoticeKind.ANSWERED), since=found.created_at)
    if found.verdict == Verdict.ESCALATE:
        CaseAsked.objects.filter(case=case).delete()
        case.named = False
    follow(case, decision, before, was_needed=bool(case.reasons) or len(standing) > 1, at=now)
    example_follow(decision, officer)
    if case.waits:
        case.held_by, case.held_until = officer, now + timedelta(seconds=HOLD_SECONDS)
        case.save(update_fields=["held_by", "held_until"])
    return found


def review_to_take_back(workspace: Workspace, officer: User, now: datetime) -> Review | None:
    """The officer's verdict of a moment ago, on whichever decision, if it can still be taken back."""
    since = now - timedelta(seconds=UNDO_SECONDS)
    found = (
        Review.objects.filter(officer=officer, created_at__gte=since, decision__workspace=workspace)
        .select_related("decision__run__submission")
        .order_by("-created_at", "-id")
        .first()
    )
    if found is None or verdicts_standing(found.decision_id)[-1:] != [found]:
        return None
    return found


def _check(decision: Decision, officer: User, verdict: str, reason: str, label: str) -> str:
    """The officer's role, if all that was written makes sense."""
    membership = officer.memberships.filter(workspace=decision.run.workspace_id).first()
    if membership is None or not membership.may(Role.OFFICER):
        raise NotPossible("A verdict is a compliance officer's.")
    if verdict not in Verdict.values:
        raise NotPossible("Choose to uphold, to overturn or to escalate.")
    asked_for = verdict != Verdict.UPHOLD or decision.run.policy_version.spec.review.uphold_reason
    if asked_for and len(reason.strip()) < MIN_REASON:
        raise NotPossible("Write a reason: an outsider has to understand this verdict later.")
    if verdict == Verdict.OVERTURN:
        keys = {each.key for each in decision.run.policy_version.spec.labels}
        if label not in keys:
            raise NotPossible("Choose the right label.")
        if label == decision.label:
            raise NotPossible("That is the label the model chose. To agree with it, uphold the decision.")
    return membership.role
