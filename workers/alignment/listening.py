"""Trains the sound connector: the language model learns to read what is heard, and stays as it is.

As the pictures' connector was trained (`workers.alignment.training`). *Warm-up*: the mean token of a
recording is drawn to the language model's own embeddings of the words of its label and caption, and away
from the others'. *Captions*: the locked language model, given question and sound, has to write
"<label>. <caption>", and the gradient reaches the connector through it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from omnigov.contracts import Interval, PolicySpec, Stage
from workers.alignment.hearing_material import Rows
from workers.alignment.training import (
    CAPTION_TOKENS,
    CAPTION_WEIGHT,
    NOT_SCORED,
    RATE,
    SMALLEST_RATE,
    TEMPERATURE,
    WARM_UP_RATE,
    WEIGHT_DECAY,
)
from workers.omni.hearing import Hearing
from workers.omni.model import OmniModel
from workers.omni.prompt import MarkSegment, Prompt, SoundSegment, build_prompt
from workers.omni.score import embedded, label_scores, read_media, read_question, repeated

WARM_UP_BATCH, BATCH = 64, 8
CHECKPOINT = 4  # steps
QUESTION = "What kind of thing is this recording about?"


@dataclass(frozen=True)
class Lessons:
    """What a person can choose of the training: steps of both parts, and the seed."""

    warm_up: int = 400
    captions: int = 200
    seed: int = 7


@dataclass(frozen=True)
class Learned:
    """The losses of each step, nats."""

    warm_up: list[float]
    captions: list[float]


def asked_about_sound(policy: PolicySpec) -> PolicySpec:
    """The policy's labels, asked of a recording."""
    return policy.model_copy(update={"question": QUESTION, "stage": Stage.AUDIO})


def hearing_of(model: OmniModel) -> Hearing:
    if model.hearing is None:
        raise ValueError(f"the model {model.config.name} does not hear")
    return model.hearing


def answers_of(model: OmniModel, policy: PolicySpec, rows: Rows) -> tuple[Tensor, list[Tensor]]:
    """Each recording's label, and the token ids of "label. caption" with the end of the turn."""
    prompt = build_prompt(policy, model.words)
    keys = [label.key for label in policy.labels]
    labels = torch.tensor([keys.index(one.stamp.kind) for one in rows.recordings])
    answers = []
    for one, label in zip(rows.recordings, labels.tolist(), strict=True):
        caption = model.words.encode(f" {one.stamp.caption}")[:CAPTION_TOKENS]
        answers.append(torch.tensor([*prompt.labels[label], *prompt.full_stop, *caption, model.words.end]))
    return labels, answers


def teach(
    model: OmniModel,
    policy: PolicySpec,
    rows: Rows,
    chosen: Lessons,
    said: Callable[[str], None],
    checkpoint: Path | None = None,
) -> Learned:
    """Train the sound connector in place. Goes on from `checkpoint` where that is there."""
    connector = hearing_of(model).connector
    model.requires_grad_(False)
    connector.requires_grad_(True)
    words = model.language.get_input_embeddings().weight
    size = words.float().pow(2).mean().sqrt().item()
    with torch.no_grad():
        connector.scale.weight.fill_(size)
        connector.marks.mul_(size / connector.marks.std())
    labels, answers = answers_of(model, policy, rows)
    random = torch.Generator().manual_seed(chosen.seed)
    torch.manual_seed(chosen.seed)  # dropout
    kept = (
        torch.load(checkpoint, weights_only=True) if checkpoint is not None and checkpoint.is_file() else None
    )
    warm = kept["warm_up"] if kept else _warm_up(model, policy, rows, labels, answers, chosen, random)
    if not kept:
        said(f"sound connector: warm-up from {warm[0]:.2f} to {warm[-1]:.2f} nats" if warm else "no warm-up")
    optimiser = torch.optim.AdamW(connector.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    losses: list[float] = []
    if kept:
        connector.load_state_dict(kept["connector"])
        optimiser.load_state_dict(kept["optimiser"])
        random.set_state(kept["random"])
        torch.set_rng_state(kept["dropout"])
        losses = kept["captions"]
        said(f"sound connector: goes on after step {len(losses)}")
    prompt = build_prompt(policy, model.words)
    question = read_question(model, prompt)
    weight = _weights(labels)
    connector.train()
    for step in range(len(losses), chosen.captions):
        turn = step / chosen.captions
        for group in optimiser.param_groups:
            group["lr"] = SMALLEST_RATE + (RATE - SMALLEST_RATE) * (1 + math.cos(math.pi * turn)) / 2
        drawn = _of_one_length(rows, weight, random)
        loss = answer_loss(model, rows.of(drawn), [answers[row] for row in drawn], prompt, question)
        _step(connector, optimiser, loss)
        losses.append(loss.item())
        if len(losses) % CHECKPOINT == 0:
            late = sum(losses[-CHECKPOINT:]) / CHECKPOINT
            said(f"sound connector: step {len(losses)} of {chosen.captions}, loss {late:.3f}")
            if checkpoint is not None:
                state = {
                    "connector": connector.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "random": random.get_state(),
                    "dropout": torch.get_rng_state(),
                    "warm_up": warm,
                    "captions": losses,
                }
                partial = checkpoint.with_suffix(".partial")
                torch.save(state, partial)
                partial.replace(checkpoint)
    connector.requires_grad_(False).eval()
    return Learned(warm, losses)


def _warm_up(
    model: OmniModel,
    policy: PolicySpec,
    rows: Rows,
    labels: Tensor,
    answers: Sequence[Tensor],
    chosen: Lessons,
    random: torch.Generator,
) -> list[float]:
    connector = hearing_of(model).connector
    words = model.language.get_input_embeddings().weight.detach()
    middle = words.mean(0)
    prompt = build_prompt(policy, model.words)
    of_label = torch.stack([words[list(label)].mean(0) for label in prompt.labels]) - middle
    of_caption = torch.stack([words[answer[:-1]].mean(0) for answer in answers]) - middle
    of_label, of_caption = functional.normalize(of_label, dim=-1), functional.normalize(of_caption, dim=-1)
    optimiser = torch.optim.AdamW(connector.parameters(), WARM_UP_RATE, weight_decay=WEIGHT_DECAY)
    weight, mask, losses = _weights(labels), rows.heard.mask.unsqueeze(-1), []
    connector.train()
    for _ in range(chosen.warm_up):
        drawn = torch.multinomial(weight, WARM_UP_BATCH, replacement=True, generator=random)
        longest = int(rows.heard.counts[drawn].max())
        heard, there = rows.heard.tokens[drawn, :longest].float(), mask[drawn, :longest]
        tokens = connector(heard)  # [batch, tokens, language width]
        mean = (tokens * there).sum(1) / there.sum(1)
        mean = functional.normalize(mean - middle, dim=-1)
        loss = functional.cross_entropy(mean @ of_label.T / TEMPERATURE, labels[drawn])
        near = mean @ of_caption[drawn].T / TEMPERATURE
        stamp = rows.stamp[drawn]
        other = ~torch.eye(len(drawn), dtype=torch.bool)
        near = near.masked_fill((stamp[:, None] == stamp[None, :]) & other, -math.inf)
        loss = loss + 0.5 * functional.cross_entropy(near, torch.arange(len(drawn)))
        _step(connector, optimiser, loss)
        losses.append(loss.item())
    return losses


def _weights(labels: Tensor) -> Tensor:
    """Rarer kinds more often: 1/√(recordings of the kind)."""
    count = torch.bincount(labels).double()
    return 1 / count[labels].sqrt()


def _of_one_length(rows: Rows, weight: Tensor, random: torch.Generator) -> list[int]:
    """A batch of recordings with as many tokens each, drawn by weight: so nothing has to be padded."""
    first = int(torch.multinomial(weight, 1, generator=random))
    alike = rows.heard.counts == rows.heard.counts[first]
    some = torch.multinomial(weight * alike, BATCH - 1, replacement=True, generator=random)
    return [first, *some.tolist()]


def prompt_of(prompt: Prompt, tokens: int) -> Prompt:
    """The prompt about one window of so many tokens, as `about` makes it."""
    sound = SoundSegment(tuple(Interval(start=160 * at, end=160 * (at + 1)) for at in range(tokens)))
    segments = (MarkSegment("begin"), sound, MarkSegment("end"))
    return Prompt(prompt.before, prompt.asked, prompt.after, prompt.labels, prompt.full_stop, segments)


def answer_loss(
    model: OmniModel, rows: Rows, answers: Sequence[Tensor], prompt: Prompt, question: object
) -> Tensor:
    """Cross-entropy in nats of the answers, given question and sound; all rows have as many tokens."""
    batch = len(rows)
    about = prompt_of(prompt, int(rows.heard.counts[0]))
    media = embedded(model, [about] * batch, None, rows.heard.tokens.float())
    given = pad_sequence([answer[:-1] for answer in answers], batch_first=True)
    wanted = pad_sequence(list(answers), batch_first=True, padding_value=NOT_SCORED)  # [batch, longest]
    after = model.embed(model.ids(prompt.after)).expand(batch, -1, -1)
    out = model.language(
        inputs_embeds=torch.cat([media, after, model.embed(given)], dim=1),
        past_key_values=repeated(question, batch),
        use_cache=True,
        logits_to_keep=wanted.shape[1],
    )
    loss = functional.cross_entropy(
        out.logits.float().transpose(1, 2), wanted, ignore_index=NOT_SCORED, reduction="none"
    )
    # The label's tokens end at the first full stop; the caption follows it.
    in_label = (wanted == prompt.full_stop[0]).cumsum(1) == 0
    in_caption = ~in_label & (wanted != NOT_SCORED)
    of_caption = (loss * in_caption).sum(1) / in_caption.sum(1)
    return ((loss * in_label).sum(1) + CAPTION_WEIGHT * of_caption).mean()


@torch.no_grad()
def scores_of(model: OmniModel, policy: PolicySpec, rows: Rows) -> Tensor:
    """log p(label | question, sound) in nats: [recordings, labels]."""
    prompt = build_prompt(policy, model.words)
    question = read_question(model, prompt)
    found = torch.zeros(len(rows), len(policy.labels))
    for tokens in sorted(set(rows.heard.counts.tolist())):
        members = (rows.heard.counts == tokens).nonzero()[:, 0].tolist()
        about = prompt_of(prompt, tokens)
        for begin in range(0, len(members), 16):
            some = members[begin : begin + 16]
            media = embedded(model, [about] * len(some), None, rows.heard.tokens[some].float())
            found[some] = label_scores(model, read_media(model, media, about, question), about)
    return found


def _step(connector: torch.nn.Module, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(connector.parameters(), 1.0)
    optimiser.step()
