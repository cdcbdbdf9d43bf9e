"""What ends is started again, after pauses that grow, and says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from omnigov.commands import serve
from omnigov.supervision import restarting
from omnigov.supervision.restarting import Ended, Restarted, start, told, why

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
ENDS = [sys.executable, "-c", "raise SystemExit(3)"]


def until(true: Callable[[], bool], within: float = 20) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "It did not come true in time."
        time.sleep(0.02)


def test_pauses_grow_while_it_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarting, "PAUSES", (0.0, 0.1, 0.2))
    kept = Restarted("test", lambda: start(ENDS))
    ended: list[Ended] = []

    def look() -> bool:
        found = kept.look()
        if found:
            ended.append(found)
        return len(ended) == 4

    until(look)
    assert [each.code for each in ended] == [3, 3, 3, 3]
    assert [each.pause for each in ended] == [0.0, 0.1, 0.2, 0.2]


def test_what_ran_for_long_comes_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarting, "CALM", 0.0)
    monkeypatch.setattr(restarting, "PAUSES", (0.0, 99.0))
    kept = Restarted("test", lambda: start(ENDS))
    until(lambda: kept.look() is None and kept.starts == 3)
    kept.end(5)


def test_what_said_that_it_is_unfit_pauses_however_long_it_lived(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that finds after minutes, each time, that its GPU does not answer."""
    monkeypatch.setattr(restarting, "CALM", 0.0)
    monkeypatch.setattr(restarting, "PAUSES", (0.0, 0.1))
    kept = Restarted("test", lambda: start(ENDS))
    pauses: list[float] = []

    def look() -> bool:
        kept.unfit = kept.process is not None
        if ended := kept.look():
            pauses.append(ended.pause)
        return len(pauses) == 3

    until(look)
    assert pauses == [0.0, 0.1, 0.1]


def test_what_can_not_be_started_for_now_is_tried_again_and_ends_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(restarting, "PAUSES", (0.0,))
    tried: list[int] = []

    def make() -> subprocess.Popen[bytes]:
        tried.append(1)
        if len(tried) == 1:
            raise BlockingIOError(11, "No more processes")
        return start(SLEEPS)

    kept = Restarted("test", make)
    ended = kept.look()
    assert ended is not None
    assert told("worker", ended) == (
        "The worker could not be started ([Errno 11] No more processes). It is tried again now."
    )
    until(lambda: kept.look() is None and kept.process is not None)
    kept.end(5)


def test_it_says_how_a_process_ended_and_when_it_comes_again() -> None:
    assert why(-9) == "was ended by SIGKILL"
    assert why(3) == "ended with code 3"
    assert told("worker", Ended(-9, 5.0, 2.0)) == (
        "The worker was ended by SIGKILL. It is started again in 2 s."
    )
    assert "because it must" in told("worker", Ended(3, 5.0, 0.0), "because it must.")


def test_a_child_dies_with_its_parent_however_that_dies(tmp_path: Path) -> None:
    file = tmp_path / "child"
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path\n"
            "from omnigov.supervision.restarting import start\n"
            f"child = start([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            f"Path({str(file)!r}).write_text(str(child.pid)); time.sleep(60)",
        ]
    )
    until(lambda: file.exists() and bool(file.read_text()))
    child = int(file.read_text())
    parent.kill()
    parent.wait()

    def gone() -> bool:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{child}/stat").read_text().split()[2] == "Z"

    until(gone)


def test_serve_starts_its_worker_again_and_the_web_server_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    web = Restarted("web server", lambda: start(SLEEPS))
    worker = Restarted("worker", lambda: start(SLEEPS))
    killed: list[int] = []

    def sleep(_: float) -> None:
        """One round after the other: the worker is killed once, and looked at until it is there again."""
        if worker.process is not None and not killed:
            killed.append(worker.process.pid)
            os.kill(worker.process.pid, signal.SIGKILL)
            worker.process.wait()
        elif worker.starts == 2 and worker.process is not None:
            raise KeyboardInterrupt

    try:
        with monkeypatch.context() as rounds:
            rounds.setattr(serve.time, "sleep", sleep)
            with pytest.raises(KeyboardInterrupt):
                serve._keep_up([web, worker])
        assert web.starts == 1
        assert web.process is not None
        assert web.process.poll() is None
        assert worker.process is not None
        assert worker.process.pid not in killed
        assert "The worker was ended by SIGKILL. It is started again now." in capsys.readouterr().err
    finally:
        web.end(5)
        worker.end(5)


def test_a_web_server_that_can_not_be_started_at_all_ends_serve(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve._keep_up([Restarted("web server", lambda: start(ENDS))]) == 1
    assert "did not start (code 3)" in capsys.readouterr().err
