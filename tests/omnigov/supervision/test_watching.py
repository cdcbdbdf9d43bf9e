"""What a worker's parent makes of what its child says, and of a child that says nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest

from omnigov.decisions.leases import DIED, Claim
from omnigov.supervision import line
from omnigov.supervision.line import Heard, Line
from omnigov.supervision.watching import How, Watch


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Line, Heard]]:
    """A child's line and its parent's end; the child does not end with its parent, as both are this test."""
    monkeypatch.setattr(Line, "_end_with_parent", lambda _: None)
    monkeypatch.setattr(line, "SAID_AT_MOST", 0.0)
    ours, theirs = socket.socketpair()
    said = Line()
    said.connect(theirs.detach())
    heard = Heard(ours)
    yield said, heard
    heard.close()
    assert said._socket is not None
    said._socket.close()


def claim() -> Claim:
    return Claim(uuid.uuid4(), uuid.uuid4(), 1)


def test_the_parent_knows_what_is_held_and_what_is_at_work(ends: tuple[Line, Heard]) -> None:
    said, heard = ends
    first, second = claim(), claim()
    watch = Watch()
    said.ready({"digest"})
    said.hold([first, second])
    said.work_on([first], 30)
    for message in heard.messages():
        watch.take(message)
    assert watch.ready
    assert watch.models == ("digest",)
    assert set(watch.held.values()) == {first, second}
    assert watch.working == {str(first.token)}
    said.let_go([first])
    for message in heard.messages():
        watch.take(message)
    assert set(watch.held.values()) == {second}
    assert not watch.working


def test_a_child_whose_parent_died_ends_and_blames_no_run_for_it() -> None:
    script = (
        "import socket; from omnigov.supervision.line import Line\n"
        "line = Line(); line._socket, other = socket.socketpair(); other.close()\n"
        "try: line.get_on()\n"
        "except OSError: print('an error of the work')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")


def test_half_a_word_of_a_child_that_died_is_left_out() -> None:
    ours, theirs = socket.socketpair()
    heard = Heard(ours)
    theirs.sendall(json.dumps({"say": "get_on"}).encode() + b'\n{"say": "hol')
    theirs.close()
    assert [message["say"] for message in heard.messages()] == ["get_on"]
    heard.close()


def test_a_step_that_gets_on_may_take_for_ever_and_one_that_does_not_hangs() -> None:
    clock = Clock()
    watch = Watch(clock=clock)
    held = claim()
    watch.take({"say": "hold", "claims": [[str(held.run_id), str(held.token), 1]]})
    watch.take({"say": "work_on", "tokens": [str(held.token)], "patience": 30})
    for _ in range(100):  # the pages of a long document
        clock.now += 29
        watch.take({"say": "get_on"})
        assert watch.hangs_for() == 0
    clock.now += 31
    assert watch.hangs_for() == 31


def test_a_child_without_work_does_not_hang() -> None:
    clock = Clock()
    watch = Watch(clock=clock)
    watch.take({"say": "ready", "models": []})
    clock.now += 10_000
    assert watch.hangs_for() == 0


def test_a_child_that_never_gets_ready_hangs() -> None:
    clock = Clock()
    watch = Watch(clock=clock, patience=900)
    clock.now += 899
    assert watch.hangs_for() == 0
    clock.now += 2
    assert watch.hangs_for() == 901


def test_work_that_is_no_run_hangs_too_and_rests_when_it_is_done() -> None:
    clock = Clock()
    watch = Watch(clock=clock)
    watch.take({"say": "ready", "models": []})
    watch.take({"say": "work_on", "tokens": [], "patience": 60})
    clock.now += 61
    assert watch.hangs_for() == 61
    watch.take({"say": "rest"})
    clock.now += 10_000
    assert watch.hangs_for() == 0


def test_a_child_that_was_told_unfit_has_to_leave() -> None:
    clock = Clock()
    watch = Watch(clock=clock, patience=300)
    watch.take({"say": "ready", "models": []})
    watch.take({"say": "unfit", "sentence": "The GPU is gone."})
    clock.now += 301
    assert watch.hangs_for() == 301


def settled(working: int, held: int, *, unfit: bool = False, code: str = DIED) -> list[How]:
    """What becomes of `held` runs, of which the first `working` were at work."""
    watch = Watch()
    claims = [claim() for _ in range(held)]
    watch.take({"say": "hold", "claims": [[str(c.run_id), str(c.token), 1] for c in claims]})
    watch.take({"say": "work_on", "tokens": [str(c.token) for c in claims[:working]], "patience": 30})
    if unfit:
        watch.take({"say": "unfit", "sentence": "The detector is missing."})
    return [owed.how for owed in watch.settle(code=code, sentence="It died.")]


def test_the_run_that_was_alone_at_work_is_suspect_and_those_beside_it_are_innocent() -> None:
    assert settled(1, 3) == [How.SUSPECT_ALONE, How.GIVEN_BACK, How.GIVEN_BACK]


def test_of_several_at_work_none_is_charged_and_each_is_taken_alone_next() -> None:
    assert settled(2, 3) == [How.SUSPECT, How.SUSPECT, How.GIVEN_BACK]


def test_a_child_that_was_not_fit_or_was_asked_to_leave_casts_no_suspicion() -> None:
    assert settled(1, 2, unfit=True) == [How.GIVEN_BACK, How.GIVEN_BACK]
    assert settled(1, 2, code="") == [How.GIVEN_BACK, How.GIVEN_BACK]


def test_what_the_child_could_not_give_back_itself_the_parent_owes() -> None:
    watch = Watch()
    held = claim()
    plain = [str(held.run_id), str(held.token), 1]
    watch.take({"say": "hold", "claims": [plain]})
    (owed,) = watch.take({"say": "owe", "claim": plain, "code": "moment", "sentence": "No database."})
    assert (owed.claim, owed.how, owed.sentence) == (held, How.GIVEN_BACK, "No database.")
    assert not watch.held
