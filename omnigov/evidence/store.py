"""Where sealed evidence lies: four verbs over a folder, which S3 would answer as well.

Keys are paths with `/` between their parts. What the bytes mean, and who may open them, is not known here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from omnigov import durable

AT_ONCE = 1024 * 1024


class NotStored(LookupError):
    """Nothing lies under this key."""


@dataclass(frozen=True)
class Stored:
    """What lies under a key, and when it was put there, in seconds since 1970."""

    key: str
    size: int
    put_at: float


def put(key: str, content: Iterable[bytes]) -> None:
    """Stores a stream: whole or not at all, and on the disk when this returns."""
    durable.write_stream(_path(key), content)


def read(key: str, start: int, length: int) -> bytes:
    """Up to `length` bytes from `start` on; fewer where the end comes first. Raises `NotStored`."""
    try:
        handle = os.open(_path(key), os.O_RDONLY)
    except FileNotFoundError:
        raise NotStored(key) from None
    try:
        return os.pread(handle, length, start)
    finally:
        os.close(handle)


def stream(key: str, start: int = 0) -> Iterator[bytes]:
    """All from `start` on, a megabyte at a time. Raises `NotStored`."""
    while piece := read(key, start, AT_ONCE):
        yield piece
        start += len(piece)


def listed(prefix: str) -> Iterator[Stored]:
    """All that lies under a prefix, which names a folder. What a killed `put` left is not among it."""
    root = _root()
    for file, found in _files(prefix):
        if file.suffix != durable.SCRATCH:
            yield Stored(file.relative_to(root).as_posix(), found.st_size, found.st_mtime)


def unfinished_remove(prefix: str, before: float) -> None:
    """Removes what killed `put`s left under a prefix before this moment, in seconds since 1970."""
    for file, found in _files(prefix):
        if file.suffix == durable.SCRATCH and found.st_mtime < before:
            durable.remove(file)


def delete(prefix: str) -> None:
    """Removes all that lies under a prefix, for good when this returns. Nothing there is no error."""
    folder = _path(prefix)
    if folder.is_dir():
        shutil.rmtree(folder)
        durable.sync_folder(folder.parent)
    else:
        durable.remove(folder)


def _files(prefix: str) -> Iterator[tuple[Path, os.stat_result]]:
    for file in sorted(_path(prefix).rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # it was removed, or got its name, at this moment
            found = file.stat()
            if stat.S_ISREG(found.st_mode):
                yield file, found


def _root() -> Path:
    return Path(settings.OMNIGOV_EVIDENCE_DIR)


def _path(key: str) -> Path:
    parts = [part for part in key.split("/") if part]
    if not parts or ".." in parts or "." in parts:
        raise ValueError(f"{key!r} is no key of the evidence store.")
    return _root().joinpath(*parts)
