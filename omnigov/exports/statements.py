"""Decisions, verdicts and verdicts taken back as in-toto statements, signed in batches.

A statement is of in-toto's Attestation Framework v1: its subject is a ledger entry by the SHA-256 of its
bytes, its predicate what the entry says. Signing each would make an export of a million decisions a million
signatures; so a batch of up to a thousand statements gets one DSSE envelope, whose payload is a statement
again, about the digests of the batch's statements. `verify --deep` checks all of it.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from omnigov.ledger import bundle, canonical
from omnigov.ledger.checkpoint import NoteSigner
from omnigov.ledger.export import joined

KINDS = ("decision", "review", "verdict_taken_back")


class Statements:
    """Writes `statements.ndjson` and `attestations.ndjson`."""

    def __init__(self, signer: NoteSigner) -> None:
        self._signer = signer

    def segment(self, folder: Path) -> _Segment:
        return _Segment(folder, self._signer)

    def members(self, folders: Sequence[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
        for name in (bundle.STATEMENTS, bundle.ATTESTATIONS):
            yield name, joined(folders, name)


class _Segment:
    def __init__(self, folder: Path, signer: NoteSigner) -> None:
        self._signer = signer
        self._statements = (folder / bundle.STATEMENTS).open("wb")
        self._envelopes = (folder / bundle.ATTESTATIONS).open("wb")
        self._batch: list[dict[str, Any]] = []

    def add(self, index: int, entry: dict[str, Any], body: bytes) -> None:
        if entry["kind"] not in KINDS:
            return
        statement = {
            "_type": bundle.STATEMENT_TYPE,
            "predicate": {name: entry[name] for name in bundle.PREDICATE_FIELDS},
            "predicateType": bundle.predicate_type(entry["kind"], entry["schema"]),
            "subject": [
                {"digest": {"sha256": hashlib.sha256(body).hexdigest()}, "name": f"entry/{index}"},
            ],
        }
        line = canonical.encode(statement, bundle.STATEMENT_LIMIT)
        self._statements.write(line + b"\n")
        self._batch.append(
            {"digest": {"sha256": hashlib.sha256(line).hexdigest()}, "name": f"statement/{index}"}
        )
        if len(self._batch) == bundle.STATEMENTS_A_BATCH:
            self._sign()

    def _sign(self) -> None:
        payload = canonical.encode(
            {
                "_type": bundle.STATEMENT_TYPE,
                "predicate": {"count": len(self._batch)},
                "predicateType": bundle.predicate_type("batch", 1),
                "subject": self._batch,
            },
            bundle.STATEMENT_LIMIT * bundle.STATEMENTS_A_BATCH,
        )
        envelope = {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": bundle.PAYLOAD_TYPE,
            "signatures": [
                {
                    "keyid": str(self._signer.verifier),
                    "sig": base64.b64encode(
                        self._signer.sign_bytes(bundle.pre_authentication(payload))
                    ).decode(),
                }
            ],
        }
        self._envelopes.write(
            canonical.encode(envelope, 2 * bundle.STATEMENT_LIMIT * bundle.STATEMENTS_A_BATCH) + b"\n"
        )
        self._batch = []

    def close(self) -> None:
        if self._batch:
            self._sign()
        self._statements.close()
        self._envelopes.close()
