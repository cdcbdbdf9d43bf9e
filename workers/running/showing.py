"""Originals that an officer opened: the view of each is made here, where originals are opened at all."""

from __future__ import annotations

import logging

from omnigov.intake import vault
from omnigov.intake.models import MediaAsset
from omnigov.intake.originals import view_make
from omnigov.keys import KeyUnavailable
from workers.media.upright import NotShown, as_shown

log = logging.getLogger(__name__)


def show() -> None:
    """Makes every view that somebody waits for. One that fails for now waits for the keeper's next call."""
    try:
        while view_make(_shown):
            pass
    except (OSError, MemoryError):
        log.exception("The view of an original could not be made.")


def _shown(asset: MediaAsset) -> tuple[list[bytes], str] | None:
    try:
        picture, media_type = as_shown(vault.read(asset.id, length=asset.size), asset.media_type)
        return [picture], media_type
    except (vault.VaultDamaged, KeyUnavailable, NotShown) as reason:
        log.warning("The original of medium %s can't be shown: %s", asset.id, reason)
        return None
