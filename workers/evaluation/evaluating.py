"""How well a policy is answered on examples of it: by its head, or by the model alone where it has none.

Examples that the head was fitted on are decided by what heads said of them that had not seen them, which the
head's file keeps. So measuring on the same folder again flatters nobody.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from omnigov.contracts import (
    Evaluation,
    Hook,
    LeftOut,
    ModelVersion,
    PolicySpec,
    WeightFile,
    digest_of,
    with_head,
)
from omnigov.contracts.evaluation import HEAD_ROLE, NOTHING
from workers import weights
from workers.alignment.adapting import FOLDS, baselines, folds, marks_for, probe_of
from workers.alignment.examples import Cache, Example, Known, asked_of, known
from workers.alignment.measures import RISK_TARGET, Said, evaluation
from workers.alignment.twins import twins_among
from workers.omni.features import features_digest
from workers.omni.heads import FittedHead, bound, file_digest, head_from, stacked
from workers.omni.infer import load
from workers.omni.model import OmniModel
from workers.omni.seen import Page, Seen


def evaluate(
    examples: Sequence[Example],
    policy: PolicySpec,
    head: bytes | None,
    hook: Hook,
    *,
    left_out: Sequence[LeftOut] = (),
    seed: int = 0,
    risk_target: int = RISK_TARGET,
    cache: Cache | None = None,
    model: OmniModel | None = None,
    version: ModelVersion | None = None,
) -> Evaluation:
    """What was measured. `head` is a head's file, or None: then the model alone is measured.

    `hook` hears `features` and `evaluation`. Raises `NotEnough` without a usable example and
    `heads.HeadUnfit` where the head is another policy's or stands on another model.
    """
    began = time.perf_counter()
    base = version or weights.model_version(policy.stage)
    model = model or load(policy.stage)
    fitted = None
    if head is not None:
        fitted = bound(head_from(head), digest_of(policy), features_digest(base))
    material = known(examples, policy, hook, left_out=left_out, cache=cache, model=model, version=base)
    if head is None or fitted is None:
        blind = blind_label(model, base, policy, examples[0].seen)
        made = _alone(material, policy, base, blind, seed, risk_target, began)
    else:
        made = _headed(material, base, fitted, file_digest(head), seed, risk_target, began, cache or {})
    hook("evaluation", made, 1.0)
    return made


def _headed(
    material: Known,
    base: ModelVersion,
    fitted: FittedHead,
    digest: str,
    seed: int,
    risk_target: int,
    began: float,
    cache: Cache,
) -> Evaluation:
    at, marks = {name: row for row, name in enumerate(fitted.marks)}, marks_for(fitted, material)
    used = np.array([name in at for name in marks])
    shares = fitted.shares(material.blocks)
    for row, name in enumerate(marks):
        if name in at:
            shares[row] = fitted.out_of_fold[at[name]]
    said = Said(material.truth, shares, baselines(material, fitted, used), material.slices)
    version = with_head(base, WeightFile(name=f"head-{digest[:12]}", role=HEAD_ROLE, sha256=digest))
    return evaluation(
        said,
        material.labels,
        policy_digest=fitted.policy_digest,
        model_digest=digest_of(version),
        head_digest=digest,
        examples_digest=material.digest,
        threshold=fitted.threshold,
        risk_target=risk_target,
        calibrated=True,
        seed=seed,
        duration_ms=round((time.perf_counter() - began) * 1000),
        out_of_fold=int(used.sum()),
        left_out=material.left_out,
        twins=int(material.twins.sum()),
        twins_in_training=_twins_in_training(material, used, fitted, cache),
    )


def _twins_in_training(material: Known, used: np.ndarray, fitted: FittedHead, cache: Cache) -> int | None:
    """How many examples that the head never saw look like one that it was fitted on.

    Its examples are known here where they are among these, or where their features are kept. None where they
    are not all known: then nobody looked.
    """
    if used.all():
        return 0
    here = set(np.array(marks_for(fitted, material))[used].tolist())
    elsewhere = [(row, mark) for row, mark in enumerate(fitted.marks) if mark not in here]
    if any(mark not in cache for _, mark in elsewhere):
        return None
    mine = [{name: block[row] for name, block in material.blocks.items()} for row in np.flatnonzero(used)]
    widths = {name: block.shape[1] for name, block in material.blocks.items()}
    others = stacked([*mine, *(cache[mark].blocks for _, mark in elsewhere)], widths)
    truth = np.array([*material.truth[used], *(fitted.truth[row] for row, _ in elsewhere)])
    unseen = material.rows(~used)
    return int(twins_among(unseen.truth, unseen.blocks, truth, others).sum())


def _alone(
    material: Known,
    policy: PolicySpec,
    base: ModelVersion,
    blind: int,
    seed: int,
    risk_target: int,
    began: float,
) -> Evaluation:
    shares = np.exp(material.blocks["asked"].astype(np.float64))
    others = {"blind": np.full(len(material), blind)}
    if probed := _cross_probed(material, seed):
        others["linear_probe"] = np.array(probed)
    return evaluation(
        Said(material.truth, shares, others, material.slices),
        material.labels,
        policy_digest=digest_of(policy),
        model_digest=digest_of(base),
        head_digest="",
        examples_digest=material.digest,
        # Nothing says from which confidence on it could be left alone.
        threshold=NOTHING,
        risk_target=risk_target,
        calibrated=False,
        seed=seed,
        duration_ms=round((time.perf_counter() - began) * 1000),
        left_out=material.left_out,
        twins=int(material.twins.sum()),
    )


def _cross_probed(material: Known, seed: int) -> list[int]:
    """What probes fitted on these very examples say of those not seen; nothing where that can't be."""
    if len(set(material.groups)) < 2 or len(np.unique(material.truth)) < 2:
        return []
    fold = folds(material, min(FOLDS, len(set(material.groups))), seed)
    said = np.zeros(len(material), dtype=int)
    for number in np.unique(fold):
        said[fold == number] = probe_of(material, fold != number)
    return [int(each) for each in said]


def blind_label(model: OmniModel, base: ModelVersion, policy: PolicySpec, like: Seen) -> int:
    """Which label the model gives when the medium is left out: a grey page in its place, or no text."""
    grey = tuple(Page(page.part, np.full_like(page.pixels, 127), page.size) for page in like.pages)
    empty = Seen(pages=grey, text="", picture=like.picture)
    return int(asked_of(model, base, [empty], policy)[0].argmax())
