"""A redacted copy as it is written: its SHA-256 is known once it is whole."""

from __future__ import annotations

import hashlib
import io
from typing import Any, BinaryIO


class Hashed(io.RawIOBase):
    """A stream that is written on, and passes all of it on; `sha256` is that of all that went through."""

    def __init__(self, *streams: BinaryIO) -> None:
        self._streams = streams
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.sha256.update(content)
        for stream in self._streams:
            stream.write(content)
        return len(content)
