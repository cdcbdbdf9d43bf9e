"""Forms, clean to badly scanned: how much of what people wrote in them is hidden, and what else is.

Forms of eleven makes, Japanese and English, are drawn, filled with invented people and spoiled in twelve
manners. A value is covered where 98 % of its ink is. The peer, presidio-image-redactor with tesseract, gets
the same files. What is tuned is tuned on `--form-split development`: other names, labels and measures.
"""

from __future__ import annotations

import argparse
import io
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import peers
from form_layouts import LAYOUTS, Job, people_in_turn
from form_scans import MANNERS, scan
from form_sheet import EITHER, Text
from measure import share
from PIL import Image

from omnigov.contracts import Limits, Quarantined, RedactionProfile
from workers.redaction.kinds import picture
from workers.weights import datasets

COVERED = 0.98  # of a value's ink
TOUCHED = 0.5  # of the ink of what is not personal: hidden for no reason
PEOPLE = 400
TEXT_ONLY = RedactionProfile(faces=False, codes=False, seals=False, screens=False)
FILL = (255, 0, 255)  # the peer's, which no form has

Hidden = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Form:
    name: str
    language: str
    manner: str
    content: bytes
    owner: npt.NDArray[np.uint8]
    texts: list[Text]


@dataclass(frozen=True)
class Answer:
    """What a system hid; `first` without the second look; boxes where the system tells them."""

    hidden: Hidden
    first: Hidden
    boxes: list[tuple[int, int, int, int]]
    quarantined: bool = False


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--form-copies", type=int, default=1, help="forms: of each make in each manner")
    parser.add_argument("--form-split", choices=("held-out", "development"), default="held-out", help="forms")
    parser.add_argument("--form-manners", nargs="+", choices=MANNERS, default=list(MANNERS), help="forms")
    parser.add_argument("--form-makes", nargs="+", choices=LAYOUTS, default=list(LAYOUTS), help="forms")
    parser.add_argument("--form-no-peer", action="store_true", help="forms: leave the peer out")
    parser.add_argument(
        "--form-keep", type=Path, help="forms: a folder for the forms that leak, before and after"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    forms = list(drawn(options))
    said: dict[str, Any] = {
        "material": "drawn forms",
        "split": options.form_split,
        "seed": options.seed,
        "forms": len(forms),
        "systems": {"omnigov": measured(forms, ours(), options.form_keep)},
    }
    if options.form_no_peer:
        said["peer"] = "left out, as asked"
    elif shutil.which("tesseract") is None:
        said["peer"] = "not measured: tesseract is not installed (Debian: tesseract-ocr, tesseract-ocr-jpn)"
    else:
        said["systems"]["presidio-image-redactor with tesseract"] = measured(forms, theirs(forms), None)
    return said


# --- the material --------------------------------------------------------------------------------------


def drawn(options: argparse.Namespace) -> Iterator[Form]:
    """Each make in each manner, `copies` times: the same ones for the same seed."""
    people = peers.ask("form_people", {"seed": options.seed, "count": PEOPLE, "split": options.form_split})
    prints, hands = fonts()
    for place, (name, (language, layout)) in enumerate(LAYOUTS.items()):
        for number, (manner_name, manner) in enumerate(MANNERS.items()):
            for copy in range(options.form_copies):
                dice = random.Random(f"{options.seed} {options.form_split} {name} {manner_name} {copy}")
                print_font = prints[language][(place + number + copy) % len(prints[language])]
                job = Job(
                    size=manner.size,
                    dice=dice,
                    people=people_in_turn(people[language], dice),
                    print_font=print_font,
                    hand=hands if manner.hand else print_font,
                    held_out=options.form_split == "held-out",
                )
                if manner_name in options.form_manners and name in options.form_makes:
                    sheet = layout(job)
                    content, owner = scan(sheet, manner, dice)
                    yield Form(name, language, manner_name, content, owner, sheet.texts)


def fonts() -> tuple[dict[str, list[str]], str]:
    """Fonts to print with by language, and the one that looks written by hand."""

    def of(package: str, inside: str) -> str:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise FileNotFoundError(f"the font of {package} is not installed")
        return str(Path(spec.origin).parent / inside)

    gothic = of("matplotlib_fontja", "fonts/ipaexg.ttf")
    mincho = str(datasets.path("fonts-ipaexfont-mincho") / "ipaexm.ttf")
    latin = [of("matplotlib", f"mpl-data/fonts/ttf/{name}.ttf") for name in ("DejaVuSans", "DejaVuSerif")]
    return {"ja": [gothic, mincho], "en": latin}, str(datasets.path("fonts-seto") / "setofont.ttf")


# --- the systems ---------------------------------------------------------------------------------------

System = Callable[[int, Form], Answer]


def ours() -> System:
    picture.load(TEXT_ONLY)

    def redact(_: int, form: Form) -> Answer:
        try:
            _, result = picture.redact(form.content, TEXT_ONLY, Limits())
        except Quarantined:
            # Nothing is released, so nothing leaks; how often that happens is told beside.
            whole = np.ones(form.owner.shape, np.bool_)
            return Answer(whole, whole, [], quarantined=True)
        hidden, first = np.zeros((2, *form.owner.shape), np.bool_)
        for finding in result.findings:
            box = finding.area
            hidden[box.top : box.bottom, box.left : box.right] = True
            if finding.look == "first":
                first[box.top : box.bottom, box.left : box.right] = True
        boxes = [(f.area.left, f.area.top, f.area.right, f.area.bottom) for f in result.findings]
        return Answer(hidden, first, boxes)

    return redact


def theirs(forms: list[Form]) -> System:
    """presidio-image-redactor in its own environment: all forms at once, as it takes long to start."""
    with tempfile.TemporaryDirectory() as scratch:
        files = []
        for place, form in enumerate(forms):
            path = Path(scratch) / f"{place}.png"
            Image.open(io.BytesIO(form.content)).convert("RGB").save(path)
            files.append({"path": str(path), "language": form.language})
        answer = peers.ask("presidio_image", {"files": files, "fill": FILL}, timeout=7200)
        masks = [
            (np.asarray(Image.open(path).convert("RGB")) == FILL).all(axis=2) for path in answer["files"]
        ]
        seconds = answer["seconds"]

    def redact(place: int, form: Form) -> Answer:
        return Answer(masks[place], masks[place], [])

    redact.seconds = seconds  # type: ignore[attr-defined]
    return redact


# --- the measure ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    form: str
    manner: str
    kind: str | None
    label: bool
    words: str
    covered: float
    covered_first: float


def measured(forms: list[Form], system: System, keep: Path | None) -> dict[str, Any]:
    began = time.perf_counter()
    cells: list[Cell] = []
    over, boxes, quarantined = 0, 0, 0
    for place, form in enumerate(forms):
        answer = system(place, form)
        quarantined += answer.quarantined
        own = [
            Cell(
                form.name,
                form.manner,
                text.kind,
                text.label,
                text.words,
                float(answer.hidden[ink].mean()),
                float(answer.first[ink].mean()),
            )
            for number, text in enumerate(form.texts, 1)
            if (ink := form.owner == number).any()
        ]
        personal = np.isin(form.owner, [n for n, text in enumerate(form.texts, 1) if text.kind])
        boxes += len(answer.boxes)
        over += sum(not personal[top:bottom, left:right].any() for left, top, right, bottom in answer.boxes)
        own = [cell for cell in own if cell.kind != EITHER]
        cells += own
        if keep is not None and any(cell.kind and cell.covered < COVERED for cell in own):
            kept(keep, place, form, answer)
    seconds = getattr(system, "seconds", time.perf_counter() - began)
    return {
        "quarantined": share(quarantined, len(forms)),
        "name_cells": shares([cell for cell in cells if cell.kind == "PERSON"]),
        "personal_cells": shares([cell for cell in cells if cell.kind]),
        "leaks_of_the_first_look": leaks([cell for cell in cells if cell.kind]),
        "hidden_for_no_reason": {
            "values": hit([cell for cell in cells if not cell.kind and not cell.label]),
            "labels": hit([cell for cell in cells if cell.label]),
        },
        "boxes_on_something_personal": share(boxes - over, boxes) if boxes else "the system tells no boxes",
        "seconds_per_form": round(seconds / max(1, len(forms)), 2),
        "leaks": sorted(
            f"{cell.form}, {cell.manner}: {cell.kind}, {cell.covered:.0%}"
            for cell in cells
            if cell.kind and cell.covered < COVERED
        )[:60],
    }


def shares(cells: list[Cell]) -> dict[str, Any]:
    def of(chosen: list[Cell]) -> dict[str, Any]:
        return share(sum(cell.covered >= COVERED for cell in chosen), len(chosen))

    return {
        "all": of(cells),
        "by_manner": {name: of([c for c in cells if c.manner == name]) for name in MANNERS if cells},
        "by_make": {name: of([c for c in cells if c.form == name]) for name in LAYOUTS if cells},
    }


def leaks(cells: list[Cell]) -> dict[str, Any]:
    """Values that only the second look covered."""
    return share(sum(c.covered >= COVERED > c.covered_first for c in cells), len(cells))


def hit(cells: list[Cell]) -> dict[str, Any]:
    return share(sum(cell.covered >= TOUCHED for cell in cells), len(cells))


def kept(folder: Path, place: int, form: Form, answer: Answer) -> None:
    """The form beside itself with what was hidden in grey, to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    page = np.asarray(Image.open(io.BytesIO(form.content)).convert("RGB"))
    marked = page.copy()
    marked[answer.hidden] = (marked[answer.hidden] * 0.5).astype(np.uint8) + np.array([0, 90, 0], np.uint8)
    both = np.concatenate([page, marked], axis=1)
    Image.fromarray(both).save(folder / f"{place:03} {form.name} {form.manner.split(',')[0]}.png")
