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
witnesses    with --witness: as many of these witnesses as are needed have cosigned the checkpoint
entries      each line of `entries.ndjson` is canonical and an entry of known form
index        indexes run upwards; in an export of the whole log without a gap, from 0 to the checkpoint's size
leaves       each entry's leaf hash is the one listed in `leaves.bin`
previous     in an export of the whole log: what an entry names as its predecessor came before it
inclusion    in an export of a part: each entry's proof leads to the checkpoint's root
root         in an export of the whole log: the tree over all entries has the checkpoint's root
count        as many entries as were to be exported
evidence     where the bundle has `evidence.ndjson`: each value in it is the one that its entry commits to
statements   with --deep: each in-toto statement says what its entry says, and is signed by the log's key

This file imports nothing of the house beyond the files beside it: the stand-alone verifier is made from
them (`standalone.PARTS`).
"""

from __future__ import annotations

import argparse
import json
import sys
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from omnigov.ledger.attached import check_evidence, check_statements
from omnigov.ledger.bundle import (
    ATTESTATIONS,
    CHECKPOINT,
    CHUNK,
    ENTRIES,
    EVIDENCE,
    LEAVES,
    MANIFEST,
    MANIFEST_LIMIT,
    PROOFS,
    SIGNATURE,
    STATEMENTS,
    UNREADABLE,
    CheckFailed,
    check_archive,
    check_names,
    check_signature,
    check_witnesses,
    has_digest,
    read_manifest,
    read_member,
)
from omnigov.ledger.checkpoint import NOTE_LIMIT, Checkpoint, NoteError, NoteVerifier, open_note
from omnigov.ledger.proof import verify_proof
from omnigov.ledger.walk import check_entries, entries_differ

#: In the order in which they are done.
CHECKS = (
    *("archive", "names", "manifest", "signature", "members", "checkpoint", "witnesses"),
    *("entries", "index", "leaves", "previous", "inclusion", "root", "count"),
    *("evidence", "statements"),
)


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
    witnesses: list[str] = field(default_factory=list)

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


def verify_bundle(
    path: Path,
    key: str | None = None,
    witnesses: Sequence[str] = (),
    needed: int | None = None,
    *,
    deep: bool = False,
) -> Report:
    """Check the bundle at `path`. Never raises for what the file holds.

    `key` is the log's verifier key (NAME+KEYID+BASE64), `witnesses` those of the witnesses that are trusted,
    and `needed` how many of them have to have cosigned: all, if None. `deep` checks every signature in it.
    """
    report = Report(str(path), signer_checked=key is not None)
    try:
        with path.open("rb") as file:
            _verify(file, key, report, witnesses, needed, deep)
    except CheckFailed as failure:
        report.failed = failure
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        report.failed = CheckFailed("archive", f"the file can't be read: {error}")
    return report


def _verify(
    file: IO[bytes],
    key: str | None,
    report: Report,
    witnesses: Sequence[str],
    needed: int | None,
    deep: bool,
) -> None:
    try:
        archive = zipfile.ZipFile(file)
    except UNREADABLE as error:
        raise CheckFailed("archive", f"not a readable ZIP file: {error}") from None
    with archive:
        check_archive(archive, file)
        report.passed.append("archive")
        check_names(archive)
        report.passed.append("names")
        data = read_member(archive, MANIFEST, MANIFEST_LIMIT, "manifest")
        manifest = read_manifest(data)
        report.key, report.whole = manifest["key"], manifest["whole"]
        report.passed.append("manifest")
        verifier = check_signature(archive, manifest, data, key)
        report.passed.append("signature")
        listed = _check_members(archive, manifest)
        checkpoint = _checkpoint(archive, manifest, verifier)
        report.origin, report.size = checkpoint.origin, checkpoint.size
        report.root = checkpoint.root.hex()
        report.passed.append("checkpoint")
        if witnesses:
            note = read_member(archive, CHECKPOINT, CHUNK, "checkpoint")
            report.witnesses = check_witnesses(note, witnesses, needed)
            report.passed.append("witnesses")
        try:
            report.entries = check_entries(archive, manifest, checkpoint, report.passed, listed)
        except CheckFailed as failure:
            # With other bytes than those that were exported, that is what is wrong; the entry is still named.
            if failure.check != "members" and not has_digest(archive, listed):
                raise entries_differ(failure.entry) from None
            raise
        report.passed.insert(CHECKS.index("members"), "members")
        names = set(archive.namelist())
        if EVIDENCE in names:
            check_evidence(archive)
            report.passed.append("evidence")
        if deep and names & {STATEMENTS, ATTESTATIONS}:
            check_statements(archive, verifier)
            report.passed.append("statements")


def _check_members(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> dict[str, Any]:
    """What is listed is there, and nothing else, with the bytes that are listed.

    The entries' own bytes are hashed as they are read (`check_entries`), so that they are unpacked once;
    what is listed of them is returned.
    """
    listed = {member["name"]: member for member in manifest["members"]}
    if len(listed) != len(manifest["members"]):
        raise CheckFailed("members", "the manifest lists a member twice")
    there = {member.filename for member in archive.infolist()} - {MANIFEST, SIGNATURE}
    for name in sorted(there - listed.keys()):
        raise CheckFailed("members", f"{name} is not listed in the manifest")
    needed = {ENTRIES, LEAVES, CHECKPOINT} if manifest["whole"] else {ENTRIES, LEAVES, CHECKPOINT, PROOFS}
    for name in sorted((listed.keys() | needed) - there):
        raise CheckFailed("members", f"{name} is missing")
    entries: dict[str, Any] = listed.pop(ENTRIES)
    differing = [name for name, member in sorted(listed.items()) if not has_digest(archive, member)]
    if differing:
        raise CheckFailed("members", f"{', '.join(differing)} differs from what the manifest lists")
    return entries


def _checkpoint(archive: zipfile.ZipFile, manifest: dict[str, Any], verifier: NoteVerifier) -> Checkpoint:
    try:
        checkpoint = Checkpoint.parse(
            open_note(read_member(archive, CHECKPOINT, CHUNK, "checkpoint"), [verifier])
        )
    except NoteError as error:
        raise CheckFailed("checkpoint", f"{CHECKPOINT}: {error}") from None
    if checkpoint.origin != verifier.name:
        raise CheckFailed(
            "checkpoint", f"the checkpoint is of the log {checkpoint.origin}, the key of {verifier.name}"
        )
    if manifest["checkpoint"] != {"root": checkpoint.root.hex(), "size": checkpoint.size}:
        raise CheckFailed("checkpoint", "the manifest names another size or root than the checkpoint")
    return checkpoint


# --- the command -------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """`verify FILE [--key K] [--entry E] [--json]`: 0 where every check passed, else 1."""
    parser = argparse.ArgumentParser(
        prog="verify", description="Check an exported provenance bundle, or one entry's proof, offline."
    )
    parser.add_argument("bundle", type=Path, metavar="FILE", help="a bundle, or with --entry a .tlog-proof")
    parser.add_argument("--entry", type=Path, help="the entry that the proof is of: its exact bytes")
    parser.add_argument("--key", help="the log's verifier key (NAME+KEYID+BASE64), or a file that holds it")
    parser.add_argument("--witness", action="append", default=[], metavar="KEY", help="a witness's key")
    parser.add_argument("--witnesses-needed", type=int, metavar="N", help="how many of them (default: all)")
    parser.add_argument("--deep", action="store_true", help="check every signature, of each statement too")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args(argv)
    if arguments.entry:
        return _main_proof(arguments)
    witnesses = [_key_given(each) or each for each in arguments.witness]
    report = verify_bundle(
        arguments.bundle,
        _key_given(arguments.key),
        witnesses,
        arguments.witnesses_needed,
        deep=arguments.deep,
    )
    if arguments.json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _print_report(report)
    return 0 if report.ok else 1


def _main_proof(arguments: argparse.Namespace) -> int:
    proof, entry, key = arguments.bundle, arguments.entry, _key_given(arguments.key)
    found: dict[str, Any] = {"proof": str(proof), "ok": False, "failed": None}
    try:
        if key is None:
            raise CheckFailed("checkpoint", "a proof does not hold the log's key: give it with --key")
        index, checkpoint = verify_proof(_small(proof), _small(entry), key)
        if arguments.witness:
            keys = [_key_given(each) or each for each in arguments.witness]
            check_witnesses(_small(proof).partition(b"\n\n")[2], keys, arguments.witnesses_needed)
        found |= {"ok": True, "index": index, "size": checkpoint.size, "origin": checkpoint.origin}
    except CheckFailed as failed:
        found["failed"] = {"check": failed.check, "detail": failed.detail, "entry": failed.entry}
    except OSError as error:
        found["failed"] = {"check": "proof", "detail": f"the file can't be read: {error}", "entry": None}
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    elif found["ok"]:
        print(f"{entry}: verified, entry {found['index']} of {found['size']} in the log {found['origin']}")
    else:
        print(f"FAILED  {found['failed']['check']}: {found['failed']['detail']}")
        print(f"{entry}: not verified")
    return 0 if found["ok"] else 1


def _small(path: Path) -> bytes:
    """A proof or an entry; what is larger than either can be is cut, and then fails its check."""
    with path.open("rb") as file:
        return file.read(NOTE_LIMIT + 1)


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
    if report.witnesses:
        print(f"Cosigned by {', '.join(report.witnesses)}.")
    if report.signer_checked:
        print("The signer was checked against the key given.")
    else:
        print("The bundle is consistent in itself. The signer was NOT checked: a forger can sign anew.")
        print(f"It is signed by {report.key}; get the log's key by another way and give it with --key.")


if __name__ == "__main__":  # pragma: no cover - the stand-alone file is run in a process of its own
    sys.exit(main())
