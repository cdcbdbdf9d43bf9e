"""The thorough explanation of one decision, and how far it can be relied on. Nobody waits for it.

Each trial is the medium itself, redrawn and asked again: areas made blank in the picture, words gone from
the text. A patch of the tower is told by more than its own pixels, so an area's value is not only what lies
in it; what happens when it really is taken away is measured here and said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from omnigov.contracts import (
    MILLION,
    Area,
    AttributionResult,
    Counterfactual,
    DeepAttribution,
    Hook,
    Interval,
    OrderCurve,
    PolicySpec,
    Span,
    Without,
)
from workers.attribution.asked import asked_of, contents_of
from workers.attribution.asking import Scorer, scorer_of
from workers.attribution.attribute import DEEP, Contrast, explain, kept_at, margin
from workers.attribution.headed import head_margin, read_of
from workers.attribution.parts import Part, covered, parts_of, without
from workers.attribution.path import along
from workers.omni.heads import FittedHead, head_from
from workers.omni.infer import load
from workers.omni.model import OmniModel
from workers.omni.prompt import about, build_prompt
from workers.omni.seen import Seen

Modality = Literal["pictures", "sound", "text", "frame", "second"]
STEPS = 8  # in which all parts are taken away, or put in
ORDERS = 3  # at random
SEEDS = (1, 2, 3)
NOISE = 0.05  # of a part's own size, added to it
NOISE_POINTS = 8
TAKEN = (0.05, 0.1, 0.2, 0.35, 0.5)  # shares of the parts, until the label changes


def examine(
    seen: Seen,
    policy: PolicySpec,
    contrast: Contrast,
    *,
    seed: int = 0,
    hook: Hook,
    head: bytes | None = None,
) -> DeepAttribution:
    """As `attribute`, and the trials. What the hook raises stops it."""
    model, fitted = load(policy.stage), head_from(head) if head else None
    kept = kept_at(policy)
    return examine_with(model, seen, policy, contrast, seed=seed, hook=hook, kept=kept, head=fitted)


def examine_with(
    model: OmniModel,
    seen: Seen,
    policy: PolicySpec,
    contrast: Contrast,
    *,
    seed: int,
    hook: Hook,
    kept: Path | None = None,
    head: FittedHead | None = None,
) -> DeepAttribution:
    """As `examine`, for a model in hand."""
    began = time.perf_counter()
    result = explain(model, seen, policy, contrast, hook=hook, kept=kept, tier=DEEP, head=head)
    parts = parts_of(result, seen)
    ask = scorer_of(model, policy, hook, head)
    keys = [label.key for label in policy.labels]
    label = keys.index(contrast.label)
    curves = tuple(curves_of(parts, seen, lambda media: ask(media)[:, label], seed)) if parts else ()
    stability = stability_of(model, seen, policy, contrast, parts, hook, head)
    changed = _counterfactual(parts, seen, ask, keys, contrast.label)
    return DeepAttribution(
        attribution=result,
        probability=_millionths(ask([seen])[0, label]),
        curves=curves,
        seeds=SEEDS,
        stability=None if stability is None else round(stability * MILLION),
        counterfactual=changed,
        without_hidden=_without_hidden(parts, seen, ask, keys, contrast),
        without=tuple(_without_each(result, parts, seen, ask, keys, contrast.label)),
        duration_ms=round((time.perf_counter() - began) * 1000),
    )


def curves_of(
    parts: Sequence[Part], seen: Seen, probability: Callable[[Sequence[Seen]], np.ndarray], seed: int
) -> Iterator[OrderCurve]:
    """Deletion and insertion in the explanation's order and in random ones."""
    random = np.random.default_rng(seed)
    named = sorted(range(len(parts)), key=lambda index: -parts[index].value)
    orders = [named, *(random.permutation(len(parts)).tolist() for _ in range(ORDERS))]
    cuts = sorted({round(step * len(parts) / STEPS) for step in range(STEPS + 1)})
    ends = probability([seen, without(seen, [part.place for part in parts])])
    for name in ("deletion", "insertion"):
        means = []
        for order in orders:
            gone = [order[:cut] if name == "deletion" else order[cut:] for cut in cuts[1:-1]]
            media = [without(seen, [parts[index].place for index in each]) for each in gone]
            between = probability(media) if media else np.empty(0)
            # The ends are the same in every order; the mean is the area under the steps' straight lines.
            means.append((ends.sum() / 2 + between.sum()) / (len(cuts) - 1))
        yield OrderCurve(
            name=name,
            named=_millionths(means[0]),
            random=tuple(map(_millionths, means[1:])),
        )


def stability_of(
    model: OmniModel,
    seen: Seen,
    policy: PolicySpec,
    contrast: Contrast,
    parts: Sequence[Part],
    hook: Hook,
    head: FittedHead | None = None,
) -> float | None:
    """The least rank correlation with what is found under a little noise; None for fewer than three parts."""
    prompt = about(build_prompt(policy, model.words), seen, policy, model.words)
    asked = asked_of(model, prompt, policy, contrast.labels)
    contents = contents_of(model, prompt, seen)
    if sum(part.value != 0 for part in parts) < 3:
        return None

    judge = head_margin(head, contrast.label, contrast.against, model.space) if head else None

    def found(shake: Callable[[Tensor], Tensor]) -> np.ndarray:
        # The gap is of no matter here: the same few points for each.
        values = [torch.zeros(())]
        if judge is None or judge.asks:
            path = along(
                lambda *given: margin(asked.of_media(*given)),
                replace(contents, actual=tuple(map(shake, contents.actual))),
                0.0,
                first=NOISE_POINTS,
                most=NOISE_POINTS,
                at_once=4,
                heard=heard,
            )
            counts = 1.0 if judge is None else judge.asks
            values.append(counts * torch.cat([each.flatten().cpu() for each in path.found]))
        if judge is not None:
            read = read_of(model, prompt, seen, judge, heard=heard, most=NOISE_POINTS, noise=shake)
            values.append(torch.cat([each.flatten() for each in read.contents]))
        whole: Tensor = sum(values[1:], values[0])
        return whole.numpy()

    def heard(_: int) -> None:
        hook("attribute", None, 0.95)

    plain, least = found(lambda given: given), 1.0
    for seed in SEEDS:
        least = min(least, rank_correlation(plain, found(_shaken(seed))))
    return least


def _shaken(seed: int) -> Callable[[Tensor], Tensor]:
    """A little noise on each part, by its own size."""
    generator = torch.Generator().manual_seed(seed)

    def shake(given: Tensor) -> Tensor:
        drawn = torch.randn(given.shape, generator=generator).to(given.device, given.dtype)
        return given + NOISE * given.std(-1, keepdim=True) * drawn

    return shake


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's, of values without ties that matter; 0 where one of them is constant."""
    ranks = [
        np.argsort(np.argsort(each, kind="stable"), kind="stable").astype(float) for each in (one, other)
    ]
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _counterfactual(
    parts: Sequence[Part], seen: Seen, ask: Scorer, keys: Sequence[str], label: str
) -> Counterfactual | None:
    """Without ever more of the strongest parts, until the label is another one; the last trial where not."""
    strongest = sorted((part for part in parts if part.value > 0), key=lambda part: -part.value)
    tried: Counterfactual | None = None
    for share in TAKEN:
        taken = strongest[: max(1, round(share * len(parts)))]
        if not taken or (tried and len(taken) == len(tried.removed)):
            break
        tried = _asked_without(taken, len(parts), seen, ask, keys, label)
        if tried.label != label:
            break
    return tried


def _without_hidden(
    parts: Sequence[Part], seen: Seen, ask: Scorer, keys: Sequence[str], contrast: Contrast
) -> Counterfactual | None:
    over = [part for part in parts if covered(part.place, contrast.hidden) >= 0.5]
    return _asked_without(over, len(parts), seen, ask, keys, contrast.label) if over else None


def _without_each(
    result: AttributionResult,
    parts: Sequence[Part],
    seen: Seen,
    ask: Scorer,
    keys: Sequence[str],
    label: str,
) -> Iterator[Without]:
    """Of what has time: each modality, where there is another, and the strongest frame and second."""
    if not seen.clip and not seen.windows:
        return
    players: dict[Modality, list[Area | Interval | Span]] = {
        "pictures": [each.place for each in result.segments if isinstance(each.place, Area)],
        "sound": [each.place for each in result.segments if isinstance(each.place, Interval)],
        "text": [each.place for each in result.segments if isinstance(each.place, Span)],
    }
    there = {name: places for name, places in players.items() if places}
    trials: list[tuple[Modality, list[Area | Interval | Span]]] = []
    if len(there) > 1:
        trials += there.items()
    frames = {
        each.place: sum(map(sum, each.grid)) for each in result.segments if isinstance(each.place, Area)
    }
    if len(frames) > 1:
        trials.append(("frame", [max(frames, key=lambda place: frames[place])]))
    seconds = [part for part in parts if isinstance(part.place, Interval)]
    if len(seconds) > 1:
        trials.append(("second", [max(seconds, key=lambda part: part.value).place]))
    for what, places in trials:
        found = ask([without(seen, places)])[0]
        yield Without(
            what=what,
            removed=tuple(places),
            label=keys[int(found.argmax())],
            probability=_millionths(found[keys.index(label)]),
        )


def _asked_without(
    taken: Sequence[Part], count: int, seen: Seen, ask: Scorer, keys: Sequence[str], label: str
) -> Counterfactual:
    found = ask([without(seen, [part.place for part in taken])])[0]
    return Counterfactual(
        removed=tuple(part.place for part in taken),
        removed_share=round(MILLION * len(taken) / count),
        label=keys[int(found.argmax())],
        probability=_millionths(found[keys.index(label)]),
    )


def _millionths(share: float) -> int:
    return min(MILLION, round(float(share) * MILLION))
