"""What a worker's parent knows of one child, and what that means when the child ends. No database here."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from omnigov.decisions.leases import Claim

LOADING = 900.0
"""Seconds in which a child has to be ready, or unfit: a GPU that is gone may answer nothing at all."""


class How(Enum):
    """What becomes of a run whose worker is gone."""

    GIVEN_BACK = "given_back"  # as if it had never been claimed
    SUSPECT = "suspect"  # one of several that were at work
    SUSPECT_ALONE = "suspect_alone"  # it was at work alone: that was an attempt


@dataclass(frozen=True)
class Owed:
    """A run that has to be given back, as soon as the database lets us."""

    claim: Claim
    how: How
    code: str = ""
    sentence: str = ""


@dataclass
class Watch:
    """One child: what it holds, what is at work, since when it has not got on."""

    clock: Callable[[], float] = time.monotonic
    held: dict[str, Claim] = field(default_factory=dict)
    working: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    ready: bool = False
    trouble: str = ""
    patience: float = LOADING
    """Seconds without progress that what it is at may take."""
    busy: bool = True
    """Whether it is at anything that has such a time: it loads, works or leaves."""
    _got_on: float = 0.0

    def __post_init__(self) -> None:
        self._got_on = self.clock()

    def take(self, message: dict[str, Any]) -> list[Owed]:
        """Learns from what the child said; what it asks to be given back for it."""
        said = message["say"]
        self._got_on = self.clock()
        if said == "ready":
            self.ready, self.models, self.trouble = True, tuple(message["models"]), ""
            self.busy = False
        elif said == "unfit":
            self.ready, self.trouble, self.busy = False, str(message["sentence"]), True
        elif said == "hold":
            self.held |= {claim[1]: _claim(claim) for claim in message["claims"]}
        elif said == "let_go":
            self._forget(message["tokens"])
            self.busy = bool(self.working) or not self.ready
        elif said == "work_on":
            self.working, self.patience = frozenset(message["tokens"]), float(message["patience"])
            self.busy = True
        elif said == "rest":
            self.busy = not self.ready
        elif said == "owe":
            claim = _claim(message["claim"])
            self._forget([str(claim.token)])
            return [Owed(claim, How.GIVEN_BACK, message["code"], message["sentence"])]
        return []

    def _forget(self, tokens: list[str]) -> None:
        for token in tokens:
            self.held.pop(token, None)
        self.working -= frozenset(tokens)

    def hangs_for(self) -> float:
        """Seconds without progress where they are more than its own time; else 0."""
        if not self.busy:
            return 0.0
        still = self.clock() - self._got_on
        return still if still > self.patience else 0.0

    def settle(self, *, code: str, sentence: str) -> list[Owed]:
        """The child is gone: what it held is owed. Those at work are suspects, the others innocent."""
        owed = []
        for token, claim in self.held.items():
            if token not in self.working or self.trouble or not code:
                owed.append(Owed(claim, How.GIVEN_BACK))
            else:
                how = How.SUSPECT_ALONE if len(self.working) == 1 else How.SUSPECT
                owed.append(Owed(claim, how, code, sentence))
        self.held, self.working, self.ready = {}, frozenset(), False
        return owed


def _claim(plain: list[Any]) -> Claim:
    return Claim(uuid.UUID(plain[0]), uuid.UUID(plain[1]), int(plain[2]))
