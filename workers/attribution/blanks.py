"""Scores of blank pictures, with the policy's question and with a blank one: the same for every picture.

Labels stand side by side and none sees another, so that one pass scores all of them, and every contrast of
two is read from it. Kept for the grounds that come up: most pictures of one source lie on the same.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from omnigov.contracts import PolicySpec
from workers.attribution.asked import Colour, asked_of, blank_patches_of
from workers.attribution.parts import ground_of
from workers.omni.model import OmniModel
from workers.omni.prompt import build_prompt
from workers.omni.seen import Seen


@dataclass(frozen=True)
class Blanks:
    """Of all labels in nats: [1, labels]."""

    asked: Tensor
    unasked: Tensor


def blanks_of(model: OmniModel, policy: PolicySpec, seen: Seen) -> Blanks:
    """Of a blank picture on the ground of this one, a lone picture."""
    return _blanks(model, policy, ground_of(seen.pages[0].pixels))


@functools.lru_cache(maxsize=64)
def _blanks(model: OmniModel, policy: PolicySpec, ground: Colour) -> Blanks:
    keys = [label.key for label in policy.labels]
    with torch.inference_mode(False), torch.no_grad():
        asked = asked_of(model, build_prompt(policy, model.words), policy, keys)
        patches = blank_patches_of(model, ground)
        return Blanks(asked.of_media(patches), asked.without_question().of_media(patches))
