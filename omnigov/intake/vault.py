"""The sealed vault of originals.

A vault file is a row of frames, each `length (4 bytes, big endian) · nonce (12) · ciphertext and tag`,
sealed with AES-256-GCM under the asset's own key. A frame's additional data is the asset's id and the
offset of its first plain byte, so frames can't be moved, dropped from the middle or taken from another
file; a dropped tail shows in the length that the row knows. Frames are what makes a cut-off upload go
on: what was received is already sealed, and no plain byte was ever on a disk.
"""

from __future__ import annotations

import os
import struct
import uuid
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from omnigov import durable
from omnigov.keys import keyring

HEADER = struct.Struct(">I")
NONCE = 12
TAG = 16
FRAME = 1024 * 1024


class VaultDamaged(RuntimeError):
    """A sealed file does not open: bytes changed, missing, or sealed for another asset."""


def _file(asset: uuid.UUID) -> Path:
    return Path(settings.OMNIGOV_VAULT_DIR) / asset.hex[:2] / asset.hex


def create(asset: uuid.UUID) -> None:
    """An empty sealed file with fresh keys."""
    keyring().asset_make(asset)
    durable.write_private(_file(asset), b"")


def append(asset: uuid.UUID, plain: bytes, *, offset: int, sealed: int) -> int:
    """Seals `plain`, whose first byte is byte `offset` of the original, and returns the file's new length.

    `sealed` is the file's length as the row knows it. What lies behind it was written by an upload that
    died before its row was: it is cut off first.
    """
    cipher = AESGCM(keyring().asset(asset).data)
    with _file(asset).open("r+b") as out:
        out.truncate(sealed)
        out.seek(sealed)
        for start in range(0, len(plain), FRAME):
            nonce = os.urandom(NONCE)
            body = cipher.encrypt(nonce, plain[start : start + FRAME], _bound(asset, offset + start))
            out.write(HEADER.pack(len(body)) + nonce + body)
        out.flush()
        os.fsync(out.fileno())
        return out.tell()


def read(asset: uuid.UUID, *, length: int) -> bytes:
    """The original's bytes, in memory. Raises `VaultDamaged` unless there are `length` of them, unchanged."""
    cipher = AESGCM(keyring().asset(asset).data)
    plain = bytearray()
    try:
        with _file(asset).open("rb") as sealed:
            while len(plain) < length:
                head = sealed.read(HEADER.size)
                if len(head) < HEADER.size:
                    raise VaultDamaged("The sealed original is shorter than its record says.")
                (size,) = HEADER.unpack(head)
                if not TAG < size <= FRAME + TAG:
                    raise VaultDamaged("The sealed original has a frame that is no frame.")
                nonce, body = sealed.read(NONCE), sealed.read(size)
                if len(body) != size:
                    raise VaultDamaged("The sealed original ends inside a frame.")
                plain += cipher.decrypt(nonce, body, _bound(asset, len(plain)))
            if len(plain) != length or sealed.read(1):
                raise VaultDamaged("The sealed original is longer than its record says.")
    except FileNotFoundError:
        raise VaultDamaged("The sealed original is gone from the vault.") from None
    except (InvalidTag, ValueError):
        raise VaultDamaged("The sealed original was changed: its seal does not open.") from None
    return bytes(plain)


def exists(asset: uuid.UUID) -> bool:
    return _file(asset).exists()


def discard(asset: uuid.UUID) -> None:
    """Destroys the keys first: bytes that outlive a crash in between are noise."""
    keyring().asset_destroy(asset)
    durable.remove(_file(asset))


def _bound(asset: uuid.UUID, offset: int) -> bytes:
    return asset.bytes + offset.to_bytes(8, "big")
