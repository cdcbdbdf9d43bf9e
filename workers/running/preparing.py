"""What explanations under a policy have in common, computed while no run waits.

The first leg of each explanation's path is the question's own, and takes a label some fifteen seconds of one
core once. Who explains the first decision under a new version would wait for it.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from omnigov.decisions import leases
from omnigov.policies.models import PolicyVersion
from omnigov.policies.queries import newest_versions
from workers import pipeline
from workers.running.process import process

log = logging.getLogger(__name__)

PATIENCE = 300
"""Seconds without progress after which the model hangs. It reports each round."""

_done: set[tuple[str, str]] = set()
"""Versions by digest, and their labels, that were prepared or can't be."""


class Interrupted(Exception):
    """A run came in, and is what this process is for."""


def prepare() -> bool:
    """Prepares one label of a policy's newest version, unless a run is under way; whether it did."""
    if leases.under_way():
        return False
    for version in newest_versions():
        model = version.model_version and (version.model_version.base or version.model_version)
        if process.models is not None and (model is None or model.digest not in process.models):
            continue
        for label in version.spec.labels:
            if (version.digest, label.key) not in _done:
                _done.add((version.digest, label.key))
                return _prepared(version, label.key)
    return False


def _prepared(version: PolicyVersion, label: str) -> bool:
    try:
        with process.at_something_else(PATIENCE * settings.OMNIGOV_PATIENCE):
            pipeline.prepare_words(version.spec, label, _hook)
    except Interrupted:
        _done.discard((version.digest, label))
    except (DatabaseError, InterfaceError):
        raise
    except Exception:  # the boundary: the first explanation will meet it again, and say so on its page
        log.exception("What explanations of %s have in common could not be prepared.", label)
    return True


def _hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    process.line.get_on()
    if process.leaving.is_set() or leases.under_way():
        raise Interrupted
