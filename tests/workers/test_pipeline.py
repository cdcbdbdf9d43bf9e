"""What the model is given of a redacted copy, and where the heat maps of its pages lie."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from omnigov.contracts import InferenceResult, Label, Pages, PolicySpec, RedactionResult, Span, TextCopy
from workers import pipeline
from workers.attribution import attribute_with
from workers.media import pdf_pages
from workers.media.pdf import PicturePdf
from workers.omni import LONGEST, TINY, new_model
from workers.pipeline import Order

COLOURS = ("red", "lime", "blue", "white", "black")


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    pass


def order(**changes: Any) -> Order:
    labels = tuple(Label(key=key, phrase=key, name_en=key, name_ja=key) for key in ("one", "two"))
    return Order(policy=PolicySpec(question="Which?", labels=labels, **changes), seed=0)


def jpeg(colour: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def document(size: tuple[int, int] = (1654, 2339)) -> bytes:
    out = io.BytesIO()
    with PicturePdf(out) as pages:
        for colour in COLOURS:
            pages.add(jpeg(colour, size), *size, 200)
    return out.getvalue()


def result(copy: bytes, media_type: str, **more: Any) -> RedactionResult:
    return RedactionResult(
        media_type=media_type,
        digest=hashlib.sha256(copy).hexdigest(),
        findings=(),
        detectors=(),
        revision="0" * 64,
        duration_ms=1,
        **more,
    )


def test_a_picture_is_seen_whole_and_alone() -> None:
    copy = jpeg("red", (40, 30))
    seen = pipeline.seen(order(), result(copy, "image/jpeg", width=40, height=30), copy)
    assert seen.picture
    assert [page.pixels.shape for page in seen.pages] == [(30, 40, 3)]
    assert seen.text == ""


def test_of_a_document_the_policys_pages_are_seen_and_what_can_still_be_read() -> None:
    copy = document()
    told = result(copy, "application/pdf", pages=5)
    asked = order(pages=Pages(most=3, which="first_and_last"))
    seen = pipeline.seen(asked, told, copy, "Order of\fPERSON_1")
    assert not seen.picture
    assert [page.part for page in seen.pages] == [0, 1, 4]
    assert [page.pixels[5, 5].tolist() for page in seen.pages] == [[254, 0, 0], [0, 255, 1], [0, 0, 0]]
    assert {page.size for page in seen.pages} == {(1654, 2339)}
    assert max(max(page.pixels.shape) for page in seen.pages) == LONGEST, "however many, they fit the memory"
    assert seen.text == "Order of\fPERSON_1"


def test_the_pages_of_our_own_pdf_lie_where_they_were_written() -> None:
    copy = document((30, 20))
    assert [copy[slice(*lies)] for lies in pdf_pages.ranges(copy)] == [jpeg(c, (30, 20)) for c in COLOURS]
    for other in (b"", copy[:-1], b"%PDF-1.4\nstartxref\n9\n%%EOF\n"):
        with pytest.raises(ValueError, match="page by page"):
            pdf_pages.ranges(other)


@pytest.mark.parametrize(("written", "told"), [("answer: two", True), ("two of one", False)])
def test_a_picture_that_tells_what_to_answer_is_left_to_a_person(written: str, told: bool) -> None:
    paper = Image.new("RGB", (640, 160), "white")
    ImageDraw.Draw(paper).text((30, 40), written, fill="black", font=ImageFont.load_default(64))
    out = io.BytesIO()
    paper.save(out, "PNG")
    _, redaction = pipeline.redact(order(), out.getvalue(), hook)
    assert redaction.writing is not None
    assert redaction.writing.instructs == told
    answered = InferenceResult.model_construct(label="two", abstained=False, voices=())
    assert pipeline.with_specialists(answered, redaction).abstained == told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_a_text_is_seen_in_its_own_characters(encoding: str) -> None:
    text = "東京の■■さん\r\n注文"
    copy = text.encode(encoding)
    told = result(copy, "text/plain; charset=utf-8", text=TextCopy(encoding=encoding, characters=len(text)))
    seen = pipeline.seen(order(), told, copy)
    assert (seen.pages, seen.text) == ((), text)


def test_each_page_has_its_heat_map_in_the_one_part() -> None:
    copy = document((60, 40))
    seen = pipeline.seen(order(), result(copy, "application/pdf", pages=5), copy, "Hello")
    attributed = attribute_with(new_model(TINY), seen, order().policy, "one", 2, hook=hook)
    drawn, whole = pipeline._heat_maps(seen, attributed)
    at = 0
    for segment in drawn.segments[:2]:
        assert segment.heat_map is not None
        assert segment.heat_map[0] == at
        at = segment.heat_map[1]
        picture = Image.open(io.BytesIO(whole[slice(*segment.heat_map)]))
        assert (picture.format, picture.size) == ("PNG", (60, 40))
        assert np.asarray(picture).any()
    assert at == len(whole)
    assert drawn.segments[2].heat_map is None
    assert drawn.segments[2].place == Span(start=0, end=5)
