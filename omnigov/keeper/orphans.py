"""Removes what nothing names: evidence of a worker that was thought dead, or died, and spare originals.

An upload that was refused, or whose bytes were here before, is removed right after that is committed. Whoever
is killed in between leaves it with its keys, and no row leads there but its own.
"""

from __future__ import annotations

import itertools
import threading

from omnigov.evidence.services import orphans_sweep
from omnigov.intake import vault
from omnigov.intake.queries import spare
from omnigov.keeper.job import Job, each_alone

NAME = "evidence"
ORIGINALS = "spare originals"
EVERY = 40.0
"""Seconds for one of 256 folders: all of them in three hours."""

_SHARDS = [f"{number:02x}" for number in range(256)]
_of_evidence, _of_originals = itertools.cycle(_SHARDS), itertools.cycle(_SHARDS)


def sweep(leaving: threading.Event) -> int:
    """Sweeps the evidence store's next folder."""
    return each_alone(NAME, [next(_of_evidence)], lambda shard: orphans_sweep(shard=shard), leaving)


def originals_sweep(leaving: threading.Event) -> int:
    """Sweeps the vault's next folder."""
    return originals_remove(next(_of_originals), leaving)


def originals_remove(shard: str, leaving: threading.Event) -> int:
    """Removes the spare originals of one folder, each alone; how many."""
    return each_alone(ORIGINALS, spare(list(vault.held(shard))), vault.discard, leaving)


JOBS = (Job(NAME, EVERY, sweep), Job(ORIGINALS, EVERY, originals_sweep))
