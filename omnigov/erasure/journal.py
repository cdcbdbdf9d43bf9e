"""The erasure journal: which media were erased, written before anything is destroyed.

It lies in the key folder, outside of the database and of its backups. A database that is set back to a backup
brings an erased medium's rows back; the journal is what they are erased by again. It names media by their
ids, which are random, and people by theirs.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from omnigov.durable import private_folder, sync_folder

TAIL = 4096
"""Bytes that are read at a time, from the end, to find where the last line ends."""


class JournalDamaged(RuntimeError):
    """A line of the journal can't be read."""


@dataclass(frozen=True)
class Line:
    """One erasure. `by` is None for the command line and for a retention period that ended."""

    asset: UUID
    at: datetime
    cause: str
    by: UUID | None = None

    def __str__(self) -> str:
        return str(self.asset)


def path() -> Path:
    return Path(settings.OMNIGOV_KEYS_DIR) / "erasures.ndjson"


def write(line: Line) -> None:
    """Adds a line, and returns when it is on the disk."""
    text = json.dumps(
        {
            "asset": str(line.asset),
            "at": line.at.astimezone(UTC).isoformat(),
            "by": str(line.by) if line.by else None,
            "cause": line.cause,
        }
    )
    file = path()
    private_folder(file.parent)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        # A line without an end is one that a crash cut off, before anything was destroyed.
        whole = _end_of_lines(out)
        out.truncate(whole)
        out.seek(whole)
        out.write(text.encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    # Always: another process may have made the file this moment, and not synced its name yet.
    sync_folder(file.parent)


def _end_of_lines(journal: BinaryIO) -> int:
    """Where the last whole line ends. Looks from the end: the journal grows for years."""
    at = journal.seek(0, os.SEEK_END)
    while at:
        begin = max(0, at - TAIL)
        journal.seek(begin)
        found = journal.read(at - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        at = begin
    return 0


def lines() -> Iterator[Line]:
    """Every erasure, oldest first. Raises JournalDamaged for a line that is not one."""
    yield from lines_from(0)[0]


def lines_from(mark: int) -> tuple[list[Line], int]:
    """The erasures from a place in the journal on, oldest first, and the place to go on from later.

    A journal that has become shorter is another one, and is read from its beginning. Raises JournalDamaged.
    """
    try:
        with path().open("rb") as journal:
            if journal.seek(0, os.SEEK_END) < mark:
                mark = 0
            journal.seek(mark)
            data = journal.read()
    except FileNotFoundError:
        return [], 0
    whole = data[: data.rfind(b"\n") + 1]
    where = "" if not mark else f" after byte {mark}"
    return [_line(text, f"{number}{where}") for number, text in enumerate(whole.splitlines(), 1)], mark + len(
        whole
    )


def _line(text: bytes, where: str) -> Line:
    try:
        found = json.loads(text)
        return Line(
            asset=UUID(found["asset"]),
            at=datetime.fromisoformat(found["at"]),
            cause=str(found["cause"]),
            by=UUID(found["by"]) if found["by"] else None,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise JournalDamaged(
            f"Line {where} of {path()} can't be read ({type(error).__name__}). Restore the file from a "
            "backup of the keys; until then media that were erased may come back with a database backup."
        ) from None
