"""Where several speak at once, told by the network that hears up to three voices in five seconds.

A recogniser writes down the louder of two, and whoever listens hears both. A voice that is four times fainter
than another is missed by the network; in a spectrum that is evened out it is not, as two voices are seldom
loud at one pitch in one moment.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch

from workers.media.sound import RATE, Samples
from workers.redaction.hearing.recording import BLOCK, Stretch, joined

SECOND = 0.5  # probability from which a second voice speaks, in any window that holds the moment
WINDOW, STEP = 400, 160  # samples of a spectrum, and from one to the next
EVENED, GROUND = 0.6, 20  # power that loudness is raised to; percentile of it that is taken for the ground
LOUD = 0.5  # the loudest sample of what was evened out
APART = RATE // 4  # samples between two stretches with several voices that are one
SHORTEST = RATE // 10  # samples: where two meet, windows differ by less about who has begun


def evened(samples: Samples) -> Samples:
    """The samples, [samples], with what is faint in their spectrum nearer to what is loud."""
    whole = np.empty_like(samples)
    for start in range(0, samples.size, BLOCK):
        block = samples[start : start + BLOCK]
        whole[start : start + block.size] = _evened(block)
    return whole


def _evened(block: Samples) -> Samples:
    if block.size < WINDOW or not block.any():
        return block
    window = torch.hann_window(WINDOW)
    spectrum = torch.stft(torch.from_numpy(block), WINDOW, STEP, WINDOW, window, return_complex=True)
    loudness = spectrum.abs() + 1e-9  # [pitches, moments]
    ground = float(np.percentile(loudness.numpy(), GROUND))
    spectrum *= loudness.clamp(min=ground) ** EVENED / loudness
    made = torch.istft(spectrum, WINDOW, STEP, WINDOW, window, length=block.size)
    return cast(Samples, (made * (LOUD / max(float(made.abs().max()), 1e-9))).numpy())


def several(segmentations: list[Any], begins: int, length: int) -> list[Stretch]:
    """Where a second voice is heard in any of the segmentations of the same samples, in order.

    Each is pyannote's: a probability for each of up to three voices, [windows, frames, 3], of samples that
    begin at `begins` of the recording and are `length`.
    """
    found: list[Stretch] = []
    for segmentation in segmentations:
        second = np.nan_to_num(np.sort(segmentation.data, axis=2)[:, :, -2])  # [windows, frames]
        step = segmentation.sliding_window.step * RATE  # samples from one window to the next
        frame = segmentation.sliding_window.duration * RATE / second.shape[1]  # samples
        for number, window in enumerate(second):
            found += _above(window, number * step, frame, length)
    return [
        Stretch(begins + one.start, begins + one.end)
        for one in joined(found, APART)
        if one.length >= SHORTEST
    ]


def _above(window: npt.NDArray[np.float32], begins: float, frame: float, length: int) -> list[Stretch]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], window > SECOND, [0]]).astype(int)))
    places = (begins + edges.reshape(-1, 2) * frame).tolist()
    return [Stretch(int(start), min(int(end), length)) for start, end in places if int(start) < length]
