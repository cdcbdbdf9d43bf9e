"""The connector: the tower's patches in, embeddings that the language model reads as tokens out.

A two-layer perceptron a patch, as in LLaVA-1.5 (Liu et al., "Improved Baselines with Visual Instruction
Tuning", 2023), then neighbouring patches are averaged: a fourth of the tokens at a fourth of the time.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from workers.omni.config import OmniConfig

DROPOUT = 0.1


class Connector(nn.Module):
    """The only part that alignment trains."""

    def __init__(self, config: OmniConfig) -> None:
        super().__init__()
        self.grid, self.pool = config.grid, config.pool
        self.norm = nn.LayerNorm(config.tower_width)
        self.widen = nn.Linear(config.tower_width, config.connector_width)
        self.dropout = nn.Dropout(DROPOUT)
        self.narrow = nn.Linear(config.connector_width, config.language_width)
        # The last norm's gain is set to the size of the language model's own embeddings when training starts.
        self.scale = nn.LayerNorm(config.language_width)

    def forward(self, patches: Tensor) -> Tensor:
        """[batch, grid², tower width] -> [batch, picture tokens, language width]."""
        hidden = functional.gelu(self.widen(self.norm(patches)))  # [batch, grid², connector width]
        hidden = self.narrow(self.dropout(hidden))  # [batch, grid², language width]
        square = hidden.transpose(1, 2).unflatten(2, (self.grid, self.grid))
        # At the right and bottom edge of an odd grid fewer patches share a token.
        pooled = functional.avg_pool2d(square, self.pool, ceil_mode=True)
        embeddings: Tensor = self.scale(pooled.flatten(2).transpose(1, 2))
        return embeddings
