"""Checks one entry by its inclusion proof alone: https://c2sp.org/tlog-proof.

A proof is a text: its format, the entry's index, the hashes from the leaf up, an empty line, and the signed
checkpoint that it leads to. The checks, in order: `proof` (its form), `checkpoint` (signed by the key, of the
key's log), `entry` (canonical, and an object), `inclusion` (the hashes lead to the checkpoint's root).

This file imports nothing of the house beyond the files beside it: the stand-alone verifier is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from omnigov.ledger.bundle import CheckFailed
from omnigov.ledger.canonical import ENTRY_LIMIT, CanonicalError, decode
from omnigov.ledger.checkpoint import NOTE_LIMIT, Checkpoint, NoteError, NoteVerifier, decoded, open_note
from omnigov.ledger.merkle import HASH_BYTES, ProofError, leaf_hash, verify_inclusion

PROOF_FORMAT = "c2sp.org/tlog-proof@v1"
#: A tree of 2⁶³ leaves is 63 nodes high.
HEIGHT_LIMIT = 63


@dataclass(frozen=True)
class TlogProof:
    """A proof as it was read; nothing of it is checked but its form."""

    index: int
    hashes: tuple[bytes, ...]
    note: bytes

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Raises NoteError where the text is not of the form. An `extra` line is passed over."""
        if len(data) > NOTE_LIMIT:
            raise NoteError(f"a proof of {len(data)} bytes is not read; the limit is {NOTE_LIMIT}")
        head, divider, note = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise NoteError("a proof is plain text before its checkpoint") from None
        if not divider or lines[0] != PROOF_FORMAT:
            raise NoteError(f"a proof begins with {PROOF_FORMAT} and holds an empty line")
        rest = lines[2:] if len(lines) > 1 and lines[1].startswith("extra ") else lines[1:]
        word, _, number = rest[0].partition(" ") if rest else ("", "", "")
        if word != "index" or not number.isdigit() or len(number) > 18 or str(int(number)) != number:
            raise NoteError("a proof names the entry's index in plain decimal form")
        hashes = tuple(decoded(line) for line in rest[1:])
        if len(hashes) > HEIGHT_LIMIT or any(len(each) != HASH_BYTES for each in hashes):
            raise NoteError("a proof holds at most 63 hashes of 32 bytes each")
        return cls(int(number), hashes, note)


def verify_proof(proof: bytes, entry: bytes, key: str) -> tuple[int, Checkpoint]:
    """The entry's index, and the checkpoint that it is shown to be under. Raises CheckFailed.

    `entry` is the entry's exact bytes; a newline at its end, which editors add, is no part of it.
    """
    try:
        parsed = TlogProof.parse(proof)
    except NoteError as error:
        raise CheckFailed("proof", str(error)) from None
    try:
        verifier = NoteVerifier.parse(key)
        checkpoint = Checkpoint.parse(open_note(parsed.note, [verifier]))
    except NoteError as error:
        raise CheckFailed("checkpoint", str(error)) from None
    if checkpoint.origin != verifier.name:
        raise CheckFailed(
            "checkpoint", f"the checkpoint is of the log {checkpoint.origin}, the key of {verifier.name}"
        )
    data = entry.removesuffix(b"\n")
    try:
        value = decode(data, ENTRY_LIMIT)
    except CanonicalError as error:
        raise CheckFailed("entry", str(error), parsed.index) from None
    if type(value) is not dict:
        raise CheckFailed("entry", "an entry is a JSON object", parsed.index)
    try:
        verify_inclusion(parsed.index, checkpoint.size, leaf_hash(data), parsed.hashes, checkpoint.root)
    except ProofError as error:
        raise CheckFailed("inclusion", str(error), parsed.index) from None
    return parsed.index, checkpoint
