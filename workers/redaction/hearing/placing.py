"""Where in time something lies that was found in what was said, and how far around it is silent."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from workers.media.sound import RATE
from workers.redaction.hearing.recording import Recording, Stretch, loudness

GUARD = RATE // 4  # samples that are hidden a side at least
SEARCHED = RATE * 3 // 10  # samples beyond the guard in which a pause is looked for
FRAME = RATE // 100  # samples over which loudness is taken
QUIET = 0.1  # of the loudest there: what is quieter is a pause


def placed(stretch: Stretch, recording: Recording) -> Stretch:
    """The stretch with its guard, each edge moved outwards to the next pause, where there is one near.

    Raises `ArithmeticError` for a stretch that is empty or lies outside the recording.
    """
    if not 0 <= stretch.start < stretch.end <= recording.length:
        raise ArithmeticError("What is to be hidden lies outside of the recording.")
    start, end = stretch.start - GUARD, stretch.end + GUARD
    before = loudness(recording.part(start - SEARCHED, max(start, 0)), FRAME)[::-1]
    after = loudness(recording.part(end, end + SEARCHED), FRAME)
    loudest = float(loudness(recording.part(start, end), FRAME).max(initial=0.0))
    start -= _steps(before.tolist(), QUIET * loudest) * FRAME
    end += _steps(after.tolist(), QUIET * loudest) * FRAME
    return Stretch(max(0, start), min(recording.length, end))


def _steps(loud: Iterable[float], quiet: float) -> int:
    """Frames up to the first that is quiet; none where no frame is."""
    return next((number for number, frame in enumerate(loud) if frame <= quiet), 0)


def silent(recording: Recording) -> bool:
    """Whether nothing is to be heard at all."""
    return not any(np.any(block) for block in recording.blocks())
