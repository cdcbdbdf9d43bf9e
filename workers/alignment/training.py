"""Progressive alignment, stage image_text: the connector learns, the tower and the language model stay.

Two parts. *Warm-up*: the mean picture embedding is drawn to the language model's own embeddings of the
label's word and of the caption's words, and away from the others' (contrastive, as in LiT: Zhai et al.,
"LiT: Zero-Shot Transfer with Locked-image Text Tuning", CVPR 2022, with the text side locked too); this
needs no language model and takes seconds. *Captions*: the frozen language model, given question and
picture, has to write "<label>. <caption>", and the gradient reaches the connector through it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from omnigov.contracts import PolicySpec
from workers.alignment.stamps import Stamp
from workers.omni.model import OmniModel
from workers.omni.prompt import Prompt, build_prompt
from workers.omni.score import label_scores, read_pictures, read_question, repeated

CAPTION_TOKENS = 24
CAPTION_WEIGHT = 0.5  # of the caption's mean loss a token, beside the label's
TEMPERATURE = 0.07
WARM_UP_RATE, RATE, SMALLEST_RATE = 1e-3, 5e-4, 2e-5
WEIGHT_DECAY = 0.05
NOT_SCORED = -100


@dataclass(frozen=True)
class Recipe:
    """What a person can choose of a training."""

    epochs: int = 8
    warm_up: int = 6
    seed: int = 7
    batch: int = 16


@dataclass(frozen=True)
class Examples:
    """Features [views, stamps, grid², tower width] with each stamp's label and the answer to learn."""

    features: Tensor
    labels: Tensor  # [stamps]
    answers: tuple[Tensor, ...]  # label. caption <|im_end|>, token ids

    def __len__(self) -> int:
        return len(self.answers)


@dataclass(frozen=True)
class Measured:
    """On pictures that were held out: the loss as trained on, and which label was found likeliest."""

    loss: float
    label_loss: float
    predicted: tuple[int, ...]
    scores: Tensor  # [stamps, labels]


Said = Callable[[str], None]


def make_examples(
    model: OmniModel, policy: PolicySpec, stamps: Sequence[Stamp], features: Tensor
) -> Examples:
    """Features with the words to learn. `features` is [stamps, …] or [views, stamps, …]."""
    prompt = build_prompt(policy, model.words)
    keys = [label.key for label in policy.labels]
    labels = [keys.index(stamp.kind) for stamp in stamps]
    answers = []
    for stamp, label in zip(stamps, labels, strict=True):
        caption = model.words.encode(f" {stamp.caption}")[:CAPTION_TOKENS]
        answers.append(torch.tensor([*prompt.labels[label], *prompt.full_stop, *caption, model.words.end]))
    if features.dim() == 3:
        features = features.unsqueeze(0)
    return Examples(features, torch.tensor(labels), tuple(answers))


def prepare_connector(model: OmniModel) -> None:
    """Unlock the connector alone, and give its output the size of the language model's embeddings."""
    model.requires_grad_(False)
    model.connector.requires_grad_(True)
    embeddings = model.language.get_input_embeddings().weight
    with torch.no_grad():
        model.connector.scale.weight.fill_(embeddings.float().pow(2).mean().sqrt().item())


def warm_up(model: OmniModel, policy: PolicySpec, examples: Examples, recipe: Recipe, said: Said) -> None:
    """Draw pictures to the embeddings of their words; changes the connector in place."""
    words = model.language.get_input_embeddings().weight.detach()
    middle = words.mean(0)
    prompt = build_prompt(policy, model.words)
    of_label = (
        torch.stack([words[list(label)].mean(0) for label in prompt.labels]) - middle
    )  # [labels, width]
    of_caption = torch.stack([words[answer[:-1]].mean(0) for answer in examples.answers]) - middle
    of_label, of_caption = functional.normalize(of_label, dim=-1), functional.normalize(of_caption, dim=-1)
    random = torch.Generator().manual_seed(recipe.seed)
    optimiser = torch.optim.AdamW(model.connector.parameters(), WARM_UP_RATE, weight_decay=WEIGHT_DECAY)
    model.connector.train()
    for epoch in range(recipe.warm_up):
        total, seen = 0.0, 0
        for _ in range(examples.features.shape[0]):
            for rows in _blocks(_draw(examples, random), 4 * recipe.batch):
                view = torch.randint(examples.features.shape[0], (len(rows),), generator=random)
                picture = model.connector(examples.features[view, rows].float()).mean(1)  # [batch, width]
                picture = functional.normalize(picture - middle, dim=-1)
                loss = functional.cross_entropy(picture @ of_label.T / TEMPERATURE, examples.labels[rows])
                loss = loss + 0.5 * _contrast(picture, of_caption[rows], rows)
                _step(model, optimiser, loss)
                total, seen = total + loss.item() * len(rows), seen + len(rows)
        said(f"warm-up {epoch + 1} of {recipe.warm_up}: loss {total / seen:.3f}")
    model.connector.eval()


def _contrast(picture: Tensor, caption: Tensor, rows: Tensor) -> Tensor:
    """Each picture finds its own caption among the batch's; a stamp that was drawn twice counts as itself."""
    near = picture @ caption.T / TEMPERATURE  # [batch, batch]
    same = (rows[:, None] == rows[None, :]) & ~torch.eye(len(rows), dtype=torch.bool)
    return functional.cross_entropy(near.masked_fill(same, -math.inf), torch.arange(len(rows)))


def _draw(examples: Examples, random: torch.Generator) -> Tensor:
    """As many stamps as there are, with replacement, rarer kinds more often: 1/√(pictures of the kind)."""
    count = Counter(examples.labels.tolist())
    weight = torch.tensor([1 / math.sqrt(count[label]) for label in examples.labels.tolist()])
    return torch.multinomial(weight, len(examples), replacement=True, generator=random)


def _blocks(rows: Tensor, size: int) -> list[Tensor]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def _step(model: OmniModel, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.connector.parameters(), 1.0)
    optimiser.step()


def train(
    model: OmniModel,
    policy: PolicySpec,
    examples: Examples,
    held_out: Examples,
    recipe: Recipe,
    checkpoint: Path | None,
    said: Said,
) -> list[Measured]:
    """Train the connector in place; returns what was measured on the held-out pictures after each epoch.

    After each epoch everything that is needed to go on is written to `checkpoint`; where that file is
    there already the training goes on from it.
    """
    prepare_connector(model)
    optimiser = torch.optim.AdamW(model.connector.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    measured: list[Measured] = []
    done = 0
    random = torch.Generator().manual_seed(recipe.seed + 1)
    torch.manual_seed(recipe.seed)  # dropout
    if checkpoint is not None and checkpoint.is_file():
        kept = torch.load(checkpoint, weights_only=True)
        model.connector.load_state_dict(kept["connector"])
        optimiser.load_state_dict(kept["optimiser"])
        random.set_state(kept["random"])
        torch.set_rng_state(kept["dropout"])
        done = kept["epoch"]
        said(f"goes on after epoch {done}")
    else:
        warm_up(model, policy, examples, recipe, said)
    prompt = build_prompt(policy, model.words)
    question = read_question(model, prompt)
    for epoch in range(done, recipe.epochs):
        loss = _epoch(model, examples, prompt, question, optimiser, random, recipe, epoch, said)
        measured.append(measure(model, policy, held_out))
        right = sum(p == q for p, q in zip(measured[-1].predicted, held_out.labels.tolist(), strict=True))
        said(
            f"epoch {epoch + 1} of {recipe.epochs}: loss {loss:.3f}, held out {measured[-1].loss:.3f}, "
            f"label right {right}/{len(held_out)}"
        )
        if checkpoint is not None:
            state = {
                "connector": model.connector.state_dict(),
                "optimiser": optimiser.state_dict(),
                "random": random.get_state(),
                "dropout": torch.get_rng_state(),
                "epoch": epoch + 1,
            }
            partial = checkpoint.with_suffix(".partial")
            torch.save(state, partial)
            partial.replace(checkpoint)
    return measured


def _epoch(
    model: OmniModel,
    examples: Examples,
    prompt: Prompt,
    question: object,
    optimiser: torch.optim.Optimizer,
    random: torch.Generator,
    recipe: Recipe,
    epoch: int,
    said: Said,
) -> float:
    model.connector.train()
    batches = _batches(examples, recipe.batch, random)
    total = 0.0
    for index, rows in enumerate(batches):
        turn = (epoch + index / len(batches)) / recipe.epochs
        for group in optimiser.param_groups:
            group["lr"] = SMALLEST_RATE + (RATE - SMALLEST_RATE) * (1 + math.cos(math.pi * turn)) / 2
        view = torch.randint(examples.features.shape[0], (len(rows),), generator=random)
        features = examples.features[view, rows].float()
        loss = answer_loss(
            model, features, [examples.answers[row] for row in rows.tolist()], prompt, question
        )[0]
        _step(model, optimiser, loss)
        total += loss.item()
        if index % 10 == 9:
            said(f"  {index + 1}/{len(batches)} batches, loss {total / (index + 1):.3f}")
    model.connector.eval()
    return total / len(batches)


def _batches(examples: Examples, size: int, random: torch.Generator) -> list[Tensor]:
    """Batches of answers of about one length, in random order, so that little is padding."""
    drawn = _draw(examples, random).tolist()
    drawn.sort(key=lambda row: len(examples.answers[row]))
    batches = [torch.tensor(drawn[i : i + size]) for i in range(0, len(drawn), size)]
    return [batches[i] for i in torch.randperm(len(batches), generator=random).tolist()]


def answer_loss(
    model: OmniModel, features: Tensor, answers: Sequence[Tensor], prompt: Prompt, question: object
) -> tuple[Tensor, Tensor]:
    """Cross-entropy in nats of the answers, given question and picture: (as trained on, of the label alone).

    `features` is [batch, grid², tower width]; `question` comes from `read_question`.
    """
    batch = features.shape[0]
    given = pad_sequence([answer[:-1] for answer in answers], batch_first=True)  # [batch, longest − 1]
    wanted = pad_sequence(list(answers), batch_first=True, padding_value=NOT_SCORED)  # [batch, longest]
    after = model.embed(model.ids(prompt.after)).expand(batch, -1, -1)
    inputs = torch.cat([model.connector(features), after, model.embed(given)], dim=1)
    cache = repeated(question, batch)
    out = model.language(
        inputs_embeds=inputs, past_key_values=cache, use_cache=True, logits_to_keep=wanted.shape[1]
    )
    token_loss = functional.cross_entropy(
        out.logits.float().transpose(1, 2), wanted, ignore_index=NOT_SCORED, reduction="none"
    )  # [batch, longest]
    # The label's tokens end at the first full stop; the caption follows it.
    full_stop = torch.tensor(prompt.full_stop[0])
    in_label = (wanted == full_stop).cumsum(1) == 0
    in_caption = ~in_label & (wanted != NOT_SCORED)
    of_label = (token_loss * in_label).sum(1)
    of_caption = (token_loss * in_caption).sum(1) / in_caption.sum(1)
    return (of_label + CAPTION_WEIGHT * of_caption).mean(), of_label.mean()


@torch.no_grad()
def measure(model: OmniModel, policy: PolicySpec, examples: Examples, batch: int = 16) -> Measured:
    """Loss and likeliest labels over the first view of each stamp."""
    prompt = build_prompt(policy, model.words)
    question = read_question(model, prompt)
    losses, label_losses, scores = [], [], []
    for rows in _blocks(torch.arange(len(examples)), batch):
        features = examples.features[0, rows].to(model.dtype)
        answers = [examples.answers[row] for row in rows.tolist()]
        loss, label_loss = answer_loss(model, features, answers, prompt, question)
        losses.append(loss.item() * len(rows))
        label_losses.append(label_loss.item() * len(rows))
        scores.append(label_scores(model, read_pictures(model, features, prompt, question), prompt))
    together = torch.cat(scores)
    return Measured(
        loss=sum(losses) / len(examples),
        label_loss=sum(label_losses) / len(examples),
        predicted=tuple(together.argmax(1).tolist()),
        scores=together,
    )
