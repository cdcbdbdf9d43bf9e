"""What is drawn beside a label to sign at, machine-readable zones, and licence plates."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import Area, Limits
from tests.workers.redaction.conftest import TEXT_ONLY, font
from workers.media.picture import decode
from workers.redaction.kinds.picture import redact
from workers.redaction.language import rules


def signed(label: str, *, ink: bool = True) -> tuple[bytes, Area]:
    """A form with a label to sign at, a line, and a flourish over it."""
    image = Image.new("RGB", (900, 500), "white")
    pen = ImageDraw.Draw(image)
    pen.text((60, 60), "The goods were delivered in good order.", font=font(26), fill="black")
    pen.text((60, 260), label, font=font(26), fill="black")
    pen.line((240, 292, 600, 292), fill="black", width=2)
    steps = np.linspace(0, 6 * np.pi, 240)
    points = [(260 + 13 * step, 262 + 26 * np.sin(1.7 * step) * np.cos(0.6 * step)) for step in steps]
    if ink:
        pen.line(points, fill=(20, 20, 90), width=4)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    xs, ys = zip(*points, strict=True)
    return stream.getvalue(), Area(
        left=round(min(xs)), top=round(min(ys)), right=round(max(xs)), bottom=round(max(ys))
    )


@pytest.mark.parametrize("label", ["Signature:", "Signed by", "署名", "印"])
def test_a_signature_beside_its_label_is_hidden(label: str) -> None:
    original, box = signed(label)
    seen = decode(redact(original, TEXT_ONLY, Limits())[0], Limits())
    before = decode(original, Limits())
    blue = (before[:, :, 2].astype(int) - before[:, :, 0] > 40) & (before.max(axis=2) < 160)
    assert blue[box.top : box.bottom, box.left : box.right].any()
    assert (seen[blue].max(axis=1) < 24).mean() > 0.97


def test_a_line_that_nobody_signed_stays() -> None:
    original, _ = signed("Signature:", ink=False)
    assert redact(original, TEXT_ONLY, Limits())[1].findings == ()


@pytest.mark.parametrize(
    "row",
    [
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "I<UTOD231458907<<<<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<<<<6",
        "P<JPNYAMADA««TARO«««««««««««««««««««««««««««",
    ],
)
def test_rows_of_a_machine_readable_zone_are_hidden_whole(row: str) -> None:
    hidden = [False] * len(row)
    for span in rules.find(row):
        if span.kind == "MRZ":
            hidden[span.start : span.end] = [True] * (span.end - span.start)
    assert all(hidden[place] for place, sign in enumerate(row) if sign.isalnum())


@pytest.mark.parametrize(
    "row", ["品川 330\tあ 12-34", "名古屋500 さ ・・12", "湘南 30A か 1 - 23", "さ 12-34"]
)
def test_japanese_plates_are_told_by_their_text(row: str) -> None:
    assert "LICENCE_PLATE" in {span.kind for span in rules.find(row)}


@pytest.mark.parametrize("row", ["第12-34号の件", "価格は12-34万円", "PART LIST 2024", "あいう 12"])
def test_other_numbers_are_no_plates_and_no_zones(row: str) -> None:
    assert not {"LICENCE_PLATE", "MRZ"} & {span.kind for span in rules.find(row)}


@pytest.mark.parametrize("text", ["AB12 CDE", "HH-AB 1234", "7ABC123"])
def test_a_plate_on_a_car_is_hidden_by_its_geometry(text: str) -> None:
    image = Image.new("RGB", (800, 600), (70, 80, 95))
    pen = ImageDraw.Draw(image)
    pen.rectangle((250, 380, 550, 450), fill="white", outline="black", width=3)
    pen.text((400, 415), text, font=font(52), fill="black", anchor="mm")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    copy, result = redact(stream.getvalue(), TEXT_ONLY, Limits())
    assert result.findings
    dark = np.array(image)[385:445, 260:540].max(axis=2) < 100
    inside = decode(copy, Limits())[385:445, 260:540]
    assert (inside[dark].max(axis=1) < 24).mean() > 0.97
    assert (inside.max(axis=2) < 24).mean() > 0.4
