"""The key-encryption key, and the data keys that it wraps.

AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce before each ciphertext. The purpose of a key is
bound to it as additional data, so that one asset's wrapped key can't be put in another's place.

Asset keys and case keys are files of their own and not rows: erasing a person's media destroys the file, and
no database backup brings it back.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from omnigov import durable

NONCE = 12
KEY = 32


def fingerprint(key: bytes) -> str:
    """HMAC-SHA-256 under the key over a fixed text, in hex."""
    return hmac.new(key, b"omnigov key fingerprint", hashlib.sha256).hexdigest()


class KeyUnavailable(RuntimeError):
    """A key is gone or does not open: erased on purpose, or not the key it was wrapped with."""


@dataclass(frozen=True)
class AssetKeys:
    """One asset's two keys: `data` seals its bytes, `commitment` keys the digests that the ledger holds."""

    data: bytes
    commitment: bytes

    def commit(self, content: bytes) -> str:
        """HMAC-SHA-256 of the content, in hex: checkable while the key lives, meaningless after."""
        return hmac.new(self.commitment, content, hashlib.sha256).hexdigest()


class Keyring:
    """Opens and wraps keys with the key-encryption key of `folder`, which is made on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        file = folder / "key-encryption-key"
        key = durable.make_once(file, self.fresh)
        if len(key) != KEY:
            raise KeyUnavailable(f"{file} must hold {KEY} bytes; restore it from your backup of the keys.")
        self._key = key
        self._cipher = AESGCM(key)

    @property
    def fingerprint(self) -> str:
        """Tells this key-encryption key from another one, and nothing else about it."""
        return fingerprint(self._key)

    @staticmethod
    def fresh() -> bytes:
        return os.urandom(KEY)

    def wrap(self, key: bytes, *, purpose: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, key, purpose.encode())

    def unwrap(self, wrapped: bytes, *, purpose: str) -> bytes:
        """Raises `KeyUnavailable` where the key was wrapped by another one or for another purpose."""
        wrapped = bytes(wrapped)
        try:
            return self._cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], purpose.encode())
        except InvalidTag:
            raise KeyUnavailable(
                f"The key for {purpose.split(':')[0]} does not open with this key-encryption key."
            ) from None

    def _file(self, asset: uuid.UUID) -> Path:
        return self.folder / "assets" / asset.hex[:2] / asset.hex

    def asset_make(self, asset: uuid.UUID) -> AssetKeys:
        keys = AssetKeys(self.fresh(), self.fresh())
        wrapped = self.wrap(keys.data + keys.commitment, purpose=f"asset:{asset}")
        durable.write_private(self._file(asset), wrapped)
        return keys

    def asset(self, asset: uuid.UUID) -> AssetKeys:
        try:
            wrapped = self._file(asset).read_bytes()
        except FileNotFoundError:
            raise KeyUnavailable(
                "This asset's keys are gone: it was erased, or the key folder was not restored."
            ) from None
        both = self.unwrap(wrapped, purpose=f"asset:{asset}")
        return AssetKeys(both[:KEY], both[KEY:])

    def has_asset(self, asset: uuid.UUID) -> bool:
        return self._file(asset).exists()

    def asset_destroy(self, asset: uuid.UUID) -> None:
        """Overwrites the asset's keys and removes them, for good when this returns."""
        _shred(self._file(asset))

    def _case_file(self, case: uuid.UUID) -> Path:
        return self.folder / "cases" / case.hex[:2] / case.hex

    def case(self, case: uuid.UUID) -> bytes:
        """The key of a case's pseudonyms, made on first use. The caller holds the case's lock."""
        purpose = f"case:{case}"
        wrapped = durable.make_once(self._case_file(case), lambda: self.wrap(self.fresh(), purpose=purpose))
        return self.unwrap(wrapped, purpose=purpose)

    def has_case(self, case: uuid.UUID) -> bool:
        return self._case_file(case).exists()

    def case_destroy(self, case: uuid.UUID) -> None:
        """Overwrites the case's key and removes it, for good when this returns."""
        _shred(self._case_file(case))


def _shred(file: Path) -> None:
    """Overwrites a file and removes it. One that is gone already is no error: a crash is taken up again."""
    try:
        with file.open("r+b") as out:
            out.write(os.urandom(os.fstat(out.fileno()).st_size))
            out.flush()
            os.fsync(out.fileno())
    except FileNotFoundError:
        return
    durable.remove(file)


@functools.cache
def _keyring(folder: Path) -> Keyring:
    return Keyring(folder)


def keyring() -> Keyring:
    """The keyring of the settings' key folder."""
    return _keyring(Path(settings.OMNIGOV_KEYS_DIR))
