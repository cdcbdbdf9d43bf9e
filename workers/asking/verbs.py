"""`omnigov evaluate`: of a policy on examples, or of a stage's connector on the data held out from it."""

from __future__ import annotations


def evaluate(argv: list[str]) -> int:
    if any(word == "--stage" or word.startswith("--stage=") for word in argv):
        from workers.evaluation.command import main

        return main(argv)
    from workers.asking.command import evaluating

    return evaluating(argv)
