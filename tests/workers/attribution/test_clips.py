"""Of clips: areas of frames, seconds and words, and each modality's share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from omnigov.contracts import Area, Interval, Label, PolicySpec, Span
from workers.attribution import parts
from workers.attribution.asking import scorer_of
from workers.attribution.attribute import DEEP, METHOD_OF_CLIP, Contrast, attribute_with, explain
from workers.attribution.deep import examine_with
from workers.omni.config import TINY
from workers.omni.hearing import TINY_SOUND, new_hearing, save_hearing
from workers.omni.model import OmniModel, new_model, with_hearing, with_watching
from workers.omni.seen import RATE, Page, Seen, listen_to_clip, stretches_seen
from workers.omni.watching import TINY_CLIP, new_watching, save_watching

TEXT = "Oil below the press."
GREY = 120


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert progress is not None
    assert 0 <= progress <= 1


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> OmniModel:
    folder = tmp_path_factory.mktemp("stages")
    save_hearing(new_hearing(TINY_SOUND), folder / "audio.safetensors")
    hears = with_hearing(new_model(TINY), folder / "audio.safetensors")
    made = new_watching(TINY_CLIP, hears.language)
    torch.manual_seed(1)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.05)
    save_watching(made, folder / "video.safetensors")
    return with_watching(hears, folder / "video.safetensors")


@pytest.fixture(scope="module")
def policy() -> PolicySpec:
    words = ("cat", "steam engine", "tree")
    return PolicySpec(
        question="What is it?",
        labels=tuple(Label(key=w.replace(" ", "_"), phrase=w, name_en=w, name_ja=w) for w in words),
    )


def clip(planted: int | None = None, loud: int | None = None, text: str = "", seconds: int = 4) -> Seen:
    """Noise; with `planted` all other frames are even and grey, with `loud` all other seconds silent."""
    random = np.random.default_rng(1)
    frames = []
    for number, at in enumerate(stretches_seen(1000 * seconds, 25 * seconds)):
        pixels = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        if planted is not None and number != planted:
            pixels[:] = GREY
        frames.append(Page(10 * number, pixels, (640, 640), at))
    samples = (random.standard_normal(seconds * RATE) * 0.3).astype(np.float32)
    if loud is not None:
        samples[: loud * RATE] = 0
        samples[(loud + 1) * RATE :] = 0
    return Seen.of_clip(frames, listen_to_clip([samples], len(samples)), text, 256)


def test_frames_seconds_text_and_words_sum_to_the_scores_change(
    watching: OmniModel, policy: PolicySpec
) -> None:
    result = attribute_with(watching, clip(text=TEXT), policy, "cat", 32, hook=hook)
    assert result.method == METHOD_OF_CLIP
    assert result.completeness_gap <= max(2000, abs(result.total) // 50)
    frames = [each for each in result.segments if isinstance(each.place, Area)]
    seconds = [each for each in result.segments if isinstance(each.place, Interval)]
    assert [frame.at for frame in frames] == stretches_seen(4000, 100)
    assert [frame.place.part for frame in frames] == [10 * number for number in range(8)]
    assert [second.place for second in seconds] == [
        Interval(start=1000 * s, end=1000 * s + 1000) for s in range(4)
    ]
    assert result.picture_share == pytest.approx(sum(frame.share for frame in frames), abs=8)
    assert result.sound_share == pytest.approx(sum(second.share for second in seconds), abs=8)
    assert isinstance(result.segments[-1].place, Span)
    of_frames = sum(value for frame in frames for row in frame.grid for value in row)
    of_seconds = sum(each.value for second in seconds for each in second.intervals)
    of_text = sum(each.value for each in result.segments[-1].spans)
    added = of_frames + of_seconds + of_text + sum(t.value for t in result.tokens) + result.extent
    assert abs(abs(added - result.total) - result.completeness_gap) < 500  # each part is rounded


@pytest.mark.parametrize("planted", [0, 3, 7])
def test_a_planted_frame_gets_what_frames_get(watching: OmniModel, policy: PolicySpec, planted: int) -> None:
    result = attribute_with(watching, clip(planted=planted, loud=1), policy, "cat", 16, hook=hook)
    frames = [each for each in result.segments if isinstance(each.place, Area)]
    assert max(frames, key=lambda frame: frame.share) is frames[planted]
    assert frames[planted].share > 0


def test_a_loud_second_gets_what_seconds_get(watching: OmniModel, policy: PolicySpec) -> None:
    result = attribute_with(watching, clip(planted=0, loud=2), policy, "cat", 16, hook=hook)
    seconds = [each for each in result.segments if isinstance(each.place, Interval)]
    assert max(seconds, key=lambda second: second.share) is seconds[2]
    assert seconds[2].share > 0


def test_shares_of_frames_sound_and_text_are_exact_over_all_coalitions(
    watching: OmniModel, policy: PolicySpec
) -> None:
    result = explain(watching, clip(text=TEXT), policy, Contrast("cat", "tree"), 4, hook=hook, tier=DEEP)
    assert [share.name for share in result.modalities] == ["question", "pictures", "sound", "text"]
    assert len(result.coalitions) == 16
    none = next(each.score for each in result.coalitions if not each.members)
    everything = next(each.score for each in result.coalitions if len(each.members) == 4)
    assert sum(share.value for share in result.modalities) == pytest.approx(everything - none, abs=10)


def test_frames_areas_and_seconds_can_be_taken_away(watching: OmniModel, policy: PolicySpec) -> None:
    seen = clip()
    result = attribute_with(watching, seen, policy, "cat", 4, hook=hook)
    found = parts.parts_of(result, seen)
    areas = [part.place for part in found if isinstance(part.place, Area)]
    assert len(areas) == 8 * TINY.grid**2
    second = Interval(start=1000, end=2000)
    less = parts.without(seen, [areas[0], second])
    assert less.clip
    assert not np.array_equal(less.pages[0].pixels, seen.pages[0].pixels)
    assert np.array_equal(less.pages[1].pixels, seen.pages[1].pixels)
    assert [bool(window.samples.any()) for window in less.windows] == [True, False, True, True]


def test_the_thorough_explanation_asks_again_without_a_modality_and_a_second(
    watching: OmniModel, policy: PolicySpec, tmp_path: Path
) -> None:
    seen = clip(seconds=2)
    deep = examine_with(watching, seen, policy, Contrast("cat", "tree"), seed=1, hook=hook, kept=tmp_path)
    assert {curve.name for curve in deep.curves} == {"deletion", "insertion"}
    assert deep.counterfactual is not None
    trials = {each.what: each for each in deep.without}
    assert list(trials) == ["pictures", "sound", "frame", "second"], "there is no text"
    assert len(trials["pictures"].removed) == 8
    assert len(trials["sound"].removed) == 2
    assert len(trials["frame"].removed) == len(trials["second"].removed) == 1
    ask = scorer_of(watching, policy, hook)
    again = ask([parts.without(seen, trials["sound"].removed)])[0]
    assert trials["sound"].probability == round(float(again[0]) * 1_000_000)
    assert len({each.probability for each in deep.without}) == 4
