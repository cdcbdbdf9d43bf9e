"""What a decision says after the verdicts on it: the label that batches, exports and reports show."""

from __future__ import annotations

from collections.abc import Iterable


def outcome_of(label: str, *, abstained: bool, verdicts: Iterable[tuple[str, str]]) -> str:
    """The label that holds; empty where the model abstained and nobody has decided since.

    `label` is the model's. `verdicts` are those that stand, the oldest first, each with the right label where
    it overturned: the newest that decides holds, and one that escalates decides nothing.
    """
    outcome = "" if abstained else label
    for verdict, right_label in verdicts:
        if verdict == "overturn":
            outcome = right_label
        elif verdict == "uphold":
            outcome = label
    return outcome
