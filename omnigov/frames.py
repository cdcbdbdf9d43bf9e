"""A sealed stream: frames of 64 KiB, each of which opens alone, so that any range is found from its offset.

A file is `OGE1 · salt (32) · frame · frame · …`. Its key is HKDF-SHA-256 (RFC 5869) of the owner's key, the
salt and what the file is bound to; so each file has a key of its own, and a nonce that counts never repeats
under it. A frame is AES-256-GCM over 65,536 bytes, the last one over what is left; its nonce is its number
and a byte that says whether it is the last (STREAM, of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). Frames
can't be changed, moved, dropped, cut off at the end, or taken from another file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"OGE1"
SALT = 32
HEADER = len(MAGIC) + SALT
FRAME = 64 * 1024
TAG = 16
#: Frames read at once: 1 MiB.
AT_ONCE = 16


class FramesDamaged(ValueError):
    """The frames do not open: changed, cut off, or sealed under another key or for another place."""


def sealed(content: Iterable[bytes], *, key: bytes, bound: bytes) -> Iterator[bytes]:
    """The file's bytes, a frame at a time. `bound` says what the file is; it only opens as that."""
    salt = os.urandom(SALT)
    cipher = _cipher(key, salt, bound)
    yield MAGIC + salt
    for number, (frame, last) in enumerate(_frames(content)):
        yield _seal(cipher, frame, number, bound, last=last)


def _frames(content: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The content in pieces of a frame's length, and which one is the last; no more than that is copied."""
    waiting = b""
    for piece in content:
        at = FRAME - len(waiting)
        # Whole only when more follows: until then, it may be the last one.
        if len(piece) <= at:
            waiting += piece
            continue
        view = memoryview(piece)
        yield waiting + bytes(view[:at]), False
        while len(piece) - at > FRAME:
            yield bytes(view[at : at + FRAME]), False
            at += FRAME
        waiting = bytes(view[at:])
    yield waiting, True


def sealed_size(size: int) -> int:
    """How long the file is whose content has `size` bytes."""
    return HEADER + size + TAG * _count(size)


def opened(
    read: Callable[[int, int], bytes], *, key: bytes, bound: bytes, size: int, start: int = 0, end: int
) -> Iterator[bytes]:
    """The content's bytes from `start` to before `end`, in pieces of up to 1 MiB.

    `read(start, length)` reads the file; `size` is how long the whole content is. Raises `FramesDamaged` at
    the first frame that does not open; what was yielded before is good.
    """
    head = read(0, HEADER)
    if len(head) != HEADER or not head.startswith(MAGIC):
        raise FramesDamaged("This is no sealed stream.")
    cipher = _cipher(key, head[len(MAGIC) :], bound)
    end = min(end, size)
    count = _count(size)
    number = start // FRAME
    first = True
    # An empty content has one frame too, which has to open before it counts as empty.
    while number * FRAME < end or (first and not size):
        many = min(AT_ONCE, count - number)
        # To the end of the last frame and no further: what lies behind it may be another stream.
        length = min(many * FRAME, size - number * FRAME) + many * TAG
        body = read(HEADER + number * (FRAME + TAG), length)
        plain = bytearray()
        for place in range(many):
            frame = body[place * (FRAME + TAG) : (place + 1) * (FRAME + TAG)]
            plain += _open(cipher, frame, number + place, bound, last=number + place == count - 1)
        at = number * FRAME
        piece = bytes(plain[max(start - at, 0) : end - at])
        if piece:
            yield piece
        number, first = number + many, False


def _count(size: int) -> int:
    return max(1, -(-size // FRAME))


def _cipher(key: bytes, salt: bytes, bound: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"omnigov evidence " + bound).derive(key))


def _seal(cipher: AESGCM, plain: bytes, number: int, bound: bytes, *, last: bool) -> bytes:
    return cipher.encrypt(_nonce(number, last), plain, _named(number, bound, last))


def _open(cipher: AESGCM, frame: bytes, number: int, bound: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last), frame, _named(number, bound, last))
    except (InvalidTag, ValueError):
        raise FramesDamaged(f"Frame {number} does not open.") from None


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _named(number: int, bound: bytes, last: bool) -> bytes:
    return bound + number.to_bytes(8, "big") + bytes([last])
