"""The folder that exports are written in, and who works on which: one process each, told by a lock.

What a killed export leaves is personal data where its profile is `full`. So all of it lies here, beside its
lock, but for the file that a command was about to put in its place. What the holder of a lock left is removed
by the next one, and what nobody comes back for after some days.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from omnigov.durable import private_folder, write_private
from omnigov.ledger.export import parts_remove

_COMMAND = "command-"
_LOCK, _SPOOL, _OUT = ".lock", ".spool", ".out"


def exports_folder() -> Path:
    return private_folder(Path(settings.OMNIGOV_EXPORTS_DIR))


@contextlib.contextmanager
def held(name: str) -> Iterator[bool]:
    """Whether this process works on the export for the block. When it dies, the kernel lets the lock go."""
    file = exports_folder() / f"{name}{_LOCK}"
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            if not _is_at(handle, file):
                continue  # whoever held it before removed it: another one lies there now, or none
            yield True
            return
        finally:
            os.close(handle)


def _is_at(handle: int, file: Path) -> bool:
    try:
        there = file.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)


def spool_of(name: str) -> Path:
    return exports_folder() / f"{name}{_SPOOL}"


# --- exports to a file of somebody's own ---------------------------------------------------------------


@contextlib.contextmanager
def command_spool(out: Path, profile: str) -> Iterator[Path | None]:
    """The spool of an export to this file, the same one each time; None: another process writes to it now."""
    out = out.absolute()
    name = _COMMAND + hashlib.sha256(os.fsencode(out)).hexdigest()[:16]
    with held(name) as mine:
        if not mine:
            yield None
            return
        parts_remove(out)
        # Where it lay before there was this folder.
        shutil.rmtree(out.with_name(f".{out.name}{_SPOOL}"), ignore_errors=True)
        note = exports_folder() / f"{name}{_OUT}"
        write_private(note, json.dumps({"out": str(out), "profile": profile}).encode())
        try:
            yield spool_of(name)
        finally:
            if not spool_of(name).exists():  # it is done, or there is nothing to go on from
                _forget(name)


def full_spools_remove() -> int:
    """Removes what full exports by command have written and nobody writes now: a medium was erased since."""
    return _commands_remove(lambda note: _said(note)["profile"] == "full")


def old_spools_remove(now: datetime) -> int:
    """Removes what exports by command left that nobody took up again for as long as an export is kept."""
    before = (now - timedelta(days=settings.OMNIGOV_EXPORTS_DAYS)).timestamp()
    return _commands_remove(lambda note: note.stat().st_mtime < before)


def _commands_remove(is_meant: Callable[[Path], bool]) -> int:
    removed = 0
    for note in sorted(exports_folder().glob(f"{_COMMAND}*{_OUT}")):
        with held(note.stem) as mine, contextlib.suppress(FileNotFoundError):
            if mine and is_meant(note):
                parts_remove(Path(_said(note)["out"]))
                _forget(note.stem)
                removed += 1
    return removed


def _said(note: Path) -> dict[str, str]:
    said: dict[str, str] = json.loads(note.read_text())
    return said


def _forget(name: str) -> None:
    """Removes all that is there of an export by command. Called by who holds its lock, which goes last."""
    if spool_of(name).exists():
        shutil.rmtree(spool_of(name))
    for suffix in (_OUT, _LOCK):
        (exports_folder() / f"{name}{suffix}").unlink(missing_ok=True)
