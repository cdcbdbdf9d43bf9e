"""Documents come out as pictures of their pages, with nothing else of the original left."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen import canvas

from omnigov.contracts import (
    Area,
    Limits,
    Quarantined,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
    Region,
)
from tests.workers.redaction.conftest import FACES_ONLY, pdf, tiff
from workers.media import document
from workers.media.probe import probe
from workers.media.source import Source
from workers.redaction.kinds import document as documents

NOTHING = RedactionProfile(
    faces=False, text=False, codes=False, seals=False, screens=False, second_look=False
)


def redacted(
    original: bytes,
    profile: RedactionProfile = NOTHING,
    limits: Limits | None = None,
    edits: RedactionEdits | None = None,
) -> tuple[bytes, RedactionResult]:
    out = io.BytesIO()
    result = documents.redact_to(original, out, profile, limits or Limits(), edits=edits or RedactionEdits())
    return out.getvalue(), result


def drawn(copy: bytes) -> list[np.ndarray]:
    return [page.pixels for page in document.decode(copy, Limits(max_bytes=200_000_000))]


def test_of_a_pdf_nothing_is_left_but_pictures_of_its_pages(tmp_path: Path) -> None:
    original = pdf(script=True)
    copy, result = redacted(original)
    assert result.pages == 2
    assert result.media_type == "application/pdf"
    opened = pypdfium2.PdfDocument(copy)
    assert len(opened) == 2
    assert [round(side) for side in opened[0].get_size()] == [400, 500]
    assert {each.type for each in opened[0].get_objects()} == {pypdfium2.raw.FPDF_PAGEOBJ_IMAGE}
    assert opened[0].get_textpage().get_text_range() == ""
    words = re.sub(rb"stream\n.*?\nendstream", b"", copy, flags=re.DOTALL)
    for trace in (b"Hidden", b"Annot", b"Font", b"Info", b"JavaScript", b"EmbeddedFile", b"Metadata", b"/ID"):
        assert trace not in words, trace
    file = tmp_path / "copy.pdf"
    file.write_bytes(copy)
    said = subprocess.run(
        ["exiftool", "-G", "-a", "-All", str(file)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    groups = {line.split("]")[0].strip("[ ") for line in said}
    assert groups <= {"ExifTool", "File", "PDF"}
    named = {line.split("]")[1].split(":")[0].strip() for line in said if line.startswith("[PDF]")}
    assert named == {"PDF Version", "Linearized", "Page Count"}


def test_each_page_looks_as_it_did_but_for_what_is_hidden() -> None:
    original = pdf()
    before, after = drawn(original), drawn(redacted(original)[0])
    for one, other in zip(before, after, strict=True):
        assert one.shape == other.shape
        assert np.abs(one.astype(int) - other).mean() < 3


def test_faces_are_hidden_on_every_page_and_findings_name_the_page() -> None:
    copy, result = redacted(pdf(3), FACES_ONLY)
    assert sorted({finding.area.part for finding in result.findings}) == [0, 1, 2]
    for number, page in enumerate(drawn(copy)):
        box = next(finding.area for finding in result.findings if finding.area.part == number)
        assert page[box.top + 3 : box.bottom - 3, box.left + 3 : box.right - 3].max() < 40
    assert redacted(pdf(3), FACES_ONLY)[1].findings == result.findings


def test_the_same_document_gives_the_same_bytes() -> None:
    original = pdf()
    assert redacted(original)[0] == redacted(original)[0]


def test_a_tiff_of_several_pages_becomes_a_pdf() -> None:
    pages = [Image.new("RGB", (300, 200), shade) for shade in ("white", "grey", "black")]
    original = tiff(*pages)
    assert document.tells(Source.of(original))
    copy, result = redacted(original)
    assert result.pages == len(drawn(copy)) == 3
    assert [round(float(page.mean())) for page in drawn(copy)] == [255, 128, 0]
    assert b"Hidden" not in copy
    assert not document.tells(Source.of(tiff(pages[0])))


@pytest.mark.parametrize("big", [False, True], ids=["TIFF", "BigTIFF"])
def test_a_large_tiff_is_a_document_too(big: bool) -> None:
    pages = [Image.new("L", (300, 200), shade) for shade in (255, 0)]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:], big_tiff=big)
    assert stream.getvalue()[2:3] == (b"+" if big else b"*")
    copy, result = redacted(stream.getvalue())
    assert result.pages == len(drawn(copy)) == 2
    one = io.BytesIO()
    pages[0].save(one, "TIFF", big_tiff=big)
    assert not document.tells(Source.of(one.getvalue()))
    assert probe(Source.of(one.getvalue()), Limits()).width == 300


def test_a_person_adds_a_region_on_one_page() -> None:
    def on_page(number: int) -> Area:
        return Area(part=number, left=30, top=40, right=200, bottom=120)

    copy, result = redacted(pdf(), edits=RedactionEdits(added=(Region(place=on_page(1)),)))
    first, second = drawn(copy)
    assert second[45:115, 35:195].max() < 40
    assert first[45:115, 35:195].max() > 200
    assert [(finding.kind, finding.area.part) for finding in result.findings] == [("BY_HAND", 1)]
    with pytest.raises(Refused, match="page 8"):
        redacted(pdf(), edits=RedactionEdits(added=(Region(place=on_page(7)),)))


@pytest.mark.parametrize(
    ("original", "limits", "code"),
    [
        (pdf(password="a secret"), Limits(), "encrypted"),
        (pdf()[:900], Limits(), "damaged"),
        (b"%PDF-1.7\n" + b"\xff" * 400, Limits(), "damaged"),
        (pdf(3), Limits(max_pages=2), "too_many_pages"),
        (tiff(*[Image.new("L", (9, 9))] * 5), Limits(max_pages=4), "too_many_pages"),
        (pdf(), Limits(max_bytes=100), "too_many_bytes"),
    ],
)
def test_what_cannot_be_redacted_whole_is_refused_with_a_sentence(
    original: bytes, limits: Limits, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        redacted(original, limits=limits)
    assert caught.value.code == code
    assert caught.value.sentence.endswith(".")


def test_a_page_of_a_mile_is_drawn_within_the_limits() -> None:
    stream = io.BytesIO()
    page = canvas.Canvas(stream, pagesize=(14_400, 14_400))
    page.drawString(50, 100, "large")
    page.save()
    limits = Limits(max_pixels=1_000_000)
    (only,) = document.decode(stream.getvalue(), limits)
    assert only.pixels.shape[0] * only.pixels.shape[1] <= 1_010_000


@pytest.mark.parametrize("size", [(2384, 3370), (2592, 3456)], ids=["A0", "36 by 48 inches"])
def test_a_sheet_that_is_drawn_to_the_limit_is_redacted(size: tuple[int, int]) -> None:
    stream = io.BytesIO()
    page = canvas.Canvas(stream, pagesize=size)
    page.drawString(50, 100, "Plan")
    page.save()
    copy, result = redacted(stream.getvalue(), limits=Limits(max_pixels=5_000_000))
    assert result.pages == 1
    assert result.width * result.height > 4_990_000
    assert len(copy) > 10_000


def test_a_detector_that_fails_on_one_page_keeps_the_whole_document_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = 0

    def find(self: object, picture: object) -> list[object]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ValueError("on the second page")
        return []

    monkeypatch.setattr("workers.redaction.detectors.centerface.CenterFace.find", find)
    with pytest.raises(Quarantined, match="centerface"):
        redacted(pdf(), FACES_ONLY.model_copy(update={"second_look": False}))
