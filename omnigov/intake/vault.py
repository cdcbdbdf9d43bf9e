"""The sealed vault of originals: a file an asset, written in segments as the upload comes.

Segments are what makes a cut-off upload go on: what was received is already sealed, and no plain byte was
ever on a disk. Anybody may add to a file; only a worker opens one (`intake.segments`).
"""

from __future__ import annotations

import contextlib
import os
import uuid
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.conf import settings

from omnigov import durable
from omnigov.intake import segments
from omnigov.keys import keyring


class VaultDamaged(RuntimeError):
    """A sealed file does not open: bytes changed, missing, or sealed for another asset."""


class VaultAway(OSError):
    """The vault's folder is not there, or is empty: a disk that is not mounted. No file is to blame."""


def create(asset: uuid.UUID) -> None:
    """An empty sealed file with fresh keys."""
    keyring().asset_make(asset)
    durable.write_private(_file(asset), b"")


def append(asset: uuid.UUID, plain: bytes, *, offset: int, sealed: int) -> int:
    """Seals `plain`, whose first byte is byte `offset` of the original, and returns the file's new length.

    `sealed` is the file's length as the row knows it. What lies behind it was written by an upload that
    died before its row was: it is cut off first.
    """
    own_key = keyring().asset(asset).data
    with _file(asset).open("r+b") as out:
        out.truncate(sealed)
        out.seek(sealed)
        for piece in segments.sealed(plain, asset=asset, own_key=own_key, start=offset):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
        return out.tell()


class Original:
    """An original that is open for reading in any order, a piece at a time. Used in a `with` block.

    Raises `VaultDamaged` unless there are `length` bytes, unchanged; `VaultAway` where no vault is there;
    `KeyUnavailable` in a process that may not open originals.
    """

    def __init__(self, asset: uuid.UUID, *, length: int) -> None:
        self._asset, self._length = asset, length
        self._own_key = keyring().asset(asset).data
        try:
            self._sealed: BinaryIO = _file(asset).open("rb")
        except FileNotFoundError:
            # Folders in it are never removed. Where this one is missing, so is whatever the vault lies on.
            if not _file(asset).parent.is_dir():
                raise VaultAway(
                    "The folder of originals is not there, or is empty. Mount it, or restore it."
                ) from None
            raise VaultDamaged("The sealed original is gone from the vault.") from None
        try:
            self._segments = list(segments.index(self._sealed, length))
        except segments.SegmentDamaged as damage:
            self._sealed.close()
            raise VaultDamaged(f"The sealed original {damage}.") from None
        self._starts = [segment.start for segment in self._segments]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sealed.close()

    def __len__(self) -> int:
        return self._length

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, up to 1 MiB at a time."""
        end = self._length if end is None else min(end, self._length)
        place = max(0, bisect_right(self._starts, start) - 1)
        try:
            for segment in self._segments[place:]:
                if segment.start >= end:
                    return
                yield from segments.opened(
                    self._sealed,
                    segment,
                    asset=self._asset,
                    own_key=self._own_key,
                    start=max(0, start - segment.start),
                    end=min(end - segment.start, segment.length),
                )
        except segments.SegmentDamaged as damage:
            raise VaultDamaged(f"The sealed original {damage}.") from None


def read(asset: uuid.UUID, *, length: int) -> bytes:
    """The original's bytes, all in memory. Raises as `Original` does."""
    with Original(asset, length=length) as original:
        return b"".join(original.pieces())


def exists(asset: uuid.UUID) -> bool:
    return _file(asset).exists()


def held(shard: str) -> Iterator[uuid.UUID]:
    """The sealed files in one of the vault's 256 folders, as `a7`."""
    for file in (Path(settings.OMNIGOV_VAULT_DIR) / shard).glob("*"):
        with contextlib.suppress(ValueError):  # what a killed writer left has a name of another form
            yield uuid.UUID(hex=file.name)


def discard(asset: uuid.UUID) -> None:
    """Destroys the keys first: bytes that outlive a crash in between are noise."""
    keyring().asset_destroy(asset)
    durable.remove(_file(asset))


def _file(asset: uuid.UUID) -> Path:
    return Path(settings.OMNIGOV_VAULT_DIR) / asset.hex[:2] / asset.hex
