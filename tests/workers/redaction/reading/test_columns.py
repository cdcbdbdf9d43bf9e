"""Japanese set upright, down the page."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from omnigov.contracts import Limits
from tests.workers.redaction.conftest import TEXT_ONLY, font
from workers.media.picture import decode
from workers.redaction.kinds.picture import redact
from workers.redaction.reading.ocr import _cuts


def column(pen: ImageDraw.ImageDraw, text: str, left: int, top: int, size: int) -> None:
    for place, sign in enumerate(text):
        pen.text((left, top + round(1.08 * size * place)), sign, font=font(size), fill=(20, 20, 20))


def test_a_name_and_an_address_in_columns_are_hidden_and_the_rest_is_read() -> None:
    image = Image.new("RGB", (700, 800), "white")
    pen = ImageDraw.Draw(image)
    column(pen, "拝啓時下ますますご清栄のことと", 600, 60, 34)
    column(pen, "東京都千代田区丸の内一丁目", 450, 60, 34)
    column(pen, "山田太郎様", 300, 60, 34)
    column(pen, "今後ともよろしくお願いします", 150, 60, 34)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    copy, result = redact(stream.getvalue(), TEXT_ONLY, Limits())
    seen = decode(copy, Limits())
    ink = np.array(image).max(axis=2) < 128

    def left_over(left: int, top: int, bottom: int) -> float:
        place = np.s_[top:bottom, left - 4 : left + 40]
        return float((seen[place].max(axis=2) > 60)[ink[place]].mean() if ink[place].any() else 0.0)

    black = seen.max(axis=2) < 24
    assert black[60:520, 452:482].mean() > 0.95
    assert black[62:200, 302:332].mean() > 0.95
    assert black[60:560, 602:632].mean() < 0.5
    assert {"PERSON", "JP_ADDRESS"} <= {finding.kind for finding in result.findings}
    assert left_over(300, 60, 200) == 0.0


def test_a_column_is_cut_between_its_signs() -> None:
    dark = np.zeros(120, bool)
    for top in (2, 45, 86):
        dark[top : top + 32] = True
    assert [any(dark[cut : cut + 1]) for cut in _cuts(dark, 40)[1:-1]] == [False, False]
    assert _cuts(np.ones(200, bool), 40)[0::5] == [0, 200]
