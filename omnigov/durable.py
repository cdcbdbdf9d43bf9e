"""Files that outlast a crash: private, whole or not there, and on the disk when the call returns.

Every key, every sealed file and every note that something was destroyed is written here. A file's own sync
is not enough: its name stands in the folder, and a new folder's name in the one above, which are synced too.
Nothing here knows what the bytes mean.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

PRIVATE = 0o700
SCRATCH = ".unfinished"
"""How the name of a file ends that was not finished: what a killed writer leaves is told by it."""


def private_folder(folder: Path) -> Path:
    """The folder, which is made where it is missing: for its owner alone, as those above it that are missing.

    A folder that is there keeps its mode: `omnigov setup` closes those of an installation from before.
    """
    missing = []
    at = folder
    while not at.is_dir():
        missing.append(at)
        at = at.parent
    for each in reversed(missing):
        # Another process may be making it this moment. Whoever was first, it lasts when this returns.
        with contextlib.suppress(FileExistsError):
            each.mkdir(mode=PRIVATE)
        sync_folder(each.parent)
    return folder


def close_to_others(folder: Path) -> None:
    """Makes the folder, or takes from others what they may do in one that is there and ours."""
    found = private_folder(folder).stat()
    if found.st_uid == os.getuid() and found.st_mode & 0o077:
        folder.chmod(PRIVATE)


def write_private(file: Path, content: bytes) -> None:
    """Writes a file that only its owner can read. Who reads it finds the old content or the new one."""
    write_stream(file, [content])


def write_stream(file: Path, content: Iterable[bytes]) -> None:
    """As `write_private`, a piece at a time. Where the stream breaks off, the file is what it was."""
    with _written(file, content) as fresh:
        fresh.replace(file)


def make_once(file: Path, content: Callable[[], bytes]) -> bytes:
    """What the file holds. Where it is missing, `content()` is written first; the first process wins.

    A link never replaces a file. So of two that make the same key at once, one finds the other's in its
    place, and both go on with the same one.
    """
    with contextlib.suppress(FileNotFoundError):
        return file.read_bytes()
    with _written(file, [content()]) as fresh, contextlib.suppress(FileExistsError):
        file.hardlink_to(fresh)
    return file.read_bytes()


def remove(file: Path) -> None:
    """Removes a file for good. One that is gone already is no error: a crash is taken up again."""
    file.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Makes what was created or removed in the folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _written(file: Path, content: Iterable[bytes]) -> Iterator[Path]:
    """The content in a scratch file beside `file`, on the disk; the block gives it its name."""
    private_folder(file.parent)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=SCRATCH)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            for piece in content:
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(file.parent)
