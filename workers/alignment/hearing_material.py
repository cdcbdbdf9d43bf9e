"""What the stage audio learns from: recordings of stamps with their captions and pictures, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from workers.alignment.features import pooled_features
from workers.alignment.gathered import captioned
from workers.alignment.heard import Heard, kept_recordings
from workers.alignment.recordings import Apart, Recording, read_recordings
from workers.alignment.spacing import VIEWS_SEED
from workers.alignment.stamps import Stamp, groups_of
from workers.alignment.states import kept_states
from workers.omni.hearing import Hearing
from workers.omni.joined import space_of
from workers.omni.model import OmniModel

LANGUAGES = ("fr", "es", "ru", "ca", "be", "da", "lt", "nl", "ro", "bg", "el")
SOUND = ""
"""In the place of a language: what a thing sounds like."""


@dataclass(frozen=True)
class Rows:
    """Recordings, and of each the numbers of its stamp, of its caption and of what belongs together."""

    recordings: tuple[Recording, ...]
    heard: Heard
    stamp: Tensor  # [recordings], a row of `Stamped`

    def __len__(self) -> int:
        return len(self.recordings)

    def of(self, rows: Sequence[int]) -> Rows:
        return Rows(tuple(self.recordings[row] for row in rows), self.heard.of(rows), self.stamp[list(rows)])

    def where(self, wanted: Callable[[Recording], bool]) -> Rows:
        return self.of([row for row, one in enumerate(self.recordings) if wanted(one)])


@dataclass(frozen=True)
class Stamped:
    """The stamps as the locked sides of the shared space have them: unit vectors [stamps, width]."""

    stamps: tuple[Stamp, ...]
    captions: tuple[str, ...]  # of each stamp, as it is asked for
    texts: Tensor
    pictures: Tensor
    groups: Tensor  # [stamps], one number for variants of one picture


@dataclass(frozen=True)
class Sides:
    """Recordings that are learned from, and those that are not."""

    training: Rows
    development: Rows  # other subjects, in the voices that are learned from
    held_out: Rows  # held-out subjects, in those voices too
    other_voices: Rows  # held-out subjects in languages, and so voices, that were never learned from


def read_rows(
    hearing: Hearing,
    tower: str,
    stamps: Sequence[Stamp],
    languages: Sequence[str],
    folder: Path,
    said: Callable[[str], None],
) -> Rows:
    """Recordings that can be played, in these languages; `tower` is the digest of the sound tower's file."""
    place = {stamp.name: row for row, stamp in enumerate(stamps)}
    some = [read_recordings(stamps, [language]) for language in languages]
    heard = [kept_recordings(hearing, tower, one, folder, said) for one in some if one]
    every = tuple(one for each in some for one in each)
    rows = Rows(
        every,
        Heard(torch.cat([one.tokens for one in heard]), torch.cat([one.counts for one in heard])),
        torch.tensor([place[one.stamp.name] for one in every]),
    )
    return rows.of(rows.heard.counts.nonzero()[:, 0].tolist())


def read_stamped(
    model: OmniModel, stamps: Sequence[Stamp], kept: Path, said: Callable[[str], None]
) -> Stamped:
    """Captions and pictures in the model's shared space, which stays as it is."""
    space = space_of(model)
    captions = tuple(stamp.caption.rstrip(".").lower() for stamp in stamps)
    distinct = list(dict.fromkeys(captions))
    states = kept_states(model, distinct, space.config.layer, kept / "states", said)
    features, _ = pooled_features(model, captioned(stamps), 1, VIEWS_SEED, kept / "features", said)
    group = {one.name: number for number, some in enumerate(groups_of(stamps).values()) for one in some}
    with torch.no_grad():
        texts = space.texts(states.float(), distinct)
        return Stamped(
            tuple(stamps),
            captions,
            texts[[distinct.index(caption) for caption in captions]],
            space.pictures(features[0].float()),
            torch.tensor([group[stamp.name] for stamp in stamps]),
        )


def sides_of(rows: Rows, apart: Apart) -> Sides:
    """By what is written down. What is held out in one way and not in the other is in neither."""

    def learned(one: Recording) -> bool:
        return one.language not in apart.languages

    out = apart.development | apart.left_out | apart.held_out
    return Sides(
        training=rows.where(lambda one: learned(one) and one.stamp.name not in out),
        development=rows.where(lambda one: learned(one) and one.stamp.name in apart.development),
        held_out=rows.where(lambda one: learned(one) and one.stamp.name in apart.held_out),
        other_voices=rows.where(lambda one: not learned(one) and one.stamp.name in apart.held_out),
    )
