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
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from omnigov.contracts import MILLION, AttributionResult, Hook, PolicySpec, TokenShare
from workers.omni.infer import load
from workers.omni.model import PIXEL_MEAN, OmniModel
from workers.omni.prompt import Prompt, build_prompt
from workers.omni.score import read_question, repeated

METHOD = "integrated_gradients/gauss_legendre/words_then_patches"
POINTS_AT_ONCE = 8  # points of the path that go through the model together


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
    are points of the path, the policy's own number unless given. Raises KeyError for an unknown label and
    what `workers.omni.load` raises.
    """
    return attribute_with(load(policy.stage), picture, policy, label, steps, hook=hook)


def attribute_with(
    model: OmniModel,
    picture: np.ndarray,
    policy: PolicySpec,
    label: str,
    steps: int | None = None,
    *,
    hook: Hook,
) -> AttributionResult:
    """As `attribute`, for a model in hand."""
    began = time.perf_counter()
    steps = steps or policy.attribution_steps
    keys = [one.key for one in policy.labels]
    if label not in keys:
        raise KeyError(f"the policy has no label {label!r}; it has {', '.join(keys)}")
    prompt = build_prompt(policy, model.words)
    asked = Asked(model, prompt, prompt.labels[keys.index(label)], read_question(model, prompt))
    patches, blank_patches = embedded_picture(model, picture), embedded_picture(model, blank_picture(model))
    words, blank_words = embedded_words(model, prompt)
    hook("attribute", None, 0.1)
    on_patches = _integrate(asked.of_patches, patches, blank_patches, steps)
    hook("attribute", None, 0.4)
    on_words = _integrate(lambda given: asked.of_words(given, blank_patches), words, blank_words, steps)
    hook("attribute", None, 0.9)
    with torch.no_grad():
        total = float(asked.of_patches(patches) - asked.of_words(blank_words, blank_patches))
    return _result(model, prompt, label, on_patches, on_words, total, steps, began)


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


def _integrate(score: Callable[[Tensor], Tensor], inputs: Tensor, blank: Tensor, steps: int) -> Tensor:
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
            internal_batch_size=POINTS_AT_ONCE,
        )
    return found.detach().double().sum(-1)[0]


def _result(
    model: OmniModel,
    prompt: Prompt,
    label: str,
    patches: Tensor,
    tokens: Tensor,
    total: float,
    steps: int,
    began: float,
) -> AttributionResult:
    grid = patches.view(model.config.grid, model.config.grid)
    seen, read = float(patches.abs().sum()), float(tokens.abs().sum())
    words = [model.words.spell(token) for token in prompt.before[prompt.asked]]
    return AttributionResult(
        method=METHOD,
        label=label,
        grid=tuple(tuple(millionths(value) for value in row) for row in grid.tolist()),
        tokens=tuple(
            TokenShare(text=text, value=millionths(value))
            for text, value in zip(words, tokens.tolist(), strict=True)
        ),
        picture_share=round(MILLION * seen / (seen + read)) if seen + read else 0,
        total=millionths(total),
        completeness_gap=millionths(abs(float(patches.sum() + tokens.sum()) - total)),
        steps=steps,
        duration_ms=round((time.perf_counter() - began) * 1000),
    )


def millionths(nats: float) -> int:
    return round(nats * MILLION)
