"""The log asks a real witness, keeps its word, and hears where it was set back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test.utils import override_settings

from omnigov.ledger import queries
from omnigov.ledger.check import check
from omnigov.ledger.checkpoint import WitnessVerifier, cosigners
from omnigov.ledger.command import main_ledger
from omnigov.ledger.cosigning import WitnessesError, ask_all, witnesses
from omnigov.ledger.export import export
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerCosignature
from omnigov.ledger.verify import verify_bundle
from omnigov.ledger.witness import Witness
from tests.omnigov.ledger import test_witness
from tests.omnigov.ledger.conftest import Log
from tests.omnigov.ledger.test_witness import Process

pytestmark = pytest.mark.services


@pytest.fixture
def witness(long_log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Process]:
    """A witness of this log, named in the settings."""
    monkeypatch.setattr(test_witness, "LOG", log_signer())
    found = test_witness.start(tmp_path / "witness")
    row = {"url": f"http://127.0.0.1:{found.port}", "key": str(found.key)}
    with override_settings(OMNIGOV_WITNESSES=json.dumps([row])):
        yield found
    found.end()


def test_each_new_checkpoint_is_cosigned_and_kept(long_log: Log, witness: Process) -> None:
    for _ in range(3):
        (asked,) = ask_all()
        assert (asked.cosigned, asked.size) == (True, queries.latest_checkpoint().size)  # type: ignore[union-attr]
        ask_all()
        long_log.grow(4)
    assert list(LedgerCosignature.objects.values_list("size", flat=True)) == [301, 305, 309]
    assert check().ok


def test_an_export_carries_the_witness_s_word(long_log: Log, witness: Process, tmp_path: Path) -> None:
    ask_all()
    export(tmp_path / "b.zip")
    key = str(log_signer().verifier)
    report = verify_bundle(tmp_path / "b.zip", key, [str(witness.key)])
    assert report.ok
    assert report.witnesses == ["witness.example/w1"]
    assert "witnesses" in report.passed
    note = queries.cosigned_note(queries.latest_checkpoint())  # type: ignore[arg-type]
    assert cosigners(note.encode(), [witness.key]) == []  # the export is an entry under a newer checkpoint
    other = str(WitnessVerifier("witness.example/w2", bytes(32)))
    for keys, needed, ok in (([other], None, False), ([str(witness.key), other], 1, True)):
        found = verify_bundle(tmp_path / "b.zip", key, keys, needed)
        assert found.ok is ok
        assert ok or (found.failed is not None and found.failed.check == "witnesses")


def test_an_export_that_needs_witnesses_is_not_made_without(
    long_log: Log, witness: Process, tmp_path: Path
) -> None:
    with override_settings(OMNIGOV_WITNESSES_NEEDED=1):
        export(tmp_path / "a.zip")  # it asks by itself
        assert verify_bundle(tmp_path / "a.zip", str(log_signer().verifier), [str(witness.key)]).ok
        witness.end()
        with pytest.raises(WitnessesError, match=r"0 of the 1 witnesses.*does not answer"):
            export(tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_database_that_was_set_back_is_heard_of(
    long_log: Log, witness: Process, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing inside can see it: the tables hold together. The witness remembers."""
    long_log.grow(5)
    assert ask_all()[0].cosigned
    _set_back(301)
    assert check().ok
    (asked,) = ask_all()
    assert not asked.cosigned
    assert "has seen 306 entries, and this log has 301: it was set back" in asked.detail
    long_log.grow(9)
    (asked,) = ask_all()
    assert not asked.cosigned
    assert "422" in asked.detail
    assert main_ledger(["cosign"]) == 1
    assert "FAILED" in capsys.readouterr().out


def _set_back(size: int) -> None:
    """What restoring a backup does: the tail is gone from every table, with its checkpoints."""
    with connections["owner"].cursor() as cursor:
        for table, condition in (
            ("ledger_cosignature", f"size > {size}"),
            ("ledger_checkpoint", f"size > {size}"),
            ("ledger_leaf", f"index >= {size}"),
            ("ledger_entry", "seq NOT IN (SELECT entry_id FROM ledger_leaf)"),
        ):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table} WHERE {condition}")  # noqa: S608 - fixed names
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER rows_are_only_added")


def test_a_cosignature_that_was_changed_is_found(long_log: Log, witness: Process) -> None:
    ask_all()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_cosignature DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_cosignature SET size = 300")
        cursor.execute("ALTER TABLE ledger_cosignature ENABLE ALWAYS TRIGGER rows_are_only_added")
    assert [problem.check for problem in check().problems] == ["cosignature"]


def test_a_false_answer_is_not_kept(long_log: Log, witness: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    for answer in ("", "nonsense", "— witness.example/w1 AAAA\n"):
        monkeypatch.setattr("omnigov.ledger.cosigning._post", lambda *_, answer=answer: (200, answer))
        (asked,) = ask_all()
        assert "sent an answer that does not hold" in asked.detail
    assert not LedgerCosignature.objects.exists()


def test_the_witness_saw_what_the_log_says(long_log: Log, witness: Process) -> None:
    ask_all()
    newest: Any = queries.latest_checkpoint()
    assert Witness(witness.folder, []).seen(log_signer().name) == (newest.size, bytes(newest.root))


@pytest.mark.parametrize(
    "text", ["{", "{}", '[{"url": "http://x"}]', '[{"url": "http://x", "key": "k"}]', "[1]"]
)
def test_settings_that_can_t_be_used_are_said(text: str) -> None:
    with override_settings(OMNIGOV_WITNESSES=text), pytest.raises(WitnessesError, match="OMNIGOV_WITNESSES"):
        witnesses()


def test_a_witness_is_asked_over_http_alone() -> None:
    key = str(WitnessVerifier("w", bytes(32)))
    row = json.dumps([{"url": "file:///etc/passwd", "key": key}])
    with override_settings(OMNIGOV_WITNESSES=row), pytest.raises(WitnessesError, match="http"):
        witnesses()
