"""Thorough explanations are computed while no run waits, give way to one, and end or wait again."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from omnigov.contracts import DeepAttribution
from omnigov.decisions import deep, leases
from omnigov.decisions.models import Decision, DeepExplanation, DeepState, Run, RunState
from omnigov.erasure.services import asset_erase
from tests.conftest import Cast
from tests.omnigov import recorded
from workers import pipeline
from workers.running.deepening import deepen
from workers.running.process import process

pytestmark = pytest.mark.services


@pytest.fixture
def decision(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Decision:
    # Other tests leave runs that wait in their own workspaces, and a worker may have said what it holds.
    monkeypatch.setattr(process, "models", None)
    waiting = [state for states in leases.STATES.values() for state in states]
    monkeypatch.setattr(
        leases,
        "under_way",
        lambda: Run.objects.filter(workspace=cast.workspace, state__in=waiting).exists(),
    )
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png()))
    decision = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)))
    deep.deep_request(decision=decision, by=people.officer)
    return decision


def test_what_was_asked_for_is_recorded(decision: Decision, monkeypatch: pytest.MonkeyPatch) -> None:
    def examined(
        order: Any, medium: Any, inference: Any, hook: Any, redaction: Any, _: Any
    ) -> DeepAttribution:
        assert medium.pages[0].size == (64, 48)
        assert redaction is not None
        hook("attribute", progress=0.5)
        return recorded.thorough(inference.label)

    monkeypatch.setattr(pipeline, "examine", examined)
    assert deepen()
    assert DeepExplanation.objects.get(decision=decision).state == DeepState.DONE
    assert not deepen(), "nothing else waits"


def test_a_run_that_comes_in_goes_first(decision: Decision, monkeypatch: pytest.MonkeyPatch) -> None:
    def examined(*given: Any) -> DeepAttribution:
        Run.objects.update(state=RunState.INFERRING)
        given[3]("attribute", progress=0.5)
        raise AssertionError("the run was not heard of")

    monkeypatch.setattr(pipeline, "examine", examined)
    assert deepen()
    row = DeepExplanation.objects.get(decision=decision)
    assert (row.state, row.token, row.attempt) == (DeepState.WAITING, None, 0)
    assert not deepen(), "a run is under way"


def test_what_fails_says_so_and_the_decision_stands(
    decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    def examined(*given: Any) -> DeepAttribution:
        raise ValueError("no gradient")

    monkeypatch.setattr(pipeline, "examine", examined)
    assert deepen()
    row = DeepExplanation.objects.get(decision=decision)
    assert (row.state, row.entry is not None) == (DeepState.FAILED, True)
    assert "ValueError" in row.failure_sentence


def test_an_erasure_meanwhile_leaves_nothing(decision: Decision, monkeypatch: pytest.MonkeyPatch) -> None:
    def examined(*given: Any) -> DeepAttribution:
        asset_erase(asset_id=decision.run.asset_id)
        return recorded.thorough()

    monkeypatch.setattr(pipeline, "examine", examined)
    assert deepen()
    assert not DeepExplanation.objects.filter(decision=decision).exists()
