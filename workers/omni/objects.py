"""The detector of persons and vehicles that votes beside the model: MediaPipe's SSD on MobileNetV2.

Liu et al., "SSD: Single Shot MultiBox Detector" (2016), and Sandler et al., "MobileNetV2" (2018); trained
by Google on 23 classes of Open Images. Its file holds the network's steps beside its weights, and they are
run as they stand. It says nothing of who somebody is, and hides nothing: redaction has detectors of its own.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from torch import Tensor
from torch.nn import functional

from workers import weights

FILE = "objects"
SIDE = 300  # pixels of the square that the network looks at
# Anchors as MediaPipe's objectron has them (`SsdAnchorsCalculatorOptions`).
MAPS, SMALLEST, LARGEST = (19, 10, 5, 3, 2, 1), 0.2, 0.95
RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)
SPREADS = (10.0, 10.0, 5.0, 5.0)  # what centres and sizes were multiplied by in training
SAME = 0.5  # of their union: boxes of one class that share more are of one thing
SURE = 0.55  # of a score: where something is that sure in the whole picture, its corners are left out
LEAST = 0.2  # of a score: anything below is not told of
TILE = 0.6  # of each side: the frame's corners are looked at by themselves, for what is small
KINDS = {"Person": "person", "Vehicle": "vehicle", "Car": "vehicle"}
"""Classes that are told of. A bicycle is none of them."""


@dataclass(frozen=True)
class Thing:
    """A person or a vehicle in one picture: its score, 0 … 1, and its box in parts of the picture's sides."""

    kind: str
    score: float
    box: tuple[float, float, float, float]  # left, top, right, bottom


class Objects:
    """The network as its file tells it."""

    def __init__(self, file: Path) -> None:
        with safe_open(file, framework="pt") as stored:
            told = stored.metadata() or {}
            if "network" not in told:
                raise ValueError(f"{file.name} holds no detector of objects: run `omnigov models fetch`")
            self._weights = {name: _as_read(stored.get_tensor(name)) for name in stored.keys()}  # noqa: SIM118
        network = json.loads(told["network"])
        self._classes: list[str] = network["classes"]
        self._steps, self._input = network["steps"], network["inputs"][0]
        self._boxes, self._scores = network["outputs"]
        self._anchors = anchors()

    @torch.inference_mode()
    def answers(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """[batch, 3, SIDE, SIDE], -1 … 1 -> boxes [batch, anchors, 4], logits [batch, anchors, classes]."""
        made = {self._input: pixels}
        for step in self._steps:
            given = [made[each] for each in step["inputs"]]
            made[step["output"]] = self._run(step, given)
        return made[self._boxes], made[self._scores]

    def _run(self, step: dict[str, Any], given: list[Tensor]) -> Tensor:
        if step["kind"] == "join":
            return torch.cat(given, dim=1)
        if step["kind"] == "reshape":
            return _rows(given[0])
        if step["kind"] == "add":
            found = given[0] + given[1]
        else:
            weight, bias = (self._weights[f"{step['output']}.{part}"] for part in ("weight", "bias"))
            padded = _filled(given[0], weight.shape[-1], step["stride"]) if step["same"] else given[0]
            groups = given[0].shape[1] if step["kind"] == "depthwise" else 1
            found = functional.conv2d(padded, weight, bias, stride=step["stride"], groups=groups)
        return functional.relu6(found) if step["relu6"] else found

    def find(self, picture: np.ndarray, *, corners: bool = True) -> list[Thing]:
        """RGB uint8 -> the persons and vehicles in it, the surest first.

        The picture is looked at as a whole and, where nothing in it is sure then, corner by corner.
        """
        things: list[Thing] = []
        for where, piece in _parts(picture):
            view = np.asarray(Image.fromarray(piece).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
            pixels = torch.from_numpy(view.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
            # Channels-last convolutions take less time on a CPU.
            boxes, logits = self.answers(pixels.contiguous(memory_format=torch.channels_last))
            things += self._things(boxes[0], logits[0].sigmoid(), where)
            if not corners or any(thing.score >= SURE for thing in things):
                break
        return _apart(things)

    def _things(self, boxes: Tensor, scores: Tensor, where: tuple[float, float, float, float]) -> list[Thing]:
        """Of one part of a picture that lies `where` in it."""
        left, top, width, height = where
        placed = _placed(boxes, self._anchors)
        things = []
        for index, name in enumerate(self._classes):
            if name not in KINDS:
                continue
            for row in (scores[:, index] >= LEAST).nonzero()[:, 0].tolist():
                x0, y0, x1, y1 = (min(1.0, max(0.0, each)) for each in placed[row].tolist())
                box = (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height)
                things.append(Thing(KINDS[name], float(scores[row, index]), box))
        return things


def _rows(given: Tensor) -> Tensor:
    """What a head says of its places, one row an anchor: [batch, anchors, 4 or the number of classes].

    Heads of boxes say 4 numbers an anchor, in 12 or 24 channels; those of classes 24, in 72 or 144.
    """
    if given.dim() != 4:
        return given
    channels = given.shape[1]
    return given.permute(0, 2, 3, 1).reshape(len(given), -1, 4 if channels <= 24 else 24)


def _filled(given: Tensor, kernel: int, stride: int) -> Tensor:
    """With borders as TensorFlow fills them for SAME: the odd row and column to the right and below."""
    sides = []
    for size in reversed(given.shape[2:]):
        whole = max(0, (-(-size // stride) - 1) * stride + kernel - size)
        sides += [whole // 2, whole - whole // 2]
    return functional.pad(given, sides)


def _as_read(weight: Tensor) -> Tensor:
    wide = weight.float()
    return wide.contiguous(memory_format=torch.channels_last) if wide.dim() == 4 else wide


def _parts(picture: np.ndarray) -> Iterator[tuple[tuple[float, float, float, float], np.ndarray]]:
    """The picture and its four corners: left, top, width and height in parts of its sides, and the pixels."""
    height, width = picture.shape[:2]
    yield (0.0, 0.0, 1.0, 1.0), picture
    high, wide = math.ceil(TILE * height), math.ceil(TILE * width)
    for top in (0, height - high):
        for left in (0, width - wide):
            where = (left / width, top / height, wide / width, high / height)
            yield where, picture[top : top + high, left : left + wide]


def anchors() -> Tensor:
    """Centre and size of each place that a box starts from: [anchors, 4] as y, x, height, width."""
    step = (LARGEST - SMALLEST) / (len(MAPS) - 1)
    scales = [SMALLEST + step * layer for layer in range(len(MAPS))] + [1.0]
    rows = []
    for layer, side in enumerate(MAPS):
        if layer == 0:
            shapes = [(0.1, 1.0), (scales[0], 2.0), (scales[0], 0.5)]
        else:
            between = math.sqrt(scales[layer] * scales[layer + 1])
            shapes = [*((scales[layer], ratio) for ratio in RATIOS), (between, 1.0)]
        for y in range(side):
            for x in range(side):
                for scale, ratio in shapes:
                    root = math.sqrt(ratio)
                    rows.append(((y + 0.5) / side, (x + 0.5) / side, scale / root, scale * root))
    return torch.tensor(rows)


def _placed(boxes: Tensor, starts: Tensor) -> Tensor:
    """What the network says of anchors -> left, top, right, bottom."""
    y, x, high, wide = (boxes[:, index] / SPREADS[index] for index in range(4))
    middle_y, middle_x = y * starts[:, 2] + starts[:, 0], x * starts[:, 3] + starts[:, 1]
    half_high, half_wide = high.exp() * starts[:, 2] / 2, wide.exp() * starts[:, 3] / 2
    edges = (middle_x - half_wide, middle_y - half_high, middle_x + half_wide, middle_y + half_high)
    return torch.stack(edges, dim=1)


def _apart(things: Sequence[Thing]) -> list[Thing]:
    """Of things of one kind that lie on each other the surest."""
    kept: list[Thing] = []
    for thing in sorted(things, key=lambda each: -each.score):
        if all(thing.kind != other.kind or _shared(thing.box, other.box) < SAME for other in kept):
            kept.append(thing)
    return kept


def _shared(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, across) * max(0.0, down)
    sizes = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / (sizes - both) if both else 0.0


@functools.cache
def objects() -> Objects:
    """The pinned detector, loaded once a process. Raises `WeightsMissing` or `WeightsDiffer`."""
    return Objects(weights.path(FILE))
