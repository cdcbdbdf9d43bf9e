"""How much waits, from counters that triggers keep: no page counts cases."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from omnigov.accounts.models import Workspace
from omnigov.review.case_models import CaseCount

_IN_REVIEW = ("decision", "correction")


@dataclass(frozen=True)
class Waiting:
    """Of one workspace: what waits for officers, for operators, and in quarantine."""

    review: int = 0
    sent_back: int = 0
    quarantine: int = 0


def waiting_in(workspace: Workspace) -> Waiting:
    """The counts, in one query."""
    wanted = [f"{kind}:{state}" for kind in _IN_REVIEW for state in ("open", "escalated", "sent_back")]
    kept = CaseCount.objects.filter(workspace=workspace, what__in=[*wanted, "release:open"])
    sums: dict[str, int] = dict(kept.values_list("what").annotate(cases=Sum("cases")).order_by())
    return Waiting(
        review=sum(sums.get(f"{kind}:{state}", 0) for kind in _IN_REVIEW for state in ("open", "escalated")),
        sent_back=sum(sums.get(f"{kind}:sent_back", 0) for kind in _IN_REVIEW),
        quarantine=sums.get("release:open", 0),
    )


def case_counts_mend() -> int:
    """Counts all cases anew and sets right what differs; how many counters those were."""
    with connection.cursor() as cursor:
        cursor.execute(_MEND)
        mended: int = cursor.rowcount
    return mended


_MEND = """
WITH truth AS (
    SELECT workspace_id, kind || ':' || state AS what, count(*) AS cases FROM review_case GROUP BY 1, 2
), kept AS (
    SELECT workspace_id, what::text AS what, sum(cases) AS cases FROM review_casecount GROUP BY 1, 2
)
INSERT INTO review_casecount (workspace_id, what, cases)
SELECT workspace_id, what, COALESCE(truth.cases, 0) - COALESCE(kept.cases, 0)
FROM truth FULL JOIN kept USING (workspace_id, what)
WHERE COALESCE(truth.cases, 0) <> COALESCE(kept.cases, 0)
"""
