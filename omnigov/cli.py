"""The `omnigov` command: one verb, one file under `commands/`, loaded only when asked for.

The GPU side's verbs go to `python -m workers VERB`, so that this process never loads torch; `verify`
needs neither Django nor a server.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable

from omnigov.embedded import ServicesFailed, leave_on_terminate

GPU_SIDE = {
    "redact": "redact personal data in a picture or a folder of them",
    "reveal": "show the value behind a pseudonym of a case, with a reason",
    "align": "train the connector of a stage",
    "adapt": "fit a head for one policy on examples of it",
    "evaluate": "measure a policy on examples, or a stage on held-out data",
    "ask": "redact, decide and explain files, without server or database; records nothing",
    "models": "fetch, list, verify the model files",
    "data": "fetch, list training and benchmark data",
}
HERE = {
    "demo": ("omnigov.commands.demo", "the whole product once, on the files of samples/"),
    "setup": (
        "omnigov.commands.setup",
        "migrate the database, register models, publish the built-in policies",
    ),
    "serve": (
        "omnigov.commands.serve",
        "start the web server, a keeper and workers, and start again what ends",
    ),
    "worker": ("omnigov.commands.worker", "start a worker"),
    "keeper": (
        "omnigov.commands.keeper",
        "start the housekeeper: places in the log, exports, sweeps, retention",
    ),
    "doctor": ("omnigov.commands.doctor", "check this machine and say the mend for what is amiss"),
    "person": ("omnigov.commands.person", "add a person, or give one a role or a new password"),
    "submit": ("omnigov.commands.submit", "hand in files or folders as a batch"),
    "decisions": ("omnigov.commands.decisions", "list decisions"),
    "done": ("omnigov.commands.done", "record what was done on a decision: released, rejected, sent on"),
    "export": ("omnigov.commands.record:main_export", "write the provenance of decisions to a file"),
    "verify": ("omnigov.ledger.verify", "check an export; needs no server, no database, no network"),
    "ledger": ("omnigov.commands.record:main_ledger", "status, check, prove, cosign"),
    "erase": ("omnigov.commands.erase", "erase media for good, and write the certificate"),
    "policy": ("omnigov.commands.policy", "show a policy, or write its redaction profile"),
    "hold": ("omnigov.commands.hold", "place, release and list legal holds"),
    "witness": ("omnigov.ledger.witness", "cosign a log's checkpoints, on somebody else's machine"),
    "bench": ("omnigov.commands.bench", "measure, and write JSON"),
}


def main(argv: list[str] | None = None) -> int:
    """Runs one verb and returns its exit code: 0 done, 1 not done (with a sentence), 2 wrong usage."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(_usage())
        return 0
    verb, rest = arguments[0], arguments[1:]
    leave_on_terminate()
    if verb in GPU_SIDE:
        return subprocess.call([sys.executable, "-m", "workers", verb, *rest])  # noqa: S603 - ourselves
    if verb not in HERE:
        print(f"omnigov has no verb {verb!r}.\n\n{_usage()}", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnigov.settings")
    try:
        return _load(HERE[verb][0])(rest)
    except ServicesFailed as failure:
        print(f"omnigov {verb}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _load(target: str) -> Callable[[list[str]], int]:
    module, _, function = target.partition(":")
    loaded: Callable[[list[str]], int] = getattr(importlib.import_module(module), function or "main")
    return loaded


def _usage() -> str:
    verbs = {**{name: text for name, (_, text) in HERE.items()}, **GPU_SIDE}
    lines = [f"  {name:<10} {verbs[name]}" for name in sorted(verbs)]
    return "\n".join(["usage: omnigov VERB …   (omnigov VERB --help says more)", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
