"""What a decision rests on: the label's score less the runner-up's, taken apart over all that was given.

The path has two straight legs. On the first the question is asked of a blank picture (`question`). On the
second, the question standing, the blank medium becomes the medium: empty pages become pages, empty lines
become its text. So patches and text say what the medium added to the question's own leaning. On one leg for
both, the gradients of the patches would be taken beside half-faded words that mean nothing; and a path
through the tower's own features would be over in its first hundredth, because the connector's first layer
norm sees only their direction.

Media have no length and no ground in common, so between the legs stands a step: the grey picture becomes as
many blank pages, each in the colour of its own border, and empty lines as the medium has. Nothing of the
medium's content is in it; it is stored by itself, as the extent.

Where a policy's head decides, it is the head's own log-odds that are taken apart: what the model's score
counts in it, and what it reads of the tower and the text itself (`headed`).

The default explanation takes no more than COST times what scoring takes, counted in tokens, so that the same
medium is always given the same points. What is not complete by then says so. What is the same for every
picture on one ground, the scores of blank pictures, is computed once for all labels (`blanks`), and the score
of the medium itself is the one that decided.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from omnigov.contracts import AttributionResult, Hook, Place, PolicySpec, digest_of
from workers import weights
from workers.attribution import modalities
from workers.attribution.asked import Asked, Contents, asked_of, contents_of, likelihood_of, own_tokens
from workers.attribution.blanks import blanks_of
from workers.attribution.headed import HeadMargin, head_margin, read_of
from workers.attribution.path import along
from workers.attribution.question import MOST, Leaning, leaning_of
from workers.attribution.shares import Explained, result_of
from workers.omni.heads import FittedHead, head_from
from workers.omni.infer import load
from workers.omni.joined import joins, prior_of
from workers.omni.model import OmniModel
from workers.omni.prompt import PICTURE, Prompt, about, build_prompt
from workers.omni.score import tokens_of
from workers.omni.seen import Seen

METHOD = "integrated_gradients/nested_steps/words_then_patches"
OF_HEAD = "/head"
"""After the method where the score is a head's."""
METHOD_OF_SEGMENTS = "integrated_gradients/nested_steps/words_then_pages_and_text"
METHOD_OF_SOUND = "integrated_gradients/nested_steps/words_then_pages_sound_and_text"
METHOD_OF_CLIP = "integrated_gradients/nested_steps/words_then_frames_sound_and_text"
# Points that go through the model together: about 300 rows a time, or 0.4 GB for their gradients.
PATCH_POINTS_AT_ONCE = 12
TOKENS_AT_ONCE = 300
# What the default may take, in times of scoring; a page in the tower takes as long as so many tokens do, and
# a point of the path, forward and back, as so many scorings of its tokens.
COST = 6
TOWER = 20
POINT = 2.9
FEWEST = 4  # points, whatever they take
DEEP_POINTS = 128
DEEP_TOKENS = 12_000  # points times tokens of a long medium: about a minute of one core


@dataclass(frozen=True)
class Tier:
    """How much an explanation may take. The deep one is computed when nobody waits for it."""

    deep: bool = False
    words: bool = False  # word by word also what is not kept yet: it takes a label a minute, once

    def most(self, model: OmniModel, prompt: Prompt) -> int:
        """Points of the second leg, at most."""
        tokens = tokens_of(model, prompt) + own_tokens(prompt)
        if self.deep:
            return max(16, min(DEEP_POINTS, DEEP_TOKENS // tokens))
        scoring = tokens + sum(map(len, prompt.labels)) + TOWER * prompt.pages
        # Beside the points: the pages in the tower, and the medium without the question's words.
        beside = tokens + TOWER * prompt.pages
        return max(FEWEST, int((COST * scoring - beside) / (POINT * tokens)))


DEFAULT, DEEP = Tier(), Tier(deep=True, words=True)


@dataclass(frozen=True)
class Contrast:
    """The label that is explained, against which other, and where the medium was hidden from the model."""

    label: str
    against: str = ""
    hidden: tuple[Place, ...] = ()
    own: tuple[int, int] | None = None
    """The model's own shares of both in millionths, which a head was given: none of them is below one."""
    score: float | None = None
    """The model's own score of the label less the other's in nats, where it was asked already."""

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.label, self.against) if self.against else (self.label,)


def attribute(
    seen: Seen,
    policy: PolicySpec,
    contrast: Contrast,
    *,
    hook: Hook,
    tier: Tier = DEFAULT,
    head: bytes | None = None,
) -> AttributionResult:
    """Takes a label's score apart over the pages' patches, the text's tokens and the question's tokens.

    `seen` was redacted already; the labels are keys of the policy. `head` is the file of the head that
    decided. Raises KeyError for an unknown label and what `workers.omni.load` raises.
    """
    fitted = head_from(head) if head else None
    kept = kept_at(policy)
    return explain(load(policy.stage), seen, policy, contrast, hook=hook, kept=kept, tier=tier, head=fitted)


def attribute_with(
    model: OmniModel,
    seen: Seen,
    policy: PolicySpec,
    label: str,
    steps: int | None = None,
    *,
    hook: Hook,
    kept: Path | None = None,
    against: str = "",
) -> AttributionResult:
    """As `attribute`, for a model in hand; the path's second leg begins with `steps`.

    `kept` is the folder for what is the same for every medium.
    """
    return explain(model, seen, policy, Contrast(label, against), steps, hook=hook, kept=kept)


def explain(
    model: OmniModel,
    seen: Seen,
    policy: PolicySpec,
    contrast: Contrast,
    steps: int | None = None,
    *,
    hook: Hook,
    kept: Path | None = None,
    tier: Tier = DEFAULT,
    head: FittedHead | None = None,
) -> AttributionResult:
    """As `attribute_with`. With a folder the default tier takes word by word only what is kept there."""
    began = time.perf_counter()
    prompt = about(build_prompt(policy, model.words), seen, policy, model.words)
    asked = asked_of(model, prompt, policy, contrast.labels)
    judge = head_margin(head, contrast.label, contrast.against, model.space) if head else None
    hook("attribute", None, 0.1)
    words_only_kept = kept is not None and not tier.words
    if judge is not None and not judge.asks:
        explained, points = _of_nothing(model, prompt), 0
    else:
        leaning = _leaning(asked, kept, _counted(hook, 0.6, 0.9, 2 * MOST), only_kept=words_only_kept)
        explained, points = _of_model(asked, seen, leaning, policy, contrast, steps, tier, hook)
    if judge is not None:
        most = max(FEWEST, tier.most(model, prompt))
        explained = _with_head(explained, judge, asked, seen, contrast.own, most, hook)
    hook("attribute", None, 0.95)
    method = _method(seen)
    return result_of(
        asked,
        seen,
        replace(explained, hidden=contrast.hidden),
        method=method + OF_HEAD if judge else method,
        label=contrast.label,
        against=contrast.against,
        steps=points,
        duration_ms=round((time.perf_counter() - began) * 1000),
    )


def _of_model(
    asked: Asked,
    seen: Seen,
    leaning: Leaning,
    policy: PolicySpec,
    contrast: Contrast,
    steps: int | None,
    tier: Tier,
    hook: Hook,
) -> tuple[Explained, int]:
    """The model's own score taken apart, and the points that it took."""
    model, prompt = asked.model, asked.prompt
    contents = contents_of(model, prompt, seen)
    empty = blanks_of(model, policy, seen) if prompt.segments == PICTURE else None
    rows = [policy.labels.index(policy.label(label)) for label in contrast.labels]
    if empty is not None and contrast.score is not None:
        ends = Ends(contrast.score, float(margin(empty.asked[:, rows])[0]))
    else:
        ends = _ends(asked, contents)
    nothing = None if empty is None else float(margin(empty.unasked[:, rows])[0])
    most = max(tier.most(model, prompt), steps or 0)
    path = along(
        lambda *given: margin(asked.of_media(*given)),
        contents,
        ends.change,
        first=steps or _first(policy.attribution_steps, most),
        most=most,
        at_once=_points_at_once(model, prompt),
        heard=_counted(hook, 0.1, 0.6, most),
    )
    return Explained(
        contents=path.found,
        words=leaning.shares,
        question=leaning.asked - leaning.blank,
        total=ends.actual - leaning.blank,
        extent=ends.blank - leaning.asked,
        scores=_coalitions(asked, contents, ends, tier, nothing),
        actual=ends.actual,
    ), path.points


def _of_nothing(model: OmniModel, prompt: Prompt) -> Explained:
    """Of a score that the model itself has no part in."""
    sizes = [prompt.pages * model.config.grid**2] if prompt.pages else []
    sizes += [sum(len(sound.places) for sound in prompt.sounds)] if prompt.sounds else []
    sizes += [len(prompt.text.tokens)] if prompt.text else []
    contents = tuple(torch.zeros(size, dtype=torch.double) for size in sizes)
    return Explained(contents, words=(), question=0.0, total=0.0, extent=0.0, scores={})


def _with_head(
    own: Explained,
    judge: HeadMargin,
    asked: Asked,
    seen: Seen,
    given: tuple[int, int] | None,
    most: int,
    hook: Hook,
) -> Explained:
    """The model's part as much as the head counts it, and beside it what the head reads itself.

    Shares that were `given` to the head are whole millionths. What that changes is in the score that decided
    and in no attribution: where it is much, the explanation is not complete.
    """
    cut = 0.0
    if given is not None:
        cut = judge.asks * (math.log(max(1, given[0]) / max(1, given[1])) - own.actual)
    heard = _counted(hook, 0.9, 0.95, most)
    read = read_of(asked.model, asked.prompt, seen, judge, heard=heard, most=most)
    pairs = zip(own.contents, read.contents, strict=True)
    scores: Mapping[modalities.Members, float] = own.scores
    whole = frozenset(modalities.players_of(asked))
    if not judge.asks:
        scores = dict.fromkeys(modalities.members_of(modalities.players_of(asked)), 0.0)
    return Explained(
        contents=tuple(judge.asks * model.cpu() + head for model, head in pairs),
        words=tuple(judge.asks * word for word in own.words),
        question=judge.asks * own.question,
        total=judge.asks * own.total + read.actual - read.start + cut,
        extent=judge.asks * own.extent + read.blank - read.start,
        scores={
            members: judge.asks * score
            + judge.constant
            + read.of(members)
            + (cut if members == whole else 0.0)
            for members, score in scores.items()
        },
        actual=judge.asks * own.actual + judge.constant + read.actual + cut,
    )


def _method(seen: Seen) -> str:
    if seen.clip:
        return METHOD_OF_CLIP
    if seen.windows:
        return METHOD_OF_SOUND
    return METHOD if seen.picture else METHOD_OF_SEGMENTS


def prepare(policy: PolicySpec, label: str, *, hook: Hook) -> None:
    """Computes the path's first leg, the same for every medium, and keeps it. Raises as `attribute` does.

    Where similarity has a part in the score of a picture there are two such legs, as it has none in that of
    other media; and the priors of the question asked backwards are computed too.
    """
    model = load(policy.stage)
    prompt = build_prompt(policy, model.words)
    legs = [asked_of(model, prompt, policy, (label,))]
    if joins(model, prompt, policy):
        prior_of(model, build_prompt(policy, model.words, backwards=True))
        hook("attribute", None, 0.0)
        legs.append(likelihood_of(model, prompt, policy, (label,)))
    heard = _counted(hook, 0, 1, MOST * len(legs))
    for asked in legs:
        leaning_of(asked, kept_at(policy), heard)


def margin(scores: Tensor) -> Tensor:
    """[batch, labels] -> [batch]: the label's score, less the other's where there is one; nats."""
    return scores[:, 0] - scores[:, 1] if scores.shape[1] > 1 else scores[:, 0]


def kept_at(policy: PolicySpec) -> Path:
    return weights.folder() / "attribution" / digest_of(weights.model_version(policy.stage))


def _leaning(asked: Asked, kept: Path | None, heard: Callable[[int], None], *, only_kept: bool) -> Leaning:
    each = [
        leaning_of(asked.of_one(index), kept, heard, only_kept=only_kept)
        for index in range(len(asked.labels))
    ]
    return each[0] - each[1] if len(each) > 1 else each[0]


@dataclass(frozen=True)
class Ends:
    """The score at the ends of the path's second leg; nats."""

    actual: float
    blank: float

    @property
    def change(self) -> float:
        return self.actual - self.blank


@torch.no_grad()
def _ends(asked: Asked, contents: Contents) -> Ends:
    both = [torch.cat(each) for each in zip(contents.actual, contents.blank, strict=True)]
    found = margin(asked.of_media(*both)).tolist()
    return Ends(found[0], found[-1])  # one and the same where the policy shows nothing


def _coalitions(
    asked: Asked, contents: Contents, ends: Ends, tier: Tier, nothing: float | None
) -> dict[modalities.Members, float]:
    """Of a document with pages and text only the deep tier asks all eight: they take as long as the rest.

    `nothing` is the score of a blank medium and no question, where it is known.
    """
    players = modalities.players_of(asked)
    if len(players) == 1 or (len(players) > 2 and not tier.deep):
        return {}
    known = {frozenset(players): ends.actual, frozenset(players[:1]): ends.blank}
    if nothing is not None:
        known[frozenset()] = nothing
    return modalities.coalitions(asked, contents, margin, known)


def _first(wanted: int, most: int) -> int:
    """Steps to begin with, so that one doubling is still allowed where few are."""
    return most if most < 9 else min(wanted, (most - 1) // 2)


def _points_at_once(model: OmniModel, prompt: Prompt) -> int:
    """So many that the gradients of a long medium take no more memory than those of pictures."""
    if prompt.segments == PICTURE:
        return PATCH_POINTS_AT_ONCE
    return min(PATCH_POINTS_AT_ONCE, max(1, TOKENS_AT_ONCE // max(1, tokens_of(model, prompt))))


def _counted(hook: Hook, low: float, high: float, points: int) -> Callable[[int], None]:
    """Tells the hook of each block of points: of a long medium each takes seconds."""
    done = 0

    def heard(more: int) -> None:
        nonlocal done
        done = min(points, done + more)
        hook("attribute", None, low + (high - low) * done / points)

    return heard
