"""A recording's peaks, gathered while it passes."""

from __future__ import annotations

import numpy as np
import pytest

from omnigov.contracts import peak_pairs
from workers.media.peaks import STEP, Peaks


@pytest.mark.parametrize("cut", [1, 777, STEP, 5 * STEP, 10**6])
def test_they_are_the_same_wherever_its_blocks_end(cut: int) -> None:
    samples = np.sin(np.arange(3 * STEP + 100, dtype=np.float32) / 40) * np.float32(0.5)
    samples[STEP + 3], samples[-1] = -1.0, 1.0
    peaks = Peaks()
    for at in range(0, len(samples), cut):
        peaks.add(samples[at : at + cut])
    pairs = peak_pairs(peaks.written())
    assert len(pairs) == 4
    assert pairs[1][0] == -127
    assert pairs[3][1] == 127
    assert pairs[0] == (-63, 63)


def test_of_no_samples_there_are_none() -> None:
    assert Peaks().written() == b""
