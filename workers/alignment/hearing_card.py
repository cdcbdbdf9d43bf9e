"""What a training of the stage audio says of itself: report, curves and card, from what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from workers.alignment.hearing_measures import Found, Kinds
from workers.omni.hearing import Hearing


class HearingReport(BaseModel):
    """What was trained on what, and what was found on each side. Losses in nats, processor seconds."""

    model_config = ConfigDict(frozen=True)

    command: str
    space: str
    learned_from: dict[str, int]
    stamps: int
    ear_steps: int
    warm_up_steps: int
    caption_steps: int
    ear_losses: tuple[float, float]
    warm_up_losses: tuple[float, float]
    caption_losses: tuple[float, float]
    found: list[Found]
    kinds: list[Kinds]
    features_seconds: float
    ear_seconds: float
    connector_seconds: float
    measuring_seconds: float


def ends(losses: Sequence[float], some: int = 20) -> tuple[float, float]:
    """The mean loss of the first steps and of the last."""
    if not losses:
        return 0.0, 0.0
    first, last = losses[:some], losses[-some:]
    return round(sum(first) / len(first), 4), round(sum(last) / len(last), 4)


def hearing_table(report: HearingReport) -> str:
    """For people, as Markdown."""
    lines = [
        "| set | language | caption R@1 | caption R@5 | chance R@5 | written, text tower R@5 "
        "| picture R@5 | chance R@5 | written R@5 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one.set} | {one.language} | {one.caption[1]} | {one.caption[5]} "
        f"| {one.chance(5, one.captions):.1%} | {one.caption_by_text.get(5, '–')} "
        f"| {one.picture[5]} | {one.chance(5, one.pictures):.1%} | {one.picture_by_text.get(5, '–')} |"
        for one in report.found
    ]
    lines += [
        "",
        "| set | language | kind by sound alone, language model | most common kind |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {one.set} | {one.language} | {one.right} | {one.most_common} |" for one in report.kinds]
    return "\n".join(lines)


def write_hearing_card(file: Path, report: HearingReport, hearing: Hearing) -> None:
    config = hearing.config
    parameters = sum(parameter.numel() for parameter in hearing.connector.parameters())
    sources = ", ".join(f"{count:,} {name}" for name, count in sorted(report.learned_from.items()))
    file.write_text(
        f"""# Sound connector of the stage audio

A two-layer perceptron a token and three vectors of its own ({parameters:,} parameters, float16), between the
encoder of Whisper base ({config.tower_width} wide, locked) and SmolLM2-135M-Instruct (locked). A window of
{config.window / 16_000:.2f} seconds is {config.tokens} tokens, {16_000 / config.token:g} a second. The
picture connector, the vision tower and the language model are those of the stage image_text, bit for bit:
without sound in the prompt every logit is the same, which `tests/workers/omni/test_hearing.py` holds. There
is no LoRA in the language model.

## What it is for
To put what is heard beside pictures and text in one prompt. What is *said* is decided on the transcript,
which stands in the prompt as text; by sound alone the language model is right as often as the table says, and
no decision should rest on that. Confidence is *uncalibrated*. It must not be used to decide about people,
nor to tell who speaks.

## Data and licence
{sources}, of {report.stamps:,} stamps of Tux Paint (Debian package tuxpaint-stamps-default,
GPL-2.0-or-later): descriptions spoken in that language, and sounds. Mostly one person a language; no English
and no Japanese. Whoever holds that weights are derived from their training data should treat this file as
GPL-2.0-or-later, and can train another with the command below. What is not learned from stands in
`workers/alignment/recordings.json` and `sides.tsv`, written down before: held-out subjects (with the wording
of their captions), subjects for development, and the languages bg, el and ro with all of their voices.

## Measured
R@n: the recording's own caption (or picture) among the first n of its set's, by a head of its own (*ear*,
512 → 512 → 256) in a shared space of pictures and text whose two sides stayed locked: {report.space}.
No such space is switched on, and neither is the ear: these figures are of the training, not of decisions.
*Written*: the description in its own language as text through the text tower, a transcript without a
mistake. Chance and Wilson's 95 % intervals beside it.

{hearing_table(report)}

## Training
`{report.command}`
Ear: {report.ear_steps} steps, loss {report.ear_losses[0]:.2f} to {report.ear_losses[1]:.2f}. Connector:
warm-up {report.warm_up_steps} steps, {report.warm_up_losses[0]:.2f} to {report.warm_up_losses[1]:.2f};
captions {report.caption_steps} steps, {report.caption_losses[0]:.2f} to {report.caption_losses[1]:.2f}
(the curves lie beside this card). Processor seconds: features {report.features_seconds:g} (what was kept is
not made again), ear {report.ear_seconds:g}, connector {report.connector_seconds:g}, measuring
{report.measuring_seconds:g}.
""",
        encoding="utf-8",
    )
