"""Whether the explanation of a clip names the frame, or the second, in which alone there is something.

Stage video is asked which of twelve kinds is shown. *Plain*: seven frames are an even grey with noise, one
shows a held-out stamp on it. *Photographs*: all frames show a held-out photograph with shake and noise, one
of them a held-out stamp before it. *Seconds*: even frames, and a second of a held-out recording amid silence.
The frame or second with the largest share of the decision's explanation is compared with the planted one.

    python bench/model/planted.py --out F.json [--each 8]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch

from omnigov.contracts import MILLION, Area, Interval, PolicySpec, Stage
from workers import weights
from workers.alignment.arms_material import backgrounds
from workers.alignment.command import GATE_CLIPS, POLICY_FILE
from workers.alignment.features import draw
from workers.alignment.gathered import captioned
from workers.alignment.heard import samples_of
from workers.alignment.moving import Scene, frames_of, trimmed
from workers.alignment.recordings import read_recordings
from workers.alignment.report import wilson_interval
from workers.alignment.sides import read_sides
from workers.alignment.stamps import read_stamps
from workers.attribution.attribute import Contrast, explain
from workers.omni.infer import infer_together, load
from workers.omni.seen import RATE, Seen, listen_to_clip
from workers.weights import datasets

SEED = 51
SECONDS = 4
GREY = 120
SETS = ("plain", "photographs", "seconds")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=8, help="clips of each set")
    options = parser.parse_args()
    torch.set_num_threads(1)
    began = time.process_time()
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    policy = policy.model_copy(update={"stage": Stage.VIDEO, "reasons_max_tokens": 0})
    model, version = load(Stage.VIDEO), weights.model_version(Stage.VIDEO)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in SETS}
    with tempfile.TemporaryDirectory() as folder:
        for name, seen, planted in clips(options.each):
            (result,) = infer_together(model, version, [seen], policy, seeds=[1], hook=_silent)
            label, against = (score.label for score in result.scores[:2])
            score = (result.scores[0].log_likelihood - result.scores[1].log_likelihood) / MILLION
            contrast = Contrast(label, against, score=score)
            told = explain(model, seen, policy, contrast, hook=_silent, kept=Path(folder))
            kind = Interval if name == "seconds" else Area
            shares = [each.share for each in told.segments if isinstance(each.place, kind)]
            found[name].append(
                {
                    "planted": planted,
                    "named": int(np.argmax(shares)),
                    "of": len(shares),
                    "complete": told.complete,
                    "label": label,
                }
            )
            print(name, json.dumps(found[name][-1]), file=sys.stderr, flush=True)
    summary = {name: _summary(rows) for name, rows in found.items()}
    summary["processor_seconds"] = {"all": round(time.process_time() - began, 1)}
    options.out.write_text(json.dumps({**summary, "rows": found}, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(summary, indent=2))
    return 0


def clips(each: int) -> Iterator[tuple[str, Seen, int]]:
    """The set's name, the clip, and the number of the planted frame or second."""
    random = np.random.default_rng(SEED)
    stamps = read_stamps(datasets.path("tuxpaint-stamps-default"))
    sides = read_sides()
    held_out = [stamp for stamp in stamps if sides.get(f"stamps/{stamp.name}") == "held_out"]
    photographs = backgrounds("held_out", GATE_CLIPS)
    grey = np.full((360, 640, 3), GREY, np.uint8)
    spoken = read_recordings(held_out, ["fr", ""])
    for number in range(each):
        (one,) = captioned([held_out[int(random.integers(len(held_out)))]])
        shown = trimmed(np.asarray(draw(one)))
        for name, ground in (("plain", grey), ("photographs", photographs[number % len(photographs)])):
            frames, _ = frames_of(Scene(ground), SECONDS, random)
            (with_it, _) = frames_of(Scene(ground, shown, (0.5, 0.9), whole_time=True), SECONDS, random)
            planted = int(random.integers(len(frames)))
            frames[planted] = replace(with_it[planted], at=frames[planted].at)
            yield name, Seen.of_clip(frames, (), "", 64), planted
        frames, _ = frames_of(Scene(grey), SECONDS, random)
        said = np.zeros(0, np.float32)
        while len(said) < RATE // 2:
            said = samples_of(spoken[int(random.integers(len(spoken)))].file, RATE)
        planted = int(random.integers(SECONDS))
        samples = np.zeros(SECONDS * RATE, np.float32)
        samples[planted * RATE : planted * RATE + len(said)] = said
        yield "seconds", Seen.of_clip(frames, listen_to_clip([samples], len(samples)), "", 64), planted


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    right = sum(row["planted"] == row["named"] for row in rows)
    return {
        "right": right,
        "of": len(rows),
        "interval": wilson_interval(right, len(rows)),
        "random": float(np.mean([1 / row["of"] for row in rows])),
        "complete": sum(bool(row["complete"]) for row in rows),
    }


def _silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """Nobody listens to each of many."""


if __name__ == "__main__":
    sys.exit(main())
