"""How the model hears: a sound tower, and a connector that makes its vectors tokens of the prompt.

A recording is heard in windows of 5.12 seconds, each by itself. The tower's 50 vectors a second become 6.25
tokens, each the mean of eight. The connector maps a token on its own, and has three vectors of its own that
stand before the sound, between two of its windows, and after it. The tower is locked. Where a prompt has no
sound none of this is run: pictures and texts are read by the very same numbers as without it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from pydantic import Field
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from omnigov.contracts import Frozen
from workers import weights
from workers.omni.sound_kinds import SoundKinds
from workers.omni.whisper import WhisperEncoder, load_whisper

DROPOUT = 0.1
FRAME = 320
"""Samples that one vector of the tower stands for: 20 milliseconds."""
STEP = 4
"""Tokens: windows are filled up to a multiple of so many, so that several go through the tower together."""
MARKS = ("begin", "newline", "end")
"""Vectors before the sound, between its windows and after it, in the order of the connector's rows."""


class SoundConfig(Frozen):
    """Which tower, and the shape of the connector. Kept inside the connector's file."""

    tower: Literal["whisper-base", "tiny"] = "whisper-base"
    tower_width: int = Field(default=512, gt=0)
    window: int = Field(default=81_920, gt=0, description="samples that are heard at once")
    pool: int = Field(default=8, gt=0, description="vectors of the tower that share one token")
    connector_width: int = Field(default=512, gt=0)
    language_width: int = Field(default=576, gt=0)

    @property
    def token(self) -> int:
        """Samples that one token stands for."""
        return FRAME * self.pool

    @property
    def tokens(self) -> int:
        """Tokens of a whole window."""
        return self.window // self.token

    def tokens_of(self, samples: int) -> int:
        """Tokens of a window that has so many samples."""
        return min(self.tokens, -(-samples // self.token))


TINY_SOUND = SoundConfig(tower="tiny", tower_width=16, connector_width=16, language_width=32)
"""For the tiny model of the tests."""


class SoundConnector(nn.Module):
    """From the tower's pooled vectors to embeddings that the language model reads; with the three marks."""

    def __init__(self, config: SoundConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.tower_width)
        self.widen = nn.Linear(config.tower_width, config.connector_width)
        self.dropout = nn.Dropout(DROPOUT)
        self.narrow = nn.Linear(config.connector_width, config.language_width)
        self.scale = nn.LayerNorm(config.language_width)
        self.marks = nn.Parameter(torch.zeros(len(MARKS), config.language_width))

    def forward(self, pooled: Tensor) -> Tensor:
        """[..., tokens, tower width] -> [..., tokens, language width]."""
        hidden = self.dropout(functional.gelu(self.widen(self.norm(pooled))))
        embeddings: Tensor = self.scale(self.narrow(hidden))
        return embeddings

    def mark(self, name: str) -> Tensor:
        """[1, language width]"""
        row = MARKS.index(name)
        return self.marks[row : row + 1]


class Hearing(nn.Module):
    """A locked tower and the connector that was trained for it."""

    def __init__(self, config: SoundConfig, tower: nn.Module) -> None:
        super().__init__()
        self.config = config
        self.tower = tower
        self.connector = SoundConnector(config)
        self.kinds: SoundKinds | None = None  # without them nothing is said of a sound's kind

    @torch.inference_mode()
    def pooled(self, windows: Sequence[np.ndarray]) -> Tensor:
        """Windows of up to `config.window` samples: [n, tokens of a whole window, tower width].

        A window is filled with silence up to a step, no further: what was said in a second takes a fifth of
        a whole window's time. After its own tokens a row is zeros.
        """
        weight, config = self.connector.marks, self.config
        found = torch.zeros(len(windows), config.tokens, config.tower_width, device=weight.device)
        lengths: dict[int, list[int]] = {}
        for index, samples in enumerate(windows):
            lengths.setdefault(-(-config.tokens_of(len(samples)) // STEP) * STEP, []).append(index)
        for tokens, rows in lengths.items():
            if not tokens:
                continue  # there is no sound in it
            filled = np.zeros((len(rows), tokens * config.token), np.float32)
            for line, row in zip(filled, rows, strict=True):
                line[: len(windows[row])] = windows[row]
            frames = self.tower(torch.from_numpy(filled).to(weight.device))  # [rows, frames, tower width]
            means = frames.reshape(len(rows), tokens, config.pool, -1).mean(2)
            for row, mean in zip(rows, means, strict=True):
                own = config.tokens_of(len(windows[row]))
                found[row, :own] = mean[:own]
        return found.to(weight.dtype)


class TinyEar(nn.Module):
    """One convolution over the samples, for tests."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.cut = nn.Conv1d(1, width, kernel_size=FRAME, stride=FRAME)

    def forward(self, samples: Tensor) -> Tensor:  # [batch, samples] -> [batch, samples // FRAME, width]
        return functional.relu(self.cut(samples.unsqueeze(1).to(self.cut.weight.dtype))).transpose(1, 2)


def sound_tower(config: SoundConfig) -> nn.Module:
    """Locked. Raises `weights.WeightsMissing` or `weights.WeightsDiffer` with what to do."""
    if config.tower == "tiny":
        torch.manual_seed(4)
        return TinyEar(config.tower_width).eval().requires_grad_(False)
    tower: WhisperEncoder = load_whisper(weights.path("whisper-base-encoder"))
    return tower


def new_hearing(config: SoundConfig) -> Hearing:
    """With an untrained connector, the same every time."""
    tower = sound_tower(config)
    torch.manual_seed(5)
    hearing = Hearing(config, tower)
    nn.init.normal_(hearing.connector.marks, std=0.02)
    return hearing.eval()


def read_hearing(file: Path) -> Hearing:
    """From a connector's file, which carries its configuration. Raises ValueError where it has none."""
    with safe_open(file, framework="pt") as stored:
        metadata = stored.metadata() or {}
        if "config" not in metadata:
            raise ValueError(f"{file.name} carries no configuration: train it again with `omnigov align`")
        tensors = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118 - no mapping
    hearing = new_hearing(SoundConfig.model_validate_json(metadata["config"]))
    hearing.connector.load_state_dict(tensors)
    return hearing.requires_grad_(False).eval()


def save_hearing(hearing: Hearing, file: Path) -> None:
    """The connector as float16 safetensors with the configuration inside, so that one digest covers both."""
    tensors = {
        name: tensor.detach().half().contiguous() for name, tensor in hearing.connector.state_dict().items()
    }
    config = json.dumps(hearing.config.model_dump(mode="json"), sort_keys=True)
    save_file(tensors, file, metadata={"config": config})
