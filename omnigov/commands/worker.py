"""`omnigov worker`: one worker process for the queues it is given."""

from __future__ import annotations

import argparse

from omnigov.commands.house import child, house, worker_command


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov worker", description=__doc__)
    parser.add_argument("--queues", default="cpu,gpu", help="cpu redacts, gpu runs the model (default: both)")
    parser.add_argument("--concurrency", type=int, default=2, help="threads (default: 2)")
    options = parser.parse_args(argv)
    with (
        house(),
        child(
            worker_command(queues=options.queues, concurrency=options.concurrency), name="worker"
        ) as process,
    ):
        return process.wait()
