"""Licence plates by the geometry of their text: how many are covered, by country and by letter height.

Plates are drawn, bent by perspective, blurred and set into pictures of vehicles on asphalt. A plate counts as
covered where 95 % of the ink of its signs is. Beside them the same vehicles with a part's number, a word or
nothing: what is called a plate there is a false one. There is no peer: no plate reader's weights come in a
package that may be handed on.
"""

from __future__ import annotations

import argparse
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from measure import by_name, share
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from omnigov.contracts import RedactionProfile
from workers.redaction.core.picture import Picture
from workers.redaction.detectors.text_in_pictures import TextInPictures
from workers.weights import datasets

VEHICLES = (
    "vehicles/auto/beetle.png",
    "vehicles/auto/sportscar2.png",
    "vehicles/auto/sedan.png",
    "vehicles/auto/truck.png",
    "vehicles/garbagetruck.png",
)
HEIGHTS = (14, 20, 28, 40)  # of the plate's large letters, in pixels
SIZE = (960, 720)
COVERED = 0.95
KANA = "さすせそたちつてとなにぬねのはひふほまみむめもやゆらりるろ"
REGIONS = ("品川", "横浜", "名古屋", "なにわ", "札幌", "福岡", "世田谷", "袖ヶ浦", "つくば", "富士山")

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Sign:
    """A plate or a sticker before it is set into the picture: what stands where, in letter heights."""

    width: float
    height: float
    texts: tuple[tuple[str, float, float, float], ...]  # text, middle x, middle y, its height
    ground: tuple[int, int, int]
    ink: tuple[int, int, int]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plates", type=int, default=6, help="plates: pictures of each form and letter height"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    dice = random.Random(options.seed)
    detector, profile = TextInPictures(), RedactionProfile()
    forms, heights, covered = list[str](), list[str](), list[bool]()
    for form, make in PLATES.items():
        for height in HEIGHTS:
            for _ in range(options.plates):
                pixels, ink = _scene(make(dice), height, dice)
                hidden = np.zeros(ink.shape, np.bool_)
                for finding in detector.find(Picture(pixels, profile)):
                    box = finding.area
                    hidden[box.top : box.bottom, box.left : box.right] = True
                forms.append(form)
                heights.append(f"{height} px")
                covered.append(bool(hidden[ink].mean() >= COVERED))
    called, others = list[bool](), list[str]()
    for what, make_other in OTHERS.items():
        for height in HEIGHTS:
            for _ in range(options.plates):
                pixels, _ = _scene(make_other(dice), height, dice)
                found = detector.find(Picture(pixels, profile))
                called.append(any(finding.kind == "LICENCE_PLATE" for finding in found))
                others.append(what)
    return {
        "material": "drawn plates set into pictures of vehicles, 960 × 720",
        "seed": options.seed,
        "covered": share(sum(covered), len(covered)),
        "covered_by_form": by_name(forms, covered),
        "covered_by_letter_height": by_name(heights, covered),
        "called_a_plate": share(sum(called), len(called)),
        "called_a_plate_by_what_it_is": by_name(others, called),
    }


# --- what is drawn -------------------------------------------------------------------------------------


def _digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.digits, k=count))


def _letters(dice: random.Random, count: int) -> str:
    return "".join(dice.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=count))


def _japanese(dice: random.Random) -> Sign:
    region, kana = dice.choice(REGIONS), dice.choice(KANA)
    number = dice.choice(
        (f"{_digits(dice, 2)}-{_digits(dice, 2)}", f"・{_digits(dice, 1)}-{_digits(dice, 2)}")
    )
    texts = ((f"{region} {dice.choice('35')}{_digits(dice, 2)}", 2.6, 0.6, 0.55), (kana, 0.5, 1.7, 0.55))
    ground, ink = dice.choice((((250, 250, 245), (20, 90, 50)), ((245, 205, 40), (20, 20, 20))))
    return Sign(5.2, 2.6, (*texts, (number, 3.0, 1.75, 1.0)), ground, ink)


def _line(text: str, ground: tuple[int, int, int] = (250, 250, 248)) -> Sign:
    return Sign(
        0.68 * len(text) + 0.8, 1.5, ((text, 0.34 * len(text) + 0.4, 0.75, 1.0),), ground, (20, 20, 25)
    )


def _british(dice: random.Random) -> Sign:
    return _line(f"{_letters(dice, 2)}{_digits(dice, 2)} {_letters(dice, 3)}", (245, 210, 60))


def _german(dice: random.Random) -> Sign:
    return _line(
        f"{_letters(dice, dice.randint(1, 3))} {_letters(dice, 2)} {_digits(dice, dice.randint(2, 4))}"
    )


def _american(dice: random.Random) -> Sign:
    return _line(
        dice.choice(
            (
                f"{_digits(dice, 1)}{_letters(dice, 3)}{_digits(dice, 3)}",
                f"{_letters(dice, 3)}-{_digits(dice, 4)}",
            )
        )
    )


def _part(dice: random.Random) -> Sign:
    return _line(
        dice.choice(
            (
                f"{_letters(dice, 2)}{_digits(dice, 4)}-{_digits(dice, 1)}",
                f"M8 x {_digits(dice, 2)}",
                f"No. {_digits(dice, 3)}",
                f"{_letters(dice, 1)}{_digits(dice, 5)}",
            )
        ),
        (190, 190, 195),
    )


def _words(dice: random.Random) -> Sign:
    return _line(dice.choice(("TURBO", "DIESEL", "4 x 4", "HYBRID", "MAX 80", "EXPRESS", "充電中", "危険物")))


def _nothing(_: random.Random) -> Sign:
    return Sign(4, 1.5, (), (190, 190, 195), (20, 20, 25))


PLATES: dict[str, Callable[[random.Random], Sign]] = {
    "Japan": _japanese,
    "United Kingdom": _british,
    "Germany": _german,
    "USA": _american,
}
OTHERS: dict[str, Callable[[random.Random], Sign]] = {
    "a part's number": _part,
    "a word": _words,
    "nothing": _nothing,
}


# --- the scene -----------------------------------------------------------------------------------------


def _scene(sign: Sign, height: int, dice: random.Random) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    """A vehicle with the sign on it, RGB [720, 960, 3], and where the ink of the sign's text lies."""
    noise = np.random.default_rng(dice.randrange(2**32))
    ground = noise.normal(96, 9, (SIZE[1], SIZE[0], 1)) + np.linspace(40, -20, SIZE[1])[:, None, None]
    scene = Image.fromarray(np.clip(np.repeat(ground, 3, axis=2), 0, 255).astype(np.uint8)).convert("RGB")
    file = datasets.path("tuxpaint-stamps-default") / dice.choice(VEHICLES)
    vehicle = Image.open(file).convert("RGBA")
    vehicle = vehicle.resize((640, round(640 * vehicle.height / vehicle.width)), Image.Resampling.LANCZOS)
    left, top = (SIZE[0] - 640) // 2, (SIZE[1] - vehicle.height) // 2
    scene.paste(vehicle, (left, top), vehicle)
    plate, ink = _drawn(sign, 4 * height)
    width, tall = sign.width * height, sign.height * height
    x, y = dice.uniform(0.3, 0.6) * SIZE[0], top + 0.7 * vehicle.height
    bend = [dice.uniform(-0.06, 0.06) * width for _ in range(8)]
    turn = np.deg2rad(dice.uniform(-6, 6))
    corners = np.array([(0, 0), (width, 0), (width, tall), (0, tall)]) + np.reshape(bend, (4, 2)) * (1, 0.5)
    around = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + (
        x - width / 2,
        y,
    )
    source = np.array([(0, 0), (plate.width, 0), (plate.width, plate.height), (0, plate.height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, around.astype(np.float32))
    layers = [
        cv2.warpPerspective(np.asarray(each), matrix, SIZE, flags=cv2.INTER_AREA) for each in (plate, ink)
    ]
    where = cv2.warpPerspective(np.full((plate.height, plate.width), 255, np.uint8), matrix, SIZE)
    pixels = np.asarray(scene).copy()
    pixels[where > 127] = layers[0][where > 127]
    blurred = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(dice.uniform(0.2, 0.9)))
    return np.asarray(blurred).copy(), layers[1] > 127


def _drawn(sign: Sign, scale: int) -> tuple[Image.Image, Image.Image]:
    """The sign from straight ahead, at `scale` pixels a letter height, and its ink alone."""
    size = (round(sign.width * scale), round(sign.height * scale))
    plate, ink = Image.new("RGB", size, sign.ground), Image.new("L", size, 0)
    ImageDraw.Draw(plate).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=(60, 60, 60), width=scale // 14)
    for text, x, y, tall in sign.texts:
        font = _font(round(1.3 * tall * scale))
        for image, colour in ((plate, sign.ink), (ink, 255)):
            ImageDraw.Draw(image).text((x * scale, y * scale), text, colour, font, anchor="mm")
    return plate, ink


def _font(size: int) -> ImageFont.FreeTypeFont:
    """The Japanese font that the reports are set in."""
    spec = find_spec("matplotlib_fontja")
    assert spec is not None
    assert spec.origin is not None
    return ImageFont.truetype(str(Path(spec.origin).parent / "fonts" / "ipaexg.ttf"), size)
