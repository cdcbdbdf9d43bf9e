"""Seconds and memory on large files, beside presidio-image-redactor and deface on the same files in one run.

Every measurement is a process of its own: models are loaded, then the clock runs over one file, from its
bytes to the redacted copy's (deface: to where its faces are, as its peer here stops there). Systems take
turns, round by round; what is said is the median, and for a ratio the median of the rounds' ratios, each with
the least and the greatest. Memory is the process's largest resident set, models included (of presidio's
processes the largest: tesseract runs beside it).

How much each system hides is said with it: a fast look that sees nothing is no feat.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import large
import numpy as np
import peers
from measure import share
from PIL import Image

HERE = Path(__file__).parent
TEXT = {"faces": False, "codes": False, "seals": False, "screens": False}
FACES = {"text": False, "codes": False, "seals": False, "screens": False}
ONE_LOOK = {"second_look": False}
DARK, HIDDEN = 64, 0.9  # of 255; of a place's pixels
OURS, OURS_ONCE = "omnigov, both looks", "omnigov, first look alone"

Edges = Sequence[int]


class Measured(NamedTuple):
    seconds: float
    peak_mib: float
    hidden: list[bool]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--speed-rounds", type=int, default=5, help="speed: rounds of each photograph")
    parser.add_argument("--speed-pages", type=int, default=100, help="speed: pages of the document")


def run(options: argparse.Namespace) -> dict[str, Any]:
    said: dict[str, Any] = {"seed": options.seed, "rounds": options.speed_rounds, "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        said["load_average_before"] = round(os.getloadavg()[0], 1)
        said["text"] = {
            photograph.name: _compared(
                photograph,
                {
                    OURS: lambda path: _ours(path, TEXT),
                    OURS_ONCE: lambda path: _ours(path, TEXT | ONE_LOOK),
                    "presidio-image-redactor": _presidio,
                },
                options.speed_rounds,
                folder,
            )
            for photograph in large.photographs_with_text(options.seed)
        }
        said["faces"] = _compared(
            large.photograph_with_faces(options.seed),
            {
                OURS: lambda path: _ours(path, FACES),
                OURS_ONCE: lambda path: _ours(path, FACES | ONE_LOOK),
                "deface": _deface,
            },
            options.speed_rounds,
            folder,
        )
        said["all_detectors"] = _all_detectors(options.seed, folder)
        said["document"] = _document(options.seed, options.speed_pages, folder)
        said["load_average_after"] = round(os.getloadavg()[0], 1)
    return said


def _compared(
    photograph: large.Photograph,
    systems: dict[str, Callable[[Path], tuple[float, float, Callable[[Edges], bool]]]],
    rounds: int,
    folder: Path,
) -> dict[str, Any]:
    measured: dict[str, list[Measured]] = {name: [] for name in systems}
    for number in range(rounds):
        # Each round begins with another system, so that none always runs on a warm or a tired machine.
        names = list(systems)
        names = names[number % len(names) :] + names[: number % len(names)]
        for name in names:
            path = folder / "photograph.jpg"
            path.write_bytes(photograph.content)
            seconds, peak, hides = systems[name](path)
            measured[name].append(Measured(seconds, peak, [hides(place) for place in photograph.places]))
    (*ours, peer) = systems
    return {
        "places_to_hide": len(photograph.places),
        "systems": {
            name: {
                "seconds": _spread([each.seconds for each in takes]),
                "peak_mib": round(max(each.peak_mib for each in takes)),
                "hidden": share(sum(takes[0].hidden), len(takes[0].hidden)),
            }
            for name, takes in measured.items()
        },
        "times_as_fast_as_the_peer": {
            name: _spread(
                [
                    theirs.seconds / own.seconds
                    for own, theirs in zip(measured[name], measured[peer], strict=True)
                ]
            )
            for name in ours
        },
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 2),
        "least": round(min(values), 2),
        "greatest": round(max(values), 2),
    }


def _ours(path: Path, profile: dict[str, Any]) -> tuple[float, float, Callable[[Edges], bool]]:
    out = path.with_name("copy.jpg")
    said, peak = _asked(
        [sys.executable, str(HERE / "once.py")],
        {"path": str(path), "profile": profile, "out": str(out)},
    )
    return said["seconds"], peak, _blacked(out)


def _presidio(path: Path) -> tuple[float, float, Callable[[Edges], bool]]:
    """presidio-image-redactor with tesseract; it writes its copy over the file."""
    said, peak = _asked(
        [str(peers.python("presidio_image")), "-I", str(HERE / "peers" / "presidio_image.py")],
        {"files": [{"path": str(path), "language": "en"}], "fill": [0, 0, 0]},
    )
    return said["seconds"], peak, _blacked(path)


def _deface(path: Path) -> tuple[float, float, Callable[[Edges], bool]]:
    said, peak = _asked(
        [str(peers.python("deface")), "-I", str(HERE / "peers" / "deface.py")], {"files": [str(path)]}
    )
    boxes = said["files"][0]

    def hides(place: Edges) -> bool:
        middle = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
        return any(box[0] <= middle[0] < box[2] and box[1] <= middle[1] < box[3] for box in boxes)

    return said["seconds"][0], peak, hides


def _blacked(path: Path) -> Callable[[Edges], bool]:
    """Whether a place is black in the copy."""
    pixels = np.asarray(Image.open(path).convert("RGB")).max(axis=2)

    def hides(place: Edges) -> bool:
        left, top, right, bottom = place
        return bool((pixels[top:bottom, left:right] < DARK).mean() >= HIDDEN)

    return hides


def _asked(command: list[str], question: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """What the process answers, and the most memory that it had, in MiB."""
    with tempfile.TemporaryDirectory() as scratch:
        asked, answer = Path(scratch) / "asked.json", Path(scratch) / "answer.json"
        asked.write_text(json.dumps(question), encoding="utf-8")
        process = subprocess.Popen([*command, str(asked), str(answer)], stdout=sys.stderr)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        said: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return said, used.ru_maxrss / 1024


def _all_detectors(seed: int, folder: Path) -> dict[str, Any]:
    """Seconds and memory with everything that a new policy hides."""
    pictures = {
        photograph.name: photograph.content
        for photograph in (*large.photographs_with_text(seed), large.photograph_with_faces(seed))
    }
    measured = {}
    for name, content in pictures.items():
        path = folder / "photograph.jpg"
        path.write_bytes(content)
        seconds, peak, _ = _ours(path, {})
        measured[name] = {"seconds": round(seconds, 2), "peak_mib": round(peak)}
    return measured


def _document(seed: int, pages: int, folder: Path) -> dict[str, Any]:
    """One long document with everything that a new policy hides."""
    path, out = folder / "document.pdf", folder / "copy.pdf"
    path.write_bytes(large.document(seed, pages))
    said, peak = _asked(
        [sys.executable, str(HERE / "once.py")], {"path": str(path), "profile": {}, "out": str(out)}
    )
    return {
        "pages": said["pages"],
        "seconds": round(said["seconds"], 1),
        "seconds_per_page": round(said["seconds"] / pages, 2),
        "peak_mib": round(peak),
        "findings": len(said["findings"]),
        "copy_bytes": out.stat().st_size,
    }
