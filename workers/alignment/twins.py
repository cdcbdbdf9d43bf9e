"""Examples that look like copies of each other: the same picture saved again, cropped, mirrored, turned.

Such twins on both sides of a split would flatter a measurement. They are told by the frozen features, less
the mean of their label's: what is left is what makes an example itself. Of 80 stamps of four kinds and 80
changed copies of some, different ones came to .65 at most; copies cropped, mirrored, turned or brighter to
.84 or more, those shrunk and saved as a poor JPEG to .69 to .97. So some poor copies are missed, and of fewer
than FEWEST examples nothing can be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from workers.omni.heads import rooted

TWIN = 0.75
"""Cosine of two examples' features, less their label's mean, from which they are taken for copies."""
FEWEST = 4
"""Examples of a label from which its mean is not mostly the two that are compared."""


def kept_together(
    groups: Sequence[str], truth: np.ndarray, blocks: Mapping[str, np.ndarray]
) -> tuple[tuple[str, ...], np.ndarray]:
    """The groups with twins in one, and which examples have a twin [n].

    A label whose examples would all be one group keeps its groups as they were: there would be nothing to
    measure it by.
    """
    twins = np.zeros(len(truth), bool)
    joined = np.array(groups, dtype=object)
    for label in np.unique(truth):
        rows = np.flatnonzero(truth == label)
        if len(rows) < FEWEST:
            continue
        alike = _alike(blocks, rows, blocks, rows)
        np.fill_diagonal(alike, False)
        twins[rows] = alike.any(1)
        merged = joined.copy()
        for one, other in zip(*np.nonzero(np.triu(alike)), strict=True):
            merged[merged == merged[rows[other]]] = merged[rows[one]]
        if len(set(merged[rows])) > 1:
            joined = merged
    return tuple(str(each) for each in joined), twins


def twins_among(
    truth: np.ndarray,
    blocks: Mapping[str, np.ndarray],
    others_truth: np.ndarray,
    others: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Which examples [n] look like a copy of one of `others` with the same label."""
    found = np.zeros(len(truth), bool)
    for label in np.unique(truth):
        rows, theirs = np.flatnonzero(truth == label), np.flatnonzero(others_truth == label)
        if len(theirs) < FEWEST:
            continue
        found[rows] = _alike(blocks, rows, others, theirs).any(1)
    return found


def _alike(
    blocks: Mapping[str, np.ndarray],
    rows: np.ndarray,
    others: Mapping[str, np.ndarray],
    theirs: np.ndarray,
) -> np.ndarray:
    """Which look alike by all that both have: [rows, theirs]. A page and its text have both to be alike."""
    alike = np.ones((len(rows), len(theirs)), bool)
    told = np.zeros((len(rows), len(theirs)), bool)
    for name in (each for each in ("pooled", "words") if each in blocks and each in others):
        ours, those = rooted(blocks[name][rows], name), rooted(others[name][theirs], name)
        has, have = np.asarray(ours.any(1)), np.asarray(those.any(1))
        if not have.any():
            continue
        middle = those[have].mean(0)
        both = has[:, None] & have[None]
        alike &= ~both | (_unit(ours - middle) @ _unit(those - middle).T >= TWIN)
        alike &= has[:, None] == have[None]
        told |= both
    return alike & told


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
