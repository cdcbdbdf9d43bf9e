"""The check finds, by name, whatever an owner of the tables could do to them behind its back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.db import connections

from omnigov.ledger.check import check
from omnigov.ledger.checkpoint import Checkpoint, NoteSigner
from omnigov.ledger.keys import log_signer
from omnigov.ledger.tiles import TileReader
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services

#: One entry, the fifth, with another label.
EDIT = (
    "UPDATE ledger_entry SET body = replace(convert_from(body, 'utf8'), 'animal', 'person')::bytea "
    "WHERE seq = 5"
)
REHASH = r"UPDATE ledger_entry SET leaf_hash = sha256('\x00'::bytea || body)"
TABLES = (
    *("ledger_entry", "ledger_leaf", "ledger_tile", "ledger_checkpoint", "ledger_cosignature"),
    "ledger_check",
)


def tamper(*statements: str) -> None:
    """As somebody who owns the tables: switch the defence off, change, and switch it on again."""
    with connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER rows_are_only_added")
        cursor.execute("ALTER TABLE ledger_entry DROP CONSTRAINT IF EXISTS a_leaf_hash_is_the_body_s")
        for statement in statements:
            cursor.execute(statement)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER rows_are_only_added")


def test_an_empty_log_holds(log: Log) -> None:
    report = check()
    assert (report.ok, report.size) == (True, 0)


def test_an_honest_log_holds(long_log: Log) -> None:
    report = check()
    assert report.ok
    assert not report.role_too_strong
    assert (report.entries, report.size, report.checkpoints, report.pending) == (301, 301, 2, 0)
    assert report.tiles == 2
    assert report.root == TileReader(301).compact_range().root().hex()
    assert report.ended_at is not None
    assert report.ended_at >= report.started_at


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        # An edited row, its leaf hash left alone or made to fit.
        ([EDIT], ("entry", 4)),
        ([EDIT, REHASH], ("tile", None)),
        (["UPDATE ledger_entry SET body = '{}' WHERE seq = 2", REHASH], ("entry", 1)),
        (["UPDATE ledger_entry SET body = '{ }' WHERE seq = 2"], ("entry", 1)),
        (["UPDATE ledger_entry SET kind = 'review' WHERE seq = 3"], ("entry", 2)),
        (["UPDATE ledger_entry SET subject = gen_random_uuid() WHERE seq = 3"], ("entry", 2)),
        (["UPDATE ledger_entry SET created_at = created_at - interval '1 day' WHERE seq = 3"], ("entry", 2)),
        # A row dropped, two swapped, the tail cut off.
        (["DELETE FROM ledger_leaf WHERE index = 7"], ("index", 7)),
        (
            [
                "CREATE TEMP TABLE swap AS SELECT * FROM ledger_leaf WHERE index IN (3, 4)",
                "DELETE FROM ledger_leaf WHERE index IN (3, 4)",
                "INSERT INTO ledger_leaf SELECT 7 - index, entry_id FROM swap",
            ],
            ("tile", None),
        ),
        (["DELETE FROM ledger_leaf WHERE index >= 300"], ("index", None)),
        (["DELETE FROM ledger_checkpoint WHERE size = 301"], ("index", None)),
        # Tiles and checkpoints that say something else.
        (
            ["UPDATE ledger_tile SET data = overlay(data placing '\\xff00ff' from 9) WHERE level = 0"],
            ("tile", None),
        ),
        (
            ["UPDATE ledger_tile SET data = overlay(data placing '\\xff00ff' from 9) WHERE level = 1"],
            ("tile", None),
        ),
        (["DELETE FROM ledger_tile WHERE level = 0"], ("tile", None)),
        (["DELETE FROM ledger_tile WHERE level = 1"], ("tile", None)),
        (
            [
                "INSERT INTO ledger_tile (level, index, width, data) "
                "SELECT 0, 9, 256, data FROM ledger_tile WHERE level = 0"
            ],
            ("tile", None),
        ),
        (
            ["UPDATE ledger_checkpoint SET note = replace(note, '300', '299') WHERE size = 300"],
            ("checkpoint", None),
        ),
        (["UPDATE ledger_checkpoint SET root = sha256(root) WHERE size = 300"], ("checkpoint", None)),
        (["UPDATE ledger_checkpoint SET size = 250 WHERE size = 300"], ("checkpoint", None)),
    ],
)
def test_it_finds_and_names(long_log: Log, statements: list[str], expected: tuple[str, int | None]) -> None:
    tamper(*statements)
    report = check()
    assert not report.ok
    assert expected in {(problem.check, problem.index) for problem in report.problems}, report.problems


def test_a_fork_signed_with_the_log_s_own_key_is_found(log: Log) -> None:
    log.grow(3)
    note = log_signer().sign(Checkpoint("test.example/log", 2, bytes(32)).text())
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_checkpoint (size, root, note, horizon, created_at) "
            "VALUES (2, %s, %s, 0, now())",
            [bytes(32), note],
        )
    assert [problem.detail for problem in check().problems] == [
        "checkpoint 2: the entries lead to another root"
    ]


def test_a_checkpoint_by_another_key_is_found(log: Log) -> None:
    log.grow(1)
    stranger = NoteSigner("test.example/log", bytes(32))
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT root FROM ledger_checkpoint")
        top = bytes(cursor.fetchone()[0])
    note = stranger.sign(Checkpoint("test.example/log", 1, top).text())
    tamper(f"UPDATE ledger_checkpoint SET note = '{note}'")  # noqa: S608 - a note has no quotes
    assert "none of the known keys signed this" in check().problems[0].detail


def test_a_record_that_does_not_fit_its_schema_is_found(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.grow(1)
    tamper(
        "UPDATE ledger_entry SET body = replace(convert_from(body, 'utf8'), 'seed\":1', 'seed\":-1')::bytea"
    )
    assert "the record does not fit its schema: 1 errors" in {problem.detail for problem in check().problems}
    monkeypatch.setattr("omnigov.ledger.check.SCHEMAS", {})
    assert "there is no schema decision 1" in {problem.detail for problem in check().problems}


def test_an_entry_that_waits_too_long_is_found(log: Log) -> None:
    log.append(1)
    report = check()
    assert (report.ok, report.pending) == (True, 1)
    tamper("UPDATE ledger_entry SET created_at = created_at - interval '1 hour'")
    assert [problem.check for problem in check().problems] == ["pending"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("how", ["DISABLE TRIGGER {}", "ENABLE TRIGGER {}", "drop"])
def test_a_trigger_that_is_off_is_found(log: Log, table: str, how: str) -> None:
    with connections["owner"].cursor() as cursor:
        if how == "drop":
            cursor.execute(f"DROP TRIGGER rows_are_only_added ON {table}")
        else:
            cursor.execute(f"ALTER TABLE {table} {how.format('rows_are_only_added')}")
    problems = check().problems
    assert [problem.check for problem in problems] == ["defence"]
    assert table in problems[0].detail


def test_a_trigger_that_was_made_harmless_is_found(log: Log) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NULL; END $$"
        )
    assert {problem.check for problem in check().problems} == {"defence"}


def test_a_role_that_is_too_strong_is_told(log: Log) -> None:
    log.grow(1)
    with connections["owner"].cursor() as cursor:
        cursor.execute("GRANT UPDATE (kind) ON ledger_entry TO omnigov_app")
        cursor.execute("GRANT DELETE, TRUNCATE ON ledger_tile TO omnigov_app")
    report = check()
    assert report.ok
    assert report.role == "omnigov_app"
    assert report.role_too_strong == [
        "may UPDATE ledger_entry",
        "may DELETE ledger_tile",
        "may TRUNCATE ledger_tile",
    ]


def test_an_owner_is_told_to_be_too_strong(log: Log, as_owner: Callable[[], None]) -> None:
    log.grow(1)
    as_owner()
    assert check().role_too_strong == [f"owns {table}" for table in TABLES]


def test_many_problems_are_counted(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.grow(5)
    monkeypatch.setattr("omnigov.ledger.check.LISTED", 2)
    tamper("UPDATE ledger_entry SET kind = 'review'")
    report = check()
    assert len(report.problems) == 2
    # Five entries, each with a column and a schema that do not fit.
    assert report.unlisted == 8


def test_every_page_is_read(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.grow(7)
    for page in (1, 3, 7, 8):
        monkeypatch.setattr("omnigov.ledger.check._PAGE", page)
        assert (check().ok, check().entries) == (True, 7)


def test_its_json_is_plain(log: Log) -> None:
    log.grow(1)
    assert json.loads(json.dumps(check().as_json()))["ok"] is True
