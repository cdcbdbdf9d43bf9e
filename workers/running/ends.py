"""How a run ends or is given back, by whose fault it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from django.db import DatabaseError, InterfaceError

from omnigov.contracts import Quarantined, Refused
from omnigov.decisions import leases, services
from omnigov.decisions.leases import Claim, LeaseLost, PolicyStopped
from omnigov.evidence.queries import EvidenceDamaged
from omnigov.evidence.services import attempt_discard
from omnigov.intake import vault
from omnigov.keys import KeyUnavailable
from workers.faults import Fault, WorkerUnfit, fault_of, gpu_gone, sentence_of
from workers.running.process import process

log = logging.getLogger(__name__)

KNOWN = (Refused, vault.VaultDamaged, EvidenceDamaged, KeyUnavailable)
"""What has a sentence of its own for the person who handed the file in."""


def guarded(claim: Claim, work: Callable[[], None]) -> None:
    """Does the work, and ends the run, or gives it back, with a sentence where it can't be done.

    Raises `WorkerUnfit`, with the run given back, where no other run could be done here either.
    """
    try:
        if not services.run_give_up(claim):
            _with_an_end(claim, work)
    except LeaseLost as lost:
        log.warning("%s", lost)
        # What this worker wrote since is nobody's, and must not be what is left of an erased medium.
        attempt_discard(run=claim.run_id, token=claim.token)
        if isinstance(lost, PolicyStopped):
            # Nobody's fault: as attempts, stops would make it a run that no worker survives.
            leases.lease_release(claim)
    except (DatabaseError, InterfaceError) as error:
        # It could not even be written down that it waits.
        log.warning("Run %s is given back: %s", claim.run_id, sentence_of(error))
        process.give_back([claim], code="moment", sentence=sentence_of(error))


def _with_an_end(claim: Claim, work: Callable[[], None]) -> None:
    try:
        work()
    except LeaseLost:
        raise
    except Exception as error:
        fault = fault_of(error)
        if fault is Fault.WORKER:
            raise unfit(error, [claim]) from error
        if fault is Fault.MOMENT:
            _postpone(claim, error)
        else:
            _end(claim, error)


def unfit(error: Exception, at_work: Collection[Claim]) -> WorkerUnfit:
    """Why this worker stops, of an error that was its own fault over these runs."""
    if isinstance(error, WorkerUnfit):
        return error
    causes = [error]
    while isinstance(causes[-1].__cause__, Exception):
        causes.append(causes[-1].__cause__)
    if any(map(gpu_gone, causes)):
        return WorkerUnfit(
            "The GPU does not answer any more. Run `omnigov doctor`, look at the driver's log, and start the "
            "worker again.",
            suspects=at_work,
        )
    return WorkerUnfit(getattr(error, "sentence", None) or str(error))


def _postpone(claim: Claim, error: Exception) -> None:
    sentence = sentence_of(error)
    log.warning("Run %s waits: %s", claim.run_id, sentence, exc_info=error)
    if not leases.lease_postpone(claim, code="moment", sentence=sentence):
        services.run_fail(
            claim,
            code="trouble_lasted",
            sentence=sentence.split(". ")[0] + ", again and again. Ask your administrator, then try again.",
        )


def _end(claim: Claim, error: Exception) -> None:
    if isinstance(error, Quarantined):
        log.warning("Run %s goes to quarantine: %s", claim.run_id, error.code)
        services.run_quarantine(claim, code=error.code, sentence=error.sentence)
    elif isinstance(error, KNOWN):
        log.warning("Run %s failed: %s", claim.run_id, error)
        services.run_fail(claim, code=getattr(error, "code", type(error).__name__), sentence=str(error))
    else:  # the boundary: the worker lives on, the log has the cause
        log.error("Run %s failed.", claim.run_id, exc_info=error)
        services.run_fail(
            claim,
            code="unexpected",
            sentence=f"Something unexpected stopped this run ({type(error).__name__}). "
            "The worker's log has the details; try it again, and tell your administrator if it fails again.",
        )
