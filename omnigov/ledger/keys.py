"""The log's signing key: one file, made at first use, readable by its owner alone; and its public half.

It is kept outside database backups, in the key folder or at OMNIGOV_LOG_KEY. A process for which that is
empty has none, and knows the log by its public half. Whoever loses the signing key can go on with a new one
under a new origin; the old log stays verifiable with the old public key.
"""

from __future__ import annotations

import functools
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from omnigov import durable
from omnigov.ledger.checkpoint import NoteError, NoteSigner, NoteVerifier

FILE = "ledger-signing-key"
PUBLIC_FILE = "ledger-public-key"


class LogKeyError(RuntimeError):
    """The log's signing key can't be used; the sentence says what to do."""


def may_sign() -> bool:
    """Whether this process may have the signing key."""
    return settings.OMNIGOV_LOG_KEY is None or bool(settings.OMNIGOV_LOG_KEY)


def log_signer() -> NoteSigner:
    """The key of this installation's log, under the name OMNIGOV_LOG_ORIGIN."""
    if not may_sign():
        raise LogKeyError(
            "This process can't sign: it was not told where the log's signing key is (OMNIGOV_LOG_KEY)."
        )
    folder = Path(settings.OMNIGOV_KEYS_DIR)
    return _signer(Path(settings.OMNIGOV_LOG_KEY or folder / FILE), folder, str(settings.OMNIGOV_LOG_ORIGIN))


def log_verifier() -> NoteVerifier:
    """The public half of the log's key. Needs no secret once setup or a keeper has been here."""
    if may_sign():
        return log_signer().verifier
    file = Path(settings.OMNIGOV_KEYS_DIR) / PUBLIC_FILE
    try:
        return NoteVerifier.parse(file.read_text(encoding="utf-8"))
    except (OSError, NoteError) as error:
        raise LogKeyError(f"{file} can't be read ({error}). Run: omnigov setup") from error


@functools.cache
def _signer(file: Path, folder: Path, origin: str) -> NoteSigner:
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
    public = f"{signer.verifier}\n".encode()
    # A signing key that was restored or replaced has another public half.
    if durable.make_once(folder / PUBLIC_FILE, lambda: public) != public:
        durable.write_private(folder / PUBLIC_FILE, public)
    return signer


def _fresh(origin: str) -> bytes:
    try:
        signer = NoteSigner(origin, Ed25519PrivateKey.generate().private_bytes_raw())
    except NoteError as error:
        raise LogKeyError(f"OMNIGOV_LOG_ORIGIN can't be a log's name: {error}.") from error
    return f"{signer.private_text()}\n".encode()
