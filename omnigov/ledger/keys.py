"""The log's signing key: one file in the key folder, made at first use, readable by its owner alone.

It is kept beside the other keys and outside database backups. Whoever loses it can go on with a new key
under a new origin; the old log stays verifiable with the old public key.
"""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from omnigov.ledger.checkpoint import NoteError, NoteSigner

FILE = "ledger-signing-key"


class LogKeyError(RuntimeError):
    """The log's signing key can't be used; the sentence says what to do."""


def log_signer() -> NoteSigner:
    """The key of this installation's log, under the name OMNIGOV_LOG_ORIGIN."""
    return _signer(Path(settings.OMNIGOV_KEYS_DIR), str(settings.OMNIGOV_LOG_ORIGIN))


@functools.cache
def _signer(folder: Path, origin: str) -> NoteSigner:
    file = folder / FILE
    if not file.exists():
        _make(file, origin)
    try:
        signer = NoteSigner.parse(file.read_text(encoding="utf-8"))
    except NoteError as error:
        raise LogKeyError(f"{file}: {error}. Restore it from your backup of the keys.") from error
    if signer.name != origin:
        raise LogKeyError(
            f"{file} is the key of the log {signer.name}, but OMNIGOV_LOG_ORIGIN is {origin}. A log keeps "
            "its origin: set it back, or begin a new log with a new key folder and a new database."
        )
    return signer


def _make(file: Path, origin: str) -> None:
    """Write a fresh key. Where another process is quicker, its key stays: a link never replaces a file."""
    try:
        signer = NoteSigner(origin, Ed25519PrivateKey.generate().private_bytes_raw())
    except NoteError as error:
        raise LogKeyError(f"OMNIGOV_LOG_ORIGIN can't be a log's name: {error}.") from error
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=file.parent)  # mkstemp makes files with mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(signer.private_text() + "\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            file.hardlink_to(fresh)
        except FileExistsError:
            return
    finally:
        fresh.unlink()
