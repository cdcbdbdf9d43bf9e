"""Trains the kind of a sound on the stamps' recordings and on sounds made by rule, and says what it is worth.

Logistic regression; its strength is chosen on development. Recorded and made sounds are measured apart: what
is right of sounds that were made as those it learned from says little of real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from workers.alignment.fitting import Way, fit
from workers.alignment.hearing_material import SOUND, Rows, sides_of
from workers.alignment.hearing_measures import Share
from workers.alignment.made_sounds import MADE
from workers.alignment.recordings import Apart, Recording
from workers.omni.hearing import Hearing
from workers.omni.sound_kinds import KINDS, SoundKinds, save_sound_kinds, summary

WAY = Way("summary", ("summary",))
MADE_EACH = 60  # of each kind that is made by rule; half as many for development and for measuring
SPEECH_EACH = 25  # descriptions of a language
# Of the stamps' sounds, by name, the first that fits; those of no line are left out.
HEARD_AS: tuple[tuple[str, str], ...] = (
    ("animals/", "other"),
    ("hobbies/music/", "music"),
    ("hobbies/camera", "other"),
    ("household/Washing", "machine"),
    ("household/vacuum", "machine"),
    ("household/", "other"),
    ("symbols/", "speech"),
    ("vehicles/emergency/", "alarm"),
)


class KindsReport(BaseModel):
    """What is right, by where the sounds come from; of recorded ones by kind too."""

    model_config = ConfigDict(frozen=True)

    learned_from: dict[str, int]
    recorded: Share
    recorded_by_kind: dict[str, Share]
    recorded_most_common: Share
    made: Share
    strength: int


@dataclass(frozen=True)
class _Labelled:
    features: np.ndarray  # [sounds, 2 × tower width]
    truth: np.ndarray

    def __add__(self, other: _Labelled) -> _Labelled:
        return _Labelled(
            np.concatenate([self.features, other.features]), np.concatenate([self.truth, other.truth])
        )


def kind_of(one: Recording) -> str:
    """ "" for a sound that is left out."""
    if one.language != SOUND:
        return "speech"
    return next((kind for begins, kind in HEARD_AS if one.stamp.name.startswith(begins)), "")


def train_kinds(
    hearing: Hearing, rows: Rows, apart: Apart, out: Path, said: Callable[[str], None], seed: int = 7
) -> KindsReport:
    """Train, measure, and write map and report to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    sides = sides_of(rows, apart)
    made = [_made(hearing, MADE_EACH // share, seed + number) for number, share in enumerate((1, 2, 2))]
    learned = _recorded(sides.training, seed) + made[0]
    development = _recorded(sides.development, seed) + made[1]
    recorded = _recorded(sides.held_out.where(lambda one: one.language == SOUND), seed) + _recorded(
        sides.other_voices, seed
    )
    said(f"kinds of sound: learns from {len(learned.truth)}, asked about {len(recorded.truth)} recorded ones")
    maps = fit(WAY, {"summary": learned.features}, learned.truth, len(KINDS))
    right = [
        int((each.logits({"summary": development.features}).argmax(1) == development.truth).sum())
        for each in maps
    ]
    strength = int(np.argmax(right))
    best = maps[strength]
    kinds = SoundKinds(
        *(
            torch.from_numpy(np.asarray(part, np.float32))
            for part in (best.centre["summary"], best.scale["summary"], best.weight["summary"], best.bias)
        )
    )
    save_sound_kinds(kinds, out / "sound_kinds.safetensors")
    told = kinds.logits(torch.from_numpy(recorded.features)).argmax(1).numpy()
    of_made = kinds.logits(torch.from_numpy(made[2].features)).argmax(1).numpy()
    report = KindsReport(
        learned_from={kind: int((learned.truth == i).sum()) for i, kind in enumerate(KINDS)},
        recorded=_share(told == recorded.truth),
        recorded_by_kind={
            kind: _share(told[recorded.truth == i] == i)
            for i, kind in enumerate(KINDS)
            if (recorded.truth == i).any()
        },
        recorded_most_common=Share(
            right=int(np.bincount(recorded.truth, minlength=len(KINDS)).max()), of=len(recorded.truth)
        ),
        made=_share(of_made == made[2].truth),
        strength=strength,
    )
    (out / "sound_kinds.report.json").write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return report


def _recorded(rows: Rows, seed: int) -> _Labelled:
    """A few descriptions of each language, and all sounds that have a kind."""
    random = np.random.default_rng(seed)
    chosen: list[int] = []
    languages = [one.language for one in rows.recordings]
    for language in dict.fromkeys(languages):
        some = [
            row for row, each in enumerate(languages) if each == language and kind_of(rows.recordings[row])
        ]
        few = random.permutation(len(some))[:SPEECH_EACH] if language != SOUND else range(len(some))
        chosen += [some[index] for index in sorted(int(index) for index in few)]
    part = rows.of(chosen)
    truth = [KINDS.index(kind_of(one)) for one in part.recordings]
    return _Labelled(_summaries(part.heard.tokens, part.heard.counts.tolist()), np.array(truth, int))


def _made(hearing: Hearing, each: int, seed: int) -> _Labelled:
    random = np.random.default_rng(seed)
    sounds = [(kind, make(random)) for kind, make in MADE.items() for _ in range(each)]
    pooled = hearing.pooled([samples for _, samples in sounds])
    counts = [hearing.config.tokens_of(len(samples)) for _, samples in sounds]
    return _Labelled(_summaries(pooled, counts), np.array([KINDS.index(kind) for kind, _ in sounds]))


def _summaries(tokens: Tensor, counts: Sequence[int]) -> np.ndarray:
    width = 2 * tokens.shape[2]
    rows = [summary(row[:count]).numpy() for row, count in zip(tokens, counts, strict=True)]
    return np.stack(rows) if rows else np.zeros((0, width), np.float32)


def _share(right: np.ndarray) -> Share:
    return Share(right=int(right.sum()), of=len(right))


def kinds_table(report: KindsReport) -> str:
    """For people, as Markdown."""
    lines = ["| sounds | right |", "| --- | --- |", f"| recorded, held out | {report.recorded} |"]
    lines += [f"| of these {kind} | {share} |" for kind, share in report.recorded_by_kind.items()]
    lines += [
        f"| always the commonest of these | {report.recorded_most_common} |",
        f"| made by rule, other draws | {report.made} |",
    ]
    return "\n".join(lines)
