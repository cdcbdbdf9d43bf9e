"""Media asked again as a decision asks them, by its head where it has one: probabilities, without reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from omnigov.contracts import MILLION, Hook, PolicySpec
from workers.omni.features import features_of
from workers.omni.heads import FittedHead, stacked
from workers.omni.joined import joined, joins, with_ends
from workers.omni.model import OmniModel
from workers.omni.prompt import about, build_prompt
from workers.omni.score import embedded, label_scores, read_media, read_question
from workers.omni.seen import Seen
from workers.omni.voting import joined as joined_with_vote
from workers.omni.voting import shares_of, things_in, votes_on

Scorer = Callable[[Sequence[Seen]], np.ndarray]
"""Media -> the labels' probabilities: [media, labels], in the policy's order."""

AT_ONCE = 8


def scorer_of(model: OmniModel, policy: PolicySpec, hook: Hook, head: FittedHead | None = None) -> Scorer:
    """The model's probabilities, or those of the head that stands on it."""
    ask = _scorer_of_model(model, policy, hook)
    if head is None:
        return voted(ask, policy, hook) if votes_on(policy) else ask

    def judge(media: Sequence[Seen]) -> np.ndarray:
        own = np.log(np.maximum(ask(media), 1 / MILLION)).astype(np.float32)
        rows = [
            {**made.blocks, "asked": scores}
            for made, scores in zip(features_of(model, media, policy, hook), own, strict=True)
        ]
        return head.shares(stacked(rows, {**head.widths, "asked": len(policy.labels)}))

    return judge


def voted(ask: Scorer, policy: PolicySpec, hook: Hook) -> Scorer:
    """The model's probabilities joined with the detector's vote on clips, as a decision joins them."""
    keys = [label.key for label in policy.labels]

    def judge(media: Sequence[Seen]) -> np.ndarray:
        rows = []
        for seen, own in zip(media, ask(media), strict=True):
            vote = shares_of(things_in(seen, hook)) if seen.clip else None
            both = joined_with_vote(dict(zip(keys, own, strict=True)), vote) if vote else None
            rows.append(own if both is None else [both[key] for key in keys])
        return np.array(rows)

    return judge


def _scorer_of_model(model: OmniModel, policy: PolicySpec, hook: Hook) -> Scorer:
    asked = build_prompt(policy, model.words)

    def ask(media: Sequence[Seen]) -> np.ndarray:
        prompts = [about(asked, seen, policy, model.words) for seen in media]
        shapes: dict[tuple[int, ...], list[int]] = {}
        for index, prompt in enumerate(prompts):
            shapes.setdefault(prompt.shape, []).append(index)
        found = np.empty((len(media), len(policy.labels)))
        for members in shapes.values():
            for some in (members[i : i + AT_ONCE] for i in range(0, len(members), AT_ONCE)):
                windows = [window.samples for index in some for window in media[index].windows]
                pages = [page.pixels for index in some for page in media[index].pages]
                with torch.inference_mode():
                    patches = model.patches(pages) if pages else None
                    chosen = [prompts[index] for index in some]
                    inputs = embedded(model, chosen, patches, model.heard(windows))
                    read = read_media(model, inputs, chosen[0], read_question(model, chosen[0]))
                    if patches is None or not joins(model, chosen[0], policy):
                        scores = label_scores(model, read, chosen[0])
                    else:
                        likelihood = label_scores(model, read, with_ends(chosen[0]))
                        scores = joined(model, chosen[0], policy, likelihood, patches).scores
                found[some] = scores.double().softmax(1).cpu().numpy()
                hook("attribute", None, 0.95)
        return found

    return ask
