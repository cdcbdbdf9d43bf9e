"""Trains the ear: recordings become vectors of the shared space, whose pictures and texts stay as they are.

Multi-positive InfoNCE (Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020), both ways, between
recordings and captions, spoken ones and sounds alike, and at half weight between recordings and pictures.
As neither of the other sides moves, nothing of the stage before can be lost, and none of it is trained again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from workers.alignment.contrast import TEMPERATURE
from workers.alignment.hearing_material import SOUND, Rows, Stamped
from workers.omni.space import Head

RATE, WEIGHT_DECAY = 1.5e-3, 0.05
PICTURES = 0.5  # weight of the pictures' loss
SOUNDS = 0.12  # of a batch: there are few, and many descriptions
HEARD_SHARE = 0.8  # of a recording's tokens that its mean is taken over while training
CHECKPOINT = 50  # steps


@dataclass(frozen=True)
class Schooling:
    """What a person can choose of the training."""

    steps: int = 400
    batch: int = 256
    seed: int = 7


def new_ear(tower_width: int, hidden: int, width: int) -> Head:
    """Untrained, the same every time."""
    torch.manual_seed(6)
    return Head(tower_width, hidden, width).eval()


def vectors(ear: Head, rows: Rows) -> Tensor:
    """Unit vectors of recordings: [recordings, width]."""
    with torch.no_grad():
        return functional.normalize(ear(rows.heard.means()), dim=-1)


def school(
    ear: Head,
    rows: Rows,
    stamped: Stamped,
    chosen: Schooling,
    said: Callable[[str], None],
    checkpoint: Path | None = None,
) -> list[float]:
    """Train `ear` in place; the loss of each step. Goes on from `checkpoint` where that is there."""
    random = torch.Generator().manual_seed(chosen.seed)
    torch.manual_seed(chosen.seed)  # dropout
    optimiser = torch.optim.AdamW(ear.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    losses: list[float] = []
    if checkpoint is not None and checkpoint.is_file():
        kept = torch.load(checkpoint, weights_only=True)
        ear.load_state_dict(kept["ear"])
        optimiser.load_state_dict(kept["optimiser"])
        random.set_state(kept["random"])
        torch.set_rng_state(kept["dropout"])
        losses = kept["losses"]
        said(f"the ear goes on after step {len(losses)}")
    weight, mask = _weights(rows), rows.heard.mask
    number = {caption: index for index, caption in enumerate(dict.fromkeys(stamped.captions))}
    caption = torch.tensor([number[one] for one in stamped.captions])
    ear.requires_grad_(True).train()
    for step in range(len(losses), chosen.steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (0.02 + 0.98 * (1 + math.cos(math.pi * step / chosen.steps)) / 2)
        drawn = torch.multinomial(weight, chosen.batch, replacement=True, generator=random)
        kept_tokens = (torch.rand(chosen.batch, mask.shape[1], generator=random) < HEARD_SHARE).float()
        part = mask[drawn] * kept_tokens
        part = torch.where(part.sum(1, keepdim=True) > 0, part, mask[drawn]).unsqueeze(-1)
        means = (rows.heard.tokens[drawn].float() * part).sum(1) / part.sum(1)
        found = functional.normalize(ear(means), dim=-1)
        stamp = rows.stamp[drawn]
        loss = contrast(found, stamped.texts[stamp], _same(caption[stamp]))
        loss = loss + PICTURES * contrast(found, stamped.pictures[stamp], _same(stamped.groups[stamp]))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(ear.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        if len(losses) % CHECKPOINT == 0:
            late = sum(losses[-CHECKPOINT:]) / CHECKPOINT
            said(f"ear: step {len(losses)} of {chosen.steps}, loss {late:.3f}")
            if checkpoint is not None:
                state = {
                    "ear": ear.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "random": random.get_state(),
                    "dropout": torch.get_rng_state(),
                    "losses": losses,
                }
                partial = checkpoint.with_suffix(".partial")
                torch.save(state, partial)
                partial.replace(checkpoint)
    ear.requires_grad_(False).eval()
    return losses


def contrast(left: Tensor, right: Tensor, same: Tensor) -> Tensor:
    """Each row finds what is the same among the other side's rows, and they find it; nats."""
    near, wanted = left @ right.T / TEMPERATURE, same.float()
    there = -(near.log_softmax(1) * wanted).sum(1) / wanted.sum(1)
    back = -(near.log_softmax(0) * wanted).sum(0) / wanted.sum(0)
    return (there.mean() + back.mean()) / 2


def _same(numbers: Tensor) -> Tensor:
    return numbers[:, None] == numbers[None, :]


def _weights(rows: Rows) -> Tensor:
    """Each language as often as there are recordings of it; sounds more often."""
    sound = torch.tensor([one.language == SOUND for one in rows.recordings])
    weight = torch.where(sound, SOUNDS / max(1, int(sound.sum())), (1 - SOUNDS) / max(1, int((~sound).sum())))
    return weight.double()
