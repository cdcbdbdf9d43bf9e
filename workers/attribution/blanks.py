"""Scores of blank pictures, with the policy's question and with a blank one: the same for every picture.

Labels stand side by side and none sees another, so that one pass scores all of them, and every contrast of
two is read from it. Kept for the grounds that come up: most pictures of one source lie on the same.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from workers.attribution.asked import Asked, Colour, blank_patches_of
from workers.attribution.parts import ground_of
from workers.omni.model import OmniModel
from workers.omni.prompt import Prompt
from workers.omni.score import read_question
from workers.omni.seen import Seen

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Blanks:
    """Of all labels in nats: [1, labels]."""

    asked: Tensor
    unasked: Tensor


def blanks_of(model: OmniModel, prompt: Prompt, seen: Seen) -> Blanks:
    """Of a blank picture on the ground of this one. `prompt` is about a lone picture."""
    words = prompt.before, (prompt.asked.start, prompt.asked.stop), prompt.after, prompt.labels
    return _blanks(model, *words, prompt.full_stop, ground_of(seen.pages[0].pixels))


@functools.lru_cache(maxsize=64)
def _blanks(
    model: OmniModel,
    before: Tokens,
    place: tuple[int, int],
    after: Tokens,
    labels: tuple[Tokens, ...],
    full_stop: Tokens,
    ground: Colour,
) -> Blanks:
    prompt = Prompt(before, slice(*place), after, labels, full_stop)  # by its parts: a slice has no hash
    asked = Asked(model, prompt, prompt.labels, read_question(model, prompt))
    with torch.inference_mode(False), torch.no_grad():
        patches = blank_patches_of(model, ground)
        return Blanks(asked.of_media(patches), asked.without_question().of_media(patches))
