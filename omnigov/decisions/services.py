"""All that writes runs and decisions. Each writes its ledger entry in the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from omnigov import celery
from omnigov.accounts.models import User
from omnigov.contracts import AttributionResult, InferenceResult, RedactionResult, Refused, digest_of
from omnigov.decisions import entries, leases, together
from omnigov.decisions.deep import deep_draw
from omnigov.decisions.examples import example_keep
from omnigov.decisions.leases import TASKS, Claim, PolicyStopped, claimed
from omnigov.decisions.models import PROGRESS, Attribution, Decision, Run, RunState
from omnigov.decisions.outcome import outcome_of
from omnigov.decisions.review_rules import review_reasons
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.services import Part, earlier_forget, parts_record
from omnigov.intake import vault
from omnigov.intake.entries import refused as file_refused
from omnigov.intake.models import Batch, MediaAsset, Submission
from omnigov.intake.originals import views_discard
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.sequencer import integrate
from omnigov.policies.queries import measurement_by
from omnigov.policies.stopping import stopped_now


class NotPossible(Exception):
    """What was asked does not fit the run's state; the sentence says why."""


@transaction.atomic
def run_create(*, submission: Submission, asset: MediaAsset) -> Run:
    """The run of a file that has come in whole, to be checked as soon as a worker is free."""
    version = submission.batch.policy_version
    if version.model_version is None:
        raise NotPossible(
            "This version of the policy names no model. Publish the next one with a model version."
        )
    run = Run.objects.create(
        workspace=submission.batch.workspace,
        submission=submission,
        asset=asset,
        state=RunState.CHECKING,
        policy_version=version,
        model_version=version.model_version,
    )
    transaction.on_commit(partial(celery.wake, TASKS["check"]))
    return run


@dataclass(frozen=True)
class Checked:
    """What a file is: its type and size in pixels, and its two digests (`intake.digests`)."""

    media_type: str
    width: int
    height: int
    recognition: str
    commitment: str


@transaction.atomic
def check_accept(
    claim: Claim, checked: Checked, *, goes_over: Callable[[MediaAsset, MediaAsset], None] | None = None
) -> None:
    """The file is taken and its run goes on; with the known asset, where these bytes were here before.

    `goes_over` is called with the file's own asset and the known one, before the former is removed: what was
    said of the file since it came in is said of the known one then.
    """
    # Assets before runs, as an erasure locks them. One that is being erased is not known any more after that.
    own = MediaAsset.objects.select_for_update(of=("self",)).get(runs=claim.run_id)
    same = MediaAsset.objects.filter(workspace=own.workspace_id, keyed_digest=checked.recognition)
    known = same.select_for_update().first()
    run = claimed(claim)
    asset = known or _made_known(own, checked)
    submission = Submission.objects.select_for_update().get(pk=run.submission_id)
    submission.asset, submission.state = asset, Submission.State.ACCEPTED
    submission.seen_before = asset != own
    submission.save()
    run.asset = asset
    _log(run, entries.queued(run), f"run_queued:{run.id}")
    _hand_on(run, RunState.RECEIVED)
    if submission.seen_before:
        spare = own.id
        if own.views.exists():  # opened after a check that failed; nobody would find the views after this
            views_discard(spare)
        if goes_over:
            goes_over(own, asset)
        own.delete()
        transaction.on_commit(partial(vault.discard, spare))
    transaction.on_commit(partial(celery.wake, TASKS["redact"]))


def _made_known(own: MediaAsset, checked: Checked) -> MediaAsset:
    try:
        with transaction.atomic():
            own.media_type, own.width, own.height = checked.media_type, checked.width, checked.height
            own.keyed_digest, own.commitment = checked.recognition, checked.commitment
            own.save()
    except IntegrityError:  # the same bytes were checked twice at one moment, and the other was first
        return MediaAsset.objects.select_for_update().get(
            workspace=own.workspace_id, keyed_digest=checked.recognition
        )
    return own


@transaction.atomic
def check_refuse(claim: Claim, refusal: Refused) -> None:
    """The file can't be taken: its run ends. The reason is kept, and no byte of the file."""
    run = claimed(claim)
    submission = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("batch__policy_version")
        .get(pk=run.submission_id)
    )
    submission.state = Submission.State.REFUSED
    submission.refusal_code, submission.refusal_sentence = refusal.code, refusal.sentence
    submission.save()
    _log(run, file_refused(submission, refusal.code, with_keys=True), f"file_refused:{run.id}")
    run.failure_code, run.failure_sentence = refusal.code[:40], refusal.sentence
    _end(run, RunState.REFUSED)
    transaction.on_commit(partial(vault.discard, run.asset_id))
    transaction.on_commit(integrate, robust=True)


def progress_report(claim: Claim, *, step: str, progress: int) -> None:
    """What the bars on the pages show. Of no consequence: a lost lease is no error here."""
    Run.objects.filter(pk=claim.run_id, lease_token=claim.token).update(step=step[:40], progress=progress)


@transaction.atomic
def redaction_record(claim: Claim, result: RedactionResult, *, parts: Sequence[Part]) -> None:
    """The copy is safe to show: hands the run on to whoever runs the model.

    An example ends here, and so does a picture that belongs to a recording.
    """
    run = claimed(claim)
    earlier_forget(run=run.id, token=claim.token)
    parts_record(parts)
    _log(run, entries.step(run, "redaction", result), f"run_step:{run.id}:redaction:{claim.token}")
    run.redaction = result.model_dump(mode="json")
    run.timings = {**run.timings, "redaction": result.duration_ms}
    batch = Batch.objects.select_related("policy_version__policy").get(submissions=run.submission_id)
    if batch.label:
        example_keep(run, batch)
        _end(run, RunState.KEPT)
        transaction.on_commit(integrate, robust=True)
        return
    if together.is_picture(run):
        _end(run, RunState.JOINED)
        transaction.on_commit(partial(celery.wake, TASKS["decide"]))
        transaction.on_commit(integrate, robust=True)
        return
    _hand_on(run, RunState.INFERRING)
    transaction.on_commit(partial(celery.wake, TASKS["decide"]))


@transaction.atomic
def inference_record(claim: Claim, result: InferenceResult, *, pictures: Sequence[uuid.UUID] = ()) -> None:
    """The label can be shown from here on. The same worker keeps the run to explain it.

    `pictures` are the runs of the pictures beside a recording that the model was given, in their order.
    """
    run = claimed(claim)
    together.given_record(run, pictures)
    _log(run, entries.step(run, "inference", result), f"run_step:{run.id}:inference:{claim.token}")
    run.inference = result.model_dump(mode="json")
    run.timings = {**run.timings, "inference": result.duration_ms}
    run.state = RunState.ATTRIBUTING
    run.progress = PROGRESS[RunState.ATTRIBUTING]
    run.save(update_fields=["inference", "timings", "state", "progress"])


@transaction.atomic
def decision_record(
    claim: Claim,
    attribution: AttributionResult | None,
    *,
    parts: Sequence[Part] = (),
    attribution_failure: str = "",
) -> Decision:
    """Decision, evidence digests and ledger entry, or none of them.

    `attribution` is None where it failed; then `attribution_failure` says why, and the decision stands.
    """
    run = claimed(claim)
    inference, redaction = run.inference_result, run.redaction_result
    if inference is None or redaction is None:
        raise NotPossible("A run is recorded after it was redacted and inferred.")
    if stopped_now(run.policy_version.policy_id):
        raise PolicyStopped(f"The policy of run {claim.run_id} was stopped.")
    parts_record(parts)
    if attribution is not None:
        run.timings = {**run.timings, "attribution": attribution.duration_ms}
    measurement = measurement_by(run.policy_version, run.model_version)
    if run.model_version.base_id and digest_of(inference.model) != run.model_version.digest:
        measurement = None  # what was adapted was measured, and it is not what decided
    pictures = together.decided_with(run)
    reasons = review_reasons(
        run.id,
        run.policy_version.spec,
        [redaction, *(each.redaction_result for each in pictures if each.redaction_result)],
        inference,
        measured=measurement is not None,
        corrected=run.parent_id is not None,
    )
    entry = ledger.append(
        kind="decision",
        body=entries.decision(
            run, inference, attribution, reasons, measurement.digest if measurement else None, pictures
        ),
        workspace=run.workspace_id,
        subject=run.id,
        idempotency_key=f"decision:{run.id}",
    )
    if attribution is None:
        _log(run, entries.attribution_failed(run, entry, inference.label), f"attribution:{run.id}")
    decision = Decision.objects.create(
        run=run,
        workspace=run.workspace,
        label=inference.label,
        outcome=outcome_of(inference.label, abstained=inference.abstained, verdicts=()),
        confidence=inference.confidence,
        confidence_kind=inference.confidence_kind,
        abstained=inference.abstained,
        review_state="waiting" if reasons else "not_needed",
        review_reasons=reasons,
        measurement=measurement,
        entry=entry.id,
    )
    Attribution.objects.create(
        decision=decision,
        result=attribution.model_dump(mode="json") if attribution else None,
        digest=digest_of(attribution) if attribution else "",
        failure_sentence=attribution_failure,
    )
    deep_draw(decision)
    _end(run, RunState.RECORDED)
    transaction.on_commit(integrate, robust=True)
    return decision


def recording_timed(run_id: uuid.UUID, milliseconds: int) -> None:
    """Adds how long recording took: known only after the transaction that it measures."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        run.timings = {**run.timings, "recording": milliseconds}
        run.save(update_fields=["timings"])


@transaction.atomic
def run_quarantine(claim: Claim, *, code: str, sentence: str) -> None:
    """Redaction can't be shown to have worked: nobody and no model sees this picture."""
    run = claimed(claim)
    _stop(run, RunState.QUARANTINED, "quarantine", code, sentence)


@transaction.atomic
def run_fail(claim: Claim, *, code: str, sentence: str) -> None:
    """The run can't go on; the sentence is for a person, who may try it again."""
    run = claimed(claim)
    _stop(run, RunState.FAILED, "run_failed", code, sentence)


@transaction.atomic
def report_give_up(*, run_id: uuid.UUID) -> None:
    """Fails a recording that waits for a picture which will never be there: a part is never decided on."""
    run = Run.objects.select_for_update(of=("self",)).select_related("asset", "policy_version").get(pk=run_id)
    if run.state != RunState.INFERRING or not together.waits_for(run):
        return
    run.lease_token = uuid.uuid4()  # one stop, one entry
    sentence = (
        "A picture that belongs to this recording was refused, was taken back or never came, so the report "
        "is not whole. Hand the recording and its pictures in again."
    )
    _stop(run, RunState.FAILED, "run_failed", "picture_missing", sentence)


@transaction.atomic
def run_give_up(claim: Claim) -> bool:
    """Fails a run whose workers died too often; True if it did."""
    if claim.attempt <= settings.OMNIGOV_MAX_ATTEMPTS:
        return False
    run = claimed(claim)
    times = settings.OMNIGOV_MAX_ATTEMPTS
    if run.trouble_code == leases.HUNG:
        code, sentence = (
            "worker_hung",
            (
                f"The worker made no progress with this file, and was stopped, {times} times. "
                "Look at the worker's log, then try again."
            ),
        )
    elif run.trouble_code == leases.UNFIT:
        code, sentence = (
            "gpu_ended",
            (
                f"The worker's GPU ended {times} times while it worked on this file alone. "
                "Look at the worker's log and the driver's, then try again."
            ),
        )
    else:
        code, sentence = (
            "worker_died",
            (
                f"The worker stopped {times} times while it worked on this file. "
                "Look at the worker's log and its memory, then try again."
            ),
        )
    _stop(run, RunState.FAILED, "run_failed", code, sentence)
    return True


@transaction.atomic
def run_retry(*, run_id: uuid.UUID, by: User | None = None) -> Run:
    """Starts a failed or quarantined run again at its last step that did not end well."""
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state not in {RunState.FAILED, RunState.QUARANTINED}:
        raise NotPossible("Only a run that failed or is in quarantine can be tried again.")
    if run.corrections.exists():
        raise NotPossible("An officer let this file out of quarantine; another run is in its place.")
    run.state = _last_step(run)
    if run.state != RunState.INFERRING:
        run.redaction = run.inference = None
    run.attempt, run.progress, run.step = 0, PROGRESS[RunState(run.state)], ""
    _calm(run)
    run.failure_code = run.failure_sentence = ""
    run.ended_at = None
    run.save()
    again = schemas.RunRetried(step=run.state, by=by.id if by else None)
    _log(run, again, f"run_retried:{run.id}:{uuid.uuid4()}")
    transaction.on_commit(partial(celery.wake, *TASKS.values()))
    return run


def _last_step(run: Run) -> RunState:
    if _copy_is_there(run):
        return RunState.INFERRING
    return RunState.RECEIVED if run.asset.checked else RunState.CHECKING


def _copy_is_there(run: Run) -> bool:
    """Whether the redacted copy is the one that was recorded; without it, the file is redacted again."""
    result = run.redaction_result
    if result is None:
        return False
    return not evidence.damage(run.id, Name.REDACTED, result.digest)


@transaction.atomic
def run_cancel(*, run_id: uuid.UUID, by: User | None = None) -> Run:
    """Takes back a run that no worker has begun."""
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state != RunState.RECEIVED:
        raise NotPossible("This run has begun or ended; only one that still waits can be cancelled.")
    if run.parent_id:
        raise NotPossible("An officer's correction is not taken back; correct it once more instead.")
    _log(run, schemas.RunCancelled(by=by.id if by else None), f"run_cancelled:{run.id}")
    _end(run, RunState.CANCELLED)
    return run


def _log(run: Run, body: schemas.Record, key: str) -> None:
    ledger.append(kind=body.kind, body=body, workspace=run.workspace_id, subject=run.id, idempotency_key=key)


def _hand_on(run: Run, state: RunState) -> None:
    run.state, run.progress, run.step = state, PROGRESS[state], ""
    run.lease_token = run.lease_until = None
    run.attempt = 0
    _calm(run)
    run.save()


def _calm(run: Run) -> None:
    """What happened to the run's workers before is over: a step ended, or a person began it anew."""
    run.suspect, run.not_before, run.troubled_since = False, None, None
    run.trouble_code = run.trouble = ""


def _end(run: Run, state: RunState) -> None:
    run.state, run.step = state, ""
    run.lease_token = run.lease_until = None
    run.progress = PROGRESS[RunState.RECORDED]
    _calm(run)
    run.save()
    Run.objects.filter(pk=run.pk).update(ended_at=Now())


def _stop(run: Run, state: RunState, kind: str, code: str, sentence: str) -> None:
    run.failure_code, run.failure_sentence = code[:40], sentence
    ledger.append(
        kind=kind,
        body=entries.stopped(run, kind, code),
        workspace=run.workspace_id,
        subject=run.id,
        # A run can be tried again and stop again; the same stop is not written twice because the
        # lease that it asks for ends with it.
        idempotency_key=f"{kind}:{run.id}:{run.lease_token}",
    )
    _end(run, state)
    transaction.on_commit(integrate, robust=True)
