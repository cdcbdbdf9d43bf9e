"""The parts that a vault file is made of, each of which came in one piece.

A segment is `OGS1 · key id (8) · length (8) · wrapped key (108) · sealed stream`. Its key is fresh. It is
sealed to the workers' public key (`intake.originals_key`), and the result is sealed once more under the
asset's own key: who takes an upload can't open it again, and whoever destroys the asset's key forgets the
original wherever its bytes are. The stream is as `omnigov.frames` has it.

A frame of before is `length (4) · nonce (12) · ciphertext and tag`, AES-256-GCM under the asset's own key.
Both are bound to the asset and to the offset of their first plain byte, so they can't be moved, dropped from
the middle or taken from another file; a dropped tail shows in the length that the row knows.
"""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from omnigov import frames
from omnigov.intake import originals_key
from omnigov.keys import KeyUnavailable

MAGIC = b"OGS1"
HEADER = struct.Struct(">4s8sQ")
NONCE = 12
TAG = 16
WRAPPED = NONCE + originals_key.SEALED_KEY + TAG
#: Of a frame of before: the most that it holds, and its header.
FRAME = 1024 * 1024
FRAME_HEADER = struct.Struct(">I")


class SegmentDamaged(ValueError):
    """Bytes that are no segment, or do not open as this one; the text says which."""


@dataclass(frozen=True)
class Segment:
    """Where the bytes of an original from `start` on lie: `length` of them, sealed at `place` of the file."""

    start: int
    length: int
    place: int
    size: int
    """Bytes of the file that it takes, its header too."""
    of_before: bool


def sealed(plain: bytes, *, asset: uuid.UUID, own_key: bytes, start: int) -> Iterator[bytes]:
    """The segment of `plain`, whose first byte is byte `start` of the original."""
    to = originals_key.public_id()
    bound = _bound(asset, start, len(plain), to)
    key, nonce = os.urandom(32), os.urandom(NONCE)
    yield HEADER.pack(MAGIC, to, len(plain))
    yield nonce + AESGCM(own_key).encrypt(nonce, originals_key.seal(key, bound), bound)
    yield from frames.sealed([plain], key=key, bound=bound)


def index(file: BinaryIO, length: int) -> Iterator[Segment]:
    """The segments of a vault file that holds `length` plain bytes. Only headers are read.

    Raises `SegmentDamaged` where the file is not made of segments, or is shorter or longer than that.
    """
    start = place = 0
    end = file.seek(0, os.SEEK_END)
    while start < length:
        file.seek(place)
        head = file.read(HEADER.size)
        if len(head) < FRAME_HEADER.size:
            raise SegmentDamaged("is shorter than its record says")
        if head.startswith(MAGIC) and len(head) == HEADER.size:
            _, _, many = HEADER.unpack(head)
            size, of_before = HEADER.size + WRAPPED + frames.sealed_size(many), False
        else:
            (body,) = FRAME_HEADER.unpack_from(head)
            many, size, of_before = body - TAG, FRAME_HEADER.size + NONCE + body, True
        if not 0 < many <= length - start or (of_before and many > FRAME):
            raise SegmentDamaged("has a part that is no part of it")
        if place + size > end:
            raise SegmentDamaged("ends inside a part")
        yield Segment(start, many, place, size, of_before)
        start, place = start + many, place + size
    if place != end:
        raise SegmentDamaged("is longer than its record says")


def opened(
    file: BinaryIO, segment: Segment, *, asset: uuid.UUID, own_key: bytes, start: int, end: int
) -> Iterator[bytes]:
    """The segment's bytes from `start` to before `end`, both counted from its first, up to 1 MiB at a time.

    Raises `KeyUnavailable` in a process that may not open originals, `SegmentDamaged` for changed bytes.
    """
    try:
        if segment.of_before:
            yield _of_before(file, segment, asset, own_key)[start:end]
            return
        file.seek(segment.place)
        head = file.read(HEADER.size + WRAPPED)
        _, to, _ = HEADER.unpack_from(head)
        bound = _bound(asset, segment.start, segment.length, to)
        nonce, wrapped = head[HEADER.size : HEADER.size + NONCE], head[HEADER.size + NONCE :]
        key = originals_key.open_sealed(AESGCM(own_key).decrypt(nonce, wrapped, bound), bound, to)
        place = segment.place + HEADER.size + WRAPPED

        def read(at: int, many: int) -> bytes:
            file.seek(place + at)
            return file.read(many)

        yield from frames.opened(read, key=key, bound=bound, size=segment.length, start=start, end=end)
    except (InvalidTag, frames.FramesDamaged, struct.error):
        raise SegmentDamaged("was changed: its seal does not open") from None


def _of_before(file: BinaryIO, segment: Segment, asset: uuid.UUID, own_key: bytes) -> bytes:
    # Originals of before lie under the asset's own key alone. Still, only who may open originals opens them.
    if not originals_key.may_open():
        raise KeyUnavailable("This process can't open originals.")
    file.seek(segment.place + FRAME_HEADER.size)
    nonce, body = file.read(NONCE), file.read(segment.size - FRAME_HEADER.size - NONCE)
    return AESGCM(own_key).decrypt(nonce, body, asset.bytes + segment.start.to_bytes(8, "big"))


def _bound(asset: uuid.UUID, start: int, length: int, to: bytes) -> bytes:
    return b"omnigov original " + asset.bytes + start.to_bytes(8, "big") + length.to_bytes(8, "big") + to
