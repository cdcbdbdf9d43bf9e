"""`omnigov ledger …` and `omnigov export`."""

from __future__ import annotations

import json

import pytest
from django.db import connections

from omnigov.ledger.command import main_ledger
from omnigov.ledger.keys import log_signer
from omnigov.ledger.merkle import verify_inclusion
from omnigov.ledger.queries import index_of
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services
Captured = pytest.CaptureFixture[str]


def test_status(log: Log, capsys: Captured) -> None:
    assert main_ledger(["status", "--json"]) == 0
    state = json.loads(capsys.readouterr().out)
    assert (state["size"], state["root"], state["pending"]) == (0, None, 0)
    log.grow(3)
    log.append(1)
    assert main_ledger(["status", "--json"]) == 0
    state = json.loads(capsys.readouterr().out)
    assert (state["size"], state["pending"], state["key"]) == (3, 1, str(log_signer().verifier))
    assert main_ledger(["status"]) == 0
    assert str(log_signer().verifier) in capsys.readouterr().out


def test_check(log: Log, capsys: Captured) -> None:
    log.grow(3)
    assert main_ledger(["check"]) == 0
    assert "the log holds" in capsys.readouterr().out
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_leaf DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM ledger_leaf WHERE index = 1")
        cursor.execute("GRANT DELETE ON ledger_leaf TO omnigov_app")
    assert main_ledger(["check"]) == 1
    said = capsys.readouterr().out
    assert "FAILED  index at entry 1:" in said
    assert "may DELETE ledger_leaf" in said
    assert "does NOT hold" in said
    assert main_ledger(["check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_check_says_how_many_more(log: Log, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnigov.ledger.check.LISTED", 1)
    with connections["owner"].cursor() as cursor:
        for table in ("ledger_entry", "ledger_leaf", "ledger_tile"):
            cursor.execute(f"DROP TRIGGER rows_are_only_added ON {table}")
    assert main_ledger(["check"]) == 1
    assert "and 2 more" in capsys.readouterr().out


def test_prove(log: Log, capsys: Captured) -> None:
    made = log.grow(5)
    for wanted in (str(made[2].id), "2"):
        assert main_ledger(["prove", wanted, "--json"]) == 0
        proof = json.loads(capsys.readouterr().out)
        assert (proof["id"], proof["index"], proof["size"]) == (str(made[2].id), 2, 5)
        hashes = [bytes.fromhex(each) for each in proof["proof"]]
        verify_inclusion(2, 5, bytes.fromhex(proof["leaf_hash"]), hashes, bytes.fromhex(proof["root"]))
    assert main_ledger(["prove", "2"]) == 0
    assert capsys.readouterr().out == proof["tlog_proof"]


def test_prove_says_what_is_wrong(log: Log, capsys: Captured) -> None:
    (late,) = log.append()
    assert main_ledger(["prove", str(late.id)]) == 1
    assert "still pending" in capsys.readouterr().err
    for wanted in ("7", "9" * 30, "nonsense", "00000000-0000-4000-8000-000000000000"):
        assert main_ledger(["prove", wanted]) == 1
        assert "There is no entry" in capsys.readouterr().err
    assert index_of(late) is None


def test_a_key_that_can_t_be_used_is_one_sentence(log: Log, capsys: Captured, settings: object) -> None:
    settings.OMNIGOV_LOG_ORIGIN = "two words"  # type: ignore[attr-defined]
    assert main_ledger(["status"]) == 1
    assert "OMNIGOV_LOG_ORIGIN" in capsys.readouterr().err
