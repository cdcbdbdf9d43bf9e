# ruff: noqa: S608 - the attacks are fixed texts
"""Every way to tamper with the record, done for real, and who finds it: the table of docs/tamper.en.md.

Each attack is made by somebody who owns the tables, on a whole product's database that a witness has seen.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test.utils import override_settings
from PIL import Image
from pytest_django import DjangoDbBlocker

from omnigov.decisions.comparison import compare
from omnigov.ledger import keys, sequencer
from omnigov.ledger.check import check
from omnigov.ledger.cosigning import ask_all
from omnigov.ledger.export import ExportError, export
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerCheckpoint
from omnigov.ledger.tiles import LedgerDamagedError
from omnigov.ledger.verify import verify_bundle
from tests import conftest as house
from tests.omnigov import recorded
from tests.omnigov.ledger import conftest as ledger
from tests.omnigov.ledger import test_witness
from tests.omnigov.ledger.bundles import read_zip, write_zip
from tests.omnigov.ledger.conftest import Log
from tests.omnigov.ledger.test_check import tamper
from tests.omnigov.ledger.test_witness import Process

pytestmark = [pytest.mark.services, pytest.mark.long]
NOBODY = "—"
BACKUP = 301  # entries that the backup holds; the witness has seen more


@pytest.fixture(scope="module")
def template(
    django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A database of the whole product, with three decisions and some three hundred other entries."""
    folder = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), ledger._server() as server:
        name = ledger._create(server, "template0")
        with ledger._used(name, folder):
            call_command("migrate", database="owner", verbosity=0, skip_checks=True)
            cast: Any = house._cast(house._any_model())
            for colour in ("teal", "maroon", "navy"):
                batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png(colour)))
                picture = Image.new("RGB", (64, 48))
                recorded.record(batch.submissions.get(), picture=picture, label="money")
            sequencer.integrate()
            Log(name).grow(BACKUP - _size())
        yield name, folder
        ledger._drop(server, name)


@pytest.fixture
def house_log(
    template: tuple[str, Path], django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[Log]:
    folder = shutil.copytree(template[1], tmp_path / "keys")
    with django_db_blocker.unblock(), ledger._server() as server:
        name = ledger._create(server, template[0])
        with ledger._used(name, folder):
            yield Log(name)
        ledger._drop(server, name)


@pytest.fixture
def witness(house_log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Process]:
    monkeypatch.setattr(test_witness, "LOG", log_signer())
    found = test_witness.start(tmp_path / "witness")
    row = f'[{{"url": "http://127.0.0.1:{found.port}", "key": "{found.key}"}}]'
    with override_settings(OMNIGOV_WITNESSES=row):
        yield found
    found.end()


def _size() -> int:
    newest = LedgerCheckpoint.objects.order_by("-size").first()
    return newest.size if newest else 0


# --- the attacks ---------------------------------------------------------------------------------------


def edit_a_row(log: Log) -> None:
    edited = "convert_to(replace(convert_from(body, 'utf8'), 'animal', 'person'), 'utf8')"
    tamper(
        f"UPDATE ledger_entry SET body = {edited}"
        " WHERE seq = (SELECT entry_id FROM ledger_leaf WHERE index = 200)",
        r"UPDATE ledger_entry SET leaf_hash = sha256('\x00'::bytea || body)",
    )


def drop_a_row(log: Log) -> None:
    tamper(
        "CREATE TEMP TABLE gone AS SELECT entry_id FROM ledger_leaf WHERE index = 200",
        "DELETE FROM ledger_leaf WHERE index = 200",
        "DELETE FROM ledger_entry WHERE seq IN (SELECT entry_id FROM gone)",
        "DROP TABLE gone",
    )


def swap_two(log: Log) -> None:
    tamper(
        "CREATE TEMP TABLE swap AS SELECT * FROM ledger_leaf WHERE index IN (200, 201)",
        "DELETE FROM ledger_leaf WHERE index IN (200, 201)",
        "INSERT INTO ledger_leaf SELECT 401 - index, entry_id FROM swap",
        "DROP TABLE swap",
    )


def truncate_the_tail(log: Log) -> None:
    tamper("DELETE FROM ledger_leaf WHERE index >= 300", _ORPHANS)


def roll_back_to_a_backup(log: Log) -> None:
    tamper(
        f"DELETE FROM ledger_cosignature WHERE size > {BACKUP}",
        f"DELETE FROM ledger_checkpoint WHERE size > {BACKUP}",
        f"DELETE FROM ledger_leaf WHERE index >= {BACKUP}",
        _ORPHANS,
    )


def graft_a_fork(log: Log) -> None:
    """Set back, and grown again with other entries under the log's own key."""
    roll_back_to_a_backup(log)
    log.grow(9)


def replace_the_key(log: Log) -> None:
    (Path(settings.OMNIGOV_KEYS_DIR) / keys.FILE).unlink()
    keys._signer.cache_clear()
    log.grow(1)


def replay_an_old_checkpoint(log: Log) -> None:
    tamper(f"DELETE FROM ledger_checkpoint WHERE size > {BACKUP}")


def change_a_tile(log: Log) -> None:
    tamper("UPDATE ledger_tile SET data = overlay(data placing sha256('x') from 33) WHERE level = 0")


def delete_the_outbox(log: Log) -> None:
    """A decision is made while the sequencer is held up, and its entry is deleted before it has its place."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [sequencer._LOCK])
        cast: Any = house._cast(house._any_model())
        batch = recorded.batch_of(cast.policy_version, cast.operator, ("b.png", recorded.png("black")))
        picture = Image.new("RGB", (64, 48))
        decision = recorded.record(batch.submissions.get(), picture=picture, label="money")
        tamper(f"DELETE FROM ledger_entry WHERE id = '{decision.entry}'")
        cursor.execute("SELECT pg_advisory_unlock(%s)", [sequencer._LOCK])


def disable_a_trigger(log: Log) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER rows_are_only_added")
        cursor.execute(f"UPDATE ledger_entry SET workspace = '{uuid4()}' WHERE seq = 5")


def change_a_label(log: Log) -> None:
    """The record is left alone; what people look at is not."""
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE decisions_decision SET label = 'animal'")


_ORPHANS = "DELETE FROM ledger_entry WHERE seq NOT IN (SELECT entry_id FROM ledger_leaf)"

#: Attack, and the check that finds it: of an export made afterwards, of `omnigov ledger check`, by a witness.
MATRIX: dict[Callable[[Log], None], tuple[str, str, str]] = {
    edit_a_row: ("root", "checkpoint", NOBODY),
    drop_a_row: ("index", "index", NOBODY),
    swap_two: ("root", "checkpoint", NOBODY),
    truncate_the_tail: ("index", "index", NOBODY),
    graft_a_fork: (NOBODY, NOBODY, "422"),
    replace_the_key: ("signature", "checkpoint", "403"),
    replay_an_old_checkpoint: (NOBODY, "index", "set back"),
    change_a_tile: (NOBODY, "tile", NOBODY),
    delete_the_outbox: (NOBODY, "tables", NOBODY),
    disable_a_trigger: (NOBODY, "defence", NOBODY),
    roll_back_to_a_backup: (NOBODY, NOBODY, "set back"),
    change_a_label: (NOBODY, "tables", NOBODY),
}


@pytest.mark.parametrize("attack", MATRIX, ids=lambda attack: attack.__name__)
def test_who_finds_it(
    attack: Callable[[Log], None], house_log: Log, witness: Process, tmp_path: Path
) -> None:
    key = str(log_signer().verifier)
    house_log.grow(6)
    assert ask_all()[0].cosigned
    assert check([compare]).ok
    attack(house_log)
    by_verifier, by_check, by_witness = MATRIX[attack]
    found = {problem.check for problem in check([compare]).problems}
    assert (by_check in found) if by_check != NOBODY else not found, found
    (asked,) = ask_all()
    if by_witness == NOBODY:
        assert asked.cosigned, asked.detail
    else:
        assert by_witness in asked.detail
    assert _verified(tmp_path / "after.zip", key) == by_verifier


def _verified(path: Path, key: str) -> str:
    """The check that fails for an export that is made now, by the key that the auditor had before."""
    try:
        export(path)
    except (ExportError, LedgerDamagedError):
        return "refused"
    failed = verify_bundle(path, key).failed
    return failed.check if failed else NOBODY


def test_an_export_changed_after_the_fact_is_found(house_log: Log, tmp_path: Path) -> None:
    export(tmp_path / "b.zip")
    members = read_zip(tmp_path / "b.zip")
    members["entries.ndjson"] = members["entries.ndjson"].replace(b"animal", b"person", 1)
    failed = verify_bundle(write_zip(tmp_path / "c.zip", members), str(log_signer().verifier)).failed
    assert failed is not None
    assert failed.check == "members"
    assert zipfile.is_zipfile(tmp_path / "c.zip")


def test_the_documentation_s_table_is_this_one() -> None:
    text = (settings.BASE_DIR / "docs" / "tamper.en.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    said = {name: tuple(each.strip().strip("`") for each in cells) for name, *cells in rows}
    known = {attack.__name__: finders for attack, finders in MATRIX.items()}
    assert said == known | {"change_an_export": ("members", NOBODY, NOBODY)}
