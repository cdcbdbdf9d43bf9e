"""Where somebody speaks: Silero's network over 32 ms at a time.

It errs on the side of speech. What it takes for none is never hidden, so it is asked low, and what it finds
is kept a little wider than it says.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from workers import weights
from workers.media.sound import RATE, Samples
from workers.redaction.core import runtime
from workers.redaction.hearing.recording import BLOCK, Recording, Stretch, joined

FRAME, BEFORE = 512, 64  # samples that the network is shown at once, and of those before them again
BEGINS, GOES_ON = 0.35, 0.2  # probabilities from which somebody speaks, and down to which they still do
PAUSE = RATE // 4  # samples: what is shorter belongs to the speech about it
SHORTEST = RATE // 16  # samples of speech that are none by themselves
WIDER = RATE // 10  # samples a side
# Of the loudest sample around a moment: below the first a quiet voice is missed, and who turns the copy up
# hears it. It is made as loud as the second, no more than so many times.
FAINT, LOUD, MOST = 0.05, 0.3, 1000.0
AROUND = RATE // 2  # samples a side: what is faint beside something loud is raised where that has ended
GAP = RATE // 5  # samples between two stretches that a recogniser is given as one
LONGEST = 28 * RATE  # samples that a recogniser is given at once; it takes 30 s


class Voice:
    """Finds speech. Used from one thread."""

    def __init__(self) -> None:
        self._session = runtime.session(str(weights.path("silero-vad")), at_once=1)

    def find(self, recording: Recording, hidden: list[Stretch] | None = None) -> list[Stretch]:
        """The stretches in which somebody speaks, in order and apart from each other."""
        state = np.zeros((2, 1, 128), np.float32)
        before = np.zeros(BEFORE, np.float32)
        says: list[npt.NDArray[np.float32]] = []
        for start in range(0, recording.length, BLOCK):
            samples = _raised(recording.part(start, start + BLOCK, hidden or ()))
            said, state, before = self._block(samples, state, before)
            says.append(said)
        return _stretches(np.concatenate(says), recording.length) if says else []

    def _block(
        self, samples: Samples, state: npt.NDArray[np.float32], before: Samples
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], Samples]:
        """The probability of speech in each frame, [frames], and what the next block goes on from."""
        rest = -samples.size % FRAME
        frames = np.concatenate([before, samples, np.zeros(rest, np.float32)])
        rate = np.array(RATE, np.int64)
        said = np.zeros((frames.size - BEFORE) // FRAME, np.float32)
        for number in range(said.size):
            piece = frames[number * FRAME : number * FRAME + BEFORE + FRAME]
            answer, state = self._session.run(None, {"input": piece[np.newaxis], "state": state, "sr": rate})
            said[number] = runtime.finite(answer)[0, 0]
        return said, state, frames[-BEFORE:]


def _raised(samples: Samples) -> Samples:
    """The samples, [samples], with what is faint as loud as a voice that is near."""
    loudest = np.abs(samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME)).max(axis=1)
    rest = float(np.abs(samples[loudest.size * FRAME :]).max(initial=0.0))
    frames = np.append(loudest, rest)  # [frames], the last of which may be shorter
    near = AROUND // FRAME
    about = sliding_window_view(np.pad(frames, near), 2 * near + 1).max(axis=1)
    faint = (about > 0) & (about < FAINT)
    gain = np.where(faint, np.minimum(LOUD / np.where(faint, about, 1.0), MOST), 1.0).astype(np.float32)
    return samples * np.repeat(gain, FRAME)[: samples.size]


def _stretches(says: npt.NDArray[np.float32], length: int) -> list[Stretch]:
    found: list[Stretch] = []
    since: int | None = None
    for number, probability in enumerate([*says.tolist(), 0.0]):
        if since is None and probability >= BEGINS:
            since = number
        elif since is not None and probability < GOES_ON:
            found.append(Stretch(since * FRAME, number * FRAME))
            since = None
    whole = [one for one in joined(found, PAUSE) if one.length >= SHORTEST]
    return joined(Stretch(max(0, one.start - WIDER), min(length, one.end + WIDER)) for one in whole)


def windows(speech: list[Stretch]) -> list[Stretch]:
    """Speech in pieces of at most `LONGEST` samples, cut in pauses where there are any."""
    pieces: list[Stretch] = []
    for one in speech:
        start = one.start
        while one.end - start > LONGEST:
            # Nobody paused for so long: with a second twice, so that no word is lost.
            pieces.append(Stretch(start, start + LONGEST))
            start += LONGEST - RATE
        pieces.append(Stretch(start, one.end))
    grouped: list[Stretch] = []
    for piece in pieces:
        if grouped and piece.end - grouped[-1].start <= LONGEST and piece.start >= grouped[-1].end:
            grouped[-1] = Stretch(grouped[-1].start, piece.end)
        else:
            grouped.append(piece)
    return grouped


def groups(speech: list[Stretch]) -> list[tuple[Stretch, ...]]:
    """Stretches of speech, so many as a recogniser is given at once without what lies between them.

    Whisper takes a long silence, such as a redacted copy has, for the end and says no more.
    """
    found: list[tuple[Stretch, ...]] = []
    length = 0
    for piece in (part for one in speech for part in windows([one])):
        if not found or length + piece.length + GAP > LONGEST:
            found.append(())
            length = 0
        found[-1] += (piece,)
        length += piece.length + GAP
    return found


def heard_as(recording: Recording, group: tuple[Stretch, ...], hidden: list[Stretch]) -> Samples:
    """The samples of a group with `GAP` between its stretches."""
    gap = np.zeros(GAP, np.float32)
    return np.concatenate([part for one in group for part in (recording.part(*one, hidden), gap)])
