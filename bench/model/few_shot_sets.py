"""The sets that few-shot adaptation is measured on, and which of their pictures are held out.

Written down before anything was measured. What is held out follows from names alone: no picture is opened
to decide it, and nothing of the model has a part in it. All else is development, from which the few
examples are drawn.

* `stamps`: the twelve kinds of Tux Paint's stamps; held out as training holds them out, by group.
* `fashion`: Fashion-MNIST's ten kinds; its authors' own test pictures, of which the first hundred of each.
* `textile`: simulated cloth, good, with local and with global defects; by number, so that pictures which one
  simulation may have made alike lie on one side.
* `clip_art`: Debian's clip art by its twelve folders, on the sides of `workers/alignment/sides.tsv`: neither
  what is asked nor the examples, which are its development pictures, had a part in the shared space.
* `solar`: cells of solar panels, good (probability of a defect below a half) or defective; by runs of sixty
  in the order of the file, which is how many cells a panel has. For evaluation alone: CC BY-NC-SA.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from workers.alignment.command import stamps_of
from workers.alignment.features import draw
from workers.alignment.gathered import gather
from workers.alignment.sides import HELD_OUT as HELD_OUT_SIDE
from workers.alignment.sides import read_sides
from workers.alignment.views import picture_of, plain_view
from workers.weights import datasets

HELD_OUT = 0.3
TAXONOMIES = Path(__file__).with_name("held_out_taxonomies.json")
FASHION = (
    ("top", "T-shirt or top"),
    ("trouser", "trousers"),
    ("pullover", "pullover"),
    ("dress", "dress"),
    ("coat", "coat"),
    ("sandal", "sandal"),
    ("shirt", "shirt"),
    ("sneaker", "sneaker"),
    ("bag", "bag"),
    ("boot", "ankle boot"),
)
TEXTILE = (
    ("good", "faultless cloth"),
    ("local", "cloth with a local defect"),
    ("global", "cloth with a global defect"),
)
SOLAR = (("good", "functional solar cell"), ("defective", "defective solar cell"))
PANEL = 60  # cells


@dataclass(frozen=True)
class Picture:
    name: str
    label: str
    held_out: bool
    read: Callable[[], np.ndarray]  # RGB, uint8


@dataclass(frozen=True)
class Labelled:
    """A set: its question, its labels with the words that are scored, and its pictures."""

    name: str
    question: str
    labels: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...]


def held_out(group: str) -> bool:
    """Three of ten groups, by their names' digest."""
    return int(hashlib.sha256(f"few-shot:{group}".encode()).hexdigest()[:8], 16) / 2**32 < HELD_OUT


def rgb(file: Path) -> np.ndarray:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))


def stamps() -> Labelled:
    parts = stamps_of(None)
    pictures = [
        Picture(stamp.file.name, stamp.kind, side, lambda stamp=stamp: plain_view(picture_of(stamp), 224))
        for side, some in ((False, parts.training), (True, parts.held_out))
        for stamp in some
    ]
    kinds = sorted({each.label for each in pictures})
    question = "What kind of thing does this picture show?"
    return Labelled("stamps", question, tuple((kind, kind) for kind in kinds), tuple(pictures))


def fashion() -> Labelled:
    folder = datasets.path("dataset-fashion-mnist")
    pictures = []
    for part, side, most in (("train", False, 400), ("t10k", True, 100)):
        shown = np.frombuffer(
            gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())[16:], "u1"
        )
        shown = shown.reshape(-1, 28, 28)
        labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())[8:]
        taken: dict[int, int] = defaultdict(int)
        for number, label in enumerate(labels):
            if taken[label] == most:
                continue
            taken[label] += 1
            # White things on black: turned round, they are as a shop shows them.
            read = lambda drawn=shown[number]: np.repeat(255 - drawn[:, :, None], 3, 2)  # noqa: E731
            pictures.append(Picture(f"{part}-{number}", FASHION[label][0], side, read))
    return Labelled("fashion", "What piece of clothing is this?", FASHION, tuple(pictures))


def textile() -> Labelled:
    folder = datasets.path("conformal-clip-data")
    pictures = [
        Picture(f"{label}-{file.stem}", label, held_out(file.stem), lambda file=file: rgb(file))
        for label, kind in (("good", "nominal"), ("local", "local"), ("global", "global"))
        for file in sorted((folder / kind).glob("*.jpg"))
    ]
    return Labelled("textile", "Is this cloth faultless or defective?", TEXTILE, tuple(pictures))


def solar() -> Labelled:
    folder = datasets.path("elpv-dataset")
    pictures = []
    for number, line in enumerate((folder / "labels.csv").read_text().splitlines()):
        name, probability, _ = line.split()
        label = "defective" if float(probability) > 0.5 else "good"
        side = held_out(f"panel-{number // PANEL}")
        pictures.append(Picture(name, label, side, lambda file=folder / name: rgb(file)))
    return Labelled("solar", "Is this solar cell functional or defective?", SOLAR, tuple(pictures))


def clip_art() -> Labelled:
    written = json.loads(TAXONOMIES.read_text(encoding="utf-8"))
    chosen = written["sets"]["clip art: categories"]
    sides = read_sides()
    pictures = [
        Picture(
            one.name,
            one.classes[chosen["class"]],
            sides[one.name] == HELD_OUT_SIDE,
            lambda one=one: plain_view(draw(one), 224),
        )
        for one in gather()
        if one.source == chosen["source"]
        and one.classes.get(chosen["class"]) in chosen["labels"]
        and sides.get(one.name) in (HELD_OUT_SIDE, "development")
    ]
    return Labelled("clip_art", written["question"], tuple(chosen["labels"].items()), tuple(pictures))


DATA = {
    "stamps": "tuxpaint-stamps-default",
    "clip_art": "openclipart-svg",
    "fashion": "dataset-fashion-mnist",
    "textile": "conformal-clip-data",
    "solar": "elpv-dataset",
}
"""Which data set each is made of, as `omnigov data` names it."""

SETS: dict[str, Callable[[], Labelled]] = {
    "stamps": stamps,
    "clip_art": clip_art,
    "fashion": fashion,
    "textile": textile,
    "solar": solar,
}
