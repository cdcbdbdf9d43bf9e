"""All that erases: a medium's keys, its files and what its rows say, and the entry that says so.

The order is what makes it hold: the journal first, so that a crash at any later moment is taken up again;
then the keys, so that whatever outlives a crash is noise; then files; then rows and the ledger entry.
What the ledger holds stays, and stays provable: it names media by commitments whose key is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from omnigov.accounts.models import User
from omnigov.audits.services import findings_forget
from omnigov.decisions.examples import examples_forget
from omnigov.decisions.models import (
    Attribution,
    Decision,
    DeepExplanation,
    DeepState,
    ReviewState,
    Run,
    RunState,
)
from omnigov.decisions.together import media_together
from omnigov.erasure import journal
from omnigov.erasure.models import Cause, Erasure, LegalHold
from omnigov.evidence import services as evidence
from omnigov.exports.jobs import full_exports_discard
from omnigov.intake import vault
from omnigov.intake.models import MediaAsset, Submission
from omnigov.intake.originals import views_discard
from omnigov.intake.queries import uploaded
from omnigov.keys import keyring
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.models import LedgerEntry
from omnigov.pseudonyms import services as pseudonyms
from omnigov.review.forgetting import cases_forget
from omnigov.review.models import Correction, Review

HELD = "A legal hold stands on this medium. Release it first."
MIN_REASON = 3
#: An entry has less than 64 KiB.
_RUNS_NAMED = 1000


class NotErased(Exception):
    """Nothing was changed; the sentence says why."""


# --- holds ---------------------------------------------------------------------------------------------


@transaction.atomic
def hold_place(*, asset_id: uuid.UUID, reason: str, by: User | None = None) -> LegalHold:
    """Keeps the medium from being erased until the hold is released."""
    asset = _locked(asset_id)
    if asset.erased_at:
        raise NotErased("This medium is erased already; there is nothing left to hold.")
    _not_while_checked(asset)
    reason = _reason(reason)
    if asset.holds.filter(released_at__isnull=True).exists():
        raise NotErased("This medium is under a legal hold already.")
    hold = LegalHold.objects.create(asset=asset, reason=reason, placed_by=by)
    body = schemas.HoldPlaced(
        asset=asset.commitment,
        hold=hold.id,
        reason=keyring().asset(asset.id).commit(reason.encode()),
        by=by.id if by else None,
    )
    ledger.record(body, workspace=asset.workspace_id, subject=asset.id)
    return hold


@transaction.atomic
def hold_release(*, asset_id: uuid.UUID, reason: str, by: User | None = None) -> LegalHold:
    """Ends the hold that stands on the medium. Raises NotErased also where `by` handed the file in."""
    asset = _locked(asset_id)
    hold = asset.holds.filter(released_at__isnull=True).first()
    if hold is None:
        raise NotErased("No legal hold stands on this medium.")
    if by and uploaded(asset.id, by):
        raise NotErased("You handed this file in; another officer has to release the hold.")
    reason = _reason(reason)
    hold.released_by, hold.released_at = by, datetime.now(UTC)
    hold.save(update_fields=["released_by", "released_at"])
    body = schemas.HoldReleased(
        asset=asset.commitment,
        hold=hold.id,
        reason=keyring().asset(asset.id).commit(reason.encode()),
        by=by.id if by else None,
    )
    ledger.record(body, workspace=asset.workspace_id, subject=asset.id)
    return hold


@transaction.atomic
def holds_go_over(own: MediaAsset, known: MediaAsset) -> None:
    """The holds on a file that turned out to be a medium of before: they stand on that medium from here on.

    The record says so in an entry of that medium's, under the hold's own id. Where a hold stands there
    already, it is the one that goes on, and the other is released.
    """
    for hold in own.holds.all():
        stands = hold.released_at is None
        if stands and known.holds.filter(released_at__isnull=True).exists():
            hold.released_at = datetime.now(UTC)
            reason = "This is a medium of before, and a legal hold stands on it."
            body: schemas.HoldReleased | schemas.HoldPlaced = schemas.HoldReleased(
                asset=own.commitment,
                hold=hold.id,
                reason=keyring().asset(own.id).commit(reason.encode()),
                by=None,
            )
            ledger.record(body, workspace=own.workspace_id, subject=own.id)
        elif stands:
            body = schemas.HoldPlaced(
                asset=known.commitment,
                hold=hold.id,
                reason=keyring().asset(known.id).commit(hold.reason.encode()),
                by=hold.placed_by_id,
            )
            ledger.record(body, workspace=known.workspace_id, subject=known.id)
        hold.asset = known
        hold.save(update_fields=["asset", "released_at"])


# --- erasing -------------------------------------------------------------------------------------------


@transaction.atomic
def asset_erase(
    *, asset_id: uuid.UUID, cause: str = Cause.REQUEST, by: User | None = None, reference: str = ""
) -> Erasure:
    """Destroys the medium's keys and files, and all that its rows say of it. Can't be taken back.

    A recording and the pictures of its report go together, each with an entry of its own: what was decided,
    reasoned and explained was made from all of them. Erased again, it is the erasure that was. Raises
    NotErased where a legal hold stands on one of them, and where `by` handed the file in: nobody makes away
    with what they brought.
    """
    # Locked in one order, so that none waits for another that waits for it.
    locked = {each: _locked(each) for each in sorted(media_together(asset_id))}
    if locked[asset_id].erased_at:
        return locked[asset_id].erasure
    standing = [asset for asset in locked.values() if not asset.erased_at]
    for asset in standing:
        _not_while_checked(asset)
        _not_while_pictures_come(asset)
        if asset.holds.filter(released_at__isnull=True).exists():
            own = asset.id == asset_id
            raise NotErased(
                HELD if own else "A legal hold stands on a file of the same report. Release it first."
            )
        if by and uploaded(asset.id, by):
            raise NotErased("You handed this file in; another officer has to erase it.")
    at = datetime.now(UTC)
    lines = [(asset, journal.Line(asset.id, at, cause, by.id if by else None)) for asset in standing]
    for _, line in lines:
        journal.write(line)
    done = {
        asset.id: carry_out(asset, line, reference.strip()[:120], replayed=False) for asset, line in lines
    }
    return done[asset_id]


def carry_out(asset: MediaAsset, line: journal.Line, reference: str, *, replayed: bool) -> Erasure:
    """Does what the journal's line says, in the caller's transaction, which holds the asset's lock."""
    # Locked first: a worker that is about to record waits here, and then finds that the run is not its own.
    runs = list(
        Run.objects.select_for_update().filter(asset=asset).order_by("pk").values_list("pk", flat=True)
    )
    destroy(asset.id, runs)
    _spare_copies_destroy(asset)
    pseudonyms.medium_forget(asset_id=asset.id)
    commitment = asset.commitment
    examples_forget(runs)
    Attribution.objects.filter(decision__run__in=runs).update(result=None, digest="", failure_sentence="")
    deep = DeepExplanation.objects.filter(decision__run__in=runs)
    deep.filter(state=DeepState.WAITING).delete()  # nobody will come to it
    deep.update(result=None, failure_sentence="")
    Review.objects.filter(decision__run__in=runs).update(reason="", displayed=None)
    Correction.objects.filter(run__in=runs).update(reason="")
    cases_forget(runs)
    findings_forget([*runs, asset.id])
    Decision.objects.filter(run__in=runs).update(review_state=ReviewState.NOT_NEEDED, review_reasons=[])
    Run.objects.filter(pk__in=runs).update(
        redaction=None,
        edits=None,
        inference=None,
        timings={},
        state=RunState.ERASED,
        step="",
        lease_token=None,
        lease_until=None,
        failure_code="",
        failure_sentence="",
        trouble_code="",
        trouble="",
        ended_at=Coalesce("ended_at", Now()),
    )
    Submission.objects.filter(Q(asset=asset) | Q(pk=asset.pk)).update(name="", length=0, offset=0, sealed=0)
    LegalHold.objects.filter(asset=asset).update(reason="")
    asset.media_type = asset.commitment = ""
    asset.size = asset.width = asset.height = 0
    asset.keyed_digest = None
    asset.erased_at = line.at
    asset.save()
    by = User.objects.filter(pk=line.by).first() if line.by else None
    erasure, _ = Erasure.objects.get_or_create(
        asset=asset,
        defaults={
            "cause": line.cause,
            "by": by,
            "reference": reference,
            "erased_at": line.at,
            "entry": _entry(asset, commitment, line, runs, replayed=replayed).id,
        },
    )
    # Not before: an export that began meanwhile has read what is there until this is committed.
    transaction.on_commit(partial(full_exports_discard, workspace=asset.workspace_id, erased=erasure.entry))
    return erasure


def _entry(
    asset: MediaAsset, commitment: str, line: journal.Line, runs: list[uuid.UUID], *, replayed: bool
) -> LedgerEntry:
    key = f"erasure:{asset.id}"
    known = LedgerEntry.objects.filter(idempotency_key=key).first()
    if known:
        return known
    body = schemas.Erasure(
        asset=commitment,
        cause=line.cause,
        by=line.by,
        runs=tuple(runs[:_RUNS_NAMED]),
        runs_count=len(runs),
        journaled=line.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        replayed=replayed,
    )
    return ledger.record(body, workspace=asset.workspace_id, subject=asset.id, idempotency_key=key)


def destroy(asset: uuid.UUID, runs: Iterable[uuid.UUID]) -> None:
    """Keys, then files. Nothing is left to do where it was done before."""
    vault.discard(asset)
    views_discard(asset)
    for run in runs:
        evidence.run_discard(run)


def _spare_copies_destroy(asset: MediaAsset) -> None:
    """The same bytes as they were handed in once more, where a crash came before they were removed."""
    handed_in = Submission.objects.filter(asset=asset).exclude(pk=asset.pk).values_list("pk", flat=True)
    for spare in handed_in:
        if keyring().has_asset(spare) or vault.exists(spare):
            vault.discard(spare)


def _not_while_checked(asset: MediaAsset) -> None:
    """The check may find that this medium is another one already."""
    if asset.runs.filter(state=RunState.CHECKING).exists():
        raise NotErased("This file is being checked at this moment. Try again in a minute.")


def _not_while_pictures_come(asset: MediaAsset) -> None:
    """A picture that is still being sent would outlive the report that it belongs to."""
    recordings = asset.runs.values_list("submission_id", flat=True)
    uploading = Submission.State.UPLOADING
    if Submission.objects.filter(beside__in=recordings, state=uploading).exists():
        raise NotErased("A picture of this report is still being sent. Try again when it has arrived.")


def _locked(asset_id: uuid.UUID) -> MediaAsset:
    return MediaAsset.objects.select_for_update().get(pk=asset_id)


def _reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < MIN_REASON:
        raise NotErased("Write a reason: an outsider has to understand later why this was done.")
    return reason
