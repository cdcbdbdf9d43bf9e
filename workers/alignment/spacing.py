"""Trains the shared space beside a connector that stays as it is, and fits how the two are joined."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from omnigov.contracts import PolicySpec
from workers.alignment.captioned import Captioned
from workers.alignment.contrast import Material, Schooling, school
from workers.alignment.development import ask_all, of_development, rows_of, seen_patches
from workers.alignment.features import pooled_features
from workers.alignment.joining import fit
from workers.alignment.phrases import gather_phrases
from workers.alignment.space_card import SpaceReport, curve, write_space_card
from workers.alignment.states import kept_states
from workers.alignment.wordnet import WordNet
from workers.omni.model import OmniModel
from workers.omni.space import Space, SpaceConfig, new_space

VIEWS = 2
VIEWS_SEED = 7  # of the views alone: another seed of the training goes on from the same features
REFERENCES_SEED = 1


@dataclass(frozen=True)
class SpaceData:
    """All pictures, the sides that are written down, WordNet's nouns; how often each picture is looked at."""

    pictures: Sequence[Captioned]
    sides: Mapping[str, str]
    wordnet: WordNet
    views: int = VIEWS


@dataclass(frozen=True)
class Places:
    """Where results go, and where features and states are kept for the next training."""

    out: Path
    kept: Path
    stage: str = "image_text"

    @property
    def checkpoint(self) -> Path:
        return self.out / "space.checkpoint.pt"

    def named(self, ending: str) -> Path:
        return self.out / f"{self.stage}.space.{ending}"


def align_space(
    model: OmniModel,
    policy: PolicySpec,
    data: SpaceData,
    config: SpaceConfig,
    chosen: Schooling,
    places: Places,
    said: Callable[[str], None],
) -> SpaceReport:
    """Train, fit, and write weights, report, curve and card to `places.out`. The model gets the space."""
    began = time.process_time()
    places.out.mkdir(parents=True, exist_ok=True)
    if model.space is None:
        model.join(new_space(config))
    material, drawn = _material(model, data, config, places, said)
    made = time.process_time()
    space = new_space(config)
    losses = school(space, material, chosen, said, places.checkpoint)
    trained = time.process_time()
    model.join(space)
    _refer(model, space, drawn)
    shown = of_development(data.pictures, data.sides, data.wordnet)
    asked = ask_all(model, policy, shown, said)
    parts = [[one.beyond for one in asked], [one.similarity for one in asked], [one.truth for one in asked]]
    likelihood, similarity = (round(weight, 4) for weight in fit(*parts))
    learned = tuple(label.phrase.strip().casefold() for label in policy.labels)
    fitted = config.model_copy(
        update={"likelihood": likelihood, "similarity": similarity, "learned": learned}
    )
    space.config = fitted
    save_space(space, places.named("safetensors"))
    report = SpaceReport(
        pictures=dict(Counter(one.source for one in drawn)),
        phrases=len(material.phrases.all),
        steps=len(losses),
        batch=chosen.batch,
        seed=chosen.seed,
        views=data.views,
        first_loss=_mean(losses[:50]),
        last_loss=_mean(losses[-50:]),
        likelihood=likelihood,
        similarity=similarity,
        development=rows_of(asked, likelihood, similarity),
        features_seconds=round(made - began, 1),
        training_seconds=round(trained - made, 1),
        joining_seconds=round(time.process_time() - trained, 1),
    )
    places.named("report.json").write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    places.named("curve.svg").write_text(curve(losses), encoding="utf-8")
    write_space_card(places.named("md"), report, space)
    return report


def _material(
    model: OmniModel, data: SpaceData, config: SpaceConfig, places: Places, said: Callable[[str], None]
) -> tuple[Material, list[Captioned]]:
    """What is learned from: pictures that are on no written-down side and that can be drawn."""
    pictures = data.pictures
    folder = places.kept / "features"
    features, drawn = pooled_features(model, pictures, data.views, VIEWS_SEED, folder, said)
    rows = [row for row, can in enumerate(drawn.tolist()) if can and pictures[row].name not in data.sides]
    some = [pictures[row] for row in rows]
    phrases = gather_phrases(some, data.wordnet)
    states = kept_states(model, phrases.all, config.layer, places.kept / "states", said)
    said(f"learns from {len(some)} pictures and {len(phrases.all)} phrases")
    return Material(features[:, rows], tuple(one.source for one in some), states, phrases), some


@torch.inference_mode()
def _refer(model: OmniModel, space: Space, drawn: Sequence[Captioned]) -> None:
    """Keep the connector's embeddings of some training pictures in the space, for the prior."""
    # Emoji are all of one hand: they would make one style of drawing the usual one.
    some = [one for one in drawn if one.source != "emoji"] or list(drawn)
    random = torch.Generator().manual_seed(REFERENCES_SEED)
    rows = torch.randperm(len(some), generator=random)[: space.config.references].tolist()
    space.references.copy_(model.connector(seen_patches(model, [some[row] for row in rows])))


def save_space(space: Space, file: Path) -> None:
    """float16 safetensors with the configuration inside, so that one digest covers both."""
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in space.state_dict().items()}
    config = json.dumps(space.config.model_dump(mode="json"), sort_keys=True)
    save_file(tensors, file, metadata={"config": config})


def _mean(losses: Sequence[float]) -> float:
    return round(sum(losses) / len(losses), 4) if losses else 0.0
