"""An officer's verdict on a decision."""

from __future__ import annotations

import uuid

from django.db import transaction

from omnigov.accounts.models import Role, User
from omnigov.decisions.models import Decision, ReviewState, RunState
from omnigov.decisions.outcome import outcome_of
from omnigov.decisions.services import NotPossible
from omnigov.intake.queries import uploaded
from omnigov.ledger import services as ledger
from omnigov.ledger.sequencer import integrate
from omnigov.review import entries
from omnigov.review.models import Review, Verdict
from omnigov.review.served import Served

MIN_REASON = 3


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
) -> Review:
    """Adds a verdict and its ledger entry. The same `review_id` again is the same review, not a second.

    `served` is the page that the verdict was given on; None where there was none. Raises `Moved` where
    another verdict came after that page; `NotPossible` with a sentence where the reason is missing, the label
    is not one of the policy's, or the officer would answer their own escalation.
    """
    decision = (
        Decision.objects.select_for_update(of=("self",))
        .select_related("run__policy_version__policy", "run__workspace")
        .get(pk=decision_id)
    )
    review = Review.objects.filter(pk=review_id).first() if review_id else None
    if review:
        return review
    if decision.run.state == RunState.ERASED:
        raise NotPossible("This medium is erased; there is nothing left to look at.")
    if decision.review_state == ReviewState.CORRECTED:
        raise NotPossible("This decision was corrected; give your verdict on the one in its place.")
    earlier = list(decision.reviews.select_related("officer").order_by("created_at"))
    if served and earlier and served.newest != earlier[-1].pk:
        raise Moved(earlier[-1])
    _check(decision, officer, verdict, reason, label)
    review = Review(
        id=review_id or uuid.uuid4(),
        decision=decision,
        officer=officer,
        verdict=verdict,
        reason=reason.strip(),
    )
    review.label = label if verdict == Verdict.OVERTURN else ""
    decision.outcome = outcome_of(
        decision.label,
        abstained=decision.abstained,
        verdicts=[(each.verdict, each.label) for each in (*earlier, review)],
    )
    role = officer.memberships.get(workspace=decision.run.workspace_id).role
    entry = ledger.append(
        kind="review",
        body=entries.review(decision, review, role=role, served=served or Served()),
        workspace=decision.run.workspace_id,
        subject=decision.run_id,
        idempotency_key=f"review:{review.id}",
    )
    review.entry = entry.id
    review.save(force_insert=True)
    decision.review_state = ReviewState.ESCALATED if verdict == Verdict.ESCALATE else ReviewState.REVIEWED
    decision.save(update_fields=["review_state", "outcome"])
    transaction.on_commit(integrate, robust=True)
    return review


def _check(decision: Decision, officer: User, verdict: str, reason: str, label: str) -> None:
    membership = officer.memberships.filter(workspace=decision.run.workspace_id).first()
    if membership is None or not membership.may(Role.OFFICER):
        raise NotPossible("A verdict is a compliance officer's.")
    if uploaded(decision.run.asset_id, officer):
        raise NotPossible("You handed this file in; another officer has to review it.")
    if verdict not in Verdict.values:
        raise NotPossible("Choose to uphold, to overturn or to escalate.")
    if len(reason.strip()) < MIN_REASON:
        raise NotPossible("Write a reason: an outsider has to understand this verdict later.")
    if verdict == Verdict.OVERTURN:
        keys = {each.key for each in decision.run.policy_version.spec.labels}
        if label not in keys:
            raise NotPossible("Choose the right label.")
        if label == decision.label:
            raise NotPossible("That is the label the model chose. To agree with it, uphold the decision.")
    last = decision.reviews.order_by("-created_at").first()
    if last and last.verdict == Verdict.ESCALATE and last.officer_id == officer.id:
        raise NotPossible("You escalated this decision; another officer has to answer it.")
