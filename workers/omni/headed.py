"""A decision by a policy's head: its calibrated shares in the place of the model's own, and who said what."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from omnigov.contracts import (
    MILLION,
    Hook,
    InferenceResult,
    LabelScore,
    LabelShare,
    PolicySpec,
    Voice,
    WeightFile,
    digest_of,
    with_head,
)
from omnigov.contracts.evaluation import HEAD_ROLE
from workers.omni.doubts import doubted
from workers.omni.features import features_digest, features_of
from workers.omni.heads import FittedHead, asked_from, bound, file_digest, head_from, stacked
from workers.omni.model import OmniModel
from workers.omni.seen import Seen


@functools.lru_cache(maxsize=8)
def _read(file: bytes) -> tuple[FittedHead, WeightFile]:
    digest = file_digest(file)
    return head_from(file), WeightFile(name=f"head-{digest[:12]}", role=HEAD_ROLE, sha256=digest)


def by_head(
    model: OmniModel,
    media: Sequence[Seen],
    policy: PolicySpec,
    results: Sequence[InferenceResult],
    head: bytes,
    hook: Hook,
) -> list[InferenceResult]:
    """What the head decides of each medium, beside what the model alone said of it.

    It abstains below its own threshold too, and on a medium that has nothing of what it reads. Reasons that
    the model wrote for another label are left out.
    Raises `heads.HeadUnfit` where the head is another policy's or stands on another model.
    """
    fitted, file = _read(head)
    bound(fitted, digest_of(policy), features_digest(results[0].model))
    rows = [
        {**features.blocks, "asked": asked_from(result.scores, policy)}
        for features, result in zip(features_of(model, media, policy, hook), results, strict=True)
    ]
    shares = fitted.shares(stacked(rows, {**fitted.widths, "asked": len(policy.labels)}))
    if not np.isfinite(shares).all():
        # Nothing can be read from numbers that are none: the model's own answer stands, for a person to see.
        return [result.model_copy(update={"abstained": True}) for result in results]
    return [
        _decided(policy, result, row, fitted, file)
        if fitted.reads(blocks)
        # A text for a head that was fitted on pictures: its numbers would be those of nothing at all.
        else doubted(result, {"unlike": 1})
        for result, row, blocks in zip(results, shares, rows, strict=True)
    ]


def _decided(
    policy: PolicySpec, result: InferenceResult, shares: np.ndarray, fitted: FittedHead, file: WeightFile
) -> InferenceResult:
    own = {score.label: score for score in result.scores}
    of_head = {
        label: min(MILLION, round(float(s) * MILLION)) for label, s in zip(fitted.labels, shares, strict=True)
    }
    order = sorted(of_head, key=lambda label: -of_head[label])  # equal ones stay in the policy's order
    scores = tuple(
        LabelScore.model_validate({**own[label].model_dump(), "probability": of_head[label]})
        for label in order
    )
    confidence = of_head[order[0]]
    voices = (
        Voice(
            who="head",
            label=order[0],
            scores=tuple(LabelShare(label=label, probability=of_head[label]) for label in order),
            decided=True,
        ),
        Voice(
            who="model",
            label=result.label,
            scores=tuple(LabelShare(label=s.label, probability=s.probability) for s in result.scores),
        ),
        *(voice for voice in result.voices if voice.who not in ("head", "model")),
    )
    return result.model_copy(
        update={
            "label": order[0],
            "scores": scores,
            "confidence": confidence,
            "confidence_kind": "calibrated",
            "abstained": confidence < max(fitted.threshold, policy.abstain_below),
            "reasons": result.reasons if result.label == order[0] else (),
            "model": with_head(result.model, file),
            "voices": voices,
        }
    )
