"""A worker dies while it checks a file, or makes the view of an original: another one does it, once."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from omnigov.contracts import Limits
from omnigov.decisions.models import Run, RunState
from omnigov.decisions.uploads import file_submit
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import EvidencePart, Name
from omnigov.intake.models import OriginalView
from omnigov.intake.originals import original_open, view_open
from omnigov.intake.services import batch_create
from omnigov.ledger.models import LedgerEntry
from tests.conftest import Cast
from tests.faults.test_killed_worker import assert_each_recorded_once, states
from tests.faults.test_one_victim import child
from tests.processes import SAMPLES, Worker, until, working

pytestmark = [pytest.mark.long, pytest.mark.services, pytest.mark.timeout(600)]

COMMENT = b"\xff\xfe\xff\xff" + bytes(65_533)


def large() -> bytes:
    """A picture that takes seconds to check: nearly all that a file may have is comments."""
    picture = (SAMPLES / "cat.jpg").read_bytes()
    room = Limits().max_bytes - len(picture)
    return picture[:2] + COMMENT * (room // len(COMMENT)) + picture[2:]


def hand_in(cast: Cast) -> Run:
    people: Any = cast
    batch = batch_create(policy_version=people.policy_version, name="checks", by=people.operator)
    return file_submit(batch=batch, name="large.jpg", content=large(), by=people.operator).runs.get()


def being_checked(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, state=RunState.CHECKING, lease_token__isnull=False).exists()


def assert_checked_once(run: Run) -> None:
    queued = LedgerEntry.objects.filter(subject=run.pk, kind="run_queued")
    assert queued.count() == 1
    assert_each_recorded_once([run])


def test_killed_while_it_checks_another_worker_checks(committed_cast: Cast) -> None:
    run = hand_in(committed_cast)
    with working("cpu") as doomed:
        until(lambda: being_checked(run), within=120, worker=doomed, every=0.005)
        doomed.kill()
    assert states([run]) == [RunState.CHECKING]
    with working() as worker:
        until(lambda: states([run]) == [RunState.RECORDED], within=240, worker=worker)
    assert_checked_once(run)


def test_a_child_that_is_killed_while_it_checks_is_started_again(committed_cast: Cast) -> None:
    run = hand_in(committed_cast)
    with working() as worker:
        until(lambda: being_checked(run), within=120, worker=worker, every=0.005)
        killed = child(worker.process.pid, "cpu")
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        until(lambda: states([run]) == [RunState.RECORDED], within=240, worker=worker)
    assert_checked_once(run)


@pytest.mark.parametrize("whole", [True, False], ids=["parent", "child"])
def test_killed_while_it_makes_a_view_another_one_makes_it(committed_cast: Cast, whole: bool) -> None:
    people: Any = committed_cast
    run = hand_in(committed_cast)
    with working("cpu") as worker:
        until(lambda: states([run]) != [RunState.CHECKING], within=240, worker=worker)
    run.refresh_from_db()
    original_open(asset_id=run.asset_id, reason="It is a test.", by=people.officer)
    view = OriginalView.objects.get(asset=run.asset_id)

    def begun() -> bool:
        return OriginalView.objects.filter(pk=view.pk, tries=1, made_at__isnull=True).exists()

    def made() -> bool:
        return OriginalView.objects.filter(pk=view.pk, made_at__isnull=False).exists()

    def kill(doomed: Worker) -> None:
        until(begun, within=240, worker=doomed, every=0.002)
        number = doomed.process.pid if whole else child(doomed.process.pid, "cpu")
        assert number is not None
        os.kill(number, signal.SIGKILL)

    with working("cpu") as doomed:
        kill(doomed)
        if whole:
            doomed.process.wait()
            assert not made(), "it was killed too late to tell anything"
        else:
            until(made, within=240, worker=doomed)
    if whole:
        with working("cpu") as next_one:
            until(made, within=240, worker=next_one)
    view.refresh_from_db()
    assert view.tries == 2
    opened, media_type = view_open(run.asset)
    assert media_type.startswith("image/")
    assert b"".join(opened.pieces(0, opened.size))
    assert EvidencePart.objects.filter(token=view.pk, name=Name.UPRIGHT).count() == 1
    assert evidence.part_open(run.asset_id, Name.UPRIGHT).digest == opened.digest
