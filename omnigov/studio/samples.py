"""The sample that a form template is drawn on, and the reference that is kept of it.

A sample may show somebody's form, so it is kept nowhere: it lies in the page on which the fields are drawn
and comes back with it. The reference is all that a policy holds: the sample without what stood in its fields,
in two colours. A file is decoded only after its head says what it is, and within limits.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image

from omnigov import form_reference
from omnigov.contracts import Area, FormField, FormTemplate, Limits, Refused
from omnigov.orientation import TURNS, orientation

#: What is taken as a sample. It is decoded in the web process, so it may be less than what a worker takes.
TAKEN = Limits(max_bytes=10_000_000, max_pixels=25_000_000, max_side=12_000)
SAMPLE_SIDE = 1600  # pixels; enough to draw on, and small enough to come back with a form
LEAST_INK = 0.002  # of the reference: with less, one form looks like another
SMALLEST = 16  # pixels of a sample's side

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
#: What Pillow raises for a file that is no picture after all.
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)

_NO_PICTURE = (
    "A form template is drawn on a PNG or JPEG picture. Save the form as one of them, and send that."
)
_DAMAGED = "The picture is damaged and can't be opened whole. Save it anew in a picture editor and send that."
_LOST = "The picture that you drew on did not come back whole. Choose the sample again."


@dataclass(frozen=True)
class Sample:
    """An upright grey picture, its longer side `SAMPLE_SIDE` or less, as a PNG."""

    png: bytes
    width: int
    height: int

    @property
    def text(self) -> str:
        """As it lies in a page."""
        return base64.b64encode(self.png).decode()


def taken(content: bytes, hidden: Iterable[Area] = ()) -> Sample:
    """The sample from a file that somebody chose; what is `hidden` in it becomes paper.

    Raises `Refused`. `hidden` are the boxes of a redacted copy: the black ones would be taken for print.
    """
    _within_limits(content)
    grey = _decoded(content)
    if min(grey.size) < SMALLEST:
        raise Refused("too_small", "The picture is too small to be a form. Send a larger one.")
    paper = _median(grey)
    for box in hidden:
        grey.paste(paper, _corners(box))
    return _sample(_fitted(grey, SAMPLE_SIDE))


def returned(text: str) -> Sample:
    """The sample as the page sends it back. Raises `Refused` where it is not one that `taken` made."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("sample_lost", _LOST) from None
    if not content.startswith(PNG) or max(_within_limits(content)) > SAMPLE_SIDE:
        raise Refused("sample_lost", _LOST)
    grey = _decoded(content)
    return Sample(content, grey.width, grey.height)


def of_template(template: FormTemplate) -> tuple[Sample, list[FormField]]:
    """A template to be drawn anew: its reference as the sample, and its fields in that one's pixels."""
    grey = _decoded(base64.b64decode(template.reference))
    across, down = grey.width / template.width, grey.height / template.height
    fields = [
        field.model_copy(update={"place": scaled(field.place, across, down, grey.width, grey.height)})
        for field in template.fields
    ]
    return _sample(grey), fields


def crop(sample: Sample, place: Area) -> str:
    """A place of the sample with a little around it, as a PNG in base64, for whoever judges it."""
    grey = _decoded(sample.png)
    rim = max(4, (place.bottom - place.top) // 4)
    box = _cut(place.left - rim, place.top - rim, place.right + rim, place.bottom + rim, grey.size)
    return _sample(grey.crop(box)).text


def template(
    sample: Sample, name: str, fields: Sequence[FormField], masked: Sequence[Area] = ()
) -> FormTemplate:
    """The template of a sample with its fields; what is `masked` becomes paper, as the fields do.

    The same sample, fields and masks give the same one.

    Raises `Refused` where so little is left of the form that it could not be known again.
    """
    grey = _decoded(sample.png)
    # The fields go first, each under the tone of the paper around it. That tone is told without looking into
    # any field, so that what is kept does not depend on what stood in one.
    free = Image.new("L", grey.size, 255)
    boxes = [*masked, *(field.place for field in fields)]
    for box in boxes:
        free.paste(0, _corners(box))
    for box in boxes:
        rim = max(4, (box.bottom - box.top) // 4)
        around = _cut(box.left - rim, box.top - rim, box.right + rim, box.bottom + rim, grey.size)
        grey.paste(_median(grey.crop(around), free.crop(around)), _corners(box))
    made = form_reference.template(name, grey, fields)
    counts = _decoded(base64.b64decode(made.reference)).histogram()
    if counts[form_reference.INK] < LEAST_INK * sum(counts):
        raise Refused(
            "too_little_left",
            "Hardly any print is left outside of the fields, so the form could not be known again. Draw "
            "smaller fields, or choose a sample with more lines and words.",
        )
    return made


def _within_limits(content: bytes) -> tuple[int, int]:
    """The picture's width and height in pixels, from its head alone.

    Raises `Refused` for what is no PNG or JPEG, and for what is larger than `TAKEN`, before it is decoded.
    """
    if not content:
        raise Refused("empty", "The file is empty. Check that it was copied whole, and send it again.")
    if len(content) > TAKEN.max_bytes:
        raise Refused(
            "too_many_bytes",
            f"The file has {len(content) / 1e6:.1f} MB; a sample has up to {TAKEN.max_bytes / 1e6:.0f} MB. "
            "Send a smaller one.",
        )
    if not content.startswith((PNG, JPEG)):
        raise Refused("unsupported", _NO_PICTURE)
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            width, height = image.size
    except _UNREADABLE:
        raise Refused("damaged", _DAMAGED) from None
    if max(width, height) > TAKEN.max_side:
        raise Refused(
            "too_long_a_side",
            f"The picture is {width} × {height} pixels; a side may have up to {TAKEN.max_side}. "
            "Send a smaller one.",
        )
    if width * height > TAKEN.max_pixels:
        raise Refused(
            "too_many_pixels",
            f"The picture has {width * height / 1e6:.1f} million pixels; up to "
            f"{TAKEN.max_pixels / 1e6:.0f} million are taken. Send a smaller one.",
        )
    return width, height


def _decoded(content: bytes) -> Image.Image:
    """The picture upright, grey, on white. Raises `Refused` where it can't be read whole."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            image.load()
            turn = orientation(image)
            grey = _grey(image)
    except _UNREADABLE:
        raise Refused("damaged", _DAMAGED) from None
    return grey.transpose(TURNS[turn]) if turn in TURNS else grey


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits: Pillow would cut them off instead of scaling them
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.has_transparency_data:
        shown = Image.new("RGBA", image.size, "white")
        shown.alpha_composite(image.convert("RGBA"))
        return shown.convert("L")
    return image.convert("L")


def _fitted(grey: Image.Image, side: int) -> Image.Image:
    scale = side / max(grey.size)
    if scale >= 1:
        return grey
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return grey.resize(size, Image.Resampling.LANCZOS)


def _sample(grey: Image.Image) -> Sample:
    return Sample(_png(grey), grey.width, grey.height)


def _png(picture: Image.Image) -> bytes:
    """Without metadata."""
    out = io.BytesIO()
    clean = picture.copy()
    clean.info = {}
    clean.save(out, "PNG")
    return out.getvalue()


def _median(grey: Image.Image, free: Image.Image | None = None) -> int:
    """The tone that half of the pixels (of those that are `free`) are darker than: on paper, the paper's."""
    counts = grey.histogram(free)
    half, seen = sum(counts) / 2, 0
    for tone, count in enumerate(counts):
        seen += count
        if count and seen >= half:
            return tone
    return 255


def _corners(box: Area) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom


def scaled(box: Area, across: float, down: float, width: int, height: int) -> Area:
    """The box in another size of the picture: never smaller than it was, and not beyond the edge."""
    left, top, right, bottom = _cut(
        int(box.left * across),
        int(box.top * down),
        int(-(-box.right * across // 1)),
        int(-(-box.bottom * down // 1)),
        (width, height),
    )
    return Area(left=left, top=top, right=max(right, left + 1), bottom=max(bottom, top + 1))


def _cut(left: int, top: int, right: int, bottom: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    return max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])
