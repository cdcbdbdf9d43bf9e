"""All that reads decisions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from omnigov.accounts.models import Workspace
from omnigov.decisions.models import Decision
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerCheckpoint, LedgerEntry
from omnigov.ledger.queries import entry, index_of, latest_checkpoint


def decision_of(workspace: Workspace, decision_id: uuid.UUID) -> Decision | None:
    """The workspace's decision of this id, with all that its page shows."""
    return (
        Decision.objects.filter(run__workspace=workspace, pk=decision_id)
        .select_related(
            "attribution",
            "measurement",
            "run__asset",
            "run__model_version",
            "run__policy_version__policy",
            "run__submission__batch",
            "run__submission__uploaded_by",
        )
        .first()
    )


@dataclass(frozen=True)
class Recorded:
    """Where the decision stands in the ledger. `index` is None while the entry waits for its place."""

    entry: LedgerEntry
    index: int | None
    leaf_hash: str
    record: dict[str, Any]
    checkpoint: LedgerCheckpoint | None


def recorded(decision: Decision) -> Recorded | None:
    """Where the decision stands on the record; None where its entry is not there."""
    found = entry(decision.entry)
    if found is None:
        return None
    return Recorded(
        entry=found,
        index=index_of(found),
        leaf_hash=bytes(found.leaf_hash).hex(),
        record=canonical.decode(bytes(found.body))["record"],
        checkpoint=latest_checkpoint(),
    )
