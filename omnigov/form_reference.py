"""How a form is known again: the sample in two colours, without what stood in its fields.

Pillow alone, so that the web app, where people draw the fields, and the GPU side, which looks for the form,
make the same reference of the same sample.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable

from PIL import Image, ImageChops, ImageFilter

from omnigov.contracts import Box, FormField, FormTemplate

LONGEST = 1000  # pixels of the reference's longer side, at most
GROUND = 12  # pixels: the radius of the box over which paper is averaged
DARKER = 20  # than the paper about it, of 255: ink
PAPER, INK = 255, 0


def reference(sample: Image.Image, boxes: Iterable[Box]) -> str:
    """Base64 of a PNG of one bit a pixel: the sample's ink, white where the boxes lie.

    The sample is upright and as large as the template says. It is made grey (ITU-R 601), laid on white where
    it is transparent, brought down to a longer side of `LONGEST` pixels where it is larger (Lanczos), and a
    pixel is ink where it is more than `DARKER` darker than the mean of the square of 2 × `GROUND` + 1 pixels
    about it. Boxes are in the sample's pixels; what they touch is blanked.
    """
    grey = _grey(sample)
    scale = min(1.0, LONGEST / max(grey.size))
    size = tuple(max(1, round(side * scale)) for side in grey.size)
    if size != grey.size:
        grey = grey.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    darker = ImageChops.subtract(grey.filter(ImageFilter.BoxBlur(GROUND)), grey)
    ink = darker.point([PAPER] * (DARKER + 1) + [INK] * (255 - DARKER))
    for box in boxes:
        left, top = int(box.left * scale), int(box.top * scale)
        right, bottom = -int(-box.right * scale // 1), -int(-box.bottom * scale // 1)
        ink.paste(PAPER, (left, top, min(right, ink.width), min(bottom, ink.height)))
    stream = io.BytesIO()
    ink.convert("1", dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def template(name: str, sample: Image.Image, fields: Iterable[FormField]) -> FormTemplate:
    """The template of a form from an upright sample of it and the places of its fields.

    Raises pydantic's `ValidationError` where a field lies outside the sample or the reference is too large.
    """
    given = tuple(fields)
    return FormTemplate(
        name=name,
        width=sample.width,
        height=sample.height,
        fields=given,
        reference=reference(sample, (field.box for field in given)),
    )


def _grey(sample: Image.Image) -> Image.Image:
    if sample.has_transparency_data:
        ground = Image.new("RGBA", sample.size, "white")
        ground.alpha_composite(sample.convert("RGBA"))
        sample = ground
    return sample.convert("RGB").convert("L")
