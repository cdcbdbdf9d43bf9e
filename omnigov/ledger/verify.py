"""Checks an exported bundle offline: no server, no database, no network.

A bundle is a ZIP of `manifest.json` (canonical JSON), `manifest.sig` (a signed note over the manifest's
SHA-256) and the members that the manifest lists. The checks run in the order of CHECKS, and the first one
that fails is named, with the entry where one entry can be named:

archive      a ZIP with nothing hidden in it: no bytes between members, no comments, no encryption
names        every member's name is plain, relative and used once
manifest     `manifest.json` is canonical and has the form described here
signature    `manifest.sig` is a signature over it by the key; without --key, by the key the manifest names
members      what is listed is there with these very bytes, and nothing else is there
checkpoint   `checkpoint.txt` is signed by the same key and has the size and root that the manifest names
entries      each line of `entries.ndjson` is canonical and an entry of known form
index        indexes run upwards; in an export of the whole log without a gap, from 0 to the checkpoint's size
leaves       each entry's leaf hash is the one listed in `leaves.bin`
previous     in an export of the whole log: what an entry names as its predecessor came before it
inclusion    in an export of a part: each entry's proof leads to the checkpoint's root
root         in an export of the whole log: the tree over all entries has the checkpoint's root
count        as many entries as were to be exported

This file imports nothing of the house beyond the three files beside it: the stand-alone verifier is made
from these four.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import itertools
import json
import re
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from omnigov.ledger.canonical import ENTRY_LIMIT, CanonicalError, decode
from omnigov.ledger.checkpoint import Checkpoint, NoteError, NoteVerifier, open_note
from omnigov.ledger.merkle import HASH_BYTES, CompactRange, ProofError, leaf_hash, verify_inclusion

FORMAT = "omnigov-bundle/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
ENTRIES, LEAVES, PROOFS, CHECKPOINT = "entries.ndjson", "leaves.bin", "proofs.ndjson", "checkpoint.txt"
CHECKS = (
    *("archive", "names", "manifest", "signature", "members", "checkpoint", "entries", "index"),
    *("leaves", "previous", "inclusion", "root", "count"),
)

MANIFEST_LIMIT = 64 * 1024 * 1024
LINE_LIMIT = ENTRY_LIMIT + 1024
CHUNK = 1024 * 1024

#: The fields of every entry; `record` is what its kind and schema version say.
ENVELOPE = frozenset({"at", "id", "key", "kind", "previous", "record", "schema", "subject", "workspace"})
MANIFEST_FIELDS = frozenset(
    {"checkpoint", "created", "entries", "format", "key", "members", "selection", "software", "whole"}
)

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


class CheckFailed(Exception):
    """One check failed. `entry` is the log index of the entry concerned, where there is one."""

    def __init__(self, check: str, detail: str, entry: int | None = None) -> None:
        super().__init__(detail)
        self.check = check
        self.detail = detail
        self.entry = entry


@dataclass
class Report:
    """What was found. `passed` names the checks that passed, in order; `failed` the first that did not."""

    bundle: str
    passed: list[str] = field(default_factory=list)
    failed: CheckFailed | None = None
    signer_checked: bool = False
    origin: str | None = None
    key: str | None = None
    whole: bool | None = None
    entries: int | None = None
    size: int | None = None
    root: str | None = None

    @property
    def ok(self) -> bool:
        return self.failed is None

    def as_json(self) -> dict[str, Any]:
        failed = self.failed
        return {
            **{name: value for name, value in vars(self).items() if name != "failed"},
            "ok": self.ok,
            "failed": failed and {"check": failed.check, "detail": failed.detail, "entry": failed.entry},
        }


def verify_bundle(path: Path, key: str | None = None) -> Report:
    """Check the bundle at `path`. Never raises for what the file holds.

    `key` is the log's verifier key (NAME+KEYID+BASE64).
    """
    report = Report(str(path), signer_checked=key is not None)
    try:
        with path.open("rb") as file:
            _verify(file, key, report)
    except CheckFailed as failure:
        report.failed = failure
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        report.failed = CheckFailed("archive", f"the file can't be read: {error}")
    return report


def _verify(file: IO[bytes], key: str | None, report: Report) -> None:
    try:
        archive = zipfile.ZipFile(file)
    except _UNREADABLE as error:
        raise CheckFailed("archive", f"not a readable ZIP file: {error}") from None
    with archive:
        _check_archive(archive, file)
        report.passed.append("archive")
        _check_names(archive)
        report.passed.append("names")
        manifest_bytes = _read(archive, MANIFEST, MANIFEST_LIMIT, "manifest")
        manifest = _manifest(manifest_bytes)
        report.key, report.whole = manifest["key"], manifest["whole"]
        report.passed.append("manifest")
        verifier = _check_signature(archive, manifest, manifest_bytes, key)
        report.passed.append("signature")
        _check_members(archive, manifest)
        report.passed.append("members")
        checkpoint = _checkpoint(archive, manifest, verifier)
        report.origin, report.size = checkpoint.origin, checkpoint.size
        report.root = checkpoint.root.hex()
        report.passed.append("checkpoint")
        report.entries = _check_entries(archive, manifest, checkpoint, report)


# --- the archive -------------------------------------------------------------------------------------


def _check_archive(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    """Members lie back to back from the first byte to the directory, and the directory ends the file.

    Whatever else a ZIP can hold (a program in front, comments, bytes between members) no manifest covers.
    """
    end = 0
    for member in sorted(archive.infolist(), key=lambda each: each.header_offset):
        if member.flag_bits & ~0x0800 or member.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise CheckFailed("archive", f"{member.filename!r} is encrypted or packed in an unusual way")
        if (
            member.comment
            or member.filename.endswith("/")
            or stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG)
        ):
            raise CheckFailed("archive", f"{member.filename!r} is not a plain file, or has a comment")
        file.seek(member.header_offset)
        header = file.read(30)
        name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
        if member.header_offset != end or header[:4] != b"PK\x03\x04":
            raise CheckFailed("archive", f"bytes that belong to no member lie before {member.filename!r}")
        file.seek(name, 1)
        # The one extra field in use is ZIP64's (id 1, 16 bytes): sizes beyond four gibibytes.
        if extra and (extra != 20 or file.read(4) != b"\x01\x00\x10\x00"):
            raise CheckFailed("archive", f"{member.filename!r} has an extra field, which no manifest covers")
        end = member.header_offset + 30 + name + extra + member.compress_size
    if archive.start_dir != end:
        raise CheckFailed("archive", "bytes that belong to no member lie before the directory")
    file.seek(-22, 2)
    tail = file.read(22)
    if tail[:4] != b"PK\x05\x06" or tail[20:] != b"\x00\x00":
        raise CheckFailed("archive", "bytes that belong to no member lie behind the directory")


def _check_names(archive: zipfile.ZipFile) -> None:
    seen = set()
    for member in archive.infolist():
        # `orig_filename` is the name as written; zipfile cuts `filename` at a zero byte.
        name = member.orig_filename
        if not is_plain_name(name):
            raise CheckFailed("names", f"{name!r} is not a plain relative name")
        if name.casefold() in seen:
            raise CheckFailed("names", f"{name!r} is there twice")
        seen.add(name.casefold())


def is_plain_name(name: str) -> bool:
    """No path that leads out, no hidden file, no sign that a file system or a terminal could take amiss."""
    return _SAFE_NAME.fullmatch(name) is not None


def _read(archive: zipfile.ZipFile, name: str, limit: int, check: str) -> bytes:
    try:
        with archive.open(name) as member:
            data = member.read(limit + 1)
    except KeyError:
        raise CheckFailed(check, f"{name} is missing") from None
    except _UNREADABLE as error:
        raise CheckFailed(check, f"{name} can't be unpacked: {error}") from None
    if len(data) > limit:
        raise CheckFailed(check, f"{name} is larger than {limit} bytes")
    return data


# --- the manifest ------------------------------------------------------------------------------------


def _manifest(data: bytes) -> dict[str, Any]:
    try:
        manifest = decode(data, MANIFEST_LIMIT)
    except CanonicalError as error:
        raise CheckFailed("manifest", f"{MANIFEST}: {error}") from None
    if type(manifest) is not dict or manifest.get("format") != FORMAT:
        raise CheckFailed("manifest", f"this verifier reads the format {FORMAT}, and this is another")
    counts, stated = manifest.get("entries"), manifest.get("checkpoint")
    sound = (
        manifest.keys() == MANIFEST_FIELDS
        and type(manifest["key"]) is str
        and type(manifest["whole"]) is bool
        and type(manifest["members"]) is list
        and all(_is_member(member) for member in manifest["members"])
        and type(counts) is dict
        and counts.keys() == {"actual", "expected"}
        and all(type(count) is int for count in counts.values())
        and type(stated) is dict
        and stated.keys() == {"root", "size"}
    )
    if not sound:
        raise CheckFailed("manifest", f"{MANIFEST} lacks a field, has one too many, or one of another type")
    return manifest


def _is_member(member: Any) -> bool:
    return (
        type(member) is dict
        and member.keys() == {"bytes", "name", "sha256"}
        and type(member["name"]) is str
        and type(member["bytes"]) is int
        and type(member["sha256"]) is str
    )


def manifest_note_text(manifest: bytes) -> str:
    """What is signed for a manifest. Its second line is no number, so it never passes for a checkpoint."""
    return f"{FORMAT}\nsha256 {hashlib.sha256(manifest).hexdigest()}\n"


def _check_signature(
    archive: zipfile.ZipFile, manifest: dict[str, Any], data: bytes, key: str | None
) -> NoteVerifier:
    try:
        verifier = NoteVerifier.parse(manifest["key"])
        if key is not None:
            wanted = NoteVerifier.parse(key)
            if wanted != verifier:
                raise CheckFailed(
                    "signature", f"the bundle is signed by {verifier}, and the key given is {wanted}"
                )
        text = open_note(_read(archive, SIGNATURE, CHUNK, "signature"), [verifier])
    except NoteError as error:
        raise CheckFailed("signature", f"{SIGNATURE}: {error}") from None
    if text != manifest_note_text(data):
        raise CheckFailed("signature", f"{SIGNATURE} is a signature over another manifest")
    return verifier


def _check_members(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    listed = {member["name"]: member for member in manifest["members"]}
    if len(listed) != len(manifest["members"]):
        raise CheckFailed("members", "the manifest lists a member twice")
    there = {member.filename for member in archive.infolist()} - {MANIFEST, SIGNATURE}
    for name in sorted(there - listed.keys()):
        raise CheckFailed("members", f"{name} is not listed in the manifest")
    needed = {ENTRIES, LEAVES, CHECKPOINT} if manifest["whole"] else {ENTRIES, LEAVES, CHECKPOINT, PROOFS}
    for name in sorted((listed.keys() | needed) - there):
        raise CheckFailed("members", f"{name} is missing")
    for name in sorted(needed - listed.keys()):
        raise CheckFailed("members", f"{name} is not listed in the manifest")
    differing = [name for name, member in sorted(listed.items()) if not _has_digest(archive, member)]
    if differing:
        # With the leaf hashes as they were exported, the entry that was changed can be named.
        entry = _first_changed(archive) if ENTRIES in differing and LEAVES not in differing else None
        raise CheckFailed("members", f"{', '.join(differing)} differs from what the manifest lists", entry)


def _has_digest(archive: zipfile.ZipFile, listed: dict[str, Any]) -> bool:
    digest, count = hashlib.sha256(), 0
    try:
        with archive.open(listed["name"]) as member:
            while chunk := member.read(CHUNK):
                digest.update(chunk)
                count += len(chunk)
                if count > listed["bytes"]:
                    return False
    except _UNREADABLE:
        return False
    return bool(count == listed["bytes"] and digest.hexdigest() == listed["sha256"])


def _first_changed(archive: zipfile.ZipFile) -> int | None:
    """The index of the first line whose leaf hash is not the exported one; None where it can't be told."""
    with archive.open(LEAVES) as leaves:
        try:
            for index, data, _ in _lines(archive):
                if leaf_hash(data) != leaves.read(HASH_BYTES):
                    return index
        except CheckFailed as failure:
            return failure.entry
        except _UNREADABLE:
            return None
    return None


def _checkpoint(archive: zipfile.ZipFile, manifest: dict[str, Any], verifier: NoteVerifier) -> Checkpoint:
    try:
        checkpoint = Checkpoint.parse(open_note(_read(archive, CHECKPOINT, CHUNK, "checkpoint"), [verifier]))
    except NoteError as error:
        raise CheckFailed("checkpoint", f"{CHECKPOINT}: {error}") from None
    if checkpoint.origin != verifier.name:
        raise CheckFailed(
            "checkpoint", f"the checkpoint is of the log {checkpoint.origin}, the key of {verifier.name}"
        )
    if manifest["checkpoint"] != {"root": checkpoint.root.hex(), "size": checkpoint.size}:
        raise CheckFailed("checkpoint", "the manifest names another size or root than the checkpoint")
    return checkpoint


# --- the entries -------------------------------------------------------------------------------------


def _check_entries(
    archive: zipfile.ZipFile, manifest: dict[str, Any], checkpoint: Checkpoint, report: Report
) -> int:
    """Walk all entries once, and return how many there are.

    Memory is flat, but for the leaf hashes of a whole log (about 120 bytes an entry).
    """
    whole: bool = manifest["whole"]
    log, earlier, count, last = CompactRange(), set[str](), 0, -1
    proofs = iter(()) if whole else _proofs(archive)
    with archive.open(LEAVES) as leaves:
        for index, data, entry in _lines(archive):
            _check_envelope(entry, index)
            if (whole and index != count) or not last < index < checkpoint.size:
                raise CheckFailed(
                    "index", f"index {index} follows {last} in a log of {checkpoint.size}", index
                )
            leaf = leaf_hash(data)
            if leaves.read(HASH_BYTES) != leaf:
                raise CheckFailed("leaves", f"{LEAVES} lists another leaf hash for this entry", index)
            if whole:
                _check_previous(entry, earlier, index)
                earlier.add(leaf.hex())
                log.append(leaf)
            else:
                _check_inclusion(index, leaf, next(proofs, None), checkpoint)
            count, last = count + 1, index
        if leaves.read(1):
            raise CheckFailed("leaves", f"{LEAVES} lists more leaf hashes than there are entries")
    if whole and count != checkpoint.size:
        raise CheckFailed(
            "index", f"the log has {checkpoint.size} entries, and the export ends after {count}", count
        )
    report.passed += ["entries", "index", "leaves"]
    if whole:
        report.passed.append("previous")
        if log.root() != checkpoint.root:
            raise CheckFailed("root", "the tree over all entries has another root than the checkpoint")
        report.passed.append("root")
    else:
        if next(proofs, None) is not None:
            raise CheckFailed("inclusion", f"{PROOFS} has more proofs than there are entries")
        report.passed.append("inclusion")
    expected, actual = manifest["entries"]["expected"], manifest["entries"]["actual"]
    if not expected == actual == count:
        raise CheckFailed(
            "count", f"{expected} entries were to be exported, {actual} are stated, {count} are here"
        )
    report.passed.append("count")
    return count


def _numbered(
    archive: zipfile.ZipFile, name: str, check: str, fields: set[str]
) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Each line of an NDJSON member and its value, an object with `fields` of which one is `index`."""
    last: int | None = None
    with archive.open(name) as member:
        for number in itertools.count(1):
            line = member.readline(LINE_LIMIT)
            if not line:
                return
            try:
                value = decode(line[:-1], LINE_LIMIT)
            except CanonicalError as error:
                # The line can't be trusted to say its own index; in a whole log it follows the one before.
                after = "" if last is None else f", after entry {last}"
                raise CheckFailed(
                    check, f"{name}, line {number}{after}: {error}", _claimed_index(line)
                ) from None
            if (
                line[-1:] != b"\n"
                or type(value) is not dict
                or value.keys() != fields
                or type(value["index"]) is not int
            ):
                raise CheckFailed(check, f"{name}, line {number}: not of the form that it has to have", last)
            last = value["index"]
            yield line, value


def _claimed_index(line: bytes) -> int | None:
    """The index that a damaged line ends in, to point a person to it. Nothing is concluded from it."""
    match = re.search(rb'"index":([0-9]{1,15})\}\n?$', line)
    return int(match[1]) if match else None


def _lines(archive: zipfile.ZipFile) -> Iterator[tuple[int, bytes, Any]]:
    """Index, bytes and value of each entry.

    A line is canonical, so the entry's bytes lie between its fixed parts.
    """
    for line, value in _numbered(archive, ENTRIES, "entries", {"entry", "index"}):
        data = line[len(b'{"entry":') : -len(b',"index":%d}\n' % value["index"])]
        if len(data) >= ENTRY_LIMIT:
            raise CheckFailed("entries", f"an entry has less than {ENTRY_LIMIT} bytes", value["index"])
        yield value["index"], data, value["entry"]


def _check_envelope(entry: Any, index: int) -> None:
    sound = (
        type(entry) is dict
        and entry.keys() == ENVELOPE
        and all(type(entry[name]) is str for name in ("at", "id", "key", "kind", "subject"))
        and type(entry["schema"]) is int
        and type(entry["record"]) is dict
        and (entry["workspace"] is None or type(entry["workspace"]) is str)
        and (
            entry["previous"] is None
            or (type(entry["previous"]) is str and _DIGEST.fullmatch(entry["previous"]))
        )
    )
    if not sound:
        raise CheckFailed(
            "entries", "the entry lacks a field, has one too many, or one of another type", index
        )


def _check_previous(entry: dict[str, Any], earlier: set[str], index: int) -> None:
    if entry["previous"] is not None and entry["previous"] not in earlier:
        raise CheckFailed("previous", "the entry names a predecessor that is not before it in the log", index)


def _proofs(archive: zipfile.ZipFile) -> Iterator[tuple[int, list[bytes]]]:
    for _, value in _numbered(archive, PROOFS, "inclusion", {"hashes", "index"}):
        try:
            hashes = [base64.b64decode(each, validate=True) for each in value["hashes"]]
        except (TypeError, binascii.Error, ValueError):
            raise CheckFailed(
                "inclusion", "the proof is not a list of hashes in base64", value["index"]
            ) from None
        yield value["index"], hashes


def _check_inclusion(
    index: int, leaf: bytes, proof: tuple[int, list[bytes]] | None, checkpoint: Checkpoint
) -> None:
    if proof is None or proof[0] != index:
        raise CheckFailed("inclusion", f"{PROOFS} has no proof in this entry's place", index)
    try:
        verify_inclusion(index, checkpoint.size, leaf, proof[1], checkpoint.root)
    except ProofError as error:
        raise CheckFailed("inclusion", str(error), index) from None


# --- the command -------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """`verify BUNDLE [--key K] [--json]`: 0 where every check passed, else 1."""
    parser = argparse.ArgumentParser(
        prog="verify", description="Check an exported provenance bundle offline."
    )
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", help="the log's verifier key (NAME+KEYID+BASE64), or a file that holds it")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args(argv)
    report = verify_bundle(arguments.bundle, _key_given(arguments.key))
    if arguments.json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _print_report(report)
    return 0 if report.ok else 1


def _key_given(key: str | None) -> str | None:
    """The key itself: an argument that is not one is read as the name of a file."""
    if key is None or key.count("+") >= 2:
        return key
    try:
        return Path(key).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return key


def _print_report(report: Report) -> None:
    for check in report.passed:
        print(f"ok      {check}")
    if report.failed:
        where = "" if report.failed.entry is None else f" at entry {report.failed.entry}"
        print(f"FAILED  {report.failed.check}{where}: {report.failed.detail}")
        print(f"{report.bundle}: not verified")
        return
    kind = "the whole log" if report.whole else "a part of the log, each entry with its proof"
    print(f"{report.bundle}: verified, {report.entries} entries ({kind})")
    print(f"log {report.origin}, size {report.size}, root {report.root}")
    if report.signer_checked:
        print("The signer was checked against the key given.")
    else:
        print("The bundle is consistent in itself. The signer was NOT checked: a forger can sign anew.")
        print(f"It is signed by {report.key}; get the log's key by another way and give it with --key.")


if __name__ == "__main__":
    sys.exit(main())
