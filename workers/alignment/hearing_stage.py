"""The stage audio from data to card: features, ear, connector, what they are worth."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save_file

from omnigov.contracts import PolicySpec
from workers.alignment import ear as ears
from workers.alignment.hearing_card import HearingReport, ends, write_hearing_card
from workers.alignment.hearing_material import SOUND, Rows, Stamped, read_rows, read_stamped, sides_of
from workers.alignment.hearing_measures import found_by_ear, kinds_by_sound, most_common_kind
from workers.alignment.listening import Lessons, asked_about_sound, hearing_of, teach
from workers.alignment.recordings import Apart
from workers.alignment.space_card import curve
from workers.alignment.stamps import Stamp
from workers.omni.hearing import save_hearing
from workers.omni.joined import space_of
from workers.omni.model import OmniModel

ASKED = {"held out": ("fr", SOUND), "other voices": ("ro",)}
"""Sets and languages in which the language model is asked for kinds: each recording takes about a second."""


@dataclass(frozen=True)
class Chosen:
    """What a person can choose."""

    languages: tuple[str, ...]
    ear: ears.Schooling
    connector: Lessons
    command: str
    space: str


@dataclass(frozen=True)
class Hears:
    """The model with its shared space and an untrained hearing, the stamps, and what is not learned from."""

    model: OmniModel
    tower: str  # digest of the sound tower's file
    stamps: Sequence[Stamp]
    apart: Apart
    policy: PolicySpec


def align_hearing(
    hears: Hears, chosen: Chosen, out: Path, kept: Path, said: Callable[[str], None]
) -> HearingReport:
    """Train and measure; weights, report, curves and card go to `out`. Raises `WeightsUnavailable`."""
    began = time.process_time()
    out.mkdir(parents=True, exist_ok=True)
    model, hearing = hears.model, hearing_of(hears.model)
    rows: Rows = read_rows(
        hearing, hears.tower, hears.stamps, (SOUND, *chosen.languages), kept / "recordings", said
    )
    stamped: Stamped = read_stamped(model, hears.stamps, kept, said)
    sides = sides_of(rows, hears.apart)
    said(f"learns from {len(sides.training)} of {len(rows)} recordings")
    made = time.process_time()
    config = space_of(model).config
    ear = ears.new_ear(hearing.config.tower_width, config.hidden, config.width)
    losses = ears.school(ear, sides.training, stamped, chosen.ear, said, out / "ear.checkpoint.pt")
    save_file(
        {name: one.half().contiguous() for name, one in ear.state_dict().items()}, out / "ear.safetensors"
    )
    found = [
        one
        for name, some in (
            ("development", sides.development),
            ("held out", sides.held_out),
            ("other voices", sides.other_voices),
        )
        for one in found_by_ear(model, ear, name, some, stamped)
    ]
    schooled = time.process_time()
    policy = asked_about_sound(hears.policy)
    learned = teach(model, policy, sides.training, chosen.connector, said, out / "connector.checkpoint.pt")
    save_hearing(hearing, out / "audio.safetensors")
    taught = time.process_time()
    common = most_common_kind(sides)
    kinds = [
        one
        for name, some in (("held out", sides.held_out), ("other voices", sides.other_voices))
        for one in kinds_by_sound(model, policy, name, some, common, ASKED[name])
    ]
    report = HearingReport(
        command=chosen.command,
        space=chosen.space,
        learned_from=dict(Counter(one.language or "sound" for one in sides.training.recordings)),
        stamps=len({one.stamp.name for one in sides.training.recordings}),
        ear_steps=len(losses),
        warm_up_steps=len(learned.warm_up),
        caption_steps=len(learned.captions),
        ear_losses=ends(losses),
        warm_up_losses=ends(learned.warm_up),
        caption_losses=ends(learned.captions),
        found=found,
        kinds=kinds,
        features_seconds=round(made - began, 1),
        ear_seconds=round(schooled - made, 1),
        connector_seconds=round(taught - schooled, 1),
        measuring_seconds=round(time.process_time() - taught, 1),
    )
    (out / "audio.json").write_text(hearing.config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (out / "audio.report.json").write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for name, values in (("ear", losses), ("warm_up", learned.warm_up), ("captions", learned.captions)):
        (out / f"audio.{name}.curve.svg").write_text(curve(values), encoding="utf-8")
    write_hearing_card(out / "audio.md", report, hearing)
    return report
