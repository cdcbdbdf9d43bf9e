"""How far officers agree who looked at one case without knowing of each other. No person is named."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from omnigov.accounts.models import Workspace
from omnigov.policies.models import Policy
from omnigov.review.case_models import CaseState
from omnigov.review.known_answers import label_said
from omnigov.review.models import Review
from omnigov.review.statistics import Kappa, kappa

NEWEST = 5000
"""Verdicts that are gone through."""
ENOUGH = 20
"""Pairs from which on a kappa is shown: of fewer its interval says nothing."""


@dataclass(frozen=True)
class Concord:
    """Of one policy: kappa of the pairs, and whether they are enough to show it."""

    policy: Policy
    found: Kappa

    @property
    def enough(self) -> bool:
        return self.found.agreed.of >= ENOUGH and self.found.value is not None


def concord(workspace: Workspace) -> list[Concord]:
    """By policy, the pairs first that were asked most. Labels of two policies are not thrown together."""
    pairs: dict[Policy, list[tuple[str, str]]] = defaultdict(list)
    for policy, said in _blind(workspace):
        if len(said) >= 2:
            pairs[policy].append((said[0], said[1]))
    found = [Concord(policy, kappa(each)) for policy, each in pairs.items()]
    return sorted(found, key=lambda each: -each.found.agreed.of)


def _blind(workspace: Workspace) -> list[tuple[Policy, list[str]]]:
    """Of each case what its first people said who did not see each other's, in the order that they spoke.

    What came after an escalation was said with the others' words at hand, and is left out.
    """
    reviews = Review.objects.filter(
        decision__workspace=workspace,
        decision__case__needed__gt=1,
        decision__case__blind=True,
        taken_back__isnull=True,
    ).exclude(decision__case__state=CaseState.OPEN)
    newest = list(reviews.select_related("decision__case__policy").order_by("-created_at", "-pk")[:NEWEST])
    said: dict[object, tuple[Policy, dict[object, str]]] = {}
    passed_on = set()
    for each in reversed(newest):
        if each.verdict == "escalate":
            passed_on.add(each.decision_id)
        elif each.decision_id not in passed_on:
            _, by = said.setdefault(each.decision_id, (each.decision.case.policy, {}))
            by.setdefault(each.officer_id, label_said(each))
    return [(policy, list(by.values())) for policy, by in said.values()]
