"""Lit screens: monitors, laptops, tablets and telephones set into photographs; and what looks like one.

No package carries photographs of screens with their places, so devices are drawn, with what they show, and
laid in perspective into real photographs: with glare, blur, noise and JPEG. A screen is hidden where 95 % of
what is lit is covered. Beside them: paper, whiteboards, windows and framed pictures laid into the same
photographs, real photographs without a screen, scans and screenshots, of which nothing should be hidden.
There is no peer.
Tune on `--screen-split development`: other photographs, contents and dice.
"""

from __future__ import annotations

import argparse
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from face_pictures import SAMPLES, corners, mask_of, without_faces
from measure import share
from PIL import Image

from omnigov.contracts import Limits, RedactionProfile
from workers.media.picture import Pixels, decode
from workers.redaction.core.picture import Picture
from workers.redaction.detectors.screens import Screens
from workers.weights import datasets

COVERED = 0.95
SIZE = (1280, 960)
GROUNDS = {
    "held-out": (
        "data/aloeL.jpg",
        "data/building.jpg",
        "data/leuvenB.jpg",
        "data/board.jpg",
        "text/scenetext04.jpg",
    ),
    "development": ("data/graf1.png", "data/right.jpg", "data/rubberwhale1.png", "text/scenetext05.jpg"),
}
PHOTOGRAPHS = {
    "held-out": ("data/apple.jpg", "hfs/data/002.jpg"),
    "development": ("data/fruits.jpg", "data/butterfly.jpg"),
}
# Width over height, frame in shares of the shorter side, how much broader below, rounding of the corners.
DEVICES = {
    "monitor": (16 / 9, (0.025, 0.06), (1.0, 2.2), 0.0),
    "laptop": (16 / 10, (0.03, 0.06), (1.5, 2.5), 0.0),
    "tablet": (3 / 4, (0.06, 0.11), (1.0, 1.0), 0.03),
    "telephone": (9 / 19, (0.03, 0.07), (1.0, 1.0), 0.10),
}
SHOWN = ("mail", "form", "photograph", "map", "dark page")
LOOKALIKES = ("paper", "whiteboard", "window", "picture in a dark frame")


@dataclass(frozen=True)
class Scene:
    kind: str
    shows: str
    pixels: Pixels
    lit: npt.NDArray[np.float64] | None  # corners of the screen, none where there is none


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--screen-split", choices=tuple(GROUNDS), default="held-out", help="screens")
    parser.add_argument(
        "--screen-count", type=int, default=12, help="screens: of each device with each content"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    detector, profile = Screens(), RedactionProfile()

    def boxes(pixels: Pixels) -> list[tuple[int, int, int, int]]:
        found = detector.find(Picture(pixels, profile))
        return [(each.area.left, each.area.top, each.area.right, each.area.bottom) for each in found]

    scenes = list(devices(options.screen_split, options.seed, options.screen_count))
    hidden = [_covered(scene, boxes(scene.pixels)) >= COVERED for scene in scenes]
    answer: dict[str, Any] = {
        "material": "drawn devices in photographs; what looks like a screen; photographs, scans, screenshots",
        "split": options.screen_split,
        "seed": options.seed,
        "hidden": share(sum(hidden), len(hidden)),
        "by_device": _by(scenes, hidden, lambda scene: scene.kind),
        "by_content": _by(scenes, hidden, lambda scene: scene.shows),
        "hidden_for_no_reason": {},
    }
    for kind, pictures in nothing_to_hide(options.screen_split, options.seed, options.screen_count).items():
        counts = [len(boxes(pixels)) for pixels in pictures]
        answer["hidden_for_no_reason"][kind] = share(sum(count > 0 for count in counts), len(counts))
    return answer


def _covered(scene: Scene, found: list[tuple[int, int, int, int]]) -> float:
    assert scene.lit is not None
    lit = mask_of(scene.lit, scene.pixels.shape)
    hidden = np.zeros_like(lit)
    for left, top, right, bottom in found:
        hidden[top:bottom, left:right] = True
    return float(hidden[lit].mean())


def _by(scenes: list[Scene], hidden: list[bool], name: Callable[[Scene], str]) -> dict[str, Any]:
    names = [name(scene) for scene in scenes]
    return {
        each: share(sum(h for n, h in zip(names, hidden, strict=True) if n == each), names.count(each))
        for each in dict.fromkeys(names)
    }


def devices(split: str, seed: int, count: int) -> Iterator[Scene]:
    for kind in DEVICES:
        for shows in SHOWN:
            for number in range(count):
                dice = random.Random(f"{seed} {split} {kind} {shows} {number}")
                device, lit = _device(kind, _content(shows, split, dice), dice)
                pixels, onto = laid(device, split, dice, shine=True)
                moved = cv2.perspectiveTransform(corners(lit)[None], onto)[0]
                yield Scene(kind, shows, pixels, moved)


def nothing_to_hide(split: str, seed: int, count: int) -> dict[str, list[Pixels]]:
    answer: dict[str, list[Pixels]] = {}
    for kind in LOOKALIKES:
        dice = random.Random(f"{seed} {split} {kind}")
        answer[kind] = [
            laid(_lookalike(kind, split, dice), split, dice, shine=False)[0] for _ in range(2 * count)
        ]
    answer["photographs"] = [pixels for _, pixels in without_faces(split)]
    folder = datasets.path("opencv-doc") / "data"
    cameras = "left" if split == "held-out" else "right"
    answer["photographs with a whiteboard"] = [
        decode(file.read_bytes(), Limits()) for file in sorted(folder.glob(f"{cameras}[01]*.jpg"))
    ]
    form = decode((SAMPLES / "form.png").read_bytes(), Limits())
    dice = random.Random(f"{seed} {split} scans")
    answer["scans of forms"] = [_photographed(form, dice) for _ in range(count)]
    answer["screenshots"] = [
        decode(_stored(_content(shows, split, dice), 90), Limits())
        for shows in SHOWN
        for _ in range(count // 4)
    ]
    return answer


# --- how they are drawn --------------------------------------------------------------------------------


def _content(shows: str, split: str, dice: random.Random) -> Pixels:
    """What a screen shows, 1280 × 800."""
    page = np.full((800, 1280, 3), 248, np.uint8)
    if shows == "form":
        form = decode((SAMPLES / "form.png").read_bytes(), Limits())
        top = dice.randint(0, max(0, form.shape[0] - 800))
        part = form[top : top + 800, :1280]
        page[: part.shape[0], : part.shape[1]] = part
        return page
    if shows == "photograph":
        name = dice.choice(PHOTOGRAPHS[split])
        picture = decode((datasets.path("opencv-doc") / name).read_bytes(), Limits())
        return np.asarray(cv2.resize(picture, (1280, 800)), np.uint8)
    if shows == "map":
        page[:] = (235, 232, 224)
        for _ in range(40):
            ends = [(dice.randint(-100, 1380), dice.randint(-100, 900)) for _ in "ab"]
            cv2.line(
                page, ends[0], ends[1], dice.choice([(255, 255, 255), (250, 220, 130)]), dice.randint(4, 14)
            )
        return page
    dark = shows == "dark page"
    ground, ink = ((24, 26, 32), (205, 205, 210)) if dark else ((248, 248, 250), (40, 40, 46))
    page[:] = ground
    bar = dice.choice([(30, 90, 190), (180, 40, 40), (20, 130, 90), (60, 60, 70)])
    cv2.rectangle(page, (0, 0), (1280, 56), bar, -1)
    if not dark:
        cv2.rectangle(page, (0, 56), (260, 800), (228, 230, 236), -1)
    for line in range(18):
        words = " ".join(
            "".join(dice.choices("abcdefghiklmnoprstuv", k=dice.randint(2, 9))) for _ in range(9)
        )
        cv2.putText(page, words, (300, 110 + 38 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.75, ink, 2)
    return page


def _device(kind: str, shown: Pixels, dice: random.Random) -> tuple[Pixels, list[int]]:
    """The device on transparent ground (RGBA), and where it is lit."""
    shape, frames, below, rounding = DEVICES[kind]
    short = 700
    wide, high = (round(short * shape), short) if shape > 1 else (short, round(short / shape))
    edge = round(dice.uniform(*frames) * short)
    chin = round(edge * dice.uniform(*below))
    extra = round(high * 0.5) if kind == "laptop" else round(high * 0.25) if kind == "monitor" else 0
    device = np.zeros((high + edge + chin + extra, wide + 2 * edge, 4), np.uint8)
    body = dice.randint(12, 50)
    outline = (0, 0, wide + 2 * edge - 1, high + edge + chin - 1)
    _rounded(device, outline, round(rounding * (wide + 2 * edge)), (body, body, body + 3, 255))
    if kind == "laptop":
        deck = dice.choice((30, 60, 150, 185))
        cv2.rectangle(
            device, (0, high + edge + chin), (device.shape[1], device.shape[0]), (deck, deck, deck, 255), -1
        )
        for row in range(4):
            for key in range(14):
                x = edge + round((key + 0.1) * wide / 14)
                y = high + edge + chin + round((row + 0.4) * extra / 6)
                cv2.rectangle(device, (x, y), (x + wide // 18, y + extra // 8), (25, 25, 28, 255), -1)
    if kind == "monitor":
        middle = device.shape[1] // 2
        cv2.rectangle(
            device,
            (middle - wide // 14, high + edge + chin),
            (middle + wide // 14, device.shape[0]),
            (40, 40, 42, 255),
            -1,
        )
    inside = cv2.resize(
        shown if shape > 1 else np.ascontiguousarray(shown[:, : round(800 * wide / high)]),
        (wide, high),
        None,
        0,
        0,
        3,
    )
    device[edge : edge + high, edge : edge + wide, :3] = inside
    return device, [edge, edge, edge + wide, edge + high]


def _rounded(onto: Pixels, box: tuple[int, int, int, int], radius: int, colour: tuple[int, ...]) -> None:
    left, top, right, bottom = box
    cv2.rectangle(onto, (left + radius, top), (right - radius, bottom), colour, -1)
    cv2.rectangle(onto, (left, top + radius), (right, bottom - radius), colour, -1)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(onto, (x, y), radius, colour, -1)


def _lookalike(kind: str, split: str, dice: random.Random) -> Pixels:
    """Paper, a whiteboard, a window or a picture, RGBA."""
    if kind == "paper":
        form = decode((SAMPLES / "form.png").read_bytes(), Limits())
        return np.dstack([form, np.full(form.shape[:2], 255, np.uint8)])
    thing = np.full((800, 1200, 4), 255, np.uint8)
    if kind == "whiteboard":
        thing[:, :, :3] = dice.randint(215, 245)
        for line in range(5):
            hand = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX
            ink = dice.choice([(30, 30, 160), (20, 20, 20), (170, 30, 30)])
            cv2.putText(
                thing,
                "plan of the week"[: dice.randint(6, 16)],
                (90, 150 + 130 * line),
                hand,
                3,
                (*ink, 255),
                5,
            )
        frame = dice.randint(130, 190)
        cv2.rectangle(thing, (0, 0), (1199, 799), (frame, frame, frame, 255), 2 * dice.randint(12, 24))
        return thing
    if kind == "window":
        sky = np.linspace(245, 200, 800)[:, None] * np.array([0.86, 0.94, 1.0])
        thing[:, :, :3] = np.clip(sky, 0, 255)[:, None].astype(np.uint8)
        bars, dark = dice.randint(14, 40), dice.randint(25, 70)
        columns, rows = dice.choice(((2, 1), (2, 2), (3, 2), (2, 3)))
        for column in range(columns + 1):
            cv2.line(
                thing,
                (1200 * column // columns, 0),
                (1200 * column // columns, 800),
                (dark, dark, dark, 255),
                bars,
            )
        for row in range(rows + 1):
            cv2.line(thing, (0, 800 * row // rows), (1200, 800 * row // rows), (dark, dark, dark, 255), bars)
        return thing
    thing[:, :, :3] = cv2.resize(_content("photograph", split, dice), (1200, 800))
    dark = dice.randint(15, 50)
    cv2.rectangle(thing, (0, 0), (1199, 799), (dark, dark, dark, 255), 2 * dice.randint(20, 40))
    return thing


def laid(
    thing: Pixels, split: str, dice: random.Random, *, shine: bool
) -> tuple[Pixels, npt.NDArray[np.float64]]:
    """The thing in perspective in a photograph, as a camera sees it; and where its pixels went, [3, 3]."""
    name = dice.choice(GROUNDS[split])
    photograph = decode((datasets.path("opencv-doc") / name).read_bytes(), Limits())
    ground = np.asarray(cv2.resize(photograph, SIZE), np.float32) * dice.uniform(0.5, 1.0)
    height, width = thing.shape[:2]
    scale = dice.uniform(0.25, 0.75) * min(SIZE[0] / width, SIZE[1] / height)
    flat = (corners([0, 0, width, height]) - [width / 2, height / 2]) * scale
    flat *= 1 + np.array([[dice.uniform(-0.12, 0.12) for _ in "xy"] for _ in range(4)])
    turn = np.radians(dice.uniform(-25, 25))
    flat = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    room = [(SIZE[axis] - np.ptp(flat[:, axis])) / 2 for axis in (0, 1)]
    centre = [SIZE[axis] / 2 + dice.uniform(-0.8, 0.8) * max(0.0, room[axis]) for axis in (0, 1)]
    target = flat - (flat.max(axis=0) + flat.min(axis=0)) / 2 + centre
    onto = cv2.getPerspectiveTransform(
        corners([0, 0, width, height]).astype(np.float32), target.astype(np.float32)
    )
    layer = cv2.warpPerspective(thing, onto, SIZE, flags=cv2.INTER_AREA).astype(np.float32)
    solid = layer[:, :, 3:] / 255
    colours = layer[:, :, :3] * (dice.uniform(0.85, 1.0) if shine else dice.uniform(0.6, 0.95))
    if shine and dice.random() < 0.4:
        rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
        streak = np.exp(-(((columns + rows * 0.6 - dice.uniform(300, 1300)) / 90) ** 2))
        colours += 45 * streak[:, :, None]
    picture = colours * solid + ground * (1 - solid)
    return _seen(picture, dice), np.asarray(onto, np.float64)


def _seen(picture: npt.NDArray[Any], dice: random.Random) -> Pixels:
    grain = np.random.default_rng(dice.getrandbits(32))
    soft = cv2.GaussianBlur(np.asarray(picture, np.float32), (0, 0), dice.uniform(0.5, 1.4))
    noisy = np.clip(soft + grain.normal(0, dice.uniform(2, 6), soft.shape), 0, 255).astype(np.uint8)
    return decode(_stored(noisy, dice.randint(70, 92)), Limits())


def _photographed(page: Pixels, dice: random.Random) -> Pixels:
    """A page that fills the picture, as a telephone takes it: shade, a dark edge here and there, noise."""
    shade = np.linspace(dice.uniform(0.6, 0.95), 1.0, page.shape[1])[None, :, None]
    above, left = (dice.choice((0, 25)) for _ in "ab")
    desk = np.full((page.shape[0] + above, page.shape[1] + left, 3), 38.0)
    desk[above:, left:] = page * shade
    return _seen(desk, dice)


def _stored(pixels: Pixels, quality: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return stream.getvalue()
