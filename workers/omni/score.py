"""How likely the language model finds each label, given the medium and the question.

A label's score is the sum of its tokens' log-probabilities, log p(label | question, medium). The question
is read once a policy, each medium once, and the labels continue from the kept keys and values.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from workers.omni.model import OmniModel
from workers.omni.prompt import (
    FrameSegment,
    MarkSegment,
    PageSegment,
    Prompt,
    Segment,
    SoundSegment,
    TextSegment,
)

ROWS_AT_ONCE = 64  # pictures × labels whose keys and values are held together: about 250 MB in float32
TOKENS_AT_ONCE = 8192  # of media, in all rows: about 370 MB of keys and values in float32


@dataclass(frozen=True)
class Read:
    """What is kept after the prompt was read: keys and values, and the logits of the next token."""

    cache: Any
    logits: Tensor  # [batch, vocabulary]


def read_question(model: OmniModel, prompt: Prompt) -> Any:
    """The keys and values of the words before the medium, for one row. Shared: continue from a copy."""
    return _question(model, prompt.before)


@functools.lru_cache(maxsize=4)
def _question(model: OmniModel, before: tuple[int, ...]) -> Any:
    cache = DynamicCache(config=model.language.config)
    # Attribution takes gradients beside them, which tensors made in inference mode would not allow.
    with torch.inference_mode(False), torch.no_grad():
        words = model.embed(model.ids(before)).unsqueeze(0)  # [1, before, language width]
        model.language(inputs_embeds=words, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return cache


def read_pictures(model: OmniModel, patches: Tensor, prompt: Prompt, question: Any) -> Read:
    """Continue from `question` with the pictures [batch, grid², tower width] and the words after them."""
    return read_media(model, model.connector(patches), prompt, question)


def embedded(
    model: OmniModel, prompts: Sequence[Prompt], patches: Tensor | None, heard: Tensor | None = None
) -> Tensor:
    """The media of prompts of one shape, segment by segment: [batch, tokens of a medium, language width].

    `patches` are the tower's features of all their pages, medium by medium: [pages, grid², tower width];
    `heard` the sound tower's of all their windows: [windows, tokens, sound tower's width]. Raises ValueError
    where there is sound and the model does not hear, or there are frames and it does not watch.
    """
    batch, pages = len(prompts), prompts[0].pages
    parts = []
    hearing = model.hearing
    if patches is not None:
        pictures = model.connector(patches)  # [batch × pages, picture tokens, language width]
        if prompts[0].frames:  # all its pages are frames
            pictures = model.framed(pictures, prompts)
        of_page = iter(pictures.view(batch, pages, *pictures.shape[1:]).unbind(1))
    sounds = len(prompts[0].sounds)
    if sounds:
        if hearing is None or heard is None:
            raise ValueError(f"the model {model.config.name} does not hear")
        tokens_heard = hearing.connector(heard)  # [batch × windows, tokens, language width]
        of_window = iter(tokens_heard.view(batch, sounds, *tokens_heard.shape[1:]).unbind(1))
    for each in zip(*(prompt.segments for prompt in prompts), strict=True):
        if isinstance(each[0], PageSegment):
            parts.append(next(of_page))
        elif isinstance(each[0], SoundSegment):
            parts.append(next(of_window)[:, : len(each[0].places)])
        elif isinstance(each[0], MarkSegment) and hearing is not None:
            parts.append(hearing.connector.mark(each[0].name).expand(batch, 1, -1))
        else:
            tokens = [model.ids(segment.tokens) for segment in each if isinstance(segment, TextSegment)]
            parts.append(model.embed(torch.stack(tokens)))
    if not parts:
        return torch.empty(batch, 0, model.config.language_width, device=model.device, dtype=model.dtype)
    return torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]


def tokens_of(model: OmniModel, prompt: Prompt) -> int:
    """How many tokens the medium takes."""
    return sum(_tokens_of(model, segment) for segment in prompt.segments)


def _tokens_of(model: OmniModel, segment: Segment) -> int:
    if isinstance(segment, FrameSegment):
        return model.frame_tokens
    if isinstance(segment, PageSegment):
        return model.config.picture_tokens
    if isinstance(segment, SoundSegment):
        return len(segment.places)
    return len(segment.tokens) if isinstance(segment, TextSegment) else 1


def read_media(model: OmniModel, media: Tensor, prompt: Prompt, question: Any) -> Read:
    """Continue from `question` with media as `embedded` gives them, and with the words after them."""
    batch = media.shape[0]
    cache = repeated(question, batch)
    after = model.embed(model.ids(prompt.after)).expand(batch, -1, -1)
    out = model.speaks(prompt)(
        inputs_embeds=torch.cat([media, after], dim=1),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    return Read(cache=cache, logits=out.logits[:, -1])


def repeated(cache: Any, times: int) -> Any:
    """A copy of `cache` with every row repeated; the original stays as it is."""
    copied = copy.deepcopy(cache)
    if times > 1:
        copied.batch_repeat_interleave(times)
    return copied


def label_scores(model: OmniModel, read: Read, prompt: Prompt) -> Tensor:
    """log p(label | question, medium) in nats: [batch, labels]."""
    next_token = read.logits.float().log_softmax(-1)  # [batch, vocabulary]
    first = model.ids([label[0] for label in prompt.labels])
    scores = next_token[:, first].clone()  # [batch, labels]
    longer = [index for index, label in enumerate(prompt.labels) if len(label) > 1]
    if not longer:
        return scores
    at_once = min(ROWS_AT_ONCE, TOKENS_AT_ONCE // max(1, tokens_of(model, prompt)))
    rows = max(1, at_once // len(longer))
    labels = max(1, at_once // rows)  # fewer than all only of media that are long
    for begin in range(0, scores.shape[0], rows):
        block = slice(begin, min(begin + rows, scores.shape[0]))
        for some in (longer[i : i + labels] for i in range(0, len(longer), labels)):
            scores[block, some] += _rest(model, prompt, _rows(read.cache, block), some)
    return scores


def _rows(cache: Any, block: slice) -> Any:
    chosen = copy.deepcopy(cache)
    chosen.batch_select_indices(torch.arange(block.start, block.stop))
    return chosen


def _rest(model: OmniModel, prompt: Prompt, cache: Any, some: Sequence[int]) -> Tensor:
    """log p of the tokens after its first of some of the prompt's labels: [rows of the cache, labels]."""
    labels = [prompt.labels[index] for index in some]
    longest = max(len(label) for label in labels) - 1
    given = torch.zeros(len(labels), longest, dtype=torch.long, device=model.device)
    wanted = torch.full_like(given, -1)
    for row, label in enumerate(labels):
        given[row, : len(label) - 1] = model.ids(label[:-1])
        wanted[row, : len(label) - 1] = model.ids(label[1:])
    batch = cache.layers[0].keys.shape[0]
    cache.batch_repeat_interleave(len(labels))
    tokens = given.repeat(
        batch, 1
    )  # [batch × labels, longest]; padding stands to the right, so nothing sees it
    logits = model.speaks(prompt)(input_ids=tokens, past_key_values=cache, use_cache=True).logits
    spread = logits.float().log_softmax(-1)
    targets = wanted.repeat(batch, 1)
    found = spread.gather(2, targets.clamp(min=0).unsqueeze(2)).squeeze(2)
    rest: Tensor = (found * (targets >= 0)).sum(1).view(batch, len(labels))
    return rest
