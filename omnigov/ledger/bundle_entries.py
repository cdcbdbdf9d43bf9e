"""A bundle's entries, read through once: each line, its leaf hash, its place, its proof.

Checks `entries`, `index`, `leaves`, `previous`, `inclusion`, `root` and `count` of `verify.CHECKS`. This file
imports nothing of the house beyond the files beside it, as the stand-alone verifier is made from them.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import multiprocessing
import os
import re
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import IO, Any

from omnigov.ledger.bundle import CHUNK, ENTRIES, LEAVES, PROOFS, UNREADABLE, CheckFailed
from omnigov.ledger.canonical import ENTRY_LIMIT, CanonicalError, decode
from omnigov.ledger.checkpoint import Checkpoint
from omnigov.ledger.contents import Contents
from omnigov.ledger.merkle import HASH_BYTES, CompactRange, ProofError, leaf_hash, verify_inclusion

#: A line of NDJSON is an entry and its index.
LINE_LIMIT = ENTRY_LIMIT + 1024

#: From this many bytes on, entries are read by several processes: to start them takes half a second.
PARALLEL_FROM = 32 * 1024 * 1024

#: The fields of every entry; `record` is what its kind and schema version say.
ENVELOPE = frozenset({"at", "id", "key", "kind", "previous", "record", "schema", "subject", "workspace"})

_DIGEST = re.compile(r"[0-9a-f]{64}")


def entries_differ(entry: int | None = None) -> CheckFailed:
    return CheckFailed("members", f"{ENTRIES} differs from what the manifest lists", entry)


def check_entries(
    contents: Contents,
    manifest: dict[str, Any],
    checkpoint: Checkpoint,
    passed: list[str],
    listed: dict[str, Any],
) -> int:
    """Walk all entries once, and return how many there are.

    Memory is flat, but for the leaf hashes of a whole log (about 120 bytes an entry).
    """
    whole: bool = manifest["whole"]
    log, earlier, count, last = CompactRange(), set[bytes](), 0, -1
    proofs = iter(()) if whole else _proofs(contents)
    digest, size = hashlib.sha256(), 0

    def hashed(data: bytes) -> None:
        nonlocal size
        digest.update(data)
        size += len(data)

    with (
        contents.open(LEAVES) as leaves,
        contextlib.closing(_checked_blocks(contents, hashed)) as blocks,
    ):
        for block in blocks:
            stated = leaves.read(len(block.leaves))
            for at, index in enumerate(block.indexes):
                if (whole and index != count) or not last < index < checkpoint.size:
                    raise CheckFailed(
                        "index", f"index {index} follows {last} in a log of {checkpoint.size}", index
                    )
                leaf = block.leaves[HASH_BYTES * at : HASH_BYTES * (at + 1)]
                if stated[HASH_BYTES * at : HASH_BYTES * (at + 1)] != leaf:
                    raise CheckFailed("leaves", f"{LEAVES} lists another leaf hash for this entry", index)
                if whole:
                    previous = block.previous.get(at)
                    if previous is not None and previous not in earlier:
                        raise CheckFailed(
                            "previous",
                            "the entry names a predecessor that is not before it in the log",
                            index,
                        )
                    earlier.add(leaf)
                    log.append(leaf)
                else:
                    _check_inclusion(index, leaf, next(proofs, None), checkpoint)
                count, last = count + 1, index
            block.raise_failure(count, last)
        if leaves.read(1):
            raise CheckFailed("leaves", f"{LEAVES} lists more leaf hashes than there are entries")
    if (size, digest.hexdigest()) != (listed["bytes"], listed["sha256"]):
        raise entries_differ()
    if whole and count != checkpoint.size:
        raise CheckFailed(
            "index", f"the log has {checkpoint.size} entries, and the export ends after {count}", count
        )
    passed += ["entries", "index", "leaves"]
    if whole:
        passed.append("previous")
        if log.root() != checkpoint.root:
            raise CheckFailed("root", "the tree over all entries has another root than the checkpoint")
        passed.append("root")
    else:
        if next(proofs, None) is not None:
            raise CheckFailed("inclusion", f"{PROOFS} has more proofs than there are entries")
        passed.append("inclusion")
    expected, actual = manifest["entries"]["expected"], manifest["entries"]["actual"]
    if not expected == actual == count:
        raise CheckFailed(
            "count", f"{expected} entries were to be exported, {actual} are stated, {count} are here"
        )
    passed.append("count")
    return count


@dataclass
class _Block:
    """Some lines of the entries, as far as they are sound by themselves, and what is wrong with the next."""

    indexes: list[int] = field(default_factory=list)
    leaves: bytes = b""
    #: By position in the block, where an entry names a predecessor.
    previous: dict[int, bytes] = field(default_factory=dict)
    #: What is wrong, and with which entry; without an entry, the line itself is damaged.
    failure: tuple[str, int | None] | None = None
    #: The index that a damaged line claims.
    claimed: int | None = None

    def raise_failure(self, count: int, last: int) -> None:
        """`count` entries were sound before the failure, and `last` is the index of the last of them."""
        if self.failure is None:
            return
        detail, index = self.failure
        if index is None:
            # The line can't be trusted to say its own index; in a whole log it follows the one before.
            after = "" if last < 0 else f", after entry {last}"
            detail, index = f"{ENTRIES}, line {count + 1}{after}: {detail}", self.claimed
        raise CheckFailed("entries", detail, index)


def _checked_blocks(contents: Contents, hashed: Callable[[bytes], None]) -> Generator[_Block]:
    """The entries in order. Many are read by as many processes as there are processors.

    `hashed` is told all bytes as they are read.
    """
    processes = os.cpu_count() or 1
    if processes == 1 or contents.size(ENTRIES) < PARALLEL_FROM:
        yield from map(_check_block, _blocks(contents, hashed))
        return
    # Spawned, not forked: whoever calls this may have threads.
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))
    with pool:
        waiting: deque[Future[_Block]] = deque()
        try:
            for block in _blocks(contents, hashed):
                waiting.append(pool.submit(_check_block, block))
                if len(waiting) > 2 * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _blocks(contents: Contents, hashed: Callable[[bytes], None]) -> Iterator[bytes]:
    """The lines of the entries, about a megabyte at a time; what follows a line that is too long is left."""
    with contents.open(ENTRIES) as member:
        rest = b""
        while data := _read_on(member):
            hashed(data)
            end = data.rfind(b"\n") + 1
            if end:
                yield rest + data[:end]
                rest = data[end:]
            else:
                rest += data
            if len(rest) > CHUNK + LINE_LIMIT:
                break
        if rest:
            yield rest


def _read_on(member: IO[bytes]) -> bytes:
    try:
        return member.read(CHUNK)
    except UNREADABLE:
        raise entries_differ() from None


def _check_block(data: bytes) -> _Block:
    """Whether each line is canonical and an entry of known form. Needs no other line."""
    block, leaves = _Block(), list[bytes]()
    for line in data.splitlines(keepends=True):
        try:
            index, body, previous = _checked_line(line)
        except CanonicalError as error:
            block.failure, block.claimed = (str(error), None), _claimed_index(line)
            break
        except CheckFailed as failed:
            block.failure = (failed.detail, failed.entry)
            break
        if previous is not None:
            block.previous[len(leaves)] = bytes.fromhex(previous)
        block.indexes.append(index)
        leaves.append(leaf_hash(body))
    block.leaves = b"".join(leaves)
    return block


def _checked_line(line: bytes) -> tuple[int, bytes, str | None]:
    """Index and bytes of the line's entry, and what it names as its predecessor."""
    value = decode(line[:-1], LINE_LIMIT) if line[-1:] == b"\n" else None
    if type(value) is not dict or value.keys() != {"entry", "index"} or type(value["index"]) is not int:
        raise CanonicalError("not of the form that it has to have")
    index, entry = value["index"], value["entry"]
    # A line is canonical, so the entry's bytes lie between its fixed parts.
    body = line[len(b'{"entry":') : -len(b',"index":%d}\n' % index)]
    if len(body) >= ENTRY_LIMIT:
        raise CheckFailed("entries", f"an entry has less than {ENTRY_LIMIT} bytes", index)
    if not _is_envelope(entry):
        raise CheckFailed(
            "entries", "the entry lacks a field, has one too many, or one of another type", index
        )
    return index, body, entry["previous"]


def _is_envelope(entry: Any) -> bool:
    return (
        type(entry) is dict
        and entry.keys() == ENVELOPE
        and all(type(entry[name]) is str for name in ("at", "id", "key", "kind", "subject"))
        and type(entry["schema"]) is int
        and type(entry["record"]) is dict
        and (entry["workspace"] is None or type(entry["workspace"]) is str)
        and (
            entry["previous"] is None
            or (type(entry["previous"]) is str and _DIGEST.fullmatch(entry["previous"]) is not None)
        )
    )


def _claimed_index(line: bytes) -> int | None:
    """The index that a damaged line ends in, to point a person to it. Nothing is concluded from it."""
    match = re.search(rb'"index":([0-9]{1,15})\}\n?$', line)
    return int(match[1]) if match else None


def _proofs(contents: Contents) -> Iterator[tuple[int, list[bytes]]]:
    with contents.open(PROOFS) as member:
        number, index = 0, None
        while line := member.readline(LINE_LIMIT):
            number += 1
            try:
                value = decode(line[:-1], LINE_LIMIT)
                sound = line[-1:] == b"\n" and value.keys() == {"hashes", "index"}
                if not sound or type(value["index"]) is not int:
                    raise CanonicalError("not of the form that it has to have")
                index = value["index"]
                yield index, [base64.b64decode(each, validate=True) for each in value["hashes"]]
            except (CanonicalError, AttributeError, TypeError, binascii.Error, ValueError) as error:
                raise CheckFailed("inclusion", f"{PROOFS}, line {number}: {error}", index) from None


def _check_inclusion(
    index: int, leaf: bytes, proof: tuple[int, list[bytes]] | None, checkpoint: Checkpoint
) -> None:
    if proof is None or proof[0] != index:
        raise CheckFailed("inclusion", f"{PROOFS} has no proof in this entry's place", index)
    try:
        verify_inclusion(index, checkpoint.size, leaf, proof[1], checkpoint.root)
    except ProofError as error:
        raise CheckFailed("inclusion", str(error), index) from None
