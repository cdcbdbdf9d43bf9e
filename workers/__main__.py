"""`python -m workers VERB …`: the GPU side's verbs. Each is imported only when it is asked for.

`omnigov VERB …` comes here too, so that the web app's process never loads torch.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence

VERBS = {
    "models": ("workers.weights.command:models", "fetch, list, verify, describe, pin the model files"),
    "data": ("workers.weights.command:data", "fetch, list training and benchmark data"),
    "redact": ("workers.redaction.cli.command:main", "redact personal data in a picture or a folder of them"),
    "reveal": (
        "workers.redaction.cli.reveal:main",
        "show the value behind a pseudonym of a case, with a reason",
    ),
    "align": ("workers.alignment.command:main", "train the connector of a stage"),
    "adapt": ("workers.asking.command:adapting", "fit a head for one policy on examples of it"),
    "evaluate": (
        "workers.asking.verbs:evaluate",
        "measure a policy on examples, or a stage on held-out data",
    ),
    "ask": ("workers.asking.ask:main", "redact, decide and explain files, and record nothing"),
    "doctor": ("workers.doctor:main", "check this side's libraries, device and model files"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb; returns its exit code: 0 done, 1 not done (with a sentence), 2 wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0
    verb, rest = arguments[0], arguments[1:]
    if verb not in VERBS:
        print(f"workers has no verb {verb!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    module, _, function = VERBS[verb][0].partition(":")
    run: Callable[[list[str]], int] = getattr(importlib.import_module(module), function)
    try:
        return run(rest)
    except KeyboardInterrupt:
        return 130


def usage() -> str:
    lines = [f"  {verb:<9} {about}" for verb, (_, about) in VERBS.items()]
    return "\n".join(["usage: python -m workers VERB …   (VERB --help says more)", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
