"""`omnigov adapt` and `omnigov evaluate`: fit a policy's head on examples, and measure what it is worth."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch

from omnigov.contracts import PolicySpec, Quarantined, Refused, digest_of
from workers import omni, pipeline, weights
from workers.alignment.adapting import adapt
from workers.alignment.examples import Example, NotEnough
from workers.asking.folder import FolderUnusable, examples_in
from workers.asking.kept import KeptFeatures, forget_unkeyed, keep, newest
from workers.asking.policy_file import PolicyUnusable, policy_from
from workers.asking.words import json_of_evaluation, json_of_head, of_evaluation, of_head
from workers.evaluation.evaluating import evaluate
from workers.evaluation.page import write_page
from workers.omni.heads import HeadUnfit
from workers.weights import WeightsUnavailable

Stops = (
    PolicyUnusable,
    FolderUnusable,
    NotEnough,
    HeadUnfit,
    Quarantined,
    Refused,
    WeightsUnavailable,
    omni.StageNotAligned,
    OSError,
    ValueError,
)
"""What ends a command with a sentence."""


def adapting(argv: list[str]) -> int:
    """`omnigov adapt`: 0 where a head was fitted and kept, else 1 with a sentence."""
    chosen = _arguments("adapt", "fit a head for one policy on examples of it", argv)
    try:
        print(_adapt(chosen))
    except Stops as error:
        print(f"omnigov adapt: {error}", file=sys.stderr)
        return 1
    return 0


def evaluating(argv: list[str]) -> int:
    """`omnigov evaluate --policy`: 0 where it was measured, else 1 with a sentence."""
    chosen = _arguments("evaluate", "measure how well a policy is answered on examples of it", argv)
    try:
        print(_evaluate(chosen))
    except Stops as error:
        print(f"omnigov evaluate: {error}", file=sys.stderr)
        return 1
    return 0


def _arguments(verb: str, about: str, argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"omnigov {verb}", description=about)
    parser.add_argument("--policy", required=True, metavar="P", help="a policy's file (JSON), or its name")
    parser.add_argument("--workspace", default="", metavar="W", help="take the policy of this workspace")
    parser.add_argument(
        "--examples", required=True, type=Path, metavar="DIR", help="one folder a label, named by its key"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write a page, pictures and JSON there")
    parser.add_argument("--seed", type=int, default=0, help="of folds and of what is drawn")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(argv)
    torch.set_num_threads(chosen.threads)
    return chosen


def _adapt(chosen: argparse.Namespace) -> str:
    policy, progress = policy_from(chosen.policy, chosen.workspace), Progress()
    examples, left_out = _read(chosen.examples, policy, progress)
    file, card = adapt(
        examples, policy, progress, left_out=left_out, seed=chosen.seed, cache=_features_of(policy)
    )
    progress.done()
    place = keep(policy, file, card)
    if chosen.out:
        write_page(chosen.out, policy, card.measured, card)
    if chosen.json:
        said = {**json_of_head(card), "file": str(place), "seconds": progress.seconds}
        return json.dumps(said, ensure_ascii=False, indent=2)
    lines = [*of_evaluation(card.measured), *of_head(card), f"kept: {place}"]
    return "\n".join(lines)


def _evaluate(chosen: argparse.Namespace) -> str:
    policy, progress = policy_from(chosen.policy, chosen.workspace), Progress()
    kept = newest(policy)
    examples, left_out = _read(chosen.examples, policy, progress)
    found = evaluate(
        examples,
        policy,
        kept[0] if kept else None,
        progress,
        left_out=left_out,
        seed=chosen.seed,
        cache=_features_of(policy),
    )
    progress.done()
    if chosen.out:
        write_page(chosen.out, policy, found, kept[1] if kept else None)
    if chosen.json:
        said = {**json_of_evaluation(found), "seconds": progress.seconds}
        return json.dumps(said, ensure_ascii=False, indent=2)
    by = f"its head {kept[1].name}" if kept else "the model alone: no head was fitted to this policy"
    return "\n".join([f"answered by {by}", *of_evaluation(found)])


def _read(folder: Path, policy: PolicySpec, progress: Progress) -> tuple[list[Example], Any]:
    pipeline.prepare_redaction()
    progress.begin("redact")
    examples, left_out = examples_in(folder, policy, progress)
    progress.begin("features")
    return examples, left_out


def _features_of(policy: PolicySpec) -> KeptFeatures:
    """Kept by policy and model, for the model's own scores are among them."""
    base = digest_of(weights.model_version(policy.stage))
    made_by = f"{base} {digest_of(policy)}"
    forget_unkeyed(hashlib.sha256(made_by.encode()).hexdigest())
    return KeptFeatures(hashlib.sha256(f"keyed {made_by}".encode()).hexdigest())


class Progress:
    """Hears what is being done: seconds of each part, and on a terminal a line that is written over."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._part, self._since = "load", time.perf_counter()

    def __call__(self, step: str, artefact: Any = None, progress: float | None = None) -> None:
        if step in ("fold", "head") and self._part != "fit":
            self.begin("fit")
        if step in ("redact", "features", "fold") and progress is not None and sys.stderr.isatty():
            print(f"\r{step} {progress:4.0%}   ", end="", file=sys.stderr, flush=True)

    def begin(self, part: str) -> None:
        self.done()
        self._part, self._since = part, time.perf_counter()

    def done(self) -> None:
        spent = time.perf_counter() - self._since
        self.seconds[self._part] = round(self.seconds.get(self._part, 0) + spent, 2)
        self._since = time.perf_counter()
        if sys.stderr.isatty():
            print("\r", end="", file=sys.stderr)
