"""Removes evidence that no run names: what a worker wrote that was thought dead, or died."""

from __future__ import annotations

import itertools
import threading

from omnigov.evidence.services import orphans_sweep
from omnigov.keeper.job import Job, each_alone

NAME = "evidence"
_SHARDS = itertools.cycle(f"{number:02x}" for number in range(256))


def sweep(leaving: threading.Event) -> int:
    """One of the store's 256 folders at a time: all of them in three hours."""
    return each_alone(NAME, [next(_SHARDS)], lambda shard: orphans_sweep(shard=shard), leaving)


JOB = Job(NAME, 40.0, sweep)
