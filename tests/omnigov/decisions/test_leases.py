"""Claims and leases: one holder at a time, whatever is delivered, lost or doubled."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.models.functions import Now

from omnigov.decisions import leases
from omnigov.decisions.models import Run, RunState
from omnigov.intake.models import Batch, MediaAsset, Submission
from omnigov.registry.queries import current_model
from tests.conftest import Cast


def make_runs(cast: Cast, count: int, **fields: object) -> list[Run]:
    """Runs of files that are only rows: enough for whoever does not open them."""
    batch = Batch.objects.create(
        workspace=cast.workspace, policy_version=cast.policy_version, name="rows", created_by=cast.operator
    )
    runs = []
    for number in range(count):
        asset = MediaAsset.objects.create(
            workspace=cast.workspace,
            media_type="image/png",
            size=1,
            width=1,
            height=1,
            keyed_digest=uuid.uuid4().hex * 2,
            commitment="0" * 64,
        )
        submission = Submission.objects.create(
            batch=batch,
            uploaded_by=cast.operator,
            name=f"{number}.png",
            state="accepted",
            length=1,
            offset=1,
            asset=asset,
        )
        runs.append(
            Run.objects.create(
                workspace=cast.workspace,
                submission=submission,
                asset=asset,
                policy_version=cast.policy_version,
                model_version=current_model(cast.policy_version.spec.stage),
                **fields,
            )
        )
    return runs


@pytest.fixture(autouse=True)
def others_out_of_the_way(request: pytest.FixtureRequest) -> None:
    """Claims are of the whole house: runs that other tests left waiting would be taken too."""
    request.getfixturevalue("committed" if "committed_cast" in request.fixturenames else "db")
    Run.objects.filter(state__in=[state for states in leases.STATES.values() for state in states]).update(
        state=RunState.CANCELLED
    )


def expire(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_claimed_run_is_not_claimed_again(cast: Cast) -> None:
    make_runs(cast, 1)
    assert len(leases.runs_claim(step="redact", worker="a")) == 1
    assert leases.runs_claim(step="redact", worker="b") == []


def test_an_expired_lease_is_taken_over_and_the_first_holder_can_write_no_more(cast: Cast) -> None:
    (run,) = make_runs(cast, 1)
    (first,) = leases.runs_claim(step="redact", worker="a")
    expire(run)
    (second,) = leases.runs_claim(step="redact", worker="b")
    assert second.attempt == 2
    with pytest.raises(leases.LeaseLost):
        leases.claimed(first)
    assert leases.claimed(second).pk == run.pk


def test_the_heartbeat_keeps_a_claim(cast: Cast) -> None:
    (run,) = make_runs(cast, 1)
    claims = leases.runs_claim(step="redact", worker="a")
    expire(run)
    leases.leases_extend(claims)
    assert leases.runs_claim(step="redact", worker="b") == []


def test_the_heartbeat_waits_for_no_row_that_a_hanging_child_has_locked(committed_cast: Cast) -> None:
    runs = make_runs(committed_cast, 2)
    claims = leases.runs_claim(step="redact", worker="a", limit=2)
    expire(runs[1])
    locked, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        with transaction.atomic():
            leases.claimed(claims[0])
            locked.set()
            go_on.wait(30)
        connection.close()

    thread = threading.Thread(target=hang)
    thread.start()
    assert locked.wait(10)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
            leases.leases_extend(claims)
    finally:
        go_on.set()
        thread.join()
    assert Run.objects.filter(pk=runs[1].pk, lease_until__gt=Now()).exists()


def test_the_heartbeat_of_a_lost_claim_takes_nothing_back(cast: Cast) -> None:
    (run,) = make_runs(cast, 1)
    first = leases.runs_claim(step="redact", worker="a")
    expire(run)
    (second,) = leases.runs_claim(step="redact", worker="b")
    leases.leases_extend(first)
    run.refresh_from_db()
    assert run.lease_token == second.token


def test_a_batch_is_claimed_oldest_first_and_up_to_its_limit(cast: Cast) -> None:
    runs = make_runs(cast, 5, state=RunState.INFERRING)
    claims = leases.runs_claim(step="decide", worker="a", limit=3)
    assert [claim.run_id for claim in claims] == [run.pk for run in runs[:3]]


def test_a_run_that_was_claimed_before_is_taken_alone(cast: Cast) -> None:
    """What may have killed its worker must not take a whole batch with it again."""
    suspect, *fresh = make_runs(cast, 3, state=RunState.INFERRING)
    Run.objects.filter(pk=suspect.pk).update(attempt=1)
    assert [claim.run_id for claim in leases.runs_claim(step="decide", worker="a", limit=4)] == [suspect.pk]
    taken = leases.runs_claim(step="decide", worker="a", limit=4)
    assert [claim.run_id for claim in taken] == [run.pk for run in fresh]


def test_a_released_claim_counts_as_no_attempt(cast: Cast) -> None:
    (run,) = make_runs(cast, 1)
    (claim,) = leases.runs_claim(step="redact", worker="a")
    leases.lease_release(claim)
    run.refresh_from_db()
    assert (run.attempt, run.lease_token) == (0, None)


def test_a_run_over_which_a_worker_was_not_fit_keeps_no_other_waiting(cast: Cast) -> None:
    """However long that worker took to come back: its pause is over by then."""
    first, second = make_runs(cast, 2)
    (claim,) = leases.runs_claim(step="redact", worker="a")
    assert claim.run_id == first.pk
    leases.lease_release(claim, code=leases.UNFIT, sentence="The GPU does not answer any more.")
    Run.objects.update(not_before=None)
    taken = [leases.runs_claim(step="redact", worker="b")[0].run_id for _ in range(2)]
    assert taken == [second.pk, first.pk]


def test_what_waits_is_due(cast: Cast) -> None:
    assert leases.tasks_due() == []
    make_runs(cast, 1)
    make_runs(cast, 1, state=RunState.ATTRIBUTING)
    assert leases.tasks_due() == ["workers.redact", "workers.decide"]


def test_the_database_refuses_half_a_lease(cast: Cast) -> None:
    (run,) = make_runs(cast, 1)
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="a_lease_is_whole"):
        Run.objects.filter(pk=run.pk).update(lease_token=uuid.uuid4())


@pytest.mark.services
def test_many_workers_at_once_take_each_run_once(committed_cast: Cast) -> None:
    """Eight threads with a connection each: no run is taken twice, none is left."""
    runs = make_runs(committed_cast, 40)
    taken: list[uuid.UUID] = []

    def work() -> None:
        while claims := leases.runs_claim(step="redact", worker="t", limit=3):
            taken.extend(claim.run_id for claim in claims)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = {run.pk for run in runs}
    assert sorted(pk for pk in taken if pk in wanted) == sorted(wanted)
    Run.objects.filter(pk__in=wanted).update(state=RunState.CANCELLED, lease_token=None, lease_until=None)
    connections.close_all()


def test_of_several_that_were_at_work_none_is_charged_and_each_is_taken_alone(cast: Cast) -> None:
    runs = make_runs(cast, 3, state=RunState.INFERRING)
    claims = leases.runs_claim(step="decide", worker="a", limit=2)
    for claim in claims:
        leases.lease_suspect(claim, alone=False, code=leases.DIED, sentence="The worker died.")
    Run.objects.update(not_before=None)
    assert list(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("attempt", flat=True)) == [
        0,
        0,
        0,
    ]
    assert [claim.run_id for claim in leases.runs_claim(step="decide", worker="a", limit=3)] == [runs[0].pk]


def test_what_was_alone_at_work_is_charged_and_comes_after_others(cast: Cast) -> None:
    suspect, other = make_runs(cast, 2)
    (claim,) = leases.runs_claim(step="redact", worker="a")
    leases.lease_suspect(claim, alone=True, code=leases.HUNG, sentence="It made no progress.")
    suspect.refresh_from_db()
    assert (suspect.attempt, suspect.lease_token, suspect.trouble_code) == (1, None, leases.HUNG)
    assert [claim.run_id for claim in leases.runs_claim(step="redact", worker="a", limit=2)] == [other.pk]
