"""The life of one run on the GPU side, top to bottom: redact, infer, attribute.

No Django and no database: bytes and frozen records in, bytes and frozen records out. Each step is given
one hook, which the caller uses for the progress bar, the timings and the provenance alike.

A step MUST return a whole record or raise; it MUST NOT hand on anything of the original but the
redacted copy. `redact` raises `Quarantined` where redaction can't be shown to have worked.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from omnigov.contracts import (
    AttributionResult,
    Hook,
    InferenceResult,
    PolicySpec,
    ReadValues,
    RedactionEdits,
    RedactionResult,
    Refused,
    digest_of,
)
from workers import attribution, omni, weights
from workers.media import kinds, picture
from workers.redaction.kinds.picture import load
from workers.redaction.kinds.redactors import redactor


@dataclass(frozen=True)
class Order:
    """What the GPU side is told of a run: what is asked, the seed, and what a person said is to be hidden."""

    policy: PolicySpec
    seed: int
    edits: RedactionEdits = field(default_factory=RedactionEdits)
    by_hand: bool = False


def prepare_redaction() -> None:
    """Loads the detectors before the first picture comes. Raises what `redact` would."""
    load()


def prepare_model() -> frozenset[str]:
    """Loads the omni model before the first picture comes; the model versions that can be asked, by digest.

    Raises what `infer` would.
    """
    for stage in omni.STAGES:
        omni.load(stage)
    return frozenset(digest_of(weights.model_version(stage)) for stage in omni.STAGES)


def redact(
    order: Order, original: bytes, hook: Hook, read: ReadValues | None = None
) -> tuple[bytes, RedactionResult]:
    """The redacted copy and what was hidden in it. `read` then has what stood there, for who seals it.

    Raises `Quarantined` where that can't be shown, `Refused` where the original is of no kind that is shown.
    """
    kind = kinds.told(original)
    if not kind.viewer:
        raise Refused("unsupported", f"This is a {kind.name}, and only the command line takes those.")
    copy = io.BytesIO()
    result = redactor(kind).redact_to(
        original,
        copy,
        order.policy.redaction,
        order.policy.limits,
        hook,
        order.edits,
        read,
        by_hand=order.by_hand,
    )
    return copy.getvalue(), result


def picture_of(copy: bytes, order: Order) -> np.ndarray:
    """The redacted copy as the model sees it: RGB, [height, width, 3], uint8."""
    return picture.decode(copy, order.policy.limits)


def infer(orders: Sequence[Order], copies: Sequence[bytes], hook: Hook) -> list[InferenceResult]:
    """Labels, scores and reasons of several redacted pictures, which go through the model together."""
    pictures = [picture_of(copy, order) for copy, order in zip(copies, orders, strict=True)]
    return omni.infer(
        pictures, [order.policy for order in orders], seeds=[order.seed for order in orders], hook=hook
    )


def attribute(
    order: Order, copy: bytes, inference: InferenceResult, hook: Hook
) -> tuple[AttributionResult, bytes]:
    """What the chosen label's score rests on, and the heat map over the redacted picture as PNG."""
    seen = picture_of(copy, order)
    result = attribution.attribute(seen, order.policy, inference.label, hook=hook)
    heat_map = attribution.render(seen, result.grid)
    return result.model_copy(update={"heat_map": hashlib.sha256(heat_map).hexdigest()}), heat_map
