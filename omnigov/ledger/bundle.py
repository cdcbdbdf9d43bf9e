"""What a bundle is: members with plain names, and a signed manifest of them. Where they lie: `contents`.

This file imports nothing of the house beyond the files beside it: the stand-alone verifier is made from it.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from omnigov.ledger.canonical import CanonicalError, decode
from omnigov.ledger.checkpoint import NoteError, NoteVerifier, WitnessVerifier, cosigners, open_note

FORMAT = "omnigov-bundle/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
ENTRIES, LEAVES, PROOFS, CHECKPOINT = "entries.ndjson", "leaves.bin", "proofs.ndjson", "checkpoint.txt"
EVIDENCE, STATEMENTS, ATTESTATIONS = "evidence.ndjson", "statements.ndjson", "attestations.ndjson"
#: The longest line of `evidence.ndjson`, which holds a whole list of findings, and of `statements.ndjson`.
EVIDENCE_LIMIT, STATEMENT_LIMIT = 16 * 1024 * 1024, 128 * 1024
STATEMENTS_A_BATCH = 1000
MANIFEST_LIMIT = 64 * 1024 * 1024
CHUNK = 1024 * 1024

MANIFEST_FIELDS = frozenset(
    {
        *("checkpoint", "created", "entries", "format", "key", "members", "profile", "selection"),
        *("software", "whole"),
    }
)

#: in-toto's Statement v1, in a DSSE envelope.
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
#: What a statement's predicate repeats of the entry.
PREDICATE_FIELDS = ("at", "id", "kind", "record", "schema", "subject")

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
#: What Python's ZIP reader raises for one that is damaged.
UNREADABLE = (
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


def is_plain_name(name: str) -> bool:
    """No path that leads out, no hidden file, no sign that a file system or a terminal could take amiss."""
    return _SAFE_NAME.fullmatch(name) is not None


# --- the manifest ------------------------------------------------------------------------------------


def read_manifest(data: bytes) -> dict[str, Any]:
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
        and manifest["profile"] in ("full", "redacted")
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


def predicate_type(kind: str, schema: int) -> str:
    """The predicate of a statement about an entry of this kind; `batch` is one about statements."""
    return f"https://omnigov.example/predicates/{kind}/v{schema}"


def pre_authentication(payload: bytes) -> bytes:
    """What a DSSE signature is over (PAE). It begins with no log's name, so it never passes for a note."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def check_signature(note: bytes, manifest: dict[str, Any], data: bytes, key: str | None) -> NoteVerifier:
    """The key that signed the manifest, whose bytes are `data`; `note` is the signature."""
    try:
        verifier = NoteVerifier.parse(manifest["key"])
        if key is not None:
            wanted = NoteVerifier.parse(key)
            if wanted != verifier:
                raise CheckFailed(
                    "signature", f"the bundle is signed by {verifier}, and the key given is {wanted}"
                )
        text = open_note(note, [verifier])
    except NoteError as error:
        raise CheckFailed("signature", f"{SIGNATURE}: {error}") from None
    if text != manifest_note_text(data):
        raise CheckFailed("signature", f"{SIGNATURE} is a signature over another manifest")
    return verifier


def check_witnesses(note: bytes, keys: Sequence[str], needed: int | None) -> list[str]:
    """The names of the witnesses that cosigned the note; CheckFailed where they are fewer than `needed`.

    `keys` are the witnesses that the person who verifies trusts. With no number given, all are needed.
    """
    try:
        names = [each.name for each in cosigners(note, [WitnessVerifier.parse(key) for key in keys])]
    except NoteError as error:
        raise CheckFailed("witnesses", str(error)) from None
    wanted = len(keys) if needed is None else needed
    if len(names) < wanted:
        raise CheckFailed(
            "witnesses",
            f"{len(names)} of the witnesses given have cosigned the checkpoint, and {wanted} are needed",
        )
    return names
