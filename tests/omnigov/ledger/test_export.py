"""Bundles out of a real log, checked by the verifier that goes with them."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from omnigov.ledger import bundle, standalone, verify
from omnigov.ledger import export as export_module
from omnigov.ledger.canonical import decode
from omnigov.ledger.export import README, ExportError, export
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.verify import verify_bundle
from tests.omnigov.ledger.bundles import read_zip
from tests.omnigov.ledger.conftest import Log

pytestmark = pytest.mark.services


def verified(path: Path) -> verify.Report:
    report = verify_bundle(path, str(log_signer().verifier))
    assert report.failed is None, report.failed
    return report


def exported_ids(path: Path) -> list[str]:
    return [json.loads(line)["entry"]["id"] for line in read_zip(path)[bundle.ENTRIES].splitlines()]


@pytest.mark.parametrize("count", [1, 3])
def test_the_whole_log_is_exported_and_verifies(log: Log, tmp_path: Path, count: int) -> None:
    made = log.grow(count)
    done = export(tmp_path / "b.zip")
    report = verified(tmp_path / "b.zip")
    assert (report.whole, report.entries, report.size) == (True, count, count)
    assert exported_ids(tmp_path / "b.zip") == [str(each.id) for each in made]
    assert (done.entries, done.size, done.whole, done.root) == (count, count, True, report.root)
    data = (tmp_path / "b.zip").read_bytes()
    assert (done.bytes, done.digest) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_log_of_more_than_a_tile_verifies(long_log: Log, tmp_path: Path) -> None:
    export(tmp_path / "b.zip")
    assert verified(tmp_path / "b.zip").entries == 301
    export(tmp_path / "b.zip", kinds=["decision"])
    assert verified(tmp_path / "b.zip").entries == 301


def test_a_part_is_exported_with_proofs(log: Log, tmp_path: Path) -> None:
    run, other = uuid4(), uuid4()
    first = log.append(2, subject=run)
    log.append(30)
    last = log.append(1, subject=run) + log.append(1, subject=other, workspace=uuid4())
    export(tmp_path / "b.zip", subjects=[run])
    report = verified(tmp_path / "b.zip")
    assert (report.whole, report.entries, report.size) == (False, 3, 34)
    assert exported_ids(tmp_path / "b.zip") == [str(each.id) for each in (*first, last[0])]
    export(tmp_path / "b.zip", subjects=[run, other], workspace=Log.workspace)
    assert verified(tmp_path / "b.zip").entries == 3
    with pytest.raises(ExportError, match="would be empty"):
        export(tmp_path / "b.zip", kinds=["review"])
    export(tmp_path / "b.zip", kinds=["decision"])
    assert verified(tmp_path / "b.zip").entries == 34


def test_a_span_of_time_is_exported(log: Log, tmp_path: Path) -> None:
    made = log.grow(5)
    export(tmp_path / "b.zip", since=made[1].created_at, until=made[3].created_at)
    assert exported_ids(tmp_path / "b.zip") == [str(made[1].id), str(made[2].id)]
    assert verified(tmp_path / "b.zip").entries == 2
    selection = decode(read_zip(tmp_path / "b.zip")[bundle.MANIFEST])["selection"]
    assert selection["since"] == made[1].created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    before = (tmp_path / "b.zip").read_bytes()
    with pytest.raises(ExportError, match="would be empty"):
        export(tmp_path / "b.zip", since=datetime.now(UTC) + timedelta(days=1), spool=tmp_path / "spool")
    assert (tmp_path / "b.zip").read_bytes() == before
    assert not (tmp_path / "spool").exists()
    for end in (made[1].created_at, made[0].created_at):
        with pytest.raises(ExportError, match="ends before it begins"):
            export(tmp_path / "b.zip", since=made[1].created_at, until=end)


def test_a_kind_that_does_not_exist_is_refused(log: Log, tmp_path: Path) -> None:
    log.grow(1)
    with pytest.raises(ExportError, match=r"no kind of entry 'decisions'\. Did you mean decision\?"):
        export(tmp_path / "b.zip", kinds=["review", "decisions"])
    with pytest.raises(ExportError, match=r"There are: .*sign_in"):
        export(tmp_path / "b.zip", kinds=["xyzzy"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys"]


def test_what_is_pending_is_integrated_first(log: Log, tmp_path: Path) -> None:
    log.append(3)
    assert export(tmp_path / "b.zip").entries == 3


class Extra:
    """A form of the entries that has these members, whatever the entries are."""

    def __init__(self, *members: tuple[str, bytes]) -> None:
        self._members = members

    def segment(self, folder: Path) -> Extra:
        return self

    def add(self, index: int, entry: dict[str, Any], body: bytes) -> None:
        pass

    def close(self) -> None:
        pass

    def members(self, folders: Sequence[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
        yield from ((name, [data]) for name, data in self._members)


def test_other_forms_are_listed_and_covered(log: Log, tmp_path: Path) -> None:
    log.grow(1)
    more = Extra(("evidence.json", b'{"a":1}'), ("evidence/run.png", b"\x89PNG"))
    export(tmp_path / "b.zip", forms=[more])
    members = read_zip(tmp_path / "b.zip")
    assert members["evidence/run.png"] == b"\x89PNG"
    listed = {member["name"] for member in decode(members[bundle.MANIFEST])["members"]}
    assert listed == members.keys() - {bundle.MANIFEST, bundle.SIGNATURE}
    assert {standalone.NAME, README, "evidence.json", "evidence/run.png"} < listed
    verified(tmp_path / "b.zip")


@pytest.mark.parametrize(
    "name", [bundle.MANIFEST, bundle.ENTRIES, standalone.NAME, "../x", "/x", "", "a.json", "A.JSON"]
)
def test_a_form_can_t_take_a_name_that_is_taken_or_harmful(log: Log, tmp_path: Path, name: str) -> None:
    log.grow(1)
    with pytest.raises(ExportError):
        export(tmp_path / "b.zip", forms=[Extra(("a.json", b""), (name, b""))])
    assert list(tmp_path.glob("*")) == [tmp_path / "keys"]


def test_the_bundle_s_own_verifier_verifies_it(log: Log, tmp_path: Path) -> None:
    log.grow(3)
    export(tmp_path / "b.zip", subjects=[log.append()[0].subject])
    program = tmp_path / "omnigov_verify.py"
    program.write_bytes(read_zip(tmp_path / "b.zip")[standalone.NAME])
    command = [
        sys.executable,
        "-I",
        str(program),
        str(tmp_path / "b.zip"),
        "--key",
        str(log_signer().verifier),
    ]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)["entries"]) == (0, 1)


def test_it_writes_to_an_open_file(log: Log, tmp_path: Path) -> None:
    log.grow(2)
    out = io.BytesIO()
    assert export(out).bytes == len(out.getvalue())
    (tmp_path / "b.zip").write_bytes(out.getvalue())
    verified(tmp_path / "b.zip")


def test_an_empty_log_is_not_exported(log: Log, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="empty"):
        export(tmp_path / "b.zip")


def test_a_short_export_is_an_error_and_leaves_nothing(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.grow(3)
    (tmp_path / "b.zip").write_bytes(b"an earlier export")
    monkeypatch.setattr(export_module, "integrated_count", lambda *_: 4)
    with pytest.raises(ExportError, match="4 entries were to be exported, and 3 were read"):
        export(tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_bytes() == b"an earlier export"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "keys"]


def test_an_export_does_not_go_without_what_is_stuck(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.grow(1)
    (stuck,) = log.append()
    monkeypatch.setattr(export_module, "integrate", lambda: 0)
    with pytest.raises(ExportError, match="would be short"):
        export(tmp_path / "b.zip", timeout=0.05)
    export(tmp_path / "b.zip", until=stuck.created_at, timeout=0.05)
    assert verified(tmp_path / "b.zip").entries == 1


def test_an_export_is_not_held_up_by_what_comes_after_it_began(log: Log, tmp_path: Path) -> None:
    log.grow(2)
    done = export(tmp_path / "b.zip")
    log.grow(2)
    assert done.size == 2
    assert verified(tmp_path / "b.zip").size == 2


def test_every_page_is_read(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.grow(7)
    for before, page in enumerate((1, 3, 7, 8)):
        monkeypatch.setattr("omnigov.ledger.queries._PAGE", page)
        assert export(tmp_path / "b.zip").entries == 7 + before  # each export is an entry of the next


def test_an_export_is_on_the_record_before_the_file_is_there(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.grow(2)
    done = export(tmp_path / "b.zip", workspace=Log.workspace, exporter=UUID(int=3))
    made = LedgerEntry.objects.get(kind="export")
    record = json.loads(bytes(made.body))["record"]
    assert record["bundle"] == done.digest == hashlib.sha256((tmp_path / "b.zip").read_bytes()).hexdigest()
    assert (record["exporter"], record["entries"], made.workspace) == (str(UUID(int=3)), 2, Log.workspace)

    def refuse(**_: object) -> None:
        raise OperationalError("the database is gone")

    monkeypatch.setattr("omnigov.ledger.export.export_record", refuse)
    with pytest.raises(OperationalError):
        export(tmp_path / "c.zip")
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["b.zip"]


@pytest.mark.long
def test_memory_does_not_grow_with_the_log(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def peak() -> int:
        tracemalloc.start()
        export(tmp_path / "b.zip")
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    monkeypatch.setattr("omnigov.ledger.queries._PAGE", 50)
    log.grow(1200)  # a thousand entries are signed at a time: from there on every buffer has been full
    peak()
    small = peak()
    log.grow(4000)
    assert peak() < 1.1 * small


def test_the_selection_is_in_the_manifest(log: Log, tmp_path: Path) -> None:
    (made,) = log.grow(1)
    export(
        tmp_path / "b.zip",
        workspace=Log.workspace,
        kinds=["decision", "attribution"],
        subjects=[made.subject],
    )
    manifest = decode(read_zip(tmp_path / "b.zip")[bundle.MANIFEST])
    assert manifest["selection"] == {
        "kinds": ["attribution", "decision"],
        "since": None,
        "subjects": [str(made.subject)],
        "until": None,
        "workspace": str(Log.workspace),
    }
    assert manifest["entries"] == {"actual": 1, "expected": 1}


class Cut(Exception):
    """The machine goes down."""


@pytest.mark.parametrize("selected", [None, Log.workspace])
def test_an_export_that_was_cut_off_goes_on_where_it_was(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, selected: UUID | None
) -> None:
    monkeypatch.setattr(export_module, "SEGMENT", 3)
    log.grow(8)
    spool, told = tmp_path / "spool", list[int]()

    def cut(count: int, total: int) -> None:
        told.append(count)
        if count == 6:
            raise Cut

    with pytest.raises(Cut):
        export(tmp_path / "b.zip", workspace=selected, spool=spool, progress=cut)
    assert not (tmp_path / "b.zip").exists()
    (spool / "000002.part").mkdir()  # of a segment that was half written
    log.grow(4)  # what comes meanwhile is not in it: it stays at the checkpoint that it began with
    done = export(tmp_path / "b.zip", workspace=selected, spool=spool, progress=lambda n, _: told.append(n))
    assert told == [3, 6, 8]
    assert (done.entries, done.size) == (8, 8)
    assert verified(tmp_path / "b.zip").entries == 8
    assert not spool.exists()


def test_a_spool_of_another_order_is_thrown_away(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "SEGMENT", 2)
    log.grow(5)
    spool = tmp_path / "spool"

    def cut(count: int, total: int) -> None:
        raise Cut

    with pytest.raises(Cut):
        export(tmp_path / "b.zip", spool=spool, progress=cut)
    done = export(tmp_path / "b.zip", workspace=Log.workspace, spool=spool)
    assert (done.entries, done.whole) == (5, False)
    assert verified(tmp_path / "b.zip").entries == 5
