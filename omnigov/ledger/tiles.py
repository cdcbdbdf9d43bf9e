"""Hashes of the tree, read from its tiles (https://c2sp.org/tlog-tiles)."""

from __future__ import annotations

from omnigov.ledger.merkle import HASH_BYTES, CompactRange, node_hash, perfect_subtrees
from omnigov.ledger.models import LedgerLeaf, LedgerTile

#: A tile is eight levels of the tree high and 256 hashes wide.
HEIGHT = 8
WIDTH = 1 << HEIGHT
_CACHED = 256


class LedgerDamagedError(RuntimeError):
    """The tables do not hold together. `omnigov ledger check` says where."""


class TileReader:
    """Reads the tree of the first `size` leaves. Tiles are kept for the reader's life, a few at a time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tiles: dict[tuple[int, int], list[list[bytes]]] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """The hash of the perfect subtree over leaves index × 2^level … (index + 1) × 2^level − 1."""
        tile_level, height = divmod(level, HEIGHT)
        tile, offset = divmod(index, WIDTH >> height)
        return self._levels(tile_level, tile)[height][offset]

    def compact_range(self) -> CompactRange:
        """What is needed to append to this tree."""
        return CompactRange(self.size, [self.subtree(*each) for each in perfect_subtrees(0, self.size)])

    def hashes(self, level: int, index: int) -> list[bytes]:
        """The hashes of one tile, as many as a tree of this size has there."""
        return self._levels(level, index)[0]

    def _levels(self, level: int, index: int) -> list[list[bytes]]:
        """One tile's hashes, and above them those of the perfect subtrees within it, level by level."""
        known = self._tiles.get((level, index))
        if known is None:
            if len(self._tiles) >= _CACHED:
                del self._tiles[next(iter(self._tiles))]
            width = min(WIDTH, (self.size >> HEIGHT * level) - index * WIDTH)
            data = tile(level, index, width)
            known = [[data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]]
            while len(below := known[-1]) > 1:
                known.append([node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)])
            self._tiles[level, index] = known
        return known


def tile(level: int, index: int, width: int) -> bytes:
    """The bytes of the tile that is `width` hashes wide: 32 × `width`.

    Raises LedgerDamagedError where the log does not have it.
    """
    wider = LedgerTile.objects.filter(level=level, index=index, width__gte=width).order_by("width")
    data = wider.values_list("data", flat=True).first()
    if data is None and level == 0:
        first = index * WIDTH
        leaves = LedgerLeaf.objects.filter(index__gte=first, index__lt=first + width).order_by("index")
        data = b"".join(bytes(each) for each in leaves.values_list("entry__leaf_hash", flat=True))
    found = bytes(data or b"")[: width * HASH_BYTES]
    if width < 1 or len(found) != width * HASH_BYTES:
        raise LedgerDamagedError(f"The log has no tile {level}/{index} of {width} hashes.")
    return found
