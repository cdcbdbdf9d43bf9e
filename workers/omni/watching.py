"""How the model watches: frames become a few tokens each that know their time, and clips are read with LoRA.

A frame goes the way of a picture, through the locked tower and the locked connector; then four tokens at a
time share one, a small adapter changes it, and the time of the frame is added. The audio-visual LoRA (Hu et
al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021) stands beside queries and values of the last
layers of the language model, in a copy of its frame that shares every weight. Only prompts with frames are
read by that copy: pictures, texts and recordings are read by the very same numbers as without it.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import Field
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from omnigov.contracts import Frozen


class ClipConfig(Frozen):
    """The shape of what is added for clips. Kept inside its file, so that one digest covers both."""

    language_width: int = Field(default=576, gt=0)
    pool: int = Field(default=2, gt=0, description="picture tokens a side that share one of a frame")
    adapter: int = Field(default=64, gt=0, description="width between the adapter's two layers")
    octaves: int = Field(default=8, gt=0, description="sines and cosines that tell a frame's time")
    rank: int = Field(default=4, gt=0, description="of the LoRA")
    first_layer: int = Field(default=20, ge=0, description="of the language model that has a LoRA")

    def tokens(self, of_picture: int) -> int:
        """Tokens of a frame, where a picture has so many."""
        side = -(-math.isqrt(of_picture) // self.pool)
        return side * side


TINY_CLIP = ClipConfig(language_width=32, adapter=8, octaves=3, rank=2, first_layer=1)
"""For the tiny model of the tests."""


class FrameConnector(nn.Module):
    """From a picture's tokens to a frame's, with its time. Untrained it only averages."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.pool, self.octaves = config.pool, config.octaves
        self.down = nn.Linear(config.language_width, config.adapter)
        self.up = nn.Linear(config.adapter, config.language_width)
        self.time = nn.Linear(2 * config.octaves, config.language_width)
        for layer in (self.up, self.time):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, pictures: Tensor, seconds: Tensor) -> Tensor:
        """[frames, picture tokens, width], [frames] -> [frames, tokens of a frame, width]."""
        frames, tokens, width = pictures.shape
        side = math.isqrt(tokens)
        square = pictures.transpose(1, 2).reshape(frames, width, side, side)
        few = functional.avg_pool2d(square, self.pool, ceil_mode=True).flatten(2).transpose(1, 2)
        few = few + self.up(functional.gelu(self.down(few)))
        timed: Tensor = few + self.time(self.turns(seconds).to(few.dtype)).unsqueeze(1)
        return timed

    def turns(self, seconds: Tensor) -> Tensor:
        """[frames] -> [frames, 2 × octaves]: the slowest turns once in 128 s, each next twice as fast."""
        each = 2.0 ** torch.arange(self.octaves, device=seconds.device)
        angle = seconds.float()[:, None] * each * (2 * math.pi / 128)
        return torch.cat([angle.sin(), angle.cos()], dim=1)


class LowRank(nn.Module):
    """What a LoRA adds to one linear map; nothing before it is trained."""

    def __init__(self, wide: int, out: int, rank: int) -> None:
        super().__init__()
        self.narrow = nn.Linear(wide, rank, bias=False)
        self.widen = nn.Linear(rank, out, bias=False)
        nn.init.zeros_(self.widen.weight)

    def forward(self, states: Tensor) -> Tensor:
        added: Tensor = self.widen(self.narrow(states))
        return added


class Beside(nn.Module):
    """A linear map of the language model with a LoRA beside it; the map itself is shared."""

    def __init__(self, shared: nn.Module, added: LowRank) -> None:
        super().__init__()
        self.shared, self.added = shared, added

    def forward(self, states: Tensor) -> Tensor:
        both: Tensor = self.shared(states) + self.added(states)
        return both


ADAPTED = ("q_proj", "v_proj")


class Watching(nn.Module):
    """The frame connector, and the language model as prompts with frames are read by it."""

    def __init__(self, config: ClipConfig, language: Any) -> None:
        super().__init__()
        self.config = config
        self.frames = FrameConnector(config)
        self.audio_visual = nn.ModuleDict()
        # Not a part of this module: its weights are the language model's.
        self._language = (self._beside(language),)

    @property
    def language(self) -> Any:
        """The language model with the LoRA."""
        return self._language[0]

    def _beside(self, language: Any) -> Any:
        whole, inner = _frame_of(language), _frame_of(language.model)
        layers = nn.ModuleList(inner.layers)
        for number in range(self.config.first_layer, len(layers)):
            layer, attention = _frame_of(layers[number]), _frame_of(layers[number].self_attn)
            for name in ADAPTED:
                shared = getattr(attention, name)
                added = LowRank(shared.in_features, shared.out_features, self.config.rank)
                self.audio_visual[f"{number}_{name}"] = added
                attention._modules[name] = Beside(shared, added)
            layer._modules["self_attn"] = attention
            layers[number] = layer
        inner._modules["layers"] = layers
        whole._modules["model"] = inner
        return whole


def _frame_of(module: Any) -> Any:
    """The same module with its own list of parts: exchanging one changes nothing in the original."""
    framed = copy.copy(module)
    framed._modules = dict(module._modules)
    return framed


def new_watching(config: ClipConfig, language: Any) -> Watching:
    """Untrained, the same every time: it reads clips as the earlier stages read their pictures."""
    torch.manual_seed(8)
    return Watching(config, language).eval()


def read_watching(file: Path, language: Any) -> Watching:
    """From its file, which carries its configuration. Raises ValueError where it has none."""
    with safe_open(file, framework="pt") as stored:
        metadata = stored.metadata() or {}
        if "config" not in metadata:
            raise ValueError(f"{file.name} carries no configuration: train it again with `omnigov align`")
        tensors = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118 - no mapping
    watching = new_watching(ClipConfig.model_validate_json(metadata["config"]), language)
    watching.load_state_dict(tensors)
    return watching.requires_grad_(False).eval()


def save_watching(watching: Watching, file: Path) -> None:
    """float16 safetensors with the configuration inside."""
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in watching.state_dict().items()}
    config = json.dumps(watching.config.model_dump(mode="json"), sort_keys=True)
    save_file(tensors, file, metadata={"config": config})


def seconds_of(milliseconds: Sequence[float], like: Tensor) -> Tensor:
    """[frames], on the device of `like`."""
    return torch.tensor(milliseconds, dtype=torch.float32, device=like.device) / 1000
