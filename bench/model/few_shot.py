"""Few-shot adaptation beside plain regression on the tower, on the sets of `few_shot_sets`, in one run.

Of each set, 5, 10 and 50 examples a label (of solar cells 10, 50 and 200) are drawn three times from
development; a head is adapted to them as `omnigov adapt` does it, and asked about all held-out pictures.
Beside it stands logistic regression on the tower's pooled features alone, its strength chosen by
cross-validation over the same examples, and the head that is chosen where no way begins with the labels'
words. Redaction has no part in it: these sets show nobody.

From nothing it is one command: data that are not here are fetched first, and features made and kept.

    python bench/model/few_shot.py --out F.json [--set stamps …] [--asked stamps fashion] [--features FOLDER]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import torch
from few_shot_sets import DATA, SETS, Labelled

from omnigov.contracts import MILLION, Label, PolicySpec, digest_of
from omnigov.contracts.evaluation import NOTHING
from workers import weights
from workers.alignment.adapting import FOLDS, adapt_known, folds
from workers.alignment.examples import Known, asked_of, words_of
from workers.alignment.fitting import Way, fit, temperature_for
from workers.alignment.measures import RISK_TARGET, calibration, millionths
from workers.alignment.report import wilson_interval
from workers.omni.features import features_of, mark
from workers.omni.heads import head_from
from workers.omni.infer import load
from workers.omni.seen import Seen
from workers.weights import datasets
from workers.weights.progress import report_to

SHOTS = {"solar": (10, 50, 200), "clip_art": (5, 10)}
USUAL = (5, 10, 50)
SEEDS = (0, 1, 2)
POOL = 4  # times the most examples of a label that are drawn: of more, features are not made
DRAWS = 2000
AT_ONCE = 32
PLAIN = Way("plain", ("plain",))
"""The pooled features as they are, without the root that our own ways take."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", nargs="+", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument(
        "--asked", nargs="*", choices=sorted(SETS), default=[],
        help="of which the model itself is asked, too, a quarter of a second a picture. Not of stamps: it "
        "was trained on those from which examples are drawn",
    )  # fmt: skip
    parser.add_argument(
        "--features", type=Path, default=Path("var/bench/few_shot"), help="where they are kept"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    datasets.fetch([DATA[name] for name in options.set], report_to())
    found: dict[str, Any] = json.loads(options.out.read_text()) if options.out.is_file() else {}
    for name in options.set:
        labelled = SETS[name]()
        policy = policy_of(labelled)
        material, held = material_of(labelled, policy, options.features, asked=name in options.asked)
        found[name] = measured(name, policy, material, held)
        found[name]["asked"] = name in options.asked
        options.out.write_text(json.dumps(found, indent=2) + "\n")
        print(json.dumps({name: found[name]["shots"]}, indent=2), flush=True)
    return 0


def policy_of(labelled: Labelled) -> PolicySpec:
    labels = tuple(
        Label(key=key, phrase=words, name_en=words, name_ja=words) for key, words in labelled.labels
    )
    return PolicySpec(question=labelled.question, labels=labels, reasons_max_tokens=0)


def material_of(
    labelled: Labelled, policy: PolicySpec, folder: Path, *, asked: bool
) -> tuple[Known, np.ndarray]:
    """The set as numbers, and which of its rows are held out."""
    keys = [label.key for label in policy.labels]
    most = POOL * max(SHOTS.get(labelled.name, USUAL))
    taken: dict[tuple[str, bool], int] = {}
    pictures = []
    for picture in labelled.pictures:
        taken[picture.label, picture.held_out] = taken.get((picture.label, picture.held_out), 0) + 1
        if picture.held_out or taken[picture.label, False] <= most:
            pictures.append(picture)
    kept = folder / f"{labelled.name}{'-asked' if asked else ''}.npz"
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **_features([picture.read for picture in pictures], policy, asked))
    blocks = dict(np.load(kept))
    marks = tuple(blocks.pop("marks").tolist())
    if len(marks) != len(pictures):
        raise SystemExit(f"{kept} is of other pictures; remove it.")
    blocks["plain"] = blocks["pooled"]
    known = Known(
        labels=tuple(keys),
        truth=np.array([keys.index(picture.label) for picture in pictures]),
        blocks=blocks,
        marks=marks,
        groups=marks,
        slices=tuple(() for _ in marks),
        words=words_of(load(policy.stage), policy),
    )
    return known, np.array([picture.held_out for picture in pictures])


def _features(read: Sequence[Any], policy: PolicySpec, asked: bool) -> dict[str, np.ndarray]:
    model, version = load(policy.stage), weights.model_version(policy.stage)
    rows: dict[str, list[Any]] = {}
    for begin in range(0, len(read), AT_ONCE):
        media = [Seen.of_picture(each()) for each in read[begin : begin + AT_ONCE]]
        for made in features_of(model, media, policy, silent):
            for name, block in made.blocks.items():
                rows.setdefault(name, []).append(block)
        rows.setdefault("marks", []).extend(mark(each) for each in media)
        even = np.full(len(policy.labels), -np.log(len(policy.labels)))
        scores = asked_of(model, version, media, policy) if asked else [even] * len(media)
        rows.setdefault("asked", []).extend(scores)
        print(f"features {begin + len(media)} of {len(read)}", file=sys.stderr, flush=True)
    return {name: np.array(some) for name, some in rows.items()}


def measured(name: str, policy: PolicySpec, material: Known, held: np.ndarray) -> dict[str, Any]:
    base = weights.model_version(policy.stage)
    shown = material.rows(held)
    alone = shown.blocks["asked"].argmax(1) == shown.truth
    shots = {}
    for shot in SHOTS.get(name, USUAL):
        runs = [_one(policy, material, held, shot, seed, base) for seed in SEEDS]
        ours, theirs, wordless = (
            np.array([run[key] for run in runs]) for key in ("ours", "theirs", "wordless")
        )  # [seeds, held out]
        shots[str(shot)] = {
            "head": _share(ours),
            "tower_regression": _share(theirs),
            "without_words": _share(wordless),
            "better_by": _paired(ours, theirs, shown.truth),
            "words_better_by": _paired(ours, wordless, shown.truth),
            "balanced": [_balanced(ours, shown.truth), _balanced(theirs, shown.truth)],
            **{key: [run[key] for run in runs] for key in
               ("examples", "chosen", "ece", "coverage", "risk", "risk_interval", "cpu_seconds")},
        }  # fmt: skip
    return {
        "held_out": int(held.sum()),
        "policy": digest_of(policy),
        "model_alone": _share(alone[None]),
        "majority": float(np.bincount(shown.truth).max() / len(shown.truth)),
        "shots": shots,
    }


def _one(
    policy: PolicySpec, material: Known, held: np.ndarray, shot: int, seed: int, base: Any
) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    rows = [np.flatnonzero(~held & (material.truth == label)) for label in range(len(material.labels))]
    drawn = np.sort(
        np.concatenate([random.choice(some, min(shot, len(some)), replace=False) for some in rows])
    )
    examples, shown = material.rows(drawn), material.rows(held)
    began = time.process_time()
    file, card = adapt_known(
        examples, policy, base, silent, seed=seed, risk_target=RISK_TARGET, began=time.perf_counter()
    )
    spent = time.process_time() - began
    shares = head_from(file).shares(shown.blocks)
    plain, _ = adapt_known(
        replace(examples, words=None), policy, base, silent, seed=seed, risk_target=RISK_TARGET,
        began=time.perf_counter(),
    )  # fmt: skip
    right = shares.argmax(1) == shown.truth
    taken = np.array([millionths(each) >= card.threshold for each in shares.max(1)])
    wrong = int((~right[taken]).sum())
    return {
        "ours": right,
        "wordless": head_from(plain).shares(shown.blocks).argmax(1) == shown.truth,
        "theirs": tower_regression(examples, seed).logits(shown.blocks).argmax(1) == shown.truth,
        "examples": len(examples),
        "chosen": card.chosen,
        "ece": calibration(shares.max(1), right)[0] / MILLION,
        "threshold": card.threshold / MILLION if card.threshold < NOTHING else None,
        "coverage": float(taken.mean()),
        "risk": wrong / int(taken.sum()) if taken.any() else None,
        "risk_interval": list(wilson_interval(wrong, int(taken.sum()))),
        "cpu_seconds": round(spent, 1),
    }


def tower_regression(examples: Known, seed: int) -> Any:
    """Regression on the tower's pooled features, its strength by cross-validation."""
    fold = folds(examples, FOLDS, seed)
    said: dict[int, np.ndarray] = {}
    for number in np.unique(fold):
        out, inside = examples.rows(fold == number), examples.rows(fold != number)
        for strength, linear in enumerate(fit(PLAIN, inside.blocks, inside.truth, len(inside.labels))):
            empty = np.zeros((len(examples), len(examples.labels)))
            said.setdefault(strength, empty)[fold == number] = linear.logits(out.blocks)
    best = min(said, key=lambda strength: temperature_for(said[strength], examples.truth)[1])
    return fit(PLAIN, examples.blocks, examples.truth, len(examples.labels))[best]


def _share(right: np.ndarray) -> dict[str, Any]:
    """Mean over the seeds, with an interval by bootstrap over pictures; and each seed's own."""
    of_picture = right.mean(0)
    drawn = np.random.default_rng(0).choice(of_picture, (DRAWS, len(of_picture))).mean(1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"mean": float(of_picture.mean()), "interval": [float(low), float(high)],
            "seeds": [float(row.mean()) for row in right]}  # fmt: skip


def _paired(ours: np.ndarray, theirs: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    change = ours.mean(0) - theirs.mean(0)
    drawn = np.random.default_rng(0).choice(change, (DRAWS, len(truth))).mean(1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"mean": float(change.mean()), "interval": [float(low), float(high)]}


def _balanced(right: np.ndarray, truth: np.ndarray) -> float:
    of_picture = right.mean(0)
    return float(np.mean([of_picture[truth == label].mean() for label in np.unique(truth)]))


def silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    sys.exit(main())
