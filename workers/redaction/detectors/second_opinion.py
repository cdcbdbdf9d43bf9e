"""Whether a doubtful face is one, by another network than the one that found it: MTCNN's last.

It was trained by others on other pictures. It sees the place at three sizes and turned by eighths, as a face
may lie; what it holds for no face in any of these views is a crater, a wheel or fur.
"""

from __future__ import annotations

import cv2
import numpy as np
from safetensors.numpy import load_file

from omnigov.contracts import Area
from workers import weights
from workers.media.picture import Pixels
from workers.redaction.core.runtime import session
from workers.redaction.detectors.mtcnn import answers, deciding, entering

FILE = "mtcnn-onet"
SIDE = 48  # pixels that the network takes
SIZES = (0.8, 1.0, 1.25)  # of the place's longer side
TURNS = range(0, 360, 45)  # degrees
FACE = (
    0.45  # in the best view: real faces that CenterFace doubts come to .49 and more, craters and fur to .35
)


class SecondOpinion:
    """Safe to call from several threads at once."""

    def __init__(self) -> None:
        self._network = session(deciding(load_file(weights.path(FILE))))

    def is_face(self, pixels: Pixels, place: Area) -> bool:
        """Whether the network takes what the picture, RGB and upright, shows there for a face in any view."""
        views = [_view(pixels, place, size, degrees) for size in SIZES for degrees in TURNS]
        _, scores = answers(self._network, entering(views))
        return float(scores.max()) >= FACE


def _view(pixels: Pixels, place: Area, size: float, degrees: int) -> Pixels:
    middle = ((place.left + place.right) / 2, (place.top + place.bottom) / 2)
    scale = SIDE / (size * max(place.right - place.left, place.bottom - place.top))
    onto = cv2.getRotationMatrix2D(middle, degrees, scale)
    onto[:, 2] += np.array([SIDE / 2 - middle[0], SIDE / 2 - middle[1]])
    return np.asarray(cv2.warpAffine(pixels, onto, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE), np.uint8)
