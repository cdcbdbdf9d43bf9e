"""What the sound tower reads of a recording: how loud each of 80 bands is, every 10 milliseconds.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022), section 2.2: 16,000
samples a second, windows of 25 ms every 10 ms, 80 bands of Slaney's mel scale, the logarithm cut off eight
decades below the loudest.
"""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor
from torch.nn import functional

RATE, WINDOW, HOP = 16_000, 400, 160  # samples
BANDS = 80
FLOOR = 1e-10
DECADES = 8.0  # below the loudest that are told apart

# Slaney's scale: even up to 1 kHz, logarithmic above. Auditory Toolbox, technical report 1998-010.
EVEN_STEP = 200 / 3  # Hz a mel
KNEE = 1000.0  # Hz
LOG_STEP = math.log(6.4) / 27


def log_mel(samples: Tensor) -> Tensor:
    """Samples −1 … 1, [batch, samples] -> [batch, BANDS, samples // HOP]; the loudest is that of each row."""
    rim = functional.pad(samples.unsqueeze(1), (WINDOW // 2, WINDOW // 2), mode="reflect").squeeze(1)
    window = torch.hann_window(WINDOW, device=samples.device)
    spectrum = torch.stft(rim, WINDOW, HOP, window=window, center=False, return_complex=True)
    power = spectrum[..., :-1].abs().square()  # [batch, WINDOW / 2 + 1, frames]
    loud = (_bands().to(samples.device) @ power).clamp(min=FLOOR).log10()
    loudest = loud.amax((1, 2), keepdim=True)
    return (torch.maximum(loud, loudest - DECADES) + 4) / 4


@functools.cache
def _bands() -> Tensor:
    """Triangles of one area each: [BANDS, WINDOW / 2 + 1]."""
    edges = _hertz(torch.linspace(0, _mel(RATE / 2), BANDS + 2, dtype=torch.float64))
    bins = torch.linspace(0, RATE / 2, WINDOW // 2 + 1, dtype=torch.float64)
    low, middle, high = (edges[begin : begin + BANDS, None] for begin in range(3))
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    triangles = torch.minimum(rising, falling).clamp(min=0) * 2 / (high - low)
    return triangles.float()


def _mel(hertz: float) -> float:
    knee = KNEE / EVEN_STEP
    return hertz / EVEN_STEP if hertz < KNEE else knee + math.log(hertz / KNEE) / LOG_STEP


def _hertz(mels: Tensor) -> Tensor:
    knee = KNEE / EVEN_STEP
    return torch.where(mels < knee, mels * EVEN_STEP, KNEE * ((mels - knee) * LOG_STEP).exp())
