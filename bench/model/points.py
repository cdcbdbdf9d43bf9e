"""Whether more points on the path would order a picture's areas better, on the stamps' training side.

    omnigov bench model --only points [--pictures 14] [--counts 4 5 6]

Each picture is explained with each number of points. JSON: the chosen label's mean probability while areas
are made blank in that order, strongest first, without the curve's ends, which are the same in every order;
the gap of the sum beside the score's change, the median over pictures; how many explanations are complete.
For development: nothing held out is looked at.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import torch
from attribution import SIDE, Asked, silent

from omnigov.contracts import AttributionResult, PolicySpec
from workers import omni
from workers.alignment.command import POLICY_FILE, stamps_of
from workers.alignment.views import picture_of, plain_view
from workers.attribution.asking import scorer_of
from workers.attribution.attribute import kept_at
from workers.attribution.parts import parts_of, without
from workers.omni.seen import Seen

FIRST = 5
"""The first of the pictures: others than those that `attribution --development` begins with."""
STEPS = 8


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=14)
    parser.add_argument("--counts", type=int, nargs="+", default=(4, 5, 6), help="points of the path")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    model = omni.load(device="cpu")
    asked = Asked(model, policy, scorer_of(model, policy, silent), kept_at(policy))
    side = stamps_of(None).training
    chosen = side[FIRST :: max(1, len(side) // options.pictures)][: options.pictures]
    rows: dict[int, list[dict[str, float]]] = {count: [] for count in options.counts}
    for number, stamp in enumerate(chosen):
        seen = Seen.of_picture(plain_view(picture_of(stamp), SIDE))
        contrast, label = asked.contrast(seen)
        for count in options.counts:
            result = asked.explained(seen, contrast, steps=count)
            rows[count].append(
                {
                    "probability": mean_while_parts_go(asked, seen, result, label),
                    "gap": result.completeness_gap / max(1, abs(result.total)),
                    "complete": float(bool(result.complete)),
                }
            )
        print(f"{number + 1} of {len(chosen)}", file=sys.stderr, flush=True)
    found: dict[str, Any] = {
        "pictures": len(chosen),
        "side": "development",
        "points": {str(count): summed(each) for count, each in rows.items()},
    }
    text = json.dumps(found, indent=2) + "\n"
    options.out.write_text(text)
    print(text, end="")
    return 0


def mean_while_parts_go(asked: Asked, seen: Seen, result: AttributionResult, label: int) -> float:
    """The label's mean probability at an eighth of the areas gone, two eighths, up to seven."""
    parts = parts_of(result, seen)
    order = sorted(range(len(parts)), key=lambda index: -parts[index].value)
    cuts = sorted({round(step * len(parts) / STEPS) for step in range(STEPS + 1)})[1:-1]
    media = [without(seen, [parts[index].place for index in order[:cut]]) for cut in cuts]
    return float(asked.probability(label)(media).mean())


def summed(rows: Sequence[dict[str, float]]) -> dict[str, Any]:
    return {
        "probability": float(np.mean([row["probability"] for row in rows])),
        "gap": float(np.median([row["gap"] for row in rows])),
        "complete": int(sum(row["complete"] for row in rows)),
        "each": [round(row["probability"], 6) for row in rows],
    }


if __name__ == "__main__":
    sys.exit(main())
