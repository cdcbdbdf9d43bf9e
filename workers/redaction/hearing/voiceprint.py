"""How a voice sounds, as 256 numbers: Resemblyzer's encoder (generalised end-to-end loss; Wan et al. 2018).

Its network is three LSTM layers over mel spectra of 25 ms every 10 ms, averaged over pieces of 1.6 s. Written
anew on torch alone: its own package asks for a voice detector and a sound library that are not needed here.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import nn

from workers import weights
from workers.media.sound import RATE

DIMENSION = 256
WINDOW, STEP, BANDS = 400, 160, 40  # samples; mel bands
FRAMES, EVERY = 160, 80  # of a piece, and between two pieces' beginnings
QUIET = 10 ** (-30 / 20)  # what is quieter is made as loud
SHORTEST = 2 * RATE // 5  # samples: in less no voice is told


class Voiceprint:
    """Stands where pyannote asks for a `PretrainedSpeakerEmbedding`."""

    sample_rate, dimension, metric, min_num_samples = RATE, DIMENSION, "cosine", SHORTEST

    def __init__(self) -> None:
        self._lstm = nn.LSTM(BANDS, DIMENSION, 3, batch_first=True)
        self._linear = nn.Linear(DIMENSION, DIMENSION)
        stored = load_file(weights.path("resemblyzer"))
        for name, part in (("lstm.", self._lstm), ("linear.", self._linear)):
            part.load_state_dict(
                {key.removeprefix(name): value for key, value in stored.items() if key.startswith(name)}
            )
            part.eval().requires_grad_(False)
        self._bands = torch.from_numpy(mel_bands())
        self._window = torch.hann_window(WINDOW)

    def to(self, device: torch.device) -> Voiceprint:
        """It stays on the processor."""
        return self

    def __call__(self, waveforms: torch.Tensor, masks: torch.Tensor | None = None) -> npt.NDArray[np.float32]:
        """A print for each of the waveforms, [n, 1, samples], where its mask, [n, frames], is 1; else not
        a number where too little is left. [n, 256], of length 1."""
        prints = np.full((len(waveforms), DIMENSION), np.nan, np.float32)
        for number, waveform in enumerate(waveforms):
            samples = waveform[0]
            if masks is not None:
                at = torch.arange(samples.numel()) * masks.shape[1] // samples.numel()
                samples = samples[masks[number][at] > 0.5]
            if samples.numel() >= SHORTEST:
                prints[number] = self._of(samples)
        return prints

    def _of(self, samples: torch.Tensor) -> npt.NDArray[np.float32]:
        loud = samples.square().mean().sqrt().clamp(min=1e-6)
        mels = self._mels(samples * (QUIET / loud).clamp(min=1.0))  # [frames, 40]
        if len(mels) < FRAMES:
            mels = mels.repeat(FRAMES // len(mels) + 1, 1)[:FRAMES]
        pieces = mels.unfold(0, FRAMES, EVERY).transpose(1, 2)  # [pieces, 160, 40]
        _, (last, _) = self._lstm(pieces)
        each = nn.functional.normalize(torch.relu(self._linear(last[-1])), dim=1)
        whole: torch.Tensor = nn.functional.normalize(each.mean(0), dim=0)
        return cast(npt.NDArray[np.float32], whole.numpy())

    def _mels(self, samples: torch.Tensor) -> torch.Tensor:
        spectrum = torch.stft(
            samples, WINDOW, STEP, WINDOW, self._window, pad_mode="constant", return_complex=True
        )
        return (self._bands @ spectrum.abs().square()).T


def mel_bands() -> npt.NDArray[np.float32]:
    """Slaney's triangles of equal area on the mel scale, [40, 201]: linear up to 1 kHz, then logarithmic.

    The scale: M. Slaney, Auditory Toolbox (1998).
    """
    linear, step = 200 / 3, np.log(6.4) / 27
    most = 15 + np.log(RATE / 2 / 1000) / step
    mels = np.linspace(0, most, BANDS + 2)
    hertz = np.where(mels < 15, mels * linear, 1000 * np.exp(step * (mels - 15)))
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1)
    rising = (bins - hertz[:-2, None]) / (hertz[1:-1] - hertz[:-2])[:, None]
    falling = (hertz[2:, None] - bins) / (hertz[2:] - hertz[1:-1])[:, None]
    area = (2 / (hertz[2:] - hertz[:-2]))[:, None]
    return cast(
        npt.NDArray[np.float32], (np.maximum(0, np.minimum(rising, falling)) * area).astype(np.float32)
    )
