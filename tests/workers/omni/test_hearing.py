"""Sound as a segment of the prompt; without sound every number stays what it was, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from omnigov.contracts import Interval, ModelVersion, PolicySpec, Span, Stage
from workers import omni, weights
from workers.omni.config import TINY
from workers.omni.features import features_of, mark
from workers.omni.hearing import TINY_SOUND, new_hearing, read_hearing, save_hearing
from workers.omni.infer import infer_together
from workers.omni.model import OmniModel, new_model, with_hearing
from workers.omni.prompt import FRAME, MarkSegment, SoundSegment, about, build_prompt
from workers.omni.score import embedded, label_scores, read_media, read_question, tokens_of
from workers.omni.seen import HEARD, WINDOW, Page, Seen, Window, listen, windows_heard
from workers.weights.manifest import manifest

VERSION = ModelVersion(name="tiny", stage=Stage.AUDIO, config_digest="0" * 64, files=())


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert progress is None or 0 <= progress <= 1


def sound(seconds: float, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(int(16_000 * seconds)) * 0.2).astype(np.float32)


def heard(seconds: float, text: str = "", seed: int = 1, pages: tuple[Page, ...] = ()) -> Seen:
    samples = sound(seconds, seed)
    return Seen.of_sound(listen([samples], len(samples)), text, 256, pages)


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> OmniModel:
    file = tmp_path_factory.mktemp("sound") / "audio.safetensors"
    save_hearing(new_hearing(TINY_SOUND), file)
    return with_hearing(new_model(TINY), file)


def test_a_recording_is_windows_between_marks(listening: OmniModel, policy: PolicySpec) -> None:
    prompt = about(build_prompt(policy, listening.words), heard(6.0, "A bang."), policy, listening.words)
    kinds = [s.name if isinstance(s, MarkSegment) else type(s).__name__ for s in prompt.segments]
    assert kinds == ["begin", "SoundSegment", "newline", "SoundSegment", "end", *["TextSegment"] * 3]
    first, second = prompt.sounds
    assert first.place == Interval(start=0, end=5120)
    assert (first.places[0], first.places[1].start) == (Interval(start=0, end=160), 160)
    assert second.place == Interval(start=5120, end=6000)
    assert len(second.places) == 6, "the last token of a window may be short"
    assert prompt.seen == (first.place, second.place, Span(start=0, end=7))
    assert tokens_of(listening, prompt) == 3 + 32 + 6 + len(FRAME[0]) + 7 + len(FRAME[1])


def test_what_the_language_model_reads_is_the_connectors(listening: OmniModel, policy: PolicySpec) -> None:
    seen = heard(1.0)
    prompt = about(build_prompt(policy, listening.words), seen, policy, listening.words)
    pooled = listening.heard([window.samples for window in seen.windows])
    assert pooled is not None
    assert listening.hearing is not None
    read = embedded(listening, [prompt], None, pooled)
    assert read.shape == (1, 2 + 7, TINY.language_width)
    assert torch.equal(read[0, :1], listening.hearing.connector.mark("begin"))
    assert torch.equal(read[0, 1:8], listening.hearing.connector(pooled)[0, :7])
    assert torch.equal(read[0, 8:], listening.hearing.connector.mark("end"))


def test_another_sound_gives_other_scores_and_the_same_one_the_same(
    listening: OmniModel, policy: PolicySpec
) -> None:
    media = [heard(2.0), heard(2.0, seed=2), heard(2.0), heard(3.0), heard(2.0, "words")]
    made = infer_together(listening, VERSION, media, policy, seeds=[1] * 5, hook=hook)
    scores = [result.scores for result in made]
    assert scores[0] == scores[2]
    assert len({scores[i] for i in (0, 1, 3, 4)}) == 4
    assert made[0].seen == (Interval(start=0, end=2000),)


def test_a_report_with_its_photograph_is_one_decision(
    listening: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    pages = (Page(0, pictures[0], (60, 40)),)
    seen = heard(2.0, "Oil below the press.", pages=pages)
    (result,) = infer_together(listening, VERSION, [seen], policy, seeds=[1], hook=hook)
    assert [place.place for place in result.seen] == ["area", "interval", "span"]


@torch.inference_mode()
def test_without_sound_every_logit_is_bit_identical(
    listening: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    """The model that hears shares its parts with the one that does not, and reads the very same tokens."""
    deaf = new_model(TINY)
    page = Page(0, pictures[0], (60, 40))
    for seen in (Seen.of_picture(pictures[1]), Seen.of_text("abc", 256), Seen.of_text("abc", 256, [page])):
        found = []
        for model in (deaf, listening):
            prompt = about(build_prompt(policy, model.words), seen, policy, model.words)
            patches = model.patches([one.pixels for one in seen.pages]) if seen.pages else None
            media = embedded(model, [prompt], patches, model.heard([]))
            read = read_media(model, media, prompt, read_question(model, prompt))
            found.append((read.logits, label_scores(model, read, prompt), prompt.digest))
        assert torch.equal(found[0][0], found[1][0])
        assert torch.equal(found[0][1], found[1][1])
        assert found[0][2] == found[1][2]


def test_the_shipped_stages_say_the_same_of_pictures_and_texts(policy: PolicySpec) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    media = [Seen.of_picture(picture), Seen.of_text("A box came from the north.", 256)]
    said = []
    for stage in (Stage.IMAGE_TEXT, Stage.AUDIO):
        asked = policy.model_copy(update={"stage": stage})
        results = omni.infer(media, [asked] * 2, seeds=[1, 1], hook=hook)
        said.append([result.model_dump(exclude={"model", "duration_ms"}) for result in results])
    assert said[0] == said[1]
    one, other = omni.load(Stage.IMAGE_TEXT), omni.load(Stage.AUDIO)
    assert one.language is other.language, "the parts are shared, in memory too"


def test_a_model_that_does_not_hear_says_so(tiny: OmniModel, policy: PolicySpec) -> None:
    with pytest.raises(ValueError, match="does not hear"):
        infer_together(tiny, VERSION, [heard(1.0)], policy, seeds=[1], hook=hook)


@pytest.mark.parametrize("seconds", [0.01, 0.1, 5.12, 30.72, 31, 300])
def test_what_is_heard_of_a_recording(seconds: float) -> None:
    samples = sound(seconds)
    windows = listen(np.array_split(samples, 7), len(samples))
    assert [window.start for window in windows] == windows_heard(len(samples))
    for window in windows:
        assert np.array_equal(window.samples, samples[window.start : window.start + WINDOW])
    assert sum(len(window.samples) for window in windows) == min(len(samples), HEARD)
    assert windows[-1].start + len(windows[-1].samples) == len(samples), "the end is heard"


def test_a_window_is_heard_alike_whatever_goes_through_the_tower_with_it(listening: OmniModel) -> None:
    some = [sound(1.0), sound(5.12, 2), sound(0.3, 3), np.zeros(0, np.float32)]
    together = listening.heard(some)
    assert together is not None
    for row, samples in zip(together, some, strict=True):
        alone = listening.heard([samples])
        assert alone is not None
        assert torch.allclose(alone[0], row, atol=1e-5)
    assert not together[3].any()
    assert not together[0, 7:].any(), "after its own tokens there is nothing"


def test_features_and_mark_tell_sounds_apart(listening: OmniModel, policy: PolicySpec) -> None:
    one, other, silent = heard(2.0, "a"), heard(2.0, "a", seed=2), Seen.of_text("a", 256)
    assert len({mark(one), mark(other), mark(silent)}) == 3
    made = features_of(listening, [one, other, silent], policy, hook)
    assert made[0].blocks["heard"].shape == (2 * TINY_SOUND.tower_width,)
    assert not np.array_equal(made[0].blocks["heard"], made[1].blocks["heard"])
    assert "heard" not in made[2].blocks


def test_silence_without_words_is_empty() -> None:
    from workers.omni.doubts import is_empty

    silence = Seen.of_sound((Window(0, np.zeros(16_000, np.float32)),), "", 256)
    assert is_empty(silence)
    assert not is_empty(heard(1.0))


def test_the_connectors_file_carries_its_configuration(tmp_path: Path) -> None:
    hearing = new_hearing(TINY_SOUND)
    save_hearing(hearing, tmp_path / "one.safetensors")
    again = read_hearing(tmp_path / "one.safetensors")
    assert again.config == TINY_SOUND
    assert torch.allclose(again.connector.marks, hearing.connector.marks, atol=1e-3)
    from safetensors.torch import save_file

    save_file({"marks": torch.zeros(1)}, tmp_path / "bare.safetensors")
    with pytest.raises(ValueError, match="carries no configuration"):
        read_hearing(tmp_path / "bare.safetensors")


def test_models_that_hear_are_made_from_ones_that_do_not() -> None:
    """The manifest's stage audio has the very files of the stage before it, and only more."""
    configs = {model.stage: model.config for model in manifest().models}
    if Stage.AUDIO in configs:
        assert set(configs[Stage.IMAGE_TEXT].parts) < set(configs[Stage.AUDIO].parts)
        assert weights.sha256(str(configs[Stage.AUDIO].sound_tower))
    assert set(configs[Stage.AUDIO].parts) < set(configs[Stage.VIDEO].parts)


def test_a_sound_segment_lies_in_its_window() -> None:
    segment = SoundSegment((Interval(start=0, end=160), Interval(start=160, end=300)))
    assert segment.place == Interval(start=0, end=300)
