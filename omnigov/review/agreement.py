"""What the verdicts on a decision come to: its outcome, and what it waits for. Pure."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from omnigov.review.case_models import CaseState


@dataclass(frozen=True)
class Said:
    """A verdict that stands; `label` is the right one where it overturned."""

    verdict: str
    label: str
    by: uuid.UUID


@dataclass(frozen=True)
class Settled:
    """`outcome` is the label that holds; empty where the model abstained and nobody has decided."""

    outcome: str
    state: CaseState
    disagreed: bool


def settle(
    label: str, *, abstained: bool, verdicts: Iterable[Said], needed: int = 1, most: int = 1
) -> Settled:
    """What holds after these verdicts, the oldest first. `label` is the model's.

    Of each person the newest verdict counts. A label holds once `needed` people say it. Where `most` people
    have spoken and no label has so many, nobody here can decide, and the case is escalated. Whoever answers
    an escalation decides alone: that is what it was escalated for. With one verdict needed this is
    the rule of `decisions.outcome`: the newest that decides holds.
    """
    outcome, state = "" if abstained else label, CaseState.OPEN
    newest: dict[uuid.UUID, str] = {}
    for said in verdicts:
        if said.verdict == "escalate":
            state = CaseState.ESCALATED
            continue
        right = said.label if said.verdict == "overturn" else label
        answers_an_escalation = state is CaseState.ESCALATED
        newest[said.by] = right
        if answers_an_escalation or Counter(newest.values())[right] >= needed:
            outcome, state = right, CaseState.ANSWERED
        elif len(newest) >= most:
            state = CaseState.ESCALATED
        else:
            state = CaseState.OPEN
    return Settled(outcome, state, disagreed=len(set(newest.values())) > 1)
