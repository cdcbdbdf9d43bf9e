"""How the small models of redaction are run: threads, and sessions without a word on the console."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import onnxruntime

from workers import memory

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
    memory.keep(memory.MUCH)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = at_once or threads()
    options.inter_op_num_threads = 1
    # The language model works beside it: who waits must leave the core.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # An arena of its own for each network would keep the most that it ever took; one heap is kept for all.
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


def joint_digest(digests: Iterable[str]) -> str:
    """One SHA-256 for several, in hex: of their hex forms, one a line, in this order."""
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()
