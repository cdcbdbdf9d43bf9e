"""What an engagement is of, as runs and as subjects of entries: below, batches and policies are ids."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from omnigov.accounts.models import Engagement
from omnigov.decisions.models import Run


def runs_of(engagement: Engagement) -> QuerySet[Run]:
    """The runs of what it is of."""
    return Run.objects.filter(
        Q(submission__batch__in=engagement.batches) | Q(policy_version__policy__in=engagement.policies),
        workspace=engagement.workspace_id,
    )


def entries_within(engagement: Engagement) -> Q:
    """Which entries of the ledger are of that: about its runs, their media, its policies, its person."""
    runs = runs_of(engagement)
    named: list[uuid.UUID] = [*engagement.policies, engagement.person_id]
    return (
        Q(subject__in=runs.order_by().values("pk"))
        | Q(subject__in=runs.order_by().values("asset"))
        | Q(subject__in=named)
    )


def subjects_within(engagement: Engagement) -> set[uuid.UUID]:
    """The same subjects, one by one, for an export."""
    found = set[uuid.UUID]()
    for run, asset in runs_of(engagement).values_list("pk", "asset"):
        found |= {run, asset}
    return found | {*engagement.policies, engagement.person_id}
