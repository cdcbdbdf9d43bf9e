"""The label that holds, from the model's and the verdicts on it."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from omnigov.decisions.outcome import outcome_of
from omnigov.decisions.progress import batch_rows
from omnigov.review.services import review_add
from tests.omnigov import recorded

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


def test_terminal_and_json_show_the_outcome_and_the_model_s_answer(cast: Any) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png("teal")))
    decision = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)))
    (row,) = batch_rows(batch)
    assert (row.as_json()["label"], row.as_json()["outcome"], row.as_text()[2]) == ("animal",) * 3
    review_add(
        decision_id=decision.id, officer=cast.officer, verdict="overturn", label="plant", reason="A fern."
    )
    (row,) = batch_rows(batch)
    assert (row.as_json()["label"], row.as_json()["outcome"]) == ("animal", "plant")
    assert row.as_text()[2] == "plant (model: animal)"
