"""Appending: an entry is there if and only if what it records is, and once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from omnigov.ledger import canonical, queries, schemas
from omnigov.ledger.merkle import leaf_hash
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.sequencer import integrate
from omnigov.ledger.services import (
    IdempotencyError,
    LedgerRefusedError,
    NewEntry,
    append,
    append_many,
)
from tests.omnigov.ledger.conftest import Log, decision

pytestmark = pytest.mark.services


RUN = UUID(int=1)


def appended(key: str = "run:1:decision", *, seed: int = 1, subject: UUID = RUN) -> LedgerEntry:
    return append(
        kind="decision", body=decision(seed), workspace=Log.workspace, subject=subject, idempotency_key=key
    )


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


def test_many_are_appended_as_one_after_the_other(log: Log) -> None:
    runs = [RUN, UUID(int=2), RUN]
    new = [NewEntry(decision(), None, run, f"many:{number}") for number, run in enumerate(runs)]
    with transaction.atomic():
        first, other, second = append_many(new)
    assert [each.seq for each in (first, other, second)] == sorted(
        each.seq for each in (first, other, second)
    )
    assert canonical.decode(bytes(second.body))["previous"] == bytes(first.leaf_hash).hex()
    assert canonical.decode(bytes(other.body))["previous"] is None
    stored = LedgerEntry.objects.get(id=second.id)
    assert (bytes(stored.body), stored.transaction) == (second.body, second.transaction)
    with transaction.atomic():
        assert append_many([]) == []


def test_many_with_one_that_is_there_already(log: Log) -> None:
    """What follows the repeated one in the batch names the one that is there as its predecessor."""
    with transaction.atomic():
        (first,) = append_many([NewEntry(decision(), None, RUN, "many:0")])
    with transaction.atomic():
        again, next_one, twice = append_many(
            [NewEntry(decision(), None, RUN, f"many:{number}") for number in (0, 1, 1)]
        )
    assert again.id == first.id
    assert twice.id == next_one.id
    assert canonical.decode(bytes(next_one.body))["previous"] == bytes(first.leaf_hash).hex()
    assert LedgerEntry.objects.count() == 2


def test_an_entry_is_there_only_if_what_it_records_is(log: Log) -> None:
    def record() -> None:
        with transaction.atomic():
            appended()
            raise RuntimeError("the decision could not be saved")

    with pytest.raises(RuntimeError, match="could not be saved"):
        record()
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
