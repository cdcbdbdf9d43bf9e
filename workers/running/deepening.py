"""Thorough explanations, one at a time, while no run waits: a run that comes in goes first."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from omnigov.decisions import deep, leases, together
from omnigov.decisions.deep import DeepClaim
from omnigov.decisions.models import Run
from workers import pipeline
from workers.faults import Fault, fault_of
from workers.running.orders import order_of, redactions_of, seen_of
from workers.running.preparing import Interrupted
from workers.running.process import process

log = logging.getLogger(__name__)

PATIENCE = 300
"""Seconds without progress after which the model hangs. It reports each round."""


def deepen() -> bool:
    """Explains the decision that has waited longest for it, unless a run is under way; whether it did."""
    if leases.under_way():
        return False
    claim = deep.deep_claim(process.models)
    if claim is None:
        return False
    try:
        with process.at_something_else(PATIENCE * settings.OMNIGOV_PATIENCE):
            _deepened(claim)
    except Interrupted:
        deep.deep_release(claim)
    except leases.LeaseLost:
        log.info("The thorough explanation %s was taken over or its medium was erased.", claim.id)
    return True


def _deepened(claim: DeepClaim) -> None:
    if claim.attempt > deep.ATTEMPTS:
        deep.deep_record(claim, None, failure="The worker stopped several times while it worked on this.")
        return
    run = Run.objects.select_related("asset", "policy_version", "model_version").get(pk=claim.run_id)
    inference, redaction = run.inference_result, run.redaction_result
    if inference is None or redaction is None:
        raise leases.LeaseLost("The medium was erased.")
    try:
        pictures = redactions_of(together.decided_with(run))
        result = pipeline.examine(order_of(run), seen_of(run), inference, _hook, redaction, pictures)
    except (Interrupted, DatabaseError, InterfaceError):
        raise
    except Exception as error:  # whatever stopped it, the decision stands and the page says so
        if fault_of(error) is not Fault.FILE and not isinstance(error, MemoryError):
            # The worker's or the moment's: it is taken up again once the lease is over.
            log.exception("The thorough explanation of run %s stopped.", run.id)
            return
        log.exception("The thorough explanation of run %s failed.", run.id)
        deep.deep_record(
            claim, None, failure=f"The explanation could not be computed ({type(error).__name__})."
        )
        return
    deep.deep_record(claim, result)


def _hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    process.line.get_on()
    if process.leaving.is_set() or leases.under_way():
        raise Interrupted
