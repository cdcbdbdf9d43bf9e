"""Filled-in forms, and what redaction hides of them."""

from __future__ import annotations

import functools
import io
import json

import numpy as np
from PIL import Image, ImageDraw

from omnigov.contracts import Area, FormField, FormTemplate, Limits
from omnigov.form_reference import template
from tests.workers.redaction.conftest import SAMPLES, TEXT_ONLY, font
from workers.redaction.kinds.picture import redact

Pixels = np.ndarray


def field_boxes() -> list[Area]:
    """The value column of every row of the sample's two tables."""
    rows = json.loads((SAMPLES / "form.json").read_text(encoding="utf-8"))[:14]
    return [Area(left=315, top=row["box"][1] - 8, right=935, bottom=row["box"][3] + 8) for row in rows]


@functools.cache
def made() -> FormTemplate:
    sample = Image.open(SAMPLES / "form.png").convert("RGB")
    fields = [FormField(name=f"field {n}", place=box, kind="PERSON") for n, box in enumerate(field_boxes())]
    return template("warranty", sample, fields)


def filled_anew() -> Pixels:
    """The sample with other values, some of them longer, in blue ink."""
    page = Image.open(SAMPLES / "form.png").convert("RGB")
    pen = ImageDraw.Draw(page)
    for number, box in enumerate(field_boxes()):
        pen.rectangle((box.left + 6, box.top + 4, box.right - 6, box.bottom - 4), fill="white")
        pen.text((330, box.top + 8), f"別の人 {number} " * 4, font=font(24), fill=(30, 40, 140))
    return np.asarray(page).copy()


def png(page: Pixels) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(page).save(stream, "PNG")
    return stream.getvalue()


def found(page: Pixels) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(page).save(stream, "PNG")
    _, result = redact(stream.getvalue(), TEXT_ONLY, Limits())
    hidden = np.zeros(page.shape[:2], np.bool_)
    for finding in result.findings:
        hidden[finding.area.top : finding.area.bottom, finding.area.left : finding.area.right] = True
    return hidden
