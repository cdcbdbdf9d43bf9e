"""A file's bytes where they lie, read a piece at a time: what a probe walks over, however large the file is.

It knows neither vault nor keys: whoever opens a file gives the function that reads it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import Self

#: The most that is in memory at once.
WINDOW = 1024 * 1024


class Source:
    """Bytes by their place. `read(start, end)` gives exactly those bytes, up to `WINDOW` of them."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read, self._size = read, size
        self._at, self._window = 0, b""
        self.step = WINDOW
        """Bytes at once, where a whole stretch is gone through."""

    @classmethod
    def of(cls, content: bytes) -> Self:
        """A file that is in memory already."""
        return cls(lambda start, end: content[start:end], len(content))

    def __len__(self) -> int:
        return self._size

    def byte(self, at: int) -> int:
        """The byte at `at`, which lies within the file."""
        if not self._at <= at < self._at + len(self._window):
            self._move(at)
        return self._window[at - self._at]

    def part(self, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, at most `WINDOW` of them; fewer where the file ends."""
        start, end = min(max(start, 0), self._size), min(end, self._size)
        if end - start > WINDOW:
            raise ValueError(f"{end - start} bytes are too many to have in memory at once.")
        if start >= end:
            return b""
        if not (self._at <= start and end <= self._at + len(self._window)):
            self._move(start)
        return self._window[start - self._at : end - self._at]

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, up to `step` at a time."""
        end = min(end, self._size)
        while start < end:
            piece = self.part(start, min(start + self.step, end))
            yield piece
            start += len(piece)

    def unpack(self, layout: str, at: int) -> tuple[int, ...]:
        """Numbers that lie at `at`. Raises `struct.error` where the file ends before them."""
        return struct.unpack(layout, self.part(at, at + struct.calcsize(layout)))

    def find(self, pattern: re.Pattern[bytes], longest: int, start: int) -> int:
        """Where the pattern is found first from `start` on, or -1. No match has more than `longest` bytes."""
        while start < self._size:
            piece = self.part(start, start + self.step)
            found = pattern.search(piece)
            if found:
                return start + found.start()
            if start + len(piece) >= self._size:
                return -1
            # A match may lie across the end of the piece.
            start += len(piece) - longest + 1
        return -1

    def _move(self, start: int) -> None:
        end = min(start + WINDOW, self._size)
        self._at, self._window = start, self._read(start, end)
        if len(self._window) != end - start:
            raise EOFError("The file is shorter than was said.")
