"""A head: a small linear map from features of a redacted medium to a policy's labels, with its calibration.

It is fitted in `workers.alignment.adapting`, for one policy and on one base model, and refuses every other.
Its file is safetensors; what it says of itself stands in the file's metadata, so that one digest covers both.
Beside the map it holds what was said, out of their fold, of the examples that it was fitted on, by their
marks: whoever measures on them again gets what heads said that had not seen them. A mark is keyed by the
example's own key: once that is destroyed, nobody can tell by it what the example was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from omnigov.contracts import MILLION, LabelScore, PolicySpec
from omnigov.contracts.evaluation import NOTHING

FORMAT, UNKEYED = "head-2", "head-1"
"""Marks of the format before were digests without a key; such heads are still read."""
Blocks = Mapping[str, np.ndarray]  # name -> [media, width]
ROOTED = frozenset({"pooled"})
"""Blocks that are never below zero; their root is taken, or a few large numbers outweigh the rest."""


class HeadUnfit(Exception):
    """The file is no head, or it was fitted for something else; the text says what to do."""


@dataclass(frozen=True, eq=False)
class Linear:
    """logits = Σ over blocks ((block − centre) / scale) · weight + bias + asked × the model's own scores."""

    centre: Mapping[str, np.ndarray]  # [width]
    scale: Mapping[str, np.ndarray]
    weight: Mapping[str, np.ndarray]  # [width, labels]
    bias: np.ndarray  # [labels]
    asked: float = 0.0

    def logits(self, blocks: Blocks) -> np.ndarray:
        """[media, labels]"""
        media = len(next(iter(blocks.values())))
        found = np.repeat(self.bias[None].astype(np.float64), media, 0)
        for name, weight in self.weight.items():
            found += standing(blocks[name], name, self.centre[name], self.scale[name]) @ weight
        if self.asked:
            found += self.asked * spread(blocks["asked"])
        return found


def rooted(block: np.ndarray, name: str) -> np.ndarray:
    block = block.astype(np.float64)
    return np.sqrt(np.maximum(block, 0)) if name in ROOTED else block


def standing(block: np.ndarray, name: str, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The block as a map reads it."""
    return np.asarray((rooted(block, name) - centre) / scale)


def spread(scores: np.ndarray) -> np.ndarray:
    """Scores of labels as log-shares: [media, labels]."""
    scores = scores.astype(np.float64)
    top = scores.max(1, keepdims=True)
    return np.asarray(scores - top - np.log(np.exp(scores - top).sum(1, keepdims=True)))


@dataclass(frozen=True, eq=False)
class FittedHead:
    """Parts with the share of each, what calibrates them, and what it is bound to."""

    labels: tuple[str, ...]
    parts: tuple[tuple[float, Linear], ...]
    temperature: float
    threshold: int  # millionths; NOTHING: nothing is decided
    policy_digest: str
    features_digest: str
    probe: Linear  # plain regression on `pooled` or `words`, fitted on the same examples, to compare with
    marks: tuple[str, ...] = ()
    keyed: bool = True  # whether marks are; those of the format before are plain digests
    truth: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    out_of_fold: np.ndarray = field(
        default_factory=lambda: np.zeros((0, 0))
    )  # [examples, labels], calibrated
    probed: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def shares(self, blocks: Blocks) -> np.ndarray:
        """Calibrated shares of the labels, in the policy's order: [media, labels]."""
        logits = np.sum([share * part.logits(blocks) for share, part in self.parts], axis=0)
        return np.asarray(np.exp(spread(logits / self.temperature)))

    def blind(self, media: int) -> np.ndarray:
        """What it says of nothing: every block at the examples' mean, and the model not asked."""
        logits = np.sum([share * part.bias for share, part in self.parts], axis=0)
        return np.repeat(np.exp(spread(logits[None] / self.temperature)), media, 0)

    def reads(self, blocks: Mapping[str, object]) -> bool:
        """Whether a medium with these blocks has anything that the head reads of one."""
        return not self.widths or not self.widths.keys().isdisjoint(blocks)

    @property
    def widths(self) -> dict[str, int]:
        """Of the blocks that it reads."""
        return {name: len(centre) for _, part in self.parts for name, centre in part.centre.items()}

    @property
    def needs_asking(self) -> bool:
        return any(part.asked for _, part in self.parts)

    def to_bytes(self) -> bytes:
        tensors: dict[str, np.ndarray] = {}
        for name, part in [
            *((f"part{i}", part) for i, (_, part) in enumerate(self.parts)),
            ("probe", self.probe),
        ]:
            tensors[f"{name}.bias"] = part.bias.astype(np.float32)
            for block in part.weight:
                tensors[f"{name}.centre.{block}"] = part.centre[block].astype(np.float32)
                tensors[f"{name}.scale.{block}"] = part.scale[block].astype(np.float32)
                tensors[f"{name}.weight.{block}"] = part.weight[block].astype(np.float32)
        marks = [np.frombuffer(bytes.fromhex(mark), np.uint8) for mark in self.marks]
        tensors["examples.marks"] = np.stack(marks) if marks else np.zeros((0, 32), np.uint8)
        tensors["examples.truth"] = self.truth.astype(np.int64)
        tensors["examples.shares"] = self.out_of_fold.astype(np.float32)
        tensors["examples.probed"] = self.probed.astype(np.int64)
        said: dict[str, Any] = {
            "format": FORMAT if self.keyed else UNKEYED,
            "labels": self.labels,
            "shares": [share for share, _ in self.parts],
            "asked": [part.asked for _, part in self.parts],
            "temperature": self.temperature,
            "threshold": self.threshold,
            "policy_digest": self.policy_digest,
            "features_digest": self.features_digest,
        }
        ordered = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
        file: bytes = save(ordered, metadata={"head": json.dumps(said, sort_keys=True)})
        return file


def head_from(file: bytes) -> FittedHead:
    """Raises `HeadUnfit` where the bytes are no head."""
    try:
        length = int.from_bytes(file[:8], "little")
        said = json.loads(json.loads(file[8 : 8 + length])["__metadata__"]["head"])
        tensors = load(file)
        if said["format"] not in (FORMAT, UNKEYED):
            raise HeadUnfit(f"This head is of the format {said['format']}; adapt the policy again.")
        parts = [
            (share, _linear(tensors, f"part{number}", asked))
            for number, (share, asked) in enumerate(zip(said["shares"], said["asked"], strict=True))
        ]
        return FittedHead(
            labels=tuple(said["labels"]),
            parts=tuple(parts),
            temperature=float(said["temperature"]),
            threshold=min(NOTHING, int(said["threshold"])),
            policy_digest=said["policy_digest"],
            features_digest=said["features_digest"],
            probe=_linear(tensors, "probe", 0.0),
            marks=tuple(row.tobytes().hex() for row in tensors["examples.marks"]),
            keyed=said["format"] != UNKEYED,
            truth=tensors["examples.truth"],
            out_of_fold=tensors["examples.shares"].astype(np.float64),
            probed=tensors["examples.probed"],
        )
    except HeadUnfit:
        raise
    except Exception as error:
        raise HeadUnfit("The file is no head of a policy; adapt the policy again.") from error


def _linear(tensors: Mapping[str, np.ndarray], name: str, asked: float) -> Linear:
    blocks = [key.removeprefix(f"{name}.weight.") for key in tensors if key.startswith(f"{name}.weight.")]
    return Linear(
        centre={block: tensors[f"{name}.centre.{block}"].astype(np.float64) for block in blocks},
        scale={block: tensors[f"{name}.scale.{block}"].astype(np.float64) for block in blocks},
        weight={block: tensors[f"{name}.weight.{block}"].astype(np.float64) for block in blocks},
        bias=tensors[f"{name}.bias"].astype(np.float64),
        asked=asked,
    )


def bound(head: FittedHead, policy_digest: str, features_digest: str) -> FittedHead:
    """The head, where it was fitted for this policy on this model. Raises `HeadUnfit`."""
    if head.policy_digest != policy_digest:
        raise HeadUnfit("This head was fitted for another policy; adapt this one.")
    if head.features_digest != features_digest:
        raise HeadUnfit("This head stands on another model; adapt the policy again.")
    return head


def asked_from(scores: Sequence[LabelScore], policy: PolicySpec) -> np.ndarray:
    """The model's own shares of the labels as logarithms, in the policy's order; none below a millionth."""
    shares = {score.label: max(1, score.probability) / MILLION for score in scores}
    return np.log(np.array([shares[label.key] for label in policy.labels], np.float32))


def file_digest(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def stacked(rows: Sequence[Blocks], widths: Mapping[str, int]) -> dict[str, np.ndarray]:
    """The media's blocks below each other; what a medium lacks is zeros. [media, width] each."""
    return {
        name: np.stack([np.asarray(row.get(name, np.zeros(width)), np.float32) for row in rows])
        for name, width in widths.items()
    }
