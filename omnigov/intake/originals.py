"""Opening a sealed original: the record first, then a view of it that a worker makes, for some minutes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from omnigov import celery
from omnigov.accounts.models import User
from omnigov.contracts import PageIndex, PagePicture, Tracks
from omnigov.evidence import queries as evidence
from omnigov.evidence import services as parts
from omnigov.evidence.models import Name
from omnigov.intake.models import MediaAsset, OriginalView
from omnigov.keys import keyring
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.passes import VIEW_SECONDS, handed_out, seconds_left

MIN_REASON = 3
TASK = "workers.show"
MOST_TRIES = 2
"""So often a view is begun: a picture that ends its worker, or hangs it, does so each time."""


class NotOpened(Exception):
    """Nothing was opened; the sentence says why."""


@transaction.atomic
def original_open(*, asset_id: uuid.UUID, reason: str, by: User) -> None:
    """Puts on the record that an officer opens the sealed original, before a byte of it is shown."""
    asset = MediaAsset.objects.select_for_update().get(pk=asset_id)
    if asset.erased_at:
        raise NotOpened("This medium is erased; nobody can open it.")
    if not asset.checked:  # it may turn out to be another medium already, and what was opened would be lost
        raise NotOpened("No worker has checked this file yet. It can be opened after that.")
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
    OriginalView.objects.create(asset=asset, until=Now() + timedelta(seconds=VIEW_SECONDS))
    transaction.on_commit(partial(celery.wake, TASK))


class NotMade(LookupError):
    """No worker has made the view yet, or none could; `final` says whether to go on waiting."""

    def __init__(self, *, final: bool) -> None:
        super().__init__("There is no view of this original.")
        self.final = final


def view_open(asset: MediaAsset) -> tuple[evidence.Opened, str]:
    """The newest view that may be looked at now, and its media type. Raises `NotMade`, `EvidenceDamaged`."""
    views = OriginalView.objects.filter(asset=asset, until__gt=Now())
    made = views.filter(made_at__isnull=False).order_by("-made_at").first()
    if made is None or not made.media_type:
        raise NotMade(final=made is not None or not views.exists())
    return evidence.part_open(asset.id, Name.UPRIGHT), made.media_type


def views_wait() -> bool:
    """Whether somebody waits for a view."""
    return _waiting().exists()


@dataclass(frozen=True)
class Shown:
    """A view that is being made. `pages` are told as the content is read; only a document has any.

    So are the `peaks` that a recording's waveform is drawn from. `pictures` says of a video when each of its
    pictures is shown; nothing is hidden in them.
    """

    content: Iterable[bytes]
    media_type: str
    pages: Sequence[PagePicture] = ()
    pictures: Tracks | None = None
    peaks: Callable[[], bytes] | None = None


Show = Callable[[MediaAsset], Shown | None]


def view_make(show: Show) -> bool:
    """Makes the view that was waited for longest, on a worker; False where nobody waits for one.

    `show` gives the view, or None where the original can't be shown. The row is locked for as long
    as that takes: a worker that dies meanwhile leaves it to another one, and a picture that ends its workers
    is not tried for ever.
    """
    begun = _begun()
    if begun is None:
        return False
    try:
        _made(begun, show)
    except (OSError, MemoryError, DatabaseError, InterfaceError):
        # A fault of the moment is none of the picture's.
        OriginalView.objects.filter(pk=begun).update(tries=F("tries") - 1)
        raise
    return True


@transaction.atomic
def _begun() -> uuid.UUID | None:
    """The view that was waited for longest, with one more try on it; None where nobody waits for one."""
    for view in _waiting().select_for_update(of=("self",), skip_locked=True):
        if view.tries < MOST_TRIES:
            view.tries += 1
            view.save(update_fields=["tries"])
            return view.pk
        view.made_at = timezone.now()
        view.save(update_fields=["made_at"])
    return None


def _made(begun: uuid.UUID, show: Show) -> None:
    with transaction.atomic():
        waiting = _waiting().select_for_update(of=("self",), skip_locked=True).select_related("asset")
        view = waiting.filter(pk=begun).first()
        if view is None:
            return  # another worker is at it
        shown = show(view.asset)
        if shown is not None:
            view.media_type = shown.media_type
            made = [_part(view, Name.UPRIGHT, shown.media_type, shown.content)]
            if shown.pages:
                index = PageIndex(pages=tuple(shown.pages)).model_dump_json().encode()
                made.append(_part(view, Name.PAGES, "application/json", [index]))
            if shown.pictures is not None:
                told = shown.pictures.model_dump_json().encode()
                made.append(_part(view, Name.TRACKS, "application/json", [told]))
            if shown.peaks:
                made.append(_part(view, Name.PEAKS, "application/octet-stream", [shown.peaks()]))
            parts.parts_record(made)
        view.made_at = timezone.now()
        view.save()


def _part(view: OriginalView, name: Name, media_type: str, content: Iterable[bytes]) -> parts.Part:
    return parts.part_write(
        run=view.asset_id,
        asset=view.asset_id,
        token=view.id,
        name=name,
        media_type=media_type,
        content=content,
    )


def views_over() -> list[uuid.UUID]:
    """The views whose minutes are over."""
    return list(OriginalView.objects.filter(until__lte=Now()).values_list("pk", flat=True))


@transaction.atomic
def view_end(*, view_id: uuid.UUID) -> None:
    """Removes a view, for good when this returns."""
    view = OriginalView.objects.select_for_update().filter(pk=view_id).first()
    if view is not None:
        parts.token_discard(run=view.asset_id, token=view.id)
        view.delete()


def views_discard(asset: uuid.UUID) -> None:
    """Removes all views of a medium that is being erased."""
    OriginalView.objects.filter(asset=asset).delete()
    parts.run_discard(asset)


def _waiting() -> QuerySet[OriginalView]:
    return OriginalView.objects.filter(made_at__isnull=True, until__gt=Now()).order_by("asked_at")


def pass_for(asset: MediaAsset, person: User) -> str:
    """What lets this person load the original. Made after the opening is on the record."""
    return handed_out(f"original:{asset.id}", person.id)


def pass_holds(pass_: str, asset: MediaAsset, person: User) -> bool:
    return seconds_left(pass_, f"original:{asset.id}", person.id) > 0
