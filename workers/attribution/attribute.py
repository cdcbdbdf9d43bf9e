"""What the chosen label's score rests on: integrated gradients over patches and the question's tokens.

Sundararajan, Taly & Yan, "Axiomatic Attribution for Deep Networks" (ICML 2017), by Captum, with
Gauss-Legendre points. The path has two straight legs. On the first the question is asked of a blank
picture: empty lines become the policy's words. On the second, the question standing, the blank picture
becomes the picture. So the patches say what the picture added to the question's own leaning. A path
method's attributions sum to the score's change from end to end; how far the sum is off is stored as the
completeness gap.

On one leg for both, the gradients of the patches would be taken beside half-faded words that mean
nothing; and a path through the tower's own features would be over in its first hundredth, because the
connector's first layer norm sees only their direction.

The first leg is the same for every picture: it is computed once for a model version, question and label,
with more points than a picture could be given, and kept beside the model files.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import uuid
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from omnigov.contracts import MILLION, AttributionResult, Hook, PolicySpec, TokenShare, digest_of
from workers import weights
from workers.omni.infer import load
from workers.omni.model import PIXEL_MEAN, OmniModel
from workers.omni.prompt import Prompt, build_prompt
from workers.omni.score import read_question, repeated

WORD_POINTS = 32  # of the first leg, which is nearly a step: with fewer its sum is off by nats
METHOD = f"integrated_gradients/gauss_legendre/words_{WORD_POINTS}_then_patches"
# Points that go through the model together: about 300 rows a time, or 0.4 GB for their gradients.
PATCH_POINTS_AT_ONCE = 12
WORD_POINTS_AT_ONCE = 4


@dataclass(frozen=True)
class Asked:
    """One label's score as a function of embedded words and patches, everything else held."""

    model: OmniModel
    prompt: Prompt
    label: tuple[int, ...]
    question: Any  # keys and values of the words before the picture, from `read_question`

    def of_words(self, words: Tensor, patches: Tensor) -> Tensor:
        """log p(label) in nats: [batch, asked tokens, width], [1, grid², width] -> [batch]."""
        batch, place = words.shape[0], self.prompt.asked
        marks = self.model.embed(self.model.ids(self.prompt.before)).expand(batch, -1, -1)
        picture = self.model.connector.gather(patches).expand(batch, -1, -1)
        parts = [marks[:, : place.start], words, marks[:, place.stop :], picture, self._ending(batch)]
        return self._score(torch.cat(parts, dim=1), None)

    def of_patches(self, patches: Tensor) -> Tensor:
        """log p(label) in nats, the question as it is: [batch, grid², width] -> [batch]."""
        batch = patches.shape[0]
        picture = self.model.connector.gather(patches)  # [batch, picture tokens, width]
        inputs = torch.cat([picture, self._ending(batch)], dim=1)
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


def attribute(
    picture: np.ndarray, policy: PolicySpec, label: str, steps: int | None = None, *, hook: Hook
) -> AttributionResult:
    """Attribute `label`'s score to the picture's patches and the prompt's tokens.

    `picture` is RGB uint8 [height, width, 3], redacted already; `label` is a key of the policy; `steps`
    are points of the path's second leg, the policy's own number unless given. Raises
    KeyError for an unknown label and what `workers.omni.load` raises.
    """
    kept = weights.folder() / "attribution" / digest_of(weights.model_version(policy.stage))
    return attribute_with(load(policy.stage), picture, policy, label, steps, hook=hook, kept=kept)


def attribute_with(
    model: OmniModel,
    picture: np.ndarray,
    policy: PolicySpec,
    label: str,
    steps: int | None = None,
    *,
    hook: Hook,
    kept: Path | None = None,
) -> AttributionResult:
    """As `attribute`, for a model in hand; `kept` is the folder for what is the same for every picture."""
    began = time.perf_counter()
    steps = steps or policy.attribution_steps
    keys = [one.key for one in policy.labels]
    if label not in keys:
        raise KeyError(f"the policy has no label {label!r}; it has {', '.join(keys)}")
    prompt = build_prompt(policy, model.words)
    asked = Asked(model, prompt, prompt.labels[keys.index(label)], read_question(model, prompt))
    patches, blank_patches = embedded_picture(model, picture), embedded_picture(model, blank_picture(model))
    hook("attribute", None, 0.1)
    on_patches = _integrate(asked.of_patches, patches, blank_patches, steps, PATCH_POINTS_AT_ONCE)
    hook("attribute", None, 0.4)
    leaning = _leaning(asked, blank_patches, kept)
    hook("attribute", None, 0.9)
    with torch.no_grad():
        total = float(asked.of_patches(patches)) - leaning.blank
    return _result(model, prompt, label, on_patches, leaning.shares, total, steps, began)


@dataclass(frozen=True)
class Leaning:
    """What the words alone make of a label."""

    shares: tuple[float, ...]  # nats, one for each asked token
    blank: float  # log p(label) of a blank question about a blank picture, nats


def _leaning(asked: Asked, blank_patches: Tensor, folder: Path | None) -> Leaning:
    """The path's first leg, from `folder` where it was computed before."""
    file = folder / f"{_leaning_key(asked)}.json" if folder else None
    if file is not None:
        # A file that can't be read, or was cut short, is computed and written again.
        with contextlib.suppress(OSError, ValueError, TypeError):
            stored = Leaning(**json.loads(file.read_text()))
            if len(stored.shares) == asked.prompt.asked.stop - asked.prompt.asked.start:
                return stored
    words, blank_words = embedded_words(asked.model, asked.prompt)
    shares = _integrate(
        lambda given: asked.of_words(given, blank_patches),
        words,
        blank_words,
        WORD_POINTS,
        WORD_POINTS_AT_ONCE,
    ).tolist()
    with torch.no_grad():
        blank = float(asked.of_words(blank_words, blank_patches))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(f".{uuid.uuid4().hex}")  # two workers may be at it at once
        beside.write_text(json.dumps({"shares": shares, "blank": blank}))
        os.replace(beside, file)
    return Leaning(tuple(shares), blank)


def _leaning_key(asked: Asked) -> str:
    told = [METHOD, asked.prompt.digest, asked.label, asked.model.device.type, str(asked.model.dtype)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@torch.no_grad()
def embedded_picture(model: OmniModel, picture: np.ndarray) -> Tensor:
    """One embedding a patch, of which the connector's tokens are the means: [1, grid², language width]."""
    # A clone, because tensors made in inference mode can't take part in gradients.
    embeddings: Tensor = model.connector.patch_embeddings(model.patches([picture]).clone())
    return embeddings


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
    empty_line = model.embed(model.ids(model.words.encode("\n")[:1]))
    return words, empty_line.expand(1, words.shape[1], -1).clone()


def _integrate(
    score: Callable[[Tensor], Tensor], inputs: Tensor, blank: Tensor, steps: int, at_once: int
) -> Tensor:
    """Attributions summed over the features of each patch or token: [patches or tokens]."""
    with warnings.catch_warnings():
        # Captum asks for gradients on tensors that have none yet, and says so; that is what is wanted.
        warnings.filterwarnings("ignore", message=".*required_grads has been set automatically.*")
        warnings.filterwarnings("ignore", message=".*did not already require gradients.*")
        found: Tensor = IntegratedGradients(score).attribute(
            inputs,
            baselines=blank,
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=at_once,
        )
    return found.detach().double().sum(-1)[0]


def _result(
    model: OmniModel,
    prompt: Prompt,
    label: str,
    patches: Tensor,
    tokens: Sequence[float],
    total: float,
    steps: int,
    began: float,
) -> AttributionResult:
    grid = patches.view(model.config.grid, model.config.grid)
    seen, read = float(patches.abs().sum()), sum(map(abs, tokens))
    words = [model.words.spell(token) for token in prompt.before[prompt.asked]]
    return AttributionResult(
        method=METHOD,
        label=label,
        grid=tuple(tuple(millionths(value) for value in row) for row in grid.tolist()),
        tokens=tuple(
            TokenShare(text=text, value=millionths(value)) for text, value in zip(words, tokens, strict=True)
        ),
        picture_share=round(MILLION * seen / (seen + read)) if seen + read else 0,
        total=millionths(total),
        completeness_gap=millionths(abs(float(patches.sum()) + sum(tokens) - total)),
        steps=steps,
        duration_ms=round((time.perf_counter() - began) * 1000),
    )


def millionths(nats: float) -> int:
    return round(nats * MILLION)
