"""What is kept of a sample on which a form template was drawn: the form, and nothing of its fields."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from omnigov.contracts import Area, FormField, Refused
from omnigov.studio import samples

FIELD = Area(left=300, top=190, right=900, bottom=250)
SIDES = ("left", "top", "right", "bottom")
CARD = Area(left=300, top=290, right=900, bottom=350)


def form(*written: str, paper: int = 255) -> Image.Image:
    """A printed form of two fields, with what somebody wrote in them."""
    picture = Image.new("L", (1000, 700), paper)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(28)
    draw.text((60, 60), "Application for a library card", fill=0, font=font)
    for place, name in enumerate(("Name", "Card", "Date")):
        top = 190 + 100 * place
        draw.text((60, top + 12), name, fill=0, font=font)
        draw.rectangle((298, top - 2, 902, top + 62), outline=0, width=2)
    draw.line((60, 560, 940, 560), fill=0, width=3)
    for text, box in zip(written, (FIELD, CARD), strict=False):
        draw.text((box.left + 20, box.top + 12), text, fill=30, font=font)
    return picture


def as_file(picture: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def fields(*boxes: Area) -> list[FormField]:
    return [FormField(name=f"field {place}", place=box) for place, box in enumerate(boxes)]


def reference(template: samples.FormTemplate) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(template.reference)))


@pytest.mark.parametrize("paper", [255, 200, 120])
@pytest.mark.parametrize("side", [1000, 1500])
def test_what_is_kept_does_not_depend_on_what_stood_in_a_field(paper: int, side: int) -> None:
    scale = side / 1000
    boxes = [
        Area.model_validate({side: round(getattr(box, side) * scale) for side in SIDES})
        for box in (FIELD, CARD)
    ]

    def kept(*written: str, ink: Image.Image | None = None) -> bytes:
        picture = form(*written, paper=paper).resize((side, round(side * 0.7)))
        for box in boxes if ink is not None else ():
            size = (box.right - box.left, box.bottom - box.top)
            picture.paste(ink.resize(size), (box.left, box.top))  # type: ignore[union-attr]
        template = samples.template(samples.taken(as_file(picture)), "Card", fields(*boxes))
        return reference(template).tobytes()

    empty = kept()
    assert kept("Yamada Hanako", "4111 1111") == empty
    assert kept(ink=Image.new("L", (9, 9), 0)) == empty
    assert kept(ink=Image.effect_noise((600, 60), 90)) == empty


def test_what_stands_outside_of_the_fields_is_kept() -> None:
    one, other = (
        samples.template(samples.taken(as_file(form(*w))), "x", fields(CARD)) for w in (("seen",), ())
    )
    assert one.reference != other.reference


def test_a_field_is_white_on_dark_print_too() -> None:
    picture = form()
    ImageDraw.Draw(picture).rectangle((280, 170, 920, 270), fill=0)
    kept = reference(samples.template(samples.taken(as_file(picture)), "Card", fields(FIELD))).convert("L")
    assert kept.crop((FIELD.left, FIELD.top, FIELD.right, FIELD.bottom)).getextrema() == (255, 255)
    assert kept.getpixel((284, 220)) == 0


def test_the_reference_is_a_small_picture_in_two_colours_without_metadata() -> None:
    large = form().resize((3000, 2100))
    content = as_file(large, "JPEG", quality=90, comment=b"drawn by Tanaka", icc_profile=b"Tanaka" * 9)
    template = samples.template(
        samples.taken(content), "Card", fields(Area(left=500, top=300, right=1400, bottom=400))
    )
    kept = reference(template)
    assert (kept.format, kept.mode, max(kept.size)) == ("PNG", "1", 1000)
    assert (template.width, template.height) == (1600, 1120)
    assert kept.info == {}
    assert Image.open(io.BytesIO(samples.taken(content).png)).info == {}
    assert b"Tanaka" not in base64.b64decode(template.reference)
    ink = kept.convert("L").histogram()[0] / (kept.width * kept.height)
    assert 0.005 < ink < 0.2  # print, and neither an empty sheet nor a black one


def test_print_outside_of_the_fields_is_kept() -> None:
    template = samples.template(samples.taken(as_file(form(paper=180))), "Card", fields(FIELD))
    title = reference(template).convert("L").crop((60, 60, 500, 100))
    assert title.histogram()[0] > 500
    paper = reference(template).convert("L").crop((60, 600, 940, 690))
    assert paper.getextrema() == (255, 255)


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_sample_stands_upright(turn: int) -> None:
    upright = form().resize((500, 350))
    turned = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[turn]  # what a camera held so has stored
    stored = upright if turned is None else upright.transpose(Image.Transpose(turned))
    exif = Image.Exif()
    exif[0x0112] = turn
    sample = samples.taken(as_file(stored, "PNG", exif=exif))
    assert Image.open(io.BytesIO(sample.png)).tobytes() == upright.tobytes()


def test_a_transparent_sixteen_bit_or_coloured_sample_is_read_as_it_looks() -> None:
    transparent = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    ImageDraw.Draw(transparent).rectangle((50, 50, 100, 100), fill=(0, 0, 0, 255))
    deep = Image.new("I;16", (400, 300), 65535)
    cmyk = Image.new("CMYK", (400, 300), (0, 0, 0, 0))
    for picture, kind in ((transparent, "PNG"), (deep, "PNG"), (cmyk, "JPEG")):
        sample = Image.open(io.BytesIO(samples.taken(as_file(picture, kind)).png))
        assert sample.mode == "L"
        assert sample.getpixel((300, 200)) == 255


def test_what_a_redaction_blackened_is_paper_in_the_sample() -> None:
    picture = form()
    ImageDraw.Draw(picture).rectangle((FIELD.left, FIELD.top, FIELD.right - 1, FIELD.bottom - 1), fill=0)
    sample = samples.taken(as_file(picture), [FIELD])
    inside = Image.open(io.BytesIO(sample.png)).crop((FIELD.left, FIELD.top, FIELD.right, FIELD.bottom))
    assert inside.getextrema() == (255, 255)


def test_a_sample_comes_back_as_it_went() -> None:
    sample = samples.taken(as_file(form("Yamada")))
    assert samples.returned(sample.text) == sample


def test_a_template_is_drawn_anew_on_its_reference() -> None:
    first = samples.template(samples.taken(as_file(form().resize((2000, 1400)))), "Card", fields(FIELD))
    sample, drawn = samples.of_template(first)
    assert (sample.width, sample.height) == (1000, 700)
    (field,) = drawn
    (given,) = first.fields
    assert field.name == given.name
    assert field.place.left / sample.width == pytest.approx(given.place.left / first.width, abs=0.002)
    again = samples.template(sample, "Card", drawn)
    before, after = reference(first), reference(again)
    changed = sum(
        a != b for a, b in zip(before.convert("L").tobytes(), after.convert("L").tobytes(), strict=True)
    )
    assert changed / (before.width * before.height) < 0.01


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"no picture", "unsupported"),
        (as_file(form(), "GIF"), "unsupported"),
        (as_file(form())[:900], "damaged"),
        (as_file(form())[:20], "damaged"),
        (as_file(Image.new("L", (12, 300))), "too_small"),
        (as_file(Image.new("1", (12_001, 100))), "too_long_a_side"),
        (as_file(Image.new("1", (6000, 5000))), "too_many_pixels"),
    ],
)
def test_what_is_no_sample_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        samples.taken(content)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    "text",
    ["", "not base64!", base64.b64encode(b"x").decode(), base64.b64encode(as_file(form(), "JPEG")).decode()],
)
def test_what_is_no_sample_does_not_come_back(text: str) -> None:
    with pytest.raises(Refused):
        samples.returned(text)
    too_large = base64.b64encode(as_file(Image.new("L", (1601, 100), 255))).decode()
    with pytest.raises(Refused, match="Choose the sample again"):
        samples.returned(too_large)


def test_a_form_of_which_nothing_is_left_is_refused() -> None:
    sheet = Area(left=0, top=0, right=1000, bottom=700)
    with pytest.raises(Refused) as refused:
        samples.template(samples.taken(as_file(form())), "x", fields(sheet))
    assert refused.value.code == "too_little_left"
