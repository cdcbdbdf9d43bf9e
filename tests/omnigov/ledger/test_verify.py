"""What the offline verifier takes, and that it names what it does not take."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omnigov.ledger import verify
from omnigov.ledger.canonical import ENTRY_LIMIT, encode
from omnigov.ledger.merkle import leaf_hash
from omnigov.ledger.verify import main, verify_bundle
from tests.omnigov.ledger.bundles import FORGER, KEY, SIGNER, Draft, entry, log, read_zip, write_zip

PART = [1, 2, 5, 8]


def whole() -> Draft:
    return Draft(log(9))


def part() -> Draft:
    return Draft(log(9), PART)


def failure(path: Path, key: str | None = KEY) -> tuple[str, int | None]:
    """The name of the first failed check, and the entry."""
    failed = verify_bundle(path, key).failed
    assert failed is not None, "the bundle verified"
    assert failed.check in verify.CHECKS
    return failed.check, failed.entry


# --- what is taken -----------------------------------------------------------------------------------


def test_a_whole_log_verifies(tmp_path: Path) -> None:
    report = verify_bundle(whole().pack(tmp_path / "b.zip"), KEY)
    assert report.ok
    assert report.signer_checked
    assert (report.entries, report.size, report.whole, report.origin) == (9, 9, True, "test.example/log")
    assert report.passed == [check for check in verify.CHECKS if check != "inclusion"]


def test_a_part_verifies_by_its_proofs(tmp_path: Path) -> None:
    report = verify_bundle(part().pack(tmp_path / "b.zip"), KEY)
    assert report.ok
    assert (report.entries, report.size, report.whole) == (4, 9, False)
    assert report.passed == [check for check in verify.CHECKS if check not in {"root", "previous"}]


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


# --- every member, changed after the fact ------------------------------------------------------------


@pytest.mark.parametrize("make", [whole, part])
def test_no_byte_of_a_member_can_be_changed(tmp_path: Path, make: Callable[[], Draft]) -> None:
    members = read_zip(make().pack(tmp_path / "b.zip"))
    for name, data in members.items():
        for at in {0, len(data) // 2, len(data) - 1}:
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            check, _ = failure(write_zip(tmp_path / "c.zip", {**members, name: changed}))
            assert check in {verify.MANIFEST: {"manifest", "signature"}, verify.SIGNATURE: {"signature"}}.get(
                name, {"members"}
            )
        assert failure(write_zip(tmp_path / "c.zip", {**members, name: data + b"\n"}))[0] != "count"
        assert failure(write_zip(tmp_path / "c.zip", {**members, name: b""}))[0] != "count"


@pytest.mark.parametrize(("make", "expected"), [(whole, range(9)), (part, PART)])
def test_the_entry_that_was_changed_is_named(
    tmp_path: Path, make: Callable[[], Draft], expected: list[int]
) -> None:
    draft = make()
    members = read_zip(draft.pack(tmp_path / "b.zip"))
    for number, index in enumerate(expected):
        lines = list(draft.lines)
        lines[number] = lines[number].replace(b"animal", b"person")
        path = write_zip(tmp_path / "c.zip", {**members, verify.ENTRIES: b"".join(lines)})
        assert failure(path) == ("members", index)
        lines[number] = lines[number].replace(b"person", b"per\x00on")
        path = write_zip(tmp_path / "c.zip", {**members, verify.ENTRIES: b"".join(lines)})
        assert failure(path) == ("members", index)


def test_no_entry_is_named_where_none_can_be(tmp_path: Path) -> None:
    draft = whole()
    members = read_zip(draft.pack(tmp_path / "b.zip"))
    both = {**members, verify.ENTRIES: b"{}\n", verify.LEAVES: b""}
    assert failure(write_zip(tmp_path / "c.zip", both)) == ("members", None)
    more = {**members, verify.ENTRIES: members[verify.ENTRIES] + draft.lines[0]}
    assert failure(write_zip(tmp_path / "c.zip", more)) == ("members", 0)
    fewer = {**members, verify.ENTRIES: b"".join(draft.lines[:-1])}
    assert failure(write_zip(tmp_path / "c.zip", fewer)) == ("members", None)


def test_no_byte_of_the_file_can_be_changed_unseen(tmp_path: Path) -> None:
    path = Draft(log(2)).pack(tmp_path / "b.zip")
    data, members = path.read_bytes(), read_zip(path)
    harmless = 0
    for at in range(len(data)):
        changed = tmp_path / "c.zip"
        changed.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        if verify_bundle(changed, KEY).ok:
            # A time or a version in a header: what is read is what was signed.
            assert read_zip(changed) == members
            harmless += 1
    assert harmless < len(data) // 4


@pytest.mark.parametrize("at", [0, 1, 10, 100, -300, -1])
def test_a_truncated_file_fails(tmp_path: Path, at: int) -> None:
    path = whole().pack(tmp_path / "b.zip")
    path.write_bytes(path.read_bytes()[:at])
    assert failure(path)[0] == "archive"


def test_a_missing_file_fails(tmp_path: Path) -> None:
    assert failure(tmp_path / "none.zip") == ("archive", None)
    assert failure(tmp_path) == ("archive", None)


# --- members that are missing, added, doubled, or named to do harm -----------------------------------


@pytest.mark.parametrize(
    ("name", "check"),
    [
        (verify.MANIFEST, "manifest"),
        (verify.SIGNATURE, "signature"),
        (verify.ENTRIES, "members"),
        (verify.LEAVES, "members"),
        (verify.CHECKPOINT, "members"),
        (verify.PROOFS, "members"),
        ("evidence/a.json", "members"),
    ],
)
def test_a_missing_member_fails(tmp_path: Path, name: str, check: str) -> None:
    members = read_zip(part().pack(tmp_path / "b.zip"))
    del members[name]
    assert failure(write_zip(tmp_path / "c.zip", members)) == (check, None)


@pytest.mark.parametrize("name", [verify.ENTRIES, verify.LEAVES, verify.CHECKPOINT, verify.PROOFS])
def test_a_needed_member_has_to_be_listed(tmp_path: Path, name: str) -> None:
    draft = part()
    taken = draft.members.pop(name)
    members = read_zip(draft.pack(tmp_path / "b.zip"))
    assert failure(tmp_path / "b.zip") == ("members", None)
    assert failure(write_zip(tmp_path / "c.zip", {**members, name: taken})) == ("members", None)


def test_an_unlisted_member_fails(tmp_path: Path) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    assert failure(write_zip(tmp_path / "c.zip", {**members, "evidence/b.json": b"{}"})) == ("members", None)


def test_a_member_listed_twice_fails(tmp_path: Path) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    manifest = json.loads(members[verify.MANIFEST])
    manifest["members"].append(manifest["members"][0])
    assert failure(_signed(tmp_path, members, encode(manifest))) == ("members", None)


def test_a_member_that_is_there_twice_fails(tmp_path: Path) -> None:
    path = whole().pack(tmp_path / "b.zip")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("evidence/a.json", b"{}")
    assert failure(path) == ("names", None)


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/passwd",
        "a/../b",
        "a//b",
        "a\\b",
        "C:x",
        ".hidden",
        "a/.b",
        "a\nb",
        "a b",
        "é",
        "",
        "EVIDENCE/A.JSON",
        "a\x00b",
    ],
)
def test_a_name_that_could_do_harm_fails(tmp_path: Path, name: str) -> None:
    draft = whole()
    members = read_zip(draft.pack(tmp_path / "b.zip"))
    placeholder = "n" * max(1, len(name.encode()))
    path = write_zip(tmp_path / "c.zip", {**members, placeholder: b"x"})
    data = path.read_bytes().replace(placeholder.encode() if name else b"~", name.encode() or b"~")
    path.write_bytes(data)
    if not name:
        path = write_zip(tmp_path / "c.zip", {**members, name: b"x"})
    assert failure(path) == ("names", None)


def test_a_folder_a_link_or_a_comment_is_no_member(tmp_path: Path) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    assert failure(write_zip(tmp_path / "c.zip", {**members, "a/": b""}))[0] == "archive"

    def linked(info: zipfile.ZipInfo) -> None:
        info.external_attr = 0o120777 << 16

    assert failure(write_zip(tmp_path / "c.zip", members, linked))[0] == "archive"

    def commented(info: zipfile.ZipInfo) -> None:
        info.comment = b"hidden"

    assert failure(write_zip(tmp_path / "c.zip", members, commented))[0] == "archive"

    def extended(info: zipfile.ZipInfo) -> None:
        info.extra = struct.pack("<HH4s", 0x7777, 4, b"hide")

    assert failure(write_zip(tmp_path / "c.zip", members, extended))[0] == "archive"

    def packed(info: zipfile.ZipInfo) -> None:
        info.compress_type = zipfile.ZIP_LZMA

    assert failure(write_zip(tmp_path / "c.zip", members, packed))[0] == "archive"


def test_bytes_that_belong_to_no_member_fail(tmp_path: Path) -> None:
    path = whole().pack(tmp_path / "b.zip")
    data = path.read_bytes()
    for changed in (b"#!/bin/sh\n" + data, data + b"\n", data[:-2] + b"\x03\x00abc"):
        path.write_bytes(changed)
        assert failure(path)[0] == "archive"


def test_a_member_that_the_directory_does_not_show_fails(tmp_path: Path) -> None:
    """A ZIP whose last or first member was taken out of its directory still holds that member's bytes."""
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    for order in ({"first": b"x" * 50, **members}, {**members, "last": b"x" * 50}):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in order.items():
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
            hidden = archive.NameToInfo.pop("first" if "first" in order else "last")
            archive.filelist.remove(hidden)
        path = tmp_path / "c.zip"
        path.write_bytes(out.getvalue())
        assert failure(path)[0] == "archive"


def test_a_manifest_that_can_t_be_unpacked_fails(tmp_path: Path) -> None:
    path = whole().pack(tmp_path / "b.zip")
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(verify.MANIFEST)
    data = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len(info.filename)
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert failure(path) == ("manifest", None)


def test_an_entries_member_that_can_t_be_unpacked_fails(tmp_path: Path) -> None:
    path = whole().pack(tmp_path / "b.zip")
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(verify.ENTRIES)
    data = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len(info.filename)
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert failure(path) == ("members", None)


def test_a_manifest_too_large_to_read_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = whole().pack(tmp_path / "b.zip")
    monkeypatch.setattr(verify, "MANIFEST_LIMIT", 100)
    assert failure(path) == ("manifest", None)


# --- a manifest that is signed, and wrong ------------------------------------------------------------


def _signed(tmp_path: Path, members: dict[str, bytes], manifest: bytes) -> Path:
    signature = SIGNER.sign(verify.manifest_note_text(manifest)).encode()
    return write_zip(tmp_path / "s.zip", {**members, verify.MANIFEST: manifest, verify.SIGNATURE: signature})


@pytest.mark.parametrize(
    "change",
    [
        {"format": "omnigov-bundle/2"}, {"more": 1}, {"key": 1}, {"whole": 1}, {"members": {}}, {"entries": 3},
        {"entries": {"actual": 9}}, {"entries": {"actual": True, "expected": 9}}, {"checkpoint": None}, {"checkpoint": {"size": 9}},
        {"members": [{"name": "a", "bytes": 1}]}, {"members": [{"name": 1, "bytes": 1, "sha256": ""}]}, {"members": [3]},
    ],
)  # fmt: skip
def test_a_manifest_of_another_form_fails(tmp_path: Path, change: dict[str, Any]) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    manifest = {**json.loads(members[verify.MANIFEST]), **change}
    assert failure(_signed(tmp_path, members, encode(manifest))) == ("manifest", None)


@pytest.mark.parametrize("manifest", [b"[]", b"{}", b'{"format": 1}', b"\xff"])
def test_a_manifest_that_is_none_fails(tmp_path: Path, manifest: bytes) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    assert failure(_signed(tmp_path, members, manifest)) == ("manifest", None)


def test_a_signature_over_another_manifest_fails(tmp_path: Path) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    other = SIGNER.sign(verify.manifest_note_text(b"other")).encode()
    assert failure(write_zip(tmp_path / "c.zip", {**members, verify.SIGNATURE: other})) == ("signature", None)
    # The log's own checkpoint is signed with the same key, and must not pass for a signed manifest.
    stolen = {**members, verify.SIGNATURE: members[verify.CHECKPOINT]}
    assert failure(write_zip(tmp_path / "c.zip", stolen)) == ("signature", None)


def test_a_key_that_is_none_fails(tmp_path: Path) -> None:
    assert failure(whole().pack(tmp_path / "b.zip"), "nonsense") == ("signature", None)


def test_a_checkpoint_by_another_key_fails(tmp_path: Path) -> None:
    assert failure(Draft(log(9), log_signer=FORGER).pack(tmp_path / "b.zip")) == ("checkpoint", None)


def test_a_checkpoint_of_another_log_fails(tmp_path: Path) -> None:
    draft = whole()
    other = draft.checkpoint.text().replace("test.example/log", "test.example/old")
    draft.members[verify.CHECKPOINT] = SIGNER.sign(other).encode()
    assert failure(draft.pack(tmp_path / "b.zip")) == ("checkpoint", None)


def test_a_text_that_is_no_checkpoint_fails(tmp_path: Path) -> None:
    draft = whole()
    draft.members[verify.CHECKPOINT] = SIGNER.sign("test.example/log\nnine\n").encode()
    assert failure(draft.pack(tmp_path / "b.zip")) == ("checkpoint", None)


def test_an_old_checkpoint_played_again_fails(tmp_path: Path) -> None:
    draft = whole()
    draft.members[verify.CHECKPOINT] = Draft(log(8)).members[verify.CHECKPOINT]
    assert failure(draft.pack(tmp_path / "b.zip")) == ("checkpoint", None)
    draft.manifest["checkpoint"] = Draft(log(8)).manifest["checkpoint"]
    assert failure(draft.pack(tmp_path / "b.zip")) == ("index", 8)


@pytest.mark.parametrize(
    "counts", [{"actual": 8, "expected": 9}, {"actual": 9, "expected": 10}, {"actual": 8, "expected": 8}]
)
@pytest.mark.parametrize("make", [whole, part])
def test_a_short_export_fails(tmp_path: Path, make: Callable[[], Draft], counts: dict[str, int]) -> None:
    draft = make()
    draft.manifest["entries"] = counts
    assert failure(draft.pack(tmp_path / "b.zip")) == ("count", None)


# --- entries that somebody with the log's key has changed --------------------------------------------


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
    draft.members[verify.LEAVES] += bytes(32)
    assert failure(draft.pack(tmp_path / "b.zip")) == ("leaves", None)
    draft.members[verify.LEAVES] = draft.members[verify.LEAVES][:-33]
    assert failure(draft.pack(tmp_path / "b.zip")) == ("leaves", 8)


@pytest.mark.parametrize(
    "proofs",
    [b"", b"[]\n", b'{"hashes":[],"index":1}\n', b'{"hashes":3,"index":1}\n', b'{"hashes":[3],"index":1}\n', b'{"hashes":["!"],"index":1}\n',
     b'{"hashes":[],"index":"1"}\n', b'{"hashes":["\xc3\xa9"],"index":1}\n', b'{"hashes":[],"index":2}\n', b"{}"],
)  # fmt: skip
def test_a_proof_that_is_none_fails(tmp_path: Path, proofs: bytes) -> None:
    draft = part()
    draft.members[verify.PROOFS] = proofs
    assert failure(draft.pack(tmp_path / "b.zip"))[0] == "inclusion"


@pytest.mark.parametrize(
    "line",
    [
        b"\n", b"{}\n", b'{"entry":{},"index":0}', b'{"entry":{}, "index":0}\n', b'{"entry":{},"index":true}\n', b"[1,2]\n",
        b'{"entry":{},"index":0,"more":1}\n', b'{"entry":{},"index":0}\n', b'{"entry":1.5,"index":0}\n', b"x" * 70_000,
        b'{"entry":[],"index":0}\n',
    ],
)  # fmt: skip
def test_a_line_that_is_no_entry_fails(tmp_path: Path, line: bytes) -> None:
    draft = whole()
    draft.members[verify.ENTRIES] = line + b"".join(draft.lines[1:])
    assert failure(draft.pack(tmp_path / "b.zip"))[0] == "entries"


def test_a_line_in_another_form_is_named(tmp_path: Path) -> None:
    draft = whole()
    lines = [*draft.lines[:4], draft.lines[4].replace(b'"kind":', b'"kind": '), *draft.lines[5:]]
    draft.members[verify.ENTRIES] = b"".join(lines)
    assert failure(draft.pack(tmp_path / "b.zip")) == ("entries", 4)


@pytest.mark.parametrize(
    "change",
    [{"more": 1}, {"at": 1}, {"schema": "1"}, {"schema": True}, {"record": []}, {"workspace": 1}, {"previous": "abc"}, {"previous": 1}, {"id": None}],
)  # fmt: skip
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


# --- the command -------------------------------------------------------------------------------------


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
    assert main([str(tmp_path / "none"), "--key", str(tmp_path / "no key")]) == 1
    assert "FAILED  archive:" in capsys.readouterr().out
    assert main([str(path), "--key", "no key"]) == 1
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
