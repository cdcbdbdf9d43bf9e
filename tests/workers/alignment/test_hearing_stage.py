"""The stage audio trained on a few made-up stamps: what is held out stays out, and a stop changes nothing."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from omnigov.contracts import Label, PolicySpec
from workers.alignment import ear as ears
from workers.alignment.heard import samples_of
from workers.alignment.hearing_material import SOUND, read_rows, sides_of
from workers.alignment.hearing_measures import Share
from workers.alignment.hearing_stage import Chosen, Hears, align_hearing
from workers.alignment.listening import Lessons, hearing_of
from workers.alignment.recordings import FILE, Apart, read_apart, read_recordings, written_in
from workers.alignment.recordings import written_down as apart_written_down
from workers.alignment.sides import HELD_OUT, read_sides
from workers.alignment.stamps import Stamp, read_stamps
from workers.omni.config import TINY
from workers.omni.hearing import TINY_SOUND, new_hearing, read_hearing
from workers.omni.model import OmniModel, new_model
from workers.omni.space import TINY_SPACE, new_space

NAMES = ("cat", "dog", "cow", "owl", "bee", "pig")
TOOLS = ("saw", "nail", "rope", "lamp")
POLICY = PolicySpec(
    question="What does this picture show?",
    labels=tuple(Label(key=w, phrase=w, name_en=w, name_ja=w) for w in ("animal", "tool")),
)


def tone(hertz: float, seconds: float = 0.6) -> bytes:
    at = np.arange(int(16_000 * seconds)) / 16_000
    samples = (np.sin(2 * np.pi * hertz * at) * 12_000).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return out.getvalue()


@pytest.fixture(scope="module")
def stamps(tmp_path_factory: pytest.TempPathFactory) -> list[Stamp]:
    """Recordings are WAV under Ogg's name: the format is told from the content."""
    folder = tmp_path_factory.mktemp("stamps")
    random = np.random.default_rng(1)
    for number, (kind, name) in enumerate(
        [("animals", n) for n in NAMES] + [("household/tools", n) for n in TOOLS]
    ):
        place = folder / kind
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(place / f"{name}.png")
        (place / f"{name}.txt").write_text(f"A {name}.\nfr.utf8=Un {name}.\nro.utf8=O {name}.\n")
        for voice, language in enumerate(("fr", "ro")):
            (place / f"{name}_desc_{language}.ogg").write_bytes(tone(200 + 90 * number + 30 * voice))
        if number < 2:
            (place / f"{name}.ogg").write_bytes(tone(3000 + 500 * number))
    (folder / "animals" / "cat_desc_fr_old.ogg").write_bytes(tone(100))
    return read_stamps(folder)


APART = Apart(
    frozenset(["ro"]),
    frozenset(["animals/bee"]),
    frozenset(["animals/pig"]),
    frozenset(["animals/owl", "household/tools/lamp"]),
)


def said(_: str) -> None:
    """Nobody listens."""


def listening() -> OmniModel:
    model = new_model(TINY)
    model.join(new_space(TINY_SPACE))
    model.hear(new_hearing(TINY_SOUND))
    return model


def aligned(stamps: list[Stamp], out: Path, kept: Path, steps: int = 60) -> OmniModel:
    model = listening()
    chosen = Chosen(("fr", "ro"), ears.Schooling(steps, 16), Lessons(20, 20), "omnigov align", "a space")
    align_hearing(Hears(model, "0" * 64, stamps, APART, POLICY), chosen, out, kept, said)
    return model


def test_descriptions_and_sounds_are_told_by_name(stamps: list[Stamp]) -> None:
    names = [one.name for one in read_recordings(stamps, ["fr", SOUND])]
    assert len(names) == 12
    assert names[0] == "animals/bee_desc_fr"
    assert names[-2:] == ["animals/cat", "animals/dog"]
    assert written_in(stamps[0], "fr") == "Un bee."
    assert written_in(stamps[0], "de") == ""


def test_no_subject_and_no_voice_is_on_two_sides(stamps: list[Stamp], tmp_path: Path) -> None:
    rows = read_rows(hearing_of(listening()), "0" * 64, stamps, (SOUND, "fr", "ro"), tmp_path, said)
    sides = sides_of(rows, APART)
    learned = {one.stamp.name for one in sides.training.recordings}
    assert learned.isdisjoint(APART.held_out | APART.development | APART.left_out)
    assert {one.language for one in sides.training.recordings} == {"fr", SOUND}
    assert {one.language for one in sides.other_voices.recordings} == {"ro"}
    assert {one.stamp.name for one in sides.held_out.recordings} == APART.held_out
    assert {one.stamp.name for one in sides.development.recordings} == APART.development


def test_what_is_written_down_is_what_the_rule_says_and_shares_no_wording(stamps: list[Stamp]) -> None:
    told = json.loads(FILE.read_text())
    assert told["held_out_languages"] == ["bg", "el", "ro"]
    apart = read_apart(read_sides())
    assert len(apart.held_out) == 131
    assert not apart.held_out & apart.development
    twin = Stamp("animals/owl2", stamps[0].file, "an OWL", "animal", "1")
    same = apart_written_down([*stamps, twin], {"stamps/animals/owl": HELD_OUT}, ["ro"])
    assert "animals/owl" not in same["development"]
    named = Stamp("animals/night", stamps[0].file, "A owl!", "animal", "2")
    assert apart_written_down([*stamps, named], {"stamps/animals/owl": HELD_OUT}, [])["left_out"] == [
        "animals/night"
    ]


def test_a_training_leaves_everything_else_as_it_was_and_says_what_it_is_worth(
    stamps: list[Stamp], tmp_path: Path
) -> None:
    model = aligned(stamps, tmp_path / "out", tmp_path / "kept")
    fresh = new_model(TINY)
    for name, tensor in fresh.state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor), name
    before = new_hearing(TINY_SOUND)
    trained = read_hearing(tmp_path / "out" / "audio.safetensors")
    assert not torch.equal(trained.connector.marks, before.connector.marks), "the marks learn too"
    assert all(
        torch.equal(a, b) for a, b in zip(trained.tower.parameters(), before.tower.parameters(), strict=True)
    )
    report = json.loads((tmp_path / "out" / "audio.report.json").read_text())
    assert {(one["set"], one["language"]) for one in report["found"]} == {
        ("development", "fr"), ("held out", "fr"), ("other voices", "ro"),
    }  # fmt: skip
    assert report["ear_losses"][1] < report["ear_losses"][0]
    assert report["learned_from"] == {"fr": 6, "sound": 2}
    card = (tmp_path / "out" / "audio.md").read_text()
    assert "| held out | fr |" in card
    assert "GPL-2.0-or-later" in card
    assert (tmp_path / "out" / "audio.ear.curve.svg").read_text().startswith("<svg")


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(
    stamps: list[Stamp], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aligned(stamps, tmp_path / "whole", tmp_path / "kept")

    class Stopped(Exception):
        pass

    def stops(*_: object) -> float:
        raise Stopped

    with monkeypatch.context() as patched:
        real, count = torch.nn.utils.clip_grad_norm_, [0]

        def counted(*given: object) -> object:
            count[0] += 1
            return stops() if count[0] == 55 else real(*given)  # type: ignore[arg-type]

        patched.setattr(torch.nn.utils, "clip_grad_norm_", counted)
        with pytest.raises(Stopped):
            aligned(stamps, tmp_path / "halves", tmp_path / "kept")
    aligned(stamps, tmp_path / "halves", tmp_path / "kept")
    for name in ("ear.safetensors", "audio.safetensors"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "halves" / name).read_bytes()


def test_silence_before_and_after_is_no_part_and_a_damaged_file_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "one.ogg"
    file.write_bytes(tone(440, 0.5))
    loud = samples_of(file, 81_920)
    assert 7_900 < len(loud) <= 8_000
    file.write_bytes(b"OggS and nothing")
    assert len(samples_of(file, 81_920)) == 0


def test_a_share_says_its_interval() -> None:
    assert str(Share(right=5, of=10)) == "5/10 (24%–76%)"
