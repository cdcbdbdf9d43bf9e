"""Originals that an officer opened: the view of each is made here, where originals are opened at all."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from omnigov.intake import vault
from omnigov.intake.models import MediaAsset
from omnigov.intake.originals import view_make
from omnigov.keys import KeyUnavailable
from workers.media.upright import NotShown, as_shown
from workers.running.process import process

log = logging.getLogger(__name__)

PATIENCE = 60
"""Seconds after which the views of originals hang."""


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


def _shown(asset: MediaAsset) -> tuple[list[bytes], str] | None:
    try:
        picture, media_type = as_shown(vault.read(asset.id, length=asset.size), asset.media_type)
        return [picture], media_type
    except (vault.VaultDamaged, KeyUnavailable, NotShown) as reason:
        log.warning("The original of medium %s can't be shown: %s", asset.id, reason)
        return None
