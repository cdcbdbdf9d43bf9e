"""The kind of a sound: speech, music, an alarm, a machine or something else. It warns, and decides nothing.

A linear map from the mean and the spread of the sound tower's vectors over a window; trained in
`workers.alignment.sound_kinds`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

KINDS = ("speech", "music", "alarm", "machine", "other")


class SoundKinds:
    """logits = ((features − centre) / scale) · weight + bias, of a window's `summary`."""

    def __init__(self, centre: Tensor, scale: Tensor, weight: Tensor, bias: Tensor) -> None:
        self.centre, self.scale, self.weight, self.bias = centre, scale, weight, bias

    def logits(self, features: Tensor) -> Tensor:
        """[windows, 2 × tower width] -> [windows, KINDS]"""
        return ((features.float().cpu() - self.centre) / self.scale) @ self.weight + self.bias

    def counts(self, pooled: Tensor, tokens: Sequence[int]) -> dict[str, int]:
        """How many windows are of each kind: pooled [windows, tokens, tower width], so many count."""
        rows = [summary(row[:count]) for row, count in zip(pooled, tokens, strict=True) if count]
        if not rows:
            return {}
        found = Counter(KINDS[kind] for kind in self.logits(torch.stack(rows)).argmax(1).tolist())
        return {kind: found[kind] for kind in KINDS if found[kind]}


def summary(tokens: Tensor) -> Tensor:
    """[tokens, tower width] -> their mean and spread [2 × tower width]"""
    return torch.cat([tokens.float().mean(0), tokens.float().std(0, correction=0)])


def save_sound_kinds(kinds: SoundKinds, file: Path) -> None:
    """float32 safetensors that say of which kinds they are."""
    tensors = {
        name: getattr(kinds, name).float().contiguous() for name in ("centre", "scale", "weight", "bias")
    }
    save_file(tensors, file, metadata={"kinds": json.dumps(KINDS)})


def read_sound_kinds(file: Path) -> SoundKinds:
    """Raises ValueError where the file is of other kinds."""
    with safe_open(file, framework="pt") as stored:
        if json.loads((stored.metadata() or {}).get("kinds", "[]")) != list(KINDS):
            raise ValueError(f"{file.name} tells other kinds of sound: train it again with `omnigov align`")
        return SoundKinds(*(stored.get_tensor(name) for name in ("centre", "scale", "weight", "bias")))
