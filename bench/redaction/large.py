"""Large files for the bench of speed: photographs of 12 megapixels and a long document, made from a seed.

The grounds are the photographs of `samples/`, brought to size, with a sensor's noise on them, as without it
they would be smoother than any camera's. Everybody named in them is invented.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from omnigov.contracts import Limits
from workers.media.picture import decode

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SIZE = (4000, 3000)
NOISE = 4.0  # of 255, standard deviation
QUALITY = 92
LETTERS = 44  # pixels, the height of a line's signs in the photographs with text

FIRST = ("Roderick", "Philippa", "Barnaby", "Henrietta", "Cornelius", "Rosalind", "Ignatius", "Winifred")
LAST = (
    "Haversham",
    "Drummond",
    "Thistlewood",
    "Pemberton",
    "Ashdown",
    "Fairweather",
    "Blackwood",
    "Marchmont",
)
STREETS = ("Thornbury Crescent", "Mill Lane", "Harbour Street", "Orchard Road")
PLACES = ("Millfield", "Eastbrook", "Northgate")
LEFT_ALONE = (
    ("Item:", "Garden bench, oak"),
    ("Notes:", "Please ring the bell twice"),
    ("Colour:", "Dark green, matt"),
    ("Serial:", "Model seven, second edition"),
)
SENTENCE = "The parts were checked before they left the store and nothing was found to be wrong with them."

Edges = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True)
class Photograph:
    """A JPEG, and where the values stand that have to be hidden, or the faces."""

    name: str
    content: bytes
    places: tuple[Edges, ...]


def photographs_with_text(seed: int) -> list[Photograph]:
    """Two forms that lie on fruit; a letter that fills the picture; a wall of pictures with a label."""
    dice = random.Random(seed)
    return [
        _with_sheets("two forms", _enlarged("fruits.jpg"), [(180, 250), (2120, 250)], (1700, 2500), 24, dice),
        _with_sheets("a letter", _enlarged("flower.jpg"), [(300, 60)], (3400, 2880), 48, dice),
        _with_sheets("a label", _wall(), [(1200, 1000)], (1700, 620), 6, dice),
    ]


def photograph_with_faces(seed: int) -> Photograph:
    """Fifteen faces, upright, 40 to 260 pixels wide, in front of a building."""
    dice = random.Random(seed)
    page, places = _enlarged("home.jpg"), []
    # The picture about the head, and in it where the features are (brow to chin).
    heads = (
        (_sample("astronaut.jpg").crop((120, 0, 340, 256)), (65, 75, 142, 178)),
        (_sample("hopper.jpg").crop((100, 80, 440, 420)), (90, 70, 245, 250)),
    )
    for number in range(15):
        head, features = heads[number % 2]
        scale = dice.choice((0.5, 0.7, 1.0, 1.4, 1.7))
        head = head.resize((round(head.width * scale), round(head.height * scale)), Image.Resampling.LANCZOS)
        left, top = number % 5 * 790 + 60, number // 5 * 960 + 100
        page.paste(head, (left, top))
        x0, y0, x1, y1 = (round(edge * scale) for edge in features)
        places.append((left + x0, top + y0, left + x1, top + y1))
    return Photograph("faces", _taken(page, dice), tuple(places))


def document(seed: int, pages: int) -> bytes:
    """A PDF: on each page a heading, thirty lines, a form's fields, and on every third a photograph."""
    dice = random.Random(seed)
    stream = io.BytesIO()
    sheet = canvas.Canvas(stream, pagesize=(595, 842))
    for number in range(pages):
        sheet.setFont("Helvetica-Bold", 16)
        sheet.drawString(60, 780, f"Report {number + 1}")
        sheet.setFont("Helvetica", 10)
        y = 750
        for label, value in _fields(dice, 6):
            sheet.drawString(60, y, label)
            sheet.drawString(160, y, value)
            y -= 18
        for line in range(24):
            sheet.drawString(60, y, SENTENCE if line % 3 else f"{line}. {SENTENCE[:60]}")
            y -= 14
        if number % 3 == 0:
            name = ("astronaut.jpg", "hopper.jpg", "fruits.jpg", "home.jpg")[number // 3 % 4]
            shown = io.BytesIO()
            _sample(name).save(shown, "JPEG", quality=85)
            sheet.drawImage(ImageReader(shown), 60, 60, 240, 200)
        sheet.showPage()
    sheet.save()
    return stream.getvalue()


def _fields(dice: random.Random, count: int) -> list[tuple[str, str]]:
    """Labels and values; those of `LEFT_ALONE` are nobody's."""
    fields: list[tuple[str, str]] = []
    while len(fields) < count:
        first, last = dice.choice(FIRST), dice.choice(LAST)
        fields += [
            ("Name:", f"{first} {last}"),
            ("Phone:", f"(555) 010-{dice.randint(1000, 9999)}"),
            ("E-mail:", f"{first}.{last}@example.com".lower()),
            ("Address:", f"{dice.randint(2, 99)} {dice.choice(STREETS)}, {dice.choice(PLACES)}"),
            dice.choice(LEFT_ALONE),
        ]
    return fields[:count]


def _with_sheets(
    name: str, ground: Image.Image, corners: list[tuple[int, int]], size: tuple[int, int], rows: int,
    dice: random.Random,
) -> Photograph:  # fmt: skip
    places: list[Edges] = []
    font = ImageFont.load_default(LETTERS)
    nobody = {value for _, value in LEFT_ALONE}
    for left, top in corners:
        sheet = Image.new("RGB", size, (250, 249, 244))
        pen = ImageDraw.Draw(sheet)
        step = (size[1] - 120) // rows
        for row, (label, value) in enumerate(_fields(dice, rows)):
            y = 60 + row * step
            pen.text((90, y), label, font=font, fill=(20, 20, 30))
            pen.text((420, y), value, font=font, fill=(20, 20, 60))
            if size[0] > 3000:
                pen.text((1500, y), SENTENCE[:70], font=font, fill=(20, 20, 30))
            if value not in nobody:
                x0, y0, x1, y1 = (round(edge) for edge in pen.textbbox((420, y), value, font=font))
                places.append((left + x0, top + y0, left + x1, top + y1))
        ground.paste(sheet, (left, top))
    return Photograph(name, _taken(ground, dice), tuple(places))


def _sample(name: str) -> Image.Image:
    return Image.fromarray(decode((SAMPLES / name).read_bytes(), Limits()))


def _enlarged(name: str) -> Image.Image:
    return _sample(name).resize(SIZE, Image.Resampling.BICUBIC)


def _wall() -> Image.Image:
    """Photographs beside each other in their own size: as much detail as a picture can have."""
    names = ("fruits.jpg", "home.jpg", "flower.jpg", "cat.jpg", "butterfly.jpg")
    pictures = [_sample(name) for name in names]
    page, high, number = Image.new("RGB", SIZE), min(picture.height for picture in pictures), 0
    for top in range(0, SIZE[1], high):
        left = 0
        while left < SIZE[0]:
            picture = pictures[number % len(pictures)]
            page.paste(picture.crop((0, 0, picture.width, high)), (left, top))
            left, number = left + picture.width, number + 1
    return page


def _taken(page: Image.Image, dice: random.Random) -> bytes:
    """The picture as a camera would store it: with noise, as JPEG."""
    noise = np.random.default_rng(dice.randrange(2**32)).normal(0, NOISE, (*page.size[::-1], 1))
    pixels = np.clip(np.asarray(page) + np.rint(noise), 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()
