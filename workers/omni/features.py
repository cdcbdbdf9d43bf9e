"""What a head reads of a medium: numbers that the frozen tower and language model make of its redacted copy.

Blocks by name, each one vector a medium:

* `pooled`: the mean of the tower's last patches;
* `local`: of each of its levels the mean, the largest and the spread over the places, for a small thing that
  a mean forgets (looking at the picture's quarters too, at four times the cost, gave nothing beyond this);
* `near`: the picture's vector in the shared space, where a label's words have one too;
* `framed`: the mean state of the medium's text at the language model's middle layer, behind the words that
  stand before a phrase in the shared space;
* `words`: the same of the text alone. The state of whatever comes first is some 170 times as long as the
  others' (attention goes there that nothing needs), and here that is the text's own, so that the mean of a
  sentence says little else. Copies are known by it; heads read it that were fitted before there was `framed`;
* `heard`: of the sound tower's vectors the mean and the spread over all that is heard;
* `asked`: what the model itself scores the policy's labels, which the caller adds.

A medium of several pages has the means over its pages. A part that a medium lacks is zeros.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from omnigov.contracts import Hook, ModelVersion, PolicySpec
from workers.omni.hearing import Hearing
from workers.omni.model import OmniModel
from workers.omni.prompt import text_segment
from workers.omni.seen import Seen
from workers.omni.space import FRAME, shallow

RECIPE = "features-2"
"""Changes whenever the same medium would give other numbers."""
NEAR = "near"
NO_PART = (
    "connector",
    "sound_connector",
    "sound_kinds",
    "clip_connector",
    "object_detector",
)  # roles of files that features are made without


@dataclass(frozen=True, eq=False)
class Features:
    """Of one medium; `mark` names it by what was seen of it, or as the caller does."""

    mark: str
    blocks: Mapping[str, np.ndarray]


def mark(seen: Seen) -> str:
    """SHA-256, in hex, of what the model is given of a redacted medium. It is never kept: see `keyed`."""
    whole = hashlib.sha256()
    for page in seen.pages:
        whole.update(json.dumps([page.part, page.pixels.shape]).encode())
        whole.update(np.ascontiguousarray(page.pixels).tobytes())
    for window in seen.windows:
        whole.update(json.dumps(["sound", window.start, len(window.samples)]).encode())
        whole.update(np.ascontiguousarray(window.samples, np.float32).tobytes())
    whole.update(seen.text.encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def keyed(mark: str, key: bytes) -> str:
    """HMAC-SHA-256 of a mark, in hex: what may be kept of it. Without the key it names nobody's medium."""
    return hmac.new(key, b"mark of what was seen\n" + bytes.fromhex(mark), hashlib.sha256).hexdigest()


def features_digest(base: ModelVersion) -> str:
    """What features are made by: the files of the towers, the language model and the shared space, and this
    file's recipe. The connector has no part in them.
    """
    made_by = sorted(f"{file.role} {file.sha256}" for file in base.files if file.role not in NO_PART)
    return hashlib.sha256("\n".join([RECIPE, *made_by]).encode()).hexdigest()


def features_of(model: OmniModel, media: Sequence[Seen], policy: PolicySpec, hook: Hook) -> list[Features]:
    """One record a medium, in order. Without pages there are no pictures' blocks, without text no words'."""
    made = []
    for number, seen in enumerate(media):
        blocks: dict[str, np.ndarray] = {}
        if seen.pages:
            pages = [_of_page(model, page.pixels) for page in seen.pages]
            blocks = {name: np.mean([page[name] for page in pages], axis=0) for name in pages[0]}
        if seen.windows and model.hearing is not None:
            blocks["heard"] = _of_sound(model.hearing, seen)
        blocks |= _words(model, seen.text, policy.text_tokens)
        made.append(Features(mark(seen), blocks))
        hook("features", None, (number + 1) / len(media))
    return made


def levels(tower: nn.Module, pixels: Tensor) -> tuple[Tensor, ...]:
    """The tower's features from early to last, each [batch, places, width]; without levels its last."""
    several = getattr(tower, "levels", None)
    if several is None:
        last: Tensor = tower(pixels)
        return (last,)
    found: tuple[Tensor, ...] = several(pixels)
    return found


@torch.inference_mode()
def _of_page(model: OmniModel, pixels: np.ndarray) -> dict[str, np.ndarray]:
    whole = levels(model.tower, model.pixels([pixels]))
    blocks = {
        "pooled": _numbers(whole[-1].mean(1)),
        "local": _numbers(torch.cat([over_places(level) for level in whole], 1)),
    }
    if model.space is not None:
        blocks[NEAR] = _numbers(model.space.pictures(whole[-1]))
    return blocks


@torch.inference_mode()
def _of_sound(hearing: Hearing, seen: Seen) -> np.ndarray:
    return _numbers(over_time(heard(hearing, [window.samples for window in seen.windows]).unsqueeze(0)))


@torch.inference_mode()
def heard(hearing: Hearing, windows: Sequence[np.ndarray]) -> Tensor:
    """The sound tower's vectors of all windows, one after the other: [tokens, width]."""
    pooled = hearing.pooled(windows)
    counts = [hearing.config.tokens_of(len(samples)) for samples in windows]
    return torch.cat([row[:count] for row, count in zip(pooled, counts, strict=True)])


def over_time(tokens: Tensor) -> Tensor:
    """The mean and the spread over what is heard: [batch, tokens, width] -> [batch, 2 × width]."""
    spread = tokens.var(1, correction=0).clamp_min(1e-16).sqrt()
    return torch.cat([tokens.mean(1), spread], 1)


def over_places(level: Tensor) -> Tensor:
    """The mean, the largest and the spread over the places: [batch, places, width] -> [batch, 3 × width]."""
    # The root's slope at nothing is infinite: where a level is even, gradients need a floor.
    spread = level.var(1, correction=0).clamp_min(1e-16).sqrt()
    return torch.cat([level.mean(1), level.amax(1), spread], 1)


def _numbers(row: Tensor) -> np.ndarray:
    return row[0].float().cpu().numpy().astype(np.float16)


@torch.inference_mode()
def _words(model: OmniModel, text: str, most: int) -> dict[str, np.ndarray]:
    segment = text_segment(text, most, model.words)
    if segment is None:
        return {}
    embedded = model.embed(model.ids(segment.tokens)).unsqueeze(0)
    return {
        "words": _numbers(words_state(model, embedded)),
        "framed": _numbers(framed_state(model, embedded)),
    }


def words_state(model: OmniModel, embedded: Tensor) -> Tensor:
    """Embedded texts -> their mean state at the middle layer: [batch, tokens, width] -> [batch, width]."""
    return _states(model, embedded).mean(1)


def framed_state(model: OmniModel, embedded: Tensor) -> Tensor:
    """As `words_state`, with the frame before each text, which has no part in the mean."""
    frame = model.embed(model.ids(model.words.encode(FRAME))).expand(len(embedded), -1, -1)
    return _states(model, torch.cat([frame, embedded], dim=1))[:, frame.shape[1] :].mean(1)


TEXTS = {"words": words_state, "framed": framed_state}
"""How each block that is read of a text is made of its embedding, [1, tokens, width]."""


def _states(model: OmniModel, embedded: Tensor) -> Tensor:
    layers = 2 * (len(model.language.model.layers) + 1) // 5
    cut = shallow(model.language, layers)
    states: Tensor = cut(inputs_embeds=embedded, use_cache=False).last_hidden_state
    return states.float()
