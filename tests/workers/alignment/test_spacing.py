"""The shared space from pictures to weights, report, curve and card; on a tiny model and drawn pictures."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from omnigov.contracts import Label, PolicySpec
from workers.alignment import development, states
from workers.alignment.captioned import Captioned
from workers.alignment.contrast import Schooling
from workers.alignment.space_card import SpaceReport, curve
from workers.alignment.spacing import Places, SpaceData, align_space
from workers.alignment.wordnet import Synset, WordNet
from workers.omni.config import TINY
from workers.omni.model import OmniModel, new_model
from workers.omni.space import TINY_SPACE, new_space, read_space

POLICY = PolicySpec(
    question="What?",
    labels=tuple(Label(key=w, phrase=w, name_en=w, name_ja=w) for w in ("animal", "vehicle")),
)
ANIMAL = Synset("1", ("animal", "beastie"), "a living thing that moves", ())
CAT = Synset("2", ("cat", "puss"), "a small animal with fur", ("1",))
VEHICLE = Synset("3", ("vehicle",), "it drives", ())
CAR = Synset("4", ("car",), "a vehicle with wheels", ("3",))
WORDNET = WordNet(
    {"1": ANIMAL, "2": CAT, "3": VEHICLE, "4": CAR},
    {"animal": ("1",), "cat": ("2",), "vehicle": ("3",), "car": ("4",)},
    {},
)


def picture(number: int) -> Captioned:
    word, colour = (("cat", (200, 30, 30)), ("car", (30, 30, 200)))[number % 2]
    png = io.BytesIO()
    Image.new("RGB", (32, 32), tuple(min(255, part + number) for part in colour)).save(png, "PNG")
    return Captioned(
        name=f"clip_art/{number}",
        source="clip_art",
        group=f"clip_art/{number}",
        texts=(word,),
        png=png.getvalue(),
    )


def data() -> SpaceData:
    sides = {"clip_art/0": "development", "clip_art/1": "development", "clip_art/2": "held_out"}
    broken = Captioned("clip_art/broken", "clip_art", "clip_art/broken", ("cat",), png=b"nothing")
    return SpaceData([*(picture(number) for number in range(12)), broken], sides, WORDNET)


def trained(model: OmniModel, folder: Path, steps: int = 60) -> tuple[SpaceReport, list[str]]:
    heard: list[str] = []
    places = Places(folder / "out", folder / "kept")
    chosen = Schooling(steps=steps, batch=12)
    return align_space(model, POLICY, data(), TINY_SPACE, chosen, places, heard.append), heard


@pytest.fixture
def model() -> OmniModel:
    return new_model(TINY).requires_grad_(False)


def test_what_is_written_is_what_was_trained(model: OmniModel, tmp_path: Path) -> None:
    before = {name: tensor.clone() for name, tensor in model.connector.state_dict().items()}
    report, _ = trained(model, tmp_path)
    out = tmp_path / "out"
    assert report.pictures == {"clip_art": 9}, "neither held out, nor for development, nor broken"
    assert report.last_loss < report.first_loss
    assert [row.words for row in report.development] == ["shipped", "words", "phrases"]
    assert {row.pictures for row in report.development} == {2}
    kept = read_space(out / "image_text.space.safetensors")
    assert (kept.config.likelihood, kept.config.similarity) == (report.likelihood, report.similarity)
    assert kept.references.abs().sum() > 0
    assert SpaceReport.model_validate_json((out / "image_text.space.report.json").read_text()) == report
    card = (out / "image_text.space.md").read_text()
    assert "9 clip_art" in card
    assert f"--steps {report.steps}" in card
    assert "image_text.space.curve.svg" in card
    assert (out / "image_text.space.curve.svg").is_file()
    for name, tensor in model.connector.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_features_and_states_are_made_once_and_the_seed_decides(model: OmniModel, tmp_path: Path) -> None:
    _, first = trained(model, tmp_path)
    weights = load_file(tmp_path / "out" / "image_text.space.safetensors")
    (tmp_path / "out" / "space.checkpoint.pt").unlink()
    _, again = trained(new_model(TINY).requires_grad_(False), tmp_path)
    assert any(sentence.startswith("states") for sentence in first)
    assert not any(sentence.startswith(("features", "states")) for sentence in again)
    for name, tensor in load_file(tmp_path / "out" / "image_text.space.safetensors").items():
        assert torch.equal(tensor, weights[name])


def test_a_training_goes_on_from_its_checkpoint(model: OmniModel, tmp_path: Path) -> None:
    trained(model, tmp_path)
    _, again = trained(new_model(TINY).requires_grad_(False), tmp_path)
    assert "goes on after step 50" in again


def test_states_of_blocks_are_those_of_all_at_once(
    model: OmniModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.join(new_space(TINY_SPACE))
    phrases = ["cat", "a longer phrase", "car", "x", "two words"]
    whole = states.kept_states(model, phrases, 1, tmp_path / "whole", lambda _: None)
    monkeypatch.setattr(states, "BLOCK", 2)
    parts = states.kept_states(model, phrases, 1, tmp_path / "parts", lambda _: None)
    assert torch.allclose(whole.float(), parts.float(), atol=2e-3)
    assert len(list((tmp_path / "parts").glob("*.safetensors"))) == 3


def test_each_way_counts_what_it_gets_right() -> None:
    likelihood = torch.tensor([[-1.0, -2.0], [-1.0, -2.0]])
    asked = development.Asked(
        "words", likelihood, torch.tensor([-1.0, -4.0]), torch.eye(2), torch.tensor([0, 1])
    )
    (row,) = development.rows_of([asked], 0.1, 10.0)
    assert row.right == {"likelihood": 1, "likelihood − prior": 1, "dual": 2, "joined": 2}
    assert row.pictures == 2


def test_the_curve_is_a_picture_with_every_step() -> None:
    drawn = curve([3.0, 2.0, 1.0])
    assert drawn.startswith("<svg")
    assert "Loss over 3 steps, from 3.00 to 2.00 nats" in drawn
    assert drawn.count(",") >= 6
