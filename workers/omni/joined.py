"""A label's joined score: how likely its words are beyond their usual, and how near it lies in the space.

joined = w₁ × (log p(label and its end | question, medium) − prior) + w₂ × cos(medium, label)

The prior is the label's mean log-probability over the reference pictures of the space, or over some plain
sentences where the medium is text: what the words are worth whatever is shown. The end makes a label that
begins another a label of its own. Both weights lie in the space's file. Scoring and attribution add up the
same two parts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from omnigov.contracts import Label, PolicySpec
from workers.omni.dictionary import english_for, meaning
from workers.omni.model import OmniModel
from workers.omni.prompt import FRAME, Prompt, TextSegment
from workers.omni.score import embedded, label_scores, read_media, read_question
from workers.omni.space import JAPANESE, Space, phrase_vectors, states_of

MOST_ENGLISH = 3  # words that a Japanese label is looked up as
NEUTRAL = (
    "The meeting is on Tuesday at ten.",
    "Please find the list below.",
    "It was a quiet day, and nothing more was said about it.",
    "Number 4, page 2.",
    "Thank you for your message; we will answer soon.",
    "This is the first line of the text.",
)
"""Sentences about nothing much, for the prior of media with text."""


@dataclass(frozen=True)
class Joined:
    """Scores [media, labels] and what they were joined from, in nats and as cosines."""

    scores: Tensor
    likelihood: Tensor
    prior: Tensor  # [labels]
    similarity: Tensor


def space_of(model: OmniModel) -> Space:
    if model.space is None:
        raise ValueError(f"the model {model.config.name} has no shared space")
    return model.space


def with_ends(prompt: Prompt) -> Prompt:
    """The prompt whose labels end with the full stop that the connector learned to write after them."""
    return replace(prompt, labels=tuple((*label, *prompt.full_stop) for label in prompt.labels))


def joined(
    model: OmniModel, prompt: Prompt, policy: PolicySpec, likelihood: Tensor, medium: Tensor
) -> Joined:
    """Likelihoods [media, labels] of labels with ends, and media's vectors [media, width], as one."""
    config = space_of(model).config
    prior = prior_of(model, prompt)
    similarity = similarities(model, policy, medium)
    scores = config.likelihood * (likelihood - prior) + config.similarity * similarity
    return Joined(scores, likelihood, prior, similarity)


def similarities(model: OmniModel, policy: PolicySpec, medium: Tensor) -> Tensor:
    """cos(medium, label): [media, width] -> [media, labels]. Differentiable in the media."""
    near: Tensor = medium.float() @ label_vectors(model, policy.labels).T
    return near


def medium_vector(model: OmniModel, patches: Tensor | None, texts: Tensor | None) -> Tensor:
    """Unit vectors of media: [batch, width].

    `patches` [batch, pages, grid², tower width] are the tower's, `texts` [batch, tokens, language width] the
    embedded text. Pages and text count alike. Differentiable in both; of neither it is zeros.
    """
    space = space_of(model)
    parts = []
    if patches is not None:
        parts += [space.pictures(page) for page in patches.unbind(1)]
    if texts is not None:
        parts.append(space.texts(states_of(model, texts)))
    if not parts:
        return torch.zeros(1, space.config.width, device=model.device, dtype=model.dtype)
    return functional.normalize(torch.stack(parts).mean(0), dim=-1)


def vectors_of(model: OmniModel, prompts: Sequence[Prompt], patches: Tensor | None) -> Tensor:
    """As `medium_vector`, of prompts of one shape; `patches` [all pages, grid², tower width]."""
    pages = prompts[0].pages
    shown = None if patches is None else patches.view(len(prompts), pages, *patches.shape[1:])
    texts = None
    if prompts[0].text is not None:
        texts = model.embed(torch.stack([model.ids(one.text.tokens) for one in prompts if one.text]))
    found = medium_vector(model, shown, texts)
    return found.expand(len(prompts), -1)


@functools.lru_cache(maxsize=32)
def label_vectors(model: OmniModel, labels: tuple[Label, ...]) -> Tensor:
    """Unit vectors of labels, each of its words, their synonyms and what they mean: [labels, width]."""
    with torch.inference_mode(False), torch.no_grad():
        vectors = []
        for label in labels:
            parts = [[phrase] for phrase in phrases_of(label)]
            for phrase in english_of(label):
                if found := meaning(phrase):
                    parts += [list(found.synonyms)] if found.synonyms else []
                    parts += [[found.gloss]] if found.gloss else []
            units = [functional.normalize(phrase_vectors(model, some).mean(0), dim=-1) for some in parts]
            vectors.append(functional.normalize(torch.stack(units).mean(0), dim=-1))
        return torch.stack(vectors).float()


def phrases_of(label: Label) -> tuple[str, ...]:
    """What a label is called: its phrase; a Japanese one by its names and in English too."""
    if not JAPANESE.search(label.phrase):
        return (label.phrase,)
    return tuple(dict.fromkeys((label.phrase, label.name_ja, *english_of(label))))


def english_of(label: Label) -> tuple[str, ...]:
    """The label in English: as it is, by its English name, or as the dictionary has it; else nothing."""
    if not JAPANESE.search(label.phrase):
        return (label.phrase,)
    if label.name_en and not JAPANESE.search(label.name_en):
        return (label.name_en.lower(),)
    for name in (label.phrase, label.name_ja):
        if found := english_for(name):
            return found[:MOST_ENGLISH]
    return ()


@functools.lru_cache(maxsize=32)
def _prior(
    model: OmniModel,
    before: tuple[int, ...],
    after: tuple[int, ...],
    labels: tuple[tuple[int, ...], ...],
    full_stop: tuple[int, ...],
    of_text: bool,
) -> Tensor:
    """Mean log p(label and its end) over the references: [labels]."""
    prompt = Prompt(before, slice(0), after, labels, full_stop)
    with torch.inference_mode(False), torch.no_grad():
        ended = with_ends(prompt)
        if not of_text:
            references = space_of(model).references.to(model.dtype)
            read = read_media(model, references, ended, read_question(model, ended))
            return label_scores(model, read, ended).mean(0)
        scores = []
        for sentence in NEUTRAL:
            segments = tuple(
                TextSegment(tuple(model.words.encode(part))) for part in (FRAME[0], sentence, FRAME[1])
            )
            about = replace(ended, segments=segments)
            read = read_media(model, embedded(model, [about], None), about, read_question(model, about))
            scores.append(label_scores(model, read, about)[0])
        return torch.stack(scores).mean(0)


def prior_of(model: OmniModel, prompt: Prompt) -> Tensor:
    """The prior of media like this one, computed once a policy; with text it is that of sentences."""
    of_text = prompt.text is not None
    return _prior(model, prompt.before, prompt.after, prompt.labels, prompt.full_stop, of_text)


def doubled(labels: Sequence[Label]) -> str:
    """The phrase that two labels share, whatever their case and spaces are; "" where none do."""
    seen: set[str] = set()
    for label in labels:
        plain = re.sub(r"\s+", " ", label.phrase).strip().casefold()
        if plain in seen:
            return label.phrase
        seen.add(plain)
    return ""
