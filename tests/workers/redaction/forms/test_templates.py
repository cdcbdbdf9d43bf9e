"""Forms that a profile has templates for: their fields are hidden by place, however the form comes."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import FormTemplate, Limits, Quarantined, RedactionProfile
from omnigov.form_reference import LONGEST, template
from tests.workers.redaction.conftest import SAMPLES, font
from tests.workers.redaction.forms.conftest import Pixels, field_boxes, filled_anew, made, png
from workers.redaction.kinds.picture import redact

Matrix = np.ndarray


def profile(**asked: bool) -> RedactionProfile:
    return RedactionProfile(
        faces=False, text=False, codes=False, seals=False, screens=False, templates=(made(),), **asked
    )


def moved(page: Pixels, matrix: Matrix, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.warpPerspective(page, matrix, size, borderValue=(90, 80, 70)))


def skew(degrees: float, scale: float = 1.0) -> Matrix:
    turn = cv2.getRotationMatrix2D((500, 590), degrees, scale)
    return np.vstack([turn, [0, 0, 1]])


def perspective() -> Matrix:
    here = np.array([[0, 0], [1000, 0], [1000, 1180], [0, 1180]], np.float32)
    there = np.array([[90, 60], [1080, 110], [1010, 1230], [40, 1290]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(here, there))


WAYS: dict[str, tuple[Matrix, tuple[int, int]]] = {
    "as it was": (np.eye(3), (1000, 1180)),
    "half as large": (np.diag([0.55, 0.55, 1.0]), (550, 649)),
    "twice as large": (np.diag([2.2, 2.2, 1.0]), (2200, 2596)),
    "skewed": (skew(3.0, 0.95), (1000, 1180)),
    "on its head": (skew(180.0), (1000, 1180)),
    "on its side": (np.array([[0.0, -1.0, 1180.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), (1180, 1000)),
    "photographed": (perspective(), (1120, 1340)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("harmed", [False, True])
def test_required_fields_that_are_empty_are_named(way: str, harmed: bool) -> None:
    names = {f"field {n}" for n in (1, 4, 9)}
    fields = tuple(each.model_copy(update={"required": int(each.name[6:]) % 2 == 1 or each.name in names})
                   for each in made().fields)  # fmt: skip
    form = made().model_copy(update={"fields": fields})
    page = Image.fromarray(filled_anew())
    for number in (1, 4, 6, 9):  # 6 need not be filled in
        box = field_boxes()[number]
        ImageDraw.Draw(page).rectangle(
            (box.left + 6, box.top + 4, box.right - 6, box.bottom - 4), fill="white"
        )
    matrix, size = WAYS[way]
    pixels = moved(np.asarray(page), matrix, size)
    asked = profile().model_copy(update={"templates": (form,)})
    _, result = redact(png(spoiled(pixels) if harmed else pixels), asked, Limits())
    assert {finding.empty for finding in result.findings} - {""} == names
    _, before = redact(png(pixels), profile(), Limits())
    assert {finding.empty for finding in before.findings} == {""}, "no field of this form is required"


def spoiled(page: Pixels) -> Pixels:
    """A shadow over one side, blur and noise."""
    shade = np.linspace(1.0, 0.6, page.shape[1])[None, :, None]
    grain = np.random.default_rng(3).normal(0, 5, page.shape[:2])[:, :, None]
    return np.clip(cv2.GaussianBlur(page, (0, 0), 0.9) * shade + grain, 0, 255).astype(np.uint8)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("done", [lambda page: page, spoiled], ids=["clean", "spoiled"])
def test_every_field_of_a_filled_in_form_is_hidden(way: str, done: Callable[[Pixels], Pixels]) -> None:
    matrix, size = WAYS[way]
    _, result = redact(png(done(moved(filled_anew(), matrix, size))), profile(), Limits())
    hidden = np.zeros((size[1], size[0]), np.uint8)
    for finding in result.findings:
        assert (finding.kind, finding.detector) == ("PERSON", "form_template")
        hidden[finding.area.top : finding.area.bottom, finding.area.left : finding.area.right] = 1
    asked = np.zeros((1180, 1000), np.uint8)
    for box in field_boxes():
        asked[box.top : box.bottom, box.left : box.right] = 1
    there = cv2.warpPerspective(asked, matrix, size, flags=cv2.INTER_NEAREST)
    assert hidden[there > 0].mean() > 0.995
    # What lies well outside of every field stays: labels, titles, the foot of the page.
    outside = cv2.warpPerspective(
        1 - cv2.dilate(asked, np.ones((45, 45), np.uint8)), matrix, size, flags=cv2.INTER_NEAREST
    )
    assert hidden[outside > 0].mean() < 0.01


def another_form() -> Pixels:
    """Ruled like the sample, in the same font, with other labels and rows of other heights."""
    page = Image.new("RGB", (1000, 1180), "white")
    pen = ImageDraw.Draw(page)
    pen.text((60, 40), "Parking permit  駐車許可願", font=font(34), fill="black")
    y = 120
    for row in range(9):
        high = 70 + 8 * (row % 3)
        pen.rectangle((60, y, 940, y + high), outline="black")
        pen.line((400, y, 400, y + high), fill="#888888")
        pen.text(
            (76, y + 20), ("Plate", "色", "Make", "車種", "Spaces")[row % 5], font=font(24), fill="black"
        )
        pen.text((420, y + 20), f"{row} 番の区画", font=font(24), fill="black")
        y += high
    return np.asarray(page).copy()


def test_another_form_is_not_taken_for_it() -> None:
    assert redact(png(another_form()), profile(), Limits())[1].findings == ()
    sample = SAMPLES / "cat.jpg"
    assert redact(sample.read_bytes(), profile(), Limits())[1].findings == ()


def test_a_form_that_is_half_the_same_is_another_one() -> None:
    page = Image.fromarray(filled_anew())
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 270, 1000, 1180), fill="white")
    for row in range(14):
        pen.text(
            (80, 290 + 60 * row), "この様式の続きには別のことが書かれています。", font=font(28), fill="black"
        )
    assert redact(png(np.asarray(page).copy()), profile(), Limits())[1].findings == ()


def test_a_profile_that_asks_for_a_form_keeps_others_back() -> None:
    with pytest.raises(Quarantined) as caught:
        redact(png(another_form()), profile(template_required=True), Limits())
    assert caught.value.code == "no_template"
    assert redact(png(filled_anew()), profile(template_required=True), Limits())[1].findings


def test_a_reference_holds_nothing_of_what_stood_in_the_fields() -> None:
    sample = Image.open(SAMPLES / "form.png").convert("RGB")
    other = Image.fromarray(filled_anew())
    one, two = (ink(template("one", page, made().fields)) for page in (sample, other))
    assert max(one.shape) == LONGEST
    for box in field_boxes():
        edges = (round(edge * LONGEST / 1180) for edge in (box.left, box.top, box.right, box.bottom))
        left, top, right, bottom = edges
        assert not one[top:bottom, left:right].any()
    # The paper about a pixel is averaged over a few more pixels than the field.
    assert (one != two).mean() < 0.001


def ink(form: FormTemplate) -> Pixels:
    with Image.open(io.BytesIO(base64.b64decode(form.reference))) as image:
        assert image.mode == "1"
        return np.asarray(image.convert("L")) < 128


def test_the_same_picture_gives_the_same_fields() -> None:
    page = png(spoiled(moved(filled_anew(), *WAYS["photographed"])))
    assert redact(page, profile(), Limits())[1].findings == redact(page, profile(), Limits())[1].findings
