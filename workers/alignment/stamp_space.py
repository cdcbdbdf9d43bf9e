"""The picture and text sides of a shared space that is trained on the stamps alone, for the ear to join.

As `workers.alignment.spacing` trains them on all pictures, without what joins them to the likelihood: that
takes development pictures, and here nothing is decided with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.alignment.contrast import Material, Schooling, school
from workers.alignment.features import pooled_features
from workers.alignment.gathered import captioned
from workers.alignment.phrases import gather_phrases
from workers.alignment.spacing import VIEWS_SEED
from workers.alignment.stamps import Stamp
from workers.alignment.states import kept_states
from workers.alignment.wordnet import WordNet
from workers.omni.model import OmniModel
from workers.omni.space import SpaceConfig, new_space

WHOLE = SpaceConfig()
SCHOOLING = Schooling(steps=200, batch=256)


@dataclass(frozen=True)
class Learnable:
    """All stamps, which of them are on a side that is not learned from, and the nouns of WordNet."""

    stamps: Sequence[Stamp]
    sides: Mapping[str, str]
    development: frozenset[str]
    wordnet: WordNet


def join_stamp_space(
    model: OmniModel,
    data: Learnable,
    kept: Path,
    checkpoint: Path,
    said: Callable[[str], None],
    config: SpaceConfig = WHOLE,
    chosen: Schooling = SCHOOLING,
) -> None:
    """The model gets the space, locked."""
    model.join(new_space(config))
    every = captioned(data.stamps)
    features, drawn = pooled_features(model, every, 1, VIEWS_SEED, kept / "features", said)
    rows = [
        row
        for row, one in enumerate(every)
        if drawn[row]
        and one.name not in data.sides
        and one.name.removeprefix("stamps/") not in data.development
    ]
    some = [every[row] for row in rows]
    phrases = gather_phrases(some, data.wordnet)
    states = kept_states(model, phrases.all, config.layer, kept / "states", said)
    said(f"the space learns from {len(some)} stamps and {len(phrases.all)} phrases")
    material = Material(features[:, rows], tuple(one.source for one in some), states, phrases)
    space = new_space(config)
    school(space, material, chosen, said, checkpoint)
    model.join(space)
