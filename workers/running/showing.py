"""Originals that an officer opened: the view of each is made here, where originals are opened at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from omnigov.contracts import PagePicture, Refused
from omnigov.decisions.models import Run
from omnigov.intake import vault
from omnigov.intake.models import MediaAsset
from omnigov.intake.originals import Shown, view_make
from omnigov.keys import KeyUnavailable
from workers.media import kinds
from workers.media.peaks import Peaks
from workers.media.upright import NotShown, as_shown, document_as_shown, sound_as_shown, text_as_shown
from workers.media.upright_video import video_as_shown
from workers.running.process import process

log = logging.getLogger(__name__)

PATIENCE = 60
"""Seconds after which the views of originals hang.

A document's gets on with each page, a recording's with each second or less, a video's with each frame.
"""

PDF, TEXT, FLAC = "application/pdf", "text/plain; charset=utf-8", "audio/flac"


def show() -> None:
    """Makes every view that somebody waits for. One that fails for now waits for the keeper's next call.

    Whatever stops it stops no run: this is called before each claim.
    """
    with process.at_something_else(PATIENCE * settings.OMNIGOV_PATIENCE):
        try:
            while view_make(_shown):
                process.line.get_on()
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # the boundary: who waits for the view reads that it can't be shown
            log.exception("The view of an original could not be made.")


def _shown(asset: MediaAsset) -> Shown | None:
    try:
        content = vault.read(asset.id, length=asset.size)
        newest = _newest(asset)
        limits = newest.policy_version.spec.limits
        match kinds.told(content).name:
            case "document":
                pages: list[PagePicture] = []
                return Shown(_getting_on(document_as_shown(content, limits, pages)), PDF, pages)
            case "sound":
                peaks = Peaks()
                shown = _getting_on(sound_as_shown(content, limits, peaks))
                return Shown(shown, FLAC, peaks=peaks.written)
            case "video":
                view = video_as_shown(content, limits, process.line.get_on)
                return Shown(view.content, view.media_type, pictures=view.tracks)
            case "text":
                encoding = newest.submission.encoding
                return Shown([text_as_shown(content, limits, encoding)], TEXT)
        picture, media_type = as_shown(content, asset.media_type)
        return Shown([picture], media_type)
    except (vault.VaultDamaged, KeyUnavailable, NotShown, Refused) as reason:
        log.warning("The original of medium %s can't be shown: %s", asset.id, reason)
        return None


def _newest(asset: MediaAsset) -> Run:
    """Its newest run, by whose limits it was, or will be, drawn: what is marked on a page lies in its pixels.

    In its encoding a text was, or will be, read: what is marked lies in its characters.
    """
    runs = Run.objects.filter(asset=asset).select_related("policy_version", "submission")
    return runs.latest("created_at")


def _getting_on(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        process.line.get_on()
        if piece:
            yield piece
