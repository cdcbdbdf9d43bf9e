"""What a detector is given, and the geometry of boxes that all of them share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from omnigov.contracts import MILLION, Area, Fill, ReadValues, RedactionProfile
from workers.media.picture import Pixels

Boxes = npt.NDArray[np.float32]  # [boxes, 5 or more]: left, top, right, bottom in pixels, score 0 … 1
Hidden = npt.NDArray[np.bool_]  # [height, width]

Look = Literal["first", "second"]  # at the original, or at the redacted copy


@dataclass
class Legibility:
    """How many lines of writing were seen in the original, and how many of them were read badly."""

    lines: int = 0
    badly_read: int = 0


@dataclass(frozen=True)
class Picture:
    """An upright picture, what is asked to be hidden in it, and what of it is blacked out already.

    A detector that reads a value notes it in `read`, beside its finding, and how well it read in `legible`.
    """

    pixels: Pixels
    profile: RedactionProfile
    look: Look = "first"
    hidden: Hidden | None = None
    read: ReadValues = field(default_factory=ReadValues, repr=False, compare=False)
    legible: Legibility = field(default_factory=Legibility, repr=False, compare=False)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def area(
        self, left: float, top: float, right: float, bottom: float, *, pad_x: float = 0, pad_y: float = 0
    ) -> Area:
        """The box in whole pixels, grown by `pad_x` and `pad_y` on each side, cut to the picture."""
        x0 = min(max(int(np.floor(left - pad_x)), 0), self.width - 1)
        y0 = min(max(int(np.floor(top - pad_y)), 0), self.height - 1)
        x1 = min(max(int(np.ceil(right + pad_x)), x0 + 1), self.width)
        y1 = min(max(int(np.ceil(bottom + pad_y)), y0 + 1), self.height)
        return Area(left=x0, top=y0, right=x1, bottom=y1)

    def padded(self, left: float, top: float, right: float, bottom: float) -> Area:
        """The box grown by the profile's padding, a share of its own size on each side."""
        share = self.profile.padding / MILLION
        return self.area(left, top, right, bottom, pad_x=(right - left) * share, pad_y=(bottom - top) * share)


def millionths(score: float) -> int:
    return min(max(round(float(score) * MILLION), 0), MILLION)


def resized(pixels: Pixels, scale: float) -> Pixels:
    """The picture at `scale`, each side at least one pixel."""
    if scale == 1:
        return pixels
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=way), dtype=np.uint8)


def strongest(boxes: Boxes, overlap: float, *, of_smaller: bool = False) -> Boxes:
    """Non-maximum suppression: of boxes that overlap by more than `overlap`, the best scored stays.

    Overlap is common area over united area, or with `of_smaller` over the smaller box's area. The result
    is in order of score.
    """
    order = np.argsort(-boxes[:, 4], kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        order = rest[_overlap(boxes[best], boxes[rest], of_smaller) <= overlap]
    return boxes[kept]


def united(boxes: Boxes, overlap: float, count: int) -> Boxes:
    """As `strongest`, but what stays is the box about the best `count` of those that overlap the best one.

    Where several views of a picture tell a thing's edges a little differently, none of it is left out.
    """
    left = boxes[np.argsort(-boxes[:, 4], kind="stable")]
    kept = [boxes[:0, :5]]
    while len(left):
        same = _overlap(left[0], left, of_smaller=False) > overlap
        same[0] = True  # a box without an area overlaps nothing
        views = left[same][:count]
        edges = (views[:, :2].min(axis=0), views[:, 2:4].max(axis=0), left[0, 4:5])
        kept.append(np.concatenate(edges)[None])
        left = left[~same]
    return np.concatenate(kept)


def _overlap(one: Boxes, many: Boxes, of_smaller: bool) -> npt.NDArray[np.float32]:
    wide = np.minimum(one[2], many[:, 2]) - np.maximum(one[0], many[:, 0])
    high = np.minimum(one[3], many[:, 3]) - np.maximum(one[1], many[:, 1])
    common = np.clip(wide, 0, None) * np.clip(high, 0, None)
    area = (one[2] - one[0]) * (one[3] - one[1])
    areas = (many[:, 2] - many[:, 0]) * (many[:, 3] - many[:, 1])
    whole = np.minimum(area, areas) if of_smaller else area + areas - common
    shares: npt.NDArray[np.float32] = common / np.maximum(whole, 1e-6)
    return shares


CELLS = 4  # of a mosaic, along the longer side of its box
BLUR = 0.25  # of the box's shorter side: the standard deviation


def fill(pixels: Pixels, boxes: Iterable[Area], style: Fill = Fill.SOLID) -> None:
    """Hides the boxes, in place. Of a solid one nothing can be brought back from the result."""
    for box in boxes:
        inside = pixels[box.top : box.bottom, box.left : box.right]
        inside[:] = 0 if style is Fill.SOLID else _weakened(inside, style)


def _weakened(inside: Pixels, style: Fill) -> Pixels:
    height, width = inside.shape[:2]
    if style is Fill.BLUR:
        sigma = max(1.0, BLUR * min(height, width))
        return np.asarray(cv2.GaussianBlur(inside, (0, 0), sigma), dtype=np.uint8)
    cells = tuple(max(1, round(CELLS * side / max(height, width))) for side in (width, height))
    small = cv2.resize(inside, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def covered_share(box: Area, others: Iterable[Area]) -> float:
    """How much of the box lies under the others together, 0 … 1."""
    under = np.zeros((box.bottom - box.top, box.right - box.left), np.bool_)
    for other in others:
        top, left = max(other.top - box.top, 0), max(other.left - box.left, 0)
        under[top : max(other.bottom - box.top, 0), left : max(other.right - box.left, 0)] = True
    return float(under.mean())


def hidden_share(hidden: Hidden, box: Area) -> float:
    """How much of the box is blacked out already, 0 … 1."""
    return float(hidden[box.top : box.bottom, box.left : box.right].mean())
