"""Machines told into as usual and unusual by their sound, from 10 examples a class, other machines held out.

Motors, fans and bearings are simulated by rule (`workers.alignment.made_sounds`). Of ten recordings a class
of some machines the head is fitted that `omnigov adapt` would keep, on what the sound tower makes of them,
and asked about other machines at three levels of noise. Beside it: logistic regression on the mean and spread
of 80 log-mel bands, its strength chosen by the same cross-validation over the same examples.

    python bench/model/sound_machines.py --out F.json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch

import omnigov
from omnigov.contracts import PolicySpec, Stage
from workers.alignment.adapting import FOLDS, choose, folds
from workers.alignment.examples import Known
from workers.alignment.fitting import Way, fit, temperature_for
from workers.alignment.made_sounds import MACHINES, NOISE_LEVELS, Machine, draw_machine, recording
from workers.alignment.report import wilson_interval
from workers.omni.features import features_of
from workers.omni.hearing import SoundConfig, new_hearing
from workers.omni.infer import load
from workers.omni.log_mel import log_mel
from workers.omni.model import OmniModel
from workers.omni.seen import Seen, listen

POLICY = Path(omnigov.__file__).parent / "policies" / "builtin" / "machine_sound.json"
SEEDS = (0, 1, 2, 3, 4)
EXAMPLES = 10  # a class
MACHINES_EACH, OTHERS_EACH = 4, 12  # of each kind: learned from, held out
DRAWN_WITH = 12  # the machines of seed 11 were looked at while this was built
LOG_MEL = Way("log_mel", ("log_mel",))
DRAWS = 2000


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    began = time.process_time()
    policy = PolicySpec.model_validate_json(POLICY.read_text(encoding="utf-8"))
    model = load(Stage.IMAGE_TEXT)
    if model.hearing is None:  # the tower alone is asked: no connector has a part in it
        model.hear(new_hearing(SoundConfig()))
    random = np.random.default_rng(DRAWN_WITH)
    learned = [draw_machine(kind, random) for kind in MACHINES for _ in range(MACHINES_EACH)]
    others = [draw_machine(kind, random) for kind in MACHINES for _ in range(OTHERS_EACH)]
    asked = material(model, policy, [(m, f, db) for m in others for f in (0, 1) for db in NOISE_LEVELS], 1)
    levels = np.array([db for _ in others for _ in (0, 1) for db in NOISE_LEVELS])
    runs = []
    for seed in SEEDS:
        drawn = np.random.default_rng(100 + seed)
        told = [
            (learned[int(drawn.integers(len(learned)))], faulty, float(drawn.choice(NOISE_LEVELS)))
            for faulty in (0, 1)
            for _ in range(EXAMPLES)
        ]
        runs.append(run(material(model, policy, told, 200 + seed), asked, levels, seed))
        print(json.dumps(runs[-1]), file=sys.stderr, flush=True)
    found = summary(runs, len(asked.truth))
    found["processor_seconds"] = round(time.process_time() - began, 1)
    options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({name: found[name] for name in found if name != "runs"}, indent=2))
    return 0


def material(
    model: OmniModel, policy: PolicySpec, told: list[tuple[Machine, int, float]], seed: int
) -> Known:
    random = np.random.default_rng(seed)
    made = [recording(m, faulty=bool(f), decibels=db, random=random) for m, f, db in told]
    media = [Seen.of_sound(listen([one], len(one)), "", policy.text_tokens) for one in made]
    features = features_of(model, media, policy, _silent)
    bands = log_mel(torch.from_numpy(np.stack(made)))  # [recordings, bands, frames]
    plain = torch.cat([bands.mean(2), bands.std(2)], 1).numpy()
    marks = tuple(each.mark for each in features)
    return Known(
        labels=tuple(label.key for label in policy.labels),
        truth=np.array([faulty for _, faulty, _ in told]),
        blocks={
            "heard": np.stack([each.blocks["heard"] for each in features]),
            "log_mel": plain,
            "asked": np.full((len(told), 2), -np.log(2)),
        },
        marks=marks,
        groups=marks,
        slices=tuple(() for _ in marks),
    )


def run(learned: Known, asked: Known, levels: np.ndarray, seed: int) -> dict[str, Any]:
    chosen = choose(learned, folds(learned, FOLDS, seed))
    parts = [
        share * fit(way, learned.blocks, learned.truth, 2)[strength].logits(asked.blocks)
        for way, strength, share in chosen.parts
    ]
    head = np.sum(parts, axis=0).argmax(1)
    plain = baseline(learned, seed).logits(asked.blocks).argmax(1)
    right = {"head": head == asked.truth, "log_mel": plain == asked.truth}
    return {
        name: {
            "right": one.astype(int).tolist(),
            "by_noise": {str(db): float(one[levels == db].mean()) for db in NOISE_LEVELS},
        }
        for name, one in right.items()
    }


def baseline(learned: Known, seed: int) -> Any:
    """The regression of the smallest log-loss out of fold, fitted on all."""
    fold = folds(learned, FOLDS, seed)
    said: dict[int, np.ndarray] = {}
    for number in np.unique(fold):
        outside = learned.rows(fold != number)
        for strength, linear in enumerate(fit(LOG_MEL, outside.blocks, outside.truth, 2)):
            rows = said.setdefault(strength, np.zeros((len(learned), 2)))
            rows[fold == number] = linear.logits(learned.rows(fold == number).blocks)
    best = min(said, key=lambda strength: temperature_for(said[strength], learned.truth)[1])
    return fit(LOG_MEL, learned.blocks, learned.truth, 2)[best]


def summary(runs: list[dict[str, Any]], asked: int) -> dict[str, Any]:
    """Over all seeds: shares, and their paired difference by bootstrap over recordings."""
    of = {name: np.array([run[name]["right"] for run in runs]) for name in ("head", "log_mel")}
    change = (of["head"] - of["log_mel"]).mean(0)
    drawn = np.random.default_rng(0).choice(change, (DRAWS, asked)).mean(1)
    middle = {name: sorted(one.sum(1).tolist())[len(runs) // 2] for name, one in of.items()}
    return {
        "simulated": True,
        "held_out_recordings": asked,
        "seeds": len(runs),
        **{
            name: {
                "mean": float(one.mean()),
                "interval_of_the_middle_run": wilson_interval(middle[name], asked),
                "by_noise": {
                    level: float(np.mean([run[name]["by_noise"][level] for run in runs]))
                    for level in map(str, NOISE_LEVELS)
                },
            }
            for name, one in of.items()
        },
        "head_better_by": {
            "mean": float(change.mean()),
            "interval": np.quantile(drawn, (0.025, 0.975)).tolist(),
        },
        "runs": runs,
    }


def _silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """Nobody listens to each of many."""


if __name__ == "__main__":
    sys.exit(main())
