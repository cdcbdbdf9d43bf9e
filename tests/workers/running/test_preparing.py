"""What a worker does ahead, and how it gathers what goes through the model together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from omnigov import celery
from omnigov.contracts import Hook, PolicySpec
from omnigov.decisions import leases
from omnigov.decisions.models import Run, RunState
from omnigov.policies import services as policies
from omnigov.policies.models import PolicyVersion
from tests.conftest import Cast
from tests.omnigov.decisions.test_leases import make_runs
from workers import pipeline
from workers.running import deciding, preparing
from workers.running.drain import Drain, StepPlan
from workers.running.process import process

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def alone(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing else waits, and nothing was prepared before."""
    Run.objects.filter(state__in=[state for states in leases.STATES.values() for state in states]).update(
        state=RunState.CANCELLED
    )
    monkeypatch.setattr(preparing, "_done", set())
    yield
    process.leaving.clear()


@pytest.fixture
def version(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> PolicyVersion:
    """The only policy there is."""
    people: Any = cast
    wanted = PolicyVersion.objects.filter(pk=people.policy_version.pk)
    monkeypatch.setattr(preparing, "newest_versions", lambda: wanted)
    return wanted.get()


def test_the_labels_of_a_published_policy_are_prepared_one_by_one(
    version: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def prepared(policy: PolicySpec, label: str, hook: Hook) -> None:
        asked.append(label)
        hook("attribute", progress=1)

    monkeypatch.setattr(pipeline, "prepare_words", prepared)
    Drain(ahead=preparing.prepare)()
    assert asked == [label.key for label in version.spec.labels]
    assert not preparing.prepare(), "once is enough"


def test_a_run_that_comes_in_is_done_first_and_then_the_label_again(
    cast: Cast, version: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def prepared(policy: PolicySpec, label: str, hook: Hook) -> None:
        if not order:
            make_runs(cast, 1, state=RunState.INFERRING)
        order.append(label)
        hook("attribute", progress=0.5)
        order.append("prepared")

    def decided(claims: list[leases.Claim]) -> None:
        order.append("decided")
        Run.objects.filter(pk__in=[claim.run_id for claim in claims]).update(state=RunState.RECORDED)

    monkeypatch.setattr(pipeline, "prepare_words", prepared)
    Drain(StepPlan("decide", 4, decided), ahead=preparing.prepare)()
    first = version.spec.labels[0].key
    assert order[:4] == [first, "decided", first, "prepared"]
    assert order.count("prepared") == len(version.spec.labels)


def test_nothing_is_prepared_while_a_run_is_under_way(cast: Cast, version: PolicyVersion) -> None:
    make_runs(cast, 1)
    assert not preparing.prepare()


def test_a_label_that_can_not_be_prepared_stops_no_worker(
    version: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no gradient")

    monkeypatch.setattr(pipeline, "prepare_words", broken)
    Drain(ahead=preparing.prepare)()
    assert not process.leaving.is_set()


def test_a_version_of_another_model_is_left_to_its_worker(
    version: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "models", frozenset({"f" * 64}))
    assert not preparing.prepare()


def test_publishing_a_policy_wakes_a_worker(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    people: Any = cast
    woken: list[str] = []
    monkeypatch.setattr(celery, "wake", lambda *tasks: woken.extend(tasks))
    spec = people.policy_version.spec.model_copy(update={"question": "Is it red?"})
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        policies.policy_publish(
            workspace=people.workspace, slug="red", name_en="Red", name_ja="赤", spec=spec, by=people.steward
        )
    assert woken == ["workers.decide"]


def test_a_decision_waits_a_little_for_those_that_are_being_redacted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_runs(cast, 1, state=RunState.INFERRING)
    looks: list[int] = []

    def leaving(_: float) -> bool:
        looks.append(leases.claimable("decide").count())
        if len(looks) == 3:
            Run.objects.filter(state=RunState.REDACTING).update(
                state=RunState.INFERRING, lease_token=None, lease_until=None
            )
        return False

    monkeypatch.setattr(process.leaving, "wait", leaving)
    deciding.gather()
    assert looks == [], "nothing is being redacted: it is taken at once"
    make_runs(cast, 1)
    (claim,) = leases.runs_claim(step="redact", worker="a")
    deciding.gather()
    assert looks == [1, 1, 1]
    Run.objects.filter(pk=claim.run_id).update(state=RunState.RECEIVED, lease_token=None, lease_until=None)
    assert len(leases.runs_claim(step="redact", worker="a")) == 1
    monkeypatch.setattr(deciding, "GATHERING", 0)
    deciding.gather()
    assert looks == [1, 1, 1], "it waits so long and no longer"
