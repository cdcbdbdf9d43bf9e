"""Where in time something lies that was found in what was said, and how far around it is silent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workers.media.sound import RATE, Samples
from workers.redaction.hearing.recording import Recording, Stretch, loudness

GUARD = RATE // 4  # samples that are hidden a side at least
SEARCHED = RATE * 3 // 10  # samples beyond the guard in which a pause is looked for
FRAME = RATE // 100  # samples over which loudness is taken
PAUSE = 8  # frames: a stop within a word, such as before the last sound of "eight", is quiet for less
DIP = 3  # frames over which the quietest place is looked for, where nobody pauses
QUIET = 0.1  # of the loudest there: what is quieter may be a pause


def placed(stretch: Stretch, recording: Recording) -> Stretch:
    """The stretch with its guard, each edge moved outwards over the next pause, where there is one near.

    A recogniser's times lie inside a word at times. So a pause is taken along, and where nobody pauses the
    edge lies where the voice is weakest: there a word ends more likely than elsewhere. Raises
    `ArithmeticError` for a stretch that is empty or lies outside the recording.
    """
    if not 0 <= stretch.start < stretch.end <= recording.length:
        raise ArithmeticError("What is to be hidden lies outside of the recording.")
    start, end = stretch.start - GUARD, stretch.end + GUARD
    searched = SEARCHED + PAUSE * FRAME
    before = _loud(recording.part(start - searched, max(start, 0))[::-1])
    after = _loud(recording.part(end, end + searched))
    loudest = float(loudness(recording.part(start, end), FRAME).max(initial=0.0))
    start -= _frames(before, QUIET * loudest) * FRAME
    end += _frames(after, QUIET * loudest) * FRAME
    return Stretch(max(0, start), min(recording.length, end))


def _loud(samples: Samples) -> npt.NDArray[np.float32]:
    """How loud each frame is that is searched; beyond the recording it is silent."""
    whole = np.zeros(SEARCHED + PAUSE * FRAME, np.float32)
    whole[: samples.size] = samples
    return loudness(whole, FRAME)


def _frames(loud: npt.NDArray[np.float32], quiet: float) -> int:
    """Frames up to the end of the first pause, no more of it than `PAUSE`; else into the quietest place."""
    run = 0
    for number, frame in enumerate(loud.tolist(), 1):
        run = run + 1 if frame <= quiet else 0
        if run == PAUSE:
            return number
    dips = np.convolve(loud[: SEARCHED // FRAME], np.ones(DIP), "valid")
    return int(dips.argmin()) + DIP // 2 + 1


def silent(recording: Recording) -> bool:
    """Whether nothing is to be heard at all."""
    return not any(np.any(block) for block in recording.blocks())
