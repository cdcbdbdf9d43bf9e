"""Whose fault it is that a step did not end well, and so what becomes of the run.

The *worker's* fault (a detector is missing or silent, weights differ, the model is another one, the GPU is
gone) says nothing about the file: every other file would end the same way here. The run is given back, and
the worker stops. The *file's* fault ends its run. The *moment's* fault (database, disk, memory) may pass, and
the run is tried again after a pause.
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator
from enum import Enum

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

from omnigov.contracts import Quarantined
from omnigov.decisions.leases import Claim
from omnigov.intake.vault import VaultAway
from workers.weights import WeightsUnavailable

UNFIT_CODES = frozenset({"detector_missing", "detector_silent"})
"""Codes of redaction that tell of the worker and not of the file."""

GPU_GONE = (
    "CUDA error",
    "CUDA driver",
    "no CUDA-capable device",
    "CUDA unknown error",
    "cuDNN error",
    "NCCL",
)
"""How torch begins to say that the device is no longer to be had; it has no class of its own for each."""

PASSING = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EROFS,
        errno.EFBIG,
    }
)


class Fault(Enum):
    """Whose fault it is."""

    WORKER = "worker"
    FILE = "file"
    MOMENT = "moment"


class ModelDiffers(RuntimeError):
    """The run names a model version that this worker has not got."""


class WorkerUnfit(RuntimeError):
    """This worker can't do its work; the sentence says why and what mends it.

    `suspects` are the runs at work whose files may be the cause: a file that ends the GPU of each worker
    that takes it, alone, is not to end them for ever.
    """

    def __init__(self, sentence: str, *, suspects: Collection[Claim] = ()) -> None:
        super().__init__(sentence)
        self.suspects = tuple(suspects)


def fault_of(error: BaseException) -> Fault:
    """Whose fault this error is. What nobody knows is held to be the file's: it ends one run, and is told."""
    if isinstance(error, Quarantined):
        if error.code in UNFIT_CODES:
            return Fault.WORKER
        # A detector that stopped says only that; what stopped it is the error before.
        return next((fault for fault in map(_known, _causes(error)) if fault), Fault.FILE)
    return _known(error) or Fault.FILE


def sentence_of(error: BaseException) -> str:
    """What a run's page says while it waits out a fault of the moment."""
    kinds = [type(each) for each in (error, *_causes(error))]
    if any(issubclass(kind, DatabaseError | InterfaceError) for kind in kinds):
        return "The database did not answer. The file is tried again by itself."
    if VaultAway in kinds:
        return "The folder of originals is not there, or is empty. The file is tried again by itself."
    if any(issubclass(kind, MemoryError) for kind in kinds) or any(
        map(_gpu_memory, (error, *_causes(error)))
    ):
        return "The worker's memory did not suffice. The file is tried again by itself."
    return "The worker's disk could not be written or read. The file is tried again by itself."


def _known(error: BaseException) -> Fault | None:
    if isinstance(error, WorkerUnfit | WeightsUnavailable | ModelDiffers):
        return Fault.WORKER
    if isinstance(error, MemoryError) or _gpu_memory(error):
        return Fault.MOMENT
    if isinstance(error, OperationalError | InterfaceError) and not isinstance(error, IntegrityError):
        return Fault.MOMENT
    if isinstance(error, VaultAway) or (isinstance(error, OSError) and error.errno in PASSING):
        return Fault.MOMENT
    return Fault.WORKER if gpu_gone(error) else None


def gpu_gone(error: BaseException) -> bool:
    """Whether the GPU ended: by itself, or over what was just computed, which one fault does not tell."""
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in GPU_GONE)


def _gpu_memory(error: BaseException) -> bool:
    """torch's own error, told by name: this file does not load torch."""
    return type(error).__name__ == "OutOfMemoryError" and type(error).__module__.startswith("torch")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__
