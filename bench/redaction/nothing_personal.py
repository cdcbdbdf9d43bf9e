"""Pictures without anybody's data: how many of them are touched, and how much of them is hidden for nothing.

Photographs, textures, drawings, and pictures of screens that Debian's packages carry, listed in
nothing_personal.json. What is tuned is tuned on `--nothing-split development`, which holds other pictures.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from measure import share

from omnigov.contracts import Limits, Quarantined, RedactionProfile
from workers.redaction.kinds import picture
from workers.weights import datasets

LISTED: dict[str, Any] = json.loads(
    Path(__file__).with_name("nothing_personal.json").read_text(encoding="utf-8")
)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--nothing-split", choices=("held-out", "development"), default="held-out", help="nothing_personal"
    )
    parser.add_argument("--nothing-every", type=int, default=1, help="nothing_personal: every so-manieth")


def run(options: argparse.Namespace) -> dict[str, Any]:
    profile = RedactionProfile()
    picture.load(profile)
    names = [(data, name) for data, listed in LISTED[options.nothing_split].items() for name in listed][
        :: options.nothing_every
    ]
    hidden, touched, held_back = list[float](), dict[str, str](), list[str]()
    kinds: Counter[str] = Counter()
    for data, name in names:
        original = (datasets.path(data) / name).read_bytes()
        try:
            _, result = picture.redact(original, profile, Limits())
        except Quarantined as reason:
            held_back.append(f"{data}/{name}: {reason.code}")
            continue
        mask = np.zeros((result.height, result.width), np.bool_)
        for finding in result.findings:
            mask[finding.area.top : finding.area.bottom, finding.area.left : finding.area.right] = True
        hidden.append(float(mask.mean()))
        if result.findings:
            found = Counter(f"{each.kind} by {each.detector}" for each in result.findings)
            kinds += found
            touched[f"{data}/{name}"] = f"{hidden[-1]:.2%}: {', '.join(sorted(found))}"
    return {
        "material": "pictures without personal data",
        "split": options.nothing_split,
        "pictures": len(names),
        "touched": share(len(touched), len(hidden)),
        "area_hidden_on_average": round(float(np.mean(hidden)), 5),
        "held_back": held_back,
        "regions_by_kind": dict(kinds.most_common()),
        "which": touched,
    }
