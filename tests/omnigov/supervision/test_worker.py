"""A worker's parent with real child processes that do nothing but talk, on real rows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from omnigov.decisions import leases, live_workers
from omnigov.decisions.leases import Claim
from omnigov.decisions.models import LiveWorker, Run, RunState
from omnigov.supervision import restarting, worker
from omnigov.supervision.worker import Parent
from tests.conftest import Cast
from tests.omnigov.decisions.test_leases import make_runs

pytestmark = pytest.mark.services

BEGIN = """
import os, signal, sys, time, uuid
from types import SimpleNamespace
from omnigov.supervision.line import Line
line = Line()
line.connect(int(sys.argv[1]))
claims = [SimpleNamespace(run_id=uuid.UUID(run), token=uuid.UUID(token), attempt=1)
          for run, _, token in (each.partition('/') for each in sys.argv[2:])]
line.ready({'digest'})
line.hold(claims)
"""
IDLE = "\ntime.sleep(60)\n"


@pytest.fixture(autouse=True)
def alone(committed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(restarting, "PAUSES", (60.0,))
    waiting = [state for states in leases.STATES.values() for state in states]
    Run.objects.filter(state__in=waiting).update(state=RunState.CANCELLED)
    yield
    Run.objects.filter(state__in=waiting).update(state=RunState.CANCELLED, lease_token=None, lease_until=None)
    LiveWorker.objects.all().delete()


def held(cast: Cast, count: int) -> tuple[list[Run], list[Claim]]:
    runs = make_runs(cast, count, state=RunState.INFERRING)
    return runs, leases.runs_claim(step="decide", worker="child", limit=count)


@pytest.fixture
def parents() -> Iterator[Callable[[str, list[Claim]], Parent]]:
    """Parents of a child that runs this script and holds these claims."""
    made: list[Parent] = []

    def make(script: str, claims: list[Claim]) -> Parent:
        holds = [f"{claim.run_id}/{claim.token}" for claim in claims]
        parent = Parent(
            ["gpu"], command=lambda _, line: [sys.executable, "-c", BEGIN + script, str(line), *holds]
        )
        made.append(parent)
        return parent

    yield make
    for parent in made:
        for child in parent.children:
            child.kept.end(5)
            child.hang_up()


def looked(parent: Parent, true: Callable[[], bool], within: float = 20) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "It did not come true in time."
        parent.look()


def states(runs: list[Run]) -> list[tuple[int, bool, bool]]:
    """Of each run its attempts, whether it is suspect, and whether somebody holds it."""
    found = Run.objects.filter(pk__in=[run.pk for run in runs]).order_by("created_at")
    return [(run.attempt, run.suspect, run.lease_token is not None) for run in found]


def test_what_a_busy_child_holds_stays_its_own(committed_cast: Cast, parents: Any) -> None:
    """The child says nothing and computes; its leases would be over long ago."""
    runs, claims = held(committed_cast, 2)
    parent = parents("line.work_on(claims[:1], 60)\nwhile True: pass\n", claims)
    looked(parent, lambda: len(parent.children[0].watch.held) == 2)
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(lease_until=Now() - timedelta(seconds=1))
    parent.beat()
    assert leases.runs_claim(step="decide", worker="other", limit=2) == []
    assert LiveWorker.objects.get(queue="gpu").holds == ["digest"]


def test_a_child_that_makes_no_progress_is_killed_and_only_its_run_is_charged(
    committed_cast: Cast, parents: Any
) -> None:
    runs, claims = held(committed_cast, 3)
    parent = parents("line.work_on(claims[1:2], 0.5)" + IDLE, claims)
    looked(parent, lambda: states(runs) == [(0, False, False), (1, True, False), (0, False, False)])
    suspect = Run.objects.get(pk=runs[1].pk)
    assert suspect.trouble_code == leases.HUNG
    assert suspect.not_before is not None


def test_a_child_that_does_not_get_ready_is_killed_and_says_so(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOADING", 0.5)
    parent = Parent(["gpu"], command=lambda *_: [sys.executable, "-c", "import time" + IDLE])
    looked(parent, lambda: parent.children[0].kept.starts == 1 and parent.children[0].kept.process is None)
    parent.beat()
    (told,) = live_workers.workers_in_trouble()
    assert "not ready" in told.trouble


def test_a_child_that_gets_on_slowly_is_left_alone(committed_cast: Cast, parents: Any) -> None:
    _, claims = held(committed_cast, 1)
    script = (
        "line.work_on(claims, 1.0)\nfor _ in range(8):\n    time.sleep(0.5); line.get_on()\nsys.exit(0)\n"
    )
    parent = parents(script, claims)
    began = time.monotonic()
    looked(parent, lambda: parent.children[0].kept.starts == 1 and parent.children[0].kept.process is None)
    assert time.monotonic() - began > 3
    assert not parent.children[0].hung


def test_a_child_that_dies_beside_others_charges_none_of_them(committed_cast: Cast, parents: Any) -> None:
    runs, claims = held(committed_cast, 3)
    parent = parents("line.work_on(claims[:2], 60)\nos.kill(os.getpid(), signal.SIGKILL)\n", claims)
    looked(parent, lambda: states(runs) == [(0, True, False), (0, True, False), (0, False, False)])


def test_an_unfit_child_says_why_and_gives_back_what_it_holds(
    committed_cast: Cast, parents: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, claims = held(committed_cast, 1)
    parent = parents("line.unfit('The detector is missing.')\nsys.exit(3)\n", claims)
    looked(parent, lambda: states(runs) == [(0, False, False)])
    assert "The detector is missing." in capsys.readouterr().err
    parent.beat()
    (worker,) = live_workers.workers_in_trouble()
    assert worker.trouble == "The detector is missing."


def test_where_the_database_is_away_it_is_given_back_later(
    committed_cast: Cast, parents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, claims = held(committed_cast, 1)
    parent = parents("os.kill(os.getpid(), signal.SIGKILL)\n", claims)
    release, tried = leases.lease_release, []

    def away(claim: Claim, **more: str) -> None:
        tried.append(claim)
        if len(tried) == 1:
            raise OperationalError("gone")
        release(claim, **more)

    monkeypatch.setattr(leases, "lease_release", away)
    looked(parent, lambda: states(runs) == [(0, False, False)])
    assert len(tried) == 2


def test_one_that_can_not_be_given_back_keeps_no_other_waiting(
    committed_cast: Cast, parents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, claims = held(committed_cast, 2)
    parent = parents("os.kill(os.getpid(), signal.SIGKILL)\n", claims)
    release = leases.lease_release

    def refused(claim: Claim, **more: str) -> None:
        if claim == claims[0]:
            raise ValueError("its entry can't be written")
        release(claim, **more)

    monkeypatch.setattr(leases, "lease_release", refused)
    looked(parent, lambda: states(runs) == [(1, False, True), (0, False, False)])
    parent.beat()
    assert LiveWorker.objects.exists()


def test_asked_to_leave_the_heartbeat_ends_after_the_work(
    committed_cast: Cast, parents: Any, settings: Any
) -> None:
    """The child needs longer than a lease for its last step; it keeps its run until it is done."""
    settings.OMNIGOV_LEAVE_SECONDS = 20
    runs, claims = held(committed_cast, 1)
    script = (
        "line.work_on(claims, 60)\nsignal.signal(signal.SIGTERM, lambda *_: (time.sleep(5), os._exit(0)))"
    )
    parent = parents(script + IDLE, claims)
    looked(parent, lambda: bool(parent.children[0].watch.working))
    taken: list[Claim] = []
    beat = parent.beat

    def beat_and_see() -> None:
        beat()
        taken.extend(leases.runs_claim(step="decide", worker="other"))

    Run.objects.filter(pk=runs[0].pk).update(lease_until=Now() + timedelta(seconds=1))
    parent.beat = beat_and_see  # type: ignore[method-assign]
    parent._beaten = 0.0
    began = time.monotonic()
    parent._leave()
    assert time.monotonic() - began > 4
    assert [claim.run_id for claim in taken] == [runs[0].pk], "given back at the very end, and not before"
    assert taken[0].attempt == 1
    assert not LiveWorker.objects.filter(queue="gpu").exists()


def test_a_child_that_does_not_leave_in_time_is_ended_and_its_run_given_back(
    committed_cast: Cast, parents: Any, settings: Any
) -> None:
    settings.OMNIGOV_LEAVE_SECONDS = 1
    runs, claims = held(committed_cast, 1)
    parent = parents("line.work_on(claims, 60)\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)" + IDLE, claims)
    looked(parent, lambda: bool(parent.children[0].watch.working))
    parent._leave()
    assert states(runs) == [(0, False, False)]
