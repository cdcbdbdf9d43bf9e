"""The label that holds, from the model's and the verdicts on it."""

from __future__ import annotations

import pytest

from omnigov.decisions.outcome import outcome_of

UPHOLD, ESCALATE = ("uphold", ""), ("escalate", "")
PLANT, MONEY = ("overturn", "plant"), ("overturn", "money")


@pytest.mark.parametrize(
    ("abstained", "verdicts", "outcome"),
    [
        (False, [], "animal"),
        (True, [], ""),
        (True, [ESCALATE], ""),
        (True, [UPHOLD], "animal"),
        (True, [PLANT], "plant"),
        (False, [PLANT], "plant"),
        (False, [ESCALATE, PLANT], "plant"),
        (False, [PLANT, ESCALATE], "plant"),
        (False, [PLANT, MONEY], "money"),
        (False, [PLANT, UPHOLD], "animal"),
    ],
)
def test_the_newest_verdict_that_decides_holds(
    abstained: bool, verdicts: list[tuple[str, str]], outcome: str
) -> None:
    assert outcome_of("animal", abstained=abstained, verdicts=verdicts) == outcome
