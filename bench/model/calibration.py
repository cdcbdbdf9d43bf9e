"""Three ways to a head's confidence, on stamps that are not held out; and how exact one can be measured.

    omnigov bench model --only calibration [--features FOLDER]

Of each label 5 and 10 examples are drawn three times, as in `few_shot`, and a head is adapted to them; all
other pictures of the same side, some 650, are asked. Beside the head as it is stand its shares at another
temperature, and mixed with evenness, both as its out-of-fold shares on the examples say. JSON: the expected
calibration error of each, draw by draw and the mean. `exact` is the error, over as many pictures as the split
holds back, of a head whose confidence is exactly right, simulated from our own confidences; `as_many` is ours
over as many. For development: nothing held out is looked at.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import torch
from few_shot import material_of, policy_of, silent
from few_shot_sets import DATA, SETS

from omnigov.contracts import MILLION, PolicySpec
from workers import weights
from workers.alignment.adapting import adapt_known
from workers.alignment.examples import Known
from workers.alignment.fitting import temperature_for
from workers.alignment.measures import RISK_TARGET
from workers.alignment.measures import calibration as calibration_error
from workers.omni.heads import head_from, spread
from workers.weights import datasets
from workers.weights.progress import report_to

SET = "stamps"
SHOTS = (5, 10)
SEEDS = (0, 1, 2)
SIMULATED = 200
EVENNESS = np.linspace(0, 0.5, 26)
"""What part of a share may come from evenness."""


@dataclass(frozen=True)
class Draw:
    """One head: its out-of-fold shares [examples, labels] and those of the pictures asked [asked, labels]."""

    out_of_fold: np.ndarray
    truth: np.ndarray
    shares: np.ndarray
    asked_truth: np.ndarray


def main(argv: Sequence[str] | None = None) -> int:
    options = options_of(__doc__, argv)
    policy, material, held = stamps_at(options.features)
    found: dict[str, Any] = {"side": "development", "shots": {}}
    for shot in SHOTS:
        rows = []
        for draw in draws(policy, material, held, shot, SEEDS):
            rows.append(measured(draw, int(held.sum()), seed=len(rows)))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        found["shots"][str(shot)] = {"mean": mean, "draws": rows}
    return written(found, options.out)


def options_of(text: str | None, argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--features", type=Path, default=Path("var/bench/few_shot"), help="where few_shot keeps them"
    )
    return parser.parse_args(argv)


def stamps_at(folder: Path) -> tuple[PolicySpec, Known, np.ndarray]:
    """The stamps as `few_shot` has them: the question, the numbers, and which are held out.

    What is not here is fetched, features are made.
    """
    torch.set_num_threads(1)
    datasets.fetch([DATA[SET]], report_to())
    labelled = SETS[SET]()
    policy = policy_of(labelled)
    return policy, *material_of(labelled, policy, folder, asked=False)


def draws(
    policy: PolicySpec,
    material: Known,
    held: np.ndarray,
    shot: int,
    seeds: Sequence[int],
    most: float = 1.0,
) -> Iterator[Draw]:
    """For each seed a head on `shot` examples a label, and all else that is not held out asked.

    Of a label at most the part `most` is drawn, so that some of it is left to be asked.
    """
    base = weights.model_version(policy.stage)
    pools = [np.flatnonzero(~held & (material.truth == label)) for label in range(len(material.labels))]
    for seed in seeds:
        random = np.random.default_rng(seed)
        some = [random.choice(pool, min(shot, int(most * len(pool))), replace=False) for pool in pools]
        drawn = np.sort(np.concatenate(some))
        left = ~held
        left[drawn] = False
        examples, asked = material.rows(drawn), material.rows(left)
        file, _ = adapt_known(
            examples, policy, base, silent, seed=seed, risk_target=RISK_TARGET, began=time.perf_counter()
        )
        head = head_from(file)
        yield Draw(head.out_of_fold, examples.truth, head.shares(asked.blocks), asked.truth)


def measured(draw: Draw, held_out: int, seed: int) -> dict[str, float]:
    right = draw.shares.argmax(1) == draw.asked_truth
    mildest = np.maximum(draw.out_of_fold, 1e-9)
    temperature, _ = temperature_for(np.log(mildest), draw.truth)
    warmed = np.exp(spread(np.log(np.maximum(draw.shares, 1e-12)) / temperature))
    even, labels = 1 / draw.shares.shape[1], np.arange(len(draw.truth))
    losses = [-np.log((1 - part) * mildest[labels, draw.truth] + part * even).mean() for part in EVENNESS]
    part = float(EVENNESS[int(np.argmin(losses))])
    mixed = (1 - part) * draw.shares + part * even
    random = np.random.default_rng(seed)
    confidence = draw.shares.max(1)
    exact, ours = [], []
    for _ in range(SIMULATED):
        rows = random.choice(len(confidence), min(held_out, len(confidence)), replace=False)
        exact.append(error(confidence[rows], random.random(len(rows)) < confidence[rows]))
        ours.append(error(confidence[rows], right[rows]))
    return {
        "asked": float(len(right)),
        "right": float(right.mean()),
        "as_it_is": error(confidence, right),
        "temperature": error(warmed.max(1), right),
        "temperature_found": temperature,
        "evenness": error(mixed.max(1), right),
        "evenness_found": part,
        "exact": float(np.mean(exact)),
        "as_many": float(np.mean(ours)),
    }


def error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error, a share."""
    return calibration_error(confidence, right)[0] / MILLION


def written(found: dict[str, Any], out: Path) -> int:
    text = json.dumps(found, indent=2) + "\n"
    out.write_text(text)
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
