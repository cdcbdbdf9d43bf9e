"""A worker's child: loads what its queue's runs need, then is Celery for that queue.

    python -m workers.child --queue cpu|gpu [--line FD]

Started by `omnigov worker`, which watches over it. Nothing is claimed before everything is loaded and has
shown that it works: a worker that is not fit touches no run.
"""

from __future__ import annotations

import argparse
import os
import sys

UNFIT = 3
"""Exit code of a worker that can't do its work; the sentence went to the parent before."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m workers.child", description=__doc__)
    parser.add_argument("--queue", required=True, choices=("cpu", "gpu"))
    parser.add_argument("--line", type=int, help="the socket to the parent")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnigov.settings")
    import django

    django.setup()
    from omnigov.celery import app
    from workers import memory
    from workers.running.process import process

    if options.line is not None:
        process.line.connect(options.line)
    sentence = _load(options.queue)
    if sentence:
        print(f"This worker can't take the queue {options.queue}: {sentence}", file=sys.stderr, flush=True)
        process.line.unfit(sentence)
        return UNFIT
    memory.give_back()  # what loading took and freed
    process.line.ready(process.models or ())
    app.worker_main(
        [
            *("worker", "-Q", options.queue, "-P", "threads", "-c", "1", "--loglevel", "INFO"),
            *("-n", f"{options.queue}-{os.getpid()}@%h", "--without-gossip", "--without-mingle"),
        ]
    )
    return 0


def _load(queue: str) -> str:
    """Loads what the queue needs; why it can't be used, or nothing."""
    from omnigov.contracts import Quarantined
    from omnigov.intake.originals_key import keys_make
    from workers import pipeline
    from workers.running.keys import keys_held
    from workers.running.process import process

    try:
        keys_held()
        if queue == "gpu":
            process.models = pipeline.prepare_model()
        else:
            keys_make()
            pipeline.prepare_redaction()
    except Quarantined as reason:
        return reason.sentence
    except Exception as error:  # noqa: BLE001 - native libraries raise what they like when they don't load
        name = type(error).__name__
        return (
            str(error)
            if error.__class__.__module__.startswith(("workers", "omnigov"))
            else f"{name}: {error}"
        )
    return ""


if __name__ == "__main__":
    sys.exit(main())
