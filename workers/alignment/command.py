"""`omnigov align`: train a stage's shared space, connector or ear, and write it with its model card."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

import omnigov
from omnigov.contracts import PolicySpec
from workers import weights
from workers.alignment.arms import STEPS as ARM_STEPS
from workers.alignment.arms_material import gather as gather_arms
from workers.alignment.arms_report import ArmsReport, all_arms, arms_table
from workers.alignment.card import write_card
from workers.alignment.contrast import Schooling
from workers.alignment.ear import Schooling as EarSchooling
from workers.alignment.gathered import WORDNET, gather
from workers.alignment.hearing_card import HearingReport, hearing_table
from workers.alignment.hearing_material import LANGUAGES, read_rows
from workers.alignment.hearing_stage import Chosen, Hears, align_hearing
from workers.alignment.listening import Lessons
from workers.alignment.recordings import read_apart
from workers.alignment.report import Report, make_report, table
from workers.alignment.sides import read_sides
from workers.alignment.sound_kinds import KindsReport, kinds_table, train_kinds
from workers.alignment.space_card import SpaceReport, space_table
from workers.alignment.spacing import VIEWS as SPACE_VIEWS
from workers.alignment.spacing import Places, SpaceData, align_space
from workers.alignment.stamp_space import Learnable, join_stamp_space
from workers.alignment.stamps import Split, StampsMissing, read_stamps, split
from workers.alignment.training import Recipe, Said, make_examples, measure, train
from workers.alignment.views import plain_features, training_features
from workers.alignment.wordnet import read_wordnet
from workers.omni.config import OmniConfig
from workers.omni.hearing import SoundConfig, new_hearing
from workers.omni.model import OmniModel, new_model, with_connector
from workers.omni.space import SpaceConfig, new_space
from workers.weights import WeightsUnavailable, datasets

DATA = "tuxpaint-stamps-default"
POLICY_FILE = Path(omnigov.__file__).parent / "policies" / "builtin" / "what_is_shown.json"
GATE_CLIPS = Path(__file__).resolve().parents[2] / "bench" / "model" / "gate_clips.json"
VIEWS = 6
SPLIT_SEED = 7


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="omnigov align", description=__doc__)
    parser.add_argument("--stage", choices=["image_text", "audio", "video"], required=True)
    parser.add_argument(
        "--part",
        choices=["space", "connector", "kinds", "arms"],
        default="space",
        help="the shared space, beside the connector as it is; or the connector alone; of the stage audio "
        "ear and connector together, or the kinds of sound; of the stage video the arms",
    )
    parser.add_argument("--steps", type=int, help="of the space's training, or of the ear's in it")
    parser.add_argument(
        "--views", type=int, default=SPACE_VIEWS, help="of each picture for the space, the first as it is"
    )
    parser.add_argument("--epochs", type=int, default=Recipe.epochs, help="of the connector's training")
    parser.add_argument("--seed", type=int, default=Recipe.seed, help="of views, order and dropout")
    parser.add_argument("--warm-up", type=int, default=Lessons.warm_up, help="steps, of the sound connector")
    parser.add_argument(
        "--captions", type=int, default=Lessons.captions, help="steps, of the sound connector"
    )
    parser.add_argument(
        "--languages", default=",".join(LANGUAGES), help="whose descriptions the stage audio hears"
    )
    parser.add_argument("--space", type=Path, help="for the ear; else one is trained on the stamps alone")
    parser.add_argument(
        "--data", type=Path, help="the connector's folder of captioned pictures; else the fetched data"
    )
    parser.add_argument(
        "--kept", type=Path, default=Path("var/align"), help="folder where features and states are kept"
    )
    parser.add_argument(
        "--out", type=Path, help="folder for the results, else var/align/ and the stage's name"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(argv)
    chosen.out = chosen.out or Path("var/align") / chosen.stage
    return chosen


def main(argv: list[str] | None = None) -> int:
    """Returns 0, or 1 with a sentence when data or model files are missing."""
    chosen = arguments(argv)
    torch.set_num_threads(chosen.threads)
    try:
        if chosen.stage == "video":
            print(arms_table(run_the_arms(chosen)))
        elif chosen.part == "kinds":
            print(kinds_table(learn_the_kinds(chosen)))
        elif chosen.stage == "audio":
            print(hearing_table(align_the_hearing(chosen)))
        else:
            print(space_table(align_the_space(chosen)) if chosen.part == "space" else table(align(chosen)))
    except (StampsMissing, WeightsUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def align_the_space(chosen: argparse.Namespace) -> SpaceReport:
    """Train the shared space beside the shipped connector, from the fetched data."""
    places = Places(chosen.out, chosen.kept, chosen.stage)
    if not chosen.resume:
        places.checkpoint.unlink(missing_ok=True)
    data = SpaceData(gather(), read_sides(), read_wordnet(datasets.path(WORDNET)), chosen.views)
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    model = with_connector(weights.path("connector-image-text"))
    schooling = Schooling(steps=chosen.steps or Schooling.steps, seed=chosen.seed)
    return align_space(model, policy, data, SpaceConfig(), schooling, places, _clocked())


def align_the_hearing(chosen: argparse.Namespace) -> HearingReport:
    """Train ear and sound connector beside the stage image_text, whose parts all stay as they are."""
    if not chosen.resume:
        for name in ("space", "ear", "connector"):
            (chosen.out / f"{name}.checkpoint.pt").unlink(missing_ok=True)
    chosen.out.mkdir(parents=True, exist_ok=True)
    apart, sides = read_apart(read_sides()), read_sides()
    stamps = read_stamps(chosen.data or datasets.path(DATA))
    model = with_connector(weights.path("connector-image-text"), chosen.space)
    if chosen.space is None:
        known = Learnable(stamps, sides, apart.development, read_wordnet(datasets.path(WORDNET)))
        join_stamp_space(model, known, chosen.kept, chosen.out / "space.checkpoint.pt", _clocked())
    model.hear(new_hearing(SoundConfig()))
    languages = tuple(chosen.languages.split(","))
    schooling = EarSchooling(steps=chosen.steps or EarSchooling.steps, seed=chosen.seed)
    lessons = Lessons(chosen.warm_up, chosen.captions, chosen.seed)
    told = f"the file {chosen.space.name}" if chosen.space else "one that was trained on the stamps alone"
    of_space = f" --space {chosen.space.name}" if chosen.space else ""
    command = (
        f"omnigov align --stage audio{of_space} --languages {chosen.languages} --steps {schooling.steps} "
        f"--warm-up {lessons.warm_up} --captions {lessons.captions} --seed {chosen.seed}"
    )
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    hears = Hears(model, weights.sha256("whisper-base-encoder"), stamps, apart, policy)
    return align_hearing(
        hears, Chosen(languages, schooling, lessons, command, told), chosen.out, chosen.kept, _clocked()
    )


def learn_the_kinds(chosen: argparse.Namespace) -> KindsReport:
    """Train what tells the kind of a sound, from the stamps' recordings and sounds made by rule."""
    hearing = new_hearing(SoundConfig())
    stamps = read_stamps(chosen.data or datasets.path(DATA))
    tower, said = weights.sha256("whisper-base-encoder"), _clocked()
    languages = ("", *chosen.languages.split(","))
    rows = read_rows(hearing, tower, stamps, languages, chosen.kept / "recordings", said)
    return train_kinds(hearing, rows, read_apart(read_sides()), chosen.out, said, chosen.seed)


def run_the_arms(chosen: argparse.Namespace) -> ArmsReport:
    """Staged, direct and balanced mixing, the ungated arm and fractions of the data, on cached features."""
    said = _clocked()
    stamps = read_stamps(chosen.data or datasets.path(DATA))
    model = with_connector(weights.path("connector-image-text"))
    model.join(new_space(SpaceConfig()))  # for its layer: nothing of it is trained or asked
    material = gather_arms(model, stamps, read_apart(read_sides()), GATE_CLIPS, chosen.kept, said)
    report = all_arms(material, said, steps=chosen.steps or ARM_STEPS)
    chosen.out.mkdir(parents=True, exist_ok=True)
    file = chosen.out / "arms.report.json"
    file.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return report


def _clocked() -> Said:
    """Says each sentence on standard error, with the time since now before it."""
    began = time.monotonic()

    def said(sentence: str) -> None:
        print(f"{timedelta(seconds=round(time.monotonic() - began))} {sentence}", file=sys.stderr, flush=True)

    return said


def align(chosen: argparse.Namespace) -> Report:
    """Train, save connector, configuration and card to `chosen.out`, and report on the held-out pictures."""
    began, said = time.monotonic(), _clocked()
    out: Path = chosen.out
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists() and not chosen.resume:
        checkpoint.unlink()
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    parts = stamps_of(chosen.data)
    model = new_model(OmniConfig())
    seen, held_out = _features(model, parts, chosen.seed, out / "features.safetensors", chosen.resume, said)
    examples = make_examples(model, policy, parts.training, seen)
    unseen = make_examples(model, policy, parts.held_out, held_out)
    recipe = Recipe(epochs=chosen.epochs, seed=chosen.seed)
    train(model, policy, examples, unseen, recipe, checkpoint, said)
    report = make_report(policy, parts, measure(model, policy, unseen))
    spent = time.monotonic() - began
    save_connector(model, out / f"{chosen.stage}.safetensors")
    (out / f"{chosen.stage}.json").write_text(model.config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (out / f"{chosen.stage}.report.json").write_text(
        report.model_dump_json(indent=2) + "\n", encoding="utf-8"
    )
    write_card(out / f"{chosen.stage}.md", model, report, parts, recipe, policy, spent, chosen.threads, VIEWS)
    return report


def stamps_of(folder: Path | None) -> Split:
    """The captioned pictures, training and held-out apart, always by the same rule and seed."""
    return split(read_stamps(folder or datasets.path(DATA)), SPLIT_SEED)


def _features(
    model: OmniModel, parts: Split, seed: int, cache: Path, resume: bool, said: Said
) -> tuple[Tensor, Tensor]:
    """Features of training views and held-out pictures; kept in `cache`, for a training that goes on."""
    if resume and cache.is_file():
        kept = load_file(cache)
        return kept["training"], kept["held_out"]
    seen = training_features(model, parts.training, VIEWS, seed, said)
    unseen = plain_features(model, parts.held_out)
    save_file({"training": seen, "held_out": unseen}, cache)
    return seen, unseen


def save_connector(model: OmniModel, file: Path) -> None:
    """float16 safetensors with the configuration inside, so that one digest covers both."""
    tensors = {
        name: tensor.detach().half().contiguous() for name, tensor in model.connector.state_dict().items()
    }
    save_file(
        tensors, file, metadata={"config": json.dumps(model.config.model_dump(mode="json"), sort_keys=True)}
    )
