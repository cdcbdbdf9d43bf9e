"""Each modality's share, exactly: Shapley's value over all coalitions of what the model was given.

Shapley, "A Value for n-Person Games" (1953). Players are the question's words, the pages as pictures, what
is heard and the medium's own text, as far as there are any; who is not in a coalition is blank. Every
coalition of these four at most is asked, and each of them once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import combinations

import torch
from torch import Tensor

from omnigov.contracts import MILLION, Coalition, ModalityShare, Player
from workers.attribution.asked import Asked, Contents

Members = frozenset[Player]


def players_of(asked: Asked) -> tuple[Player, ...]:
    players: list[Player] = ["question"]
    if asked.prompt.pages:
        players.append("pictures")
    if asked.prompt.sounds:
        players.append("sound")
    if asked.prompt.text:
        players.append("text")
    return tuple(players)


def members_of(players: tuple[Player, ...]) -> list[Members]:
    """Every coalition of them, the smallest first."""
    sizes = range(len(players) + 1)
    return [frozenset(chosen) for size in sizes for chosen in combinations(players, size)]


@torch.no_grad()
def coalitions(
    asked: Asked,
    contents: Contents,
    margin: Callable[[Tensor], Tensor],
    known: Mapping[Members, float] | None = None,
) -> dict[Members, float]:
    """The score of every coalition in nats; those that are `known` are not asked again."""
    players, scores = players_of(asked), dict(known or {})
    unasked = asked.without_question()
    for members in members_of(players):
        if members in scores:
            continue
        given = [
            actual if player in members else blank
            for player, actual, blank in zip(players[1:], contents.actual, contents.blank, strict=True)
        ]
        # What the question, or a blank one, is to the model was computed once for the policy.
        found = (asked if "question" in members else unasked).of_media(*given)
        scores[members] = float(margin(found)[0])
    return scores


def shares_of(
    players: tuple[Player, ...], scores: Mapping[Members, float]
) -> tuple[tuple[ModalityShare, ...], tuple[Coalition, ...]]:
    """For the record: the players' values, and what they were computed from."""
    values = shapley(players, scores)
    whole = sum(map(abs, values.values()))
    shares = tuple(
        ModalityShare(
            name=name,
            value=round(value * MILLION),
            share=round(MILLION * abs(value) / whole) if whole else 0,
        )
        for name, value in values.items()
    )
    asked = tuple(
        Coalition(members=tuple(p for p in players if p in members), score=round(score * MILLION))
        for members, score in sorted(scores.items(), key=lambda each: (len(each[0]), sorted(each[0])))
    )
    return shares, asked


def shapley(players: tuple[Player, ...], scores: Mapping[Members, float]) -> dict[Player, float]:
    """The mean over all orders of what a player adds to those before it."""
    count, values = len(players), dict.fromkeys(players, 0.0)
    for player in players:
        others = [each for each in players if each != player]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                values[player] += weight * (scores[before | {player}] - scores[before])
    return values
