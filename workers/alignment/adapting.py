"""From examples of a policy to a head for it: ways to decide compared, one chosen, calibrated, and measured.

All by nested cross-validation. Each example is decided once by a head that was chosen, fitted and calibrated
on others alone: from these decisions come the accuracy on the card, the calibration error and the confidence
below which nothing is decided. Then the same is done once more on all examples, and that head is kept.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from omnigov.contracts import (
    MILLION,
    Candidate,
    CurvePoint,
    Forecast,
    Head,
    Hook,
    LeftOut,
    Measured,
    ModelVersion,
    PolicySpec,
    digest_of,
    with_head,
)
from omnigov.contracts.decision import WeightFile
from omnigov.contracts.evaluation import HEAD_ROLE
from workers import weights
from workers.alignment.examples import Cache, Example, Known, NotEnough, known
from workers.alignment.fitting import STRENGTHS, Way, fit, temperature_for
from workers.alignment.measures import RISK_TARGET, Said, evaluation, measured, threshold_for
from workers.omni.features import NEAR, features_digest
from workers.omni.heads import FittedHead, Linear, file_digest, spread
from workers.omni.model import OmniModel

FEWEST = 5
"""Examples of each label from which a head is fitted."""
FOLDS, INNER, INNER_OF_MANY, MANY = 5, 4, 2, 300
"""Folds outside and inside; inside two are enough of many."""
STEPS = (2, 3, 5, 10, 20, 50, 100, 200)
"""Examples of each label at which the learning curve has a point."""
MORE = 20
WAYS = (
    Way("asked", (), asked=True),
    Way("pooled", ("pooled",)),
    Way("local", ("pooled", "local")),
    Way("asked_pooled", ("pooled",), asked=True),
    Way("asked_local", ("pooled", "local"), asked=True),
    Way("prototypes", (NEAR,), started=True),
    Way("prototypes_local", ("pooled", "local"), started=True),
    Way("framed", ("framed",)),
    Way("asked_framed", ("framed",), asked=True),
    Way("heard", ("heard",)),
    Way("asked_heard", ("heard",), asked=True),
    Way("everything", ("pooled", "local", "framed"), asked=True),
)
TOGETHER = "together"
"""The candidate in which all others vote, each by its own calibrated shares."""
LIBRARIES = ("numpy", "torch", "safetensors")


@dataclass(frozen=True, eq=False)
class Chosen:
    """What cross-validation over some examples chose, and what it said of each example out of its fold."""

    name: str
    parts: tuple[tuple[Way, int, float], ...]  # a way, which strength, its share of the vote
    temperature: float
    logits: np.ndarray  # [n, labels], out of fold
    found: dict[str, tuple[np.ndarray, float]]  # of each candidate: logits out of fold over temperature; loss


def adapt(
    examples: Sequence[Example],
    policy: PolicySpec,
    hook: Hook,
    *,
    left_out: Sequence[LeftOut] = (),
    seed: int = 0,
    risk_target: int = RISK_TARGET,
    cache: Cache | None = None,
    model: OmniModel | None = None,
    version: ModelVersion | None = None,
) -> tuple[bytes, Head]:
    """A head for this policy alone, as a file and its card.

    `hook` hears `features`, `fold` and `head`. Raises `NotEnough` with a sentence where a label has fewer
    than FEWEST examples.
    """
    began = time.perf_counter()
    base = version or weights.model_version(policy.stage)
    material = known(examples, policy, hook, left_out=left_out, cache=cache, model=model, version=base)
    enough(material)
    return adapt_known(material, policy, base, hook, seed=seed, risk_target=risk_target, began=began)


def enough(material: Known) -> None:
    """Raises `NotEnough` where a label has too few examples to fit anything."""
    for label, count in zip(material.labels, material.counts, strict=True):
        if count < FEWEST:
            raise NotEnough(
                f"The label {label} has {count} different examples that could be used, and {FEWEST} of each "
                "label are needed; add more."
            )
        if (
            len(
                {
                    g
                    for g, t in zip(material.groups, material.truth, strict=True)
                    if material.labels[t] == label
                }
            )
            < 2
        ):
            raise NotEnough(f"All examples of {label} belong to one group; add some of another.")


def adapt_known(
    material: Known,
    policy: PolicySpec,
    base: ModelVersion,
    hook: Hook,
    *,
    seed: int,
    risk_target: int,
    began: float,
) -> tuple[bytes, Head]:
    """As `adapt`, from numbers."""
    outer = folds(material, FOLDS, seed)
    shares, probed, names = _out_of_fold(material, outer, seed, hook)
    right = shares.argmax(1) == material.truth
    threshold = threshold_for(shares.max(1), right, risk_target)
    chosen = choose(material, outer)
    hook("head", None, 0.9)
    parts = tuple((share, _fitted(way, strength, material)) for way, strength, share in chosen.parts)
    fitted = FittedHead(
        labels=material.labels,
        parts=parts,
        temperature=chosen.temperature,
        threshold=threshold,
        policy_digest=digest_of(policy),
        features_digest=features_digest(base),
        probe=_fitted(probe_way(material), PROBE_STRENGTH, material),
        marks=material.marks,
        truth=material.truth,
        out_of_fold=shares,
        probed=probed,
    )
    file = fitted.to_bytes()
    curve = _learning_curve(material, outer, chosen, right, seed)
    card = _card(material, policy, base, file, fitted, chosen, curve, names, seed, risk_target, began)
    hook("head", card, 1.0)
    return file, card


def folds(material: Known, count: int, seed: int) -> np.ndarray:
    """Of each example its fold: groups whole, labels spread evenly. [n]"""
    random = np.random.default_rng(seed)
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(material.groups):
        rows.setdefault(group, []).append(row)
    load = np.zeros((count, len(material.labels)))
    found = np.zeros(len(material), dtype=int)
    order = random.permutation(len(rows))
    by_size = sorted(np.array(list(rows.values()), dtype=object)[order], key=len, reverse=True)
    for some in by_size:
        kinds = material.truth[list(some)]
        crowded = load[:, kinds].sum(1) + 1e-3 * load.sum(1)
        fold = int(crowded.argmin())
        found[list(some)] = fold
        np.add.at(load[fold], kinds, 1)
    return found


def choose(material: Known, fold: np.ndarray) -> Chosen:
    """Compares all ways on examples that each had not seen, and chooses the one of the smallest log-loss."""
    said = _said_of(material, fold)
    truth = material.truth
    best: dict[str, tuple[Way, int, float, np.ndarray, float]] = {}
    for (way, strength), logits in said.items():
        temperature, loss = temperature_for(logits, truth)
        if way.name not in best or loss < best[way.name][4]:
            best[way.name] = (way, strength, temperature, logits, loss)
    found = {name: (logits / t, loss) for name, (_, _, t, logits, loss) in best.items()}
    parts: dict[str, tuple[tuple[Way, int, float], ...]] = {
        name: ((way, strength, 1.0),) for name, (way, strength, *_) in best.items()
    }
    temperatures = {name: t for name, (_, _, t, *_) in best.items()}
    if len(best) > 1:
        voting = [(way, strength, 1 / t / len(best)) for way, strength, t, *_ in best.values()]
        vote = np.sum([found[name][0] for name in best], axis=0) / len(best)
        temperature, loss = temperature_for(vote, truth)
        found[TOGETHER], parts[TOGETHER] = (vote / temperature, loss), tuple(voting)
        temperatures[TOGETHER] = temperature
    name = min(found, key=lambda each: found[each][1])
    return Chosen(name, parts[name], temperatures[name], found[name][0], found)


def _said_of(material: Known, fold: np.ndarray) -> dict[tuple[Way, int], np.ndarray]:
    """Of each way and strength the logits [n, labels], each example's by a map that it had no part in."""
    said: dict[tuple[Way, int], np.ndarray] = {}
    for way in ways_for(material):
        for number in np.unique(fold):
            outside = fold != number
            truth = material.truth[outside]
            fits = fit(way, _rows(material, outside), truth, len(material.labels), material.words)
            for strength, linear in enumerate(fits):
                empty = np.zeros((len(material), len(material.labels)))
                said.setdefault((way, strength), empty)[~outside] = linear.logits(_rows(material, ~outside))
    return said


def ways_for(material: Known) -> list[Way]:
    """Those whose blocks the examples have; `everything` only of what has pages and text."""
    there = material.blocks
    near = NEAR in there and material.words is not None
    return [way for way in WAYS if all(block in there for block in way.blocks) and (near or not way.started)]


def probe_way(material: Known) -> Way:
    """What everything is compared with: plain regression on pictures, words or sound, the first there is."""
    return Way("probe", (next(name for name in ("pooled", "framed", "heard") if name in material.blocks),))


PROBE_STRENGTH = STRENGTHS.index(1e-3)


def probe_of(material: Known, outside: np.ndarray) -> np.ndarray:
    """What a probe fitted on the examples `outside` says of the others: a label's index each."""
    linear = _fitted(probe_way(material), PROBE_STRENGTH, material.rows(outside))
    return np.asarray(linear.logits(_rows(material, ~outside)).argmax(1))


def _fitted(way: Way, strength: int, material: Known) -> Linear:
    return fit(way, material.blocks, material.truth, len(material.labels), material.words)[strength]


def _rows(material: Known, chosen: np.ndarray) -> dict[str, np.ndarray]:
    return {name: block[chosen] for name, block in material.blocks.items()}


def _out_of_fold(
    material: Known, outer: np.ndarray, seed: int, hook: Hook
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Calibrated shares [n, labels] and the probe's labels [n], by who saw none of the fold; who that was."""
    shares = np.zeros((len(material), len(material.labels)))
    probed = np.zeros(len(material), dtype=int)
    names = []
    numbers = np.unique(outer)
    for turn, number in enumerate(numbers):
        outside = outer != number
        some = material.rows(outside)
        inner = folds(some, INNER if len(material) < MANY else INNER_OF_MANY, seed + 1)
        chosen = choose(some, inner)
        rows = _rows(material, ~outside)
        logits = sum(share * _fitted(way, at, some).logits(rows) for way, at, share in chosen.parts)
        shares[~outside] = np.exp(spread(np.asarray(logits) / chosen.temperature))
        probed[~outside] = probe_of(material, outside)
        names.append(chosen.name)
        hook("fold", None, 0.8 * (turn + 1) / len(numbers))
    return shares, probed, names


def _learning_curve(
    material: Known, outer: np.ndarray, chosen: Chosen, right: np.ndarray, seed: int
) -> list[CurvePoint]:
    """With fewer examples of each label, drawn from outside each fold; the last point is with all of them."""
    random = np.random.default_rng(seed)
    whole = round(min(material.counts) * (1 - 1 / len(np.unique(outer))))
    points = []
    for per_label in (step for step in STEPS if step < whole):
        correct = 0
        for number in np.unique(outer):
            drawn = _drawn(material.truth, outer != number, per_label, random)
            some, rows = material.rows(drawn), _rows(material, outer == number)
            logits = sum(share * _fitted(way, at, some).logits(rows) for way, at, share in chosen.parts)
            correct += int((np.asarray(logits).argmax(1) == material.truth[outer == number]).sum())
        points.append(CurvePoint(per_label=per_label, accuracy=measured(correct, len(material))))
    return [*points, CurvePoint(per_label=max(1, whole), accuracy=measured(int(right.sum()), len(right)))]


def _drawn(truth: np.ndarray, from_: np.ndarray, per_label: int, random: np.random.Generator) -> np.ndarray:
    """Numbers of so many examples of each label, or of all that there are."""
    rows = [np.flatnonzero(from_ & (truth == label)) for label in np.unique(truth)]
    return np.sort(
        np.concatenate([random.choice(some, min(per_label, len(some)), replace=False) for some in rows])
    )


def forecast(curve: Sequence[CurvePoint], labels: int, n: int, seed: int) -> Forecast | None:
    """What MORE examples in all would give: errors fall as a power of their number. None from two points.

    The interval is of 500 curves whose points are drawn as often right as these were.
    """
    if len(curve) < 3:
        return None
    random = np.random.default_rng(seed)
    at = np.log([point.per_label for point in curve])
    then = np.log(curve[-1].per_label + MORE / labels)
    shares = np.array([point.accuracy.value / MILLION for point in curve])
    drawn = (random.binomial(n, shares, (500, len(shares))) + 0.5) / (n + 1)
    errors = np.log(np.maximum(1 - np.vstack([(shares * n + 0.5) / (n + 1), drawn]), 1e-4))
    later = np.arange(1, len(curve) + 1)  # points with more examples say more
    centre = (at * later).sum() / later.sum()
    slopes = ((at - centre) * later * errors).sum(1) / ((at - centre) ** 2 * later).sum()
    ends = errors[:, -1] + np.minimum(slopes, 0) * (then - at[-1])
    low, high = np.quantile(1 - np.exp(ends[1:]), (0.025, 0.975))
    value = min(max(1 - np.exp(ends[0]), shares[-1]), 1.0)
    bounds = Measured(
        value=round(value * MILLION),
        low=round(min(max(low, 0), value) * MILLION),
        high=round(max(min(high, 1), value) * MILLION),
    )
    return Forecast(more=MORE, accuracy=bounds)


def _card(
    material: Known,
    policy: PolicySpec,
    base: ModelVersion,
    file: bytes,
    fitted: FittedHead,
    chosen: Chosen,
    curve: list[CurvePoint],
    names: list[str],
    seed: int,
    risk_target: int,
    began: float,
) -> Head:
    digest = file_digest(file)
    name = f"head-{digest[:12]}"
    shown = WeightFile(name=name, role=HEAD_ROLE, sha256=digest)
    spent = round((time.perf_counter() - began) * 1000)
    found = evaluation(
        Said(
            material.truth,
            fitted.out_of_fold,
            baselines(material, fitted, np.ones(len(material), bool)),
            material.slices,
        ),
        material.labels,
        policy_digest=fitted.policy_digest,
        model_digest=digest_of(with_head(base, shown)),
        head_digest=digest,
        examples_digest=material.digest,
        threshold=fitted.threshold,
        risk_target=risk_target,
        calibrated=True,
        seed=seed,
        duration_ms=spent,
        out_of_fold=len(material),
        left_out=material.left_out,
        chosen=tuple(names),
        twins=int(material.twins.sum()),
    )
    candidates = sorted(chosen.found.items(), key=lambda each: each[1][1])
    return Head(
        name=name,
        file_digest=digest,
        policy_digest=fitted.policy_digest,
        base=base,
        features_digest=fitted.features_digest,
        labels=material.labels,
        counts=material.counts,
        examples_digest=material.digest,
        candidates=tuple(
            Candidate(
                name=each,
                accuracy=measured(int((logits.argmax(1) == material.truth).sum()), len(material)),
                log_loss=round(loss * MILLION),
                chosen=each == chosen.name,
            )
            for each, (logits, loss) in candidates
        ),
        chosen=chosen.name,
        temperature=max(1, round(fitted.temperature * MILLION)),
        threshold=fitted.threshold,
        risk_target=risk_target,
        learning_curve=tuple(curve),
        forecast=forecast(curve, len(material.labels), len(material), seed),
        measured=found,
        seed=seed,
        libraries={each: importlib.metadata.version(each) for each in LIBRARIES},
        duration_ms=spent,
    )


def marks_for(fitted: FittedHead, material: Known) -> tuple[str, ...]:
    """The examples' marks as this head holds them: of heads of the format before, plain digests."""
    return material.marks if fitted.keyed else material.plain


def baselines(material: Known, fitted: FittedHead, seen: np.ndarray) -> dict[str, np.ndarray]:
    """What simpler ways say: the model without a head, a linear probe, and the head when it sees nothing.

    `seen` are the examples that the probe was fitted on; of them it is what probes said that had not.
    """
    probed = fitted.probe.logits(material.blocks).argmax(1)
    at, marks = dict(zip(fitted.marks, fitted.probed, strict=True)), marks_for(fitted, material)
    probed = np.array([at[m] if s else p for m, s, p in zip(marks, seen, probed, strict=True)])
    return {
        "model_alone": np.asarray(material.blocks["asked"].argmax(1)),
        "linear_probe": probed,
        "blind": np.asarray(fitted.blind(len(material)).argmax(1)),
    }
