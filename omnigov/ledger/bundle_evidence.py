"""Checks what a bundle holds beside its entries: evidence, and statements with their signatures.

This file imports nothing of the house beyond the files beside it: the stand-alone verifier is made from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Any

from omnigov.ledger.bundle import (
    ATTESTATIONS,
    ENTRIES,
    EVIDENCE,
    EVIDENCE_LIMIT,
    PAYLOAD_TYPE,
    PREDICATE_FIELDS,
    STATEMENT_LIMIT,
    STATEMENT_TYPE,
    STATEMENTS,
    STATEMENTS_A_BATCH,
    CheckFailed,
    pre_authentication,
    predicate_type,
)
from omnigov.ledger.canonical import CanonicalError, decode, encode
from omnigov.ledger.checkpoint import NoteError, NoteVerifier
from omnigov.ledger.contents import Contents

_END = re.compile(rb',"index":([0-9]{1,16})\}\n$')
_START = len(b'{"entry":')


def check_evidence(contents: Contents) -> None:
    """Each value in `evidence.ndjson` is the one that its entry commits to.

    A commitment is an HMAC-SHA-256 under the medium's key: over the bytes of a string, or over the canonical
    form of anything else. Memory is that of one line.
    """
    entries = _entry_bodies(contents)
    for index, line in _numbered_lines(contents, EVIDENCE, EVIDENCE_LIMIT, "evidence"):
        record = _entry_at(entries, index, "evidence")["record"]
        if line.keys() == {"index", "missing"}:
            continue
        opens = line.get("opens")
        if line.keys() != {"index", "key", "opens"} or type(opens) is not dict:
            raise CheckFailed("evidence", f"{EVIDENCE}: not of the form that it has to have", index)
        try:
            key = bytes.fromhex(line["key"])
        except (TypeError, ValueError):
            raise CheckFailed("evidence", f"{EVIDENCE}: the key is not in hex", index) from None
        for name, value in opens.items():
            data = value.encode() if type(value) is str else encode(value, EVIDENCE_LIMIT)
            if hmac.new(key, data, hashlib.sha256).hexdigest() != record.get(name):
                raise CheckFailed("evidence", f"{name} is not what the entry commits to", index)


def check_statements(contents: Contents, verifier: NoteVerifier) -> None:
    """Each statement says what its entry says, and is in an envelope that the log's key signed."""
    entries = _entry_bodies(contents)
    listed = _listed(contents, verifier)
    lines = _lines_of(contents, STATEMENTS, STATEMENT_LIMIT, "statements")
    for line, statement in lines:
        index = _index_of(statement)
        body, entry = _body_at(entries, index, "statements")
        expected = {
            "_type": STATEMENT_TYPE,
            "predicate": {name: entry[name] for name in PREDICATE_FIELDS},
            "predicateType": predicate_type(entry["kind"], entry["schema"]),
            "subject": [{"digest": {"sha256": hashlib.sha256(body).hexdigest()}, "name": f"entry/{index}"}],
        }
        if statement != expected:
            raise CheckFailed("statements", "the statement says something else than its entry", index)
        wanted = {"digest": {"sha256": hashlib.sha256(line).hexdigest()}, "name": f"statement/{index}"}
        if next(listed, None) != wanted:
            raise CheckFailed("statements", f"{ATTESTATIONS} has no signature over this statement", index)
    if next(listed, None) is not None:
        raise CheckFailed("statements", f"{ATTESTATIONS} signs more statements than there are")


def _listed(contents: Contents, verifier: NoteVerifier) -> Iterator[dict[str, Any]]:
    """What the envelopes list, each with a signature that holds."""
    limit = 2 * STATEMENT_LIMIT * STATEMENTS_A_BATCH
    for _, envelope in _lines_of(contents, ATTESTATIONS, limit, "statements"):
        try:
            payload = base64.b64decode(envelope["payload"], validate=True)
            (signature,) = envelope["signatures"]
            if envelope["payloadType"] != PAYLOAD_TYPE:
                raise ValueError("another payload type")
            verifier.verify(pre_authentication(payload), base64.b64decode(signature["sig"], validate=True))
            statement = decode(payload, limit)
            if statement["predicateType"] != predicate_type("batch", 1) or not statement["subject"]:
                raise ValueError("another predicate, or an empty batch")
            subjects = list(statement["subject"])
        except (NoteError, CanonicalError, binascii.Error, KeyError, TypeError, ValueError) as error:
            raise CheckFailed("statements", f"{ATTESTATIONS}: an envelope does not hold: {error}") from None
        yield from subjects


def _index_of(statement: Any) -> int:
    try:
        (name,) = (each["name"] for each in statement["subject"])
        found = re.fullmatch(r"entry/([0-9]{1,16})", name)
    except (KeyError, TypeError, ValueError):
        found = None
    if found is None:
        raise CheckFailed("statements", f"{STATEMENTS}: a statement names no entry")
    return int(found[1])


# --- lines ---------------------------------------------------------------------------------------------


def _entry_bodies(contents: Contents) -> Iterator[tuple[int, bytes]]:
    """Index and bytes of each entry. That the lines are sound was checked before."""
    with contents.open(ENTRIES) as member:
        for line in member:
            end = _END.search(line)
            if end:
                yield int(end[1]), line[_START : end.start()]


def _body_at(entries: Iterator[tuple[int, bytes]], index: int, check: str) -> tuple[bytes, dict[str, Any]]:
    for at, body in entries:
        if at == index:
            entry: dict[str, Any] = decode(body)
            return body, entry
        if at > index:
            break
    raise CheckFailed(check, "there is no such entry here, or it is out of order", index)


def _entry_at(entries: Iterator[tuple[int, bytes]], index: int, check: str) -> dict[str, Any]:
    return _body_at(entries, index, check)[1]


def _numbered_lines(
    contents: Contents, name: str, limit: int, check: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    for _, value in _lines_of(contents, name, limit, check):
        if type(value.get("index")) is not int:
            raise CheckFailed(check, f"{name}: a line names no entry")
        yield value["index"], value


def _lines_of(
    contents: Contents, name: str, limit: int, check: str
) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Each line without its end, and its value, an object."""
    with contents.open(name) as member:
        number = 0
        while line := member.readline(limit):
            number += 1
            try:
                value = decode(line[:-1], limit)
            except CanonicalError as error:
                raise CheckFailed(check, f"{name}, line {number}: {error}") from None
            if line[-1:] != b"\n" or type(value) is not dict:
                raise CheckFailed(check, f"{name}, line {number}: not of the form that it has to have")
            yield line[:-1], value
