"""Samples of forms are looked at by a worker's detectors, because a sample may show somebody's form.

The web process only seals: the sample waits under the workers' key, and its row says where something was
found. `studio.samples` masks that before anything of the form is kept.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from omnigov import celery
from omnigov.accounts.models import Workspace
from omnigov.contracts import Area, Finding, FormField, Frozen, Quarantined, Refused
from omnigov.intake import originals_key
from omnigov.studio.models import SampleLook
from omnigov.studio.samples import Sample

KEPT = timedelta(hours=1)
"""As long as somebody may draw on a sample; then it is looked at anew."""

AGAIN_AFTER = timedelta(seconds=30)
"""After that, who asks for a look that failed gets another one."""

MOST_TRIES = 2
TASK = "workers.show"
NONCE = 12
NOT_LOOKED_AT = (
    "The detectors could not look at this sample. Choose another one, or ask your administrator to look at "
    "the worker's log."
)


class Found(Frozen):
    """Where in the sample something stands that looks like somebody's, in its pixels, and of what kind."""

    kind: str
    place: Area


@transaction.atomic
def look_ask(*, sample: Sample, workspace: Workspace) -> SampleLook:
    """The look at this sample, which is asked for where there is none."""
    digest = salted_hmac("omnigov.studio.looks", sample.png, algorithm="sha256").hexdigest()
    mine = SampleLook.objects.filter(workspace=workspace, digest=digest)
    failed = ~Q(failure_code="") & Q(looked_at__lt=Now() - AGAIN_AFTER)
    mine.filter(failed | Q(until__lte=Now())).delete()
    fresh = uuid.uuid4()
    look, made = SampleLook.objects.get_or_create(
        workspace=workspace,
        digest=digest,
        defaults={"id": fresh, "sealed": _sealed(sample.png, fresh), "until": Now() + KEPT},
    )
    if made:
        transaction.on_commit(partial(celery.wake, TASK))
    return look


def found_outside(look: SampleLook, fields: Sequence[FormField]) -> list[Found]:
    """What was found and does not lie wholly in a field, top to bottom."""
    found = [Found.model_validate(each) for each in look.found]
    outside = [each for each in found if not any(_within(each.place, field.place) for field in fields)]
    return sorted(outside, key=lambda each: (each.place.top, each.place.left, each.place.right, each.kind))


def look_make(find: Callable[[bytes], Sequence[Finding]]) -> bool:
    """Looks at the sample that has waited longest, on a worker; False where none waits.

    `find` gives what is found in a PNG. A sample that ends its worker is tried twice and no more.
    """
    begun = _begun()
    if begun is None:
        return False
    try:
        _looked(begun, find)
    except (OSError, MemoryError, DatabaseError, InterfaceError):
        SampleLook.objects.filter(pk=begun).update(
            tries=F("tries") - 1
        )  # the moment's fault, not the sample's
        raise
    return True


@transaction.atomic
def _begun() -> uuid.UUID | None:
    for look in _waiting().select_for_update(skip_locked=True):
        if look.tries < MOST_TRIES:
            SampleLook.objects.filter(pk=look.pk).update(tries=F("tries") + 1)
            return look.pk
        _end(look, failure=Refused("not_looked_at", NOT_LOOKED_AT))
    return None


def _looked(begun: uuid.UUID, find: Callable[[bytes], Sequence[Finding]]) -> None:
    with transaction.atomic():
        look = _waiting().select_for_update(skip_locked=True).filter(pk=begun).first()
        if look is None:
            return  # another worker is at it
        try:
            found = find(_opened(bytes(look.sealed), look.pk))
        except (Quarantined, Refused) as failure:
            _end(look, failure=failure)
        else:
            _end(look, found=[Found(kind=each.kind, place=each.area) for each in found])


def _end(
    look: SampleLook, *, found: Sequence[Found] = (), failure: Quarantined | Refused | None = None
) -> None:
    SampleLook.objects.filter(pk=look.pk).update(
        sealed=b"",
        looked_at=Now(),
        found=[each.model_dump(mode="json") for each in found],
        failure_code=failure.code[:40] if failure else "",
        failure_sentence=failure.sentence if failure else "",
    )


def looks_over() -> list[uuid.UUID]:
    """The looks that nobody needs any more."""
    return list(SampleLook.objects.filter(until__lte=Now()).values_list("pk", flat=True))


def look_end(*, look_id: uuid.UUID) -> None:
    """Removes a look, and the sample with it."""
    SampleLook.objects.filter(pk=look_id).delete()


def _waiting() -> QuerySet[SampleLook]:
    return SampleLook.objects.filter(looked_at__isnull=True, until__gt=Now()).order_by("asked_at")


def _within(inner: Area, outer: Area) -> bool:
    return (
        inner.left >= outer.left
        and inner.top >= outer.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def _sealed(png: bytes, look: uuid.UUID) -> bytes:
    key, nonce, bound = os.urandom(32), os.urandom(NONCE), _bound(look)
    head = originals_key.public_id() + originals_key.seal(key, bound)
    return head + nonce + AESGCM(key).encrypt(nonce, png, bound)


def _opened(sealed: bytes, look: uuid.UUID) -> bytes:
    to, rest = sealed[: originals_key.KEY_ID], sealed[originals_key.KEY_ID :]
    wrapped, rest = rest[: originals_key.SEALED_KEY], rest[originals_key.SEALED_KEY :]
    key = originals_key.open_sealed(wrapped, _bound(look), to)
    return AESGCM(key).decrypt(rest[:NONCE], rest[NONCE:], _bound(look))


def _bound(look: uuid.UUID) -> bytes:
    return b"omnigov sample " + look.bytes
