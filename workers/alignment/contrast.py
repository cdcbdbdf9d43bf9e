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
SHARES = {"stamps": 0.5, "clip_art": 0.3, "emoji": 0.2}  # of a batch
COMMON = 0.5  # power of how often a text is there, by which it is drawn more rarely
MEANING, JAPANESE = 0.5, 0.5  # weights beside the pictures' loss


@dataclass(frozen=True)
class Schooling:
    """What a person can choose of the training."""

    steps: int = 450
    batch: int = 512
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
        phrases = material.phrases
        self.named = _table(phrases.of_pictures, len(phrases.all))
        self.named_japanese = _table(phrases.japanese, len(phrases.all))
        count = self.named.sum(0)
        self.texts = _Texts(phrases.of_pictures, count)
        self.japanese = _Texts(phrases.japanese, torch.ones(len(phrases.all)))
        of_source = {source: material.sources.count(source) for source in set(material.sources)}
        share = torch.tensor([SHARES.get(source, 0) / of_source[source] for source in material.sources])
        self.weight = share * self.texts.rarity
        self.with_japanese = torch.tensor([float(bool(texts)) for texts in phrases.japanese])
        self.pairs = torch.tensor(phrases.meanings).view(-1, 2)

    def pictures(self, size: int) -> tuple[Tensor, Tensor]:
        """Pictures and one text of each."""
        rows = torch.multinomial(self.weight, size, replacement=True, generator=self.random)
        return rows, self.texts.one_each(rows, self.random)

    def in_japanese(self, size: int) -> tuple[Tensor, Tensor]:
        rows = torch.multinomial(self.with_japanese, size, replacement=True, generator=self.random)
        return rows, self.japanese.one_each(rows, self.random)

    def meanings(self, size: int) -> tuple[Tensor, Tensor]:
        picked = self.pairs[torch.randint(len(self.pairs), (size,), generator=self.random)]
        return picked[:, 0], picked[:, 1]


class _Texts:
    """Of each picture its texts, to draw one: a text that many pictures have is drawn more rarely."""

    def __init__(self, of_pictures: Sequence[Sequence[int]], count: Tensor) -> None:
        most = max((len(texts) for texts in of_pictures), default=0) or 1
        self.numbers = torch.zeros(len(of_pictures), most, dtype=torch.long)
        weight = torch.zeros(len(of_pictures), most)
        for row, texts in enumerate(of_pictures):
            if texts:
                self.numbers[row, : len(texts)] = torch.tensor(texts)
                weight[row, : len(texts)] = count[torch.tensor(texts)].clamp(min=1) ** -COMMON
        self.rarity = weight.sum(1) / (weight > 0).sum(1).clamp(min=1)  # nought without a text
        self.up_to = weight.cumsum(1)

    def one_each(self, rows: Tensor, random: torch.Generator) -> Tensor:
        up_to = self.up_to[rows]
        at = torch.rand(len(rows), 1, generator=random) * up_to[:, -1:]
        column = (up_to <= at).sum(1).clamp(max=up_to.shape[1] - 1)
        return self.numbers[rows, column]


def _table(of_pictures: Sequence[Sequence[int]], phrases: int) -> Tensor:
    """Which picture may be called what: [pictures, phrases]."""
    table = torch.zeros(len(of_pictures), phrases, dtype=torch.bool)
    for row, texts in enumerate(of_pictures):
        table[row, torch.tensor(texts, dtype=torch.long)] = True
    return table


def _loss(space: Space, material: Material, draws: _Draws, batch: int) -> Tensor:
    rows, texts = draws.pictures(batch)
    # A text that another picture of the batch may be called too counts for it as well.
    shared = draws.named[rows][:, texts]
    loss = _contrast(_pictures(space, material, rows, draws), _texts(space, material, texts), shared)

    left, right = draws.meanings(batch // 2)
    same = (left[:, None] == left) | (right[:, None] == right)
    loss = loss + MEANING * _contrast(_texts(space, material, left), _texts(space, material, right), same)

    if draws.with_japanese.any():
        rows, texts = draws.in_japanese(batch // 3)
        shared = draws.named_japanese[rows][:, texts]
        pictures = _pictures(space, material, rows, draws)
        loss = loss + JAPANESE * _contrast(pictures, _texts(space, material, texts), shared)
    return loss


def _pictures(space: Space, material: Material, rows: Tensor, draws: _Draws) -> Tensor:
    view = torch.randint(material.features.shape[0], (len(rows),), generator=draws.random)
    return space.pictures(material.features[view, rows].float())


def _texts(space: Space, material: Material, numbers: Tensor) -> Tensor:
    states = material.states[numbers].float()
    return space.texts(states, [material.phrases.all[number] for number in numbers.tolist()])


def _contrast(left: Tensor, right: Tensor, same: Tensor) -> Tensor:
    near = left @ right.T / TEMPERATURE  # [batch, batch]
    wanted = same.float()
    there = -(near.log_softmax(1) * wanted).sum(1) / wanted.sum(1).clamp(min=1)
    back = -(near.log_softmax(0) * wanted).sum(0) / wanted.sum(0).clamp(min=1)
    return (there.mean() + back.mean()) / 2
