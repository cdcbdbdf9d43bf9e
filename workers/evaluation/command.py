"""`omnigov evaluate`: measure the shipped connector of a stage again, on the held-out pictures."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from omnigov.contracts import PolicySpec, Stage
from workers.alignment.command import POLICY_FILE, stamps_of
from workers.alignment.report import Report, make_report, table
from workers.alignment.stamps import StampsMissing
from workers.alignment.training import make_examples, measure
from workers.alignment.views import plain_features
from workers.omni.infer import load
from workers.omni.model import OmniModel, with_connector
from workers.weights import WeightsUnavailable


def main(argv: list[str] | None = None) -> int:
    """Returns 0, or 1 with a sentence when data or model files are missing."""
    parser = argparse.ArgumentParser(prog="omnigov evaluate", description=__doc__)
    parser.add_argument("--stage", choices=["image_text"], required=True)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--data", type=Path, help="the folder of captioned pictures; else the fetched data")
    parser.add_argument("--connector", type=Path, help="a connector file that is not shipped, to compare")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(argv)
    torch.set_num_threads(chosen.threads)
    try:
        model = with_connector(chosen.connector) if chosen.connector else load(Stage(chosen.stage))
        report = evaluate(model, chosen.data)
    except (StampsMissing, WeightsUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    print(report.model_dump_json(indent=2) if chosen.json else table(report))
    return 0


def evaluate(model: OmniModel, data: Path | None = None) -> Report:
    """Loss and label accuracy on the held-out pictures of `data`, or of the fetched data set.

    Raises StampsMissing, or `weights.WeightsMissing` where the data was not fetched.
    """
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    parts = stamps_of(data)
    examples = make_examples(model, policy, parts.held_out, plain_features(model, parts.held_out))
    return make_report(policy, parts, measure(model, policy, examples))
