"""Tables beside the record. The changes here are those of somebody with the application's own rights."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from omnigov.decisions.comparison import compare as compare_decisions
from omnigov.decisions.models import Decision, Run, RunState
from omnigov.intake.models import Submission
from omnigov.ledger.check import CheckReport
from omnigov.review.comparison import compare as compare_reviews
from omnigov.review.models import Review
from omnigov.review.services import review_add
from tests.conftest import Cast
from tests.omnigov import recorded


def problems(run: Run) -> list[str]:
    """What is said of this run; other tests have left theirs."""
    report = CheckReport(started_at=datetime.now(UTC))
    compare_decisions(report)
    compare_reviews(report)
    assert {problem.check for problem in report.problems} <= {"tables"}
    return [each.detail for each in report.problems if str(run.pk) in each.detail]


@pytest.fixture
def decision(cast: Cast) -> Decision:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    found = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")
    review_add(
        decision_id=found.id,
        officer=people.officer,
        verdict="overturn",
        label="animal",
        reason="It is a cat.",
    )
    return found


def test_what_was_not_touched_agrees(decision: Decision) -> None:
    assert problems(decision.run) == []


@pytest.mark.parametrize("change", [{"uploaded_by": "second_officer"}, {"uploader_assumed": True}])
def test_another_uploader_is_named(decision: Decision, cast: Any, change: dict[str, Any]) -> None:
    """Whoever is set down for another's file could have four eyes look away."""
    fields = {name: getattr(cast, each) if isinstance(each, str) else each for name, each in change.items()}
    Submission.objects.filter(pk=decision.run.submission_id).update(**fields)
    (detail,) = problems(decision.run)
    assert detail == f"the file of run {decision.run_id} has another uploader than its entry names"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"label": "animal"}, "label"),
        ({"confidence": 999_999}, "confidence"),
        ({"abstained": True}, "abstained"),
        ({"label": "animal", "confidence": 1}, "label, confidence"),
    ],
)
def test_a_changed_decision_is_named(decision: Decision, change: dict[str, Any], named: str) -> None:
    Decision.objects.filter(pk=decision.pk).update(**change)
    (detail,) = problems(decision.run)
    assert detail.endswith(f"says something else than its entry: {named}")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"verdict": "uphold", "label": ""}, "verdict, right_label"),
        ({"label": "plant"}, "right_label"),
        ({"officer": "second_officer"}, "reviewer"),
    ],
)
def test_a_changed_verdict_is_named(
    cast: Cast, decision: Decision, change: dict[str, Any], named: str
) -> None:
    if "officer" in change:
        change = {"officer": getattr(cast, change["officer"])}
    Review.objects.filter(decision=decision).update(**change)
    detail = problems(decision.run)[0]
    assert detail == f"a verdict on run {decision.run_id} says something else than its entry: {named}"


def test_a_changed_outcome_is_named(decision: Decision) -> None:
    Decision.objects.filter(pk=decision.pk).update(outcome="plant")
    (detail,) = problems(decision.run)
    assert detail == f"the outcome of run {decision.run_id} does not follow from the verdicts on it"


def test_an_entry_that_is_gone_is_missed(decision: Decision) -> None:
    Decision.objects.filter(pk=decision.pk).update(entry=uuid.uuid4())
    assert problems(decision.run) == [
        f"the decision of run {decision.run_id} names an entry that is not on the record"
    ]


def test_another_run_s_entry_does_not_pass(decision: Decision) -> None:
    Review.objects.filter(decision=decision).update(entry=decision.entry)
    (detail,) = problems(decision.run)
    assert detail.endswith("verdict, right_label, reviewer, kind")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RunState.QUARANTINED, "no entry says so"),
        (RunState.FAILED, "no entry says so"),
        (RunState.RECORDED, "has no decision"),
    ],
)
def test_a_run_that_ended_without_an_entry_is_named(cast: Cast, state: str, said: str) -> None:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    run = recorded.run_of(batch.submissions.get())
    assert problems(run) == []
    Run.objects.filter(pk=run.pk).update(state=state)
    (detail,) = problems(run)
    assert said in detail


def test_a_run_that_stopped_in_order_agrees(cast: Cast) -> None:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    run = recorded.run_of(batch.submissions.get())
    recorded.stop(run, quarantine=True)
    assert problems(run) == []
