"""All that gives pseudonyms, seals values, shows one on the record, and forgets them.

A case is a batch: a value has one number in all of its files. Values come from the GPU side in memory; what
is kept is a digest under the case's key, by which the value is known again, and the value under its medium's
key.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from omnigov.accounts.models import User
from omnigov.contracts import Finding, ReadValues
from omnigov.decisions.models import Run
from omnigov.intake.models import MediaAsset, Submission
from omnigov.keys import keyring
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.pseudonyms.models import Case, Mention, Pseudonym
from omnigov.pseudonyms.seal import opened, sealed

MIN_REASON = 3


class NotShown(Exception):
    """Nothing is shown and nothing recorded; the sentence says why."""


# --- giving --------------------------------------------------------------------------------------------


@transaction.atomic
def values_seal(*, run_id: uuid.UUID, findings: Sequence[Finding], read: ReadValues) -> int:
    """Gives each value that was read its pseudonym and seals it; how many findings have one.

    In the transaction that records the redaction. Done again for the same run, it replaces what was there.
    Raises `KeyUnavailable` where the medium was erased meanwhile.
    """
    run = Run.objects.select_related("submission").get(pk=run_id)
    before = Mention.objects.filter(run=run)
    values = [(place, value) for place, value in enumerate(read.of(findings)) if value is not None]
    if not values and not before.exists():
        return 0
    case = _locked(run.submission.batch_id)
    before.delete()
    keys = [(findings[place].kind, value.same) for place, value in values]
    pseudonyms = _pseudonyms(case, keys)
    data_key = keyring().asset(run.asset_id).data
    Mention.objects.bulk_create(
        Mention(
            pseudonym=pseudonyms[key],
            run=run,
            finding=place,
            sealed=sealed(value.value, asset=run.asset_id, run=run.id, finding=place, key=data_key),
        )
        for (place, value), key in zip(values, keys, strict=True)
    )
    _unused(case).delete()
    return len(values)


def _locked(batch: uuid.UUID) -> Case:
    """The case's row, locked, made on first use; made again where it was deleted between the two."""
    while True:
        Case.objects.get_or_create(batch_id=batch)
        case = Case.objects.select_for_update().filter(batch_id=batch).first()
        if case is not None:
            return case


def _pseudonyms(case: Case, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Pseudonym]:
    """The pseudonym of each (kind, value): the one it has, or the next of its kind."""
    secret = keyring().case(case.batch_id)
    digests = {
        (kind, same): hmac.digest(
            secret, kind.encode() + b"\0" + same.encode("utf-8", "replace"), hashlib.sha256
        )
        for kind, same in keys
    }
    known = {
        (each.kind, bytes(each.digest)): each
        for each in Pseudonym.objects.filter(case=case, digest__in=list(digests.values()))
    }
    fresh = []
    for (kind, _), digest in digests.items():
        if (kind, digest) not in known:
            case.numbers[kind] = case.numbers.get(kind, 0) + 1
            made = Pseudonym(case=case, kind=kind, number=case.numbers[kind], digest=digest)
            known[kind, digest] = made
            fresh.append(made)
    Pseudonym.objects.bulk_create(fresh)
    case.save(update_fields=["numbers"])
    return {key: known[key[0], digest] for key, digest in digests.items()}


# --- showing -------------------------------------------------------------------------------------------


@transaction.atomic
def value_ask(*, mention: Mention, reason: str, seconds: int, by: User) -> None:
    """Puts on the record that an officer is going to see who a pseudonym is, before a sign of it is shown."""
    run = mention.run
    asset = MediaAsset.objects.select_for_update().get(pk=run.asset_id)
    if asset.erased_at:
        raise NotShown("This medium is erased; nobody can tell any more who that is.")
    reason = reason.strip()
    if len(reason) < MIN_REASON:
        raise NotShown("Write a reason: an outsider has to understand later why this was done.")
    body = schemas.Reidentified(
        asset=asset.commitment,
        batch=run.submission.batch_id,
        pseudonym=str(mention.pseudonym),
        viewer=by.id,
        role=by.memberships.get(workspace=asset.workspace_id).role,
        reason=keyring().asset(asset.id).commit(reason.encode()),
        seconds=seconds,
    )
    ledger.record(body, workspace=asset.workspace_id, subject=asset.id)


def value_of(mention: Mention) -> str:
    """The value. For whoever has asked on the record; raises `KeyUnavailable` and `SealBroken`."""
    run = mention.run
    return opened(mention.sealed, asset=run.asset_id, run=run.id, finding=mention.finding)


# --- forgetting ----------------------------------------------------------------------------------------


@transaction.atomic
def medium_forget(*, asset_id: uuid.UUID) -> None:
    """Destroys what pseudonyms know of a medium; the keys of its cases where it was their last one.

    Part of an erasure, which the journal takes up again after a crash at any point of this.
    """
    batches = Submission.objects.filter(asset=asset_id).values("batch_id")
    cases = list(Case.objects.select_for_update().filter(batch__in=batches).order_by("batch"))
    Mention.objects.filter(run__asset=asset_id).delete()
    ended = case_keys_destroy(asset_id=asset_id)
    for case in cases:
        _unused(case).delete()
        if case.batch_id in ended:
            case.delete()


def case_keys_destroy(*, asset_id: uuid.UUID) -> set[uuid.UUID]:
    """Destroys the keys of the medium's cases that no other medium is left in; which cases those are."""
    mine = set(Submission.objects.filter(asset=asset_id).values_list("batch_id", flat=True))
    others = Submission.objects.filter(asset__erased_at__isnull=True, asset__isnull=False)
    others = others.exclude(asset=asset_id)
    # One that is left is enough: of a batch of thousands, each erasure would otherwise read them all.
    ended = {batch for batch in mine if not others.filter(batch=batch).exists()}
    for batch in ended:
        keyring().case_destroy(batch)
    return ended


def _unused(case: Case) -> QuerySet[Pseudonym]:
    """Pseudonyms whose every mention is gone. Their numbers are not given again."""
    return Pseudonym.objects.filter(case=case, mentions__isnull=True)
