"""Trains the shared space's heads: each picture finds its own texts among the batch's, and they find it.

Multi-positive InfoNCE (Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020) between pictures and
texts; beside it, at half weight each, a noun with its meaning, and Japanese with English. Tower, language
model and connector stay as they are, so that nothing of the stage before is lost; the heads are the only
thing that is trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from workers.alignment.phrases import Phrases
from workers.omni.space import Space

RATE, WEIGHT_DECAY = 1.5e-3, 0.05
TEMPERATURE = 0.05
SHARES = {"stamps": 0.45, "clip_art": 0.35, "emoji": 0.2}  # of a batch
MEANING, JAPANESE = 0.5, 0.5  # weights beside the pictures' loss


@dataclass(frozen=True)
class Schooling:
    """What a person can choose of the training."""

    steps: int = 450
    batch: int = 384
    seed: int = 7


@dataclass(frozen=True)
class Material:
    features: Tensor  # [views, pictures, tower width]
    sources: tuple[str, ...]  # of each picture
    states: Tensor  # [phrases, language width]
    phrases: Phrases


def school(
    space: Space,
    material: Material,
    chosen: Schooling,
    said: Callable[[str], None],
    checkpoint: Path | None = None,
) -> list[float]:
    """Train `space` in place; the loss of each step. Goes on from `checkpoint` where that is there."""
    random = torch.Generator().manual_seed(chosen.seed)
    torch.manual_seed(chosen.seed)  # dropout
    optimiser = torch.optim.AdamW(space.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    losses: list[float] = []
    if checkpoint is not None and checkpoint.is_file():
        kept = torch.load(checkpoint, weights_only=True)
        space.load_state_dict(kept["space"])
        optimiser.load_state_dict(kept["optimiser"])
        random.set_state(kept["random"])
        torch.set_rng_state(kept["dropout"])
        losses = kept["losses"]
        said(f"goes on after step {len(losses)}")
    space.requires_grad_(True).train()
    draws = _Draws(material, random)
    for step in range(len(losses), chosen.steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (0.02 + 0.98 * (1 + math.cos(math.pi * step / chosen.steps)) / 2)
        loss = _loss(space, material, draws, chosen.batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(space.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        if step % 50 == 49:
            said(f"step {step + 1} of {chosen.steps}: loss {sum(losses[-50:]) / 50:.3f}")
            if checkpoint is not None:
                _keep(checkpoint, space, optimiser, random, losses)
    space.requires_grad_(False).eval()
    return losses


def _keep(
    checkpoint: Path,
    space: Space,
    optimiser: torch.optim.Optimizer,
    random: torch.Generator,
    losses: list[float],
) -> None:
    state = {
        "space": space.state_dict(),
        "optimiser": optimiser.state_dict(),
        "random": random.get_state(),
        "dropout": torch.get_rng_state(),
        "losses": losses,
    }
    partial = checkpoint.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(checkpoint)


class _Draws:
    """Pictures with one of their texts each, by source, the texts that are common more rarely."""

    def __init__(self, material: Material, random: torch.Generator) -> None:
        self.random = random
        self.material = material
        count: dict[int, int] = {}
        for texts in material.phrases.of_pictures:
            for text in texts:
                count[text] = count.get(text, 0) + 1
        weight = []
        for source, texts in zip(material.sources, material.phrases.of_pictures, strict=True):
            share = SHARES.get(source, 0) / max(1, material.sources.count(source))
            weight.append(
                share * (sum(1 / math.sqrt(count[t]) for t in texts) / len(texts)) if texts else 0.0
            )
        self.weight = torch.tensor(weight)
        self.count = count
        self.text_sets = [frozenset(texts) for texts in material.phrases.of_pictures]
        self.with_japanese = torch.tensor([i for i, texts in enumerate(material.phrases.japanese) if texts])

    def pictures(self, size: int) -> tuple[list[int], list[int]]:
        rows = torch.multinomial(self.weight, size, replacement=True, generator=self.random).tolist()
        return rows, [self._one(self.material.phrases.of_pictures[row]) for row in rows]

    def japanese(self, size: int) -> tuple[list[int], list[int]]:
        picked = torch.randint(len(self.with_japanese), (size,), generator=self.random)
        rows = self.with_japanese[picked].tolist()
        return rows, [self._any(self.material.phrases.japanese[row]) for row in rows]

    def meanings(self, size: int) -> list[tuple[int, int]]:
        pairs = self.material.phrases.meanings
        picked = torch.randint(len(pairs), (size,), generator=self.random).tolist()
        return [pairs[index] for index in picked]

    def _one(self, texts: Sequence[int]) -> int:
        weight = torch.tensor([1 / math.sqrt(self.count[text]) for text in texts])
        return texts[int(torch.multinomial(weight, 1, generator=self.random))]

    def _any(self, texts: Sequence[int]) -> int:
        return texts[int(torch.randint(len(texts), (1,), generator=self.random))]


def _loss(space: Space, material: Material, draws: _Draws, batch: int) -> Tensor:
    rows, texts = draws.pictures(batch)
    view = torch.randint(material.features.shape[0], (batch,), generator=draws.random)
    pictures = space.pictures(material.features[view, torch.tensor(rows)].float())
    # A text that another picture of the batch may be called too counts for it as well.
    shared = torch.tensor([[text in draws.text_sets[row] for text in texts] for row in rows])
    loss = _contrast(pictures, _texts(space, material, texts), shared)

    pairs = draws.meanings(batch // 2)
    left, right = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    same = torch.tensor([[a == b for b in left] for a in left]) | torch.tensor(
        [[a == b for b in right] for a in right]
    )
    loss = loss + MEANING * _contrast(_texts(space, material, left), _texts(space, material, right), same)

    if len(draws.with_japanese):
        rows, texts = draws.japanese(batch // 3)
        view = torch.randint(material.features.shape[0], (len(rows),), generator=draws.random)
        pictures = space.pictures(material.features[view, torch.tensor(rows)].float())
        japanese = [frozenset(material.phrases.japanese[row]) for row in rows]
        shared = torch.tensor([[text in some for text in texts] for some in japanese])
        loss = loss + JAPANESE * _contrast(pictures, _texts(space, material, texts), shared)
    return loss


def _texts(space: Space, material: Material, numbers: Sequence[int]) -> Tensor:
    states = material.states[torch.tensor(numbers)].float()
    return space.texts(states, [material.phrases.all[number] for number in numbers])


def _contrast(left: Tensor, right: Tensor, same: Tensor) -> Tensor:
    near = left @ right.T / TEMPERATURE  # [batch, batch]
    wanted = same.float()
    there = -(near.log_softmax(1) * wanted).sum(1) / wanted.sum(1).clamp(min=1)
    back = -(near.log_softmax(0) * wanted).sum(0) / wanted.sum(0).clamp(min=1)
    return (there.mean() + back.mean()) / 2
