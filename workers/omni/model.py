"""Tower, connector and language model as one module, and how its parts come by their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from torch import Tensor, nn

from workers import weights
from workers.omni.config import OmniConfig
from workers.omni.connector import Connector
from workers.omni.efficientnet import load_efficientnet
from workers.omni.hearing import Hearing, read_hearing
from workers.omni.language import Language
from workers.omni.smollm2 import load_smollm2
from workers.omni.sound_kinds import read_sound_kinds
from workers.omni.space import Space, read_space
from workers.omni.tiny import tiny_language, tiny_tower
from workers.omni.watching import Watching, read_watching, seconds_of

if TYPE_CHECKING:
    from workers.omni.prompt import Prompt

# EfficientNet-Lite was trained on (pixel − 127) / 128 (`MEAN_RGB`, `STDDEV_RGB` of the TPU repository).
PIXEL_MEAN, PIXEL_SPREAD = 127.0, 128.0


class OmniModel(nn.Module):
    """A picture among words: patches become embeddings in the language model's own space."""

    def __init__(
        self, config: OmniConfig, tower: nn.Module, connector: Connector, language: Language
    ) -> None:
        super().__init__()
        self.config = config
        self.tower = tower
        self.connector = connector
        self.words = language
        self.language = language.model
        self.space: Space | None = None  # without one a label's score is its likelihood alone
        self.kept: Path | None = None  # the folder for what is the same for every medium of a policy
        self.hearing: Hearing | None = None  # without it no prompt may hold sound
        self.watching: Watching | None = None  # without it no prompt may hold frames

    def join(self, space: Space) -> None:
        """Score with this space from now on, and ask with the labels in the alphabet's order."""
        self.space = space.requires_grad_(False)
        self.words = replace(self.words, alphabetical=True)

    def hear(self, hearing: Hearing) -> None:
        """Take sound from now on. What is made of pictures and text stays what it was, bit for bit."""
        self.hearing = hearing.requires_grad_(False)

    def watch(self, watching: Watching) -> None:
        """Take clips from now on. What is made of all other media stays what it was, bit for bit."""
        self.watching = watching.requires_grad_(False)

    def speaks(self, prompt: Prompt) -> Any:
        """The language model as it reads this prompt: with the audio-visual LoRA where there are frames."""
        return self._watching().language if prompt.frames else self.language

    def framed(self, pictures: Tensor, prompts: Sequence[Prompt]) -> Tensor:
        """Pictures' tokens of all frames of these prompts -> the frames' [frames, tokens of one, width]."""
        middles = [frame.middle for prompt in prompts for frame in prompt.frames]
        found: Tensor = self._watching().frames(pictures, seconds_of(middles, pictures))
        return found

    @property
    def frame_tokens(self) -> int:
        """How many embeddings a frame takes in the prompt."""
        return self._watching().config.tokens(self.config.picture_tokens)

    def _watching(self) -> Watching:
        if self.watching is None:
            raise ValueError(f"the model {self.config.name} does not watch clips")
        return self.watching

    @property
    def device(self) -> torch.device:
        return next(self.connector.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        return next(self.connector.parameters()).dtype

    def forward(self, pixels: Tensor, before: Tensor, after: Tensor) -> Tensor:
        """[batch, 3, side, side], [before], [after] -> logits [batch, all three, vocabulary]."""
        patches = self.tower(pixels)  # [batch, grid², tower width]
        return self.read(patches, self.embed(before), self.embed(after))

    def read(self, patches: Tensor, before: Tensor, after: Tensor) -> Tensor:
        """As `forward`, from the tower's patches and from embedded words [tokens, language width]."""
        picture = self.connector(patches)  # [batch, picture tokens, language width]
        batch = picture.shape[0]
        inputs = torch.cat([before.expand(batch, -1, -1), picture, after.expand(batch, -1, -1)], dim=1)
        logits: Tensor = self.language(inputs_embeds=inputs, use_cache=False).logits
        return logits

    def embed(self, tokens: Tensor) -> Tensor:
        """[…] token ids -> […, language width]."""
        embedded: Tensor = self.language.get_input_embeddings()(tokens)
        return embedded

    def ids(self, tokens: tuple[int, ...] | list[int]) -> Tensor:
        return torch.tensor(tokens, dtype=torch.long, device=self.device)

    def pixels(self, pictures: list[np.ndarray]) -> Tensor:
        """RGB uint8 pictures of any size -> [batch, 3, side, side]; each is scaled whole, aspect not kept.

        So every part of the picture is seen, and a patch of the grid is a known part of it.
        """
        side = self.config.picture_side
        scaled = [
            np.asarray(Image.fromarray(p).resize((side, side), Image.Resampling.BICUBIC)) for p in pictures
        ]
        stacked = torch.from_numpy(np.stack(scaled)).to(self.device, self.dtype)
        normal = (stacked - PIXEL_MEAN) / PIXEL_SPREAD
        # Channels-last convolutions take about half the time on a CPU.
        return normal.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    def heard(self, windows: list[np.ndarray]) -> Tensor | None:
        """Samples of windows -> the sound tower's features [windows, tokens, its width]; None of none.

        Raises ValueError where the model does not hear.
        """
        if not windows:
            return None
        if self.hearing is None:
            raise ValueError(f"the model {self.config.name} does not hear")
        return self.hearing.pooled(windows)

    @torch.inference_mode()
    def patches(self, pictures: list[np.ndarray]) -> Tensor:
        """RGB uint8 pictures of any size -> the tower's features [batch, grid², tower width]."""
        features: Tensor = self.tower(self.pixels(pictures))
        return features


def new_model(config: OmniConfig) -> OmniModel:
    """The towers and the language model that `config` names, with an untrained connector.

    Raises `weights.WeightsMissing` or `weights.WeightsDiffer` with what to do.
    """
    if config.tower == "efficientnet-lite0":
        tower: nn.Module = load_efficientnet(weights.path("efficientnet-lite0"))
    else:
        tower = tiny_tower(config)
    if config.language == "smollm2-135m-instruct":
        language = load_smollm2(weights.directory("smollm2-135m-instruct"))
    else:
        language = tiny_language(config)
    torch.manual_seed(2)
    # torch's stubs lack this argument.
    tower.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return OmniModel(config, tower, Connector(config).eval(), language).eval()


def read_config(connector_file: Path) -> OmniConfig:
    """The configuration that a connector's safetensors file carries. Raises ValueError where it has none."""
    with safe_open(connector_file, framework="pt") as stored:
        metadata = stored.metadata() or {}
    if "config" not in metadata:
        raise ValueError(
            f"{connector_file.name} carries no configuration: train it again with `omnigov align`"
        )
    return OmniConfig.model_validate_json(metadata["config"])


def with_connector(connector_file: Path, space_file: Path | None = None) -> OmniModel:
    """The model that this connector, and this space, were trained for; to infer on the CPU in float32."""
    model = new_model(read_config(connector_file))
    with safe_open(connector_file, framework="pt") as stored:
        tensors = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118 - no mapping
    model.connector.load_state_dict(tensors)
    if space_file is not None:
        model.join(read_space(space_file))
    return model.requires_grad_(False).eval()


def with_hearing(earlier: OmniModel, sound_file: Path, kinds_file: Path | None = None) -> OmniModel:
    """A model that hears, from one that does not: every part is shared, so the rest is read as before."""
    model = OmniModel(earlier.config, earlier.tower, earlier.connector, earlier.words)
    model.space = earlier.space
    hearing = read_hearing(sound_file).to(earlier.device, earlier.dtype)
    if kinds_file is not None:
        hearing.kinds = read_sound_kinds(kinds_file)
    model.hear(hearing)
    return model.requires_grad_(False).eval()


def with_watching(earlier: OmniModel, clip_file: Path) -> OmniModel:
    """A model that watches, from one that hears: every part is shared, so the rest is read as before."""
    model = OmniModel(earlier.config, earlier.tower, earlier.connector, earlier.words)
    model.space = earlier.space
    model.hearing = earlier.hearing
    model.watch(read_watching(clip_file, model.language).to(earlier.device, earlier.dtype))
    return model.requires_grad_(False).eval()
