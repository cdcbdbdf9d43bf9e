"""Signs of rubber-stamping in a person's own verdicts, for that person: no other page reads this.

They are signs and no proof: a day of plain cases looks the same. What is reckoned from is what the pages
measured to have been displayed (`review.displayed`), of the newest verdicts alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from omnigov.accounts.models import User, Workspace
from omnigov.clock import database_now
from omnigov.review.models import Review, Verdict
from omnigov.review.statistics import Share, share

DAYS = 30
NEWEST = 500
QUICK_MS = 5_000
HARDLY_MS = 1_000
MEDIUM = ("redacted_copy", "page_", "text_part_", "transcript", "turns", "waveform")
"""Codes of what shows the medium itself; those that end in a line go on with a number."""
CLOSER = ("explanation", "all_scores", "reasons", "trials", "provenance")
"""Drawers that are opened to know more."""


@dataclass(frozen=True)
class Signs:
    """Of the newest verdicts of the last days, those taken back aside."""

    verdicts: int
    upheld: Share
    in_a_row: int
    """The longest row of verdicts that upheld, without another between them."""
    measured: int
    typical_ms: int
    """The median time for which the page was visible; 0 where nothing was measured."""
    quick: Share
    hardly: Share
    """Of what was measured: the medium stood in the window for less than a second."""
    closer: Share
    same_reason: Share
    """Of verdicts with a reason: those with the one that was given most."""


def signs_of(workspace: Workspace, person: User) -> Signs:
    """What a person's own verdicts look like."""
    since = database_now() - timedelta(days=DAYS)
    found = Review.objects.filter(
        officer=person, decision__workspace=workspace, taken_back__isnull=True, created_at__gte=since
    )
    newest = list(found.order_by("-created_at", "-pk")[:NEWEST])
    measured = [each.displayed for each in newest if each.displayed]
    reasons = Counter(" ".join(each.reason.split()).casefold() for each in newest if each.reason.strip())
    return Signs(
        verdicts=len(newest),
        upheld=share(sum(each.verdict == Verdict.UPHOLD for each in newest), len(newest)),
        in_a_row=_in_a_row([each.verdict for each in newest]),
        measured=len(measured),
        typical_ms=round(median(int(each["total"]) for each in measured)) if measured else 0,
        quick=share(sum(int(each["total"]) < QUICK_MS for each in measured), len(measured)),
        hardly=share(sum(_longest_look(each) < HARDLY_MS for each in measured), len(measured)),
        closer=share(sum(_looked_closer(each) for each in measured), len(measured)),
        same_reason=share(max(reasons.values(), default=0), sum(reasons.values())),
    )


def _in_a_row(verdicts: Sequence[str]) -> int:
    longest = row = 0
    for each in verdicts:
        row = row + 1 if each == Verdict.UPHOLD else 0
        longest = max(longest, row)
    return longest


def _longest_look(displayed: dict[str, Any]) -> int:
    """How long the medium stood in the window or was heard: the part of it that did so longest."""
    shown = [ms for code, ms in displayed["parts"].items() if _is_medium(code)]
    return max([*shown, int(displayed.get("played", 0))], default=0)


def _is_medium(code: str) -> bool:
    return any(code.startswith(each) if each.endswith("_") else code == each for each in MEDIUM)


def _looked_closer(displayed: dict[str, Any]) -> bool:
    return bool(displayed.get("overlays")) or any(code in displayed["parts"] for code in CLOSER)
