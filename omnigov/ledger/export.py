"""Writes a provenance bundle: entries, proofs and checkpoint in one ZIP that `verify.py` checks offline.

Entries are read and written segment by segment, so that memory does not grow with their number, and an export
that is cut off can be taken up again. A bundle is placed whole or not at all, and one that would be short is
an error, never a shorter bundle.
"""

from __future__ import annotations

import base64
import contextlib
import difflib
import glob
import hashlib
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Literal, Protocol
from uuid import UUID

from omnigov.durable import private_folder, sync_folder, write_private
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
from omnigov.ledger.sampling import SAMPLES
from omnigov.ledger.schemas import SCHEMAS
from omnigov.ledger.sequencer import integrate
from omnigov.ledger.services import export_record
from omnigov.ledger.tiles import TileReader
from omnigov.release import code_version

README = "README.txt"
#: Entries a segment. What was written of one that is cut off is written again.
SEGMENT = 20_000
_PART = ".part"
_EMPTY = "No entry fits what was asked for: the export would be empty, and nothing was written."
_OVERTAKEN = "A medium was erased while its words were being exported. Nothing was kept; export again."
#: The quickest: digests do not get smaller, and what repeats from entry to entry is found all the same.
_COMPRESSION = 1
_RESERVED = frozenset(
    {
        *(bundle.MANIFEST, bundle.SIGNATURE, bundle.ENTRIES, bundle.LEAVES, bundle.PROOFS, bundle.CHECKPOINT),
        *(standalone.NAME, README),
    }
)


class Segment(Protocol):
    """Some entries' part of a form, in files of its own."""

    def add(self, index: int, entry: dict[str, Any], body: bytes) -> None:
        """An entry, in the order of the log; `body` is its canonical form."""

    def close(self) -> None:
        """All that was added is in the files."""


class Form(Protocol):
    """Another form of the entries, written segment by segment."""

    def segment(self, folder: Path) -> Segment:
        """Begins a segment, whose files lie in `folder`."""

    def members(self, folders: Sequence[Path]) -> Iterable[tuple[str, Iterable[bytes]]]:
        """Names and contents of the bundle's members, from the folders of all segments in order."""


class ExportError(RuntimeError):
    """No bundle was written; the sentence says why."""


class Overtaken(ExportError):
    """What was read may not be told any more. Nothing of it was kept; the export can begin anew."""


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
    forms: Sequence[Form] = (),
    profile: Literal["full", "redacted"] = "redacted",
    spool: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    holds: Callable[[int], bool] | None = None,
    timeout: float = 60,
    exporter: UUID | None = None,
) -> Exported:
    """Write a bundle of the selected entries; with nothing selected, of the whole log.

    `out` is a path, where the finished file appears at once, or a seekable file open for reading and writing.
    `forms` write further members; what they hold is the caller's choice, and said by `profile`. What is
    pending is integrated first, for at most `timeout` seconds. That the bundle was made, and by whom, is an
    entry too, written before the file is in its place.

    With a `spool` folder an export that was cut off goes on where it was, at the checkpoint that it began
    with; the folder is gone when the bundle is in its place. `progress` is told entries written and selected.
    `holds` is asked, with the size of the log that the export is of, before anything of it is read and once
    all is: whether what forms read then may be told now. Where it may not, what is spooled is thrown away.

    Raises ExportError where entries would be missing, or there would be none. Not to be called inside a
    transaction.
    """
    selection = Selection(
        workspace=workspace,
        subjects=None if subjects is None else frozenset(subjects),
        kinds=None if kinds is None else frozenset(kinds),
        since=since,
        until=until,
    )
    with contextlib.ExitStack() as stack:
        _require_possible(selection)
        folder = spool or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omnigov-export-")))
        begun = Spool(folder, {"profile": profile, "selection": _as_json(selection)})
        checkpoint = begun.checkpoint()
        if checkpoint is None or not (holds is None or holds(checkpoint.size)):
            checkpoint = begun.begin(_settled_checkpoint(selection, timeout))
            if holds:
                holds(checkpoint.size)  # nothing is read yet: whoever asks takes note of the size
        require_cosigned(checkpoint)
        expected = integrated_count(selection, checkpoint.size)
        if not expected:
            shutil.rmtree(folder)
            raise ExportError(_EMPTY)
        for count in _write_segments(begun, selection, checkpoint.size, forms):
            if progress:
                progress(count, expected)
        with _placed(out) as file:
            count = _write_bundle(file, begun, selection, checkpoint, expected, forms, profile)
            if holds and not holds(checkpoint.size):
                shutil.rmtree(folder)
                raise Overtaken(_OVERTAKEN)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
            length = file.seek(0, os.SEEK_END)
            export_record(
                digest=digest,
                profile=profile,
                entries=count,
                size=checkpoint.size,
                whole=selection.whole,
                workspace=workspace,
                exporter=exporter,
            )
        if spool:
            shutil.rmtree(spool)
    return Exported(
        entries=count,
        size=checkpoint.size,
        root=bytes(checkpoint.root).hex(),
        whole=selection.whole,
        bytes=length,
        digest=digest,
        key=str(log_signer().verifier),
    )


def _require_possible(selection: Selection) -> None:
    """Refuses what no entry can ever fit: it was mistyped, and a bundle of nothing would verify."""
    known = {kind for kind, _ in SCHEMAS}
    for kind in sorted((selection.kinds or frozenset()) - known):
        near = difflib.get_close_matches(kind, known, 1)
        meant = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(sorted(known))}."
        raise ExportError(f"There is no kind of entry {kind!r}.{meant}")
    if selection.since and selection.until and selection.since >= selection.until:
        raise ExportError(
            "The time ends before it begins, so that no entry lies in it. Change one of the two."
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


def parts_remove(out: Path) -> int:
    """Removes what exports to `out` left that were killed before the file was in its place; how many.

    Only for who knows that nobody else is writing to `out` now.
    """
    left = list(out.parent.glob(f".{glob.escape(out.name)}.*{_PART}"))
    for each in left:
        each.unlink(missing_ok=True)
    return len(left)


@contextlib.contextmanager
def _placed(out: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """A file to write to. A path gets it when all went well, and is left as it was otherwise."""
    if not isinstance(out, Path):
        yield out
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=_PART)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(out)
        sync_folder(out.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# --- segments ------------------------------------------------------------------------------------------


class Spool:
    """What an export has written so far: a folder a segment, each whole or not there.

    `order` is what was ordered; a spool of another order is thrown away, and the export begins anew.
    """

    def __init__(self, folder: Path, order: dict[str, Any]) -> None:
        self.folder = folder
        self._order = order
        self._state = folder / "order.json"
        private_folder(folder)
        for cut_off in folder.glob("*.part"):
            shutil.rmtree(cut_off)

    def checkpoint(self) -> LedgerCheckpoint | None:
        """The checkpoint that the export began with; None where it has yet to begin."""
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            if state["order"] == self._order:
                return LedgerCheckpoint.objects.filter(
                    size=state["size"], root=bytes.fromhex(state["root"])
                ).first()
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return None

    def begin(self, checkpoint: LedgerCheckpoint) -> LedgerCheckpoint:
        for old in self.segments():
            shutil.rmtree(old)
        root = bytes(checkpoint.root).hex()
        state = {"order": self._order, "root": root, "size": checkpoint.size}
        write_private(self._state, json.dumps(state).encode())
        return checkpoint

    def segments(self) -> list[Path]:
        return sorted(each for each in self.folder.iterdir() if each.is_dir() and each.suffix != ".part")

    def done(self) -> tuple[int, int]:
        """How many entries are written, and the index to go on from."""
        count = after = 0
        for segment in self.segments():
            said = json.loads((segment / "segment.json").read_text(encoding="utf-8"))
            count, after = count + said["entries"], said["next"]
        return count, after

    @contextlib.contextmanager
    def segment(self) -> Iterator[Path]:
        """A new segment's folder, in its place when the block ends well."""
        number = len(self.segments())
        part = self.folder / f"{number:06}.part"
        part.mkdir()
        yield part
        for file in part.iterdir():
            with file.open("rb") as written:
                os.fsync(written.fileno())
        sync_folder(part)
        part.replace(self.folder / f"{number:06}")
        sync_folder(self.folder)


def _write_segments(spool: Spool, selection: Selection, size: int, forms: Sequence[Form]) -> Iterator[int]:
    """Writes what is missing; yields how many entries there are, segment by segment."""
    count, start = spool.done()
    reader, found = TileReader(size), entries(selection, size=size, start=start)
    while True:
        chunk = islice(found, SEGMENT)
        first = next(chunk, None)
        if first is None:
            return
        with spool.segment() as folder:
            core = _Core(folder, None if selection.whole else reader)
            parts = [form.segment(folder) for form in forms]
            for index, body in chain([first], chunk):
                core.add(index, body)
                if parts:
                    entry = canonical.decode(body)
                    for part in parts:
                        part.add(index, entry, body)
            for part in parts:
                part.close()
            core.close()
        count += core.count
        yield count


class _Core:
    """Entries, leaf hashes and, for a part of the log, proofs."""

    def __init__(self, folder: Path, reader: TileReader | None) -> None:
        self._folder, self._reader = folder, reader
        self._lines = (folder / bundle.ENTRIES).open("wb")
        self._leaves = (folder / bundle.LEAVES).open("wb")
        self._proofs = (folder / bundle.PROOFS).open("wb") if reader else None
        self._last = -1
        self.count = 0

    def add(self, index: int, body: bytes) -> None:
        self._lines.write(ndjson_line(index, body))
        self._leaves.write(leaf_hash(body))
        if self._reader and self._proofs:
            hashes = [base64.b64encode(each).decode() for each in inclusion_from(self._reader, index)]
            self._proofs.write(canonical.encode({"hashes": hashes, "index": index}) + b"\n")
        self.count, self._last = self.count + 1, index

    def close(self) -> None:
        for file in (self._lines, self._leaves, self._proofs):
            if file:
                file.close()
        said = {"entries": self.count, "next": self._last + 1}
        (self._folder / "segment.json").write_text(json.dumps(said), encoding="utf-8")


def joined(folders: Sequence[Path], name: str) -> Iterator[bytes]:
    """The files of this name, one after the other, in pieces."""
    for folder in folders:
        with (folder / name).open("rb") as file:
            while chunk := file.read(bundle.CHUNK):
                yield chunk


# --- the bundle ----------------------------------------------------------------------------------------


def _write_bundle(
    file: IO[bytes],
    spool: Spool,
    selection: Selection,
    checkpoint: LedgerCheckpoint,
    expected: int,
    forms: Sequence[Form],
    profile: str,
) -> int:
    folders, (actual, _) = spool.segments(), spool.done()
    if actual != expected:
        raise ExportError(
            f"{expected} entries were to be exported, and {actual} were read. Nothing was kept."
        )
    # No member has a time of its own (zipfile's own choice is 1980-01-01).
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        members = _Members(archive)
        for name in (bundle.ENTRIES, bundle.LEAVES, *(() if selection.whole else (bundle.PROOFS,))):
            members.add(name, joined(folders, name))
        members.add(bundle.CHECKPOINT, [cosigned_note(checkpoint).encode()])
        members.add(standalone.NAME, [standalone.source().encode()])
        members.add(README, [_readme(str(log_signer().verifier)).encode()])
        for form in forms:
            for name, content in form.members(folders):
                if name in _RESERVED:
                    raise ExportError(f"A bundle has a member {name} of its own.")
                members.add(name, content)
        manifest = {
            "checkpoint": {"root": bytes(checkpoint.root).hex(), "size": checkpoint.size},
            "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "entries": {"actual": actual, "expected": expected},
            "format": bundle.FORMAT,
            "key": str(log_signer().verifier),
            "members": members.listed,
            "profile": profile,
            "selection": _as_json(selection),
            "software": code_version(),
            "whole": selection.whole,
        }
        data = canonical.encode(manifest, bundle.MANIFEST_LIMIT)
        members.add(bundle.MANIFEST, [data])
        members.add(bundle.SIGNATURE, [log_signer().sign(bundle.manifest_note_text(data)).encode()])
    return actual


def ndjson_line(index: int, body: bytes) -> bytes:
    """An entry as a bundle has it: canonical JSON around the entry's own bytes."""
    return b'{"entry":%b,"index":%d}\n' % (body, index)


class _Members:
    """Writes members and keeps what the manifest says of each."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.listed: list[dict[str, Any]] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        if not bundle.is_plain_name(name) or any(
            name.casefold() == each["name"].casefold() for each in self.listed
        ):
            raise ExportError(
                f"{name!r} can't be a member's name: it is not plain and relative, or is taken."
            )
        digest, count = hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                count += len(piece)
        self.listed.append({"bytes": count, "name": name, "sha256": digest.hexdigest()})


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
  {standalone.NAME} checks all of this (with --deep each statement's signature too)

Where they were exported too
  {bundle.EVIDENCE}   profile "full": what decisions and verdicts commit to, and the keys to check it
  {bundle.STATEMENTS}, {bundle.ATTESTATIONS}   decisions and verdicts as in-toto statements, signed
  entries.parquet   the entries as a table
  prov.jsonld       decisions and verdicts in the W3C's PROV data model
  report.html, report.pdf   decisions in sentences, each with the fields that it is made from (up to 200)
  {SAMPLES}    samples that auditors drew, each with its sheet (findings in profile "full"), and as
  samples.csv       a table; {standalone.NAME} draws each again where the whole workspace or log is here
  schemas/          the form of each kind of entry, as JSON Schema
  mapping.*.md      which requirement this is evidence for, and where it says nothing

How to check it
  pip install cryptography
  python {standalone.NAME} BUNDLE.zip --key KEY      (or the folder that it was unpacked to)

  KEY is the log's public key. Get it from the people who run the log, by another way than this bundle.
  The bundle says that its key is
    {key}
  Without --key the bundle is only shown to be consistent in itself: a forger can sign anew.
  The same goes for {standalone.NAME}: take it, or read it, from a source that you trust.

What a person or a medium is called is not in here. An entry names media by an HMAC under a key of its own;
when the media are erased, that key is destroyed, and the entries stay valid.
"""
