"""The workers' key pair: whoever takes an upload seals to its public half, and only a worker opens.

HPKE (RFC 9180) in base mode, from `cryptography`: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. The
private half is a file of its own, OMNIGOV_ORIGINALS_KEY, apart from the key folder; a process whose setting
is empty has none. The public half lies in the key folder, where the web server finds it.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from django.conf import settings

from omnigov import durable
from omnigov.keys import KeyUnavailable

PUBLIC_FILE = "originals-public-key"
KEY_ID = 8
#: A sealed key of 32 bytes: the sender's fresh public key, the key, the tag.
SEALED_KEY = 32 + 32 + 16
_BYTES = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal(key: bytes, bound: bytes) -> bytes:
    """The key, sealed so that only a worker can open it. `bound` says what for. Needs no secret."""
    return bytes(_SUITE.encrypt(key, _public(_folder()), bound))


def open_sealed(sealed: bytes, bound: bytes, to: bytes) -> bytes:
    """The key again. Raises `KeyUnavailable` without the private half of the key pair with the id `to`."""
    private = _private(_file())
    mine = _id(private.public_key())
    if to != mine:
        raise KeyUnavailable(
            f"This original is sealed to another key of the workers ({to.hex()}, not {mine.hex()}). "
            "Restore that one as OMNIGOV_ORIGINALS_KEY."
        )
    try:
        return bytes(_SUITE.decrypt(sealed, private, bound))
    except (InvalidTag, ValueError):
        raise KeyUnavailable("The key of this original does not open with the workers' key.") from None


def public_id() -> bytes:
    """Tells this key pair from another one."""
    return _id(_public(_folder()))


def keys_make() -> None:
    """Makes the key pair where there is none. Called by `omnigov setup`, and by the first worker.

    Where only the private half is missing none is made: what was sealed would stay shut, and nobody be told.
    """
    if (_folder() / PUBLIC_FILE).exists() and not _file().exists():
        raise _missing(_file())
    private = durable.make_once(_file(), lambda: X25519PrivateKey.generate().private_bytes_raw())
    public = _loaded(private).public_key().public_bytes_raw()
    if durable.make_once(_folder() / PUBLIC_FILE, lambda: public) != public:
        raise KeyUnavailable(
            f"{_folder() / PUBLIC_FILE} is not the public half of {_file()}. Restore the private half that "
            "belongs to it. If that is lost for good, so is what was sealed to it; then remove "
            "the public half."
        )


def may_open() -> bool:
    """Whether this process is told where the private half is."""
    return bool(settings.OMNIGOV_ORIGINALS_KEY)


def _folder() -> Path:
    return Path(settings.OMNIGOV_KEYS_DIR)


def _file() -> Path:
    if not may_open():
        raise KeyUnavailable(
            "This process can't open originals: it was not told where the workers' private key is "
            "(OMNIGOV_ORIGINALS_KEY)."
        )
    return Path(settings.OMNIGOV_ORIGINALS_KEY)


@functools.cache
def _private(file: Path) -> X25519PrivateKey:
    try:
        return _loaded(file.read_bytes())
    except FileNotFoundError:
        raise _missing(file) from None


@functools.cache
def _public(folder: Path) -> X25519PublicKey:
    file = folder / PUBLIC_FILE
    try:
        if not file.exists() and may_open():
            keys_make()
        return X25519PublicKey.from_public_bytes(file.read_bytes())
    except FileNotFoundError:
        raise KeyUnavailable(f"{file} is missing: uploads can't be sealed. Run: omnigov setup") from None


def _missing(file: Path) -> KeyUnavailable:
    return KeyUnavailable(f"{file} is missing; restore it from your backup of the keys.")


def _loaded(private: bytes) -> X25519PrivateKey:
    if len(private) != _BYTES:
        raise KeyUnavailable(f"{_file()} must hold {_BYTES} bytes; restore it from your backup.")
    return X25519PrivateKey.from_private_bytes(private)


def _id(public: X25519PublicKey) -> bytes:
    return hashlib.sha256(b"omnigov originals " + public.public_bytes_raw()).digest()[:KEY_ID]
