"""Faces by MTCNN (Zhang et al., 2016, arXiv:1604.02878): three networks in a row, each stricter.

It is of another kind than CenterFace and was trained by others, so that it may see what the other misses.
The weights are those of facenet-pytorch (MIT), which took them from David Sandberg's facenet (MIT); the
cascade is written here from the paper, as facenet-pytorch itself asks for a torchvision that not every
build of torch has.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from omnigov.contracts import MILLION, Detector, Finding
from workers import weights
from workers.media.picture import Pixels
from workers.redaction.core import sources
from workers.redaction.core.picture import Boxes, Picture, millionths, resized, strongest
from workers.redaction.core.runtime import finite, joint_digest, threads

NAME = "mtcnn"
FILES = ("mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet")

LONGEST = 960  # pixels that the picture's longer side is brought down to
FACE_MIN = 20  # pixels, at that size
PYRAMID = 0.709  # from one size to the next: half the area
STAGES = (0.6, 0.7, 0.7)  # what passes each network, as published
BATCH = 256
# MTCNN's scores are not of CenterFace's scale: below this, most boxes on pictures without people are wrong.
SURE = 0.92

_CELL, _STRIDE = 12, 2  # of the first network: what one output sees, and how far the next is


class Mtcnn:
    """Finds faces from about 20 pixels on, seen from the front."""

    def __init__(self) -> None:
        torch.set_num_threads(threads())
        self._propose, self._refine, self._output = (
            _loaded(network, name) for network, name in zip((PNet(), RNet(), ONet()), FILES, strict=True)
        )

    def describe(self) -> Detector:
        return Detector(
            name=NAME,
            version="1",
            digest=joint_digest([*(weights.sha256(name) for name in FILES), sources.digest(__file__)]),
        )

    def find(self, picture: Picture) -> list[Finding]:
        """Every face, padded; boxes in pixels of `picture`. The profile's threshold can only raise `SURE`."""
        scale = min(LONGEST / max(picture.width, picture.height), 1.0)
        with torch.inference_mode():
            faces = self._cascade(resized(picture.pixels, scale))
        sure = max(SURE, picture.profile.face_threshold / MILLION)
        return [
            Finding(
                kind="FACE",
                place=picture.padded(*(face[:4] / scale)),
                score=millionths(face[4]),
                detector=NAME,
            )
            for face in faces.astype(float)
            if face[4] >= sure
        ]

    def _cascade(self, pixels: Pixels) -> Boxes:
        boxes = self._proposals(pixels)
        for network, side, threshold in ((self._refine, 24, STAGES[1]), (self._output, 48, STAGES[2])):
            if not len(boxes):
                break
            shifts, scores = _in_batches(network, _crops(pixels, boxes, side))
            passed = scores > threshold
            boxes = np.column_stack([boxes[passed, :4], scores[passed]])
            if network is self._refine:
                # The published order: overlapping boxes go before this network's shift, after the last one's.
                keep = _kept(boxes, 0.7)
                boxes = _square(_shifted(boxes[keep], shifts[passed][keep]))
            else:
                boxes = strongest(_shifted(boxes, shifts[passed]), 0.7, of_smaller=True)
        return boxes

    def _proposals(self, pixels: Pixels) -> Boxes:
        """Squares that may hold a face, from the first network over a pyramid of sizes."""
        found = [np.empty((0, 9), np.float32)]
        scale = _CELL / FACE_MIN
        while min(pixels.shape[:2]) * scale >= _CELL:
            shifts, scores = self._propose(_tensor([resized(pixels, scale)]))
            grid = finite(scores[0].numpy())  # [rows, columns]
            rows, columns = np.where(grid >= STAGES[0])
            corner = np.stack([columns, rows], axis=1) * _STRIDE + 1
            boxes = np.column_stack([corner / scale, (corner + _CELL - 1) / scale, grid[rows, columns]])
            boxes = np.column_stack([boxes, shifts[0].numpy()[:, rows, columns].T]).astype(np.float32)
            found.append(boxes[_kept(boxes, 0.5)])
            scale *= PYRAMID
        boxes = np.concatenate(found)
        boxes = boxes[_kept(boxes, 0.7)]
        return _square(_shifted(boxes[:, :5], boxes[:, 5:]))


def _kept(boxes: Boxes, overlap: float) -> npt.NDArray[np.intp]:
    """The places of the boxes that suppression leaves."""
    numbered = np.column_stack([boxes[:, :5], np.arange(len(boxes))])
    return strongest(numbered, overlap)[:, 5].astype(np.intp)


def _shifted(boxes: Boxes, shifts: npt.NDArray[np.float32]) -> Boxes:
    """Boxes moved by the network's regression, which is in shares of the box's width and height."""
    sides = (boxes[:, 2:4] - boxes[:, :2])[:, [0, 1, 0, 1]]
    return np.column_stack([boxes[:, :4] + shifts * sides, boxes[:, 4]])


def _square(boxes: Boxes) -> Boxes:
    """The boxes as squares about the same middle."""
    middle = (boxes[:, :2] + boxes[:, 2:4]) / 2
    half = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0) / 2
    return np.column_stack([middle - half, middle + half, boxes[:, 4]])


def _crops(pixels: Pixels, boxes: Boxes, side: int) -> Tensor:
    """What each box shows, [boxes, 3, side, side]; black where it reaches over the picture's edge."""
    cut = []
    for left, top, right, bottom in np.rint(boxes[:, :4]).astype(int):
        size = max(right - left, bottom - top, 1)
        square = np.zeros((size, size, 3), np.uint8)
        part = pixels[max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)]
        square[max(-top, 0) : max(-top, 0) + part.shape[0], max(-left, 0) : max(-left, 0) + part.shape[1]] = (
            part
        )
        cut.append(np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), np.uint8))
    return _tensor(cut)


def _tensor(pictures: list[Pixels]) -> Tensor:
    """[pictures, 3, height, width], about −1 … 1."""
    return (torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() - 127.5) / 128


def _in_batches(network: nn.Module, crops: Tensor) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    parts = [network(crops[at : at + BATCH]) for at in range(0, len(crops), BATCH)]
    shifts, scores = (torch.cat([part[place] for part in parts]).numpy() for place in (0, 1))
    return finite(shifts), finite(scores)


def _loaded(network: nn.Module, name: str) -> nn.Module:
    network.load_state_dict(torch.load(weights.path(name), map_location="cpu", weights_only=True))
    return network.eval().requires_grad_(False)


def _pooled(x: Tensor, size: int) -> Tensor:
    return functional.max_pool2d(x, size, 2, ceil_mode=True)


def _flat(x: Tensor) -> Tensor:
    # The weights come from a framework that counts columns before rows and channels last.
    return x.permute(0, 3, 2, 1).flatten(1)


class PNet(nn.Module):
    """Proposes: [n, 3, h, w] to shifts [n, 4, rows, columns] and face scores [n, rows, columns]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 10, 3), nn.PReLU(10)
        self.conv2, self.prelu2 = nn.Conv2d(10, 16, 3), nn.PReLU(16)
        self.conv3, self.prelu3 = nn.Conv2d(16, 32, 3), nn.PReLU(32)
        self.conv4_1, self.conv4_2 = nn.Conv2d(32, 2, 1), nn.Conv2d(32, 4, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = _pooled(self.prelu1(self.conv1(x)), 2)
        x = self.prelu3(self.conv3(self.prelu2(self.conv2(x))))
        return self.conv4_2(x), self.conv4_1(x).softmax(1)[:, 1]


class RNet(nn.Module):
    """Refines: [n, 3, 24, 24] to shifts [n, 4] and face scores [n]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 28, 3), nn.PReLU(28)
        self.conv2, self.prelu2 = nn.Conv2d(28, 48, 3), nn.PReLU(48)
        self.conv3, self.prelu3 = nn.Conv2d(48, 64, 2), nn.PReLU(64)
        self.dense4, self.prelu4 = nn.Linear(576, 128), nn.PReLU(128)
        self.dense5_1, self.dense5_2 = nn.Linear(128, 2), nn.Linear(128, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = _pooled(self.prelu1(self.conv1(x)), 3)
        x = _pooled(self.prelu2(self.conv2(x)), 3)
        x = self.prelu4(self.dense4(_flat(self.prelu3(self.conv3(x)))))
        return self.dense5_2(x), self.dense5_1(x).softmax(1)[:, 1]


class ONet(nn.Module):
    """Decides: [n, 3, 48, 48] to shifts [n, 4] and face scores [n]. Its landmarks are not used."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 32, 3), nn.PReLU(32)
        self.conv2, self.prelu2 = nn.Conv2d(32, 64, 3), nn.PReLU(64)
        self.conv3, self.prelu3 = nn.Conv2d(64, 64, 3), nn.PReLU(64)
        self.conv4, self.prelu4 = nn.Conv2d(64, 128, 2), nn.PReLU(128)
        self.dense5, self.prelu5 = nn.Linear(1152, 256), nn.PReLU(256)
        self.dense6_1, self.dense6_2, self.dense6_3 = (
            nn.Linear(256, 2),
            nn.Linear(256, 4),
            nn.Linear(256, 10),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = _pooled(self.prelu1(self.conv1(x)), 3)
        x = _pooled(self.prelu2(self.conv2(x)), 3)
        x = _pooled(self.prelu3(self.conv3(x)), 2)
        x = self.prelu5(self.dense5(_flat(self.prelu4(self.conv4(x)))))
        return self.dense6_2(x), self.dense6_1(x).softmax(1)[:, 1]
