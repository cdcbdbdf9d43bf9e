"""The model card that goes with a trained connector. Every number in it was measured in the same run."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import torch

from omnigov.contracts import PolicySpec
from workers.alignment.report import Report, table
from workers.alignment.stamps import HELD_OUT, Split, Stamp
from workers.alignment.training import (
    CAPTION_TOKENS,
    CAPTION_WEIGHT,
    RATE,
    WARM_UP_RATE,
    WEIGHT_DECAY,
    Recipe,
)
from workers.omni.model import OmniModel


def write_card(
    file: Path,
    model: OmniModel,
    report: Report,
    parts: Split,
    recipe: Recipe,
    policy: PolicySpec,
    seconds: float,
    threads: int,
    views: int,
) -> None:
    """Write the Markdown card to `file`."""
    parameters = sum(parameter.numel() for parameter in model.connector.parameters())
    everything = [*parts.training, *parts.held_out]
    drawn = sum(stamp.file.suffix == ".svg" for stamp in everything)
    duration = str(timedelta(seconds=round(seconds)))
    wrong = ", ".join(f"{pair} ({count})" for pair, count in report.confusions.items()) or "none"
    file.write_text(
        f"""# Connector `{model.config.stage}` of `{model.config.name}`

A two-layer perceptron ({parameters:,} parameters, float16) between EfficientNet-Lite0 (ImageNet weights) and
SmolLM2-135M-Instruct. It turns {model.config.grid} × {model.config.grid} patches of a picture into
{model.config.picture_tokens} embeddings that the language model reads as tokens. Only the connector was
trained: tower and language model are byte for byte those of the manifest.

## What it is for
To answer one kind of question, what a picture of one thing shows, as in the policy `what_is_shown`:
"{policy.question}" with the labels {_and(label.phrase for label in policy.labels)}.
Confidence is *uncalibrated*. The pictures it learned from are drawings and cut-out photos on plain grounds:
on busy photographs expect less than the numbers below. It learned from {_count(parts.training, "person")}
pictures of people, most of them drawn, so `person` is its weakest claim. It must not be used to decide about
people.

## Data and licence
Tux Paint stamps, Debian `tuxpaint-stamps-default` 2022.06.04-1, copyright 2002–2022 Bill Kendrick and the
stamps' authors, GPL-2.0-or-later; fetched and checked by `omnigov data fetch`. The pictures themselves are
not part of this file. The weights were trained on them; whoever holds that weights are derived from their
training data should treat this file as GPL-2.0-or-later, and can train another with the command below. The
code that trains and runs it is Apache-2.0.

{len(everything)} pictures have a caption and a kind ({len(everything) - drawn} PNG, {drawn} SVG rendered).
The others show toys, games, parts of people or several kinds, and were left out. Kinds come from the folders
(`workers/alignment/stamps.py`, `KINDS`).

| kind | training | held out |
| --- | --- | --- |
{_rows(parts)}

**Split.** About {HELD_OUT:.0%} of each kind is held out by file. Files that may be variants of one picture
(same kind, same first word of the file's name; of alphabets the same letter) stay on one side; groups are
taken in the order of SHA-256("seed:group"), seed 7, until a kind has its share. The same bytes count once.

## Held-out results
Likeliest label by the sum of its tokens' log-probabilities; whole picture on white; no calibration.

{table(report)}

Confused (shown -> said): {wrong}.

The split was also looked at while the training was being designed, so these numbers are a little kind to it.

## Training
`omnigov align --stage image_text --part connector --epochs {recipe.epochs} --seed {recipe.seed}`:
{recipe.warm_up} warm-up epochs (picture embeddings drawn to the language model's word embeddings, AdamW at
{WARM_UP_RATE:g}), then {recipe.epochs} epochs in which the frozen language model writes "label. caption" (at
most {CAPTION_TOKENS} caption tokens, weight {CAPTION_WEIGHT} beside the label's loss; AdamW at {RATE:g}
falling as a cosine, weight decay {WEIGHT_DECAY}, batch {recipe.batch}). Each picture is seen plain and in
{views - 1} random views (mirrored, scaled, moved, on other grounds). It took {duration} with {threads}
threads of a shared {platform.machine()} server CPU without a GPU, other work running; float32, torch
{torch.__version__}.
""",
        encoding="utf-8",
    )


def _count(stamps: Iterable[Stamp], kind: str) -> int:
    return sum(stamp.kind == kind for stamp in stamps)


def _and(words: Iterable[str]) -> str:
    return ", ".join(f"*{word}*" for word in words)


def _rows(parts: Split) -> str:
    training = Counter(stamp.kind for stamp in parts.training)
    held_out = Counter(stamp.kind for stamp in parts.held_out)
    return "\n".join(f"| {kind} | {training[kind]} | {held_out[kind]} |" for kind in sorted(training))
