"""`omnigov ledger …` and `omnigov export …`: the ledger's own commands, with the servers up."""

from __future__ import annotations

import argparse
import sys
import uuid

from omnigov.commands.installation import installation


def main_ledger(argv: list[str]) -> int:
    with installation():
        from omnigov.decisions.comparison import compare
        from omnigov.erasure.comparison import compare as compare_erasures
        from omnigov.ledger.command import main_ledger as run
        from omnigov.review.comparison import compare as compare_reviews

        return run(argv, comparisons=[compare, compare_reviews, compare_erasures])


def main_export(argv: list[str]) -> int:
    """`--batch ID` is ours: the ledger knows runs, and a batch is the runs of its files."""
    parser = argparse.ArgumentParser(prog="omnigov export", add_help=False)
    parser.add_argument("--batch", type=uuid.UUID)
    options, rest = parser.parse_known_args(argv)
    with installation():
        from omnigov.decisions.models import Run
        from omnigov.exports.command import main as run

        if options.batch is None:
            return run(rest)
        runs = Run.objects.filter(submission__batch=options.batch)
        subjects = frozenset(runs.values_list("pk", flat=True))
        if not subjects:
            print(f"There is no batch {options.batch} with a run.", file=sys.stderr)
            return 1
        # Its auditors see in their ledger that it was exported.
        workspace = str(runs.values_list("workspace", flat=True)[0])
        return run([*rest, "--workspace", workspace], subjects=subjects)
