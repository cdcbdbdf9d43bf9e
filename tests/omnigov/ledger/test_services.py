"""Appending and the sequencer, as the application's role, on a real PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError

from omnigov.ledger import canonical, queries, schemas, services
from omnigov.ledger.check import check
from omnigov.ledger.checkpoint import Checkpoint, open_note
from omnigov.ledger.keys import log_signer
from omnigov.ledger.merkle import leaf_hash, root, verify_consistency, verify_inclusion
from omnigov.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerTile
from omnigov.ledger.services import (
    IdempotencyError,
    IntegrationTimeoutError,
    LedgerRefusedError,
    append,
    integrate,
    wait_integrated,
)
from omnigov.ledger.tiles import LedgerDamagedError, TileReader, tile
from tests.omnigov.ledger.conftest import Log, decision

pytestmark = pytest.mark.services


def appended(key: str = "run:1:decision", *, seed: int = 1, subject: UUID = UUID(int=1)) -> LedgerEntry:
    return append(
        kind="decision", body=decision(seed), workspace=Log.workspace, subject=subject, idempotency_key=key
    )


# --- appending ---------------------------------------------------------------------------------------


def test_an_entry_is_its_canonical_body(log: Log) -> None:
    with transaction.atomic():
        made = appended()
    kept = LedgerEntry.objects.get(id=made.id)
    assert kept.pk == made.pk
    assert kept.transaction == made.transaction > 0
    assert bytes(kept.leaf_hash) == leaf_hash(bytes(kept.body))
    envelope = canonical.decode(bytes(kept.body))
    assert envelope == {
        "at": kept.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "id": str(made.id),
        "key": "run:1:decision",
        "kind": "decision",
        "previous": None,
        "record": decision().model_dump(mode="json"),
        "schema": 1,
        "subject": str(UUID(int=1)),
        "workspace": str(Log.workspace),
    }
    assert schemas.Decision.model_validate(envelope["record"]) == decision()


def test_an_entry_names_the_one_before_it_about_the_same_subject(log: Log) -> None:
    with transaction.atomic():
        first, other = appended("a"), appended("b", subject=UUID(int=2))
        second = appended("c")
    with transaction.atomic():
        third = appended("d")
    previous = [canonical.decode(bytes(each.body))["previous"] for each in (first, other, second, third)]
    assert previous == [None, None, bytes(first.leaf_hash).hex(), bytes(second.leaf_hash).hex()]


def test_an_entry_is_there_only_if_what_it_records_is(log: Log) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        appended()
        _ = 1 / 0
    assert not LedgerEntry.objects.exists()
    assert integrate() == 0
    assert queries.latest_checkpoint() is None


def test_the_same_key_again_gives_the_same_entry(log: Log) -> None:
    with transaction.atomic():
        first = appended()
    with transaction.atomic():
        again = appended()
    assert (again.id, again.pk, bytes(again.body)) == (first.id, first.pk, bytes(first.body))
    # That another entry came between changes nothing.
    with transaction.atomic():
        appended("other")
        assert appended().id == first.id
    assert LedgerEntry.objects.count() == 2


def test_the_same_key_for_something_else_is_refused(log: Log) -> None:
    with transaction.atomic():
        appended()
    for changes in ({"seed": 2}, {"subject": UUID(int=2)}):
        with pytest.raises(IdempotencyError, match="run:1:decision"), transaction.atomic():
            appended(**changes)  # type: ignore[arg-type]
    assert LedgerEntry.objects.count() == 1


def test_the_same_key_at_the_same_time_gives_one_entry(log: Log) -> None:
    barrier = threading.Barrier(4)

    def work(_: int) -> UUID:
        try:
            with transaction.atomic():
                barrier.wait()
                return appended().id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, range(4)))) == 1
    assert LedgerEntry.objects.count() == 1


def test_an_entry_is_appended_in_a_transaction(log: Log) -> None:
    with pytest.raises(LedgerRefusedError, match="inside the transaction"):
        appended()


def test_a_body_of_another_kind_is_refused(log: Log) -> None:
    with pytest.raises(LedgerRefusedError, match="not a schema of the kind"), transaction.atomic():
        append(kind="review", body=decision(), workspace=None, subject=uuid4(), idempotency_key="k")


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 201, "a\n"])
def test_an_odd_key_is_refused(log: Log, key: str) -> None:
    with pytest.raises(LedgerRefusedError, match="idempotency key"), transaction.atomic():
        appended(key)


def test_an_entry_too_large_is_refused(log: Log) -> None:
    libraries = {f"library-{number}": "1" * 190 for number in range(400)}
    body = decision().model_copy(update={"libraries": libraries})
    with pytest.raises(LedgerRefusedError, match="digest"), transaction.atomic():
        append(kind="decision", body=body, workspace=None, subject=uuid4(), idempotency_key="k")


# --- the sequencer -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("batches", [[1, 1, 1], [255, 1, 1], [256, 1], [300, 300], [513]])
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


def test_tiles_are_those_of_c2sp(log: Log) -> None:
    leaves = [bytes(each.leaf_hash) for count in (200, 400) for each in log.grow(count)]
    assert tile(0, 0, 256) == b"".join(leaves[:256])
    assert tile(0, 1, 256) == b"".join(leaves[256:512])
    assert tile(0, 2, 88) == b"".join(leaves[512:])
    assert tile(0, 2, 5) == b"".join(leaves[512:517])
    assert tile(0, 0, 5) == b"".join(leaves[:5])
    above = [root(leaves[:256]), root(leaves[256:512])]
    assert tile(1, 0, 2) == b"".join(above)
    assert tile(1, 0, 1) == above[0]
    for level, index, width in [(0, 2, 89), (0, 3, 1), (1, 0, 3), (2, 0, 1), (0, 0, 0)]:
        with pytest.raises(LedgerDamagedError):
            tile(level, index, width)
    assert {(each.level, each.index, each.width) for each in LedgerTile.objects.all()} == {
        (0, 0, 256),
        (0, 1, 256),
        (1, 0, 2),
    }


def test_a_reader_keeps_few_tiles(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.grow(600)
    monkeypatch.setattr("omnigov.ledger.tiles._CACHED", 1)
    reader = TileReader(600)
    leaves = [bytes(each.leaf_hash) for each in LedgerEntry.objects.all()]
    for index in (0, 300, 599, 1):
        verify_inclusion(index, 600, leaves[index], queries.inclusion_from(reader, index), root(leaves))
        assert len(reader._tiles) == 1


def test_a_large_backlog_is_integrated_in_batches(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BATCH", 10)
    made = log.append(25)
    assert [integrate() for _ in range(4)] == [10, 10, 5, 0]
    assert [queries.index_of(each) for each in made] == list(range(25))
    assert check().ok


def test_an_entry_that_commits_late_is_not_lost(log: Log) -> None:
    """It has a smaller number and an older transaction than entries that were integrated before it committed."""
    appending, may_commit = threading.Event(), threading.Event()

    def slow() -> UUID:
        try:
            with transaction.atomic():
                made = appended("slow")
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
from omnigov.ledger.services import append, integrate
from tests.omnigov.ledger.conftest import decision
done = 0
for _ in range(int(sys.argv[1])):
    with transaction.atomic():
        append(kind="decision", body=decision(), workspace=None, subject=uuid.uuid4(), idempotency_key=f"p:{uuid.uuid4()}")
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
    appended_count = LedgerEntry.objects.count()
    assert appended_count >= 40
    while queries.pending().exists():
        integrate()
    assert list(LedgerLeaf.objects.values_list("index", flat=True)) == list(range(appended_count))
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


# --- the database refuses change ---------------------------------------------------------------------

CHANGES = [
    "UPDATE {} SET {} = {}",
    "UPDATE {} SET {} = {} WHERE false",
    "DELETE FROM {}",
    "DELETE FROM {} WHERE false",
    "TRUNCATE {} CASCADE",
]
COLUMNS = {
    "ledger_entry": "kind",
    "ledger_leaf": "index",
    "ledger_tile": "width",
    "ledger_checkpoint": "note",
}


@pytest.mark.parametrize("alias", ["default", "owner"])
@pytest.mark.parametrize("table", COLUMNS)
def test_change_is_refused(log: Log, alias: str, table: str) -> None:
    log.grow(256)
    expected = {"default": "permission denied", "owner": "the ledger is only added to"}[alias]
    column = COLUMNS[table]
    with connections[alias].cursor() as cursor:
        for change in CHANGES:
            with pytest.raises(Exception, match=expected):
                cursor.execute(change.format(table, column, column))


def test_change_is_refused_to_a_session_that_calls_itself_a_replica(log: Log) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute(
            "SELECT bool_and(tgenabled = 'A') FROM pg_trigger WHERE tgname = 'rows_are_only_added'"
        )
        assert cursor.fetchone() == (True,)


def test_the_application_s_role_may_read_and_add_alone(log: Log) -> None:
    with connection.cursor() as cursor:
        for table in COLUMNS:
            for privilege, granted in (
                *(("SELECT", True), ("INSERT", True), ("UPDATE", False), ("DELETE", False)),
                *(("TRUNCATE", False), ("TRIGGER", False), ("REFERENCES", False)),
            ):
                cursor.execute("SELECT has_table_privilege(%s, %s)", [table, privilege])
                assert cursor.fetchone() == (granted,), (table, privilege)
            with pytest.raises(Exception, match="must be owner"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            with pytest.raises(Exception, match="must be owner"):
                cursor.execute(f"DROP TABLE {table} CASCADE")


def test_a_row_that_does_not_fit_its_own_bytes_is_refused(log: Log) -> None:
    with pytest.raises(IntegrityError, match="a_leaf_hash_is_the_body_s"):
        LedgerEntry.objects.create(
            id=uuid4(), kind="x", schema=1, subject=uuid4(), idempotency_key="x", created_at="2026-01-01T00:00Z",
            body=b"{}", leaf_hash=bytes(32),
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="a_tile_is_as_wide_as_it_says"):
        LedgerTile.objects.create(level=1, index=0, width=2, data=bytes(32))


# --- the key -----------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_private(log: Log) -> None:
    from omnigov.ledger import keys

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: str(log_signer().verifier), range(8)))
    keys._signer.cache_clear()
    assert made == {str(log_signer().verifier)}
    folder = os.fspath(log_folder())
    assert os.listdir(folder) == [keys.FILE]
    assert os.stat(os.path.join(folder, keys.FILE)).st_mode & 0o777 == 0o600


def log_folder() -> str:
    from django.conf import settings

    return str(settings.OMNIGOV_KEYS_DIR)


def test_a_key_of_another_origin_is_refused(log: Log, settings: object) -> None:
    from omnigov.ledger import keys

    log_signer()
    settings.OMNIGOV_LOG_ORIGIN = "other.example/log"  # type: ignore[attr-defined]
    with pytest.raises(keys.LogKeyError, match="set it back"):
        log_signer()
    settings.OMNIGOV_LOG_ORIGIN = "two words"  # type: ignore[attr-defined]
    settings.OMNIGOV_KEYS_DIR = os.path.join(log_folder(), "new")  # type: ignore[attr-defined]
    with pytest.raises(keys.LogKeyError, match="can't be a log's name"):
        log_signer()


def test_a_spoiled_key_file_is_refused(log: Log) -> None:
    from pathlib import Path

    from omnigov.ledger import keys

    log_signer()
    file = Path(log_folder()) / keys.FILE
    file.write_text(file.read_text()[:-5])
    keys._signer.cache_clear()
    with pytest.raises(keys.LogKeyError, match="backup of the keys"):
        log_signer()


def test_json_of_the_check_is_plain(log: Log) -> None:
    log.grow(1)
    assert json.loads(json.dumps(check().as_json()))["ok"] is True
