"""The language model's states of phrases, kept in blocks on disk beside the pictures' features.

A block is written whole or not at all. Its name holds the digest of its phrases, of the language model and
of the layer that is read, so that other phrases make other blocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from workers.omni.model import OmniModel
from workers.omni.space import FRAME, phrase_states

BLOCK = 1024  # phrases


def kept_states(
    model: OmniModel, phrases: Sequence[str], layer: int, folder: Path, said: Callable[[str], None]
) -> Tensor:
    """float16 states [phrases, language width]; the model has a space, whose layer is `layer`."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = []
    for begin in range(0, len(phrases), BLOCK):
        some = phrases[begin : begin + BLOCK]
        kept = folder / f"{block_key(model, some, layer)}.safetensors"
        if not kept.is_file():
            with torch.inference_mode():
                made = phrase_states(model, some).half().cpu()
            partial = kept.with_suffix(".partial")
            save_file({"states": made.clone()}, partial)
            partial.replace(kept)
            said(f"states: {begin + len(some)} of {len(phrases)} phrases")
        blocks.append(load_file(kept)["states"])
    return torch.cat(blocks)


def block_key(model: OmniModel, some: Sequence[str], layer: int) -> str:
    told = [model.config.language, FRAME, str(layer), *some]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:24]
