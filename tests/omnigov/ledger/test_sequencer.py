"""The sequencer, as the application's role and in many processes, on a real PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError

from omnigov.keeper import sequencing
from omnigov.keeper.job import JobThread
from omnigov.ledger import queries, sequencer
from omnigov.ledger.check import check
from omnigov.ledger.checkpoint import Checkpoint, open_note
from omnigov.ledger.keys import log_signer
from omnigov.ledger.merkle import root, verify_consistency, verify_inclusion
from omnigov.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerTile
from omnigov.ledger.sequencer import (
    IntegrationTimeoutError,
    integrate,
    wait_integrated,
)
from omnigov.ledger.tiles import LedgerDamagedError, TileReader, tile
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services


def test_entries_get_their_places_in_the_order_of_their_appending(log: Log) -> None:
    made = log.grow(3) + log.grow(2)
    assert [queries.index_of(each) for each in made] == [0, 1, 2, 3, 4]
    assert [queries.index_of(each.id) for each in made] == [0, 1, 2, 3, 4]
    (late,) = log.append()
    assert queries.index_of(late) is None
    assert queries.index_of(uuid4()) is None
    assert [each.id for each in queries.pending()] == [late.id]
    assert queries.entry_at(3) == made[3]
    assert queries.entry_at(9) is None
    assert queries.entry(made[1].id) == made[1]
    assert integrate() == 1
    assert integrate() == 0


def test_each_batch_gets_a_checkpoint_that_is_signed(log: Log) -> None:
    made = log.grow(3)
    first = queries.latest_checkpoint()
    made += log.grow(4)
    second = queries.latest_checkpoint()
    assert first is not None
    assert second is not None
    for row, size in ((first, 3), (second, 7)):
        signed = Checkpoint.parse(open_note(row.note.encode(), [log_signer().verifier]))
        expected = root(bytes(each.leaf_hash) for each in made[:size])
        assert (signed.origin, signed.size, signed.root) == ("test.example/log", size, expected)
        assert (row.size, bytes(row.root)) == (size, expected)


@pytest.mark.parametrize(
    "batches", [[1, 1, 1], [255, 1, 1], [256, 1], pytest.param([500, 13], marks=pytest.mark.long)]
)
def test_proofs_come_from_the_tiles(log: Log, batches: list[int]) -> None:
    sizes, leaves = [], []
    for count in batches:
        leaves += [bytes(each.leaf_hash) for each in log.grow(count)]
        sizes.append(len(leaves))
    for size in sizes:
        top = root(leaves[:size])
        for index in {0, size // 2, size - 1}:
            verify_inclusion(index, size, leaves[index], queries.inclusion(index, size), top)
        for smaller in {1, sizes[0], size}:
            proof = queries.consistency(smaller, size)
            verify_consistency(smaller, size, root(leaves[:smaller]), top, proof)
    assert check().ok


def test_tiles_are_those_of_c2sp(long_log: Log) -> None:
    leaves = [bytes(each) for each in LedgerEntry.objects.values_list("leaf_hash", flat=True)]
    assert tile(0, 0, 256) == b"".join(leaves[:256])
    assert tile(0, 0, 5) == b"".join(leaves[:5])
    assert tile(0, 1, 45) == b"".join(leaves[256:])
    assert tile(0, 1, 44) == b"".join(leaves[256:300])
    assert tile(1, 0, 1) == root(leaves[:256])
    for level, index, width in [(0, 1, 46), (0, 2, 1), (1, 0, 2), (2, 0, 1), (0, 0, 0)]:
        with pytest.raises(LedgerDamagedError):
            tile(level, index, width)
    kept = set(LedgerTile.objects.values_list("level", "index", "width"))
    assert kept == {(0, 0, 256), (1, 0, 1)}


def test_a_reader_keeps_few_tiles(long_log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnigov.ledger.tiles._CACHED", 1)
    reader = TileReader(301)
    leaves = [bytes(each.leaf_hash) for each in LedgerEntry.objects.all()]
    for index in (0, 300, 256, 1):
        verify_inclusion(index, 301, leaves[index], queries.inclusion_from(reader, index), root(leaves))
        assert len(reader._tiles) == 1


def test_a_large_backlog_is_integrated_in_batches(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "BATCH", 10)
    made = log.append(25)
    assert [integrate() for _ in range(4)] == [10, 10, 5, 0]
    assert [queries.index_of(each) for each in made] == list(range(25))
    assert check().ok


def test_an_entry_that_commits_late_is_not_lost(log: Log) -> None:
    """Its number and its transaction are older than those of entries integrated before it committed."""
    appending, may_commit = threading.Event(), threading.Event()

    def slow() -> UUID:
        try:
            with transaction.atomic():
                made = log.append()[0]
                appending.set()
                assert may_commit.wait(30)
                return made.id
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(slow)
        assert appending.wait(30)
        for _ in range(3):
            log.grow(2)
        may_commit.set()
        late = waiting.result(30)
    assert integrate() == 1
    assert queries.index_of(late) == 6
    assert check().ok


def test_after_a_move_to_another_server_nothing_is_lost(log: Log) -> None:
    """There, transaction numbers begin anew, far below those that were noted."""
    log.grow(3)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_checkpoint DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_checkpoint SET horizon = 2::bigint ^ 60")
        cursor.execute("ALTER TABLE ledger_checkpoint ENABLE ALWAYS TRIGGER rows_are_only_added")
    log.append(2)
    assert integrate() == 2
    newest = queries.latest_checkpoint()
    assert newest is not None
    assert newest.horizon < 2**50


def test_four_threads_make_one_log_without_a_gap(log: Log) -> None:
    def work(_: int) -> int:
        try:
            done = 0
            for _ in range(15):
                log.append(2)
                done += integrate()
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(work, range(4)))
    done += integrate()
    assert done == 120
    assert list(LedgerLeaf.objects.values_list("index", flat=True)) == list(range(120))
    assert check().ok


PROCESS = """
import sys, uuid, django
django.setup()
from django.db import transaction
from omnigov.ledger.sequencer import integrate
from omnigov.ledger.services import append
from tests.omnigov.ledger.conftest import decision
done = 0
for _ in range(int(sys.argv[1])):
    with transaction.atomic():
        run = uuid.uuid4()
        append(kind="decision", body=decision(), workspace=None, subject=run, idempotency_key=f"p:{run}")
    done += integrate()
print(done)
"""


@pytest.mark.long
def test_four_processes_make_one_log_without_a_gap(log: Log) -> None:
    command = [sys.executable, "-c", PROCESS, "40"]
    running = [subprocess.Popen(command, env=log.urls(), stdout=subprocess.PIPE, text=True) for _ in range(4)]
    done = sum(int(process.communicate(timeout=120)[0]) for process in running)
    assert done + integrate() == 160
    assert list(LedgerLeaf.objects.values_list("index", flat=True)) == list(range(160))
    assert check().ok


ENDLESS = PROCESS.replace("range(int(sys.argv[1]))", "iter(int, 1)").replace(
    "    done +=", "    print(_, flush=True); done +="
)


@pytest.mark.long
def test_a_killed_process_loses_nothing_and_doubles_nothing(log: Log) -> None:
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", ENDLESS], env=log.urls(), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(10):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    count = LedgerEntry.objects.count()
    assert count >= 40
    while queries.pending().exists():
        integrate()
    assert list(LedgerLeaf.objects.values_list("index", flat=True)) == list(range(count))
    assert check().ok


def test_a_crash_between_append_and_integrate_loses_nothing(log: Log) -> None:
    made = log.append(3)
    connection.close()
    assert integrate() == 3
    assert [queries.index_of(each) for each in made] == [0, 1, 2]


@pytest.mark.parametrize("table", ["ledger_tile", "ledger_checkpoint"])
def test_a_failure_within_the_sequencer_leaves_all_as_it_was(
    log: Log, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.grow(2)
    made = log.append(300)

    def failing(*arguments: object, **named: object) -> None:
        raise IntegrityError("the disk is full")

    broken = LedgerTile if table == "ledger_tile" else LedgerCheckpoint
    with monkeypatch.context() as patch:
        patch.setattr(broken.objects, "bulk_create" if table == "ledger_tile" else "create", failing)
        with pytest.raises(IntegrityError):
            integrate()
    assert LedgerLeaf.objects.count() == 2
    assert integrate() == 300
    assert queries.index_of(made[-1]) == 301
    assert check().ok


def test_nothing_is_signed_over_tables_that_do_not_hold_together(log: Log) -> None:
    log.grow(2)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE ledger_entry DROP CONSTRAINT a_leaf_hash_is_the_body_s")
        cursor.execute("UPDATE ledger_entry SET leaf_hash = sha256(leaf_hash) WHERE seq = 1")
    log.append()
    with pytest.raises(LedgerDamagedError, match="ledger check"):
        integrate()
    assert LedgerCheckpoint.objects.count() == 1


def test_the_sequencer_runs_in_no_other_transaction(log: Log) -> None:
    log.append()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        integrate()


def test_waiting_integrates_where_nobody_else_does(log: Log) -> None:
    made = log.append(3)
    wait_integrated([each.id for each in made], timeout=10)
    assert queries.index_of(made[2]) == 2
    wait_integrated([made[0].id], timeout=0)
    wait_integrated([], timeout=0)


def test_waiting_has_an_end(log: Log) -> None:
    log.append()
    with pytest.raises(IntegrationTimeoutError, match="1 entries"):
        wait_integrated([uuid4()], timeout=0.05)


def test_what_is_committed_is_signed_within_a_second(log: Log) -> None:
    running = JobThread(sequencing.JOB)
    running.start()
    try:
        for _ in range(3):
            (made,) = log.append()
            deadline = time.monotonic() + 10
            while queries.index_of(made) is None and time.monotonic() < deadline:
                time.sleep(0.01)
            checkpoint = queries.latest_checkpoint()
            assert checkpoint is not None
            assert (
                checkpoint.created_at - made.created_at
            ).total_seconds() < 5  # 1 s is for the bench to say
    finally:
        running.leave()
        running.join(10)
    assert not running.is_alive()


def test_damage_does_not_end_the_sequencer(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.grow(1)
    running = JobThread(sequencing.JOB)
    broken = threading.Event()
    broken.set()

    def integrate_or_not() -> int:
        if broken.is_set():
            raise LedgerDamagedError("The tiles do not lead to the root that was signed last.")
        return integrate()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequencer, "integrate", integrate_or_not)
        running.start()
        (made,) = log.append()
        time.sleep(5 * sequencing.INTERVAL)
        assert running.is_alive()
        assert caplog.text.count("The job sequencer did not go through") == 1
        broken.clear()
        deadline = time.monotonic() + 10
        while queries.index_of(made) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        running.leave()
        running.join(10)
    assert queries.index_of(made) == 1
