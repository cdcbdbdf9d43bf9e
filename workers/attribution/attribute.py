"""What the chosen label's score rests on: integrated gradients over patches and prompt tokens.

Sundararajan, Taly & Yan, "Axiomatic Attribution for Deep Networks" (ICML 2017), by Captum, with
Gauss-Legendre points. The path leads from a blank picture asked about in blank words to the picture and
the question as they are; the attributions' sum should be the score's change along it, and how far it is
from that is stored as the completeness gap.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass

import numpy as np
import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from omnigov.contracts import MILLION, AttributionResult, Hook, PolicySpec, TokenShare
from workers.omni.infer import load
from workers.omni.model import PIXEL_MEAN, OmniModel
from workers.omni.prompt import Prompt, build_prompt

METHOD = "integrated_gradients/gauss_legendre"
POINTS_AT_ONCE = 8  # points of the path that go through the model together


@dataclass(frozen=True)
class Inputs:
    """What is attributed to, and the blank from which the path starts; each tensor is a batch of one."""

    patches: Tensor  # [1, grid², tower width]
    before: Tensor  # [1, tokens before the picture, language width]
    after: Tensor  # [1, tokens after it, language width]

    @property
    def together(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.patches, self.before, self.after


class LabelScore(torch.nn.Module):
    """log p(label | words, picture) in nats, as `workers.omni.score` has it, but in one go."""

    def __init__(self, model: OmniModel, label: tuple[int, ...]) -> None:
        super().__init__()
        self._model = model
        self._label = label

    def forward(self, patches: Tensor, before: Tensor, after: Tensor) -> Tensor:
        """[batch, …] of each of `Inputs` -> [batch]."""
        model = self._model
        label = model.ids(self._label)
        picture = model.connector(patches)  # [batch, picture tokens, language width]
        given = model.embed(label[:-1]).expand(picture.shape[0], -1, -1)
        inputs = torch.cat([before, picture, after, given], dim=1)
        out = model.language(inputs_embeds=inputs, use_cache=False, logits_to_keep=len(label))
        spread = out.logits.float().log_softmax(-1)  # [batch, label tokens, vocabulary]
        chosen = spread.gather(2, label.expand(len(spread), -1).unsqueeze(2))
        score: Tensor = chosen.sum((1, 2))
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
    score = LabelScore(model, prompt.labels[keys.index(label)])
    inputs, blank = actual_inputs(model, picture, prompt), blank_inputs(model, prompt)
    hook("attribute", None, 0.1)
    parts = _integrate(score, inputs, blank, steps)
    hook("attribute", None, 0.9)
    with torch.no_grad():
        ends = score(*(torch.cat(pair) for pair in zip(inputs.together, blank.together, strict=True)))
    total = float(ends[0] - ends[1])
    patches, before, after = (part.double().sum(-1)[0] for part in parts)  # over the features of each
    return _result(model, prompt, label, patches, torch.cat([before, after]), total, steps, began)


def actual_inputs(model: OmniModel, picture: np.ndarray, prompt: Prompt) -> Inputs:
    with torch.no_grad():
        return Inputs(
            # A clone, because tensors made in inference mode can't take part in gradients.
            patches=model.patches([picture]).clone(),
            before=model.embed(model.ids(prompt.before)).unsqueeze(0),
            after=model.embed(model.ids(prompt.after)).unsqueeze(0),
        )


def blank_inputs(model: OmniModel, prompt: Prompt) -> Inputs:
    """The tower's view of an even grey picture, and the vocabulary's mean embedding for every word.

    Grey is the pixel mean that the tower was trained around. The words' blank is no word in particular.
    """
    side = model.config.picture_side
    grey = np.full((side, side, 3), round(PIXEL_MEAN), dtype=np.uint8)
    with torch.no_grad():
        word = model.language.get_input_embeddings().weight.mean(0)
        return Inputs(
            patches=model.patches([grey]).clone(),
            before=word.expand(1, len(prompt.before), -1).clone(),
            after=word.expand(1, len(prompt.after), -1).clone(),
        )


def _integrate(score: LabelScore, inputs: Inputs, blank: Inputs, steps: int) -> tuple[Tensor, ...]:
    with warnings.catch_warnings():
        # Captum asks for gradients on tensors that have none yet, and says so; that is what is wanted.
        warnings.filterwarnings("ignore", message=".*required_grads has been set automatically.*")
        warnings.filterwarnings("ignore", message=".*did not already require gradients.*")
        parts: tuple[Tensor, ...] = IntegratedGradients(score).attribute(
            inputs.together,
            baselines=blank.together,
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=POINTS_AT_ONCE,
        )
    return tuple(part.detach() for part in parts)


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
    words = [model.words.spell(token) for token in (*prompt.before, *prompt.after)]
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
