"""Spoken reports told into five kinds by a head on their transcripts, English and Japanese, in one run.

Examples are generated (`spoken_reports`); 5 and 10 a kind are drawn three times, 40 once, and of each draw
the head is fitted that `omnigov adapt` would keep. It is asked about those of `held_out_reports.*.json`,
which were written down before the generator. The transcript is the text as it was written: nothing is
misheard, and no sound is listened to. Beside it stand what the head says with the transcript hidden, and the
commonest kind.

    python bench/model/sound_reports.py --out F.json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import torch
from spoken_reports import KINDS, reports

import omnigov
from omnigov.contracts import PolicySpec
from workers.alignment.adapting import FOLDS, choose, folds
from workers.alignment.examples import Known
from workers.alignment.fitting import fit
from workers.alignment.report import wilson_interval
from workers.omni.features import features_of
from workers.omni.infer import load
from workers.omni.seen import Seen

LANGUAGES = ("en", "ja")
SEEDS = {5: (0, 1, 2), 10: (0, 1, 2), 40: (0,)}
"""Examples of each kind, and the draws of so many; of the most of them one, which takes longest."""
HERE = Path(__file__).resolve().parent
POLICY = Path(omnigov.__file__).parent / "policies" / "builtin" / "voice_report.json"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--language", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    options = parser.parse_args()
    torch.set_num_threads(1)
    policy = PolicySpec.model_validate_json(POLICY.read_text(encoding="utf-8"))
    found: dict[str, Any] = {}
    for language in options.language:
        found[language] = measured(language, policy)
        options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        print(json.dumps({language: found[language]}, indent=2), flush=True)
    return 0


def held_out(language: str) -> list[tuple[str, str]]:
    file = HERE / f"held_out_reports.{language}.json"
    said = json.loads(file.read_text(encoding="utf-8"))["sentences"]
    return [(kind, sentence) for kind, sentences in said.items() for sentence in sentences]


def measured(language: str, policy: PolicySpec) -> dict[str, Any]:
    began = time.process_time()
    asked = material(held_out(language), policy, "held out")
    truth = asked.truth
    shots: dict[str, Any] = {}
    for count, seeds in SEEDS.items():
        runs = []
        for seed in seeds:
            learned = material(reports(language, count, seed), policy, f"{count} {seed}")
            chosen = choose(learned, folds(learned, FOLDS, seed))
            parts = [
                (share, fit(way, learned.blocks, learned.truth, len(KINDS))[strength])
                for way, strength, share in chosen.parts
            ]
            said = np.sum([share * part.logits(asked.blocks) for share, part in parts], axis=0).argmax(1)
            hidden = np.sum([share * part.bias for share, part in parts], axis=0).argmax(0)
            runs.append(
                {
                    "right": int((said == truth).sum()),
                    "hidden": int((hidden == truth).sum()),
                    "of_kind": [int(((said == k) & (truth == k)).sum()) for k in range(len(KINDS))],
                }
            )
        right = [run["right"] for run in runs]
        print(language, count, right, file=sys.stderr, flush=True)
        shots[str(count)] = {
            "runs": runs,
            "mean": float(np.mean(right)) / len(truth),
            "interval_of_the_middle_run": wilson_interval(sorted(right)[len(right) // 2], len(truth)),
        }
    return {
        "held_out": len(truth),
        "commonest": max(int((truth == k).sum()) for k in range(len(KINDS))) / len(truth),
        "shots": shots,
        "processor_seconds": round(time.process_time() - began, 1),
    }


def material(told: list[tuple[str, str]], policy: PolicySpec, name: str) -> Known:
    """Transcripts as numbers. What the model itself scores has no part in it."""
    model = load(policy.stage)
    keys = [label.key for label in policy.labels]
    media = [Seen.of_text(sentence, policy.text_tokens) for _, sentence in told]
    made = features_of(model, media, policy, _silent)
    even = np.full((len(told), len(keys)), -np.log(len(keys)))
    print(f"{name}: {len(told)} transcripts", file=sys.stderr, flush=True)
    return Known(
        labels=tuple(keys),
        truth=np.array([keys.index(kind) for kind, _ in told]),
        blocks={"framed": np.stack([each.blocks["framed"] for each in made]), "asked": even},
        marks=tuple(each.mark for each in made),
        groups=tuple(each.mark for each in made),
        slices=tuple(() for _ in made),
    )


def _silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """Nobody listens to each of many."""


if __name__ == "__main__":
    sys.exit(main())
