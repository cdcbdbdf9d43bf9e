"""How the small models of redaction are run: threads, and sessions without a word on the console."""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import onnxruntime

THREADS_VARIABLE = "OMNIGOV_THREADS"


def threads() -> int:
    """Threads a model may use: `OMNIGOV_THREADS`, else the cores of this process."""
    named = os.environ.get(THREADS_VARIABLE, "")
    if named.isdigit() and int(named) > 0:
        return int(named)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def session(model: bytes | str, *, at_once: int | None = None) -> onnxruntime.InferenceSession:
    """A session on the processor: the same numbers on each machine of a kind, and memory given back.

    `at_once` threads work on one call; all of `threads` where it is left out.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = at_once or threads()
    options.inter_op_num_threads = 1
    # The language model works beside it: who waits must leave the core.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])


def finite(answer: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The network's answer, if it is one.

    Nothing that is no number is above a threshold: a network that breaks would find nothing, and the picture
    would come out as it went in. Raises `ArithmeticError`.
    """
    if not np.isfinite(answer).all():
        raise ArithmeticError("A network answered with something that is no number.")
    return answer


def _trimmer() -> Callable[[int], int] | None:
    """glibc's `malloc_trim`; other C libraries have none, and keep less."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return trim


_trim = _trimmer()


def give_back() -> None:
    """Gives memory that was freed back to the system.

    glibc keeps what networks take and free for each picture in pieces that the next picture, of another size,
    does not fit into: a third of a gigabyte after a few large ones.
    """
    if _trim is not None:
        _trim(0)


def joint_digest(digests: Iterable[str]) -> str:
    """One SHA-256 for several, in hex: of their hex forms, one a line, in this order."""
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()
