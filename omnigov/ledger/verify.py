"""Checks an exported bundle offline: no server, no database, no network.

A bundle is a ZIP, or the folder that one was unpacked to, of `manifest.json` (canonical JSON), `manifest.sig`
(a signed note over the manifest's SHA-256) and the members that the manifest lists. The checks run in the
order of CHECKS, and the first one that fails is named, with the entry where one entry can be named. (`key` is
named before all of them, where what was given with --key is no key, and no file that holds one.)

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
samples      where it has samples: each sheet lists what was drawn, and in an export of a whole log or
             workspace each sample, drawn again by its seed, is made of the same entries
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
from pathlib import Path
from typing import Any

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
    CheckFailed,
    check_signature,
    check_witnesses,
    read_manifest,
)
from omnigov.ledger.bundle_entries import check_entries, entries_differ
from omnigov.ledger.bundle_evidence import check_evidence, check_statements
from omnigov.ledger.checkpoint import NOTE_LIMIT, Checkpoint, NoteError, NoteVerifier, open_note
from omnigov.ledger.contents import Contents, check_names, contents_of, has_digest, read_member
from omnigov.ledger.proof import verify_proof
from omnigov.ledger.report import LIMITS, Report, key_given, print_limits, print_report
from omnigov.ledger.sampling import SAMPLES, check_samples

#: In the order in which they are done.
CHECKS = (
    *("archive", "names", "manifest", "signature", "members", "checkpoint", "witnesses"),
    *("entries", "index", "leaves", "previous", "inclusion", "root", "count"),
    *("evidence", "samples", "statements"),
)


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
        with contents_of(path) as contents:
            _verify(contents, key, report, witnesses, needed, deep)
    except CheckFailed as failure:
        report.failed = failure
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        report.failed = CheckFailed("archive", f"the file can't be read: {error}")
    return report


def _verify(
    contents: Contents,
    key: str | None,
    report: Report,
    witnesses: Sequence[str],
    needed: int | None,
    deep: bool,
) -> None:
    report.passed.append("archive")
    check_names(contents)
    report.passed.append("names")
    data = read_member(contents, MANIFEST, MANIFEST_LIMIT, "manifest")
    manifest = read_manifest(data)
    report.key, report.whole = manifest["key"], manifest["whole"]
    report.passed.append("manifest")
    signature = read_member(contents, SIGNATURE, CHUNK, "signature")
    verifier = check_signature(signature, manifest, data, key)
    report.passed.append("signature")
    listed = _check_members(contents, manifest)
    checkpoint = _checkpoint(contents, manifest, verifier)
    report.origin, report.size = checkpoint.origin, checkpoint.size
    report.root = checkpoint.root.hex()
    report.passed.append("checkpoint")
    if witnesses:
        note = read_member(contents, CHECKPOINT, CHUNK, "checkpoint")
        report.witnesses = check_witnesses(note, witnesses, needed)
        report.passed.append("witnesses")
    try:
        report.entries = check_entries(contents, manifest, checkpoint, report.passed, listed)
    except CheckFailed as failure:
        # With other bytes than those that were exported, that is what is wrong; the entry is still named.
        if failure.check != "members" and not has_digest(contents, listed):
            raise entries_differ(failure.entry) from None
        raise
    report.passed.insert(CHECKS.index("members"), "members")
    if EVIDENCE in contents:
        check_evidence(contents)
        report.passed.append("evidence")
    if SAMPLES in contents:
        report.samples_drawn_again = check_samples(contents, manifest)
        report.passed.append("samples")
    if deep and (STATEMENTS in contents or ATTESTATIONS in contents):
        check_statements(contents, verifier)
        report.passed.append("statements")
    report.packing, report.left_out, report.line_ends = (
        contents.packing,
        contents.left_out,
        contents.line_ends,
    )


def _check_members(contents: Contents, manifest: dict[str, Any]) -> dict[str, Any]:
    """What is listed is there, and nothing else, with the bytes that are listed.

    The entries' own bytes are hashed as they are read (`check_entries`), so that they are unpacked once;
    what is listed of them is returned.
    """
    listed = {member["name"]: member for member in manifest["members"]}
    if len(listed) != len(manifest["members"]):
        raise CheckFailed("members", "the manifest lists a member twice")
    contents.listed([member["name"] for member in manifest["members"]])
    there = {*contents.names} - {MANIFEST, SIGNATURE}
    for name in sorted(there - listed.keys()):
        raise CheckFailed("members", f"{name} is not listed in the manifest")
    needed = {ENTRIES, LEAVES, CHECKPOINT} if manifest["whole"] else {ENTRIES, LEAVES, CHECKPOINT, PROOFS}
    for name in sorted((listed.keys() | needed) - there):
        raise CheckFailed("members", f"{name} is missing")
    entries: dict[str, Any] = listed.pop(ENTRIES)
    differing = [name for name, member in sorted(listed.items()) if not has_digest(contents, member)]
    if differing:
        ends = (
            f" (and line ends were changed in {', '.join(contents.line_ends)})" if contents.line_ends else ""
        )
        raise CheckFailed("members", f"{', '.join(differing)} differs from what the manifest lists{ends}")
    return entries


def _checkpoint(contents: Contents, manifest: dict[str, Any], verifier: NoteVerifier) -> Checkpoint:
    try:
        checkpoint = Checkpoint.parse(
            open_note(read_member(contents, CHECKPOINT, CHUNK, "checkpoint"), [verifier])
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
    parser.add_argument(
        "bundle",
        type=Path,
        metavar="FILE",
        help="a bundle, a folder that one was unpacked to, or with --entry a .tlog-proof",
    )
    parser.add_argument("--entry", type=Path, help="the entry that the proof is of: its exact bytes")
    parser.add_argument("--key", help="the log's verifier key (NAME+KEYID+BASE64), or a file that holds it")
    parser.add_argument("--witness", action="append", default=[], metavar="KEY", help="a witness's key")
    parser.add_argument("--witnesses-needed", type=int, metavar="N", help="how many of them (default: all)")
    parser.add_argument("--deep", action="store_true", help="check every signature, of each statement too")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args(argv)
    if arguments.entry:
        return _main_proof(arguments)
    try:
        key, said = key_given(arguments.key) if arguments.key is not None else (None, "")
        witnesses = [key_given(each)[0] for each in arguments.witness]
        report = verify_bundle(
            arguments.bundle, key, witnesses, arguments.witnesses_needed, deep=arguments.deep
        )
        report.key_file = said
    except CheckFailed as failed:
        report = Report(str(arguments.bundle), failed=failed)
    if arguments.json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        print_report(report)
    return 0 if report.ok else 1


def _main_proof(arguments: argparse.Namespace) -> int:
    proof, entry = arguments.bundle, arguments.entry
    found: dict[str, Any] = {"proof": str(proof), "ok": False, "failed": None}
    try:
        if arguments.key is None:
            raise CheckFailed("checkpoint", "a proof does not hold the log's key: give it with --key")
        key, _ = key_given(arguments.key)
        index, checkpoint = verify_proof(_small(proof), _small(entry), key)
        if arguments.witness:
            keys = [key_given(each)[0] for each in arguments.witness]
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
        print_limits([*LIMITS])
    else:
        print(f"FAILED  {found['failed']['check']}: {found['failed']['detail']}")
        print(f"{entry}: not verified")
    return 0 if found["ok"] else 1


def _small(path: Path) -> bytes:
    """A proof or an entry; what is larger than either can be is cut, and then fails its check."""
    with path.open("rb") as file:
        return file.read(NOTE_LIMIT + 1)


if __name__ == "__main__":  # pragma: no cover - the stand-alone file is run in a process of its own
    sys.exit(main())
