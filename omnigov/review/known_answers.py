"""Cases whose right answer is known, put among those that wait: how well a house's reviewing works.

The case is an ordinary one to whoever answers it, and the verdict counts as any other. Where it did not wait
for a person, it waits as if it had been drawn at random. Only who placed it knows, and may not answer it.
What comes of it is reckoned for the house as a whole, and for each officer on their own page alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from omnigov.accounts.models import Role, User, Workspace
from omnigov.decisions.models import Decision, ReviewState, RunState
from omnigov.decisions.review_rules import SAMPLE
from omnigov.decisions.services import NotPossible
from omnigov.keys import keyring
from omnigov.ledger import canonical, schemas
from omnigov.ledger import services as ledger
from omnigov.review.after import decision_locked, leaf_of, member_of
from omnigov.review.after_models import KnownAnswer
from omnigov.review.case_models import WAITING, CaseState
from omnigov.review.cases import case_of, verdicts_standing
from omnigov.review.models import Review
from omnigov.review.statistics import Share, share

SHOWN = 200
"""Known answers that a page goes through."""


@transaction.atomic
def known_answer_place(*, decision_id: uuid.UUID, label: str, by: User) -> KnownAnswer:
    """Puts the decision's case among those that wait, with its right answer kept aside.

    Raises `NotPossible` with a sentence where somebody spoke already, or it can't wait.
    """
    decision = decision_locked(decision_id)
    member_of(decision, by, Role.STEWARD)
    case = case_of(decision)
    known = KnownAnswer.objects.filter(case=case).first()
    if known:
        if known.label == label and known.placed_by_id == by.id:
            return known
        raise NotPossible("The right answer of this case was said before.")
    if decision.run.state == RunState.ERASED:
        raise NotPossible("This medium is erased; there is nothing left to look at.")
    if decision.review_state == ReviewState.CORRECTED:
        raise NotPossible("This decision was corrected; choose the one in its place.")
    if decision.reviews.exists() or decision.dispositions.exists() or decision.letters.exists():
        raise NotPossible("Somebody gave a verdict on this decision already. Choose another one.")
    if label not in {each.key for each in decision.run.policy_version.spec.labels}:
        raise NotPossible("Choose the right label.")
    known = KnownAnswer(case=case, label=label, placed_by=by)
    body = schemas.KnownAnswerPlaced(
        decision=leaf_of(decision.entry),
        answer=keyring().asset(decision.run.asset_id).commit(canonical.encode(committed(known))),
        by=by.id,
    )
    known.entry = ledger.record(
        body,
        workspace=decision.run.workspace_id,
        subject=decision.run_id,
        idempotency_key=f"known_answer:{case.id}",
    ).id
    known.save(force_insert=True)
    if case.state == CaseState.CLOSED:
        case.state, case.reasons = CaseState.OPEN, [SAMPLE]
        case.save(update_fields=["state", "reasons"])
        decision.review_state, decision.review_reasons = ReviewState.WAITING, [SAMPLE]
        decision.save(update_fields=["review_state", "review_reasons"])
    return known


def committed(known: KnownAnswer) -> list[str]:
    """What the entry commits to."""
    return [str(known.nonce), known.label]


def placed_by(case: uuid.UUID, person: User) -> bool:
    """Whether this person knows the answer."""
    return KnownAnswer.objects.filter(case=case, placed_by=person).exists()


@dataclass(frozen=True)
class Answered:
    """A case with a known answer that somebody answered. `met`: each said the known one."""

    known: KnownAnswer
    decision: Decision
    said: Sequence[str]

    @property
    def met(self) -> bool:
        return all(each == self.known.label for each in self.said)


def answered(workspace: Workspace) -> list[Answered]:
    """The newest that were answered, whoever placed them; who answered is not told."""
    found = _known(workspace).exclude(case__state__in=WAITING)[:SHOWN]
    return [
        Answered(each, each.case.decision, said)
        for each in found
        if each.case.decision and (said := _said(each.case.decision))
    ]


def waiting(workspace: Workspace, person: User) -> list[KnownAnswer]:
    """Those that wait and that this person placed: to nobody else it is told which these are."""
    return list(_known(workspace).filter(case__state__in=WAITING, placed_by=person)[:SHOWN])


def met(workspace: Workspace) -> Share:
    """Of all verdicts on such cases the share that said the known answer."""
    said = [(each.known.label, label) for each in answered(workspace) for label in each.said]
    return share(sum(known == label for known, label in said), len(said))


def met_by(workspace: Workspace, person: User) -> list[tuple[Review, str, str]]:
    """The person's own verdicts on such cases, once answered: what they said, and the known answer."""
    reviews = Review.objects.filter(
        officer=person,
        decision__workspace=workspace,
        decision__case__known_answer__isnull=False,
        taken_back__isnull=True,
    ).exclude(decision__case__state__in=WAITING)
    found = reviews.exclude(verdict="escalate").select_related(
        "decision__case__known_answer", "decision__run__submission", "decision__run__policy_version"
    )
    newest = {each.decision_id: each for each in found.order_by("created_at", "pk")}
    return [
        (each, label_said(each), each.decision.case.known_answer.label) for each in reversed(newest.values())
    ]


def label_said(review: Review) -> str:
    return review.label if review.verdict == "overturn" else review.decision.label


def _known(workspace: Workspace) -> QuerySet[KnownAnswer]:
    return (
        KnownAnswer.objects.filter(case__workspace=workspace)
        .select_related("case__decision__run__submission", "case__decision__run__policy_version__policy")
        .defer(*(f"case__decision__run__{name}" for name in ("redaction", "inference", "edits")))
    )


def _said(decision: Decision) -> list[str]:
    """What each person said, the newest of each."""
    newest = {
        each.officer_id: (each.label if each.verdict == "overturn" else decision.label)
        for each in verdicts_standing(decision.id)
        if each.verdict != "escalate"
    }
    return list(newest.values())
