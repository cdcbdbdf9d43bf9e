"""What the pipeline gives the model of a recording: its transcript, and the stage audio some seconds."""

from __future__ import annotations

import hashlib
import io
import wave

import numpy as np
import pytest
from PIL import Image

from omnigov.contracts import Area, Finding, Label, PolicySpec, RedactionResult, SoundCopy, Stage
from workers import pipeline
from workers.media.source import Source
from workers.omni.seen import WINDOW


def wav(seconds: float) -> bytes:
    samples = (np.sin(np.arange(int(16_000 * seconds)) / 7) * 9000).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def redacted(copy: bytes, seconds: float) -> RedactionResult:
    return RedactionResult(
        media_type="audio/flac",
        digest=hashlib.sha256(copy).hexdigest(),
        findings=(),
        detectors=(),
        revision="0" * 64,
        duration_ms=1,
        sound=SoundCopy(milliseconds=round(seconds * 1000)),
    )


def order(stage: Stage) -> pipeline.Order:
    labels = tuple(Label(key=w, phrase=w, name_en=w, name_ja=w) for w in ("a", "b"))
    return pipeline.Order(PolicySpec(question="What?", labels=labels, stage=stage), seed=1)


@pytest.mark.parametrize("seconds", [2.0, 7.0, 60.0])
def test_a_stage_that_listens_is_given_the_redacted_seconds_and_the_transcript(seconds: float) -> None:
    copy = wav(seconds)
    seen = pipeline.seen(order(Stage.AUDIO), redacted(copy, seconds), copy, "A: oil.")
    assert seen.text == "A: oil."
    assert len(seen.windows) == min(6, -(-int(seconds * 16_000) // WINDOW))
    assert seen.windows[-1].place.end == pytest.approx(seconds * 1000, abs=2)
    original = np.sin(np.arange(int(16_000 * seconds)) / 7) * 9000 / 32768
    first = seen.windows[0]
    assert np.allclose(first.samples, original[: len(first.samples)], atol=1e-3)


def test_other_stages_read_the_transcript_alone() -> None:
    copy = wav(2.0)
    seen = pipeline.seen(order(Stage.IMAGE_TEXT), redacted(copy, 2.0), copy, "A: oil.")
    assert (seen.windows, seen.text) == ((), "A: oil.")


def test_the_copy_is_read_piece_by_piece_where_it_lies() -> None:
    copy, read = wav(40.0), []

    def piece(start: int, end: int) -> bytes:
        read.append(end - start)
        return copy[start:end]

    lying = Source(piece, len(copy))
    seen = pipeline.seen_of_sound(order(Stage.AUDIO), redacted(copy, 40.0), lying, "")
    assert len(seen.windows) == 6
    assert max(read) <= 1024 * 1024


@pytest.mark.parametrize("stage", [Stage.IMAGE_TEXT, Stage.AUDIO])
def test_the_pictures_of_a_spoken_report_are_given_in_their_order(stage: Stage) -> None:
    copy = wav(2.0)
    pictures = []
    for colour, size in (((10, 20, 30), (200, 100)), ((200, 10, 10), (1500, 3000))):
        out = io.BytesIO()
        Image.new("RGB", size, colour).save(out, "PNG")
        pictures.append(out.getvalue())
    seen = pipeline.seen(order(stage), redacted(copy, 2.0), copy, "A: oil.", pictures)
    assert [(page.part, page.size) for page in seen.pages] == [(0, (200, 100)), (1, (1500, 3000))]
    assert [page.pixels.shape for page in seen.pages] == [(100, 200, 3), (1024, 512, 3)]
    assert seen.pages[1].pixels[0, 0].tolist() == [200, 10, 10]
    assert not seen.picture
    assert (bool(seen.windows), seen.text) == (stage is Stage.AUDIO, "A: oil.")


def test_what_is_hidden_in_its_pictures_is_where_it_lies_in_the_report() -> None:
    face = Finding(
        kind="FACE", place=Area(left=1, top=2, right=9, bottom=8), score=900_000, detector="centerface"
    )
    beside = RedactionResult(
        media_type="image/png",
        width=20,
        height=20,
        digest="ab" * 32,
        findings=(face,),
        detectors=(),
        revision="0" * 64,
        duration_ms=1,
    )
    places = pipeline.hidden_places(redacted(wav(1.0), 1.0), [beside, beside])
    assert places == tuple(Area(part=part, left=1, top=2, right=9, bottom=8) for part in (0, 1))
