"""Work that hangs is ended, and what it says or raises comes back."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from omnigov.contracts import Quarantined
from workers.redaction.core import deadline


def children() -> set[str]:
    """The processes that this one started and that are not gone, by number."""
    return {
        pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()
    }


def test_what_it_returns_comes_back_whole() -> None:
    assert deadline.within(30, lambda: [[1, "名\ud83d"], "x" * 3_000_000]) == [
        [1, "名\ud83d"],
        "x" * 3_000_000,
    ]


def test_a_pattern_that_hangs_is_ended() -> None:
    before, started = children(), time.monotonic()
    with pytest.raises(TimeoutError):
        deadline.within(0.5, lambda: re.match(r"(a+)+$", "a" * 60 + "b"))
    assert time.monotonic() - started < 20
    assert children() == before


def test_what_it_raises_is_told_without_its_text() -> None:
    def keeps() -> None:
        raise Quarantined("detector_silent", "It says nothing.")

    def fails() -> None:
        raise ValueError("Eleanor Whitfield")

    with pytest.raises(Quarantined, match="It says nothing") as kept:
        deadline.within(30, keeps)
    assert kept.value.code == "detector_silent"
    with pytest.raises(ChildProcessError, match=r"^ValueError$"):
        deadline.within(30, fails)
    with pytest.raises(ChildProcessError, match="no answer"):
        deadline.within(30, lambda: os._exit(3))
