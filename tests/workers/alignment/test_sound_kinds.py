"""Kinds of sound: told from made ones, kept in a file, heard in a decision; and what the makers make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from omnigov.contracts import Label, ModelVersion, PolicySpec, Stage
from workers.alignment.heard import Heard
from workers.alignment.hearing_material import Rows
from workers.alignment.made_sounds import MACHINES, MADE, RATE, SECONDS, draw_machine, recording
from workers.alignment.recordings import Apart, Recording
from workers.alignment.sound_kinds import kind_of, kinds_table, train_kinds
from workers.alignment.stamps import Stamp
from workers.omni.config import TINY
from workers.omni.hearing import TINY_SOUND, new_hearing, save_hearing
from workers.omni.infer import infer_together
from workers.omni.model import new_model, with_hearing
from workers.omni.seen import Seen, listen
from workers.omni.sound_kinds import KINDS, SoundKinds, read_sound_kinds, save_sound_kinds


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert progress is None or 0 <= progress <= 1


def spoken(name: str, language: str) -> Recording:
    return Recording(f"{name}{language}", Stamp(name, Path(name), "", "animal", name), language, Path(name))


def test_what_a_stamp_sounds_like_is_of_a_kind_or_left_out() -> None:
    assert kind_of(spoken("animals/cat", "fr")) == "speech"
    assert kind_of(spoken("animals/cat", "")) == "other"
    assert kind_of(spoken("hobbies/music/wind/bassoon", "")) == "music"
    assert kind_of(spoken("vehicles/emergency/firetruck", "")) == "alarm"
    assert kind_of(spoken("household/vacuum_cleaner", "")) == "machine"
    assert kind_of(spoken("town/flags/checkeredflag", "")) == ""


@pytest.mark.parametrize("kind", MACHINES)
@pytest.mark.parametrize("decibels", [20, 0])
def test_a_machine_is_heard_with_its_fault_and_without(kind: Any, decibels: float) -> None:
    machine = draw_machine(kind, np.random.default_rng(3))
    usual, other, faulty = (
        recording(machine, faulty=bad, decibels=decibels, random=np.random.default_rng(seed))
        for bad, seed in ((False, 1), (False, 1), (True, 1))
    )
    assert np.array_equal(usual, other), "the same draw is the same sound"
    assert not np.allclose(usual, faulty)
    for samples in (usual, faulty):
        assert samples.dtype == np.float32
        assert len(samples) == int(RATE * SECONDS)
        assert 0.1 < np.abs(samples).max() <= 1


@pytest.mark.parametrize("kind", sorted(MADE))
def test_what_is_made_is_sound(kind: str) -> None:
    one, other = (MADE[kind](np.random.default_rng(seed)) for seed in (1, 2))
    assert np.isfinite(one).all()
    assert 0.05 < np.abs(one).max() <= 1
    assert not np.array_equal(one, other)


def test_kinds_are_trained_on_sides_that_are_apart_and_say_what_they_are_worth(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    names = [(f"animals/a{i}", language) for i in range(8) for language in ("fr", "ro", "")]
    tokens = torch.from_numpy(random.standard_normal((len(names), TINY_SOUND.tokens, 16))).half()
    rows = Rows(
        tuple(spoken(name, language) for name, language in names),
        Heard(tokens, torch.full((len(names),), 5)),
        torch.zeros(len(names), dtype=torch.long),
    )
    apart = Apart(frozenset(["ro"]), frozenset(["animals/a0"]), frozenset(), frozenset(["animals/a1"]))
    report = train_kinds(new_hearing(TINY_SOUND), rows, apart, tmp_path, lambda _: None)
    assert report.learned_from == {"speech": 6, "music": 60, "alarm": 60, "machine": 60, "other": 6}
    assert report.recorded.of == 2
    assert report.made.of == 90
    assert report.made.right > 45, "made sounds are easily told apart"
    assert "made by rule" in kinds_table(report)
    assert read_sound_kinds(tmp_path / "sound_kinds.safetensors").weight.shape == (32, len(KINDS))


def test_a_decision_says_what_kinds_were_heard(tmp_path: Path) -> None:
    save_hearing(new_hearing(TINY_SOUND), tmp_path / "audio.safetensors")
    width, weight = 2 * TINY_SOUND.tower_width, torch.zeros(2 * TINY_SOUND.tower_width, len(KINDS))
    weight[: TINY_SOUND.tower_width, KINDS.index("alarm")] = 1.0  # loud is an alarm
    weight[:, KINDS.index("other")] = 0.0
    bias = torch.tensor([0.0, 0.0, -0.5, 0.0, 0.0])
    kinds = SoundKinds(torch.zeros(width), torch.ones(width), weight, bias)
    save_sound_kinds(kinds, tmp_path / "kinds.safetensors")
    model = with_hearing(new_model(TINY), tmp_path / "audio.safetensors", tmp_path / "kinds.safetensors")
    loud = np.ones(7 * RATE, np.float32)
    policy = PolicySpec(
        question="What is it?",
        labels=tuple(Label(key=w, phrase=w, name_en=w, name_ja=w) for w in ("cat", "tree")),
        stage=Stage.AUDIO,
        reasons_max_tokens=0,
    )
    version = ModelVersion(name="tiny", stage=Stage.AUDIO, config_digest="0" * 64, files=())
    media = [Seen.of_sound(listen([loud], len(loud)), "", 256), Seen.of_text("abc", 256)]
    heard, read = infer_together(model, version, media, policy, seeds=[1, 1], hook=hook)
    (voice,) = heard.voices
    assert (voice.who, voice.label, voice.decided) == ("sound", "", False)
    assert sum(voice.counts.values()) == 2, "one for each window"
    assert read.voices == ()


def test_a_file_of_other_kinds_is_refused(tmp_path: Path) -> None:
    save_file({"centre": torch.zeros(1)}, tmp_path / "one.safetensors", metadata={"kinds": '["bark"]'})
    with pytest.raises(ValueError, match="other kinds"):
        read_sound_kinds(tmp_path / "one.safetensors")
