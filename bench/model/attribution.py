"""Whether explanations hold: deletion and insertion, other weights, a planted cause, and what they cost.

    omnigov bench model --only attribution [--development] [--pictures 16]

On pictures that the stamps' split holds back, each n-th of them in the order of their names; with
`--development` on pictures of the training side, for who changes something and looks again. JSON with 95 %
intervals: bootstrap over pictures for means and ratios, Wilson's for shares. Costs are processor seconds, the
median of ratios within one run.

- *deletion, insertion*: the label's mean probability while areas are made blank, or put in, strongest first,
  over that in random orders. Each step is redrawn and goes through the whole model.
- *other weights*: rank correlation of the map with that of the same model with weights drawn anew. A map that
  does not depend on the weights shows edges and no reasons (Adebayo et al., NeurIPS 2018).
- *planted cause*: one thing in a quarter of an empty picture. Counted where the model names it rightly; right
  where the strongest area lies in that quarter.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from omnigov.contracts import AttributionResult, PolicySpec
from workers import omni
from workers.alignment.command import POLICY_FILE, stamps_of
from workers.alignment.views import picture_of, plain_view
from workers.attribution.asking import Scorer, scorer_of
from workers.attribution.attribute import Contrast, Tier, explain, kept_at
from workers.attribution.deep import curves_of, rank_correlation
from workers.attribution.parts import parts_of
from workers.omni.model import OmniModel, new_model
from workers.omni.seen import Seen

SIDE = 224
RESAMPLES = 4000


@dataclass(frozen=True)
class Asked:
    """The model, what it is asked, and how."""

    model: OmniModel
    policy: PolicySpec
    ask: Scorer
    kept: Path | None

    def contrast(self, seen: Seen) -> tuple[Contrast, int]:
        """The chosen label against the runner-up, and the former's number."""
        shares = self.ask([seen])[0]
        order = np.argsort(-shares)
        keys = [label.key for label in self.policy.labels]
        score = float(np.log(shares[order[0]] / shares[order[1]]))
        return Contrast(keys[order[0]], keys[order[1]], score=score), int(order[0])

    def probability(self, label: int) -> Callable[[Sequence[Seen]], np.ndarray]:
        return lambda media: self.ask(media)[:, label]

    def explained(self, seen: Seen, contrast: Contrast, **more: Any) -> AttributionResult:
        return explain(self.model, seen, self.policy, contrast, hook=silent, kept=self.kept, **more)


def silent(step: str, artefact: Any = None, progress: float | None = None) -> None:
    """Nobody watches."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--development", action="store_true", help="pictures of the training side")
    parser.add_argument("--pictures", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    model = omni.load(device="cpu")
    asked = Asked(model, policy, scorer_of(model, policy, silent), kept_at(policy))
    stamps = stamps_of(None)
    side = stamps.training if options.development else stamps.held_out
    chosen = side[:: max(1, len(side) // options.pictures)][: options.pictures]
    found = {
        "pictures": len(chosen),
        "side": "development" if options.development else "held out",
        "seed": options.seed,
        **measured(asked, chosen, options.seed),
    }
    text = json.dumps(found, indent=2) + "\n"
    options.out.write_text(text)
    print(text, end="")
    return 0


def measured(asked: Asked, stamps: Sequence[Any], seed: int) -> dict[str, Any]:
    named: dict[str, list[float]] = {"deletion": [], "insertion": []}
    random: dict[str, list[float]] = {"deletion": [], "insertion": []}
    cost, complete, points, complete_deep, others = [], 0, [], 0, []
    folder = Path(tempfile.mkdtemp(prefix="omnigov-bench-"))
    other = replace_weights(asked, folder)
    for number, stamp in enumerate(stamps):
        seen = Seen.of_picture(plain_view(picture_of(stamp), SIDE))
        begun = time.process_time()
        contrast, label = asked.contrast(seen)
        scored = time.process_time()
        result = asked.explained(seen, contrast)
        cost.append((time.process_time() - scored) / (scored - begun))
        complete += bool(result.complete)
        points.append(result.steps)
        parts = parts_of(result, seen)
        for curve in curves_of(parts, seen, asked.probability(label), seed + number):
            named[curve.name].append(curve.named)
            random[curve.name].append(curve.at_random)
        if number % 2 == 0:
            anew = np.ravel(other.explained(seen, contrast).grid)
            others.append(rank_correlation(np.ravel(result.grid), anew))
        if number % 4 == 0:
            thorough = asked.explained(seen, contrast, tier=Tier(deep=True))
            complete_deep += bool(thorough.complete)
        print(f"{number + 1} of {len(stamps)}", file=sys.stderr)
    shutil.rmtree(folder)
    return {
        "deletion": ratio(named["deletion"], random["deletion"], seed),
        "insertion": ratio(named["insertion"], random["insertion"], seed),
        "other_weights": mean(others, seed),
        "planted": planted(asked, stamps, seed),
        "cost": {"median": float(np.median(cost)), **interval(cost, seed, np.median)},
        "points": {"median": float(np.median(points)), "most": max(points)},
        "complete": share(complete, len(stamps)),
        "complete_deep": share(complete_deep, len(range(0, len(stamps), 4))),
    }


def replace_weights(asked: Asked, folder: Path) -> Asked:
    """The same model with the connector's and the language model's weights drawn anew, at their own sizes."""
    model = new_model(asked.model.config)
    torch.manual_seed(7)
    with torch.no_grad():
        for part in (model.connector, model.language):
            trained = asked.model.connector if part is model.connector else asked.model.language
            for weight, own in zip(part.parameters(), trained.parameters(), strict=True):
                if weight.dim() > 1:
                    nn.init.normal_(weight, std=float(own.std()))
    model.requires_grad_(False).eval()
    # A folder of its own: what the question alone does is another model's, and is not taken apart here.
    return Asked(model, asked.policy, scorer_of(model, asked.policy, silent), folder)


def planted(asked: Asked, stamps: Sequence[Any], seed: int) -> dict[str, Any]:
    """How often the strongest area lies in the quarter where the only thing was put."""
    random, right, counted = np.random.default_rng(seed), 0, 0
    keys = [label.key for label in asked.policy.labels]
    for stamp in stamps:
        row, column = random.integers(0, 2, size=2)
        half = SIDE // 2
        thing = Image.fromarray(plain_view(picture_of(stamp), SIDE)).resize((half, half))
        canvas = Image.new("RGB", (SIDE, SIDE), "white")
        canvas.paste(thing, (int(column) * half, int(row) * half))
        seen = Seen.of_picture(np.asarray(canvas))
        contrast, _ = asked.contrast(seen)
        if contrast.label not in keys or contrast.label != stamp.kind:
            continue
        counted += 1
        grid = np.asarray(asked.explained(seen, contrast).grid)
        y, x = np.unravel_index(int(grid.argmax()), grid.shape)
        # The middle of the area decides; of an odd grid the middle row lies half in each.
        right += bool(
            (y + 0.5) / grid.shape[0] * 2 // 1 == row and (x + 0.5) / grid.shape[1] * 2 // 1 == column
        )
    return {**share(right, counted), "named_rightly": counted, "chance": 0.25}


def ratio(one: Sequence[float], other: Sequence[float], seed: int) -> dict[str, Any]:
    """Of the means, paired by picture."""
    pairs = np.array([one, other], dtype=float)
    return {
        "ratio": float(pairs[0].mean() / pairs[1].mean()),
        **interval(pairs.T, seed, lambda rows: rows[:, 0].mean() / rows[:, 1].mean()),
        "named": float(pairs[0].mean() / 1e6),
        "random": float(pairs[1].mean() / 1e6),
    }


def mean(values: Sequence[float], seed: int) -> dict[str, Any]:
    return {"mean": float(np.mean(values)), **interval(values, seed, np.mean), "n": len(values)}


def interval(values: Any, seed: int, of: Any) -> dict[str, Any]:
    """Percentile bootstrap, 95 %."""
    rows, random = np.asarray(values, dtype=float), np.random.default_rng(seed)
    drawn = [of(rows[random.integers(0, len(rows), len(rows))]) for _ in range(RESAMPLES)]
    return {"interval": [float(each) for each in np.quantile(drawn, (0.025, 0.975))]}


def share(right: int, count: int) -> dict[str, Any]:
    """With Wilson's interval, 95 %."""
    if not count:
        return {"share": None, "interval": [0.0, 1.0], "n": 0}
    z, part = 1.959964, right / count
    middle = (part + z * z / (2 * count)) / (1 + z * z / count)
    wide = z * ((part * (1 - part) + z * z / (4 * count)) / count) ** 0.5 / (1 + z * z / count)
    return {"share": part, "interval": [max(0.0, middle - wide), min(1.0, middle + wide)], "n": count}


if __name__ == "__main__":
    sys.exit(main())
