"""How the detector of persons and vehicles votes beside the model, on clips of a gate.

A policy whose labels have the keys *nobody*, *somebody* and *vehicle* is voted on. What the detector says is
a share of each label, from its best scores over the frames that the model sees; the decision is the model's
and the detector's joined, and both voices are kept. Where a policy has a head, the head decides and the vote
stands beside it. The numbers were fitted on clips for development (`omnigov bench model --only gate_camera`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from omnigov.contracts import MILLION, Hook, InferenceResult, LabelScore, LabelShare, PolicySpec, Voice
from workers.omni.objects import Thing, objects
from workers.omni.seen import Seen

NOBODY, SOMEBODY, VEHICLE = "nobody", "somebody", "vehicle"
KEYS = frozenset((NOBODY, SOMEBODY, VEHICLE))
SURE = 0.5  # of a score: what is counted as there
FRAMES = 2
"""A thing's evidence is the mean of its best scores in so many frames: one frame may deceive."""
STEEP = {"person": 30.0, "vehicle": 10.0}
HALF = {"person": 0.52, "vehicle": 0.34}
"""A logistic curve from that mean to the share of clips that have one: where it is a half, how steep."""
MODEL_COUNTS = 0.1
"""How much the model's log-shares, less their usual ones, count beside the detector's. More made it worse."""
USUAL = {NOBODY: -0.55, SOMEBODY: -1.66, VEHICLE: -4.33}
"""The model's mean log-shares over clips for development, a third of each label; nats."""
LEAST = 0.02  # of a share: nothing is impossible


def votes_on(policy: PolicySpec) -> bool:
    return {label.key for label in policy.labels} == KEYS


@functools.lru_cache(maxsize=256)
def _found(shape: tuple[int, ...], pixels: bytes, corners: bool) -> tuple[Thing, ...]:
    return tuple(objects().find(np.frombuffer(pixels, np.uint8).reshape(shape), corners=corners))


def things_in(seen: Seen, hook: Hook) -> list[tuple[Thing, ...]]:
    """What the detector finds in each frame; frames that were looked at lately are not looked at again.

    What is small is looked for in every second frame.
    """
    found = []
    for number, page in enumerate(seen.pages):
        pixels = np.ascontiguousarray(page.pixels).tobytes()
        found.append(_found(page.pixels.shape, pixels, number % 2 == 0))
        hook("objects", None, (number + 1) / len(seen.pages))
    return found


def shares_of(frames: Sequence[Sequence[Thing]]) -> dict[str, float]:
    """The share of each label: a vehicle, else somebody, else nobody."""
    chance = {}
    for kind in STEEP:
        chance[kind] = 1 / (1 + math.exp(-STEEP[kind] * (evidence(frames, kind) - HALF[kind])))
    vehicle, person = chance["vehicle"], chance["person"]
    shares = {VEHICLE: vehicle, SOMEBODY: (1 - vehicle) * person, NOBODY: (1 - vehicle) * (1 - person)}
    floored = {label: max(LEAST, share) for label, share in shares.items()}
    whole = sum(floored.values())
    return {label: share / whole for label, share in floored.items()}


def evidence(frames: Sequence[Sequence[Thing]], kind: str) -> float:
    """The mean of a kind's best scores in `FRAMES` frames; 0 of none."""
    best = sorted((_best(frame, kind) for frame in frames), reverse=True)[:FRAMES]
    return sum(best) / len(best) if best else 0.0


def _best(frame: Sequence[Thing], kind: str) -> float:
    return max((thing.score for thing in frame if thing.kind == kind), default=0.0)


def vote_on(seen: Seen, hook: Hook) -> Voice:
    """What the detector says of a clip. Its counts are the most that was surely seen in one frame."""
    frames = things_in(seen, hook)
    shares = {label: round(share * MILLION) for label, share in shares_of(frames).items()}
    order = sorted(shares, key=lambda label: -shares[label])
    most = {
        kind: max((sum(t.kind == kind and t.score >= SURE for t in frame) for frame in frames), default=0)
        for kind in STEEP
    }
    return Voice(
        who="objects",
        label=order[0],
        scores=tuple(LabelShare(label=label, probability=shares[label]) for label in order),
        counts={kind: count for kind, count in most.items() if count},
    )


def joined(model: Mapping[str, float], vote: Mapping[str, float]) -> dict[str, float]:
    """Both voices' shares of the labels -> theirs together."""
    logs = {
        label: math.log(max(LEAST, vote[label]))
        + MODEL_COUNTS * (math.log(max(1 / MILLION, model[label])) - USUAL[label])
        for label in model
    }
    top = max(logs.values())
    whole = sum(math.exp(log - top) for log in logs.values())
    return {label: math.exp(log - top) / whole for label, log in logs.items()}


def with_vote(result: InferenceResult, vote: Voice, policy: PolicySpec, *, decides: bool) -> InferenceResult:
    """The result with the vote among its voices, and joined to it where the vote has a part in deciding.

    Reasons that the model wrote for another label are left out.
    """
    if not decides:
        return result.model_copy(update={"voices": (*result.voices, vote)})
    own = {score.label: score for score in result.scores}
    both = joined(
        {label: score.probability / MILLION for label, score in own.items()},
        {score.label: score.probability / MILLION for score in vote.scores},
    )
    shares = {label: min(MILLION, round(share * MILLION)) for label, share in both.items()}
    order = sorted(shares, key=lambda label: -shares[label])
    scores = tuple(
        LabelScore.model_validate({**own[label].model_dump(), "probability": shares[label]})
        for label in order
    )
    model = Voice(
        who="model",
        label=result.label,
        scores=tuple(LabelShare(label=s.label, probability=s.probability) for s in result.scores),
    )
    return result.model_copy(
        update={
            "label": order[0],
            "scores": scores,
            "confidence": scores[0].probability,
            "abstained": scores[0].probability < policy.abstain_below,
            "reasons": result.reasons if result.label == order[0] else (),
            "voices": (model, vote, *result.voices),
        }
    )
