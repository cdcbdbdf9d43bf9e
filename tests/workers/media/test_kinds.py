"""The table of kinds: each row is told from content, keeps its limits, and names files that are there."""

from __future__ import annotations

import importlib
import io
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from omnigov.contracts import Limits, RedactionProfile, RedactionResult, Refused
from omnigov.contracts.kinds import KINDS, MediumKind, of_copy
from tests.bad_files import WHOLE
from tests.workers.redaction.conftest import pdf, tiff
from workers import pipeline
from workers.media import kinds
from workers.redaction.kinds.redactors import redactor

HOUSE = Path(__file__).parents[3]
NOTHING = RedactionProfile(
    faces=False, text=False, codes=False, seals=False, screens=False, second_look=False
)
PAGES = tiff(Image.new("RGB", (96, 64), "white"), Image.new("RGB", (96, 64), "grey"))
ONE_OF = {"picture": WHOLE["png"], "document": pdf(pages=2), "text": b"Dear Ms Ashworth, " * 9}
BEYOND = {"max_bytes": 100, "max_pixels": 95 * 64, "max_side": 95, "max_frames": 1, "max_pages": 1}


def silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """A hook for those who want none."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_row_names_files_that_are_there(kind: MediumKind) -> None:
    assert {"tells", "decode"} <= set(dir(importlib.import_module(kind.medium)))
    importlib.import_module(kind.redactor)
    assert set(kind.limits) <= set(Limits.model_fields)
    if kind.viewer:
        assert hasattr(kinds.medium(kind), "probe")
        assert (HOUSE / "templates" / kind.viewer).is_file()
        assert hasattr(redactor(kind), "redact_to")


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        *((WHOLE[suffix], "x.txt", "picture") for suffix in ("jpg", "png", "webp", "gif", "bmp", "tiff")),
        (PAGES, "x.tiff", "document"),
        (pdf(), "x.jpg", "document"),
        (b"\n" * 1000 + pdf(), "", "document"),
        (b"Name: Jane Ashworth", "x.txt", "text"),
    ],
)
def test_a_kind_is_told_from_content(content: bytes, name: str, expected: str) -> None:
    assert kinds.told(content, name).name == expected


@pytest.mark.parametrize("name", ["x.jpg", "x.pdf", "x", ""])
def test_a_text_under_another_name_is_no_medium(name: str) -> None:
    with pytest.raises(Refused) as caught:
        kinds.told(b"Name: Jane Ashworth", name)
    assert caught.value.code == "not_media"


@pytest.mark.parametrize(
    ("kind", "limit"), [(kind, limit) for kind in KINDS for limit in kind.limits], ids=str
)
def test_each_limit_of_a_kind_is_kept(kind: MediumKind, limit: str) -> None:
    content = ONE_OF[kind.name]
    if limit == "max_frames":
        content = animated()
    with pytest.raises(Refused, match=r"\d"):
        list(kinds.medium(kind).decode(content, Limits(**{limit: BEYOND[limit]})))


def animated() -> bytes:
    stream = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), shade) for shade in ("white", "black")]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    return stream.getvalue()


def test_the_service_takes_only_what_it_can_show() -> None:
    order = pipeline.Order(policy=_policy(), seed=0)
    _, result = pipeline.redact(order, WHOLE["png"], silent)
    assert of_copy(result.media_type).name == "picture"
    with pytest.raises(Refused) as caught:
        pipeline.redact(order, pdf(), silent)
    assert caught.value.code == "unsupported"


def test_a_result_of_no_kind_is_no_result() -> None:
    _, result = pipeline.redact(pipeline.Order(policy=_policy(), seed=0), WHOLE["png"], silent)
    with pytest.raises(ValidationError, match="text/html"):
        RedactionResult.model_validate(result.model_dump() | {"media_type": "text/html"})


def _policy() -> object:
    from omnigov.contracts import Label, PolicySpec

    labels = tuple(Label(key=key, phrase=key, name_en=key, name_ja=key) for key in ("one", "two"))
    return PolicySpec(question="Which?", labels=labels, redaction=NOTHING)
