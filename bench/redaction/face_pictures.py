"""What the faces part is measured on: photographs turned and made smaller, portraits on cards, no faces."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from omnigov.contracts import Limits
from workers.media.picture import Pixels, decode
from workers.weights import datasets

TRUTH: dict[str, Any] = json.loads(Path(__file__).with_name("faces.json").read_text(encoding="utf-8"))
SAMPLES = Path(__file__).parents[2] / "samples"

ANGLES = range(0, 360, 30)  # degrees, anticlockwise
SIZES = (192, 96, 48, 24, 16, 12)  # pixels of the face box's shorter side, where it is larger; 0 as taken
GREY = (127, 127, 127)
DESK = (1600, 1200)  # pixels of a picture with a card on it
TILT = 0.12  # of the card's size: how far its corners are moved by the perspective

Points = npt.NDArray[np.float64]  # [points, 2]: x, y
Matrix = npt.NDArray[np.float64]  # [3, 3]


@dataclass(frozen=True)
class Case:
    """A picture with one face. `features` are the corners of what must be hidden, `upright` says how the
    third look sees it: degrees to turn it by, the box to cut from the turned picture, and the scale."""

    name: str
    angle: int
    size: int
    pixels: Pixels
    features: Points
    face: Points
    turn: float
    crop: tuple[float, float, float, float]


def photographs(split: str) -> Iterator[tuple[str, Pixels, dict[str, list[int]]]]:
    said = TRUTH[split]
    folder = SAMPLES if said["data"] == "samples" else datasets.path(said["data"])
    for name, boxes in said["photographs"].items():
        yield name, decode((folder / name).read_bytes(), Limits()), boxes


def without_faces(split: str) -> Iterator[tuple[str, Pixels]]:
    for data, names in TRUTH[split]["without_faces"].items():
        for name in names:
            yield f"{data}/{name}", decode((datasets.path(data) / name).read_bytes(), Limits())


def turned(split: str, sizes: tuple[int, ...], angles: list[int]) -> Iterator[Case]:
    """Each photograph at each size and angle, on a grey canvas that holds it whole."""
    for name, pixels, boxes in photographs(split):
        shorter = min(boxes["face"][2] - boxes["face"][0], boxes["face"][3] - boxes["face"][1])
        for size in sizes:
            scale = min(1.0, size / shorter) if size else 1.0
            for angle in angles:
                yield _turned(name, angle, size, pixels, boxes, scale)


def _turned(
    name: str, angle: int, size: int, pixels: Pixels, boxes: dict[str, list[int]], scale: float
) -> Case:
    full = pixels.shape[1], pixels.shape[0]
    width, height = (max(1, round(side * scale)) for side in full)
    small = np.asarray(
        cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else pixels, np.uint8
    )
    onto = np.vstack([cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0), [0, 0, 1]])
    share, other = abs(onto[0, 0]), abs(onto[0, 1])
    canvas = (
        math.ceil(width * share + height * other - 1e-6),
        math.ceil(width * other + height * share - 1e-6),
    )
    onto[:2, 2] += [(canvas[0] - width) / 2, (canvas[1] - height) / 2]
    picture = cv2.warpAffine(small, onto[:2], canvas, flags=cv2.INTER_LINEAR, borderValue=GREY)
    place = onto @ np.diag([width / full[0], height / full[1], 1.0])
    # Turned back on a canvas that holds it, the photograph is in the middle.
    back = math.radians(angle)
    across = canvas[0] * abs(math.cos(back)) + canvas[1] * abs(math.sin(back))
    down = canvas[0] * abs(math.sin(back)) + canvas[1] * abs(math.cos(back))
    left, top = (across - width) / 2, (down - height) / 2
    return Case(
        name,
        angle,
        size,
        np.asarray(picture, np.uint8),
        _through(place, corners(boxes["features"])),
        _through(place, corners(boxes["face"])),
        -angle,
        (left, top, left + width, top + height),
    )


def corners(box: list[int]) -> Points:
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def _through(matrix: Matrix, points: Points) -> Points:
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


def mask_of(points: Points, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(points * 16).astype(np.int32)], 1, shift=4)
    return mask > 0


# --- cards ---------------------------------------------------------------------------------------------

CARDS = {
    # Millimetres: the card's width and height, the portrait's left, top, width and height.
    "identity card": (85.6, 54.0, (5, 14, 24, 32)),
    "card, portrait right": (85.6, 54.0, (57, 12, 24, 30)),
    "passport page": (125.0, 88.0, (6, 16, 35, 45)),
}
DOTS = 12  # pixels a millimetre that cards are drawn at


def cards(split: str, seed: int, angles: list[int]) -> Iterator[Case]:
    """Portraits on cards that lie on a desk, in perspective: each kind at each angle, grey or faded."""
    people = [each for each in photographs(split) if "partial" not in each[0]]
    for number, kind in enumerate(CARDS):
        for place, angle in enumerate(angles):
            dice = random.Random(f"{seed} {split} {kind} {angle}")
            yield _card(kind, angle, people[(number + place) % len(people)], dice)


def _card(
    kind: str, angle: int, person: tuple[str, Pixels, dict[str, list[int]]], dice: random.Random
) -> Case:
    name, pixels, boxes = person
    width, height, (left, top, wide, high) = CARDS[kind]
    card = _blank(round(width * DOTS), round(height * DOTS), dice)
    cut = _portrait_of(boxes["face"], wide / high, pixels.shape)
    portrait = pixels[cut[1] : cut[3], cut[0] : cut[2]]
    size = (wide * DOTS, high * DOTS)
    card[top * DOTS : (top + high) * DOTS, left * DOTS : (left + wide) * DOTS] = _printed(
        portrait, size, dice
    )
    into = np.array(
        [
            [size[0] / (cut[2] - cut[0]), 0, left * DOTS - cut[0] * size[0] / (cut[2] - cut[0])],
            [0, size[1] / (cut[3] - cut[1]), top * DOTS - cut[1] * size[1] / (cut[3] - cut[1])],
            [0, 0, 1],
        ]
    )
    picture, onto = _on_desk(card, angle, dice)
    features = _through(onto @ into, corners(boxes["features"]))
    face = _through(onto @ into, corners(boxes["face"]))
    shorter = round(float(np.linalg.norm(face[1] - face[0])))
    across = DESK[0] * abs(math.cos(math.radians(angle))) + DESK[1] * abs(math.sin(math.radians(angle)))
    down = DESK[0] * abs(math.sin(math.radians(angle))) + DESK[1] * abs(math.cos(math.radians(angle)))
    # The third look sees the card and not the desk.
    middle = _through(_about(DESK, (across, down), -angle), face.mean(axis=0)[None])[0]
    reach = 3.0 * shorter
    crop = (middle[0] - reach, middle[1] - reach, middle[0] + reach, middle[1] + reach)
    return Case(f"{kind}, {name}", angle, shorter, picture, features, face, -angle, crop)


def _about(size: tuple[float, float], canvas: tuple[float, float], angle: float) -> Matrix:
    matrix = np.vstack([cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), angle, 1.0), [0, 0, 1]])
    matrix[:2, 2] += [(canvas[0] - size[0]) / 2, (canvas[1] - size[1]) / 2]
    return np.asarray(matrix, np.float64)


def _portrait_of(face: list[int], shape: float, picture: tuple[int, ...]) -> tuple[int, int, int, int]:
    """What a portrait shows: the head with some shoulder, the face about half of its width."""
    left, top, right, bottom = face
    wide = min(1.9 * (right - left), picture[1], picture[0] * shape)
    high = wide / shape
    x = min(max((left + right - wide) / 2, 0), picture[1] - wide)
    y = min(max((top + bottom) / 2 - 0.5 * high, 0), picture[0] - high)
    return round(x), round(y), round(x + wide), round(y + high)


def _printed(portrait: Pixels, size: tuple[int, int], dice: random.Random) -> Pixels:
    """As printers of cards do it: few lines a millimetre, little contrast, often without colour."""
    lines = dice.choice((6, 8, 11))
    coarse = cv2.resize(portrait, (size[0] * lines // DOTS, size[1] * lines // DOTS), None, 0, 0, 3)
    if dice.random() < 0.5:
        coarse = cv2.cvtColor(cv2.cvtColor(coarse, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    low = dice.uniform(10, 60)
    faded = low + np.asarray(coarse, np.float32) * (dice.uniform(190, 235) - low) / 255
    return np.asarray(cv2.resize(faded.astype(np.uint8), size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _blank(width: int, height: int, dice: random.Random) -> Pixels:
    """A card's ground with waves, a heading and lines that stand for its text."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    tint = np.array([dice.uniform(200, 240) for _ in range(3)], np.float32)
    waves = 7 * np.sin(columns / dice.uniform(9, 20) + 4 * np.sin(rows / dice.uniform(30, 60)))
    card = np.clip(tint + waves[:, :, None], 0, 255).astype(np.uint8)
    ink = (40, 44, 60)
    cv2.rectangle(
        card, (0, 0), (width, round(height * 0.14)), tuple(dice.randint(40, 160) for _ in "rgb"), -1
    )
    for line in range(6):
        start = (round(width * 0.44), round(height * (0.3 + 0.1 * line)))
        text = "".join(dice.choices("ABCDEFGHKLMNPRSTUVXYZ 0123456789", k=dice.randint(6, 16)))
        cv2.putText(card, text, start, cv2.FONT_HERSHEY_SIMPLEX, height / 750, ink, max(1, height // 400))
    return np.asarray(card, np.uint8)


def _on_desk(card: Pixels, angle: int, dice: random.Random) -> tuple[Pixels, Matrix]:
    """The card in perspective on a desk, turned, with shade and noise; and where its pixels went."""
    height, width = card.shape[:2]
    wide = dice.uniform(0.16, 0.55) * DESK[0]
    scale = wide / width
    centre = np.array([DESK[0] * dice.uniform(0.42, 0.58), DESK[1] * dice.uniform(0.42, 0.58)])
    turn = math.radians(-angle)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    flat = (corners([0, 0, width, height]) - [width / 2, height / 2]) * scale
    moved = flat + np.array([[dice.uniform(-TILT, TILT) * height * scale for _ in "xy"] for _ in range(4)])
    target = moved @ rotation.T + centre
    onto = cv2.getPerspectiveTransform(
        corners([0, 0, width, height]).astype(np.float32), target.astype(np.float32)
    )
    grain = np.random.default_rng(dice.getrandbits(32))
    desk = np.array([dice.uniform(60, 190) for _ in range(3)], np.float32)
    streaks = cv2.GaussianBlur(grain.normal(0, 60, DESK[::-1]).astype(np.float32), (0, 0), 25, sigmaY=2)
    ground = desk + streaks[:, :, None] * 3
    laid = cv2.warpPerspective(card, onto, DESK, flags=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(laid, (0, 0), max(0.3, 0.45 / max(scale, 0.2)))
    inside = mask_of(target, DESK[::-1])[:, :, None]
    picture = (
        np.where(inside, soft, ground)
        * np.linspace(dice.uniform(0.7, 1.0), 1.0, DESK[0], dtype=np.float32)[None, :, None]
    )
    picture += grain.normal(0, 4, picture.shape)
    stored = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    return np.asarray(stored, np.uint8), np.asarray(onto, np.float64)
