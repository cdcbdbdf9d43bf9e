"""Makes bundles without a database, honest and otherwise."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omnigov.ledger import bundle, verify
from omnigov.ledger.canonical import encode
from omnigov.ledger.checkpoint import Checkpoint, NoteSigner
from omnigov.ledger.merkle import inclusion_proof, leaf_hash, root

SIGNER = NoteSigner("test.example/log", bytes(range(32)))
FORGER = NoteSigner("test.example/log", bytes(range(1, 33)))
KEY = str(SIGNER.verifier)


def entry(number: int, previous: bytes | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "at": "2026-01-02T03:04:05.000000Z",
        "id": f"00000000-0000-4000-8000-{number:012x}",
        "key": f"test:{number}",
        "kind": "decision",
        "previous": previous.hex() if previous else None,
        "record": {"label": "animal", "number": number, "name": "動物"},
        "schema": 1,
        "subject": f"00000000-0000-4000-8000-{number // 2:012x}",
        "workspace": None,
    } | changes


def log(count: int) -> list[dict[str, Any]]:
    """Entries, of which every second names the one before it as its predecessor."""
    made: list[dict[str, Any]] = []
    for number in range(count):
        made.append(entry(number, leaf_hash(encode(made[-1])) if number % 2 else None))
    return made


@dataclass
class Draft:
    """A bundle before it is written. Each part may be replaced before `pack`."""

    entries: list[dict[str, Any]]
    chosen: list[int] | None = None
    signer: NoteSigner = SIGNER
    log_signer: NoteSigner | None = None
    lines: list[bytes] = field(init=False)
    members: dict[str, bytes] = field(init=False)
    checkpoint: Checkpoint = field(init=False)
    manifest: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        bodies = [encode(each) for each in self.entries]
        leaves = [leaf_hash(each) for each in bodies]
        self.checkpoint = Checkpoint(self.signer.name, len(leaves), root(leaves))
        chosen = range(len(leaves)) if self.chosen is None else self.chosen
        self.lines = [b'{"entry":%b,"index":%d}\n' % (bodies[index], index) for index in chosen]
        self.members = {
            bundle.ENTRIES: b"".join(self.lines),
            bundle.LEAVES: b"".join(leaves[index] for index in chosen),
            bundle.CHECKPOINT: (self.log_signer or self.signer).sign(self.checkpoint.text()).encode(),
            "evidence/a.json": b'{"a":1}',
        }
        if self.chosen is not None:
            self.members[bundle.PROOFS] = b"".join(
                encode(
                    {
                        "hashes": [
                            base64.b64encode(each).decode() for each in inclusion_proof(index, leaves)
                        ],
                        "index": index,
                    }
                )
                + b"\n"
                for index in chosen
            )
        self.manifest = {
            "checkpoint": {"root": self.checkpoint.root.hex(), "size": self.checkpoint.size},
            "created": "2026-01-02T03:04:05Z",
            "entries": {"actual": len(self.lines), "expected": len(self.lines)},
            "format": bundle.FORMAT,
            "key": str(self.signer.verifier),
            "profile": "redacted",
            "selection": {},
            "software": "test",
            "whole": self.chosen is None,
        }

    def retell(self, lines: Sequence[bytes], *, leaves: bool = True) -> Draft:
        """Replace the lines, and with them the leaf hashes, as somebody who holds the log's key could."""
        self.lines = list(lines)
        self.members[bundle.ENTRIES] = b"".join(lines)
        if leaves:
            bodies = [line[len(b'{"entry":') : line.rindex(b',"index":')] for line in lines]
            self.members[bundle.LEAVES] = b"".join(map(leaf_hash, bodies))
        return self

    def pack(self, path: Path) -> Path:
        """Write the ZIP with a manifest that fits the members, signed."""
        listed = [
            {"bytes": len(data), "name": name, "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in self.members.items()
        ]
        manifest = encode({"members": listed, **self.manifest}, bundle.MANIFEST_LIMIT)
        signature = self.signer.sign(bundle.manifest_note_text(manifest)).encode()
        return write_zip(path, {**self.members, bundle.MANIFEST: manifest, bundle.SIGNATURE: signature})


def write_zip(
    path: Path, members: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] | None = None
) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, data)
    path.write_bytes(out.getvalue())
    return path


def read_zip(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PART = [1, 2, 5, 8]


def whole() -> Draft:
    return Draft(log(9))


def part() -> Draft:
    return Draft(log(9), PART)


def failure(path: Path, key: str | None = KEY) -> tuple[str, int | None]:
    """The name of the first failed check, and the entry."""
    failed = verify.verify_bundle(path, key).failed
    assert failed is not None, "the bundle verified"
    assert failed.check in verify.CHECKS
    return failed.check, failed.entry
