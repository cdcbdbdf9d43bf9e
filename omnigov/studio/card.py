"""A measurement as its card shows it: figures in words, the confusion, the curve as a line to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from omnigov.contracts import MILLION, Evaluation, Head, Label, RiskPoint
from omnigov.policies.models import Measurement, PolicyVersion
from omnigov.templatetags.omnigov import label_name, whole_percent

WIDE, HIGH = 400, 200
"""Of a curve's drawing, in its own units."""


@dataclass(frozen=True)
class Row:
    """A label's row of the confusion: how many of its examples were called what."""

    label: str
    cells: list[tuple[int, str, bool]]
    """Count, a class for how dark, and whether it is the right one."""


@dataclass(frozen=True)
class Card:
    """What a measurement says, ready to be laid out."""

    evaluation: Evaluation
    figures: list[tuple[str, str, str]]
    """Name, value, and what it means."""
    labels: list[str]
    rows: list[Row]
    risk_line: str
    risk_points: list[tuple[str, str]]
    """Coverage and risk in words, for who reads the table instead of the drawing."""
    threshold_x: float | None
    baselines: list[tuple[str, str, str]]
    cautions: list[str]


def card_of(measurement: Measurement, version: PolicyVersion) -> Card:
    """The card of a measurement, with the labels as the version names them."""
    said = measurement.evaluation
    names = {label.key: label for label in version.spec.labels}
    labels = [_name(names.get(key), key) for key in said.labels]
    most = max((max(row) for row in said.confusion), default=1) or 1
    rows = [
        Row(
            labels[index],
            [
                (count, f"level-{0 if not count else max(1, round(4 * count / most))}", column == index)
                for column, count in enumerate(row)
            ],
        )
        for index, row in enumerate(said.confusion)
    ]
    return Card(
        evaluation=said,
        figures=_figures(said),
        labels=labels,
        rows=rows,
        risk_line=_line([(point.coverage, point.risk) for point in said.risk_curve]),
        risk_points=[
            (whole_percent(point.coverage), whole_percent(point.risk)) for point in _some(said.risk_curve)
        ],
        threshold_x=said.coverage.value * WIDE / MILLION if said.threshold <= MILLION else None,
        baselines=[
            (
                _baseline(each.name),
                whole_percent(each.accuracy.value),
                _better(each.better_by_low, each.better_by_high),
            )
            for each in said.baselines
        ],
        cautions=[_caution(each.value, each.sentence) for each in said.cautions],
    )


def _some(points: tuple[RiskPoint, ...], most: int = 12) -> list[RiskPoint]:
    step = max(1, -(-len(points) // most))
    return list(points[::step])


def _name(label: Label | None, key: str) -> str:
    return label_name(label) if label else key


def _figures(said: Evaluation) -> list[tuple[str, str, str]]:
    """Each figure with its interval, and a sentence that says what it is for."""

    def between(low: int, high: int) -> str:
        return _("95 %% interval %(low)s to %(high)s") % {
            "low": whole_percent(low),
            "high": whole_percent(high),
        }

    found = [
        (
            _("Right"),
            whole_percent(said.accuracy.value),
            f"{said.right} / {said.n} · {between(said.accuracy.low, said.accuracy.high)}",
        ),
        (
            _("Right, each label counted alike"),
            whole_percent(said.balanced_accuracy.value),
            between(said.balanced_accuracy.low, said.balanced_accuracy.high),
        ),
    ]
    if said.threshold <= MILLION:
        found += [
            (
                _("Decided without a person"),
                whole_percent(said.coverage.value),
                _("those of a confidence of %(limit)s or more") % {"limit": whole_percent(said.threshold)},
            ),
            (
                _("Wrong among those"),
                whole_percent(said.risk.value),
                between(said.risk.low, said.risk.high),
            ),
        ]
    if said.twins:
        found.append(
            (
                _("Look like a copy of another"),
                str(said.twins),
                _("of one that the model was fitted on: %(count)s") % {"count": said.twins_in_training}
                if said.twins_in_training
                else "",
            )
        )
    found.append(
        (
            _("Confidence is off by"),
            f"{said.ece / 10_000:.1f} %",
            _("calibrated: fitted to examples") if said.calibrated else _("uncalibrated"),
        )
    )
    return found


def _line(points: list[tuple[int, int]]) -> str:
    """The curve's points as SVG's `points`: coverage to the right, risk upwards."""
    return " ".join(f"{x * WIDE / MILLION:.1f},{HIGH - y * HIGH / MILLION:.1f}" for x, y in sorted(points))


def _baseline(name: str) -> str:
    known = {
        "majority": _("always the most common label"),
        "chance": _("a label drawn by lot"),
        "linear_probe": _("a plain regression on the same features"),
        "probe": _("a plain regression on the same features"),
        "blind": _("the model with the medium left out"),
        "base": _("the model before it was adapted"),
        "base_model": _("the model before it was adapted"),
    }
    return known.get(name, name.replace("_", " "))


def _better(low: int, high: int) -> str:
    if low > 0:
        return _("what was measured is better than that")
    return _("what was measured is worse than that") if high < 0 else _("no difference beyond chance")


def _caution(code: str, sentence: str) -> str:
    known = {
        "few_examples": _("There are fewer than 30 examples, so the intervals are wide; add more."),
        "label_absent": _("Some labels have no example here, and nothing was measured about them."),
        "all_out_of_fold": _(
            "The model was fitted on all of these examples, and each was decided by fits that had not seen "
            "it; examples that were never used would say more."
        ),
        "not_calibrated": _(
            "The confidence was never fitted to examples: it orders decisions, and is no frequency."
        ),
        "nothing_decided": _(
            "No confidence was found above which few enough decisions are wrong, so nothing is decided "
            "without a person."
        ),
        "risk_above_target": _("More of what was decided is wrong than the target allows."),
        "not_better": _("It is not better than always saying the most common label."),
        "left_out": _("Some files were left out, because they could not be read or redacted."),
        "twins": _(
            "Some examples look like a copy of another. They were kept together when examples were split; "
            "pictures of other things would say more."
        ),
        "twins_in_training": _(
            "Some of these examples look like a copy of one that the model was fitted on, so they say less "
            "than others would."
        ),
    }
    return known.get(code, sentence)


def head_words(head: Head) -> list[str]:
    """What the learning curve says, in sentences."""
    said = [
        _("With %(number)s examples of each label about %(share)s were right (%(low)s to %(high)s).")
        % {
            "number": point.per_label,
            "share": whole_percent(point.accuracy.value),
            "low": whole_percent(point.accuracy.low),
            "high": whole_percent(point.accuracy.high),
        }
        for point in head.learning_curve
    ]
    if head.forecast:
        said.append(
            _(
                "With %(number)s examples more about %(share)s would be right (%(low)s to %(high)s): an "
                "expectation, no promise."
            )
            % {
                "number": head.forecast.more,
                "share": whole_percent(head.forecast.accuracy.value),
                "low": whole_percent(head.forecast.accuracy.low),
                "high": whole_percent(head.forecast.accuracy.high),
            }
        )
    return said
