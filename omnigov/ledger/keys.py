"""The log's signing key: one file in the key folder, made at first use, readable by its owner alone.

It is kept beside the other keys and outside database backups. Whoever loses it can go on with a new key
under a new origin; the old log stays verifiable with the old public key.
"""

from __future__ import annotations

import functools
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from omnigov import durable
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
    text = durable.make_once(file, lambda: _fresh(origin))
    try:
        signer = NoteSigner.parse(text.decode())
    except (NoteError, UnicodeDecodeError) as error:
        raise LogKeyError(f"{file}: {error}. Restore it from your backup of the keys.") from error
    if signer.name != origin:
        raise LogKeyError(
            f"{file} is the key of the log {signer.name}, but OMNIGOV_LOG_ORIGIN is {origin}. A log keeps "
            "its origin: set it back, or begin a new log with a new key folder and a new database."
        )
    return signer


def _fresh(origin: str) -> bytes:
    try:
        signer = NoteSigner(origin, Ed25519PrivateKey.generate().private_bytes_raw())
    except NoteError as error:
        raise LogKeyError(f"OMNIGOV_LOG_ORIGIN can't be a log's name: {error}.") from error
    return f"{signer.private_text()}\n".encode()
