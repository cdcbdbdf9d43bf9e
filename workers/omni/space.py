"""The shared space: pictures and phrases as unit vectors that are near where they mean the same.

Pictures come from the mean of the tower's patches, phrases from the mean state of their tokens at an early
layer of the language model, behind the words `In one word, "`. Both towers are locked and two small heads
are trained, as in LiT (Zhai et al., "LiT: Zero-Shot Transfer with Locked-image Text Tuning", CVPR 2022)
with the text side locked too. The language model knows next to no Japanese: there the hashed letters of
the phrase, one to three of them together, help (Bojanowski et al., "Enriching Word Vectors with Subword
Information", TACL 2017).
"""

from __future__ import annotations

import copy
import functools
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import Field
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from omnigov.contracts import Frozen

FRAME = 'In one word, "'
PHRASES_AT_ONCE = 32
JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class SpaceConfig(Frozen):
    """The heads' shapes, and how a label's scores are joined; kept inside the space's file.

    A label's joined score is likelihood × (log p(label and its end) − prior) + similarity × cosine. Both
    weights were fitted on development data, which neither the connector nor the space was trained on.
    """

    tower_width: int = Field(default=1280, gt=0)
    language_width: int = Field(default=576, gt=0)
    hidden: int = Field(default=512, gt=0)
    width: int = Field(default=256, gt=0)
    layer: int = Field(default=12, gt=0, description="of the language model, whose states are read")
    grams: int = Field(default=4096, gt=0, description="rows for hashed runs of Japanese letters")
    references: int = Field(default=32, gt=0, description="pictures that the prior is the mean over")
    picture_tokens: int = Field(default=16, gt=0)
    likelihood: float = Field(default=0.5, ge=0)
    similarity: float = Field(default=20.0, ge=0)
    learned: tuple[str, ...] = Field(
        default=(), description="labels' words that the connector itself was trained with, in small letters"
    )


TINY_SPACE = SpaceConfig(
    tower_width=24,
    language_width=32,
    hidden=16,
    width=8,
    layer=1,
    grams=16,
    references=2,
    picture_tokens=4,
)
"""For the tiny model of the tests."""


class Head(nn.Module):
    """Two layers, and a straight way around them."""

    def __init__(self, inside: int, hidden: int, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(inside)
        self.widen = nn.Linear(inside, hidden)
        self.dropout = nn.Dropout(0.2)
        self.narrow = nn.Linear(hidden, width)
        self.straight = nn.Linear(inside, width, bias=False)

    def forward(self, features: Tensor) -> Tensor:  # [..., inside] -> [..., width]
        normal = self.norm(features)
        hidden = self.dropout(functional.gelu(self.widen(normal)))
        mapped: Tensor = self.narrow(hidden) + self.straight(normal)
        return mapped


class Space(nn.Module):
    """Two heads, the rows of hashed letters, and the pictures that the prior is taken over."""

    references: Tensor

    def __init__(self, config: SpaceConfig) -> None:
        super().__init__()
        self.config = config
        self.picture = Head(config.tower_width, config.hidden, config.width)
        self.text = Head(config.language_width, config.hidden, config.width)
        self.grams = nn.EmbeddingBag(config.grams, config.width, mode="mean")
        # The connector's embeddings of some training pictures.
        shape = (config.references, config.picture_tokens, config.language_width)
        self.register_buffer("references", torch.zeros(shape))

    def pictures(self, patches: Tensor) -> Tensor:
        """The tower's patches [batch, patches, tower width], or their means [batch, tower width] -> units."""
        pooled = patches.mean(1) if patches.dim() == 3 else patches
        return functional.normalize(self.picture(pooled), dim=-1)

    def texts(self, states: Tensor, phrases: Sequence[str] | None = None) -> Tensor:
        """States [n, language width] as `states_of` gives them -> unit vectors [n, width].

        With the phrases, what is hashed of their Japanese letters is added.
        """
        mapped: Tensor = self.text(states)
        if phrases is not None and any(JAPANESE.search(phrase) for phrase in phrases):
            mapped = mapped + self.letters(phrases)
        return functional.normalize(mapped, dim=-1)

    def letters(self, phrases: Sequence[str]) -> Tensor:
        """Of each phrase the mean row of its runs of letters, zeros for one without Japanese: [n, width]."""
        hashed = [_hashed(phrase, self.config.grams) for phrase in phrases]
        offsets = torch.tensor([0, *(len(one) for one in hashed)]).cumsum(0)[:-1]
        flat = torch.tensor([row for one in hashed for row in one], dtype=torch.long)
        device = self.grams.weight.device
        found: Tensor = self.grams(flat.to(device), offsets.to(device))
        return found


def _hashed(phrase: str, rows: int) -> list[int]:
    if not JAPANESE.search(phrase):
        return []
    letters = f"^{unicodedata.normalize('NFKC', phrase)}$"
    runs = [letters[i : i + n] for n in (1, 2, 3) for i in range(len(letters) - n + 1)]
    kept = [run for run in runs if JAPANESE.search(run)]
    return [
        int.from_bytes(hashlib.blake2b(run.encode(), digest_size=4).digest(), "big") % rows for run in kept
    ]


def new_space(config: SpaceConfig) -> Space:
    """Untrained, the same every time."""
    torch.manual_seed(3)
    return Space(config).eval()


def read_space(file: Path) -> Space:
    """From a safetensors file that carries its configuration. Raises ValueError where it has none."""
    with safe_open(file, framework="pt") as stored:
        metadata = stored.metadata() or {}
        if "config" not in metadata:
            raise ValueError(f"{file.name} carries no configuration: train it again with `omnigov align`")
        tensors = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118 - no mapping
    space = Space(SpaceConfig.model_validate_json(metadata["config"]))
    space.load_state_dict(tensors)
    return space.requires_grad_(False).eval()


def shallow(language: Any, layers: int) -> Any:
    """The language model's first layers, sharing its weights, without the norm after the last."""
    inner = language.model
    cut = copy.copy(inner)
    cut._modules = dict(inner._modules)
    cut.layers = inner.layers[:layers]
    cut.norm = nn.Identity()
    return cut


def states_of(model: Any, embedded: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean state of a text's tokens: [batch, tokens, language width] -> [batch, language width].

    `mask` is 1 where a row has a token; padding stands to the right. Differentiable in `embedded`.
    """
    frame = _frame(model).expand(embedded.shape[0], -1, -1)
    inputs = torch.cat([frame, embedded], dim=1)
    # Padding stands to the right, where causal attention doesn't see it: no mask is needed for that.
    cut = shallow(model.language, model.space.config.layer)
    states = cut(inputs_embeds=inputs, use_cache=False).last_hidden_state[:, frame.shape[1] :]
    if mask is None:
        mask = torch.ones(states.shape[:2], device=states.device)
    weights = mask.to(states.dtype).unsqueeze(-1)
    mean: Tensor = (states * weights).sum(1) / weights.sum(1).clamp(min=1)
    return mean


def phrase_states(model: Any, phrases: Sequence[str]) -> Tensor:
    """Of each phrase its mean state, as `Space.texts` takes them: [phrases, language width]."""
    tokens = [model.words.encode(phrase) or model.words.encode(" ") for phrase in phrases]
    order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
    states = torch.empty(len(tokens), model.config.language_width, device=model.device, dtype=model.dtype)
    for begin in range(0, len(order), PHRASES_AT_ONCE):
        rows = order[begin : begin + PHRASES_AT_ONCE]
        longest = max(len(tokens[row]) for row in rows)
        padded = torch.zeros(len(rows), longest, dtype=torch.long, device=model.device)
        mask = torch.zeros_like(padded)
        for index, row in enumerate(rows):
            padded[index, : len(tokens[row])] = model.ids(tokens[row])
            mask[index, : len(tokens[row])] = 1
        states[rows] = states_of(model, model.embed(padded), mask)
    return states


def phrase_vectors(model: Any, phrases: Sequence[str]) -> Tensor:
    """Unit vectors of phrases: [phrases, width]."""
    vectors: Tensor = model.space.texts(phrase_states(model, phrases), phrases)
    return vectors


def _frame(model: Any) -> Tensor:
    embedded: Tensor = model.embed(model.ids(_frame_tokens(model.words))).unsqueeze(0)
    return embedded


@functools.lru_cache(maxsize=4)
def _frame_tokens(words: Any) -> tuple[int, ...]:
    return tuple(words.encode(FRAME))
