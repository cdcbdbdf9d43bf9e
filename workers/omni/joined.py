"""A label's joined score: how likely its words are beyond their usual, and how near it lies in the space.

joined = w₁ × (log p(label and its end | question, picture) − prior) + w₂ × cos(picture, label)

The prior is the label's mean log-probability over the reference pictures of the space: what the words are
worth whatever is shown. The end makes a label that begins another a label of its own. Both weights lie in the
space's file. Scoring and attribution add up the same two parts.

So are scored *open* labels of a lone picture. The space was trained on pictures of things and on phrases:
neither pages of documents, nor texts, sound or the frames of clips were ever measured in it, and labels whose
words the connector itself learned are told apart as well without it. Theirs is the likelihood alone.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import math
import os
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from omnigov.contracts import Label, PolicySpec
from workers.omni.dictionary import english_for, meaning
from workers.omni.model import OmniModel
from workers.omni.prompt import PICTURE, Prompt
from workers.omni.score import label_scores, read_media, read_question
from workers.omni.space import JAPANESE, Space, phrase_vectors

MOST_ENGLISH = 3  # words that a Japanese label is looked up as


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


def joins(model: OmniModel, prompt: Prompt, policy: PolicySpec) -> bool:
    """Whether labels are scored by similarity too: open ones, of a lone picture, where there is a space."""
    if model.space is None or prompt.segments != PICTURE:
        return False
    learned = set(model.space.config.learned)
    return not all(label.phrase.strip().casefold() in learned for label in policy.labels)


def with_ends(prompt: Prompt) -> Prompt:
    """The prompt whose labels end with the full stop that the connector learned to write after them."""
    return replace(prompt, labels=tuple((*label, *prompt.full_stop) for label in prompt.labels))


def joined(
    model: OmniModel, prompt: Prompt, policy: PolicySpec, likelihood: Tensor, patches: Tensor
) -> Joined:
    """Likelihoods [media, labels] of labels with ends, and the tower's patches of the pictures, as one."""
    config = space_of(model).config
    prior = prior_of(model, prompt)
    similarity = similarities(model, policy, patches)
    scores = config.likelihood * (likelihood - prior) + config.similarity * similarity
    return Joined(scores, likelihood, prior, similarity)


def similarities(model: OmniModel, policy: PolicySpec, patches: Tensor) -> Tensor:
    """cos(picture, label): the tower's patches [media, grid², width] -> [media, labels]. Differentiable."""
    near: Tensor = space_of(model).pictures(patches).float() @ label_vectors(model, policy.labels).T
    return near


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
) -> Tensor:
    """As `prior_of`. Kept on disk where the model has a place for it: it takes some seconds."""
    told = [before, after, labels, full_stop, model.device.type, str(model.dtype)]
    key = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    file = model.kept / f"{key}.json" if model.kept else None
    found = _read(file, len(labels)) if file else None
    if found is None:
        ended = with_ends(Prompt(before, slice(0), after, labels, full_stop))
        with torch.inference_mode(False), torch.no_grad():
            references = space_of(model).references.to(model.dtype)
            read = read_media(model, references, ended, read_question(model, ended))
            found = label_scores(model, read, ended).mean(0).tolist()
        if file is not None:
            _write(file, found)
    return torch.tensor(found, device=model.device)


def _read(file: Path, labels: int) -> list[float] | None:
    # A file that can't be read, or was cut short, is computed and written again.
    with contextlib.suppress(OSError, ValueError, TypeError):
        stored = [float(each) for each in json.loads(file.read_text())]
        if len(stored) == labels and all(map(math.isfinite, stored)):
            return stored
    return None


def _write(file: Path, found: Sequence[float]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(f".{uuid.uuid4().hex}")  # two workers may be at it at once
    beside.write_text(json.dumps(found))
    os.replace(beside, file)


def prior_of(model: OmniModel, prompt: Prompt) -> Tensor:
    """Mean log p(label and its end) over the space's reference pictures, whatever the medium is: [labels]."""
    return _prior(model, prompt.before, prompt.after, prompt.labels, prompt.full_stop)


def doubled(labels: Sequence[Label]) -> str:
    """The phrase that two labels share, whatever their case and spaces are; "" where none do."""
    seen: set[str] = set()
    for label in labels:
        plain = re.sub(r"\s+", " ", label.phrase).strip().casefold()
        if plain in seen:
            return label.phrase
        seen.add(plain)
    return ""
