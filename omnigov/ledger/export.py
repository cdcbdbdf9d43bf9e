"""Writes a provenance bundle: entries, proofs and checkpoint in one ZIP that `verify.py` checks offline.

Entries are read and written page by page, so that memory does not grow with their number. A bundle is placed
whole or not at all, and one that would be short is an error, never a shorter bundle.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import tempfile
import time
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from omnigov.ledger import bundle, canonical, standalone
from omnigov.ledger.cosigning import require_cosigned
from omnigov.ledger.keys import log_signer
from omnigov.ledger.merkle import leaf_hash
from omnigov.ledger.models import LedgerCheckpoint
from omnigov.ledger.queries import (
    Selection,
    cosigned_note,
    entries,
    inclusion_from,
    integrated_count,
    latest_checkpoint,
    pending,
)
from omnigov.ledger.sequencer import integrate
from omnigov.ledger.services import export_record
from omnigov.ledger.tiles import TileReader
from omnigov.release import code_version

README = "README.txt"
#: The quickest: digests do not get smaller, and what repeats from entry to entry is found all the same.
_COMPRESSION = 1
_RESERVED = frozenset(
    {
        *(bundle.MANIFEST, bundle.SIGNATURE, bundle.ENTRIES, bundle.LEAVES, bundle.PROOFS, bundle.CHECKPOINT),
        *(standalone.NAME, README),
    }
)


class ExportError(RuntimeError):
    """No bundle was written; the sentence says why."""


@dataclass(frozen=True)
class Exported:
    """What a bundle holds. `digest` is the SHA-256 of the file, in hex."""

    entries: int
    size: int
    root: str
    whole: bool
    bytes: int
    digest: str
    key: str


def export(
    out: Path | IO[bytes],
    *,
    workspace: UUID | None = None,
    subjects: Collection[UUID] | None = None,
    kinds: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    evidence: Iterable[tuple[str, bytes]] = (),
    timeout: float = 60,
    exporter: UUID | None = None,
) -> Exported:
    """Write a bundle of the selected entries; with nothing selected, of the whole log.

    `out` is a path, where the finished file appears at once, or a seekable file open for reading and writing.
    `evidence` are further members, name and bytes. What is pending is integrated first, for at most `timeout`
    seconds. That the bundle was made, and by whom, is an entry too, written before the file is in its place.
    Raises ExportError where entries would be missing. Not to be called inside a transaction.
    """
    selection = Selection(
        workspace=workspace,
        subjects=None if subjects is None else frozenset(subjects),
        kinds=None if kinds is None else frozenset(kinds),
        since=since,
        until=until,
    )
    checkpoint = _settled_checkpoint(selection, timeout)
    require_cosigned(checkpoint)
    with _placed(out) as file:
        count = _write_bundle(file, selection, checkpoint, evidence)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        length = file.seek(0, os.SEEK_END)
        export_record(
            digest=digest,
            entries=count,
            size=checkpoint.size,
            whole=selection.whole,
            workspace=workspace,
            exporter=exporter,
        )
    return Exported(
        entries=count,
        size=checkpoint.size,
        root=bytes(checkpoint.root).hex(),
        whole=selection.whole,
        bytes=length,
        digest=digest,
        key=str(log_signer().verifier),
    )


def _settled_checkpoint(selection: Selection, timeout: float) -> LedgerCheckpoint:
    """The newest checkpoint, once every selected entry that is there now has its place."""
    newest = pending(selection).order_by("-seq").values_list("seq", flat=True).first()
    deadline = time.monotonic() + timeout
    while newest is not None and pending(selection).filter(seq__lte=newest).exists():
        if not integrate():
            time.sleep(0.02)
        if time.monotonic() > deadline:
            raise ExportError(
                f"Entries are still without a place in the log after {timeout:g} s, so the export would be "
                "short. Run `omnigov ledger check`, and export again."
            )
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise ExportError("The log is empty: there is nothing to export yet.")
    return checkpoint


@contextlib.contextmanager
def _placed(out: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """A file to write to. A path gets it when all went well, and is left as it was otherwise."""
    if not isinstance(out, Path):
        yield out
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_bundle(
    file: IO[bytes], selection: Selection, checkpoint: LedgerCheckpoint, evidence: Iterable[tuple[str, bytes]]
) -> int:
    # No member has a time of its own (zipfile's own choice is 1980-01-01).
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        members = _Members(archive)
        expected = integrated_count(selection, checkpoint.size)
        actual = _write_entries(members, selection, checkpoint.size)
        if actual != expected:
            raise ExportError(
                f"{expected} entries were to be exported, and {actual} were read. Nothing was kept."
            )
        members.add(bundle.CHECKPOINT, cosigned_note(checkpoint).encode())
        members.add(standalone.NAME, standalone.source().encode())
        members.add(README, _readme(str(log_signer().verifier)).encode())
        for name, data in evidence:
            if name in _RESERVED:
                raise ExportError(f"A bundle has a member {name} of its own.")
            members.add(name, data)
        manifest = {
            "checkpoint": {"root": bytes(checkpoint.root).hex(), "size": checkpoint.size},
            "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "entries": {"actual": actual, "expected": expected},
            "format": bundle.FORMAT,
            "key": str(log_signer().verifier),
            "members": members.listed,
            "selection": _as_json(selection),
            "software": code_version(),
            "whole": selection.whole,
        }
        data = canonical.encode(manifest, bundle.MANIFEST_LIMIT)
        members.add(bundle.MANIFEST, data)
        members.add(bundle.SIGNATURE, log_signer().sign(bundle.manifest_note_text(data)).encode())
    return actual


def _write_entries(members: _Members, selection: Selection, size: int) -> int:
    """Entries, leaf hashes and, for a part of the log, proofs. A ZIP takes one member at a time, so the two
    smaller ones wait on disk."""
    reader, count = TileReader(size), 0
    with tempfile.TemporaryFile() as leaves, tempfile.TemporaryFile() as proofs:
        with members.member(bundle.ENTRIES) as lines:
            for index, body in entries(selection, size=size):
                lines.write(ndjson_line(index, body))
                leaves.write(leaf_hash(body))
                if not selection.whole:
                    hashes = [base64.b64encode(each).decode() for each in inclusion_from(reader, index)]
                    proofs.write(canonical.encode({"hashes": hashes, "index": index}) + b"\n")
                count += 1
        members.copy(bundle.LEAVES, leaves)
        if not selection.whole:
            members.copy(bundle.PROOFS, proofs)
    return count


def ndjson_line(index: int, body: bytes) -> bytes:
    """An entry as a bundle has it: canonical JSON around the entry's own bytes."""
    return b'{"entry":%b,"index":%d}\n' % (body, index)


class _Members:
    """Writes members and keeps what the manifest says of each."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.listed: list[dict[str, Any]] = []

    @contextlib.contextmanager
    def member(self, name: str) -> Iterator[_Member]:
        if not bundle.is_plain_name(name) or any(
            name.casefold() == each["name"].casefold() for each in self.listed
        ):
            raise ExportError(
                f"{name!r} can't be a member's name: it is not plain and relative, or is taken."
            )
        with self._archive.open(name, "w", force_zip64=True) as out:
            member = _Member(out)
            yield member
            member.flush()
        self.listed.append({"bytes": member.count, "name": name, "sha256": member.digest.hexdigest()})

    def add(self, name: str, data: bytes) -> None:
        with self.member(name) as member:
            member.write(data)

    def copy(self, name: str, source: IO[bytes]) -> None:
        source.seek(0)
        with self.member(name) as member:
            while chunk := source.read(bundle.CHUNK):
                member.write(chunk)


class _Member:
    """Counts, digests and packs what is written, many lines at a time."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self.digest = hashlib.sha256()
        self.count = 0

    def write(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= bundle.CHUNK:
            self.flush()

    def flush(self) -> None:
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        self._out.write(data)
        self.digest.update(data)
        self.count += len(data)


def _as_json(selection: Selection) -> dict[str, Any]:
    def moment(value: datetime | None) -> str | None:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if value else None

    return {
        "kinds": None if selection.kinds is None else sorted(selection.kinds),
        "since": moment(selection.since),
        "subjects": None if selection.subjects is None else sorted(map(str, selection.subjects)),
        "until": moment(selection.until),
        "workspace": str(selection.workspace) if selection.workspace else None,
    }


def _readme(key: str) -> str:
    return f"""A provenance bundle of OmniGov ({bundle.FORMAT})

What is here
  {bundle.ENTRIES}    one ledger entry a line, in canonical JSON (RFC 8785), with its index in the log
  {bundle.LEAVES}        the leaf hash of each entry, 32 bytes each, in the same order
  {bundle.PROOFS}     where a part of the log was exported: each entry's inclusion proof (RFC 6962)
  {bundle.CHECKPOINT}    the log's state, signed (C2SP tlog-checkpoint)
  {bundle.MANIFEST}     how many entries were to be exported and were, and every member's SHA-256
  {bundle.SIGNATURE}      the signature over the manifest (C2SP signed-note)
  {standalone.NAME} checks all of this; the rest, if any, is evidence that belongs to the entries

How to check it
  pip install cryptography
  python {standalone.NAME} BUNDLE.zip --key KEY

  KEY is the log's public key. Get it from the people who run the log, by another way than this bundle.
  The bundle says that its key is
    {key}
  Without --key the bundle is only shown to be consistent in itself: a forger can sign anew.
  The same goes for {standalone.NAME}: take it, or read it, from a source that you trust.

What a person or a medium is called is not in here. An entry names media by an HMAC under a key of its own;
when the media are erased, that key is destroyed, and the entries stay valid.
"""
