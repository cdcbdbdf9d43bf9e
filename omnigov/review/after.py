"""What is done on the strength of an outcome: the goods released, the claim rejected, the matter sent on.

It is bound to the verdict that held at that moment. A later verdict changes nothing of it, and the page
says then that what was done rests on an earlier one.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from omnigov.accounts.models import Membership, Role, User
from omnigov.decisions.models import Decision, ReviewState, RunState
from omnigov.decisions.services import NotPossible
from omnigov.keys import keyring
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.models import LedgerEntry
from omnigov.review.after_models import Disposition, Done, Letter
from omnigov.review.case_models import Case
from omnigov.review.cases import case_of, verdicts_standing
from omnigov.review.models import Review

MOST_WORDS = 2000
MOST_TO = 200


@transaction.atomic
def disposition_add(
    *,
    decision_id: uuid.UUID,
    by: User,
    done: str,
    to: str = "",
    words: str = "",
    disposition_id: uuid.UUID | None = None,
    seen: uuid.UUID | None = None,
) -> Disposition:
    """Puts on the record what was done, bound to the verdict that holds. The same id again is the same.

    `seen` is the newest verdict that the person's page showed, where there was a page: what was done on
    another one than that is refused. Raises `NotPossible` with a sentence.
    """
    decision = decision_locked(decision_id)
    known = Disposition.objects.filter(pk=disposition_id).first() if disposition_id else None
    if known:
        return known
    membership = member_of(decision, by, Role.OPERATOR, Role.OFFICER)
    verdict = outcome_holds(decision)
    if disposition_id and seen != (verdict.pk if verdict else None):
        raise NotPossible(
            "Another verdict was given after your page was served. Look at the outcome, and say again what "
            "was done."
        )
    to, words = to.strip(), words.strip()
    _check(done, to, words)
    disposition = Disposition(
        id=disposition_id or uuid.uuid4(),
        decision=decision,
        verdict=verdict,
        done=done,
        outcome=decision.outcome,
        to=to,
        words=words,
        by=by,
    )
    keys = keyring().asset(decision.run.asset_id)
    body = schemas.Disposition.model_validate(
        {
            "decision": leaf_of(decision.entry),
            "review": leaf_of(verdict.entry) if verdict else None,
            "done": done,
            "outcome": decision.outcome,
            "to": keys.commit(to.encode()) if to else None,
            "words": keys.commit(words.encode()) if words else None,
            "by": by.id,
            "role": membership.role,
        }
    )
    entry = ledger.record(
        body,
        workspace=decision.run.workspace_id,
        subject=decision.run_id,
        idempotency_key=f"disposition:{disposition.id}",
    )
    disposition.entry = entry.id
    disposition.save(force_insert=True)
    return disposition


def _check(done: str, to: str, words: str) -> None:
    if done not in Done.values:
        raise NotPossible("Choose what was done: released, rejected, sent on, or nothing further.")
    if done == Done.SENT_ON and not to:
        raise NotPossible("Say where it was sent on to: a department or an office, and no person by name.")
    if done != Done.SENT_ON and to:
        raise NotPossible("Only what was sent on goes somewhere. Empty that field, or choose “sent on”.")
    if len(to) > MOST_TO or len(words) > MOST_WORDS:
        raise NotPossible("This is too long. Shorten what you wrote.")
    if "\0" in to + words:
        raise NotPossible("There is a sign in what you wrote that no text has. Write it anew.")


def decision_locked(decision_id: uuid.UUID) -> Decision:
    return (
        Decision.objects.select_for_update(of=("self",))
        .select_related("run__policy_version__policy", "run__workspace")
        .get(pk=decision_id)
    )


def member_of(decision: Decision, person: User, *roles: str) -> Membership:
    """The person's membership, with one of these roles. Raises `NotPossible`."""
    found = person.memberships.filter(workspace=decision.run.workspace_id).first()
    if found is None or not found.may(*roles):
        raise NotPossible("This is not for your role in this workspace.")
    return found


def outcome_holds(decision: Decision) -> Review | None:
    """The newest verdict that the outcome rests on; None where no person was asked.

    Raises `NotPossible` where there is no outcome that holds: it waits, was corrected, or erased.
    """
    if decision.run.state == RunState.ERASED:
        raise NotPossible("This medium is erased; there is nothing left to look at.")
    if decision.review_state == ReviewState.CORRECTED:
        raise NotPossible("This decision was corrected; say it of the one in its place.")
    if case_of(decision).waits or not decision.outcome:
        raise NotPossible("This decision still waits for a person. What is done on it comes after that.")
    return next(reversed(verdicts_standing(decision.id)), None)


def leaf_of(entry: uuid.UUID) -> str:
    return bytes(LedgerEntry.objects.get(id=entry).leaf_hash).hex()


@dataclass(frozen=True)
class After:
    """What was done on a decision, the newest first, and whether something may be said of it now."""

    dispositions: Sequence[Disposition]
    letters: Sequence[Letter]
    newest: uuid.UUID | None
    holds: bool

    @property
    def overtaken(self) -> bool:
        """Whether the newest of them rests on an earlier verdict than the one that holds now."""
        return bool(self.dispositions) and (not self.holds or self.dispositions[0].verdict_id != self.newest)


def after_of(decision: Decision, case: Case, newest: uuid.UUID | None) -> After:
    """What the page of the decision says of it; `newest` is the newest verdict that stands."""
    if case.waits and newest is None:  # nothing came after what was never answered
        return After((), (), None, holds=False)
    found = list(decision.dispositions.select_related("by").order_by("-created_at", "-id"))
    letters = list(decision.letters.select_related("by"))
    gone = decision.review_state == ReviewState.CORRECTED or decision.run.state == RunState.ERASED
    holds = not gone and not case.waits and bool(decision.outcome)
    return After(found, letters, newest, holds)
