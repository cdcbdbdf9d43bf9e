"""The ZIP and its manifest: what is refused before an entry is looked at."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omnigov.ledger import bundle
from omnigov.ledger.canonical import encode
from omnigov.ledger.verify import verify_bundle
from tests.omnigov.ledger.bundles import (
    FORGER,
    KEY,
    PART,
    SIGNER,
    Draft,
    failure,
    log,
    part,
    read_zip,
    whole,
    write_zip,
)

# --- every member, changed after the fact --------------------------------------------------------------


@pytest.mark.parametrize("make", [whole, part])
def test_no_byte_of_a_member_can_be_changed(tmp_path: Path, make: Callable[[], Draft]) -> None:
    members = read_zip(make().pack(tmp_path / "b.zip"))
    for name, data in members.items():
        for at in {0, len(data) // 2, len(data) - 1}:
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            check, _ = failure(write_zip(tmp_path / "c.zip", {**members, name: changed}))
            assert check in {bundle.MANIFEST: {"manifest", "signature"}, bundle.SIGNATURE: {"signature"}}.get(
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
        path = write_zip(tmp_path / "c.zip", {**members, bundle.ENTRIES: b"".join(lines)})
        assert failure(path) == ("members", index)
        lines[number] = lines[number].replace(b"person", b"per\x00on")
        path = write_zip(tmp_path / "c.zip", {**members, bundle.ENTRIES: b"".join(lines)})
        assert failure(path) == ("members", index)


def test_no_entry_is_named_where_none_can_be(tmp_path: Path) -> None:
    draft = whole()
    members = read_zip(draft.pack(tmp_path / "b.zip"))
    both = {**members, bundle.ENTRIES: b"{}\n", bundle.LEAVES: b""}
    assert failure(write_zip(tmp_path / "c.zip", both)) == ("members", None)
    more = {**members, bundle.ENTRIES: members[bundle.ENTRIES] + draft.lines[0]}
    assert failure(write_zip(tmp_path / "c.zip", more)) == ("members", 0)
    fewer = {**members, bundle.ENTRIES: b"".join(draft.lines[:-1])}
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


# --- members that are missing, added, doubled, or named to do harm -------------------------------------


@pytest.mark.parametrize(
    ("name", "check"),
    [
        (bundle.MANIFEST, "manifest"),
        (bundle.SIGNATURE, "signature"),
        (bundle.ENTRIES, "members"),
        (bundle.LEAVES, "members"),
        (bundle.CHECKPOINT, "members"),
        (bundle.PROOFS, "members"),
        ("evidence/a.json", "members"),
    ],
)
def test_a_missing_member_fails(tmp_path: Path, name: str, check: str) -> None:
    members = read_zip(part().pack(tmp_path / "b.zip"))
    del members[name]
    assert failure(write_zip(tmp_path / "c.zip", members)) == (check, None)


@pytest.mark.parametrize("name", [bundle.ENTRIES, bundle.LEAVES, bundle.CHECKPOINT, bundle.PROOFS])
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
    manifest = json.loads(members[bundle.MANIFEST])
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
        info = archive.getinfo(bundle.MANIFEST)
    data = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len(info.filename)
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert failure(path) == ("manifest", None)


def test_an_entries_member_that_can_t_be_unpacked_fails(tmp_path: Path) -> None:
    path = whole().pack(tmp_path / "b.zip")
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(bundle.ENTRIES)
    data = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len(info.filename)
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert failure(path) == ("members", None)


def test_a_manifest_too_large_to_read_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = whole().pack(tmp_path / "b.zip")
    monkeypatch.setattr("omnigov.ledger.verify.MANIFEST_LIMIT", 100)
    assert failure(path) == ("manifest", None)


# --- a manifest that is signed, and wrong --------------------------------------------------------------


def _signed(tmp_path: Path, members: dict[str, bytes], manifest: bytes) -> Path:
    signature = SIGNER.sign(bundle.manifest_note_text(manifest)).encode()
    return write_zip(tmp_path / "s.zip", {**members, bundle.MANIFEST: manifest, bundle.SIGNATURE: signature})


@pytest.mark.parametrize(
    "change",
    [
        {"format": "omnigov-bundle/2"},
        {"more": 1},
        {"key": 1},
        {"whole": 1},
        {"members": {}},
        {"entries": 3},
        {"entries": {"actual": 9}},
        {"entries": {"actual": True, "expected": 9}},
        {"checkpoint": None},
        {"checkpoint": {"size": 9}},
        {"members": [{"name": "a", "bytes": 1}]},
        {"members": [{"name": 1, "bytes": 1, "sha256": ""}]},
        {"members": [3]},
    ],
)
def test_a_manifest_of_another_form_fails(tmp_path: Path, change: dict[str, Any]) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    manifest = {**json.loads(members[bundle.MANIFEST]), **change}
    assert failure(_signed(tmp_path, members, encode(manifest))) == ("manifest", None)


@pytest.mark.parametrize("manifest", [b"[]", b"{}", b'{"format": 1}', b"\xff"])
def test_a_manifest_that_is_none_fails(tmp_path: Path, manifest: bytes) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    assert failure(_signed(tmp_path, members, manifest)) == ("manifest", None)


def test_a_signature_over_another_manifest_fails(tmp_path: Path) -> None:
    members = read_zip(whole().pack(tmp_path / "b.zip"))
    other = SIGNER.sign(bundle.manifest_note_text(b"other")).encode()
    assert failure(write_zip(tmp_path / "c.zip", {**members, bundle.SIGNATURE: other})) == ("signature", None)
    # The log's own checkpoint is signed with the same key, and must not pass for a signed manifest.
    stolen = {**members, bundle.SIGNATURE: members[bundle.CHECKPOINT]}
    assert failure(write_zip(tmp_path / "c.zip", stolen)) == ("signature", None)


def test_a_key_that_is_none_fails(tmp_path: Path) -> None:
    assert failure(whole().pack(tmp_path / "b.zip"), "nonsense") == ("signature", None)


def test_a_checkpoint_by_another_key_fails(tmp_path: Path) -> None:
    assert failure(Draft(log(9), log_signer=FORGER).pack(tmp_path / "b.zip")) == ("checkpoint", None)


def test_a_checkpoint_of_another_log_fails(tmp_path: Path) -> None:
    draft = whole()
    other = draft.checkpoint.text().replace("test.example/log", "test.example/old")
    draft.members[bundle.CHECKPOINT] = SIGNER.sign(other).encode()
    assert failure(draft.pack(tmp_path / "b.zip")) == ("checkpoint", None)


def test_a_text_that_is_no_checkpoint_fails(tmp_path: Path) -> None:
    draft = whole()
    draft.members[bundle.CHECKPOINT] = SIGNER.sign("test.example/log\nnine\n").encode()
    assert failure(draft.pack(tmp_path / "b.zip")) == ("checkpoint", None)


def test_an_old_checkpoint_played_again_fails(tmp_path: Path) -> None:
    draft = whole()
    draft.members[bundle.CHECKPOINT] = Draft(log(8)).members[bundle.CHECKPOINT]
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
