"""inferring → attributing → recorded | failed"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

from django.conf import settings

from omnigov.contracts import digest_of
from omnigov.decisions import leases, services, together
from omnigov.decisions.leases import Claim
from omnigov.decisions.models import PROGRESS, Run, RunState
from omnigov.evidence.models import Name
from omnigov.evidence.services import Part
from workers import pipeline, weights
from workers.faults import Fault, ModelDiffers, fault_of
from workers.running.ends import guarded, unfit
from workers.running.orders import hook_for, order_of, part_of, redactions_of, run_of, seen_of
from workers.running.process import process

log = logging.getLogger(__name__)

PATIENCE = 300
"""Seconds without progress after which the model hangs. It reports each sentence and each round."""

GATHERING, LOOKS_AGAIN = 5.0, 0.25
"""Seconds that a decision waits for others at most, and between two looks for them."""


def gather() -> None:
    """Waits a little while others are being redacted, so that more go through the model together.

    Four take less than twice the time of one: the reasons of all are written at the cost of one's.
    """
    until = time.monotonic() + GATHERING
    while 0 < leases.claimable("decide", models=process.models).count() < settings.OMNIGOV_MODEL_BATCH:
        if not leases.being_redacted() or time.monotonic() > until or process.leaving.wait(LOOKS_AGAIN):
            return


def decide(claims: list[Claim]) -> None:
    """Infers all claims in one go, then explains and records each."""
    waiting = [claim for claim in claims if not run_of(claim).inference]
    if len(waiting) > 1:
        process.at_work(waiting, PATIENCE * settings.OMNIGOV_PATIENCE)
        try:
            _infer(waiting)
        except Exception as error:
            if fault_of(error) is Fault.WORKER:
                raise unfit(error, waiting) from error
            # Whatever it was: taken one by one, each meets it alone.
            log.exception("A batch of %d did not go through the model; taking them one by one.", len(waiting))
    for place, claim in enumerate(claims):
        if process.leaving.is_set():
            process.give_back(claims[place:])
            return
        process.at_work([claim], PATIENCE * settings.OMNIGOV_PATIENCE)
        guarded(claim, partial(decide_one, claim))


def decide_one(claim: Claim) -> None:
    if not run_of(claim).inference:
        _infer([claim])
    attribution, parts, failure = _attribute(claim)
    began = time.perf_counter()
    services.decision_record(claim, attribution, parts=parts, attribution_failure=failure)
    services.recording_timed(claim.run_id, round((time.perf_counter() - began) * 1000))


def _infer(claims: list[Claim]) -> None:
    runs = [run_of(claim) for claim in claims]
    for run in runs:
        _check_model(run)
    hook = hook_for(claims, PROGRESS[RunState.INFERRING], PROGRESS[RunState.ATTRIBUTING])
    beside = [together.pictures_now(run) for run in runs]
    seen = [seen_of(run, pictures=pictures) for run, pictures in zip(runs, beside, strict=True)]
    results = pipeline.infer([order_of(run) for run in runs], seen, hook)
    for claim, run, pictures, result in zip(claims, runs, beside, results, strict=True):
        redaction = run.redaction_result
        if redaction is not None:
            result = pipeline.with_specialists(result, redaction, redactions_of(pictures))
        services.inference_record(claim, result, pictures=[each.id for each in pictures])


def _attribute(claim: Claim) -> tuple[Any, list[Part], str]:
    """The attribution with its evidence, or why there is none: a decision never waits for its explanation.

    A worker that can't go on and a database that is away stop it all the same: nothing could be recorded.
    """
    run = run_of(claim)
    inference = run.inference_result
    if inference is None:
        raise services.NotPossible("An attribution needs the label that it explains.")
    hook = hook_for([claim], PROGRESS[RunState.ATTRIBUTING], PROGRESS[RunState.RECORDED])
    try:
        result, heat_maps = pipeline.attribute(
            order_of(run),
            seen_of(run),
            inference,
            hook,
            run.redaction_result,
            redactions_of(together.decided_with(run)),
        )
    except Exception as error:  # whatever stopped it, the decision stands and says so
        if fault_of(error) is not Fault.FILE and not isinstance(error, MemoryError):
            raise
        log.exception("The attribution of run %s failed.", run.id)
        return (
            None,
            [],
            f"The attribution could not be computed ({type(error).__name__}); "
            "the decision stands without it.",
        )
    parts = [part_of(claim, run, Name.HEAT_MAP, "image/png", [heat_maps])] if heat_maps else []
    return result, parts, ""


def _check_model(run: Run) -> None:
    """Only runs of models that this worker holds are claimed; whether the files still are those is asked.

    What was adapted to a policy stands on one of these, and its own file comes with the run.
    """
    asked = run.model_version.base or run.model_version
    mine = weights.model_version(asked.spec.stage)
    if digest_of(mine) != asked.digest:
        raise ModelDiffers(
            f"A run was ordered from model version {asked.digest[:12]}, and this worker holds "
            f"{digest_of(mine)[:12]}. Start a worker with that version."
        )
