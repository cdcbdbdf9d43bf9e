"""What a training of the shared space says of itself: report, curve and card, from what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from workers.alignment.development import Row
from workers.alignment.report import wilson_interval
from workers.omni.space import Space

WIDE, HIGH, EDGE = 640, 280, 44  # of the curve, in pixels
AVERAGED = 10  # steps


class SpaceReport(BaseModel):
    """What was trained on what, and what was right on development. Losses in nats, processor seconds."""

    model_config = ConfigDict(frozen=True)

    pictures: dict[str, int]
    phrases: int
    steps: int
    batch: int
    seed: int
    views: int
    first_loss: float
    last_loss: float
    likelihood: float
    similarity: float
    development: list[Row]
    features_seconds: float
    training_seconds: float
    joining_seconds: float


def space_table(report: SpaceReport) -> str:
    """Development pictures, for people, as Markdown."""
    ways = list(report.development[0].right)
    lines = [f"| words | pictures | {' | '.join(ways)} |", f"| --- | --- |{' --- |' * len(ways)}"]
    for row in report.development:
        cells = []
        for way in ways:
            low, high = wilson_interval(row.right[way], row.pictures)
            share = row.right[way] / max(1, row.pictures)
            cells.append(f"{share:.1%} ({low:.1%} to {high:.1%})")
        lines.append(f"| {row.words} | {row.pictures} | {' | '.join(cells)} |")
    return "\n".join(lines)


def curve(losses: Sequence[float]) -> str:
    """The loss of each step, and its mean over the last few, as an SVG picture."""
    means = [
        sum(some) / len(some)
        for i in range(len(losses))
        if (some := losses[max(0, i + 1 - AVERAGED) : i + 1])
    ]
    top, low = max(losses, default=1.0), min(losses, default=0.0)
    spread = (top - low) or 1.0

    def points(values: Sequence[float]) -> str:
        across = (WIDE - 2 * EDGE) / max(1, len(values) - 1)
        return " ".join(
            f"{EDGE + i * across:.1f},{EDGE + (top - value) / spread * (HIGH - 2 * EDGE):.1f}"
            for i, value in enumerate(values)
        )

    title = (
        f"Loss over {len(losses)} steps, from {means[0]:.2f} to {means[-1]:.2f} nats" if means else "No step"
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img">
<title>{title}</title>
<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>
<path d="M{EDGE} {EDGE}V{HIGH - EDGE}H{WIDE - EDGE}" fill="none" stroke="#555"/>
<polyline points="{points(losses)}" fill="none" stroke="#bbb"/>
<polyline points="{points(means)}" fill="none" stroke="#1d5fa7" stroke-width="2"/>
<g font-family="sans-serif" font-size="12" fill="#333">
<text x="{EDGE}" y="24">{title}</text>
<text x="{EDGE - 6}" y="{EDGE + 4}" text-anchor="end">{top:.2f}</text>
<text x="{EDGE - 6}" y="{HIGH - EDGE + 4}" text-anchor="end">{low:.2f}</text>
<text x="{WIDE - EDGE}" y="{HIGH - EDGE + 18}" text-anchor="end">step {len(losses)}</text>
</g>
</svg>
"""


def write_space_card(file: Path, report: SpaceReport, space: Space) -> None:
    parameters = sum(parameter.numel() for parameter in space.parameters())
    pictures = ", ".join(f"{count:,} {source}" for source, count in sorted(report.pictures.items()))
    config = space.config
    file.write_text(
        f"""# Shared space of the stage image_text

Two heads of two layers each and {config.grams:,} rows for runs of Japanese letters ({parameters:,}
parameters, float16), from the tower's mean patch and from the mean state of a phrase at layer
{config.layer} of the language model into {config.width} dimensions. Tower, language model and connector
stay as they are.

## What it is for
Of a lone picture an open label's score is {report.likelihood:g} × (log p(label and its end) − its mean over
{config.references} reference pictures) + {report.similarity:g} × cosine in this space. A policy whose labels
are all among those that the connector learned ({", ".join(config.learned)}) is scored by their likelihood
alone, and so are pages of documents, texts, sound and clips. Confidence is *uncalibrated*. The pictures it
learned from are drawings, cut-out photos and emoji; on busy photographs expect less. It must not be used to
decide about people.

## Data and licence
{pictures} and {report.phrases:,} phrases: their captions and keywords, what WordNet says of these, and
the emoji's Japanese names. Tux Paint stamps (GPL-2.0-or-later), Debian's clip art (public domain), Noto
emoji (OFL-1.1), Unicode CLDR (Unicode licence), WordNet 3.0. Whoever holds that weights are derived from
their training data should treat this file as GPL-2.0-or-later, and can train another with the command
below. Which pictures were held out, kept for development or left out stands in
`workers/alignment/sides.tsv`, and words that nothing was trained with in
`bench/model/held_out_words.json`.

## Development pictures
Both weights were fitted on these very pictures, so the last column is a little kind to itself. Held-out
pictures are measured apart: `omnigov bench model --only words`.

{space_table(report)}

## Training
`omnigov align --stage image_text --steps {report.steps} --seed {report.seed} --views {report.views}`:
batches of {report.batch} pictures in {report.views} views; loss {report.first_loss:.3f} over the first 50
steps, {report.last_loss:.3f} over the last ({file.with_suffix(".curve.svg").name}). Processor seconds:
features and states {report.features_seconds:g} (what was kept is not made again), training
{report.training_seconds:g}, joining {report.joining_seconds:g}.
""",
        encoding="utf-8",
    )
