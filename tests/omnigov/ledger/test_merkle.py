"""The tree against the vectors of RFC 6962's reference code and RFC 9162's example, and against pymerkle."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnigov.ledger.merkle import (
    EMPTY_ROOT,
    CompactRange,
    ProofError,
    consistency_proof,
    consistency_ranges,
    inclusion_proof,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    range_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves of Certificate Transparency's reference tests, and the roots over the first 1 … 8.
INPUTS = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
LEAVES = [leaf_hash(each) for each in INPUTS]


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def in_hex(hashes: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY_ROOT == CompactRange().root() == hashlib.sha256(b"").digest()


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    assert in_hex(inclusion_proof(index, LEAVES[:size])) == INCLUSION[index, size]


@pytest.mark.parametrize(("size1", "size2"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(size1: int, size2: int) -> None:
    assert in_hex(consistency_proof(size1, LEAVES[:size2])) == CONSISTENCY[size1, size2]


def test_proofs_are_those_of_rfc_9162_section_2_1_5() -> None:
    d = LEAVES[:7]
    a, b, c, e, f = d[0], d[1], d[2], d[4], d[5]
    g, h = node_hash(a, b), node_hash(c, d[3])
    i, j = node_hash(e, f), d[6]
    k, m = node_hash(g, h), node_hash(i, j)
    assert root(d) == node_hash(k, m)
    assert inclusion_proof(0, d) == [b, h, m]
    assert inclusion_proof(3, d) == [c, g, m]
    assert inclusion_proof(4, d) == [f, j, k]
    assert inclusion_proof(6, d) == [i, k]
    assert consistency_proof(3, d) == [c, d[3], g, m]
    assert consistency_proof(4, d) == [m]
    assert consistency_proof(6, d) == [i, j, k]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=70), st.data())
def test_it_agrees_with_pymerkle(entries: list[bytes], data: st.DataObject) -> None:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    hashes = [leaf_hash(entry) for entry in entries]
    size2 = data.draw(st.integers(1, len(entries)))
    size1 = data.draw(st.integers(1, size2))
    index = data.draw(st.integers(0, size2 - 1))
    assert root(hashes[:size2]) == tree.get_root(size2)
    # pymerkle lists a path's hashes from left to right, and with them the leaf. Its consistency proofs are
    # made up of other nodes than RFC 6962's, so for those each side only checks the other's roots.
    proof = inclusion_proof(index, hashes[:size2])
    theirs = tree.prove_inclusion(index + 1, size2)
    assert sorted(in_hex([hashes[index], *proof])) == sorted(theirs.serialize()["path"])
    pymerkle.verify_inclusion(hashes[index], root(hashes[:size2]), theirs)
    verify_inclusion(index, size2, hashes[index], proof, tree.get_root(size2))
    theirs = tree.prove_consistency(size1, size2)
    pymerkle.verify_consistency(root(hashes[:size1]), root(hashes[:size2]), theirs)
    proof = consistency_proof(size1, hashes[:size2])
    verify_consistency(size1, size2, tree.get_root(size1), tree.get_root(size2), proof)


@pytest.mark.parametrize("size", [*range(1, 35), 255, 256, 257, 513])
def test_every_proof_verifies(size: int) -> None:
    tree = leaves(size)
    for number in range(size) if size < 100 else [0, 1, 127, 128, 254, size - 2, size - 1]:
        verify_inclusion(number, size, tree[number], inclusion_proof(number, tree), root(tree))
        verify_consistency(
            number + 1, size, root(tree[: number + 1]), root(tree), consistency_proof(number + 1, tree)
        )


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 100, 257])
def test_a_compact_range_goes_on_from_where_it_was_left(size: int) -> None:
    tree, made = leaves(300), {}
    growing = CompactRange()
    for leaf in tree[:size]:
        growing.append(leaf)
    resumed = CompactRange(size, growing.hashes)
    for leaf in tree[size:]:
        resumed.append(leaf, lambda level, index, value: made.update({(level, index): value}))
    assert resumed.root() == root(tree)
    for (level, index), value in made.items():
        assert value == root(tree[index << level : (index + 1) << level])
    assert len(made) == sum((300 >> level) - (size >> level) for level in range(9))


def test_a_compact_range_has_as_many_hashes_as_its_size_asks_for() -> None:
    for size, hashes in [(3, [EMPTY_ROOT]), (0, [EMPTY_ROOT]), (-1, [EMPTY_ROOT])]:
        with pytest.raises(ValueError, match="perfect subtrees"):
            CompactRange(size, hashes)


def test_a_range_is_hashed_from_perfect_subtrees() -> None:
    tree = leaves(21)

    def subtree(level: int, index: int) -> bytes:
        return root(tree[index << level : (index + 1) << level])

    for begin, end in [(0, 21), (16, 21), (20, 21), (8, 16), (0, 16)]:
        assert range_hash(begin, end, subtree) == root(tree[begin:end])


# --- what must not verify ----------------------------------------------------------------------------


def mutated(proof: list[bytes]) -> Iterator[list[bytes]]:
    """A node dropped, added, doubled, swapped with the next, with a bit turned, cut, of another type."""
    stray = hashlib.sha256(b"stray").digest()
    for at in range(len(proof) + 1):
        yield [*proof[:at], stray, *proof[at:]]
    for at, node in enumerate(proof):
        yield proof[:at] + proof[at + 1 :]
        yield [*proof[:at], node, *proof[at:]]
        for bit in (0, 7, 100, 255):
            turned = int.from_bytes(node, "big") ^ (1 << bit)
            yield [*proof[:at], turned.to_bytes(32, "big"), *proof[at + 1 :]]
        yield [*proof[:at], node[:-1], *proof[at + 1 :]]
        yield [*proof[:at], bytearray(node), *proof[at + 1 :]]  # type: ignore[list-item]
    for at in range(len(proof) - 1):
        yield [*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]]
    if len(proof) > 1:
        yield proof[::-1]


def sides(
    ranges: Callable[[int, int], list[tuple[int, int]]], first: int, size: int, at: int | None = None
) -> list[str] | None:
    """On which side of leaf `at` each node of a proof lies: all that a verifier takes from index and size."""
    leaf = first if at is None else at
    try:
        found = ranges(first, size)
    except ProofError:
        return None
    return ["left" if end <= leaf else "right" if begin > leaf else "own" for begin, end in found]


def refused(verify: Callable[..., None], *arguments: Any) -> bool:
    try:
        verify(*arguments)
    except ProofError:
        return True
    return False


@pytest.mark.parametrize("size", range(1, 18))
def test_no_changed_inclusion_proof_verifies(size: int) -> None:
    tree = leaves(size)
    top, stray = root(tree), leaf_hash(b"stray")
    for index, leaf in enumerate(tree):
        proof = inclusion_proof(index, tree)
        for other in mutated(proof):
            assert refused(verify_inclusion, index, size, leaf, other, top)
        assert refused(verify_inclusion, index, size, stray, proof, top)
        assert refused(verify_inclusion, index, size, leaf, proof, stray)
        for other_index in {*range(-1, size + 2)} - {index}:
            assert refused(verify_inclusion, other_index, size, leaf, proof, top)
        for other_size in (-1, 0, index, size - 1, size + 1, 2 * size, 2 * size + 1):
            # A proof says nothing of the size beyond the way up; the size is signed in the checkpoint.
            same_way = sides(inclusion_ranges, index, other_size) == sides(inclusion_ranges, index, size)
            assert refused(verify_inclusion, index, other_size, leaf, proof, top) != same_way


@pytest.mark.parametrize("size2", range(1, 18))
def test_no_changed_consistency_proof_verifies(size2: int) -> None:
    tree = leaves(size2)
    top, stray = root(tree), leaf_hash(b"stray")
    for size1 in range(1, size2 + 1):
        old, proof = root(tree[:size1]), consistency_proof(size1, tree)
        for other in mutated(proof):
            assert refused(verify_consistency, size1, size2, old, top, other)
        assert refused(verify_consistency, size1, size2, stray, top, proof)
        assert refused(verify_consistency, size1, size2, old, stray, proof)
        for other_size in {*range(-1, size2 + 3)} - {size1}:
            assert refused(verify_consistency, other_size, size2, old, top, proof)
        for other_size in (-1, 0, size1 - 1, size2 - 1, size2 + 1, 2 * size2 + 1):
            same_way = sides(consistency_ranges, size1, other_size, size1 - 1) == sides(
                consistency_ranges, size1, size2, size1 - 1
            ) and (size1 == other_size) == (size1 == size2)
            assert refused(verify_consistency, size1, other_size, old, top, proof) != same_way


@pytest.mark.parametrize(
    ("size1", "size2", "proof"),
    [(0, 0, []), (0, 5, []), (0, 5, [EMPTY_ROOT]), (5, 3, []), (-1, 2, []), (3, 5, [])],
)
def test_degenerate_trees_are_refused(size1: int, size2: int, proof: list[bytes]) -> None:
    with pytest.raises(ProofError):
        verify_consistency(size1, size2, EMPTY_ROOT, EMPTY_ROOT, proof)


def test_there_is_no_proof_of_what_is_not_there() -> None:
    for index, size in [(0, 0), (3, 3), (-1, 3)]:
        with pytest.raises(ProofError):
            inclusion_proof(index, leaves(size))
        with pytest.raises(ProofError):
            verify_inclusion(index, size, EMPTY_ROOT, [], EMPTY_ROOT)
    for size1, size2 in [(0, 0), (0, 3), (4, 3)]:
        with pytest.raises(ProofError):
            consistency_proof(size1, leaves(size2))


@pytest.mark.parametrize("number", [True, 1.0, "1", None])
def test_sizes_are_integers(number: Any) -> None:
    leaf = leaves(1)[0]
    with pytest.raises(ProofError, match="integer"):
        verify_inclusion(0, number, leaf, [], leaf)
    with pytest.raises(ProofError, match="integer"):
        verify_consistency(number, 1, leaf, leaf, [])


def test_a_leaf_does_not_pass_for_a_node() -> None:
    left, right = leaves(2)
    assert leaf_hash(left + right) != node_hash(left, right)


def test_a_tree_of_a_million_leaves_needs_no_depth_of_calls() -> None:
    growing = CompactRange()
    leaf = leaf_hash(b"")
    for _ in range(100_000):
        growing.append(leaf)
    assert len(growing.hashes) == bin(100_000).count("1")
    assert len(inclusion_ranges(0, 10**18)) == 60
