"""The score that is explained, as a function of embedded segments: question, pages, frames, sound, text.

Everything else is held. The labels follow one prompt side by side: none sees another, and the prompt is
computed once for all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from omnigov.contracts import Label, PolicySpec
from workers.attribution.parts import ground_of
from workers.omni.hearing import Hearing
from workers.omni.joined import joins, prior_of, similarities, with_ends
from workers.omni.model import PIXEL_MEAN, OmniModel
from workers.omni.prompt import MarkSegment, PageSegment, Prompt, SoundSegment
from workers.omni.score import read_question, repeated
from workers.omni.seen import Seen

Colour = tuple[int, int, int]
GREY: Colour = (round(PIXEL_MEAN),) * 3
"""The pixel mean that the tower was trained around: of the picture that no medium has a part in."""

FORBIDDEN = -1e9  # added to an attention that may not be; as good as none in float32 and bfloat16


@dataclass(frozen=True)
class Contents:
    """A medium as embeddings, and the blank one of its shape: pages' patches, sound and text, if any."""

    actual: tuple[Tensor, ...]
    blank: tuple[Tensor, ...]


@dataclass(frozen=True)
class Asked:
    """The scores of some labels, in nats, as a function of what the prompt is made of.

    Where similarity has a part in the score these are joined scores: labels stand with their ends, a patch
    holds its embedding and the tower's features, and the priors are those of the question as it was asked.
    """

    model: OmniModel
    prompt: Prompt
    labels: tuple[tuple[int, ...], ...]
    question: Any  # keys and values of the words before the medium, from `read_question`
    policy: PolicySpec | None = None  # with `named`, where there is a shared space
    named: tuple[Label, ...] = ()
    priors: tuple[float, ...] = ()

    def of_media(self, *contents: Tensor) -> Tensor:
        """The question as it is: what `Contents` holds, in its order -> [batch, labels].

        Pages are [batch, pages × grid², width], sound and text [batch, tokens, width].
        """
        batch = contents[0].shape[0] if contents else 1
        inputs = torch.cat([self._medium(contents, batch), self._ending(batch)], dim=1)
        return self._join(self._score(inputs, repeated(self.question, batch)), contents, batch)

    def of_one(self, index: int) -> Asked:
        """The same of one of its labels alone."""
        one = slice(index, index + 1)
        return replace(self, labels=self.labels[one], named=self.named[one], priors=self.priors[one])

    def without_question(self) -> Asked:
        """The same of a question of empty lines."""
        before, asked = self.prompt.before, self.prompt.asked
        empty = self.model.words.encode("\n")[:1] * (asked.stop - asked.start)
        prompt = replace(self.prompt, before=(*before[: asked.start], *empty, *before[asked.stop :]))
        return replace(self, prompt=prompt, question=read_question(self.model, prompt))

    def of_all(self, words: Tensor, *contents: Tensor) -> Tensor:
        """As `of_media`, of other words of the question too: [batch, asked tokens, width]."""
        batch, place = words.shape[0], self.prompt.asked
        marks = self.model.embed(self.model.ids(self.prompt.before)).expand(batch, -1, -1)
        contents = tuple(each.expand(batch, -1, -1) for each in contents)
        medium = self._medium(contents, batch)
        parts = [marks[:, : place.start], words, marks[:, place.stop :], medium, self._ending(batch)]
        return self._join(self._score(torch.cat(parts, dim=1), None), contents, batch)

    def _join(self, likelihood: Tensor, contents: Sequence[Tensor], batch: int) -> Tensor:
        """The joined scores of likelihoods [batch, labels], as `workers.omni.joined` adds them up."""
        space = self.model.space
        if space is None or self.policy is None:
            return likelihood
        patches = contents[0][..., self.model.config.language_width :].expand(batch, -1, -1)
        of_all = similarities(self.model, self.policy, patches)
        keys = [label.key for label in self.policy.labels]
        near = of_all[:, [keys.index(label.key) for label in self.named]]
        beyond = likelihood - torch.tensor(self.priors, device=likelihood.device)
        return space.config.likelihood * beyond + space.config.similarity * near

    def _medium(self, contents: Sequence[Tensor], batch: int) -> Tensor:
        """The segments in their order: [batch, tokens, width]."""
        given, pages = list(contents), self.prompt.pages
        if pages:
            patches = given.pop(0)[..., : self.model.config.language_width]
            pictures = self.model.connector.gather(patches.reshape(batch * pages, -1, patches.shape[-1]))
            if self.prompt.frames:  # all its pages are frames
                pictures = self.model.framed(pictures, [self.prompt] * batch)
            of_page = iter(pictures.view(batch, pages, *pictures.shape[1:]).unbind(1))
        sounds = self.prompt.sounds
        if sounds:
            of_sound = iter(torch.split(given.pop(0), [len(sound.places) for sound in sounds], dim=1))
        parts = [self.model.embed(self.model.ids(())).expand(batch, -1, -1)]  # a policy may show nothing
        for segment in self.prompt.segments:
            if isinstance(segment, PageSegment):
                parts.append(next(of_page))
            elif isinstance(segment, SoundSegment):
                parts.append(next(of_sound))
            elif isinstance(segment, MarkSegment):
                parts.append(hearing_of(self.model).connector.mark(segment.name).expand(batch, 1, -1))
            elif segment is self.prompt.text:
                parts.append(given[0])
            else:
                parts.append(self.model.embed(self.model.ids(segment.tokens)).expand(batch, -1, -1))
        return torch.cat(parts, dim=1)

    def _ending(self, batch: int) -> Tensor:
        """The words after the medium, and of each label all tokens but its last."""
        rest = [token for label in self.labels for token in label[:-1]]
        return self.model.embed(self.model.ids([*self.prompt.after, *rest])).expand(batch, -1, -1)

    def _score(self, inputs: Tensor, cache: Any) -> Tensor:
        rest = sum(len(label) - 1 for label in self.labels)
        past = cache.get_seq_length() if cache is not None else 0
        out = self.model.speaks(self.prompt)(
            inputs_embeds=inputs,
            past_key_values=cache,
            use_cache=cache is not None,
            logits_to_keep=1 + rest,
            **self._side_by_side(inputs, past),
        )
        spread = out.logits.float().log_softmax(-1)  # [batch, 1 + rest, vocabulary]
        scores, at = [], 1
        for label in self.labels:
            places = [0, *range(at, at + len(label) - 1)]
            at += len(label) - 1
            wanted = self.model.ids(label).expand(len(spread), -1).unsqueeze(2)
            scores.append(spread[:, places].gather(2, wanted).sum((1, 2)))
        return torch.stack(scores, dim=1)

    def _side_by_side(self, inputs: Tensor, past: int) -> dict[str, Tensor]:
        """What tells the language model that a label sees the prompt and itself; of one label nothing."""
        if sum(len(label) > 1 for label in self.labels) < 2:
            return {}
        rest = sum(len(label) - 1 for label in self.labels)
        count = inputs.shape[1]
        begin = count - rest
        seen = torch.ones(count, past + count, dtype=torch.bool, device=inputs.device).tril(past)
        positions = torch.arange(past, past + count, device=inputs.device)
        at = begin
        for label in self.labels:
            end = at + len(label) - 1
            seen[at:end, past + begin : past + at] = False
            positions[at:end] = past + begin + torch.arange(end - at, device=inputs.device)
            at = end
        mask = torch.zeros(seen.shape, dtype=inputs.dtype, device=inputs.device)
        mask = mask.masked_fill(~seen, FORBIDDEN)[None, None]
        batch = inputs.shape[0]
        return {
            "attention_mask": mask.expand(batch, -1, -1, -1),
            "position_ids": positions.expand(batch, -1),
        }


def asked_of(model: OmniModel, prompt: Prompt, policy: PolicySpec, labels: Sequence[str]) -> Asked:
    """As a decision scores this medium. Raises KeyError for a label that the policy has not."""
    if not joins(model, prompt, policy):
        return likelihood_of(model, prompt, policy, labels)
    rows = _rows(policy, labels)
    prior = prior_of(model, prompt).tolist()
    return Asked(
        model,
        prompt,
        tuple(with_ends(prompt).labels[row] for row in rows),
        read_question(model, prompt),
        policy,
        tuple(policy.labels[row] for row in rows),
        tuple(prior[row] for row in rows),
    )


def likelihood_of(model: OmniModel, prompt: Prompt, policy: PolicySpec, labels: Sequence[str]) -> Asked:
    """As `asked_of`, of labels that are scored by their likelihood alone."""
    rows = _rows(policy, labels)
    return Asked(model, prompt, tuple(prompt.labels[row] for row in rows), read_question(model, prompt))


def _rows(policy: PolicySpec, labels: Sequence[str]) -> list[int]:
    keys = [one.key for one in policy.labels]
    for label in labels:
        if label not in keys:
            raise KeyError(f"the policy has no label {label!r}; it has {', '.join(keys)}")
    return [keys.index(label) for label in labels]


@torch.no_grad()
def contents_of(model: OmniModel, prompt: Prompt, seen: Seen) -> Contents:
    actual, blank = [], []
    if seen.pages:
        patches = torch.cat([embedded_picture(model, page.pixels) for page in seen.pages], dim=1)
        actual.append(patches)  # [1, pages × grid², width]
        grounds = [blank_patches_of(model, ground_of(page.pixels)) for page in seen.pages]
        blank.append(torch.cat(grounds, dim=1))
    if prompt.sounds:
        actual.append(embedded_sound(model, prompt, [window.samples for window in seen.windows]))
        silence = [np.zeros_like(window.samples) for window in seen.windows]
        blank.append(embedded_sound(model, prompt, silence))
    if prompt.text:
        actual.append(model.embed(model.ids(prompt.text.tokens)).unsqueeze(0))  # [1, text tokens, width]
        blank.append(empty_lines(model, len(prompt.text.tokens)))
    return Contents(tuple(actual), tuple(blank))


@torch.no_grad()
def embedded_sound(model: OmniModel, prompt: Prompt, windows: Sequence[np.ndarray]) -> Tensor:
    """The tokens of all windows, one after the other: [1, tokens, language width]."""
    hearing = hearing_of(model)
    tokens = hearing.connector(hearing.pooled(windows).clone())
    kept = [row[: len(sound.places)] for row, sound in zip(tokens, prompt.sounds, strict=True)]
    return torch.cat(kept).unsqueeze(0)


def hearing_of(model: OmniModel) -> Hearing:
    if model.hearing is None:
        raise ValueError(f"the model {model.config.name} does not hear")
    return model.hearing


@torch.no_grad()
def embedded_picture(model: OmniModel, picture: np.ndarray) -> Tensor:
    """One embedding a patch, of which the connector's tokens are the means: [1, grid², width]."""
    # A clone, because tensors made in inference mode can't take part in gradients.
    patches = model.patches([picture]).clone()
    embeddings: Tensor = model.connector.patch_embeddings(patches)
    # The shared space reads the tower itself: its features go along with the embeddings, patch by patch.
    return embeddings if model.space is None else torch.cat([embeddings, patches], dim=-1)


@functools.lru_cache(maxsize=64)
def blank_patches_of(model: OmniModel, colour: Colour = GREY) -> Tensor:
    """`embedded_picture` of the blank picture. Shared: nothing writes to it."""
    return embedded_picture(model, blank_picture(model, colour))


def blank_picture(model: OmniModel, colour: Colour = GREY) -> np.ndarray:
    """Even: uint8 [side, side, 3]."""
    side = model.config.picture_side
    return np.full((side, side, 3), colour, dtype=np.uint8)


@torch.no_grad()
def embedded_words(model: OmniModel, prompt: Prompt) -> tuple[Tensor, Tensor]:
    """The policy's words, and as many empty lines: each [1, asked tokens, language width].

    The marks of the turns stay: without them there is no question and no answer to score.
    """
    words = model.embed(model.ids(prompt.before[prompt.asked])).unsqueeze(0)
    return words, empty_lines(model, words.shape[1])


def empty_lines(model: OmniModel, count: int) -> Tensor:
    """[1, count, language width]"""
    empty_line = model.embed(model.ids(model.words.encode("\n")[:1]))
    return empty_line.expand(1, count, -1).clone()


def own_tokens(prompt: Prompt) -> int:
    """Tokens after the medium that the two labels of a contrast take at most, and the words before them."""
    longest = sorted((len(label) - 1 for label in prompt.labels), reverse=True)[:2]
    return len(prompt.after) + sum(longest)
