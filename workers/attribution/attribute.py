"""What the chosen label's score rests on: integrated gradients over patches, text and the question's tokens.

Sundararajan, Taly & Yan, "Axiomatic Attribution for Deep Networks" (ICML 2017), by Captum, with
Gauss-Legendre points. The path has two straight legs. On the first the question is asked of a blank
picture: empty lines become the policy's words. On the second, the question standing, the blank medium
becomes the medium: grey pages become pages, empty lines become its text. So patches and text say what the
medium added to the question's own leaning. A path method's attributions sum to the score's change from end
to end; how far the sum is off is stored as the completeness gap.

On one leg for both, the gradients of the patches would be taken beside half-faded words that mean
nothing; and a path through the tower's own features would be over in its first hundredth, because the
connector's first layer norm sees only their direction.

The first leg is the same for every medium: it is computed once for a model version, question and label,
with more points than a medium could be given, and kept beside the model files. Documents and texts have no
length in common, so between the legs stands a step: the blank picture becomes as many blank pages and empty
lines as the medium has. Nothing of the medium's content is in it; it is stored by itself, as the extent.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import time
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from omnigov.contracts import AttributionResult, Hook, PolicySpec, digest_of
from workers import weights
from workers.attribution.shares import result_of
from workers.omni.infer import load
from workers.omni.model import PIXEL_MEAN, OmniModel
from workers.omni.prompt import PICTURE, PageSegment, Prompt, about, build_prompt
from workers.omni.score import read_question, repeated, tokens_of
from workers.omni.seen import Seen

WORD_POINTS = 32  # of the first leg, which is nearly a step: with fewer its sum is off by nats
METHOD = f"integrated_gradients/gauss_legendre/words_{WORD_POINTS}_then_patches"
METHOD_OF_SEGMENTS = f"integrated_gradients/gauss_legendre/words_{WORD_POINTS}_then_pages_and_text"
# Points that go through the model together: about 300 rows a time, or 0.4 GB for their gradients.
PATCH_POINTS_AT_ONCE = 12
WORD_POINTS_AT_ONCE = 4
TOKENS_AT_ONCE = 300
# When the sum over a text is near enough, in nats and of the score's change; and what is tried for it at
# most: so many times the policy's points, and so many points times tokens, a quarter of a minute of one core.
GAP, GAP_SHARE = 0.05, 0.05
MORE_POINTS = 4
TOKENS_IN_ALL = 2600


@dataclass(frozen=True)
class Asked:
    """One label's score as a function of embedded words, patches and text, everything else held."""

    model: OmniModel
    prompt: Prompt
    label: tuple[int, ...]
    question: Any  # keys and values of the words before the medium, from `read_question`

    def of_words(self, words: Tensor, patches: Tensor) -> Tensor:
        """log p(label) in nats: [batch, asked tokens, width], a picture [1, grid², width] -> [batch]."""
        batch, place = words.shape[0], self.prompt.asked
        marks = self.model.embed(self.model.ids(self.prompt.before)).expand(batch, -1, -1)
        picture = self.model.connector.gather(patches).expand(batch, -1, -1)
        parts = [marks[:, : place.start], words, marks[:, place.stop :], picture, self._ending(batch)]
        return self._score(torch.cat(parts, dim=1), None)

    def of_picture(self, patches: Tensor) -> Tensor:
        """log p(label) in nats, the question as it is: [batch, grid², width] -> [batch]."""
        picture = self.model.connector.gather(patches)  # [batch, picture tokens, width]
        return self._about(picture)

    def of_media(self, *contents: Tensor) -> Tensor:
        """log p(label) in nats, the question as it is: what `Contents` holds, in its order -> [batch].

        Pages are [batch, pages × grid², width], the text is [batch, text tokens, width].
        """
        given, pages = list(contents), self.prompt.pages
        batch = given[0].shape[0] if given else 1
        if pages:
            patches = given.pop(0)
            pictures = self.model.connector.gather(patches.reshape(batch * pages, -1, patches.shape[-1]))
            of_page = iter(pictures.view(batch, pages, *pictures.shape[1:]).unbind(1))
        parts = [self.model.embed(self.model.ids(())).expand(batch, -1, -1)]  # a policy may show nothing
        for segment in self.prompt.segments:
            if isinstance(segment, PageSegment):
                parts.append(next(of_page))
            elif segment is self.prompt.text:
                parts.append(given[0])
            else:
                parts.append(self.model.embed(self.model.ids(segment.tokens)).expand(batch, -1, -1))
        return self._about(torch.cat(parts, dim=1))

    def _about(self, medium: Tensor) -> Tensor:
        batch = medium.shape[0]
        inputs = torch.cat([medium, self._ending(batch)], dim=1)
        return self._score(inputs, repeated(self.question, batch))

    def _ending(self, batch: int) -> Tensor:
        ids = self.model.ids([*self.prompt.after, *self.label[:-1]])
        return self.model.embed(ids).expand(batch, -1, -1)

    def _score(self, inputs: Tensor, cache: Any) -> Tensor:
        out = self.model.language(
            inputs_embeds=inputs,
            past_key_values=cache,
            use_cache=cache is not None,
            logits_to_keep=len(self.label),
        )
        spread = out.logits.float().log_softmax(-1)  # [batch, label tokens, vocabulary]
        wanted = self.model.ids(self.label).expand(len(spread), -1).unsqueeze(2)
        score: Tensor = spread.gather(2, wanted).sum((1, 2))
        return score


@dataclass(frozen=True)
class Contents:
    """A medium as embeddings, and the blank one of its shape: pages' patches, text; what it has of them."""

    actual: tuple[Tensor, ...]
    blank: tuple[Tensor, ...]


def attribute(
    seen: Seen, policy: PolicySpec, label: str, steps: int | None = None, *, hook: Hook
) -> AttributionResult:
    """Attribute `label`'s score to the pages' patches, the text's tokens and the question's tokens.

    `seen` was redacted already; `label` is a key of the policy; `steps` are points of the path's second
    leg, the policy's own number unless given. Raises KeyError for an unknown label and what
    `workers.omni.load` raises.
    """
    return attribute_with(load(policy.stage), seen, policy, label, steps, hook=hook, kept=_kept(policy))


def attribute_with(
    model: OmniModel,
    seen: Seen,
    policy: PolicySpec,
    label: str,
    steps: int | None = None,
    *,
    hook: Hook,
    kept: Path | None = None,
) -> AttributionResult:
    """As `attribute`, for a model in hand; `kept` is the folder for what is the same for every medium."""
    began = time.perf_counter()
    steps = steps or policy.attribution_steps
    asked = _asked(model, about(build_prompt(policy, model.words), seen, policy, model.words), policy, label)
    blank_patches = blank_patches_of(model)
    contents = _contents(model, asked.prompt, seen, blank_patches)
    hook("attribute", None, 0.1)
    ends = _ends(asked, contents, blank_patches)
    found, steps = _along(asked, contents, ends, steps, _points_at_once(model, asked.prompt), hook)
    leaning = _leaning(asked, blank_patches, kept, _counted(hook, 0.4, 0.9, WORD_POINTS))
    hook("attribute", None, 0.9)
    spent = round((time.perf_counter() - began) * 1000)
    return result_of(
        model,
        asked.prompt,
        found,
        leaning.shares,
        ends.actual - leaning.blank,
        ends.extent,
        method=METHOD if seen.picture else METHOD_OF_SEGMENTS,
        label=label,
        steps=steps,
        duration_ms=spent,
    )


def prepare(policy: PolicySpec, label: str, *, hook: Hook) -> None:
    """Computes the path's first leg, the same for every medium, and keeps it. Raises as `attribute` does."""
    model = load(policy.stage)
    asked = _asked(model, build_prompt(policy, model.words), policy, label)
    blank_patches = blank_patches_of(model)
    _leaning(asked, blank_patches, _kept(policy), _counted(hook, 0, 1, WORD_POINTS))


def _asked(model: OmniModel, prompt: Prompt, policy: PolicySpec, label: str) -> Asked:
    keys = [one.key for one in policy.labels]
    if label not in keys:
        raise KeyError(f"the policy has no label {label!r}; it has {', '.join(keys)}")
    return Asked(model, prompt, prompt.labels[keys.index(label)], read_question(model, prompt))


@dataclass(frozen=True)
class Ends:
    """log p(label) at the ends of the path's second leg, and the step before it; nats."""

    actual: float
    blank: float = 0.0  # these two are not asked of a picture
    extent: float = 0.0


@torch.no_grad()
def _ends(asked: Asked, contents: Contents, blank_patches: Tensor) -> Ends:
    if asked.prompt.segments == PICTURE:
        return Ends(float(asked.of_picture(*contents.actual)))
    blank = float(asked.of_media(*contents.blank))
    extent = blank - float(asked.of_picture(blank_patches))
    return Ends(float(asked.of_media(*contents.actual)), blank, extent)


def _along(
    asked: Asked, contents: Contents, ends: Ends, steps: int, at_once: int, hook: Hook
) -> tuple[tuple[Tensor, ...], int]:
    """The second leg's attributions, and by how many points.

    Words change a score in jumps that pictures don't know. Where the sum is off by more than GAP_SHARE of the
    change, documents and texts are given twice as many points, and again, as long as that is worth its time.
    """
    if not contents.actual:
        return (), steps
    picture = asked.prompt.segments == PICTURE
    score = asked.of_picture if picture else asked.of_media
    tokens = max(1, tokens_of(asked.model, asked.prompt))
    most = min(MORE_POINTS * steps, TOKENS_IN_ALL // tokens)
    while True:
        found = _integrate(score, contents, steps, at_once, _counted(hook, 0.1, 0.4, steps))
        change = ends.actual - ends.blank
        gap = abs(sum(float(each.sum()) for each in found) - change)
        if picture or gap <= max(GAP, GAP_SHARE * abs(change)) or 2 * steps > most:
            return found, steps
        steps *= 2


@torch.no_grad()
def _contents(model: OmniModel, prompt: Prompt, seen: Seen, blank_patches: Tensor) -> Contents:
    actual, blank = [], []
    if seen.pages:
        patches = torch.cat([embedded_picture(model, page.pixels) for page in seen.pages], dim=1)
        actual.append(patches)  # [1, pages × grid², width]
        blank.append(blank_patches.repeat(1, len(seen.pages), 1))
    if prompt.text:
        actual.append(model.embed(model.ids(prompt.text.tokens)).unsqueeze(0))  # [1, text tokens, width]
        blank.append(empty_lines(model, len(prompt.text.tokens)))
    return Contents(tuple(actual), tuple(blank))


def _points_at_once(model: OmniModel, prompt: Prompt) -> int:
    """So many that the gradients of a long medium take no more memory than those of pictures."""
    if prompt.segments == PICTURE:
        return PATCH_POINTS_AT_ONCE
    return min(PATCH_POINTS_AT_ONCE, max(1, TOKENS_AT_ONCE // max(1, tokens_of(model, prompt))))


def _counted(hook: Hook, low: float, high: float, points: int) -> Callable[[int], None]:
    """Tells the hook of each block of points: of a long medium each takes seconds."""
    done = 0

    def heard(more: int) -> None:
        nonlocal done
        done = min(points, done + more)
        hook("attribute", None, low + (high - low) * done / points)

    return heard


@dataclass(frozen=True)
class Leaning:
    """What the words alone make of a label."""

    shares: tuple[float, ...]  # nats, one for each asked token
    blank: float  # log p(label) of a blank question about a blank picture, nats


def _kept(policy: PolicySpec) -> Path:
    return weights.folder() / "attribution" / digest_of(weights.model_version(policy.stage))


def _leaning(
    asked: Asked, blank_patches: Tensor, folder: Path | None, heard: Callable[[int], None]
) -> Leaning:
    """The path's first leg, from `folder` where it was computed before."""
    file = folder / f"{_leaning_key(asked)}.json" if folder else None
    if file is not None:
        # A file that can't be read, or was cut short, is computed and written again.
        with contextlib.suppress(OSError, ValueError, TypeError):
            stored = Leaning(**json.loads(file.read_text()))
            if len(stored.shares) == asked.prompt.asked.stop - asked.prompt.asked.start:
                return stored
    words, blank_words = embedded_words(asked.model, asked.prompt)
    (found,) = _integrate(
        lambda given: asked.of_words(given, blank_patches),
        Contents((words,), (blank_words,)),
        WORD_POINTS,
        WORD_POINTS_AT_ONCE,
        heard,
    )
    shares = found.tolist()
    with torch.no_grad():
        blank = float(asked.of_words(blank_words, blank_patches))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(f".{uuid.uuid4().hex}")  # two workers may be at it at once
        beside.write_text(json.dumps({"shares": shares, "blank": blank}))
        os.replace(beside, file)
    return Leaning(tuple(shares), blank)


def _leaning_key(asked: Asked) -> str:
    # Of the policy's prompt about a picture, whatever the medium is.
    digest = replace(asked.prompt, segments=PICTURE).digest
    told = [METHOD, digest, asked.label, asked.model.device.type, str(asked.model.dtype)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@torch.no_grad()
def embedded_picture(model: OmniModel, picture: np.ndarray) -> Tensor:
    """One embedding a patch, of which the connector's tokens are the means: [1, grid², language width]."""
    # A clone, because tensors made in inference mode can't take part in gradients.
    embeddings: Tensor = model.connector.patch_embeddings(model.patches([picture]).clone())
    return embeddings


@functools.lru_cache(maxsize=4)
def blank_patches_of(model: OmniModel) -> Tensor:
    """`embedded_picture` of the blank picture. Shared: nothing writes to it."""
    return embedded_picture(model, blank_picture(model))


def blank_picture(model: OmniModel) -> np.ndarray:
    """Even grey, the pixel mean that the tower was trained around: uint8 [side, side, 3]."""
    side = model.config.picture_side
    return np.full((side, side, 3), round(PIXEL_MEAN), dtype=np.uint8)


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


def _integrate(
    score: Callable[..., Tensor],
    contents: Contents,
    steps: int,
    at_once: int,
    heard: Callable[[int], None],
) -> tuple[Tensor, ...]:
    """Of each of the contents the attributions, summed over the features of a patch or token: [patches …]."""

    def scored(*given: Tensor) -> Tensor:
        heard(len(given[0]))
        return score(*given)

    with warnings.catch_warnings():
        # Captum asks for gradients on tensors that have none yet, and says so; that is what is wanted.
        warnings.filterwarnings("ignore", message=".*required_grads has been set automatically.*")
        warnings.filterwarnings("ignore", message=".*did not already require gradients.*")
        found: tuple[Tensor, ...] = IntegratedGradients(scored).attribute(
            contents.actual,
            baselines=contents.blank,
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=at_once,
        )
    return tuple(each.detach().double().sum(-1)[0] for each in found)
