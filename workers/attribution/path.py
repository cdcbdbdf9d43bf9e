"""Integrated gradients along a straight path, with steps that double until their sum is complete.

Sundararajan, Taly & Yan, "Axiomatic Attribution for Deep Networks" (ICML 2017), by Captum. A path method's
attributions sum to the score's change from end to end; how far a sum over points is off is the completeness
gap. Of a label against another the score climbs like a sigmoid somewhere on the path and is nearly flat at
its ends. For such a curve evenly spaced points are the best: on eight development pictures the middles of
six steps came as near as nine points of Gauss and Legendre. And they nest: the middles of n steps with the
edges of n steps are the edges of 2n steps, so each doubling computes only what is new.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from captum.attr import IntegratedGradients
from torch import Tensor

from workers.attribution.asked import Contents

GAP_SHARE = 0.02  # of the change: a sum that is nearer is complete
GAP_FLOOR = 0.01  # nats: of a change that is next to nothing


@dataclass(frozen=True)
class Along:
    """Of each of the contents the attributions in nats, one a patch or token; how many points they took."""

    found: tuple[Tensor, ...]
    points: int
    gap: float

    def complete(self, change: float) -> bool:
        return near_enough(self.gap, change)


def near_enough(gap: float, change: float) -> bool:
    return abs(gap) <= max(GAP_FLOOR, GAP_SHARE * abs(change))


def along(
    score: Callable[..., Tensor],
    contents: Contents,
    change: float,
    *,
    first: int,
    most: int,
    at_once: int,
    heard: Callable[[int], None] = lambda _: None,
) -> Along:
    """The attributions between the blank contents and the actual ones; `score` is [batch …] -> [batch].

    Begins with the middles of `first` steps; as long as the gap is too wide and no more than `most` points
    are computed in all, the steps are doubled.
    """
    if not contents.actual:
        return Along((), 0, abs(change))

    def sums(steps: int, edges: bool) -> tuple[Tensor, ...]:
        return _captum(score, contents, steps, edges, at_once, heard)

    steps, points = first, first
    found = sums(first, False)
    while not near_enough(gap_of(found, change), change):
        # The middles alone are no edges yet: of the first doubling the edges are new, then the middles.
        begun = points == first
        new = steps + 1 if begun else steps
        if points + new > most:
            break
        more = sums(steps, begun)
        found = tuple((one + other) / 2 for one, other in zip(found, more, strict=True))
        points, steps = points + new, 2 * steps
    return Along(found, points, abs(gap_of(found, change)))


def gap_of(found: Sequence[Tensor], change: float) -> float:
    return sum(float(each.sum()) for each in found) - change


def _captum(
    score: Callable[..., Tensor],
    contents: Contents,
    steps: int,
    edges: bool,
    at_once: int,
    heard: Callable[[int], None],
) -> tuple[Tensor, ...]:
    """Summed over the features of a patch or token: [patches …], at the steps' middles or at their edges."""

    def scored(*given: Tensor) -> Tensor:
        heard(len(given[0]))
        return score(*given)

    points = steps + 1 if edges else max(2, steps)
    with warnings.catch_warnings():
        # Captum asks for gradients on tensors that have none yet, and says so; that is what is wanted.
        warnings.filterwarnings("ignore", message=".*required_grads has been set automatically.*")
        warnings.filterwarnings("ignore", message=".*did not already require gradients.*")
        found: tuple[Tensor, ...] = IntegratedGradients(scored).attribute(
            contents.actual,
            baselines=contents.blank,
            n_steps=points,
            method="riemann_trapezoid" if edges else "riemann_middle",
            internal_batch_size=at_once,
        )
    # Captum divides the edges by the number of points, and there is one step less.
    scale = points / steps if edges else 1.0
    return tuple(each.detach().double().sum(-1)[0] * scale for each in found)
