"""`omnigov worker`: a parent that keeps one child for each queue it is given, and starts it again."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator

from omnigov.commands.installation import installation

QUEUES = ("cpu", "gpu")
POOL = "OMNIGOV_DATABASE_CONNECTIONS"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov worker", description=__doc__)
    parser.add_argument("--queues", default="cpu,gpu", help="cpu redacts, gpu runs the model (default: both)")
    parser.add_argument("--redactions", type=int, default=1, help="children for the queue cpu (default: 1)")
    options = parser.parse_args(argv)
    queues = [name.strip() for name in options.queues.split(",") if name.strip()]
    unknown = sorted(set(queues) - set(QUEUES))
    if unknown or not queues:
        print(f"There is no queue {', '.join(unknown) or '(none)'}; there are cpu and gpu.", file=sys.stderr)
        return 2
    with contextlib.ExitStack() as stack:
        with _without_pool():
            stack.enter_context(installation())
        from omnigov.supervision.restarting import interrupted
        from omnigov.supervision.worker import Parent

        counted = [name for name in queues for _ in range(options.redactions if name == "cpu" else 1)]
        with interrupted():
            Parent(counted).run()
    return 0


@contextlib.contextmanager
def _without_pool() -> Iterator[None]:
    """No pool of connections for the settings that are read in the block, and none of its threads.

    The parent has one thread, and has to: it makes processes. Its children read the variable as it was.
    """
    before = os.environ.get(POOL)
    os.environ[POOL] = "0"
    try:
        yield
    finally:
        os.environ.pop(POOL)
        if before is not None:
            os.environ[POOL] = before
