"""How a form is known again: the sample in two colours, without what stood in its fields.

Pillow alone, so that the web app, where people draw the fields, and the GPU side, which looks for the form,
make the same reference of the same sample.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable

from PIL import Image, ImageChops, ImageFilter

from omnigov.contracts import Area, FormField, FormTemplate

LONGEST = 1000  # pixels of the reference's longer side, at most
GROUND = 12  # pixels: the radius of the box over which paper is averaged
DARKER = 20  # than the paper about it, of 255: ink
PAPER, INK = 255, 0


def ink_of(sample: Image.Image, longest: int = LONGEST) -> Image.Image:
    """The picture's ink, black on white, with a longer side of `longest` pixels or less.

    It is laid on white where it is transparent, made grey (ITU-R 601) and brought down to that size where it
    is larger (Lanczos); a pixel is ink where it is more than `DARKER` darker than the mean of the square of
    2 × `GROUND` + 1 pixels about it.
    """
    grey = _grey(sample)
    scale = min(1.0, longest / max(grey.size))
    wide, high = (max(1, round(side * scale)) for side in grey.size)
    if (wide, high) != grey.size:
        grey = grey.resize((wide, high), Image.Resampling.LANCZOS)
    darker = ImageChops.subtract(grey.filter(ImageFilter.BoxBlur(GROUND)), grey)
    return darker.point([PAPER] * (DARKER + 1) + [INK] * (255 - DARKER))


def reference(sample: Image.Image, boxes: Iterable[Area]) -> str:
    """Base64 of a PNG of one bit a pixel: the ink of the upright sample, blank in all that the boxes touch.

    Boxes are in the sample's pixels.
    """
    ink = ink_of(sample)
    scale = min(1.0, LONGEST / max(sample.size))
    for box in boxes:
        left, top = int(box.left * scale), int(box.top * scale)
        right, bottom = math.ceil(box.right * scale), math.ceil(box.bottom * scale)
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
        reference=reference(sample, (field.place for field in given)),
    )


def _grey(sample: Image.Image) -> Image.Image:
    if sample.has_transparency_data:
        ground = Image.new("RGBA", sample.size, "white")
        ground.alpha_composite(sample.convert("RGBA"))
        sample = ground
    return sample.convert("RGB").convert("L")
