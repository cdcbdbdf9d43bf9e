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
        embeddings: Tensor = self.scale(self.gather(self._read(patches)))
        return embeddings

    def _read(self, patches: Tensor) -> Tensor:
        hidden = functional.gelu(self.widen(self.norm(patches)))  # [batch, grid², connector width]
        narrowed: Tensor = self.narrow(self.dropout(hidden))  # [batch, grid², language width]
        return narrowed

    def gather(self, embeddings: Tensor) -> Tensor:
        """[batch, grid², width] -> [batch, picture tokens, width]: the mean of the patches of each token.

        At the right and bottom edge of an odd grid fewer patches share a token.
        """
        batch, _, width = embeddings.shape
        square = embeddings.transpose(1, 2).reshape(batch, width, self.grid, self.grid)
        return functional.avg_pool2d(square, self.pool, ceil_mode=True).flatten(2).transpose(1, 2)

    def patch_embeddings(self, patches: Tensor) -> Tensor:
        """One embedding a patch, whose means by `gather` are what `forward` gives: [batch, grid², width].

        The last layer norm is an affine map once the mean and spread of a token are known, so a token can
        be taken apart into the patches that it is the mean of. Attribution needs that.
        """
        hidden = self._read(patches)
        tokens = self.gather(hidden)  # [batch, picture tokens, width]
        middle = self._spread(tokens.mean(-1, keepdim=True))
        variance = self._spread(tokens.var(-1, correction=0, keepdim=True))
        normal = (hidden - middle) / (variance + self.scale.eps).sqrt()
        scaled: Tensor = normal * self.scale.weight + self.scale.bias
        return scaled

    def _spread(self, tokens: Tensor) -> Tensor:
        """What belongs to a token, given to each of its patches: [batch, tokens, 1] -> [batch, grid², 1]."""
        side = -(-self.grid // self.pool)
        square = tokens.reshape(len(tokens), side, side, -1)
        square = square.repeat_interleave(self.pool, 1).repeat_interleave(self.pool, 2)
        return square[:, : self.grid, : self.grid].flatten(1, 2)
