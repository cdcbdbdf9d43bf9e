"""A person changes what is hidden: in a decided file, or in one that is in quarantine. Both begin a new run.

The old run stays as it was, and so does its decision. The new one has the same medium, policy, model version
and seed, and all that people added and took away before; it goes the whole way, from redaction to its own
decision.

Who uncovers something answers for it, so they must have seen it: whoever takes a region away, or lets a file
out of quarantine, has opened the original within `SEEN_SECONDS`, which is on the record, and is not who
handed the file in.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import transaction

from omnigov import celery
from omnigov.accounts.models import Role, User
from omnigov.decisions import together
from omnigov.decisions.leases import TASKS
from omnigov.decisions.models import Decision, ReviewState, Run, RunState
from omnigov.decisions.services import NotPossible
from omnigov.intake.models import MediaAsset
from omnigov.intake.queries import uploaded
from omnigov.ledger import canonical, schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.sequencer import integrate
from omnigov.review import entries
from omnigov.review.cases import check_free
from omnigov.review.drafts import draft_end
from omnigov.review.models import Act, Correction, Draft
from omnigov.review.regions import Change

MIN_REASON = 3
_CORRECTED = frozenset({RunState.RECORDED, RunState.JOINED})
"""States of a run whose copy stands behind a decision."""
SEEN_SECONDS = 1800
"""How long after opening the original a person may act on what they saw."""


@transaction.atomic
def redaction_correct(
    *, run_id: uuid.UUID, by: User, change: Change, reason: str, new_id: uuid.UUID | None = None
) -> Run:
    """A new run with these regions in place of a decided one, whose decision no longer waits for anybody.

    Of a picture that was decided together with a recording, the recording has a new run too: the report is
    decided anew, with the new copy. The same `new_id` again is the same run. Raises `NotPossible` with a
    sentence.
    """
    run = _locked(run_id)
    known = _known(run, new_id)
    if known:
        return known
    recording = together.recording_of(run) or run
    decision = Decision.objects.select_for_update().filter(run=recording).first()
    if run.state == RunState.ERASED:
        raise NotPossible("This medium is erased; there is nothing left to look at.")
    if recording.state != RunState.RECORDED or run.state not in _CORRECTED or decision is None:
        raise NotPossible("What is hidden can be corrected once the file is decided.")
    role = _check(run, by, reason, case=recording)
    if not change.added and not change.removed:
        raise NotPossible("No region was changed. Add one, move one or take one away.")
    seen = original_seen(run, by)
    if change.removed:
        _check_uncovering(run, by, seen=seen)
    made = _child(run, change, new_id, by_hand=run.by_hand)
    body = entries.corrected(
        made, by=by.id, role=role, added=change.added, removed=change.removed, seen=seen, reason=reason
    )
    _record(made, body, Act.CORRECTED, by, change, reason)
    if recording != run:
        _decide_anew(recording, by=by, role=role, reason=reason)
    decision.review_state = ReviewState.CORRECTED
    decision.save(update_fields=["review_state"])
    return made


def _decide_anew(recording: Run, *, by: User, role: str, reason: str) -> None:
    """A new run of a recording, a picture of whose report was corrected. Nothing of its own is changed."""
    change = Change(recording.redaction_edits)
    made = _child(recording, change, None, by_hand=recording.by_hand)
    body = entries.corrected(made, by=by.id, role=role, added=0, removed=0, seen=False, reason=reason)
    _record(made, body, Act.CORRECTED, by, change, reason)


@transaction.atomic
def quarantine_release(
    *, run_id: uuid.UUID, by: User, act: str, change: Change, reason: str, new_id: uuid.UUID | None = None
) -> Run:
    """A new run by hand in place of one in quarantine. Nothing else lets a file out, and never by itself.

    `act` is `by_hand`, with the regions that are to be hidden, or `nothing_visible`, without any. The same
    `new_id` again is the same run. Raises `NotPossible` with a sentence.
    """
    run = _locked(run_id)
    known = _known(run, new_id)
    if known:
        return known
    if run.state != RunState.QUARANTINED:
        raise NotPossible("This file is not in quarantine any more. Load the page again.")
    role = _check(run, by, reason)
    if act == Act.BY_HAND and not change.added:
        raise NotPossible("Draw what is to be hidden, or say that nothing personal is visible.")
    if act == Act.NOTHING_VISIBLE and change.added:
        raise NotPossible("You drew regions. Delete them, or redact by hand.")
    if act not in {Act.BY_HAND, Act.NOTHING_VISIBLE}:
        raise NotPossible("Say whether you redact by hand or nothing personal is visible.")
    _check_uncovering(run, by, seen=original_seen(run, by))
    made = _child(run, change, new_id, by_hand=True)
    body = entries.released(
        made, code=run.failure_code, by=by.id, role=role, mode=act, regions=change.added, reason=reason
    )
    _record(made, body, Act(act), by, change, reason)
    return made


def original_seen(run: Run, by: User) -> bool:
    """Whether the record says that this person opened the original a while ago."""
    since = datetime.now(UTC) - timedelta(seconds=SEEN_SECONDS)
    opened = LedgerEntry.objects.filter(
        kind=schemas.OriginalOpened.kind, subject=run.asset_id, created_at__gt=since
    )
    return any(canonical.decode(bytes(each.body))["record"]["viewer"] == str(by.id) for each in opened)


def _locked(run_id: uuid.UUID) -> Run:
    """The run under lock. Its media are locked first, as an erasure does it: so none blocks the other."""
    run = Run.objects.select_related("submission__batch", "policy_version", "model_version").get(pk=run_id)
    recording = together.recording_of(run) or run
    for asset in sorted({run.asset_id, recording.asset_id}):
        MediaAsset.objects.select_for_update().get(pk=asset)
    return (
        Run.objects.select_for_update(of=("self",))
        .select_related("asset", "submission__batch", "policy_version", "model_version")
        .get(pk=run_id)
    )


def _known(run: Run, new_id: uuid.UUID | None) -> Run | None:
    """The run that this very form made already. Raises `NotPossible` where another one made one."""
    child = Run.objects.filter(parent=run).first()
    if child is None:
        return None
    if child.pk == new_id:
        return child
    raise NotPossible("Somebody changed this before you: another run is in its place. Load the page again.")


def _check(run: Run, by: User, reason: str, *, case: Run | None = None) -> str:
    """The person's role, if it is one that may."""
    membership = by.memberships.filter(workspace=run.workspace_id).first()
    if membership is None or not membership.may(Role.OFFICER):
        raise NotPossible("What is hidden is a compliance officer's to change.")
    if len(reason.strip()) < MIN_REASON:
        raise NotPossible("Write a reason: an outsider has to understand later why this was done.")
    check_free((case or run).pk, by)
    return membership.role


def _check_uncovering(run: Run, by: User, *, seen: bool) -> None:
    if uploaded(run.asset_id, by):
        raise NotPossible("You handed this file in; another officer has to uncover what is in it.")
    if not seen:
        raise NotPossible("Open the original first: whoever uncovers something has to have seen it.")


def _child(run: Run, change: Change, new_id: uuid.UUID | None, *, by_hand: bool) -> Run:
    return Run.objects.create(
        id=new_id or uuid.uuid4(),
        workspace_id=run.workspace_id,
        submission=run.submission,
        asset=run.asset,
        policy_version=run.policy_version,
        model_version=run.model_version,
        parent=run,
        seed=run.seed,
        edits=change.edits.model_dump(mode="json"),
        by_hand=by_hand,
    )


def _record(run: Run, body: schemas.Record, act: Act, by: User, change: Change, reason: str) -> None:
    entry = ledger.append(
        kind=body.kind,
        body=body,
        workspace=run.workspace_id,
        subject=run.id,
        idempotency_key=f"{body.kind}:{run.id}",
    )
    Correction.objects.create(
        run=run,
        act=act,
        by=by,
        added=change.added,
        removed=change.removed,
        reason=reason.strip(),
        entry=entry.id,
    )
    page = Draft.Page.CORRECTION if act == Act.CORRECTED else Draft.Page.RELEASE
    assert run.parent_id is not None  # noqa: S101 - a correction's run has one
    draft_end(run_id=run.parent_id, person=by, page=page)
    transaction.on_commit(partial(celery.wake, TASKS["redact"]))
    transaction.on_commit(integrate, robust=True)
