"""The sound tower: Whisper's encoder, in its size *base*. Sound becomes a vector every 20 milliseconds.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022): two convolutions and six
blocks of self-attention, all norms first. It is asked for windows of a few seconds and not for 30: that takes
a fifteenth of the time, and the vectors are nearly the same (docs/model-log.md). It transcribes nothing.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from workers.omni.log_mel import BANDS, log_mel

WIDTH, HEADS, BLOCKS, LONGEST = 512, 8, 6, 1500


class Block(nn.Module):
    """Self-attention over all of the window, then two layers a frame, each beside a straight way."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, frames: Tensor) -> Tensor:  # [batch, frames, width] -> the same
        batch, count, width = frames.shape
        parts = self.query_key_value(self.attention_norm(frames)).view(batch, count, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each [batch, heads, frames, width / heads]
        looked = functional.scaled_dot_product_attention(query, key, value)
        frames = frames + self.attention_out(looked.transpose(1, 2).reshape(batch, count, width))
        changed: Tensor = frames + self.narrow(functional.gelu(self.widen(self.norm(frames))))
        return changed


class WhisperEncoder(nn.Module):
    """Samples of 16 kHz to one vector for each 320 of them."""

    positions: Tensor

    def __init__(
        self, width: int = WIDTH, heads: int = HEADS, blocks: int = BLOCKS, longest: int = LONGEST
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(BANDS, width, kernel_size=3, padding=1)
        self.conv2 = nn.Conv1d(width, width, kernel_size=3, stride=2, padding=1)
        self.register_buffer("positions", torch.zeros(longest, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)

    def forward(self, samples: Tensor) -> Tensor:
        """[batch, samples], of 30 seconds at most -> [batch, samples // 320, width]."""
        bands = log_mel(samples.float()).to(self.positions.dtype)
        frames = functional.gelu(self.conv2(functional.gelu(self.conv1(bands)))).transpose(1, 2)
        frames = frames + self.positions[: frames.shape[1]]
        for block in self.blocks:
            frames = block(frames)
        normal: Tensor = self.norm(frames)
        return normal


def load_whisper(file: Path) -> WhisperEncoder:
    """From the safetensors file that `workers.weights.convert.whisper_encoder` makes, in float32.

    Raises RuntimeError when a tensor of the file is missing or has another shape.
    """
    encoder = WhisperEncoder()
    encoder.load_state_dict({name: tensor.float() for name, tensor in load_file(file).items()})
    return encoder.eval().requires_grad_(False)
