"""Whose fault it is: each class of fault by what really raises it."""

from __future__ import annotations

import errno

import pytest
import torch
from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from omnigov.contracts import Quarantined, Refused
from omnigov.intake.vault import VaultAway, VaultDamaged
from workers.faults import Fault, ModelDiffers, WorkerUnfit, fault_of, sentence_of
from workers.weights import WeightsDiffer, WeightsMissing


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def stopped(cause: Exception) -> Exception:
    """What redaction makes of a detector that stopped with this error."""
    return caused(Quarantined("detector_failed", "The detector text stopped."), cause)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (Quarantined("detector_missing", "It did not load."), Fault.WORKER),
        (Quarantined("detector_silent", "It finds nothing."), Fault.WORKER),
        (WeightsMissing("It is not there."), Fault.WORKER),
        (WeightsDiffer("It has another digest."), Fault.WORKER),
        (ModelDiffers("Another version."), Fault.WORKER),
        (WorkerUnfit("No."), Fault.WORKER),
        (RuntimeError("CUDA error: unspecified launch failure"), Fault.WORKER),
        (RuntimeError("No CUDA GPUs: no CUDA-capable device is detected"), Fault.WORKER),
        (stopped(RuntimeError("CUDA error: device-side assert")), Fault.WORKER),
        (Quarantined("still_found", "Still there."), Fault.FILE),
        (Refused("damaged", "It is damaged."), Fault.FILE),
        (VaultDamaged("The seal does not open."), Fault.FILE),
        (VaultAway("The folder of originals is not there."), Fault.MOMENT),
        (stopped(ValueError("a strange picture")), Fault.FILE),
        (ZeroDivisionError(), Fault.FILE),
        (RuntimeError("shapes do not fit"), Fault.FILE),
        (OSError(errno.ENOENT, "no such file"), Fault.FILE),
        (IntegrityError("a key is used twice"), Fault.FILE),
        (DataError("too long"), Fault.FILE),
        (OperationalError("server closed the connection"), Fault.MOMENT),
        (InterfaceError("connection already closed"), Fault.MOMENT),
        (MemoryError(), Fault.MOMENT),
        (stopped(MemoryError()), Fault.MOMENT),
        (OSError(errno.ENOSPC, "no space left on device"), Fault.MOMENT),
        (OSError(errno.EIO, "input/output error"), Fault.MOMENT),
        (torch.OutOfMemoryError("CUDA out of memory."), Fault.MOMENT),
    ],
    ids=lambda each: f"{type(each).__name__}:{each}"[:60],
)
def test_whose_fault_it_is(error: Exception, fault: Fault) -> None:
    assert fault_of(error) is fault


def test_the_sentence_of_a_moment_says_what_failed() -> None:
    assert "database" in sentence_of(OperationalError("gone"))
    assert "memory" in sentence_of(stopped(MemoryError()))
    assert "disk" in sentence_of(OSError(errno.ENOSPC, "full"))
