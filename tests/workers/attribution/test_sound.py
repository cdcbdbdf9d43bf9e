"""Of recordings: seconds and words of the transcript, beside the question's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnigov.contracts import Interval, Label, PolicySpec, Span
from workers.attribution import parts
from workers.attribution.attribute import DEEP, METHOD_OF_SOUND, Contrast, attribute_with, explain
from workers.attribution.deep import examine_with
from workers.omni.config import TINY
from workers.omni.hearing import TINY_SOUND, new_hearing, save_hearing
from workers.omni.model import OmniModel, new_model, with_hearing
from workers.omni.seen import Page, Seen, listen

RATE = 16_000
TEXT = "Oil below the press."


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert progress is not None
    assert 0 <= progress <= 1


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> OmniModel:
    file = tmp_path_factory.mktemp("sound") / "audio.safetensors"
    save_hearing(new_hearing(TINY_SOUND), file)
    return with_hearing(new_model(TINY), file)


@pytest.fixture(scope="module")
def policy() -> PolicySpec:
    words = ("cat", "steam engine", "tree")
    return PolicySpec(
        question="What is it?",
        labels=tuple(Label(key=w.replace(" ", "_"), phrase=w, name_en=w, name_ja=w) for w in words),
    )


def report(seconds: float = 6.0, text: str = TEXT, pages: tuple[Page, ...] = ()) -> Seen:
    samples = (np.random.default_rng(1).standard_normal(int(seconds * RATE)) * 0.3).astype(np.float32)
    return Seen.of_sound(listen([samples], len(samples)), text, 256, pages)


def test_seconds_text_and_words_sum_to_the_scores_change(listening: OmniModel, policy: PolicySpec) -> None:
    result = attribute_with(listening, report(), policy, "cat", 32, hook=hook)
    assert result.method == METHOD_OF_SOUND
    assert result.completeness_gap <= max(2000, abs(result.total) // 50)
    first, second, text = result.segments
    assert (first.place, second.place) == (Interval(start=0, end=5120), Interval(start=5120, end=6000))
    assert (len(first.intervals), len(second.intervals)) == (32, 6)
    assert text.place == Span(start=0, end=len(TEXT))
    assert result.sound_share == pytest.approx(first.share + second.share, abs=2)
    assert result.text_share == text.share
    of_segments = sum(
        sum(each.value for each in segment.intervals) + sum(each.value for each in segment.spans)
        for segment in result.segments
    )
    added = of_segments + sum(token.value for token in result.tokens) + result.extent
    assert abs(abs(added - result.total) - result.completeness_gap) < 150  # each part is rounded


def test_a_second_in_silence_gets_all_that_sound_gets(listening: OmniModel, policy: PolicySpec) -> None:
    samples = np.zeros(5 * RATE, np.float32)
    samples[2 * RATE : 3 * RATE] = 0.3
    seen = Seen.of_sound(listen([samples], len(samples)), "", 256)
    result = attribute_with(listening, seen, policy, "cat", 32, hook=hook)
    (segment,) = result.segments
    told = [each for each in segment.intervals if each.value]
    assert told
    assert min(each.place.start for each in told) >= 2000 - 160
    assert max(each.place.end for each in told) <= 3000 + 160
    strongest = max(parts.parts_of(result, seen), key=lambda part: abs(part.value))
    assert isinstance(strongest.place, Interval)
    assert parts.covered(strongest.place, [Interval(start=2000, end=3000)]) > 0.8


def test_shares_of_pictures_sound_and_text_are_exact_over_all_coalitions(
    listening: OmniModel, policy: PolicySpec
) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, size=(50, 70, 3), dtype=np.uint8)
    seen = report(2.0, pages=(Page(0, pixels, (70, 50)),))
    result = explain(listening, seen, policy, Contrast("cat", "tree"), 4, hook=hook, tier=DEEP)
    assert [share.name for share in result.modalities] == ["question", "pictures", "sound", "text"]
    assert len(result.coalitions) == 16
    none = next(each.score for each in result.coalitions if not each.members)
    everything = next(each.score for each in result.coalitions if len(each.members) == 4)
    assert sum(share.value for share in result.modalities) == pytest.approx(everything - none, abs=10)
    assert all(share.value for share in result.modalities)


def test_parts_are_seconds_and_words_and_can_be_taken_away(listening: OmniModel, policy: PolicySpec) -> None:
    seen = report()
    result = attribute_with(listening, seen, policy, "cat", 4, hook=hook)
    found = parts.parts_of(result, seen)
    seconds = [part.place for part in found if isinstance(part.place, Interval)]
    assert (seconds[0], seconds[1].start) == (Interval(start=0, end=960), 960)
    assert seconds[-1].end == 6000
    assert next(part.place for part in found if isinstance(part.place, Span)) == Span(start=0, end=3)
    less = parts.without(seen, [seconds[1], Span(start=0, end=3)])
    window = less.windows[0].samples
    assert not window[960 * 16 : seconds[1].end * 16].any()
    assert np.array_equal(window[: 960 * 16], seen.windows[0].samples[: 960 * 16])
    assert less.text == TEXT[3:]
    assert seen.windows[0].samples[960 * 16], "the medium itself stays"


def test_what_redaction_silenced_is_told_from_the_rest(listening: OmniModel, policy: PolicySpec) -> None:
    hidden = (Interval(start=0, end=1000),)
    result = explain(listening, report(), policy, Contrast("cat", hidden=hidden), 4, hook=hook)
    assert result.hidden is not None
    assert result.hidden.covered > 0


def test_the_thorough_explanation_takes_seconds_away(
    listening: OmniModel, policy: PolicySpec, tmp_path: Path
) -> None:
    seen = report(2.0, "")
    deep = examine_with(listening, seen, policy, Contrast("cat", "tree"), seed=1, hook=hook, kept=tmp_path)
    assert {curve.name for curve in deep.curves} == {"deletion", "insertion"}
    assert deep.counterfactual is not None
    assert all(isinstance(place, Interval) for place in deep.counterfactual.removed)
