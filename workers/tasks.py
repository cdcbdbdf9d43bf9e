"""The Celery tasks: the only door between the two halves.

`workers.redact`  received → redacting → inferring | quarantined | failed
`workers.decide`  inferring → attributing → recorded | failed

A message says only that there may be something to do. What there is, and whether it is still to be
done, is claimed from the rows; so a message that is lost, late or doubled changes nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import transaction

from omnigov.celery import app
from omnigov.contracts import Hook, Quarantined, ReadValues, Refused, digest_of
from omnigov.decisions import comparison, leases, services
from omnigov.decisions.leases import Claim, LeaseLost, Step
from omnigov.decisions.models import Run, RunState
from omnigov.decisions.presence import Presence
from omnigov.decisions.services import PROGRESS
from omnigov.erasure import comparison as erasures
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.services import Part, attempt_discard, part_write
from omnigov.exports.jobs import Exporter
from omnigov.intake import vault
from omnigov.ledger.checking import Checker
from omnigov.ledger.sequencer import Sequencer
from omnigov.pseudonyms.services import values_seal
from omnigov.review import comparison as reviews
from workers import pipeline, weights

log = logging.getLogger(__name__)

WORKER = f"{socket.gethostname()}:{os.getpid()}"
presence = Presence()
sequencer = Sequencer()
exporter = Exporter()
checker = Checker([comparison.compare, reviews.compare, erasures.compare])


class ModelDiffers(RuntimeError):
    """The run names a model version that this worker has not got."""


KNOWN = (Refused, weights.WeightsUnavailable, vault.VaultDamaged, evidence.EvidenceDamaged, ModelDiffers)
"""What has a sentence of its own for the person who handed the file in."""


@worker_ready.connect
def _begin(sender: Any, **_: Any) -> None:
    presence.start()
    sequencer.start()
    exporter.start()
    checker.start()
    prepares = {"cpu": pipeline.prepare_redaction, "gpu": pipeline.prepare_model}
    for queue in prepares.keys() & sender.app.amqp.queues.consume_from.keys():
        threading.Thread(target=_prepare, args=(queue, prepares[queue]), daemon=True).start()


def _prepare(queue: str, load: Callable[[], None]) -> None:
    """Loads what the queue's runs need while none is there yet, both halves at the same time."""
    try:
        load()
    except Exception:  # not the end of the worker: the run that needs it ends with the sentence
        log.exception("What the queue %s needs did not load.", queue)


@worker_shutting_down.connect
def _leave(**_: Any) -> None:
    presence.leave()
    sequencer.leave()
    exporter.leave()
    checker.leave()


class _Drain:
    """One loop a step and process: claims and works until nothing is left.

    A wake-up that comes while the loop runs is remembered, so that what was committed between the
    loop's last look and its end is not left to the sweeper.
    """

    def __init__(self, step: Step, limit: int, work: Callable[[list[Claim]], None]) -> None:
        self._step: Step = step
        self._limit = limit
        self._work = work
        self._busy = threading.Lock()
        self._woken = threading.Event()

    def __call__(self) -> None:
        self._woken.set()
        while self._woken.is_set() and self._busy.acquire(blocking=False):
            try:
                self._woken.clear()
                self._until_empty()
            finally:
                self._busy.release()

    def _until_empty(self) -> None:
        while not presence.stopping.is_set():
            claims = leases.runs_claim(step=self._step, worker=WORKER, limit=self._limit)
            if not claims:
                return
            with presence.holding(claims):
                self._work(claims)


def _redact(claims: list[Claim]) -> None:
    for claim in claims:
        _guarded(claim, partial(_redact_one, claim))


def _redact_one(claim: Claim) -> None:
    run = _run(claim)
    original = vault.read(run.asset_id, length=run.asset.size)
    order = _order(run)
    read = ReadValues()
    copy, result = pipeline.redact(order, original, _hook(claim, 0, PROGRESS[RunState.INFERRING]), read)
    part = _part(claim, run, Name.REDACTED, result.media_type, copy)
    with transaction.atomic():
        services.redaction_record(claim, result, parts=[part])
        values_seal(run_id=run.id, findings=result.findings, read=read)


def _decide(claims: list[Claim]) -> None:
    """Infers all claims in one go, then explains and records each."""
    waiting = [claim for claim in claims if not _run(claim).inference]
    if len(waiting) > 1:
        try:
            _infer(waiting)
        except Exception:
            log.exception("A batch of %d did not go through the model; taking them one by one.", len(waiting))
    for claim in claims:
        _guarded(claim, partial(_decide_one, claim))


def _decide_one(claim: Claim) -> None:
    if not _run(claim).inference:
        _infer([claim])
    attribution, parts, failure = _attribute(claim)
    began = time.perf_counter()
    services.decision_record(claim, attribution, parts=parts, attribution_failure=failure)
    services.recording_timed(claim.run_id, round((time.perf_counter() - began) * 1000))


def _infer(claims: list[Claim]) -> None:
    runs = [_run(claim) for claim in claims]
    for run in runs:
        _check_model(run)
    hook = _hook_all(claims, PROGRESS[RunState.INFERRING], PROGRESS[RunState.ATTRIBUTING])
    results = pipeline.infer([_order(run) for run in runs], [_redacted(run) for run in runs], hook)
    for claim, result in zip(claims, results, strict=True):
        services.inference_record(claim, result)


def _attribute(claim: Claim) -> tuple[Any, list[Part], str]:
    """The attribution with its evidence, or why there is none: a decision never waits for its explanation."""
    run = _run(claim)
    inference = run.inference_result
    if inference is None:
        raise services.NotPossible("An attribution needs the label that it explains.")
    hook = _hook(claim, PROGRESS[RunState.ATTRIBUTING], PROGRESS[RunState.RECORDED])
    try:
        result, heat_map = pipeline.attribute(_order(run), _redacted(run), inference, hook)
    except Exception as error:  # whatever stopped it, the decision stands and says so
        log.exception("The attribution of run %s failed.", run.id)
        return (
            None,
            [],
            f"The attribution could not be computed ({type(error).__name__}); "
            "the decision stands without it.",
        )
    return result, [_part(claim, run, Name.HEAT_MAP, "image/png", heat_map)], ""


def _part(claim: Claim, run: Run, name: Name, media_type: str, content: bytes) -> Part:
    """Seals a part under this hold's token; it becomes the run's with the step's record."""
    return part_write(
        run=run.id,
        asset=run.asset_id,
        token=claim.token,
        name=name,
        media_type=media_type,
        content=[content],
    )


def _guarded(claim: Claim, work: Callable[[], None]) -> None:
    """Does the work, and ends the run with a sentence where it can't be done."""
    try:
        if not services.run_give_up(claim):
            _with_an_end(claim, work)
    except LeaseLost as lost:
        log.warning("%s", lost)
        # What this worker wrote since is nobody's, and must not be what is left of an erased medium.
        attempt_discard(run=claim.run_id, token=claim.token)


def _with_an_end(claim: Claim, work: Callable[[], None]) -> None:
    try:
        work()
    except LeaseLost:
        raise
    except Quarantined as reason:
        log.warning("Run %s goes to quarantine: %s", claim.run_id, reason.code)
        services.run_quarantine(claim, code=reason.code, sentence=reason.sentence)
    except KNOWN as reason:
        log.warning("Run %s failed: %s", claim.run_id, reason)
        services.run_fail(claim, code=getattr(reason, "code", type(reason).__name__), sentence=str(reason))
    except Exception as error:  # the boundary: the worker lives on, the log has the cause
        log.exception("Run %s failed.", claim.run_id)
        services.run_fail(
            claim,
            code="unexpected",
            sentence=f"Something unexpected stopped this run ({type(error).__name__}). "
            "The worker's log has the details; try it again, and tell your administrator if it fails again.",
        )


def _check_model(run: Run) -> None:
    mine = weights.model_version(run.model_version.spec.stage)
    if digest_of(mine) != run.model_version.digest:
        raise ModelDiffers(
            f"This run was ordered from model version {run.model_version.digest[:12]}, and this worker holds "
            f"{digest_of(mine)[:12]}. Start a worker with that version, or hand the file in again."
        )


def _run(claim: Claim) -> Run:
    return Run.objects.select_related("asset", "policy_version", "model_version").get(pk=claim.run_id)


def _order(run: Run) -> pipeline.Order:
    return pipeline.Order(
        policy=run.policy_version.spec, seed=run.seed, edits=run.redaction_edits, by_hand=run.by_hand
    )


def _redacted(run: Run) -> bytes:
    result = run.redaction_result
    if result is None:
        raise services.NotPossible("The model sees a picture only after it was redacted.")
    return evidence.content(run.id, Name.REDACTED, digest=result.digest)


def _hook(claim: Claim, low: int, high: int) -> Hook:
    return _hook_all([claim], low, high)


def _hook_all(claims: list[Claim], low: int, high: int) -> Hook:
    """Shows the steps' progress on the pages, at most five times a second."""
    shown = 0.0

    def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown < 0.2:
            return
        shown = now
        part = low if progress is None else low + round((high - low) * progress)
        for claim in claims:
            services.progress_report(claim, step=step, progress=part)

    return hook


redact_runs = _Drain("redact", 1, _redact)
decide_runs = _Drain("decide", settings.OMNIGOV_MODEL_BATCH, _decide)


@app.task(name="workers.redact")
def redact() -> None:
    """Redacts whatever waits to be redacted."""
    redact_runs()


@app.task(name="workers.decide")
def decide() -> None:
    """Decides whatever is redacted: inference, attribution and record."""
    decide_runs()
