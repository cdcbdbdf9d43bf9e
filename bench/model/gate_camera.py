"""The gate camera's three labels on clips that are composed: model and detector, each alone and joined.

Cut-outs of people and vehicles move over photographs, with a camera that shakes and is noisy; of *nobody* an
animal may move, or nothing. Cut-outs and backgrounds of the sides share nothing (`gate_clips.json`, written
down before). On the side for development it is fitted how the vote counts (`workers.omni.voting`). The clips
are composed at the frames that are seen and are not redacted before: faces are not hidden in them. Real clips
(vtest.avi, tree.avi) are told apart, with their number.

    python bench/model/gate_camera.py --out F.json [--side development]
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import av
import numpy as np
import torch
from PIL import Image

import omnigov
from omnigov.contracts import PolicySpec
from workers import weights
from workers.alignment.features import draw
from workers.alignment.gathered import captioned
from workers.alignment.moving import Scene, cut_out, frames_of, trimmed
from workers.alignment.report import wilson_interval
from workers.alignment.sides import read_sides
from workers.alignment.stamps import Stamp, read_stamps
from workers.omni import voting
from workers.omni.infer import infer_together, load
from workers.omni.seen import Seen, watch
from workers.weights import datasets

POLICY = Path(omnigov.__file__).parent / "policies" / "builtin" / "gate_camera.json"
TOLD = json.loads(Path(__file__).with_name("gate_clips.json").read_text(encoding="utf-8"))
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
EACH = {"development": 8, "held_out": 15}  # clips of each label
SEED = {"development": 31, "held_out": 32}
SECONDS = (2.0, 8.0)
SIZES = {"somebody": (0.3, 0.8), "vehicle": (0.2, 0.5), "nobody": (0.12, 0.3)}
PIECE = 5.0  # seconds of a real clip that are asked about at once
REAL = {"vtest.avi": ("somebody", "vehicle"), "tree.avi": ("nobody",)}
"""Which answers are right: in vtest people walk, and cars stand at its edge."""
DRAWS = 2000


@dataclass(frozen=True, eq=False)
class Clip:
    seen: Seen
    truth: tuple[str, ...]
    subject: str


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--side", choices=list(EACH), default="held_out")
    options = parser.parse_args()
    torch.set_num_threads(1)
    began = time.process_time()
    policy = PolicySpec.model_validate_json(POLICY.read_text(encoding="utf-8"))
    model = load(policy.stage)
    version = weights.model_version(policy.stage)
    rows: dict[str, list[dict[str, Any]]] = {}
    sets = {"composed": composed(options.side)}
    if options.side == "held_out":
        sets["real"] = real()
    for name, clips in sets.items():
        rows[name] = []
        for clip in clips:
            (result,) = infer_together(model, version, [clip.seen], policy, seeds=[1], hook=_silent)
            own = {score.label: score.probability / 1e6 for score in result.scores}
            things = voting.things_in(clip.seen, _silent)
            rows[name].append(
                {
                    "subject": clip.subject,
                    "truth": clip.truth,
                    "model": own,
                    "evidence": {kind: voting.evidence(things, kind) for kind in voting.HALF},
                    "detector": voting.shares_of(things),
                }
            )
            print(json.dumps(rows[name][-1]), file=sys.stderr, flush=True)
    found: dict[str, Any] = {"side": options.side, "composed": summary(rows["composed"])}
    if options.side == "development":
        found["fitted"] = fitted(rows["composed"])
    else:
        found["real"] = {
            name: summary([row for row in rows["real"] if row["subject"] == name]) for name in REAL
        }
    found |= {"rows": rows, "processor_seconds": round(time.process_time() - began, 1)}
    options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({name: found[name] for name in found if name != "rows"}, indent=2))
    return 0


def composed(side: str) -> Iterator[Clip]:
    random = np.random.default_rng(SEED[side])
    stamps = {stamp.name: stamp for stamp in read_stamps(datasets.path("tuxpaint-stamps-default"))}
    sides = read_sides()
    told = TOLD[side]
    wanted = "held_out" if side == "held_out" else None
    animals = [s for s in stamps.values() if s.kind == "animal" and sides.get(f"stamps/{s.name}") == wanted]
    backgrounds = [photograph(entry) for entry in told["backgrounds"]]
    cut = {
        label: [(subject_of(entry), cut_out_of(entry, stamps)) for entry in told[name]]
        for label, name in (("somebody", "persons"), ("vehicle", "vehicles"))
    }
    for number in range(EACH[side]):
        for label in ("nobody", "somebody", "vehicle"):
            subject, drawn = "nothing", None
            if label != "nobody":
                subject, drawn = cut[label][number % len(cut[label])]
            elif number % 2:
                animal = animals[int(random.integers(len(animals)))]
                subject, drawn = animal.name, stamped(animal)
            background = backgrounds[int(random.integers(len(backgrounds)))]
            scene = Scene(background, drawn, SIZES[label])
            pages, _ = frames_of(scene, float(random.uniform(*SECONDS)), random)
            yield Clip(Seen.of_clip(pages, (), "", 64), (label,), subject)


def subject_of(entry: dict[str, Any]) -> str:
    return str(entry.get("stamp") or f"{entry['file']} {entry['box']}")


def photograph(entry: dict[str, Any]) -> np.ndarray:
    folder = SAMPLES if entry["data"] == "samples" else datasets.path(entry["data"])
    return np.asarray(Image.open(folder / entry["file"]).convert("RGB"))


def cut_out_of(entry: dict[str, Any], stamps: dict[str, Any]) -> np.ndarray:
    if "stamp" in entry:
        return stamped(stamps[entry["stamp"]])
    return trimmed(cut_out(photograph(entry), entry["box"]))


def stamped(stamp: Stamp) -> np.ndarray:
    (one,) = captioned([stamp])
    return trimmed(np.asarray(draw(one)))


def real() -> Iterator[Clip]:
    """The real clips in pieces of some seconds; a shorter one as it is."""
    folder = datasets.path("opencv-doc") / "data"
    for name, truth in REAL.items():
        with av.open(str(folder / name)) as container:
            stream = container.streams.video[0]
            pixels = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
            rate = float(stream.average_rate or 10)
        step = min(round(PIECE * rate), len(pixels))
        for begin in range(0, len(pixels) - step + 1, step):
            some = pixels[begin : begin + step]
            frames = (
                (number, 1000 * number / rate, lambda made=made: made) for number, made in enumerate(some)
            )
            pages = watch(frames, round(1000 * step / rate), step)
            yield Clip(Seen.of_clip(pages, (), "", 64), truth, name)


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares right with Wilson's intervals, what was said of what, and by how much joining is better."""
    right = {
        "model": [best(row["model"]) in row["truth"] for row in rows],
        "detector": [best(row["detector"]) in row["truth"] for row in rows],
        "joined": [best(both(row)) in row["truth"] for row in rows],
    }
    most = Counter(label for row in rows for label in row["truth"]).most_common(1)[0][1] if rows else 0
    change = np.array(right["joined"], float) - np.array(right["detector"], float)
    drawn = np.random.default_rng(0).choice(change, (DRAWS, len(rows))).mean(1) if rows else np.zeros(1)
    said = Counter((row["truth"][0], best(both(row))) for row in rows)
    return {
        "clips": len(rows),
        **{
            name: {"right": sum(each), "interval": wilson_interval(sum(each), len(rows))}
            for name, each in right.items()
        },
        "majority": most,
        "joined_better_than_detector_by": {
            "mean": float(change.mean()) if rows else 0.0,
            "interval": np.quantile(drawn, (0.025, 0.975)).tolist(),
        },
        "said": {f"{truth} as {label}": count for (truth, label), count in sorted(said.items())},
    }


def both(row: dict[str, Any]) -> dict[str, float]:
    return voting.joined(row["model"], row["detector"])


def best(shares: dict[str, float]) -> str:
    return max(shares, key=lambda label: shares[label])


def fitted(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What of a grid gives the truth the largest likelihood: each curve's half and steepness, the weight."""
    found: dict[str, Any] = {}
    for kind, label in (("person", "somebody"), ("vehicle", "vehicle")):
        some = [row for row in rows if kind == "vehicle" or row["truth"][0] != "vehicle"]
        there = np.array([row["truth"][0] == label for row in some])
        evidence = np.array([row["evidence"][kind] for row in some])
        loss = {}
        for half, steep in itertools.product(np.arange(0.3, 0.62, 0.01), (10, 15, 20, 30, 40)):
            chance = np.clip(1 / (1 + np.exp(-steep * (evidence - half))), 0.02, 0.98)
            loss[round(float(half), 2), steep] = float(-np.log(np.where(there, chance, 1 - chance)).mean())
        half, steep = min(loss, key=lambda each: loss[each])
        found[kind] = {"half": half, "steep": steep, "nats": loss[half, steep]}
    nats = {}
    for counts in (0.0, 0.1, 0.2, 0.3, 0.5, 1.0):
        total = 0.0
        for row in rows:
            logs = {
                label: math.log(row["detector"][label])
                + counts * (math.log(max(1e-6, row["model"][label])) - voting.USUAL[label])
                for label in row["model"]
            }
            top = max(logs.values())
            total += (
                math.log(sum(math.exp(each - top) for each in logs.values())) + top - logs[row["truth"][0]]
            )
        nats[counts] = total / len(rows)
    found["model_counts_with_the_curves_as_they_are"] = nats
    return found


def _silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """Nobody listens to each of many."""


if __name__ == "__main__":
    sys.exit(main())
