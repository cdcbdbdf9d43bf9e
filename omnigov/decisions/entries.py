"""What runs and reviews put on the record: the ledger's schemas, filled from the rows.

All that was made from someone's media stands there as a commitment, keyed with the asset's own key.
"""

from __future__ import annotations

import re
from typing import Any, Literal
from uuid import UUID

from omnigov.contracts import AttributionResult, InferenceResult, RedactionResult, digest_of
from omnigov.decisions.models import Decision, Review, Run
from omnigov.keys import AssetKeys, keyring
from omnigov.ledger import canonical, schemas
from omnigov.ledger.bundle import EVIDENCE_LIMIT
from omnigov.ledger.models import LedgerEntry
from omnigov.release import code_version

StepResult = RedactionResult | InferenceResult

SHOWN = ("redacted_copy", "findings", "scores", "reasons")
"""What the decision page puts before an officer, whatever the run; the heat map only if there is one."""


def decision(
    run: Run,
    redaction: RedactionResult,
    inference: InferenceResult,
    attribution: AttributionResult | None,
    attribution_missing: str,
    review_rules: list[str],
) -> schemas.Decision:
    """The decision entry of a run that is about to be recorded."""
    keys = keyring().asset(run.asset_id)
    return schemas.Decision(
        asset=run.asset.commitment,
        redacted=keys.commit(redaction.digest.encode()),
        findings=_commit(keys, [finding.model_dump(mode="json") for finding in redaction.findings]),
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
        abstained=inference.abstained,
        reasons=_commit(keys, list(inference.reasons)),
        attribution=keys.commit(digest_of(attribution).encode()) if attribution else None,
        attribution_method=attribution.method if attribution else None,
        attribution_missing=None if attribution else attribution_missing,
        review_rules=tuple(review_rules),
        durations=run.timings,
        parent=run.parent_id,
    )


def queued(run: Run) -> schemas.RunQueued:
    """The entry of a run that waits for its first worker."""
    return schemas.RunQueued(
        asset=run.asset.commitment,
        policy=run.policy_version.digest,
        model=run.model_version.digest,
        batch=run.submission.batch_id,
        by=run.submission.batch.created_by_id,
        seen_before=run.submission.seen_before,
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


def corrected(
    run: Run, *, by: UUID, role: str, added: int, removed: int, seen: bool, reason: str
) -> schemas.RedactionCorrected:
    """The entry of a run whose regions a person corrected."""
    return schemas.RedactionCorrected(
        **_of_child(run, reason), by=by, role=role, added=added, removed=removed, original_seen=seen
    )


def released(
    run: Run, *, code: str, by: UUID, role: str, mode: str, regions: int, reason: str
) -> schemas.QuarantineReleased:
    """The entry of a run that an officer let out of quarantine; `code` is why its parent was there."""
    return schemas.QuarantineReleased(
        **_of_child(run, reason), code=as_code(code), by=by, role=role, mode=mode, regions=regions
    )


def _of_child(run: Run, reason: str) -> dict[str, Any]:
    keys = keyring().asset(run.asset_id)
    return {
        "asset": run.asset.commitment,
        "policy": run.policy_version.digest,
        "model": run.model_version.digest,
        "parent": run.parent_id,
        "edits": _commit(keys, run.redaction_edits.model_dump(mode="json")),
        "reason": keys.commit(reason.strip().encode()),
    }


def review(decision: Decision, review: Review, role: str) -> schemas.Review:
    """The entry of an officer's verdict, tied to the decision's entry by its leaf hash."""
    run = decision.run
    explained = decision.attribution.result is not None
    return schemas.Review(
        decision=bytes(LedgerEntry.objects.get(id=decision.entry).leaf_hash).hex(),
        reviewer=review.officer_id,
        role=role,
        verdict=review.verdict,
        label=decision.label,
        right_label=review.label or None,
        reason=keyring().asset(run.asset_id).commit(review.reason.encode()),
        shown=(*SHOWN, "heat_map") if explained else SHOWN,
    )


def as_code(text: str) -> str:
    """A code as the record takes it: `VaultDamaged` becomes `vault_damaged`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
    return re.sub(r"[^a-z0-9_]", "_", snake)[:60]


def _commit(keys: AssetKeys, value: Any) -> str:
    # What is committed to stands in a bundle's evidence, and may be as large as a line of that.
    return keys.commit(canonical.encode(value, EVIDENCE_LIMIT))
