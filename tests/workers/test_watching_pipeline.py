"""What the pipeline gives the model of a clip: frames in time and seconds of sound, each stage its own."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import av
import numpy as np
import pytest

from omnigov.contracts import Label, Pages, PolicySpec, RedactionResult, Stage, VideoCopy
from workers import pipeline
from workers.media.source import Source
from workers.omni.seen import FRAMES, stretches_seen

RATE = 10


def mp4(seconds: float, *, silent: bool = False) -> bytes:
    """Frames that become lighter, and a tone."""
    out = io.BytesIO()
    with av.open(out, mode="w", format="mp4") as container:
        video = container.add_stream("mpeg4", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = None if silent else container.add_stream("aac", rate=16_000, layout="mono")
        for number in range(round(seconds * RATE)):
            pixels = np.full((48, 64, 3), 20 + 4 * number, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode())
        if sound is not None:
            tone = (np.sin(np.arange(round(16_000 * seconds)) / 7) * 0.3).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
            frame.sample_rate = 16_000
            container.mux(sound.encode(frame))
            container.mux(sound.encode())
    return out.getvalue()


def redacted(copy: bytes, seconds: float) -> RedactionResult:
    return RedactionResult(
        media_type="video/mp4",
        digest=hashlib.sha256(copy).hexdigest(),
        findings=(),
        detectors=(),
        revision="0" * 64,
        duration_ms=1,
        video=VideoCopy(milliseconds=round(seconds * 1000), frames=round(seconds * RATE)),
    )


def order(stage: Stage, **more: Any) -> pipeline.Order:
    labels = tuple(Label(key=w, phrase=w, name_en=w, name_ja=w) for w in ("a", "b"))
    return pipeline.Order(PolicySpec(question="What?", labels=labels, stage=stage, **more), seed=1)


@pytest.mark.parametrize("seconds", [0.5, 4.0])
def test_the_stage_that_watches_is_given_frames_in_time_and_seconds(seconds: float) -> None:
    copy = mp4(seconds)
    seen = pipeline.seen(order(Stage.VIDEO), redacted(copy, seconds), copy, "A: stop.")
    assert seen.clip
    assert seen.text == "A: stop."
    assert [page.at for page in seen.pages] == stretches_seen(round(seconds * 1000), round(seconds * RATE))
    light = [float(page.pixels.mean()) for page in seen.pages]
    assert light == sorted(light)
    wanted = [20 + 4 * page.part for page in seen.pages]
    assert light == pytest.approx(wanted, abs=6)
    assert [window.start for window in seen.windows] == [16_000 * s for s in range(-(-int(seconds * 2) // 2))]
    assert all(np.abs(window.samples).max() > 0.1 for window in seen.windows)


def test_a_clip_without_sound_is_frames_alone() -> None:
    copy = mp4(2.0, silent=True)
    said: list[int] = []
    source = Source.of(copy)
    seen = pipeline.seen_of_video(order(Stage.VIDEO), redacted(copy, 2.0), source, "", lambda: said.append(1))
    assert len(seen.pages) == FRAMES
    assert len(said) == 20
    assert seen.windows == ()


def test_earlier_stages_see_as_many_frames_as_pages_and_hear_where_they_can() -> None:
    copy = mp4(2.0)
    deaf = pipeline.seen(order(Stage.IMAGE_TEXT), redacted(copy, 2.0), copy, "A: stop.")
    assert (deaf.clip, len(deaf.pages), deaf.windows, deaf.text) == (False, 2, (), "A: stop.")
    told = order(Stage.AUDIO, pages=Pages(most=3, which="spread"))
    hears = pipeline.seen(told, redacted(copy, 2.0), copy, "")
    assert (hears.clip, len(hears.pages), len(hears.windows)) == (False, 3, 2)
    assert hears.pages[-1].part > hears.pages[0].part


def test_what_became_larger_than_what_may_be_sent_is_seen_all_the_same() -> None:
    copy = mp4(2.0)
    limits = order(Stage.VIDEO).policy.limits.model_copy(update={"max_bytes": 10})
    seen = pipeline.seen(order(Stage.VIDEO, limits=limits), redacted(copy, 2.0), copy, "")
    assert len(seen.pages) == FRAMES
