"""Forms of the held-out sets: layouts of their own for each part, drawn and spoiled as scans are."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from form_scans import MANNERS, scan
from form_sheet import Pen, Sheet
from forms import Form, fonts

Field = dict[str, Any]  # label, asked, value, kind
Layout = Callable[[Pen, list[Field]], None]
WIDTH = 44  # letters
LIKE = (
    "clean, 24 px",
    "worn, 14 px",
    "JPEG 40, 14 px",
    "photographed, 20 px",
    "noise, 16 px",
    "clean, 14 px",
)


def drawn(part: str, seed: int, made: list[dict[str, Any]]) -> Iterator[tuple[Form, list[Field]]]:
    """Each list of fields as a form, layouts and manners in turn"""
    prints, _ = fonts()
    layouts = DEVELOPMENT if part == "development" else HELD_OUT
    turns = {"ja": 0, "en": 0}
    for one in made:
        language, turn = one["language"], turns[one["language"]]
        turns[language] += 1
        name = list(layouts)[turn % len(layouts)]
        manner = LIKE[(turn + turn // len(layouts)) % len(LIKE)]
        size = MANNERS[manner].size
        dice = random.Random(f"{seed} {part} {language} {turn}")
        font = prints[language][turn % len(prints[language])]
        pen = Pen(WIDTH * size, (4 * len(one["fields"]) + 6) * size, size, font, font)
        layouts[name](pen, one["fields"])
        sheet = _trimmed(pen.sheet, size)
        content, owner = scan(sheet, MANNERS[manner], dice)
        yield Form(name, language, manner, content, owner, sheet.texts), one["fields"]


def _trimmed(sheet: Sheet, size: int) -> Sheet:
    """Without the empty paper below the last line."""
    rows = sheet.owner.any(axis=1).nonzero()[0]
    bottom = min(sheet.owner.shape[0], int(rows[-1]) + 3 * size)
    cropped = sheet.image.crop((0, 0, sheet.image.width, bottom))
    return Sheet(cropped, sheet.owner[:bottom].copy(), sheet.texts)


def _fit(pen: Pen, words: str, wide: float) -> float:
    """A smaller scale for a label that would not fit."""
    return min(1.0, wide / max(1.0, pen.wide(words)))


# --- development ---------------------------------------------------------------------------------------


def pairs(pen: Pen, fields: list[Field]) -> None:
    """A label and its value side by side in ruled cells."""
    size, y = pen.size, 2.0 * pen.size
    for field in fields:
        pen.frame(2 * size, y, 42 * size, y + 2.2 * size)
        pen.line(16 * size, y, 16 * size, y + 2.2 * size)
        pen.label(2.5 * size, y + 0.5 * size, field["label"], _fit(pen, field["label"], 13 * size))
        pen.value(16.6 * size, y + 0.5 * size, field["value"], field["kind"])
        y += 2.2 * size


def stacked(pen: Pen, fields: list[Field]) -> None:
    """A label, below it the value, below that a line."""
    size, y = pen.size, 2.0 * pen.size
    for field in fields:
        pen.label(3 * size, y, field["label"], 0.85)
        pen.value(3.4 * size, y + 1.5 * size, field["value"], field["kind"])
        pen.line(3 * size, y + 2.9 * size, 36 * size, y + 2.9 * size)
        y += 3.8 * size


# --- held out ------------------------------------------------------------------------------------------


def boxes(pen: Pen, fields: list[Field]) -> None:
    """Two cells to a row, each with a numbered small label above its value."""
    size, y = pen.size, 2.0 * pen.size
    for place, field in enumerate(fields):
        x = (2 if place % 2 == 0 else 22) * size
        pen.frame(x, y, x + 20 * size, y + 3.4 * size)
        label = f"{place + 1}. {field['label']}"
        pen.label(x + 0.4 * size, y + 0.3 * size, label, min(0.8, _fit(pen, label, 18 * size)))
        scale = _fit(pen, field["value"], 18.6 * size)
        _value(pen, x + 0.7 * size, y + 1.6 * size, field, scale)
        y += 3.4 * size if place % 2 else 0


def below(pen: Pen, fields: list[Field]) -> None:
    """The value on a line, what it is below the line."""
    size, y = pen.size, 2.0 * pen.size
    for field in fields:
        pen.value(4 * size, y, field["value"], field["kind"])
        pen.line(3 * size, y + 1.4 * size, 34 * size, y + 1.4 * size)
        pen.label(4 * size, y + 1.6 * size, field["label"], 0.75)
        y += 3.6 * size


def leaders(pen: Pen, fields: list[Field]) -> None:
    """Dots lead from the label to the value."""
    size, y = pen.size, 2.0 * pen.size
    for field in fields:
        x = pen.label(2 * size, y, field["label"], _fit(pen, field["label"], 17 * size)) + 0.5 * size
        while x < 19.5 * size:
            pen.frame(x, y + size, x + 1, y + size + 1)
            x += 0.6 * size
        pen.value(20.4 * size, y, field["value"], field["kind"])
        y += 2.2 * size


def combs(pen: Pen, fields: list[Field]) -> None:
    """Numbers and readings stand a sign a cell, all else in one box."""
    size, y = pen.size, 2.0 * pen.size
    for field in fields:
        pen.label(2 * size, y + 0.5 * size, field["label"], _fit(pen, field["label"], 12 * size))
        x = 14.5 * size
        if field["asked"] in ("phone", "number", "account", "post", "kana") and len(field["value"]) <= 18:
            for sign in field["value"]:
                pen.frame(x, y, x + 1.5 * size, y + 2 * size)
                if sign != " ":
                    pen.value(x + 0.3 * size, y + 0.4 * size, sign, field["kind"])
                x += 1.5 * size
        else:
            pen.frame(x, y, 42 * size, y + 2 * size)
            pen.value(x + 0.5 * size, y + 0.4 * size, field["value"], field["kind"])
        y += 2.8 * size


def four_columns(pen: Pen, fields: list[Field]) -> None:
    """Label, value, label, value in one ruled row; what is long has a row of its own."""
    size, y, x = pen.size, 2.0 * pen.size, 2.0 * pen.size
    for field in fields:
        long = pen.wide(field["value"]) > 12.4 * size
        if x > 2 * size and long:
            x, y = 2.0 * size, y + 2.4 * size
        right = 42 * size if long else x + 20 * size
        pen.frame(x, y, right, y + 2.4 * size)
        pen.line(x + 7 * size, y, x + 7 * size, y + 2.4 * size)
        pen.label(x + 0.3 * size, y + 0.6 * size, field["label"], _fit(pen, field["label"], 6.4 * size))
        pen.value(x + 7.4 * size, y + 0.6 * size, field["value"], field["kind"])
        if long or x > 2 * size:
            x, y = 2.0 * size, y + 2.4 * size
        else:
            x += 20 * size


def brackets(pen: Pen, fields: list[Field]) -> None:
    """A label and its value in brackets behind it, in a list with marks."""
    size, y = pen.size, 2.0 * pen.size
    for field in fields:
        x = pen.label(2 * size, y, f"□ {field['label']} （", _fit(pen, field["label"], 16 * size))
        x = pen.value(x + 0.6 * size, y, field["value"], field["kind"])
        pen.label(x + 0.6 * size, y, "）")
        y += 2.4 * size


def _value(pen: Pen, x: float, y: float, field: Field, scale: float) -> None:
    """The value, broken into two lines where it is too wide for its cell."""
    if scale >= 1:
        pen.value(x, y, field["value"], field["kind"])
        return
    words = field["value"]
    half = len(words) // 2
    cut = min(
        (at for at, sign in enumerate(words) if sign == " "), key=lambda at: abs(at - half), default=half
    )
    pen.value(x, y - 0.3 * pen.size, words[:cut].strip(), field["kind"])
    pen.value(x, y + 0.75 * pen.size, words[cut:].strip(), field["kind"])


DEVELOPMENT: dict[str, Layout] = {"pairs": pairs, "stacked": stacked}
HELD_OUT: dict[str, Layout] = {
    "boxes": boxes,
    "below": below,
    "leaders": leaders,
    "combs": combs,
    "four columns": four_columns,
    "brackets": brackets,
}
