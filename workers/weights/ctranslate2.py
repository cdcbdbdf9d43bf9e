"""Reads the file of weights that CTranslate2 writes, `model.bin`, without CTranslate2.

Little-endian: the format's version (4 bytes), the model's name, its revision (4 bytes), the number of tensors
(4 bytes); then of each tensor its name, its rank (1 byte), that many sizes (4 bytes each), its type (1 byte),
its length in bytes (4) and its numbers. A name is its length (2 bytes) and so many letters, the last a zero.
Names that stand for other names follow, which nothing here needs. Source: `ModelSpec._serialize` of
CTranslate2's Python package, whose inverse this is.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

VERSION = 6
_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)


def tensors(file: Path, beginning: str) -> dict[str, np.ndarray]:
    """The tensors whose names begin so, without that beginning. Raises `ValueError` for another format."""
    data = memoryview(file.read_bytes())
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        (found,) = struct.unpack_from(f"<{kind}", data, at)
        at += struct.calcsize(kind)
        return int(found)

    def name() -> str:
        nonlocal at
        length = number("H")
        at += length
        return bytes(data[at - length : at]).rstrip(b"\0").decode()

    try:
        version, model = number("I"), name()
        if version != VERSION or model != "WhisperSpec":
            raise ValueError(f"{file.name} is {model!r} in version {version}, not Whisper in {VERSION}")
        number("I")  # the revision
        found = {}
        for _ in range(number("I")):
            called, shape = name(), [number("I") for _ in range(number("B"))]
            kind, length = _TYPES[number("B")], number("I")
            if called.startswith(beginning):
                numbers = np.frombuffer(data[at : at + length], kind).reshape(shape)
                found[called.removeprefix(beginning)] = numbers
            at += length
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"{file.name} is no file of CTranslate2's") from error
    return found
