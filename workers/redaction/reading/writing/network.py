"""A small network that sees a line of text, and says for each column whether its letters are strange ones.

"Strange" are letters of any writing system but those that OCR reads: Latin, kana and kanji, digits, signs. A
recogniser that was never taught Georgian finds a Latin letter for each of its letters and is sure of it; this
network was taught what the others look like (`training`), and reads nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from workers.media.picture import Pixels

HIGH = 32  # pixels to which a line is brought
STRIDE = 4  # pixels of that for each answer
_WIDTHS = (24, 40, 64, 96)  # channels, from the first stage to the last
_ALONG = 5  # answers that are looked at together at the end: about one and a half letters to each side

Grey = npt.NDArray[np.uint8]  # [height, width]
Floats = npt.NDArray[np.float32]


class StrangeLetters(nn.Module):
    """[lines, 1, `HIGH`, width] to [lines, width / `STRIDE`]: logits of "a strange letter stands here"."""

    def __init__(self) -> None:
        super().__init__()
        one, two, three, four = _WIDTHS
        self.see = nn.Sequential(
            *_layer(1, one, stride=2),
            *_layer(one, two),
            nn.MaxPool2d(2),
            *_layer(two, three),
            *_layer(three, three),
            nn.MaxPool2d((2, 1)),
            *_layer(three, four),
            *_layer(four, four),
        )
        self.judge = nn.Sequential(
            nn.Conv1d(four * HIGH // 8, four, 1, bias=False),
            nn.BatchNorm1d(four),
            nn.ReLU(inplace=True),
            nn.Conv1d(four, four, _ALONG, padding=_ALONG // 2, bias=False),
            nn.BatchNorm1d(four),
            nn.ReLU(inplace=True),
            nn.Conv1d(four, four, _ALONG, padding=_ALONG // 2, bias=False),
            nn.BatchNorm1d(four),
            nn.ReLU(inplace=True),
            nn.Conv1d(four, 1, 1),
        )

    def forward(self, lines: Tensor) -> Tensor:
        seen = self.see(lines)  # [lines, channels, HIGH / 8, width / STRIDE]
        answer: Tensor = self.judge(seen.flatten(1, 2))
        return answer.squeeze(1)


def _layer(entering: int, leaving: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(entering, leaving, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(leaving),
        nn.ReLU(inplace=True),
    ]


def grey(line: Pixels) -> Grey:
    return np.asarray(cv2.cvtColor(line, cv2.COLOR_RGB2GRAY), np.uint8)


def entered(line: Grey, widest: int) -> Floats:
    """A line as the network takes it, [`HIGH`, width]: of its own middle and contrast, no wider than that."""
    high, wide = line.shape
    width = min(max(HIGH, round(HIGH * wide / high / STRIDE) * STRIDE), widest)
    fitted = np.asarray(cv2.resize(line, (width, HIGH), interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray((fitted - fitted.mean()) / (fitted.std() + 8.0), np.float32)
