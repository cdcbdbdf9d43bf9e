"""The table of kinds: each row is told from content, keeps its limits, and names files that are there."""

from __future__ import annotations

import importlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from omnigov.contracts import Limits, RedactionProfile, RedactionResult, Refused
from omnigov.contracts.kinds import KINDS, MediumKind, of_copy
from tests.bad_files import WHOLE
from tests.clips import clip, moving
from tests.clips import tone as tone_of
from tests.workers.media.test_sound import tone, written
from tests.workers.redaction.conftest import pdf, tiff
from workers import pipeline
from workers.media import kinds
from workers.media.source import Source
from workers.redaction.kinds.redactors import redactor

HOUSE = Path(__file__).parents[3]
NOTHING = RedactionProfile(
    faces=False, text=False, codes=False, seals=False, screens=False, second_look=False
)
PAGES = tiff(Image.new("RGB", (96, 64), "white"), Image.new("RGB", (96, 64), "grey"))
RECORDING = written(tone(48_000, 2.0, channels=2), rate=48_000, layout="stereo")
ONE_OF = {
    "picture": WHOLE["png"],
    "document": pdf(pages=2),
    "text": b"Dear Ms Ashworth, " * 9,
    "sound": RECORDING,
    "video": clip(moving(50), sound=np.stack([tone_of(2.0)] * 2)),
}
BEYOND = {
    "max_bytes": 100,
    "max_pixels": 95 * 64,
    "max_side": 95,
    "max_frames": 1,
    "max_pages": 1,
    "max_characters": 100,
    "max_seconds": 1,
    "max_channels": 1,
    "max_rate": 22_050,
    "max_video_seconds": 1,
    "max_video_frames": 20,
    "max_video_pixels": 95 * 160,
    "max_streams": 1,
}


def silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """A hook for those who want none."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_row_names_files_that_are_there(kind: MediumKind) -> None:
    assert {"tells", "probe", "decode"} <= set(dir(importlib.import_module(kind.medium)))
    importlib.import_module(kind.redactor)
    assert set(kind.limits) <= set(Limits.model_fields)
    assert (HOUSE / "templates" / kind.viewer).is_file()
    assert hasattr(redactor(kind), "redact_to")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        *((WHOLE[suffix], "picture") for suffix in ("jpg", "png", "webp", "gif", "bmp", "tiff")),
        (PAGES, "document"),
        (pdf(), "document"),
        (b"\n" * 1000 + pdf(), "document"),
        (b"Name: Jane Ashworth", "text"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "sound"),
        (b"ID3\x03\0\0\0\0\0\x20", "sound"),
        (b"RIFF\x24\0\0\0AVI LIST", "video"),
        (b"\0\0\0\x20ftypqt  ", "video"),
        (b"\0\0\0\x20ftypM4A ", "sound"),
        ("氏名: 山田太郎".encode("utf-16"), "text"),
        (b"ID3 is a tag of sounds, and 8BPS that of drawings", "text"),
    ],
)
def test_a_kind_is_told_from_content(content: bytes, expected: str) -> None:
    assert kinds.told(content).name == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\0" * 99, "not_media"),
        (b"PK\x03\x04\0\0", "unsupported"),
        (b"", "empty"),
        (b"OggS\0\x02" + b"\0" * 22 + b"\x80theora", "unsupported"),
    ],
)
def test_what_is_of_no_kind_is_no_medium(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        kinds.told(content)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("kind", "limit"), [(kind, limit) for kind in KINDS for limit in kind.limits], ids=str
)
def test_each_limit_of_a_kind_is_kept(kind: MediumKind, limit: str) -> None:
    content = ONE_OF[kind.name]
    if limit == "max_frames":
        content = animated()
    with pytest.raises(Refused, match=r"\d"):
        list(kinds.medium(kind).decode(content, Limits(**{limit: BEYOND[limit]})))
    with pytest.raises(Refused, match=r"\d"):
        kinds.probe(Source.of(content), Limits(**{limit: BEYOND[limit]}))


def animated() -> bytes:
    stream = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), shade) for shade in ("white", "black")]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    return stream.getvalue()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_service_redacts_every_kind(kind: MediumKind) -> None:
    _, result = pipeline.redact(pipeline.Order(policy=_policy(), seed=0), ONE_OF[kind.name], silent)
    assert of_copy(result.media_type) == kind


def test_a_result_of_no_kind_is_no_result() -> None:
    _, result = pipeline.redact(pipeline.Order(policy=_policy(), seed=0), WHOLE["png"], silent)
    with pytest.raises(ValidationError, match="text/html"):
        RedactionResult.model_validate(result.model_dump() | {"media_type": "text/html"})


def _policy() -> object:
    from omnigov.contracts import Label, PolicySpec

    labels = tuple(Label(key=key, phrase=key, name_en=key, name_ja=key) for key in ("one", "two"))
    return PolicySpec(question="Which?", labels=labels, redaction=NOTHING)
