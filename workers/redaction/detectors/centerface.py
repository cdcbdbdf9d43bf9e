"""Faces by CenterFace (Xu et al., 2019, arXiv:1911.03599): one pass, no anchors, on onnxruntime."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt
import onnx

from omnigov.contracts import MILLION, Area, Detector, Finding
from workers import weights
from workers.media.picture import Pixels
from workers.redaction.core import sources
from workers.redaction.core.picture import Boxes, Picture, millionths, resized, strongest, united
from workers.redaction.core.runtime import finite, joint_digest, session
from workers.redaction.detectors import second_opinion
from workers.redaction.detectors.second_opinion import SecondOpinion

NAME = "centerface"
STRIDE = 4  # pixels of the input for each cell of the heat map
STEP = 32  # the network halves the picture five times

# Longest sides that the whole picture is brought to. The small one finds faces that fill the picture, which
# the large one sees only parts of.
WHOLE = (1024, 448)
ENLARGE_MAX = 4.0
# The network knows faces up to some 30° off upright, and small ones less far: turned by eighths, none is
# further off than 22.5°.
TURNS = (45, 90, 135, 180, 225, 270, 315)  # degrees, anticlockwise
TURNED = 640  # the longest side that a picture is brought to before it is turned
# Pictures larger than the first are also looked at in tiles, at up to this many pixels in all.
TILE = 1024
TILE_OVERLAP = 96  # at the tiles' scale; larger faces are seen in the whole picture
TILED_PIXELS_MAX = 6_000_000
EVEN = 2  # of 255 that pixels of one colour differ at most
GREY = (127, 127, 127)  # beside a picture that was turned
VIEWS = 3  # of those that show a face, the surest: what is hidden holds the boxes of all three
DOUBT = 0.6  # a face that is less sure in its best view is shown to another network
SAME_FACE = 0.3  # overlap (IoU) from which two boxes are one face


class CenterFace:
    """Finds faces seen from the front to nearly from the side, from about 10 pixels on."""

    def __init__(self) -> None:
        self._session = session(_any_size(onnx.load(str(weights.path("centerface")))))
        self._second = SecondOpinion()

    def describe(self) -> Detector:
        return Detector(
            name=NAME,
            version="4",
            digest=joint_digest(
                [weights.sha256("centerface"), weights.sha256(second_opinion.FILE), sources.digest(__file__)]
            ),
        )

    def find(self, picture: Picture) -> list[Finding]:
        """Every face at or above the profile's threshold, padded; boxes in pixels of `picture`."""
        threshold = picture.profile.face_threshold / MILLION
        found = [self._look(*view, threshold) for view in _views(picture.pixels)]
        found += [self._turned(picture.pixels, degrees, threshold) for degrees in TURNS]
        faces = united(np.concatenate(found), SAME_FACE, VIEWS).astype(float)
        places = [(picture.padded(*face[:4]), float(face[4])) for face in faces]
        return [
            Finding(kind="FACE", place=place, score=millionths(score), detector=NAME)
            for place, score in places
            if score >= DOUBT or self._second.is_face(picture.pixels, place)
        ]

    def at_once(self, pixels: Pixels, scale: float, threshold: float) -> Boxes:
        """Upright faces at or above `threshold`, [faces, 5], where many frames have to be looked at.

        `scale` is what the frame is brought to; what is larger than the network takes well is seen in tiles.
        Boxes are as the network tells them, in pixels of the frame.
        """
        longest = max(pixels.shape[:2])
        found = []
        if longest * scale > WHOLE[0]:
            # The faces that are seen in tiles are small ones.
            whole = WHOLE[1] / longest
            found.append(self._look(resized(pixels, whole), whole, 0, 0, threshold))
        large = resized(pixels, scale)
        for top, bottom in _tiles(large.shape[0]):
            for left, right in _tiles(large.shape[1]):
                tile = large[top:bottom, left:right]
                if not _is_empty(tile):
                    found.append(self._look(tile, scale, round(left / scale), round(top / scale), threshold))
        if not found:
            return np.empty((0, 5), np.float32)
        return united(np.concatenate(found), SAME_FACE, VIEWS)

    def is_face(self, pixels: Pixels, place: Area) -> bool:
        """Whether another network holds what is doubtful for a face."""
        return self._second.is_face(pixels, place)

    def _turned(self, pixels: Pixels, degrees: int, threshold: float) -> Boxes:
        """Faces in the picture turned by so many degrees anticlockwise, in the picture's own pixels."""
        scale = min(TURNED / max(pixels.shape[:2]), ENLARGE_MAX)
        view, back = _turned(resized(pixels, scale), degrees)
        boxes = self._look(view, 1.0, 0, 0, threshold)
        # A turned face is about an ellipse: its upright box is smaller than that of its turned box.
        share, other = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
        sides = boxes[:, 2:4] - boxes[:, :2]
        half = np.hypot(sides * share, sides[:, ::-1] * other) / 2
        middle = (boxes[:, :2] + boxes[:, 2:4]) / 2 @ back[:, :2].T + back[:, 2]
        boxes[:, :4] = np.concatenate([middle - half, middle + half], axis=1) / scale
        return boxes

    def _look(self, view: Pixels, scale: float, left: int, top: int, threshold: float) -> Boxes:
        """Faces in one view of the picture, in the picture's own pixels."""
        height, width = view.shape[:2]
        canvas = np.zeros((math.ceil(height / STEP) * STEP, math.ceil(width / STEP) * STEP, 3), np.float32)
        canvas[:height, :width] = view
        heat, size, offset, _ = self._session.run(None, {"input.1": canvas.transpose(2, 0, 1)[None]})
        heat, size, offset = (
            finite(heat)[0, 0],
            finite(size)[0],
            finite(offset)[0],
        )  # [rows, columns], [2, rows, columns] twice
        rows, columns = np.where(heat >= threshold)
        high, wide = (np.exp(size[axis, rows, columns]) * STRIDE for axis in (0, 1))
        y = (rows + offset[0, rows, columns] + 0.5) * STRIDE
        x = (columns + offset[1, rows, columns] + 0.5) * STRIDE
        boxes = np.stack([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2], axis=1) / scale
        boxes += np.array([left, top, left, top])
        return strongest(np.column_stack([boxes, heat[rows, columns]]).astype(np.float32), SAME_FACE)


def _any_size(model: onnx.ModelProto) -> bytes:
    """The network for any picture size: the file names one of 10 × 3 × 32 × 32, from its export."""
    constants = {constant.name for constant in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    for value in [*model.graph.input, *model.graph.output]:
        place = "input" if value in inputs else "output"
        for axis, name in ((0, "batch"), (2, f"{place}_height"), (3, f"{place}_width")):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    return bytes(model.SerializeToString())


def _views(pixels: Pixels) -> Iterator[tuple[Pixels, float, int, int]]:
    """Views of the picture: pixels, their scale, and where their top left corner is in the picture."""
    longest = max(pixels.shape[:2])
    scales = {min(side / longest, ENLARGE_MAX) for side in WHOLE}
    for scale in sorted(scales, reverse=True):
        yield resized(pixels, scale), scale, 0, 0
    if longest <= WHOLE[0] * 1.5:
        return
    scale = min(1.0, math.sqrt(TILED_PIXELS_MAX / (pixels.shape[0] * pixels.shape[1])))
    large = resized(pixels, scale)
    for top, bottom in _tiles(large.shape[0]):
        for left, right in _tiles(large.shape[1]):
            tile = large[top:bottom, left:right]
            if _is_empty(tile):
                continue
            yield tile, scale, round(left / scale), round(top / scale)


def _is_empty(tile: Pixels) -> bool:
    """Whether the tile has one colour, as half of many a page has. The network finds nobody there."""
    return bool((np.ptp(tile.reshape(-1, 3), axis=0) <= EVEN).all())


def _tiles(length: int) -> list[tuple[int, int]]:
    """Where tiles begin and end: as few as cover `length`, of one size, overlapping by `TILE_OVERLAP`."""
    count = max(1, math.ceil((length - TILE_OVERLAP) / (TILE - TILE_OVERLAP)))
    side = math.ceil((length + (count - 1) * TILE_OVERLAP) / count)
    starts = [round(index * (length - side) / max(1, count - 1)) for index in range(count)]
    return [(start, start + side) for start in starts]


def _turned(pixels: Pixels, degrees: int) -> tuple[Pixels, npt.NDArray[np.float64]]:
    """The picture turned anticlockwise on a canvas that holds it whole, and the way back, [2, 3]."""
    height, width = pixels.shape[:2]
    onto = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    share, other = abs(onto[0, 0]), abs(onto[0, 1])
    # A quarter turn's sine is off by some 1e-17, which must not make the canvas a pixel larger.
    size = (
        math.ceil(width * share + height * other - 1e-6),
        math.ceil(width * other + height * share - 1e-6),
    )
    onto[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    view = cv2.warpAffine(pixels, onto, size, borderValue=GREY)
    return np.asarray(view, np.uint8), np.asarray(cv2.invertAffineTransform(onto), np.float64)
