"""A value under its medium's own key.

AES-256-GCM with a fresh 96-bit nonce. The additional data are the medium, the run and the finding's place,
so that a sealed value can't be put in another's place. What is sealed is filled up to a multiple of 64
bytes: the length of a name tells about the name.
"""

from __future__ import annotations

import os
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from omnigov.keys import NONCE, keyring

_BLOCK = 64


class SealBroken(RuntimeError):
    """A sealed value was changed, or belongs elsewhere."""


def sealed(value: str, *, asset: uuid.UUID, run: uuid.UUID, finding: int, key: bytes) -> bytes:
    """Nonce, ciphertext and tag. `key` is the medium's data key."""
    plain = value.encode("utf-8", "replace")
    framed = len(plain).to_bytes(4, "big") + plain
    framed += bytes(-len(framed) % _BLOCK)
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, framed, _bound(asset, run, finding))


def opened(content: bytes | memoryview, *, asset: uuid.UUID, run: uuid.UUID, finding: int) -> str:
    """The value. Raises `KeyUnavailable` where the medium was erased, `SealBroken` where it does not open."""
    cipher = AESGCM(keyring().asset(asset).data)
    content = bytes(content)
    try:
        framed = cipher.decrypt(content[:NONCE], content[NONCE:], _bound(asset, run, finding))
    except (InvalidTag, ValueError):
        raise SealBroken("The sealed value was changed: its seal does not open.") from None
    length = int.from_bytes(framed[:4], "big")
    return framed[4 : 4 + length].decode()


def _bound(asset: uuid.UUID, run: uuid.UUID, finding: int) -> bytes:
    return b"value" + asset.bytes + run.bytes + finding.to_bytes(4, "big")
