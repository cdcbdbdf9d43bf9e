"""Red seals on paper are hidden; red things are left alone."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import Area, Limits, RedactionProfile
from tests.workers.redaction.conftest import font
from workers.media.picture import decode
from workers.redaction.kinds.picture import redact

SEALS_ONLY = RedactionProfile(faces=False, text=False, codes=False, screens=False)
RED = (205, 40, 45)


def page(shape: str, size: int, *, paper: tuple[int, int, int] = (250, 249, 246)) -> tuple[bytes, Area]:
    """A form with some lines of text and a seal, round or square, across its lower right."""
    image = Image.new("RGB", (1000, 1300), paper)
    pen = ImageDraw.Draw(image)
    for row in range(12):
        pen.text((80, 80 + 60 * row), "申請書の本文がここに並びます。", font=font(26), fill=(30, 30, 30))
    box = Area(left=700, top=1000, right=700 + size, bottom=1000 + size)
    draw = pen.ellipse if shape == "round" else pen.rectangle
    draw((box.left, box.top, box.right, box.bottom), outline=RED, width=max(2, size // 18))
    pen.text((box.left + size / 2, box.top + size / 2), "山田", font=font(size // 3), fill=RED, anchor="mm")
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue(), box


@pytest.mark.parametrize("size", [24, 60, 120])
@pytest.mark.parametrize("shape", ["round", "square"])
def test_a_seal_is_hidden(shape: str, size: int) -> None:
    original, box = page(shape, size)
    copy, result = redact(original, SEALS_ONLY, Limits())
    assert [finding.kind for finding in result.findings] == ["SEAL"]
    inside = decode(copy, Limits())[box.top : box.bottom, box.left : box.right]
    assert (inside.max(axis=2) < 30).mean() > 0.99


def test_a_red_line_a_red_dot_and_red_on_a_dark_ground_are_no_seals() -> None:
    image = Image.new("RGB", (800, 600), "white")
    pen = ImageDraw.Draw(image)
    pen.line((50, 100, 700, 100), fill=RED, width=4)
    pen.ellipse((300, 300, 360, 360), fill=RED)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    assert redact(stream.getvalue(), SEALS_ONLY, Limits())[1].findings == ()
    original, _ = page("round", 80, paper=(60, 70, 80))
    assert redact(original, SEALS_ONLY, Limits())[1].findings == ()


def test_a_red_mark_in_which_no_name_can_be_read_is_no_seal() -> None:
    original, _ = page("round", 14)
    assert not redact(original, SEALS_ONLY, Limits())[1].findings
