"""How well a connector does on pictures it never saw: what the model card says and `evaluate` repeats."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from omnigov.contracts import PolicySpec
from workers.alignment.stamps import Split
from workers.alignment.training import Measured


class OfKind(BaseModel):
    """Held-out pictures of one kind."""

    model_config = ConfigDict(frozen=True)

    pictures: int
    right: int


class Report(BaseModel):
    """Accuracy of the likeliest label over held-out pictures. Shares are 0 … 1, losses nats."""

    model_config = ConfigDict(frozen=True)

    training_pictures: int
    held_out_pictures: int
    held_out_loss: float
    held_out_label_loss: float
    right: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    balanced_accuracy: float
    chance: float
    most_common: str
    most_common_accuracy: float
    kinds: dict[str, OfKind]
    confusions: dict[str, int]


def wilson_interval(right: int, of: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson, "Probable Inference", JASA 1927); (0, 1) if `of` is 0."""
    if of == 0:
        return 0.0, 1.0
    share = right / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    whole = 1 + z * z / of
    # What the sums leave below nothing or above all is rounding.
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def make_report(policy: PolicySpec, split: Split, measured: Measured) -> Report:
    """Put what was measured beside chance and beside always saying the most common kind."""
    keys = [label.key for label in policy.labels]
    shown = [stamp.kind for stamp in split.held_out]
    said = [keys[index] for index in measured.predicted]
    right = sum(a == b for a, b in zip(said, shown, strict=True))
    kinds = _by_kind(shown, said)
    # The most common kind is known from the training side; the held-out side only scores it.
    most_common = Counter(stamp.kind for stamp in split.training).most_common(1)[0][0]
    wrong = Counter(f"{a} -> {b}" for a, b in zip(shown, said, strict=True) if a != b)
    return Report(
        training_pictures=len(split.training),
        held_out_pictures=len(shown),
        held_out_loss=measured.loss,
        held_out_label_loss=measured.label_loss,
        right=right,
        accuracy=right / len(shown),
        accuracy_interval=wilson_interval(right, len(shown)),
        balanced_accuracy=sum(kind.right / kind.pictures for kind in kinds.values()) / len(kinds),
        chance=1 / len(keys),
        most_common=most_common,
        most_common_accuracy=shown.count(most_common) / len(shown),
        kinds=kinds,
        confusions=dict(wrong.most_common()),
    )


def _by_kind(shown: Sequence[str], said: Sequence[str]) -> dict[str, OfKind]:
    return {
        kind: OfKind(
            pictures=shown.count(kind), right=sum(a == b == kind for a, b in zip(shown, said, strict=True))
        )
        for kind in sorted(set(shown))
    }


def table(report: Report) -> str:
    """The report for people, as Markdown."""
    low, high = report.accuracy_interval
    lines = [
        "| measure | held-out pictures |",
        "| --- | --- |",
        f"| pictures | {report.held_out_pictures}; {report.training_pictures} were trained on |",
        f"| loss as trained on | {report.held_out_loss:.3f} nats |",
        f"| loss of the label alone | {report.held_out_label_loss:.3f} nats |",
        f"| label accuracy | {report.accuracy:.1%} ({report.right}/{report.held_out_pictures}; "
        f"95 % Wilson interval {low:.1%} to {high:.1%}) |",
        f"| mean over kinds (balanced accuracy) | {report.balanced_accuracy:.1%} |",
        f"| chance | {report.chance:.1%} |",
        f"| always the most common kind ({report.most_common}) | {report.most_common_accuracy:.1%} |",
        "",
        "| kind | right | of |",
        "| --- | --- | --- |",
        *(f"| {name} | {kind.right} | {kind.pictures} |" for name, kind in report.kinds.items()),
    ]
    return "\n".join(lines)
