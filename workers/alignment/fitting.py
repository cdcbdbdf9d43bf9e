"""Logistic regression on blocks of features: one map for each strength of its regulariser.

Examples are few and features many, so the map is fitted in the space that the examples span: the same
solution, at the cost of the examples' number. Where the model's own scores are given, they are a starting
point that features add to; how much they count is fitted too.

A way that is *started* begins with a prototype of each label, its words' vector in the shared space, and the
examples move it from there as far as the regulariser lets them: without any, the nearest words win. As the
residual weights of CLAP do (Silva-Rodríguez et al., "A Closer Look at the Few-Shot Adaptation of Large
Vision-Language Models", CVPR 2024).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workers.omni.features import NEAR
from workers.omni.heads import Blocks, Linear, rooted, spread

STRENGTHS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
ROUNDS, HISTORY = 100, 10
FLAT = 1e-5  # of the loss in nats, by each number of the map
FLOOR = 0.3  # of the mean spread, added to each number's own: those that hardly vary aren't blown up
FREEDOM = 1e-3  # of the bias and of how much asking counts
STEEP = 15.0  # a cosine times this is about a log-share


@dataclass(frozen=True)
class Way:
    """One way to decide: which blocks are read, and whether the model's own scores are."""

    name: str
    blocks: tuple[str, ...]
    asked: bool = False
    started: bool = False


def fit(
    way: Way, blocks: Blocks, truth: np.ndarray, labels: int, words: np.ndarray | None = None
) -> list[Linear]:
    """One map a strength, in the order of STRENGTHS; of a way without blocks there is one.

    `words` are the labels' vectors in the shared space, [labels, width], for ways that begin with them.
    """
    centre, scale, standing = _standing(way.blocks, blocks)
    spanned, back = _span(np.concatenate(standing, 1) if standing else np.zeros((len(truth), 0)))
    given = spread(blocks["asked"]) if way.asked else None
    if way.started:
        if words is None:
            raise ValueError("a way that begins with the labels' words needs their vectors")
        given = STEEP * blocks[NEAR].astype(np.float64) @ words.T
    found = []
    for columns, bias, counts in _regress(spanned, truth, labels, given, bool(standing)):
        weight = back @ columns
        widths = np.cumsum([part.shape[1] for part in standing])[:-1]
        parts = np.split(weight, widths) if standing else []
        linear = Linear(
            centre=centre,
            scale=scale,
            weight=dict(zip(way.blocks, parts, strict=True)),
            bias=bias,
            asked=counts if way.asked else 0.0,
        )
        if way.started and words is not None:
            linear = _moved(linear, STEEP * counts * words.T, blocks[NEAR].astype(np.float64).mean(0))
        found.append(linear)
    return found


def _moved(linear: Linear, prototypes: np.ndarray, middle: np.ndarray) -> Linear:
    """The map with the prototypes [width, labels] it began with; at the examples' mean it is its bias."""
    centre, scale = linear.centre.get(NEAR, middle), linear.scale.get(NEAR, np.ones_like(middle))
    own = linear.weight.get(NEAR, 0.0) + scale[:, None] * prototypes
    return replace(
        linear,
        centre={**linear.centre, NEAR: centre},
        scale={**linear.scale, NEAR: scale},
        weight={**linear.weight, NEAR: own},
        bias=linear.bias + centre @ prototypes,
    )


def _standing(
    names: Sequence[str], blocks: Blocks
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], list[np.ndarray]]:
    """Centre and scale of each block, and the blocks with them, so that all weigh alike."""
    centre, scale, standing = {}, {}, []
    for name in names:
        block = rooted(blocks[name], name)
        middle, own = block.mean(0), block.std(0)
        even = float(np.sqrt((own**2).mean())) or 1.0
        own = np.full_like(own, even) if name == "pooled" else own + FLOOR * even
        whole = float(np.sqrt((((block - middle) / own) ** 2).sum(1).mean())) or 1.0
        centre[name], scale[name] = middle, own * whole * np.sqrt(len(names))
        standing.append((block - middle) / scale[name])
    return centre, scale, standing


def _span(wide: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[n, width] -> coordinates [n, rank] in the space that the rows span, and its base [width, rank]."""
    if not wide.shape[1]:
        return np.zeros((len(wide), 0)), np.zeros((0, 0))
    values, vectors = np.linalg.eigh(wide @ wide.T)
    kept = values > max(values[-1], 1e-30) * 1e-10
    length = np.sqrt(values[kept])
    return vectors[:, kept] * length, wide.T @ (vectors[:, kept] / length)


def _regress(
    rows: np.ndarray, truth: np.ndarray, labels: int, asked: np.ndarray | None, featured: bool
) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """(columns [rank, labels], bias [labels], how much asking counts), one a strength, strongest first."""
    count, rank = rows.shape
    wanted = np.eye(labels)[truth]
    counts = 0.0 if asked is None else 0.5
    at = np.concatenate([np.zeros(rank * labels + labels), [counts]])
    found = []
    for strength in STRENGTHS if featured else STRENGTHS[:1]:
        held = np.concatenate([np.full(rank * labels, strength), np.full(labels + 1, FREEDOM)])

        def loss(at: np.ndarray, held: np.ndarray = held) -> tuple[float, np.ndarray]:
            columns, bias = at[: rank * labels].reshape(rank, labels), at[rank * labels : -1]
            logits = rows @ columns + bias
            if asked is not None:
                logits += at[-1] * asked
            logits -= logits.max(1, keepdims=True)
            shares = np.exp(logits)
            whole = shares.sum(1, keepdims=True)
            value = (np.log(whole[:, 0]) - (logits * wanted).sum(1)).mean() + (held * at * at).sum() / 2
            off = (shares / whole - wanted) / count
            by_asking = 0.0 if asked is None else (off * asked).sum()
            slope = np.concatenate([(rows.T @ off).ravel(), off.sum(0), [by_asking]]) + held * at
            return float(value), slope

        at = _lowest(loss, at)
        found.append(
            (at[: rank * labels].reshape(rank, labels).copy(), at[rank * labels : -1].copy(), float(at[-1]))
        )
    return found


def _lowest(loss: Callable[[np.ndarray], tuple[float, np.ndarray]], at: np.ndarray) -> np.ndarray:
    """Where a smooth convex function is lowest: L-BFGS (Nocedal, 1980) with halved steps."""
    value, slope = loss(at)
    past: deque[tuple[np.ndarray, np.ndarray, float]] = deque(maxlen=HISTORY)
    for turn in range(ROUNDS):
        if np.abs(slope).max() < FLAT:
            break
        step = -_bent(slope, past)
        if turn == 0:
            step *= min(1.0, 1.0 / np.abs(slope).sum())
        downhill = float(step @ slope)
        size = 1.0
        while size > 1e-6:
            ahead, slope_ahead = loss(at + size * step)
            if ahead <= value + 1e-4 * size * downhill:
                break
            size /= 2
        else:
            break
        moved, turned = size * step, slope_ahead - slope
        if (product := float(moved @ turned)) > 1e-14:
            past.append((moved, turned, product))
        at, value, slope = at + moved, ahead, slope_ahead
    return at


def _bent(slope: np.ndarray, past: deque[tuple[np.ndarray, np.ndarray, float]]) -> np.ndarray:
    """The slope as the curvature that was met bends it: the two loops of L-BFGS."""
    bent, parts = slope.copy(), []
    for moved, turned, product in reversed(past):
        part = float(moved @ bent) / product
        parts.append(part)
        bent -= part * turned
    if past:
        _, turned, product = past[-1]
        bent *= product / float(turned @ turned)
    for (moved, turned, product), part in zip(past, reversed(parts), strict=True):
        bent += (part - float(turned @ bent) / product) * moved
    return bent


def temperature_for(logits: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The temperature that gives the smallest mean log-loss, and that loss in nats."""
    tried = np.geomspace(0.02, 20, 90)
    losses = [-spread(logits / each)[np.arange(len(truth)), truth].mean() for each in tried]
    best = int(np.argmin(losses))
    return float(tried[best]), float(losses[best])
