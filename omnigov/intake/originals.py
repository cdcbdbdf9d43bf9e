"""Opening a sealed original: the record first, then a pass for some minutes."""

from __future__ import annotations

import uuid

from django.db import transaction

from omnigov.accounts.models import User
from omnigov.intake.models import MediaAsset
from omnigov.keys import keyring
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.passes import VIEW_SECONDS, handed_out, seconds_left

MIN_REASON = 3


class NotOpened(Exception):
    """Nothing was opened; the sentence says why."""


@transaction.atomic
def original_open(*, asset_id: uuid.UUID, reason: str, by: User) -> None:
    """Puts on the record that an officer opens the sealed original, before a byte of it is shown."""
    asset = MediaAsset.objects.select_for_update().get(pk=asset_id)
    if asset.erased_at:
        raise NotOpened("This medium is erased; nobody can open it.")
    reason = reason.strip()
    if len(reason) < MIN_REASON:
        raise NotOpened("Write a reason: an outsider has to understand later why this was done.")
    body = schemas.OriginalOpened(
        asset=asset.commitment,
        viewer=by.id,
        role=by.memberships.get(workspace=asset.workspace_id).role,
        reason=keyring().asset(asset.id).commit(reason.encode()),
        seconds=VIEW_SECONDS,
    )
    ledger.record(body, workspace=asset.workspace_id, subject=asset.id)


def pass_for(asset: MediaAsset, person: User) -> str:
    """What lets this person load the original. Made after the opening is on the record."""
    return handed_out(f"original:{asset.id}", person.id)


def pass_holds(pass_: str, asset: MediaAsset, person: User) -> bool:
    return seconds_left(pass_, f"original:{asset.id}", person.id) > 0
