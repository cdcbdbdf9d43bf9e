"""Past decisions to lay beside one that waits, and what officers said of them.

Nothing is computed of what the media show: these are decisions of the same policy for which the model chose
the same label, and that officers have answered. Those that waited for the same reasons come first, then the
newest.
"""

from __future__ import annotations

from dataclasses import dataclass

from omnigov.decisions.models import Decision, RunState
from omnigov.review.case_models import Case, CaseState
from omnigov.review.models import Review
from omnigov.templatetags.omnigov import label_name

LOOKED_AT = 50
"""The newest answered cases among which the nearest are looked for."""
SHOWN = 5


@dataclass(frozen=True)
class Similar:
    """A past case, the label that holds, the verdicts that stand on it, and how many reasons it shares."""

    case: Case
    outcome: str
    verdicts: list[Review]
    shared: int


def similar_to(decision: Decision) -> list[Similar]:
    """The nearest of the newest. Two queries, however many there are."""
    run = decision.run
    newest = (
        Case.objects.filter(
            workspace=run.workspace_id,
            policy=run.policy_version.policy_id,
            label=decision.label,
            state=CaseState.ANSWERED,
        )
        .exclude(decision=decision)
        .exclude(run__state=RunState.ERASED)
        .select_related("run__submission", "run__policy_version")
        .defer("run__redaction", "run__inference", "run__edits")
        .order_by("-since", "-id")[:LOOKED_AT]
    )
    reasons = set(decision.review_reasons)
    near = sorted(newest, key=lambda case: -len(reasons & set(case.reasons)))[:SHOWN]
    given = Review.objects.filter(decision__in=[case.decision_id for case in near], taken_back__isnull=True)
    verdicts: dict[object, list[Review]] = {}
    for review in given.select_related("officer").order_by("created_at", "pk"):
        verdicts.setdefault(review.decision_id, []).append(review)
    names = {label.key: label for label in run.policy_version.spec.labels}
    return [
        Similar(
            case,
            str(label_name(names.get(case.outcome))) or case.outcome,
            verdicts.get(case.decision_id, []),
            len(reasons & set(case.reasons)),
        )
        for case in near
    ]
