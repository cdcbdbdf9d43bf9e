"""What runs put on the record: the ledger's schemas, filled from the rows.

All that was made from someone's media stands there as a commitment, keyed with the asset's own key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from omnigov.contracts import AttributionResult, DeepAttribution, InferenceResult, RedactionResult, digest_of
from omnigov.decisions.models import Run
from omnigov.keys import AssetKeys, keyring
from omnigov.ledger import canonical, schemas
from omnigov.ledger.bundle import EVIDENCE_LIMIT
from omnigov.ledger.models import LedgerEntry
from omnigov.release import code_version

ATTRIBUTION_FAILED = "attribution_failed"

StepResult = RedactionResult | InferenceResult


def decision(
    run: Run,
    inference: InferenceResult,
    attribution: AttributionResult | None,
    review_rules: list[str],
    measurement: str | None,
    pictures: Sequence[Run] = (),
) -> schemas.Decision3:
    """The decision entry of a run that is about to be recorded.

    `measurement` is the digest of what was measured of its policy and model; None: not measured. `pictures`
    are the runs of the redacted pictures that a recording was decided together with. Raises `ValueError` for
    one without a redacted copy.
    """
    keys = keyring().asset(run.asset_id)
    redaction = _redaction_of(run)
    return schemas.Decision3(
        asset=run.asset.commitment,
        beside=tuple(
            schemas.BesidePicture(
                asset=each.asset.commitment,
                run=each.id,
                findings_count=len(_redaction_of(each).findings),
                redaction_revision=_redaction_of(each).revision,
            )
            for each in pictures
        ),
        beside_copies=commit(keys, beside_copies(pictures)) if pictures else None,
        redacted=keys.commit(redaction.digest.encode()),
        findings=commit(keys, run.stored_findings),
        findings_count=len(redaction.findings),
        redaction_revision=redaction.revision,
        policy=run.policy_version.digest,
        model=inference.model,
        code_version=code_version(),
        libraries=inference.libraries,
        device=inference.device,
        dtype=inference.dtype,
        seed=inference.seed,
        stage=inference.model.stage,
        prompt=keys.commit(inference.prompt_digest.encode()),
        label=inference.label,
        scores=inference.scores,
        confidence=inference.confidence,
        confidence_kind=inference.confidence_kind,
        measurement=measurement,
        abstained=inference.abstained,
        reasons=commit(keys, list(inference.reasons)),
        attribution=keys.commit(digest_of(attribution).encode()) if attribution else None,
        attribution_method=attribution.method if attribution else None,
        attribution_missing=None if attribution else ATTRIBUTION_FAILED,
        review_rules=tuple(review_rules),
        durations=run.timings,
        parent=run.parent_id,
    )


def beside_copies(pictures: Sequence[Run]) -> list[dict[str, Any]]:
    """What the entry commits to of the pictures beside a recording: each one's copy, and what is hidden."""
    return [{"redacted": _redaction_of(each).digest, "findings": each.stored_findings} for each in pictures]


def _redaction_of(run: Run) -> RedactionResult:
    result = run.redaction_result
    if result is None:
        raise ValueError(f"Run {run.id} has no redacted copy.")
    return result


def queued(run: Run) -> schemas.RunQueued3:
    """The entry of a run that waits for its first worker."""
    return schemas.RunQueued3(
        asset=run.asset.commitment,
        policy=run.policy_version.digest,
        model=run.model_version.digest,
        batch=run.submission.batch_id,
        uploader=run.submission.uploaded_by_id,
        uploader_assumed=run.submission.uploader_assumed,
        seen_before=run.submission.seen_before,
        encoding=run.submission.encoding or None,
    )


def step(run: Run, name: Literal["redaction", "inference"], result: StepResult) -> schemas.RunStep:
    """The entry of a step whose result is about to be written to the run."""
    return schemas.RunStep(
        step=name,
        result=keyring().asset(run.asset_id).commit(digest_of(result).encode()),
        attempt=run.attempt,
        duration=result.duration_ms,
        code_version=code_version(),
    )


def stopped(run: Run, kind: str, code: str) -> schemas.Quarantine | schemas.RunFailed:
    """The entry of a run that ended without a decision: `kind` is quarantine or run_failed."""
    common: dict[str, Any] = {
        "asset": run.asset.commitment,
        "policy": run.policy_version.digest,
        "code": as_code(code),
        "code_version": code_version(),
        "durations": run.timings,
    }
    if kind == "quarantine":
        revision = run.redaction_result.revision if run.redaction_result else None
        return schemas.Quarantine(redaction_revision=revision, **common)
    return schemas.RunFailed(step=run.state, attempts=run.attempt, **common)


def attribution_failed(run: Run, decision: LedgerEntry, label: str) -> schemas.Attribution:
    """The entry of an attribution that could not be computed; the decision stands without it."""
    return schemas.Attribution(
        decision=bytes(decision.leaf_hash).hex(),
        label=label,
        attribution=None,
        attribution_method=None,
        attribution_missing=ATTRIBUTION_FAILED,
        duration=run.timings.get("attribution", 0),
    )


def deep_attribution(
    run: Run, result: DeepAttribution | None, stored: dict[str, Any] | None, *, by: UUID | None
) -> schemas.DeepAttribution:
    """The entry of a thorough explanation that ended; `stored` is what is committed to."""
    found = result.attribution if result else None
    return schemas.DeepAttribution(
        decision=run.decision.entry,
        label=run.decision.label,
        against=(found.against or None) if found else None,
        attribution=commit(keyring().asset(run.asset_id), stored) if stored else None,
        attribution_method=result.method if result else None,
        attribution_missing=None if result else ATTRIBUTION_FAILED,
        complete=found.complete if found else None,
        by=by,
        duration=result.duration_ms if result else 0,
        code_version=code_version(),
    )


def timed_out(run: Run, *, alone: bool) -> schemas.RunTimedOut:
    """The entry of a run whose worker was stopped because it made no progress."""
    return schemas.RunTimedOut(
        asset=run.asset.commitment,
        step=run.state,
        attempt=run.attempt,
        alone=alone,
        code_version=code_version(),
    )


def as_code(text: str) -> str:
    """A code as the record takes it: `VaultDamaged` becomes `vault_damaged`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
    return re.sub(r"[^a-z0-9_]", "_", snake)[:60]


def commit(keys: AssetKeys, value: Any) -> str:
    """The commitment to what a bundle may show, as canonical JSON."""
    # What is committed to stands in a bundle's evidence, and may be as large as a line of that.
    return keys.commit(canonical.encode(value, EVIDENCE_LIMIT))
