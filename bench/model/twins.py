"""How many copies `workers/alignment/twins.py` tells, and how many it finds among the stamps.

    omnigov bench model --only twins [--features FOLDER]

*changed*: twenty stamps of each of four kinds, and of eight of two of these kinds copies that are shrunk and
saved as a poor JPEG, cropped, mirrored, made brighter or turned. A copy is told where it is taken for a twin
among its kind's twenty and the eight copies of its change; of the twenty alone any twin is one too many. On
these stamps the limit was set: development. *drawn*: the part of stamps with a twin where 10 and 50 a label
are drawn from those not held out, five times. *held_out*: how many held-out stamps have a twin of their own
label among all others. JSON.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from calibration import options_of, stamps_at, written
from few_shot import silent
from PIL import Image, ImageEnhance, ImageOps

from omnigov.contracts import PolicySpec
from workers.alignment.command import stamps_of
from workers.alignment.examples import Known
from workers.alignment.twins import kept_together, twins_among
from workers.alignment.views import picture_of, plain_view
from workers.omni.features import features_of
from workers.omni.infer import load
from workers.omni.model import OmniModel
from workers.omni.seen import Seen

KINDS = ("animal", "food", "tool", "vehicle")
CHANGED = ("animal", "tool")
OF_KIND, COPIED = 20, 8
SHOTS = (10, 50)
DRAWS = 5
SIDE = 224


def main(argv: Sequence[str] | None = None) -> int:
    options = options_of(__doc__, argv)
    policy, material, held = stamps_at(options.features)
    found = {**among_stamps(material, held), "changed": changed(load(policy.stage), policy)}
    return written(found, options.out)


def among_stamps(material: Known, held: np.ndarray) -> dict[str, Any]:
    others, ours = material.rows(~held), material.rows(held)
    twins = twins_among(ours.truth, ours.blocks, others.truth, others.blocks)
    random = np.random.default_rng(0)
    pools = [np.flatnonzero(~held & (material.truth == label)) for label in range(len(material.labels))]
    drawn = {}
    for shot in SHOTS:
        shares = []
        for _ in range(DRAWS):
            some = [random.choice(pool, min(shot, len(pool)), replace=False) for pool in pools]
            shares.append(_twins(material.rows(np.concatenate(some))))
        drawn[str(shot)] = float(np.concatenate(shares).mean())
    return {"held_out": {"twins": int(twins.sum()), "of": len(twins)}, "drawn": drawn}


def _twins(examples: Known) -> np.ndarray:
    names = [str(number) for number in range(len(examples.truth))]
    return kept_together(names, examples.truth, examples.blocks)[1]


def changed(model: OmniModel, policy: PolicySpec) -> dict[str, Any]:
    random, different, pairs = np.random.default_rng(0), 0, 0
    told: dict[str, list[int]] = {}
    training = stamps_of(None).training
    for kind in KINDS:
        all_of_kind = [stamp for stamp in training if stamp.kind == kind]
        some = random.choice(len(all_of_kind), min(OF_KIND, len(all_of_kind)), replace=False)
        pictures = [plain_view(picture_of(all_of_kind[number]), SIDE) for number in some]
        own = pooled(model, policy, pictures)
        different += int(twins_of_one_kind(own).sum())
        pairs += len(own) * (len(own) - 1) // 2
        print(kind, file=sys.stderr, flush=True)
        if kind not in CHANGED:
            continue
        copies: dict[str, list[np.ndarray]] = {}
        for picture in pictures[:COPIED]:
            for change, copy in changes(picture):
                copies.setdefault(change, []).append(copy)
        for change, some_copies in copies.items():
            made = pooled(model, policy, some_copies)
            twins = twins_of_one_kind(np.concatenate([own, made]))[len(own) :]
            counts = told.setdefault(change, [0, 0])
            counts[0], counts[1] = counts[0] + int(twins.sum()), counts[1] + len(twins)
    return {
        "told": {change: {"told": count, "of": of} for change, (count, of) in told.items()},
        "different": {"pairs": pairs, "stamps_with_a_twin": different},
    }


def changes(picture: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Each change's name and the changed picture: RGB, uint8, [height, width, 3]."""
    image = Image.fromarray(picture)
    width, height = image.size
    poor = io.BytesIO()
    image.resize((width * 2 // 3, height * 2 // 3)).save(poor, "JPEG", quality=60)
    yield "poor_jpeg", np.asarray(Image.open(poor).convert("RGB"))
    edge = int(0.04 * width)
    yield "cropped", np.asarray(image.crop((edge, edge, width - edge // 2, height - edge // 2)))
    yield "mirrored", np.asarray(ImageOps.mirror(image))
    yield "brighter", np.asarray(ImageEnhance.Brightness(image).enhance(1.2))
    yield "turned", np.asarray(image.rotate(4, fillcolor=(255, 255, 255)))


def pooled(model: OmniModel, policy: PolicySpec, pictures: Sequence[np.ndarray]) -> np.ndarray:
    """[pictures, width]"""
    media = [Seen.of_picture(picture) for picture in pictures]
    return np.array([made.blocks["pooled"] for made in features_of(model, media, policy, silent)])


def twins_of_one_kind(rows: np.ndarray) -> np.ndarray:
    names = [str(number) for number in range(len(rows))]
    return kept_together(names, np.zeros(len(rows), int), {"pooled": rows})[1]


if __name__ == "__main__":
    sys.exit(main())
