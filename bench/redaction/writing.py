"""Names in letters that OCR does not read: how many stay visible, amid English, in a form's cell and alone.

The names are letters at random of a writing system. DejaVu, which the network that tells them never saw,
draws those that it has; the others are drawn by Noto, which it learned from. A name counts as visible where
less than 95 % of its ink is hidden. Names all of whose letters are drawn like Latin ones are counted apart:
no eye tells Cyrillic "Хосе" from "Xoce" either. Pages that are held back count for nothing. There is no peer:
presidio-image-redactor has no answer to letters that tesseract was not told to read.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from measure import by_name, share
from PIL import Image, ImageDraw, ImageFont

from omnigov.contracts import Limits, Quarantined, RedactionProfile
from workers.redaction.kinds.picture import redact
from workers.redaction.reading.writing.samples import EVERYDAY
from workers.weights import datasets

# Each with its letters, a run of Unicode's; those of DejaVu first.
UNSEEN_FONT = {
    "Arabic": EVERYDAY["ARABIC"],
    "Armenian": range(0x0561, 0x0587),
    "Armenian capitals": range(0x0531, 0x0557),
    "Cyrillic": range(0x0430, 0x0450),
    "Cyrillic capitals": range(0x0410, 0x0430),
    "Georgian": EVERYDAY["GEORGIAN"],
    "Greek": range(0x03B1, 0x03CA),
    "Greek capitals": range(0x0391, 0x03AA),
    "Hebrew": EVERYDAY["HEBREW"],
    "Lao": range(0x0E94, 0x0EAF),
    "NKo": range(0x07CA, 0x07EA),
    "Tifinagh": range(0x2D30, 0x2D66),
}
LEARNED_FONT = {
    "Bengali": range(0x0995, 0x09B0),
    "Cherokee": range(0x13A0, 0x13F5),
    "Devanagari": range(0x0915, 0x0930),
    "Ethiopic": range(0x1200, 0x1240),
    "Gujarati": range(0x0A95, 0x0AA9),
    "Gurmukhi": range(0x0A15, 0x0A29),
    "Kannada": range(0x0C95, 0x0CA9),
    "Khmer": range(0x1780, 0x17A2),
    "Malayalam": range(0x0D15, 0x0D29),
    "Myanmar": range(0x1000, 0x1021),
    "Sinhala": range(0x0D9A, 0x0DB2),
    "Tamil": range(0x0B95, 0x0BBA),
    "Telugu": range(0x0C15, 0x0C29),
    "Thai": range(0x0E01, 0x0E2F),
}
# Letters that are drawn as Latin letters or digits are: what is made of these alone can't be told.
TWINS = frozenset("авезокмнрстухьАВЕЗКМНОРСТУХικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧօոսհզցյՕՍՏԼⵔⵏⵍⵝסוןᎠᎡᎢᎪᎫᎳᎷᎻᏃᏔᏚᏞᏟᏢᏦ")
CONTEXTS = ("in a sentence", "in a cell", "alone")
SIZES = (14, 20, 30, 40)
SENTENCES = (
    "The parcel went to {} on the bus",
    "We saw {} at the gate today",
    "Driver {} left the yard at noon",
    "{} was here for the repair",
)
ROWS = 6
TEXT = RedactionProfile(faces=False, codes=False, seals=False, screens=False)

Mask = npt.NDArray[np.bool_]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--writing-sizes", nargs="+", type=int, default=SIZES, help="writing: letters, px")


def run(options: argparse.Namespace) -> dict[str, Any]:
    dice = random.Random(options.seed)
    systems, contexts, hidden = list[str](), list[str](), list[bool]()
    unseen, alike, held_back = list[bool](), list[bool](), 0
    for name in (*UNSEEN_FONT, *LEARNED_FONT):
        for context in CONTEXTS:
            for size in options.writing_sizes:
                page, names = _page(name, context, size, dice)
                covered = _covered(page, [mask for _, mask in names])
                if covered is None:
                    held_back += 1
                    continue
                for (text, _), done in zip(names, covered, strict=True):
                    if TWINS.issuperset(text):
                        alike.append(done)
                        continue
                    systems.append(name)
                    contexts.append(context)
                    hidden.append(done)
                    if name in UNSEEN_FONT:
                        unseen.append(done)
    return {
        "material": "names of random letters on white, six on a page",
        "seed": options.seed,
        "letter_heights": list(options.writing_sizes),
        "hidden": share(sum(hidden), len(hidden)),
        "hidden_in_a_font_never_learned_from": share(sum(unseen), len(unseen)),
        "hidden_of_those_drawn_like_latin_letters": share(sum(alike), len(alike)),
        "pages_held_back": held_back,
        "hidden_by_writing_system": by_name(systems, hidden),
        "hidden_by_context": by_name(contexts, hidden),
    }


def _covered(page: Image.Image, names: list[Mask]) -> list[bool] | None:
    """For each name whether its ink is hidden; None where the page is held back."""
    stream = io.BytesIO()
    page.save(stream, "PNG")
    try:
        _, result = redact(stream.getvalue(), TEXT, Limits())
    except Quarantined:
        return None
    hidden = np.zeros((page.height, page.width), np.bool_)
    for finding in result.findings:
        hidden[finding.area.top : finding.area.bottom, finding.area.left : finding.area.right] = True
    return [bool(hidden[name].mean() >= 0.95) for name in names]


def _page(
    name: str, context: str, size: int, dice: random.Random
) -> tuple[Image.Image, list[tuple[str, Mask]]]:
    """A page with a name a row; each name with its ink."""
    latin = ImageFont.truetype(_dejavu(), size)
    font = latin if name in UNSEEN_FONT else ImageFont.truetype(_noto(name), size)
    page = Image.new("RGB", (40 * size, 3 * ROWS * size + size), "white")
    pen = ImageDraw.Draw(page)
    names = []
    for row in range(ROWS):
        text = _name(name, dice)
        before, after = dice.choice(SENTENCES).split("{}") if context == "in a sentence" else ("", "")
        x, y = 2.0 * size, (1.2 + 3 * row) * size
        if context == "in a cell":
            for left, right in ((1, 9), (9, 39)):
                pen.rectangle((left * size, y - 0.7 * size, right * size, y + 2.3 * size), outline="black")
            pen.text((x, y), dice.choice(("Remarks", "Vehicle", "Order", "Notes")), "black", latin)
            x = 10.0 * size
        pen.text((x, y), before, "black", latin)
        x += latin.getlength(before)
        ink = Image.new("L", page.size)
        ImageDraw.Draw(ink).text((x, y), text, 255, font)
        pen.text((x, y), text, "black", font)
        pen.text((x + font.getlength(text), y), after, "black", latin)
        names.append((text, np.asarray(ink) > 100))
    return page, names


def _name(system: str, dice: random.Random) -> str:
    points = (UNSEEN_FONT | LEARNED_FONT)[system]
    letters = [chr(point) for point in points if unicodedata.category(chr(point)).startswith("L")]
    return "".join(dice.choices(letters, k=dice.randint(4, 8)))


def _dejavu() -> str:
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf")


def _noto(system: str) -> str:
    file = re.compile(rf"NotoSans{system}-Regular\.ttf")
    return str(
        next(path for path in datasets.path("fonts-noto-core").rglob("*.ttf") if file.match(path.name))
    )
