"""The Merkle tree of RFC 6962, section 2.1 (unchanged in RFC 9162), with SHA-256.

Hashes are `bytes` of length 32. Ranges of leaves are (begin, end): begin inside, end outside. Nothing here
recurses, so that the size of a tree costs no call stack.

This file imports nothing of the house: the stand-alone verifier is made from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofError(Exception):
    """The proof does not show what it is said to show."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the data. The prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in order. Memory grows with the logarithm of their number."""
    growing = CompactRange()
    for each in leaf_hashes:
        growing.append(each)
    return growing.root()


class CompactRange:
    """What must be kept of a log to go on appending: the roots of its perfect subtrees, largest first.

    A log of n leaves has one perfect subtree for every 1 in the binary form of n.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or len(self.hashes) != bin(size).count("1"):
            raise ValueError(f"a log of {size} leaves does not have {len(self.hashes)} perfect subtrees")

    def append(self, leaf: bytes, made: Callable[[int, int, bytes], None] | None = None) -> None:
        """Add one leaf hash; `made(level, index, hash)` is told each perfect subtree that this completes."""
        level, index, value = 0, self.size, leaf
        if made:
            made(level, index, value)
        while index & 1:
            value = node_hash(self.hashes.pop(), value)
            level, index = level + 1, index >> 1
            if made:
                made(level, index, value)
        self.hashes.append(value)
        self.size += 1

    def root(self) -> bytes:
        """The root over everything appended; of an empty log, SHA-256 of nothing."""
        return _folded(self.hashes) if self.hashes else EMPTY_ROOT


# --- proofs ------------------------------------------------------------------------------------------


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose hashes prove leaf `index` in a tree of `size` (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + _largest_power_below(end - begin)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    return path[::-1]


def consistency_ranges(size1: int, size2: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose hashes prove that the first `size1` of `size2` are unchanged (2.1.2)."""
    if not 0 < size1 <= size2:
        raise ProofError(
            f"consistency goes from a tree that has leaves to one no smaller, not {size1} to {size2}"
        )
    begin, end, path = 0, size2, []
    while end != size1:
        middle = begin + _largest_power_below(end - begin)
        if size1 <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    # Where the old tree is one perfect subtree of the new, the verifier has its hash already: the old root.
    if begin:
        path.append((begin, end))
    return path[::-1]


def perfect_subtrees(begin: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees (level, index) that make up a range of a proof, left to right, largest first.

    `begin` must be a multiple of the smallest power of two that is no smaller than the range, as it is for
    every range of a proof.
    """
    nodes = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def range_hash(begin: int, end: int, subtree: Callable[[int, int], bytes]) -> bytes:
    """The hash of a range that is not empty; `subtree(level, index)` gives the hash of a perfect subtree."""
    return _folded([subtree(level, index) for level, index in perfect_subtrees(begin, end)])


def inclusion_proof(index: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """The proof that leaf `index` is in the tree over all of `leaf_hashes`, nearest the leaf first."""
    return [root(leaf_hashes[begin:end]) for begin, end in inclusion_ranges(index, len(leaf_hashes))]


def consistency_proof(size1: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """The proof that the tree over all of `leaf_hashes` begins with the tree over the first `size1`."""
    return [root(leaf_hashes[begin:end]) for begin, end in consistency_ranges(size1, len(leaf_hashes))]


# The parameter `root` of the two verifiers hides the function above; the name is the field's own.


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Return where `proof` shows leaf `index` in the tree of `size` with `root`, else raise ProofError.

    RFC 9162, section 2.1.3.2.
    """
    _require_integers(index, size)
    _require_hashes([leaf_hash, root], proof)
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    position, last, value = index, size - 1, leaf_hash
    # `node_hash` written out: the calls took as long as the hashing.
    sha256 = hashlib.sha256
    for sibling in proof:
        if not last:
            raise ProofError("the proof is longer than the tree is high")
        if position & 1:
            value = sha256(b"\x01" + sibling + value).digest()
        elif position == last:
            value = sha256(b"\x01" + sibling + value).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            value = sha256(b"\x01" + value + sibling).digest()
        position >>= 1
        last >>= 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    if value != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Return where `proof` shows that the second tree begins with the first, else raise ProofError.

    RFC 9162, section 2.1.4.2. An empty first tree is refused: it would be consistent with anything.
    """
    _require_integers(size1, size2)
    _require_hashes([root1, root2], proof)
    if not 0 < size1 <= size2:
        raise ProofError(
            f"consistency goes from a tree that has leaves to one no smaller, not {size1} to {size2}"
        )
    if size1 == size2:
        if proof:
            raise ProofError("the trees are of one size, so the proof has to be empty")
        if root1 != root2:
            raise ProofError("two trees of one size have different roots")
        return
    path = list(proof)
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)
    if not path:
        raise ProofError("the proof is empty")
    position, last = size1 - 1, size2 - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    if old != root1:
        raise ProofError("the proof leads to another first root")
    if new != root2:
        raise ProofError("the proof leads to another second root")


def _folded(hashes: Sequence[bytes]) -> bytes:
    """One hash over perfect subtrees, largest first: the right ones are joined before the left."""
    value = hashes[-1]
    for left in reversed(hashes[:-1]):
        value = node_hash(left, value)
    return value


def _largest_power_below(number: int) -> int:
    """The largest power of two less than `number`, which is at least 2."""
    return 1 << ((number - 1).bit_length() - 1)


def _require_integers(*numbers: int) -> None:
    if any(type(number) is not int for number in numbers):
        raise ProofError("an index or size is not an integer")


def _require_hashes(hashes: Sequence[bytes], proof: Sequence[bytes]) -> None:
    for each in (*hashes, *proof):
        if type(each) is not bytes or len(each) != HASH_BYTES:
            raise ProofError("a hash is not 32 bytes")
