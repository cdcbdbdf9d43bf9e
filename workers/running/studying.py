"""Policies that are measured, and models that are adapted to them: done here, where the model is.

Only redacted copies are read, as the model reads them when it decides.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from omnigov.contracts import LeftOut, PolicySpec, Refused, digest_of
from omnigov.decisions.examples import usable
from omnigov.decisions.models import Example as Row
from omnigov.evidence.queries import EvidenceDamaged
from omnigov.keys import keyring
from omnigov.studio import studies
from omnigov.studio.models import StudyKind
from omnigov.studio.stages import text_at
from omnigov.studio.studies import Held, StudyLost
from workers import weights
from workers.alignment.adapting import adapt
from workers.alignment.examples import Example, NotEnough
from workers.evaluation.evaluating import evaluate
from workers.faults import Fault, ModelDiffers, WorkerUnfit, fault_of, sentence_of
from workers.omni.heads import HeadUnfit
from workers.running.ends import unfit
from workers.running.orders import seen_of
from workers.running.process import process

log = logging.getLogger(__name__)

PATIENCE = 300
"""Seconds without progress after which a study hangs. It reports each few examples, and each fold."""

SHOWN_AT_MOST = 1.0
"""Seconds between two changes of the progress bar, each of which extends the hold too."""

LONGEST_WAIT = timedelta(minutes=2)
"""For which a study waits while decisions come in; then one is done between two of them."""


class Leaving(Exception):
    """This process is to end: another one does it."""


def study() -> bool:
    """Does the study that has waited longest; whether there was one."""
    held = studies.study_claim(process.models)
    if held is None:
        return False
    with process.at_something_else(PATIENCE * settings.OMNIGOV_PATIENCE):
        try:
            _study(held)
        except StudyLost as lost:
            log.warning("%s", lost)
    return True


def study_if_overdue() -> None:
    """Does one that has waited too long for a moment without decisions."""
    if studies.studies_wait(longer_than=LONGEST_WAIT):
        study()


def _study(held: Held) -> None:
    """Does it, and ends it or gives it back, by whose fault it did not end well. Raises `WorkerUnfit`."""
    try:
        _do(held)
    except StudyLost:
        raise
    except Leaving:
        studies.study_give_back(held, counts=False)
    except (NotEnough, HeadUnfit) as reason:
        studies.study_fail(held, code="not_enough", sentence=str(reason))
    except Refused as reason:
        studies.study_fail(held, code=reason.code, sentence=reason.sentence)
    except Exception as error:
        fault = fault_of(error)
        if fault is not Fault.FILE:
            log.warning("A study is given back: %s", sentence_of(error), exc_info=error)
            with suppress(DatabaseError, InterfaceError):  # then its lease ends by itself
                studies.study_give_back(held, counts=True)
            if fault is Fault.WORKER:
                raise _unfit(error) from error
            return
        log.exception("A study failed.")
        studies.study_fail(
            held,
            code="unexpected_study",
            sentence=f"Something unexpected stopped this ({type(error).__name__}). The worker's log has the "
            "details; ask again, and tell your administrator if it fails again.",
        )


def _unfit(error: Exception) -> WorkerUnfit:
    return unfit(error, ())


def _do(held: Held) -> None:
    row = studies.study_of(held)
    version, spec = row.policy_version, text_at(row.policy_version, row.model_version)
    found = usable(version).examples
    hook = _hook_for(held)
    shown, learned, left_out = _seen(found, spec, hook)
    base = weights.model_version(spec.stage)
    if digest_of(base) != (row.model_version.base or row.model_version).digest:
        raise ModelDiffers("This worker holds another model version than the one that is measured.")
    if row.kind == StudyKind.ADAPT:
        content, card = adapt(shown, spec, hook, left_out=left_out, version=base)
        studies.study_adapted(held, content, card, learned)
        return
    head = bytes(row.model_version.head.content) if row.model_version.base else None
    made = evaluate(shown, spec, head, hook, left_out=left_out, version=base)
    studies.study_measured(held, made, learned)


def _seen(
    found: Sequence[Row], spec: PolicySpec, hook: Any
) -> tuple[list[Example], list[Row], tuple[LeftOut, ...]]:
    """What the model may see of each example, the rows of these, and how many could not be read."""
    shown, rows, damaged = [], [], 0
    for number, row in enumerate(found):
        try:
            seen = seen_of(row.run, spec)
        except EvidenceDamaged as reason:
            log.warning("An example is left out: %s", reason)
            damaged += 1
            continue
        # Several files of one upload are no group: which show one thing, nobody says here.
        key = keyring().asset(row.run.asset_id).commitment
        shown.append(Example(seen=seen, label=row.label, key=key))
        rows.append(row)
        hook("reading", None, 0.1 * number / len(found))
    if not damaged:
        return shown, rows, ()
    return shown, rows, (LeftOut(code="damaged", sentence="The redacted copy can't be read.", n=damaged),)


def _hook_for(held: Held) -> Any:
    """Tells the parent of each progress, extends the hold, and shows it on the page."""
    shown = 0.0

    def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
        nonlocal shown
        process.line.get_on()
        if process.leaving.is_set():
            raise Leaving
        now = time.monotonic()
        if now - shown >= SHOWN_AT_MOST:
            shown = now
            studies.study_goes_on(held, step=step, progress=_part(step, progress))

    return hook


def _part(step: str, progress: float | None) -> int:
    """How much of the whole is done, in millionths: looking at the examples takes most of it."""
    begins, ends = {"reading": (0.0, 1.0), "features": (0.1, 0.7), "fold": (0.7, 0.95)}.get(step, (0.95, 1.0))
    return round(1_000_000 * min(1.0, begins + (ends - begins) * (progress or 0.0)))
