"""The sound tower's pooled vectors of recordings, kept in blocks on disk: what a training starts from.

A block is written whole or not at all, so that a run that was stopped goes on where it was. Its name holds
the digest of its recordings' names and of the tower's file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from omnigov.contracts import Limits, Refused
from workers.alignment.recordings import Recording
from workers.media.sound import decode
from workers.omni.hearing import Hearing

BLOCK = 128  # recordings
AT_ONCE = 32
QUIET = 0.02  # of the loudest sample: before and after it nobody speaks


@dataclass(frozen=True)
class Heard:
    """Of the first window of each recording its tokens; `counts` of them are sound, 0: it can't be played."""

    tokens: Tensor  # float16 [recordings, tokens, tower width]
    counts: Tensor  # [recordings]

    @property
    def mask(self) -> Tensor:
        """[recordings, tokens], 1 where there is sound."""
        return (torch.arange(self.tokens.shape[1]) < self.counts[:, None]).float()

    def means(self) -> Tensor:
        """float32 [recordings, tower width]"""
        mask = self.mask.unsqueeze(-1)
        mean: Tensor = (self.tokens.float() * mask).sum(1) / mask.sum(1).clamp(min=1)
        return mean

    def of(self, rows: Sequence[int]) -> Heard:
        return Heard(self.tokens[list(rows)], self.counts[list(rows)])


def samples_of(file: Path, window: int) -> np.ndarray:
    """The first window from the first sound on; nothing where the file can't be played."""
    try:
        blocks = list(decode(file.read_bytes(), Limits()))
    except Refused:
        return np.zeros(0, np.float32)
    samples = np.concatenate(blocks)
    loud = np.flatnonzero(np.abs(samples) > QUIET * np.abs(samples).max())
    if not len(loud):
        return np.zeros(0, np.float32)
    return np.asarray(samples[loud[0] : loud[-1] + 1][:window], np.float32)


def kept_recordings(
    hearing: Hearing,
    tower: str,
    recordings: Sequence[Recording],
    folder: Path,
    said: Callable[[str], None],
) -> Heard:
    """`tower` is the digest of the tower's file."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = []
    for begin in range(0, len(recordings), BLOCK):
        some = recordings[begin : begin + BLOCK]
        told = [tower, str(hearing.config.window), str(hearing.config.pool), *(one.name for one in some)]
        key = hashlib.sha256("\n".join(told).encode()).hexdigest()[:24]
        kept = folder / f"{key}.safetensors"
        if not kept.is_file():
            partial = kept.with_suffix(".partial")
            save_file(_block(hearing, some), partial)
            partial.replace(kept)
            said(f"sound: {begin + len(some)} of {len(recordings)} recordings")
        blocks.append(load_file(kept))
    return Heard(
        torch.cat([block["tokens"] for block in blocks]), torch.cat([block["counts"] for block in blocks])
    )


def _block(hearing: Hearing, some: Sequence[Recording]) -> dict[str, Tensor]:
    windows = [samples_of(one.file, hearing.config.window) for one in some]
    pooled = [hearing.pooled(windows[i : i + AT_ONCE]).half().cpu() for i in range(0, len(windows), AT_ONCE)]
    counts = [hearing.config.tokens_of(len(window)) for window in windows]
    return {"tokens": torch.cat(pooled).clone(), "counts": torch.tensor(counts)}
