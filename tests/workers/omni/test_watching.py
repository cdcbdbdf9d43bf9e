"""Clips as frames among seconds of sound; without frames every number stays what it was, bit for bit."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from omnigov.contracts import Area, Interval, ModelVersion, PolicySpec, Stage
from workers import omni
from workers.omni.config import TINY
from workers.omni.hearing import TINY_SOUND, new_hearing, save_hearing
from workers.omni.infer import infer_together
from workers.omni.model import OmniModel, new_model, with_hearing, with_watching
from workers.omni.prompt import FrameSegment, MarkSegment, about, build_prompt
from workers.omni.score import embedded, label_scores, read_media, read_question, tokens_of
from workers.omni.seen import (
    FRAMES,
    RATE,
    SECONDS,
    Page,
    Seen,
    listen,
    listen_to_clip,
    seconds_heard,
    stretches_seen,
    watch,
)
from workers.omni.stream import reasons
from workers.omni.watching import TINY_CLIP, new_watching, save_watching

VERSION = ModelVersion(name="tiny", stage=Stage.VIDEO, config_digest="0" * 64, files=())


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert progress is None or 0 <= progress <= 1


def clip(seconds: float = 3.0, seed: int = 1, *, silent: bool = False, text: str = "") -> Seen:
    random = np.random.default_rng(seed)
    stretches = stretches_seen(round(seconds * 1000), round(seconds * 25))
    frames = [
        Page(25 * number, random.integers(0, 256, (40, 60, 3), dtype=np.uint8), (60, 40), at)
        for number, at in enumerate(stretches)
    ]
    samples = (random.standard_normal(round(seconds * RATE)) * 0.2).astype(np.float32)
    windows = () if silent else listen_to_clip([samples], len(samples))
    return Seen.of_clip(frames, windows, text, 256)


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> OmniModel:
    file = tmp_path_factory.mktemp("sound") / "audio.safetensors"
    save_hearing(new_hearing(TINY_SOUND), file)
    return with_hearing(new_model(TINY), file)


@pytest.fixture(scope="module")
def watching(hearing: OmniModel, tmp_path_factory: pytest.TempPathFactory) -> OmniModel:
    """Trained far away from nothing: whatever its LoRA reaches is changed by it."""
    made = new_watching(TINY_CLIP, hearing.language)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    file = tmp_path_factory.mktemp("clip") / "video.safetensors"
    save_watching(made, file)
    return with_watching(hearing, file)


def test_sound_stands_behind_what_is_seen_in_its_second(watching: OmniModel, policy: PolicySpec) -> None:
    prompt = about(build_prompt(policy, watching.words), clip(2.0), policy, watching.words)
    kinds = [
        "frame" if isinstance(s, FrameSegment) else s.name if isinstance(s, MarkSegment) else "sound"
        for s in prompt.segments
    ]
    assert kinds == [*["frame"] * 4, "begin", "sound", *["frame"] * 4, "newline", "sound", "end"]
    assert [frame.at for frame in prompt.frames][:2] == [
        Interval(start=0, end=250),
        Interval(start=250, end=500),
    ]
    assert prompt.seen[1] == Area(part=25, left=0, top=0, right=60, bottom=40)
    assert tokens_of(watching, prompt) == 8 * watching.frame_tokens + 3 + 2 * 7
    assert watching.frame_tokens == 1


def test_a_frames_time_is_read(watching: OmniModel, policy: PolicySpec) -> None:
    one, other = clip(2.0, silent=True), clip(4.0, silent=True)
    pixels = [page.pixels for page in one.pages]
    slower = Seen.of_clip(
        [Page(p.part, pixels[i], p.size, p.at) for i, p in enumerate(other.pages)], (), "", 256
    )
    made = infer_together(watching, VERSION, [one, slower], policy, seeds=[1, 1], hook=hook)
    assert made[0].scores != made[1].scores


def test_clips_of_one_shape_are_read_together_as_each_by_itself(
    watching: OmniModel, policy: PolicySpec
) -> None:
    media = [clip(2.0), clip(2.0, 2), clip(2.0), clip(3.0), clip(2.0, silent=True), clip(2.0, text="words")]
    made = infer_together(watching, VERSION, media, policy, seeds=[1] * 6, hook=hook)
    assert made[0].scores == made[2].scores
    assert len({made[i].scores for i in (0, 1, 3, 4, 5)}) == 5
    (alone,) = infer_together(watching, VERSION, [media[1]], policy, seeds=[1], hook=hook)
    for one, many in zip(alone.scores, made[1].scores, strict=True):
        assert one.label == many.label
        assert abs(one.log_likelihood - many.log_likelihood) < 50


@torch.inference_mode()
def test_without_frames_every_logit_is_bit_identical(
    watching: OmniModel, hearing: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    """A picture, a text, a document, a recording, and a recording with its photograph."""
    page = Page(0, pictures[0], (60, 40))
    samples = (np.random.default_rng(1).standard_normal(2 * RATE) * 0.2).astype(np.float32)
    windows = listen([samples], len(samples))
    media = [
        Seen.of_picture(pictures[1]),
        Seen.of_text("abc", 256),
        Seen.of_text("abc", 256, [page]),
        Seen.of_sound(windows, "abc", 256),
        Seen.of_sound(windows, "", 256, [page]),
    ]
    for seen in media:
        found = []
        for model in (hearing, watching):
            prompt = about(build_prompt(policy, model.words), seen, policy, model.words)
            patches = model.patches([one.pixels for one in seen.pages]) if seen.pages else None
            heard = model.heard([window.samples for window in seen.windows])
            read = read_media(
                model, embedded(model, [prompt], patches, heard), prompt, read_question(model, prompt)
            )
            said = list(reasons(model, read, prompt, [0], 4))
            found.append((read.logits, label_scores(model, read, prompt), prompt.digest, said))
        assert torch.equal(found[0][0], found[1][0])
        assert torch.equal(found[0][1], found[1][1])
        assert found[0][2:] == found[1][2:]


@torch.inference_mode()
def test_a_clip_is_read_with_the_lora(watching: OmniModel, hearing: OmniModel, policy: PolicySpec) -> None:
    """What is held bit-identical above would be changed if the gate were open."""
    prompt = about(build_prompt(policy, watching.words), clip(), policy, watching.words)
    assert watching.speaks(prompt) is not watching.language
    assert watching.language is hearing.language, "the weights are shared, in memory too"
    ids = watching.ids(prompt.before)[None]
    assert not torch.equal(
        watching.speaks(prompt)(input_ids=ids).logits, watching.language(input_ids=ids).logits
    )


def test_an_untrained_stage_reads_a_frame_as_the_mean_of_a_pictures_tokens(hearing: OmniModel) -> None:
    made = new_watching(TINY_CLIP, hearing.language)
    tokens = torch.randn(2, 4, TINY.language_width)
    assert torch.allclose(
        made.frames(tokens, torch.tensor([0.0, 9.0])), tokens.mean(1, keepdim=True), atol=1e-6
    )


def test_a_model_that_does_not_watch_says_so(hearing: OmniModel, policy: PolicySpec) -> None:
    with pytest.raises(ValueError, match="does not watch"):
        infer_together(hearing, VERSION, [clip()], policy, seeds=[1], hook=hook)


@pytest.mark.parametrize(
    ("milliseconds", "frames"), [(40, 1), (1, 1), (500, 3), (3000, 75), (600_000, 15_000)]
)
def test_stretches_cover_a_clip(milliseconds: int, frames: int) -> None:
    stretches = stretches_seen(milliseconds, frames)
    assert len(stretches) == min(FRAMES, frames, milliseconds)
    assert (stretches[0].start, stretches[-1].end) == (0, milliseconds)
    assert all(one.end == other.start for one, other in pairwise(stretches))


def test_the_frame_that_is_shown_in_a_stretchs_middle_stands_for_it() -> None:
    """At a variable rate too; of a large frame a small picture is held, and of the others none is made."""
    made: list[int] = []

    def pixels(number: int) -> np.ndarray:
        made.append(number)
        return np.full((20, 4000, 3), number, np.uint8)

    times = [0.0, 40.0, 1900.0, 2100.0, *np.linspace(2200, 3960, 40).tolist()]
    frames = ((number, time, lambda number=number: pixels(number)) for number, time in enumerate(times))
    seen = watch(frames, 4000, len(times))
    wanted = [max(n for n, time in enumerate(times) if time <= 250 + 500 * each) for each in range(8)]
    assert [page.part for page in seen] == wanted
    assert wanted[:4] == [1, 1, 1, 1]
    assert made == sorted(set(wanted))
    assert [page.at for page in seen] == stretches_seen(4000, len(times))
    assert seen[0].size == (4000, 20)
    assert seen[0].pixels.shape == (5, 1024, 3)
    assert watch(iter(()), 4000, 10) == ()


@pytest.mark.parametrize("seconds", [0.2, 1, 3.5, 24, 24.5, 600])
def test_seconds_of_a_clip_are_heard(seconds: float) -> None:
    starts = seconds_heard(round(seconds * RATE))
    assert len(starts) == min(SECONDS, -(-round(seconds * RATE) // RATE))
    assert len(set(starts)) == len(starts)
    assert starts[0] == 0
    assert seconds * RATE - RATE <= starts[-1] < seconds * RATE, "the end is heard"


def test_the_shipped_stages_say_the_same_of_all_but_clips(policy: PolicySpec) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    samples = (np.random.default_rng(2).standard_normal(RATE) * 0.2).astype(np.float32)
    media = [
        Seen.of_picture(picture),
        Seen.of_text("A box came from the north.", 256),
        Seen.of_sound(listen([samples], len(samples)), "A box.", 256),
    ]
    said = []
    for stage in (Stage.AUDIO, Stage.VIDEO):
        asked = policy.model_copy(update={"stage": stage})
        results = omni.infer(media, [asked] * 3, seeds=[1] * 3, hook=hook)
        said.append([result.model_dump(exclude={"model", "duration_ms"}) for result in results])
    assert said[0] == said[1]
    assert omni.load(Stage.AUDIO).language is omni.load(Stage.VIDEO).language
    assert omni.load(Stage.AUDIO).hearing is omni.load(Stage.VIDEO).hearing


def test_the_shipped_stage_decides_on_a_clip(policy: PolicySpec) -> None:
    asked = policy.model_copy(update={"stage": Stage.VIDEO})
    media = [clip(2.0), clip(2.0, silent=True)]
    results = omni.infer(media, [asked] * 2, seeds=[1] * 2, hook=hook)
    assert all(result.model.stage is Stage.VIDEO for result in results)
    assert results[0].scores != results[1].scores


def test_a_file_without_configuration_is_refused(tmp_path: Path, hearing: OmniModel) -> None:
    from safetensors.torch import save_file

    file = tmp_path / "video.safetensors"
    save_file({"nothing": torch.zeros(1)}, file)
    with pytest.raises(ValueError, match="carries no configuration"):
        with_watching(hearing, file)
