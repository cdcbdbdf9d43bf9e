"""A small network that sees a line of text, and says for each column whether its letters are strange ones.

"Strange" are letters of any writing system but those that OCR reads: Latin, kana and kanji, digits, signs. A
recogniser that was never taught Georgian finds a Latin letter for each of its letters and is sure of it; this
network was taught what the others look like (`training`), and reads nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from workers.media.picture import Pixels
from workers.redaction.core.graph import Graph, Weights

HIGH = 32  # pixels to which a line is brought
STRIDE = 4  # pixels of that for each answer
WIDTHS = (24, 40, 64, 96)  # channels, from the first stage to the last
ALONG = 5  # answers that are looked at together at the end: about one and a half letters to each side
# The convolutions by their places among all layers, and how much of what they see is taken together.
SEEN = (0, 3, (2, 2), 7, 10, (2, 1), 14, 17)

Grey = npt.NDArray[np.uint8]  # [height, width]
Floats = npt.NDArray[np.float32]


def strange_letters(weights: Weights) -> bytes:
    """[1, 1, `HIGH`, width] to [1, width / `STRIDE`]: logits of "a strange letter stands here".

    Layer by layer what `training.StrangeLetters` is, from the weights that were taught there.
    """
    net = Graph(weights)
    x = net.entering
    for layer in SEEN:
        if isinstance(layer, tuple):
            x = net.layer("MaxPool", x, kernel_shape=list(layer), strides=list(layer))
            continue
        place, stride = layer, 2 if layer == 0 else 1
        x = net.convolution(x, f"see.{place}", stride=stride, padding=(1, 1, 1, 1))
        x = net.layer("Relu", net.normal(x, f"see.{place + 1}"))
    # Columns side by side, all channels and rows of each together.
    x = net.layer("Reshape", x, net.constant("columns", np.array([0, WIDTHS[-1] * HIGH // 8, -1], np.int64)))
    for place in (0, 3, 6):
        x = net.convolution(x, f"judge.{place}", padding=(ALONG // 2, ALONG // 2) if place else ())
        x = net.layer("Relu", net.normal(x, f"judge.{place + 1}"))
    x = net.layer("Squeeze", net.convolution(x, "judge.9"), net.constant("channel", np.array([1], np.int64)))
    return net.bytes((1, 1, HIGH, "wide"), x)


def grey(line: Pixels) -> Grey:
    return np.asarray(cv2.cvtColor(line, cv2.COLOR_RGB2GRAY), np.uint8)


def entered(line: Grey, widest: int) -> Floats:
    """A line as the network takes it, [`HIGH`, width]: of its own middle and contrast, no wider than that."""
    high, wide = line.shape
    width = min(max(HIGH, round(HIGH * wide / high / STRIDE) * STRIDE), widest)
    fitted = np.asarray(cv2.resize(line, (width, HIGH), interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray((fitted - fitted.mean()) / (fitted.std() + 8.0), np.float32)
