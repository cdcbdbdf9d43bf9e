"""Samples of forms: detectors look at them here, before a policy keeps anything of one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from omnigov.contracts import Finding, Limits, RedactionProfile
from omnigov.studio.looks import look_make
from workers.redaction.kinds.picture import redact
from workers.running.process import process

log = logging.getLogger(__name__)

PATIENCE = 300
"""Seconds without progress after which a look hangs. Redaction reports each detector."""


def look() -> None:
    """Looks at every sample that somebody waits for. One that fails for now waits for the next call."""
    with process.at_something_else(PATIENCE * settings.OMNIGOV_PATIENCE):
        try:
            while look_make(_found):
                process.line.get_on()
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # the boundary: whatever stops it stops no run
            log.exception("The sample of a form could not be looked at.")


def _found(png: bytes) -> Sequence[Finding]:
    """All that redaction hides in it, with all that it looks for: a policy may look for less."""
    return redact(png, RedactionProfile(), Limits(), _get_on)[1].findings


def _get_on(*_: Any, **__: Any) -> None:
    process.line.get_on()
