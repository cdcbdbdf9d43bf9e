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
import onnxruntime
from safetensors.numpy import load_file

from omnigov.contracts import MILLION, Detector, Finding
from workers import weights
from workers.media.picture import Pixels
from workers.redaction.core import sources
from workers.redaction.core.graph import Graph, Weights
from workers.redaction.core.picture import Boxes, Picture, millionths, resized, strongest
from workers.redaction.core.runtime import finite, joint_digest, session

NAME = "mtcnn"
FILES = ("mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet")

LONGEST = 960  # pixels that the picture's longer side is brought down to
FACE_MIN = 20  # pixels, at that size
PYRAMID = 0.709  # from one size to the next: half the area
STAGES = (0.6, 0.7, 0.7)  # what passes each network, as published
BATCH = 256
# MTCNN's scores are not of CenterFace's scale: below this, most boxes on pictures without people are wrong.
SURE = 0.92

Floats = npt.NDArray[np.float32]

_CELL, _STRIDE = 12, 2  # of the first network: what one output sees, and how far the next is


class Mtcnn:
    """Finds faces from about 20 pixels on, seen from the front."""

    def __init__(self) -> None:
        self._propose, self._refine, self._output = (
            session(network(load_file(weights.path(name))))
            for network, name in zip((proposing, refining, deciding), FILES, strict=True)
        )

    def describe(self) -> Detector:
        return Detector(
            name=NAME,
            version="2",
            digest=joint_digest([*(weights.sha256(name) for name in FILES), sources.digest(__file__)]),
        )

    def find(self, picture: Picture) -> list[Finding]:
        """Every face, padded; boxes in pixels of `picture`. The profile's threshold can only raise `SURE`."""
        scale = min(LONGEST / max(picture.width, picture.height), 1.0)
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
            shifts, scores = answers(self._propose, entering([resized(pixels, scale)]))
            grid = scores[0]  # [rows, columns]
            rows, columns = np.where(grid >= STAGES[0])
            corner = np.stack([columns, rows], axis=1) * _STRIDE + 1
            boxes = np.column_stack([corner / scale, (corner + _CELL - 1) / scale, grid[rows, columns]])
            boxes = np.column_stack([boxes, shifts[0][:, rows, columns].T]).astype(np.float32)
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


def _crops(pixels: Pixels, boxes: Boxes, side: int) -> Floats:
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
    return entering(cut)


def entering(pictures: list[Pixels]) -> Floats:
    """[pictures, 3, height, width], about −1 … 1."""
    return np.asarray((np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32) - 127.5) / 128)


def answers(network: onnxruntime.InferenceSession, pictures: Floats) -> tuple[Floats, Floats]:
    shifts, scores = network.run(None, {Graph.entering: pictures})
    return finite(shifts), finite(scores)


def _in_batches(network: onnxruntime.InferenceSession, crops: Floats) -> tuple[Floats, Floats]:
    parts = [answers(network, crops[at : at + BATCH]) for at in range(0, len(crops), BATCH)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


class _Cascaded(Graph):
    """The layers that the three networks share."""

    def convolved(self, entering: str, number: int, pool: int = 0) -> str:
        """A convolution, what it lets pass, and the strongest of `pool` × `pool` where one is named."""
        leaving = self._let_through(self.convolution(entering, f"conv{number}"), f"prelu{number}", 3)
        if not pool:
            return leaving
        return self.layer("MaxPool", leaving, kernel_shape=[pool, pool], strides=[2, 2], ceil_mode=1)

    def judged(self, entering: str, number: int) -> str:
        """All places together: [n, channels, rows, columns] to [n, width]."""
        # The weights come from a framework that counts columns before rows and channels last.
        flat = self.layer("Flatten", self.layer("Transpose", entering, perm=[0, 3, 2, 1]), axis=1)
        return self._let_through(self.dense(flat, f"dense{number}"), f"prelu{number}", 1)

    def face(self, entering: str) -> str:
        """How likely a face is: of two answers, which sum to 1, the second."""
        second = self.constant("second", np.array(1, np.int64))
        return self.layer("Gather", self.layer("Softmax", entering, axis=1), second, axis=1)

    def _let_through(self, entering: str, name: str, axes: int) -> str:
        return self.layer("PRelu", entering, self.weight(f"{name}.weight", (-1, 1, 1)[:axes]))


def proposing(weights: Weights) -> bytes:
    """[n, 3, h, w] to shifts [n, 4, rows, columns] and face scores [n, rows, columns]."""
    net = _Cascaded(weights)
    seen = net.convolved(net.convolved(net.convolved(net.entering, 1, pool=2), 2), 3)
    face = net.face(net.convolution(seen, "conv4_1"))
    return net.bytes(("n", 3, "high", "wide"), net.convolution(seen, "conv4_2"), face)


def refining(weights: Weights) -> bytes:
    """[n, 3, 24, 24] to shifts [n, 4] and face scores [n]."""
    net = _Cascaded(weights)
    seen = net.convolved(net.convolved(net.convolved(net.entering, 1, pool=3), 2, pool=3), 3)
    judged = net.judged(seen, 4)
    return net.bytes(("n", 3, 24, 24), net.dense(judged, "dense5_2"), net.face(net.dense(judged, "dense5_1")))


def deciding(weights: Weights) -> bytes:
    """[n, 3, 48, 48] to shifts [n, 4] and face scores [n]. The network's landmarks are left out."""
    net = _Cascaded(weights)
    seen = net.convolved(net.convolved(net.entering, 1, pool=3), 2, pool=3)
    judged = net.judged(net.convolved(net.convolved(seen, 3, pool=2), 4), 5)
    return net.bytes(("n", 3, 48, 48), net.dense(judged, "dense6_2"), net.face(net.dense(judged, "dense6_1")))
