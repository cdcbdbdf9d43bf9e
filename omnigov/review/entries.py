"""What people's verdicts and corrections put on the record: the ledger's schemas, filled from the rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from omnigov.decisions.entries import as_code, commit
from omnigov.decisions.models import Decision, Run
from omnigov.keys import keyring
from omnigov.ledger import canonical, schemas
from omnigov.ledger.models import LedgerEntry
from omnigov.review.models import Review
from omnigov.review.served import Served


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
        "edits": commit(keys, run.edits),
        "reason": keys.commit(reason.strip().encode()),
    }


def review(decision: Decision, review: Review, *, role: str, served: Served) -> schemas.Review2:
    """The entry of an officer's verdict, tied to the decision's entry by its leaf hash."""
    keys = keyring().asset(decision.run.asset_id)
    measured = review.displayed
    return schemas.Review2(
        decision=bytes(LedgerEntry.objects.get(id=decision.entry).leaf_hash).hex(),
        reviewer=review.officer_id,
        role=role,
        verdict=review.verdict,
        label=decision.label,
        right_label=review.label or None,
        outcome=decision.outcome or None,
        reason=keys.commit(review.reason.encode()),
        served=served.parts,
        displayed=None if measured is None else keys.commit(canonical.encode(measured)),
    )
