"""What the offline verifier takes, and that it names what it does not take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omnigov.ledger import bundle, bundle_entries, verify
from omnigov.ledger.canonical import ENTRY_LIMIT, encode
from omnigov.ledger.merkle import leaf_hash
from omnigov.ledger.verify import main, verify_bundle
from tests.omnigov.ledger.bundles import (
    FORGER,
    KEY,
    PART,
    Draft,
    entry,
    failure,
    log,
    part,
    whole,
)

UNUSED = {"witnesses", "evidence", "samples", "statements"}

# --- what is taken -------------------------------------------------------------------------------------


def test_a_whole_log_verifies(tmp_path: Path) -> None:
    report = verify_bundle(whole().pack(tmp_path / "b.zip"), KEY)
    assert report.ok
    assert report.signer_checked
    assert (report.entries, report.size, report.whole, report.origin) == (9, 9, True, "test.example/log")
    assert report.passed == [check for check in verify.CHECKS if check not in {*UNUSED, "inclusion"}]


def test_a_part_verifies_by_its_proofs(tmp_path: Path) -> None:
    report = verify_bundle(part().pack(tmp_path / "b.zip"), KEY)
    assert report.ok
    assert (report.entries, report.size, report.whole) == (4, 9, False)
    assert report.passed == [check for check in verify.CHECKS if check not in {*UNUSED, "root", "previous"}]


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_entries, "PARALLEL_FROM", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(bundle_entries, "CHUNK", 700)  # so that a block is a line or two
    draft = whole()
    assert verify_bundle(draft.pack(tmp_path / "b.zip"), KEY).ok
    lines = draft.lines
    draft.members[bundle.ENTRIES] = b"".join(
        [*lines[:4], lines[4].replace(b'"kind":', b'"kind": '), *lines[5:]]
    )
    assert failure(draft.pack(tmp_path / "b.zip")) == ("entries", 4)
    draft.members[bundle.ENTRIES] = b"".join([*lines[:5], *lines[6:]])
    assert failure(draft.pack(tmp_path / "b.zip"))[0] == "index"


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_logs_of_every_shape_verify(tmp_path: Path, size: int) -> None:
    assert verify_bundle(Draft(log(size)).pack(tmp_path / "b.zip"), KEY).ok
    assert verify_bundle(Draft(log(size), [size - 1]).pack(tmp_path / "b.zip"), KEY).ok
    assert verify_bundle(Draft(log(size), []).pack(tmp_path / "b.zip"), KEY).ok


def test_without_a_key_it_says_that_the_signer_was_not_checked(tmp_path: Path) -> None:
    report = verify_bundle(whole().pack(tmp_path / "b.zip"))
    assert report.ok
    assert not report.signer_checked
    assert report.key == KEY


def test_a_forger_who_signs_anew_is_caught_by_the_key_alone(tmp_path: Path) -> None:
    path = Draft(log(9), signer=FORGER).pack(tmp_path / "b.zip")
    assert verify_bundle(path).ok
    assert failure(path) == ("signature", None)


# --- entries that somebody with the log's key has changed ----------------------------------------------


def test_a_changed_entry_does_not_lead_to_the_signed_root(tmp_path: Path) -> None:
    draft = whole()
    changed = [draft.lines[0].replace(b"animal", b"person"), *draft.lines[1:]]
    draft.entries[1]["previous"] = None
    assert failure(draft.retell(changed, leaves=False).pack(tmp_path / "b.zip")) == ("leaves", 0)
    lines = [*draft.lines[:8], draft.lines[8].replace(b"animal", b"person")]
    assert failure(whole().retell(lines[:0] + whole().lines[:8] + lines[8:]).pack(tmp_path / "b.zip")) == (
        "root",
        None,
    )


def test_a_changed_entry_of_a_part_is_named(tmp_path: Path) -> None:
    draft = part()
    for number, index in enumerate(PART):
        lines = list(part().lines)
        lines[number] = lines[number].replace(b"animal", b"person")
        assert failure(draft.retell(lines).pack(tmp_path / "b.zip")) == ("inclusion", index)


@pytest.mark.parametrize("make", [whole, part])
def test_entries_out_of_order_fail(tmp_path: Path, make: Callable[[], Draft]) -> None:
    first = make().lines
    assert failure(make().retell(first[::-1]).pack(tmp_path / "b.zip"))[0] in {"index", "inclusion"}
    swapped = [first[1], first[0], *first[2:]]
    assert failure(make().retell(swapped).pack(tmp_path / "b.zip"))[0] in {"index", "inclusion"}
    doubled = [first[0], first[0], *first[1:]]
    assert failure(make().retell(doubled).pack(tmp_path / "b.zip")) == (
        "index",
        make().chosen[0] if make().chosen else 0,
    )


def test_a_gap_is_named(tmp_path: Path) -> None:
    lines = whole().lines
    for gone in range(9):
        expected = gone + 1 if gone < 8 else 8
        assert failure(whole().retell(lines[:gone] + lines[gone + 1 :]).pack(tmp_path / "b.zip")) == (
            "index",
            expected,
        )


def test_an_entry_beyond_the_checkpoint_fails(tmp_path: Path) -> None:
    beyond = b'{"entry":%b,"index":9}\n' % encode(entry(9))
    assert failure(whole().retell([*whole().lines, beyond]).pack(tmp_path / "b.zip")) == ("index", 9)
    assert failure(part().retell([*part().lines, beyond]).pack(tmp_path / "b.zip")) == ("index", 9)


def test_an_entry_dropped_from_a_part_leaves_a_proof_over(tmp_path: Path) -> None:
    lines = part().lines
    assert failure(part().retell(lines[:-1]).pack(tmp_path / "b.zip")) == ("inclusion", None)
    assert failure(part().retell(lines[1:]).pack(tmp_path / "b.zip")) == ("inclusion", 2)


def test_leaf_hashes_that_are_left_over_fail(tmp_path: Path) -> None:
    draft = whole()
    draft.members[bundle.LEAVES] += bytes(32)
    assert failure(draft.pack(tmp_path / "b.zip")) == ("leaves", None)
    draft.members[bundle.LEAVES] = draft.members[bundle.LEAVES][:-33]
    assert failure(draft.pack(tmp_path / "b.zip")) == ("leaves", 8)


@pytest.mark.parametrize(
    "proofs",
    [
        b"",
        b"[]\n",
        b'{"hashes":[],"index":1}\n',
        b'{"hashes":3,"index":1}\n',
        b'{"hashes":[3],"index":1}\n',
        b'{"hashes":["!"],"index":1}\n',
        b'{"hashes":[],"index":"1"}\n',
        b'{"hashes":["\xc3\xa9"],"index":1}\n',
        b'{"hashes":[],"index":2}\n',
        b"{}",
    ],
)
def test_a_proof_that_is_none_fails(tmp_path: Path, proofs: bytes) -> None:
    draft = part()
    draft.members[bundle.PROOFS] = proofs
    assert failure(draft.pack(tmp_path / "b.zip"))[0] == "inclusion"


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b'{"entry":{},"index":0}',
        b'{"entry":{}, "index":0}\n',
        b'{"entry":{},"index":true}\n',
        b"[1,2]\n",
        b'{"entry":{},"index":0,"more":1}\n',
        b'{"entry":{},"index":0}\n',
        b'{"entry":1.5,"index":0}\n',
        b"x" * 70_000,
        b'{"entry":[],"index":0}\n',
    ],
)
def test_a_line_that_is_no_entry_fails(tmp_path: Path, line: bytes) -> None:
    draft = whole()
    draft.members[bundle.ENTRIES] = line + b"".join(draft.lines[1:])
    assert failure(draft.pack(tmp_path / "b.zip"))[0] == "entries"


def test_a_line_in_another_form_is_named(tmp_path: Path) -> None:
    draft = whole()
    lines = [*draft.lines[:4], draft.lines[4].replace(b'"kind":', b'"kind": '), *draft.lines[5:]]
    draft.members[bundle.ENTRIES] = b"".join(lines)
    assert failure(draft.pack(tmp_path / "b.zip")) == ("entries", 4)


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"at": 1},
        {"schema": "1"},
        {"schema": True},
        {"record": []},
        {"workspace": 1},
        {"previous": "abc"},
        {"previous": 1},
        {"id": None},
    ],
)
def test_an_entry_of_another_form_fails(tmp_path: Path, change: dict[str, Any]) -> None:
    assert failure(Draft([*log(2), entry(2) | change]).pack(tmp_path / "b.zip")) == ("entries", 2)


def test_an_entry_without_a_field_fails(tmp_path: Path) -> None:
    lacking = entry(2)
    del lacking["at"]
    assert failure(Draft([*log(2), lacking]).pack(tmp_path / "b.zip")) == ("entries", 2)


def test_an_entry_as_large_as_the_limit_fails(tmp_path: Path) -> None:
    fixed = len(encode(entry(0, record={"x": ""})))
    for length, fits in [(ENTRY_LIMIT - 1 - fixed, True), (ENTRY_LIMIT - fixed, False)]:
        draft = whole()
        body = encode(entry(0, record={"x": "y" * length}), ENTRY_LIMIT * 2)
        path = draft.retell([b'{"entry":%b,"index":0}\n' % body]).pack(tmp_path / "b.zip")
        assert failure(path) == (("index", 1) if fits else ("entries", 0))


def test_a_predecessor_comes_before(tmp_path: Path) -> None:
    later = leaf_hash(b"not in the log")
    assert failure(Draft([*log(2), entry(2, later)]).pack(tmp_path / "b.zip")) == ("previous", 2)
    # A part may leave the predecessor out.
    assert verify_bundle(Draft([*log(2), entry(2, later)], [2]).pack(tmp_path / "b.zip"), KEY).ok


# --- the command ---------------------------------------------------------------------------------------


def test_it_exits_0_and_says_whose_key_was_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = whole().pack(tmp_path / "b.zip")
    assert main([str(path), "--key", KEY]) == 0
    assert "verified, 9 entries (the whole log)" in (said := capsys.readouterr().out)
    assert "signer was checked" in said
    (tmp_path / "key").write_text(KEY + "\n")
    assert main([str(path), "--key", str(tmp_path / "key")]) == 0
    capsys.readouterr()
    assert main([str(path)]) == 0
    assert "NOT checked" in capsys.readouterr().out


def test_it_exits_1_and_names_check_and_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = part()
    lines = [draft.lines[0], draft.lines[1].replace(b"animal", b"person"), *draft.lines[2:]]
    path = draft.retell(lines).pack(tmp_path / "b.zip")
    assert main([str(path), "--key", KEY]) == 1
    assert "FAILED  inclusion at entry 2:" in capsys.readouterr().out
    assert main([str(tmp_path / "none"), "--key", KEY]) == 1
    assert "FAILED  archive:" in capsys.readouterr().out
    assert main([str(path), "--key", f"{KEY}x"]) == 1
    assert "FAILED  signature:" in capsys.readouterr().out


def test_it_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = whole().pack(tmp_path / "b.zip")
    assert main([str(path), "--key", KEY, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["entries"], report["signer_checked"], report["failed"]) == (
        True,
        9,
        True,
        None,
    )
    path.write_bytes(b"")
    assert main([str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"]["check"] == "archive"


def test_a_bundle_beyond_the_limits_of_the_old_format_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More members than 65,535 or more bytes than four gibibytes take ZIP64's end records."""
    monkeypatch.setattr("zipfile.ZIP64_LIMIT", 100)
    monkeypatch.setattr("zipfile.ZIP_FILECOUNT_LIMIT", 2)
    packed = whole().pack(tmp_path / "b.zip")
    assert b"PK\x06\x06" in packed.read_bytes()
    monkeypatch.undo()
    assert verify_bundle(packed, KEY).ok
    (tmp_path / "b.zip").write_bytes(packed.read_bytes().replace(b"PK\x06\x06", b"more bytesPK\x06\x06"))
    assert failure(packed)[0] == "archive"


# --- keys as people keep them --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", "begins with a byte order mark"),
        ("utf-16", "is in UTF-16"),
        ("utf-16-le", "is in UTF-16"),
        ("utf-16-be", "is in UTF-16"),
    ],
)
def test_a_key_file_is_read_as_it_was_written(
    encoding: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, key = whole().pack(tmp_path / "b.zip"), tmp_path / "log key.txt"
    key.write_bytes(f"{KEY}\r\n".encode(encoding))
    assert main([str(path), "--key", str(key)]) == 0
    out = capsys.readouterr().out
    assert "The signer was checked" in out
    assert said in out
    assert out.startswith("note") == bool(said)
    assert main([str(path), "--key", str(key), "--json"]) == 0
    assert said in json.loads(capsys.readouterr().out)["key_file"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no key file"),
        (b"", "holds no key"),
        ("nonsense".encode("utf-16"), "is in UTF-16 and holds no key"),
        (b"\xff\x80\x81", "is no text in UTF-8 or UTF-16"),
    ],
)
def test_a_key_file_that_holds_none_is_named(
    content: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, key = whole().pack(tmp_path / "b.zip"), tmp_path / "key.txt"
    if content is not None:
        key.write_bytes(content)
    assert main([str(path), "--key", str(key)]) == 1
    assert "FAILED  key:" in (out := capsys.readouterr().out)
    assert said in out
    assert main([str(path), "--key", KEY, "--witness", str(key)]) == 1
    assert "FAILED  key:" in capsys.readouterr().out
    assert main([str(path), "--key", str(key), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"]["check"] == "key"


# --- what is not shown ---------------------------------------------------------------------------------


def test_it_says_what_it_can_t_establish(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = part().pack(tmp_path / "b.zip")
    assert main([str(path)]) == 0
    _, _, limits = capsys.readouterr().out.partition("What this does not show:\n")
    for limit in ("left unrecorded", "who acted", "why, and", "who signed it", "4 of its 9 entries"):
        assert limit in limits
    assert main([str(path), "--key", KEY, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["not_shown"]
    assert not any("who signed" in limit for limit in shown)
    assert any("cosignature" in limit for limit in shown)
