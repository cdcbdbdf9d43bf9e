"""Which captioned pictures are learned from, which are looked at while building, which are held out.

The sides are written down in `sides.tsv`, made once by `written_down` and committed before any training:
groups of one name and pictures that look alike (near in the tower's features) stay together. The stamps'
held-out side is the one that the connector never saw; of the connector's own stamps those that have a twin
there are left out. Everything that isn't written down is learned from.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from workers.alignment.captioned import Captioned

FILE = Path(__file__).with_name("sides.tsv")
HELD_OUT, DEVELOPMENT, LEFT_OUT, TRAINING = "held_out", "development", "left_out", "training"
HELD_OUT_SHARE, DEVELOPMENT_SHARE = 0.2, 0.1
ALIKE = 0.97  # cosine of centred features, from which two pictures are variants of one
TWIN = 0.75  # the same, from which a picture is too near to a stamp that the connector never saw
SEED = 17


def read_sides(file: Path = FILE) -> dict[str, str]:
    """The side of each picture that is not learned from, by name."""
    lines = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return {name: side for side, name in lines}


def written_down(
    pictures: Sequence[Captioned], features: Tensor, stamps_held_out: set[str]
) -> dict[str, str]:
    """The side of each picture that is not learned from; `features` are those of the plain views."""
    sides = {}
    for members in _together(pictures, features):
        names = [pictures[i].name for i in members]
        if any(name in stamps_held_out for name in names):
            for index in members:
                one = pictures[index]
                seen = one.source == "stamps" and one.name not in stamps_held_out
                sides[one.name] = LEFT_OUT if seen else HELD_OUT
            continue
        if any(pictures[i].source == "stamps" for i in members):
            continue  # the connector was trained on them
        first = hashlib.sha256(f"{SEED}:{min(names)}".encode()).digest()
        turn = int.from_bytes(first[:6], "big") / 2**48
        if turn < HELD_OUT_SHARE:
            sides |= dict.fromkeys(names, HELD_OUT)
        elif turn < HELD_OUT_SHARE + DEVELOPMENT_SHARE:
            sides |= dict.fromkeys(names, DEVELOPMENT)
    return sides | _twins(pictures, features, stamps_held_out)


def _twins(pictures: Sequence[Captioned], features: Tensor, stamps_held_out: set[str]) -> dict[str, str]:
    """What is too near to a stamp that the connector never saw, and is not held out with it."""
    centred = functional.normalize(features.float() - features.float().mean(0), dim=-1)
    out = torch.tensor([one.name in stamps_held_out for one in pictures])
    near = (centred @ centred[out].T).amax(1) > TWIN
    return {
        one.name: LEFT_OUT for one, is_near in zip(pictures, (near & ~out).tolist(), strict=True) if is_near
    }


def _together(pictures: Sequence[Captioned], features: Tensor) -> list[list[int]]:
    """Pictures that share a group or look alike, and what these share with others, together."""
    parent = list(range(len(pictures)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[str, int] = {}
    for index, one in enumerate(pictures):
        parent[root(index)] = root(first.setdefault(one.group, index))
    centred = functional.normalize(features.float() - features.float().mean(0), dim=-1)
    for begin in range(0, len(pictures), 512):
        near = centred[begin : begin + 512] @ centred.T
        for row, column in (near > ALIKE).nonzero().tolist():
            parent[root(begin + row)] = root(column)
    groups = defaultdict(list)
    for index in range(len(pictures)):
        groups[root(index)].append(index)
    return list(groups.values())
