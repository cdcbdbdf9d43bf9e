"""A worker that can't work, one that hangs and one that leaves: no run ends by it, and the house goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from omnigov.decisions.models import LiveWorker, Run, RunState
from tests.conftest import Cast
from tests.faults.test_killed_worker import assert_each_recorded_once, hand_in, states
from tests.processes import Process, until, working
from workers import weights

pytestmark = [pytest.mark.long, pytest.mark.services, pytest.mark.timeout(300)]


def child(parent: int, queue: str) -> int | None:
    """The process id of a worker's child for this queue."""
    for each in psutil.Process(parent).children():
        if queue in each.cmdline():
            return each.pid
    return None


@pytest.fixture
def spoiled_models(tmp_path: Path) -> Path:
    """The model files, but one of a detector differs by a byte."""
    real = weights.folder()
    spoiled = weights.path("centerface").relative_to(real)
    for file in real.rglob("*"):
        there = tmp_path / file.relative_to(real)
        there.parent.mkdir(parents=True, exist_ok=True)
        if file.is_file() and file.relative_to(real) != spoiled:
            there.symlink_to(file)
    content = bytearray((real / spoiled).read_bytes())
    content[-1] ^= 1
    (tmp_path / spoiled).write_bytes(bytes(content))
    return tmp_path


def test_a_worker_whose_weights_differ_ends_no_run_and_says_why(
    committed_cast: Cast, spoiled_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = hand_in(committed_cast, 3)
    monkeypatch.setenv("OMNIGOV_MODELS_DIR", str(spoiled_models))
    with working("cpu") as worker:
        until(
            lambda: LiveWorker.objects.filter(queue="cpu", trouble__contains="digest").exists(),
            within=120,
            worker=worker,
        )
        time.sleep(5)
        assert worker.process.poll() is None
        assert "It is started again" in worker.log
    found = Run.objects.filter(pk__in=[run.pk for run in runs])
    assert set(found.values_list("attempt", "failure_code", "lease_token")) == {(0, "", None)}
    monkeypatch.delenv("OMNIGOV_MODELS_DIR")
    with working() as worker:
        until(lambda: states(runs) == [RunState.RECORDED] * 3, within=240, worker=worker)
    assert_each_recorded_once(runs)


def test_a_hanging_child_is_ended_and_its_run_is_done_by_the_next(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIGOV_PATIENCE", "0.05")
    runs = hand_in(committed_cast, 2)
    with working() as worker:
        until(lambda: RunState.REDACTING in states(runs), within=120, worker=worker, every=0.01)
        hanging = child(worker.process.pid, "cpu")
        assert hanging is not None
        os.kill(hanging, signal.SIGSTOP)
        until(lambda: "made no progress" in worker.log, within=60, worker=worker)
        monkeypatch.delenv("OMNIGOV_PATIENCE")
        until(lambda: states(runs) == [RunState.RECORDED] * 2, within=240, worker=worker)
        assert not psutil.pid_exists(hanging)
    assert_each_recorded_once(runs)


def test_a_worker_that_is_asked_to_leave_finishes_or_gives_back(committed_cast: Cast) -> None:
    runs = hand_in(committed_cast, 3)
    with working() as worker:
        until(lambda: RunState.REDACTING in states(runs), within=120, worker=worker, every=0.01)
        worker.process.terminate()
        assert worker.process.wait(60) is not None
    found = Run.objects.filter(pk__in=[run.pk for run in runs])
    assert not found.filter(lease_token__isnull=False).exists()
    assert not found.filter(attempt__gt=0).exists()
    with working() as worker:
        until(lambda: states(runs) == [RunState.RECORDED] * 3, within=240, worker=worker)
    assert_each_recorded_once(runs)


def test_serve_goes_on_when_its_worker_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("OMNIGOV_VAR", str(tmp_path))
    monkeypatch.setenv("OMNIGOV_MODELS_DIR", str(weights.folder()))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = Process([sys.executable, "-m", "omnigov.cli", "serve", "--port", str(port)])

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def worker() -> int | None:
        for each in psutil.Process(serve.process.pid).children():
            with contextlib.suppress(psutil.Error):  # one that was killed and not yet looked at
                if "worker" in each.cmdline():
                    return each.pid
        return None

    try:
        until(lambda: answers() and worker() is not None, within=120)
        first = worker()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: worker() not in {None, first}, within=30)
        assert answers()
        assert "The worker was ended by SIGKILL. It is started again now." in serve.log
        serve.process.terminate()
        assert serve.process.wait(90) is not None
        assert not answers()
    finally:
        serve.stop()
