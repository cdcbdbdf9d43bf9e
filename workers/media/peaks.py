"""The peaks of a recording, for its waveform: gathered while its samples pass, a block at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from omnigov.contracts import PEAK_MS
from workers.media.sound import RATE

STEP = RATE * PEAK_MS // 1000


class Peaks:
    """A lowest and a highest sample for each `PEAK_MS`, from -127 to 127, as signed bytes."""

    def __init__(self) -> None:
        self._found = bytearray()
        self._left: npt.NDArray[np.float32] = np.zeros(0, np.float32)

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """The next samples, from -1 to 1; blocks may end anywhere."""
        samples = np.concatenate([self._left, block]) if len(self._left) else block
        whole = len(samples) // STEP * STEP
        self._left = samples[whole:]
        if whole:
            self._write(samples[:whole].reshape(-1, STEP))

    def written(self) -> bytes:
        """Those of all samples, the last stretch of which may be shorter."""
        if len(self._left):
            self._write(self._left.reshape(1, -1))
            self._left = self._left[:0]
        return bytes(self._found)

    def _write(self, stretches: npt.NDArray[np.float32]) -> None:
        pairs = np.stack([stretches.min(1), stretches.max(1)], axis=1)
        self._found += np.clip(np.round(pairs * 127), -127, 127).astype(np.int8).tobytes()
