"""From redacted media and their policies to results for the record."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from omnigov.contracts import (
    MILLION,
    Hook,
    InferenceResult,
    LabelScore,
    ModelVersion,
    OtherOrder,
    PolicySpec,
    Refused,
    Stage,
    Voice,
    digest_of,
)
from workers import weights
from workers.omni.joined import Joined, doubled, joined, joins, with_ends
from workers.omni.model import OmniModel, with_connector, with_hearing, with_watching
from workers.omni.prompt import Prompt, about, build_prompt
from workers.omni.score import (
    TOKENS_AT_ONCE,
    Read,
    embedded,
    label_scores,
    read_media,
    read_question,
    tokens_of,
)
from workers.omni.seen import Seen
from workers.omni.stream import reasons
from workers.weights.manifest import manifest

STAGES = tuple(model.stage for model in manifest().models)
"""The stages that can be asked."""
EARLIER = {Stage.AUDIO: Stage.IMAGE_TEXT, Stage.VIDEO: Stage.AUDIO}
"""The stage whose model a stage's own is made from: all that it has is shared, and only added to."""

LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "pillow")
_loading = threading.Lock()


class LabelsAlike(Refused):
    """Two labels of a policy have the same words: nothing could tell them apart."""

    def __init__(self, phrase: str) -> None:
        super().__init__(
            "labels_alike",
            f"Two labels of this policy have the words {phrase!r}, so nothing could tell them apart. Give "
            "each label words of its own.",
        )


class NoNumbers(Refused):
    """The model's scores of a medium are not numbers: no label is the likeliest of them."""

    def __init__(self) -> None:
        super().__init__(
            "no_numbers",
            "The model's scores of this medium are not numbers, so nothing was decided. Try it again, and "
            "tell your administrator if it fails again.",
        )


class StageNotAligned(Exception):
    """No connector was trained for the policy's stage."""


def choose_device(named: str | None = None) -> str:
    """`named`, else OMNIGOV_DEVICE, else "cuda" where torch finds one, else "cpu"."""
    return named or os.environ.get("OMNIGOV_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")


def load(stage: Stage = Stage.IMAGE_TEXT, device: str | None = None, threads: int | None = None) -> OmniModel:
    """The model of a stage, from files whose digests match; loaded once a process and device.

    `threads`, else OMNIGOV_THREADS, sets torch's for the whole process. Weights are float32;
    OMNIGOV_DTYPE=bfloat16 changes that. Raises `weights.WeightsMissing`, `weights.WeightsDiffer` or
    `StageNotAligned`.
    """
    wanted = threads or int(os.environ.get("OMNIGOV_THREADS") or 0)
    if wanted:
        torch.set_num_threads(wanted)
    with _loading:  # two threads asking at once load it once
        return _load(stage, choose_device(device), os.environ.get("OMNIGOV_DTYPE", "float32"))


@functools.cache
def _load(stage: Stage, device: str, dtype: str) -> OmniModel:
    if stage not in STAGES:
        raise StageNotAligned(
            f"No connector was trained for the stage {stage}; choose a policy of another stage."
        )
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if dtype not in kinds:
        raise ValueError(f"OMNIGOV_DTYPE is {dtype!r}; it can be {' or '.join(kinds)}.")
    parts = next(model.config for model in manifest().models if model.stage == stage)
    if parts.clip_connector is not None:
        model = with_watching(_load(EARLIER[stage], device, dtype), weights.path(parts.clip_connector))
    elif parts.sound_connector is not None:
        earlier = _load(EARLIER[stage], device, dtype)
        told = weights.path(parts.sound_kinds) if parts.sound_kinds else None
        model = with_hearing(earlier, weights.path(parts.sound_connector), told)
    else:
        files = weights.path(parts.connector), weights.path(parts.space) if parts.space else None
        model = with_connector(*files).to(device, kinds[dtype])
    model.kept = weights.folder() / "priors" / digest_of(weights.model_version(stage))
    return model


def infer(
    media: Sequence[Seen], policies: Sequence[PolicySpec], *, seeds: Sequence[int], hook: Hook
) -> list[InferenceResult]:
    """One result a medium, in order. All that is seen was redacted before.

    Media that are asked the same question go through the model together, where they have one shape. Decoding
    is greedy, so a seed changes nothing today; it is set and recorded all the same.
    """
    groups: dict[PolicySpec, list[int]] = {}
    for index, policy in enumerate(policies):
        groups.setdefault(policy, []).append(index)
    results: dict[int, InferenceResult] = {}
    for number, (policy, members) in enumerate(groups.items()):
        model = load(policy.stage)
        torch.manual_seed(seeds[members[0]])
        hook("infer", None, number / len(groups))
        made = infer_together(
            model,
            weights.model_version(policy.stage),
            [media[i] for i in members],
            policy,
            seeds=[seeds[i] for i in members],
            hook=hook,
        )
        results.update(zip(members, made, strict=True))
    return [results[index] for index in range(len(media))]


def infer_together(
    model: OmniModel,
    version: ModelVersion,
    media: Sequence[Seen],
    policy: PolicySpec,
    *,
    seeds: Sequence[int],
    hook: Hook,
) -> list[InferenceResult]:
    """As `infer`, for one policy and a model in hand; `version` is what the record calls that model.

    `duration_ms` is a medium's share of the time of those that it went through the model with. Raises
    `LabelsAlike`; `NoNumbers` where this is so of any of the media.
    """
    if alike := doubled(policy.labels):
        raise LabelsAlike(alike)
    asked = build_prompt(policy, model.words)
    prompts = [about(asked, seen, policy, model.words) for seen in media]
    groups = list(_of_one_shape(model, prompts))
    results: dict[int, InferenceResult] = {}
    for number, members in enumerate(groups):
        began = time.perf_counter()
        heard = _part_of(hook, number, len(groups))
        read = _read(model, [prompts[i] for i in members], [media[i] for i in members], policy, heard)
        duration = round((time.perf_counter() - began) * 1000 / len(members))
        for row, index in enumerate(members):
            results[index] = _result(
                model, version, policy, prompts[index], read, row, seeds[index], duration
            )
    return [results[index] for index in range(len(media))]


def _of_one_shape(model: OmniModel, prompts: Sequence[Prompt]) -> Iterator[list[int]]:
    """Which go through the model together: those of one shape, as many as fit the memory."""
    shapes: dict[tuple[int, ...], list[int]] = {}
    for index, prompt in enumerate(prompts):
        shapes.setdefault(prompt.shape, []).append(index)
    for members in shapes.values():
        most = max(1, TOKENS_AT_ONCE // max(1, tokens_of(model, prompts[members[0]])))
        yield from (members[i : i + most] for i in range(0, len(members), most))


def _part_of(hook: Hook, number: int, count: int) -> Hook:
    def heard(step: str, artefact: Any = None, progress: float | None = None) -> None:
        hook(step, artefact, None if progress is None else (number + progress) / count)

    return heard


@dataclass(frozen=True)
class _Answers:
    """What was found out of media that went through the model together."""

    scores: Tensor  # [media, labels], what decides
    said: list[list[str]]
    joined: Joined | None = None
    other: Tensor | None = None  # scores with the labels the other way round
    sounds: tuple[dict[str, int], ...] = ()  # of each medium how many windows are of which kind


def _read(
    model: OmniModel, prompts: Sequence[Prompt], media: Sequence[Seen], policy: PolicySpec, hook: Hook
) -> _Answers:
    """Scores, and the sentences of each; the prompts are of one shape."""
    prompt = prompts[0]
    pages = [page.pixels for seen in media for page in seen.pages]
    windows = [window.samples for seen in media for window in seen.windows]
    with torch.inference_mode():
        patches = model.patches(pages) if pages else None
        heard = model.heard(windows)
        content = embedded(model, prompts, patches, heard)
        read = read_media(model, content, prompt, read_question(model, prompt))
        found, scores = _scored(model, read, prompt, policy, patches)
        other = None if model.space is None else _the_other_way(model, prompt, policy, content, patches)
    if not scores.isfinite().all() or (other is not None and not other.isfinite().all()):
        raise NoNumbers
    hook("score", None, 0.3)
    chosen = scores.argmax(1).tolist()
    said: list[list[str]] = [[] for _ in media]
    for row, sentence in reasons(model, read, prompt, chosen, policy.reasons_max_tokens):
        said[row].append(sentence)
        hook("reasons", (row, sentence), 0.3 + 0.7 * sum(map(bool, said)) / len(said))
    return _Answers(scores, said, found, other, _kinds(model, media, heard))


def _kinds(model: OmniModel, media: Sequence[Seen], heard: Tensor | None) -> tuple[dict[str, int], ...]:
    hearing = model.hearing
    if heard is None or hearing is None or hearing.kinds is None:
        return ()
    of_media = iter(heard.view(len(media), -1, *heard.shape[1:]))
    counts = [[hearing.config.tokens_of(len(each.samples)) for each in seen.windows] for seen in media]
    return tuple(hearing.kinds.counts(next(of_media), each) for each in counts)


def _scored(
    model: OmniModel, read: Read, prompt: Prompt, policy: PolicySpec, patches: Tensor | None
) -> tuple[Joined | None, Tensor]:
    """What it was joined from, where it was, and what the labels are ordered by: [media, labels]."""
    if patches is None or not joins(model, prompt, policy):
        return None, label_scores(model, read, prompt)
    found = joined(model, prompt, policy, label_scores(model, read, with_ends(prompt)), patches)
    return found, found.scores


def _the_other_way(
    model: OmniModel, prompt: Prompt, policy: PolicySpec, content: Tensor, patches: Tensor | None
) -> Tensor:
    """The scores when the question names its labels the other way round: [media, labels]."""
    turned = replace(build_prompt(policy, model.words, backwards=True), segments=prompt.segments)
    read = read_media(model, content, turned, read_question(model, turned))
    return _scored(model, read, turned, policy, patches)[1]


def _result(
    model: OmniModel,
    version: ModelVersion,
    policy: PolicySpec,
    prompt: Prompt,
    answers: _Answers,
    row: int,
    seed: int,
    duration_ms: int,
) -> InferenceResult:
    scores = answers.scores[row]
    probability = scores.double().softmax(0)
    order = scores.argsort(descending=True, stable=True).tolist()
    made = tuple(_score(policy, answers, row, index, probability[index].item()) for index in order)
    confidence = made[0].probability
    return InferenceResult(
        label=made[0].label,
        scores=made,
        confidence=confidence,
        confidence_kind="uncalibrated",
        abstained=confidence < policy.abstain_below,
        reasons=tuple(answers.said[row]),
        prompt_digest=prompt.digest,
        model=version,
        device=model.device.type,
        dtype=str(model.dtype).removeprefix("torch."),
        seed=seed,
        libraries={name: importlib.metadata.version(name) for name in LIBRARIES},
        duration_ms=duration_ms,
        seen=prompt.seen,
        other_order=_other_order(policy, answers, row, probability),
        voices=(Voice(who="sound", counts=answers.sounds[row]),) if answers.sounds else (),
    )


def _score(policy: PolicySpec, answers: _Answers, row: int, index: int, probability: float) -> LabelScore:
    label, share = policy.labels[index].key, round(probability * MILLION)
    found = answers.joined
    if found is None:
        return LabelScore(label=label, log_likelihood=_nats(answers.scores[row, index]), probability=share)
    return LabelScore(
        label=label,
        log_likelihood=_nats(found.likelihood[row, index]),
        probability=share,
        joined=round(found.scores[row, index].item() * MILLION),
        prior=_nats(found.prior[index]),
        similarity=round(found.similarity[row, index].item() * MILLION),
    )


def _nats(likelihood: Tensor) -> int:
    return min(0, round(likelihood.item() * MILLION))


def _other_order(policy: PolicySpec, answers: _Answers, row: int, probability: Tensor) -> OtherOrder | None:
    if answers.other is None:
        return None
    turned = answers.other[row].double().softmax(0)
    change = round((turned - probability).abs().max().item() * MILLION)
    return OtherOrder(label=policy.labels[int(turned.argmax())].key, change=change)
