"""QR codes and barcodes: what they hold can be read by any telephone.

The first look is zxing-cpp's, which reads them; the second OpenCV's, which looks for the three corner marks
of a QR code and so also finds those that are too damaged to be read.
"""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from omnigov.contracts import Detector, Finding
from workers.redaction.core import sources
from workers.redaction.core.picture import Picture, millionths, resized

NAME = "codes"
KIND = "CODE"
READ, SEEN = 1.0, 0.6  # scores of a code that was read, and of one that was only seen
LONGEST = 2000  # pixels that the second look brings the longer side of a large picture down to
ALIKE = 0.5  # correlation with its middle from which a row of pixels is of the same barcode
REACH = 1.0  # of a barcode's length: how far its bars are followed to either side
SLANTS = (22.5, 45.0, 67.5)  # degrees; at each the reader tries its quarter turns too
SKEWED = 0.6  # of its half size: how much more than what it tells of a PDF417 is hidden, to each side
MARGIN = 0.12  # of a code's size: its quiet zone, and for a barcode the digits under it

Corners = npt.NDArray[np.float32]  # [4, 2]: x, y of top left, top right, bottom right, bottom left

Grey = npt.NDArray[np.uint8]  # [height, width]


def _formats(*kinds: zxingcpp.BarcodeFormat) -> zxingcpp.BarcodeFormats:
    # Made anew for each call: one that lives as long as the process is reported as a leak at its end.
    return zxingcpp.BarcodeFormats(kinds)


_LINEAR = frozenset(map(str, zxingcpp.barcode_formats_list(_formats(zxingcpp.BarcodeFormat.AllLinear))))
_LEVEL = (zxingcpp.BarcodeFormat.AllLinear, zxingcpp.BarcodeFormat.PDF417)  # read along level lines only


class Codes:
    """Finds QR, Aztec and Data Matrix codes, PDF417, and barcodes of all usual kinds, in any direction."""

    def describe(self) -> Detector:
        library = f"zxing-cpp {version('zxing-cpp')}, opencv {cv2.__version__}"
        return Detector(name=NAME, version=library, digest=sources.digest(__file__))

    def find(self, picture: Picture) -> list[Finding]:
        found = _read(picture) if picture.look == "first" else _seen(picture)
        findings = []
        for corners, score in found:
            (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
            pad = MARGIN * float(max(right - left, bottom - top))
            box = picture.area(left, top, right, bottom, pad_x=pad, pad_y=pad)
            findings.append(Finding(kind=KIND, place=box, score=millionths(score), detector=NAME))
        return findings


def _read(picture: Picture) -> list[tuple[Corners, float]]:
    """Codes of all kinds; those that are read along level lines in the turned picture too."""
    grey = np.asarray(cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    found = [(_corners(code, grey), READ) for code in _codes(grey, zxingcpp.BarcodeFormat.AllReadable)]
    for angle in SLANTS:
        turn = _turn(picture.width, picture.height, angle)
        back = cv2.invertAffineTransform(turn.matrix)
        turned = cv2.warpAffine(grey, turn.matrix, turn.size, borderValue=255)
        for code in _codes(np.asarray(turned, np.uint8), *_LEVEL):
            corners = _corners(code, np.asarray(turned, np.uint8))
            found.append((cv2.transform(corners[None], back)[0].astype(np.float32), READ))
    return found


class _Turn(NamedTuple):
    matrix: npt.NDArray[np.float64]  # [2, 3], from the picture to the turned one
    size: tuple[int, int]  # width and height that hold it whole


def _turn(width: int, height: int, angle: float) -> _Turn:
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    share, other = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (math.ceil(width * share + height * other), math.ceil(width * other + height * share))
    matrix[:, 2] = matrix[:, 2] + (np.array(size) - np.array([width, height])) / 2
    return _Turn(np.asarray(matrix, np.float64), size)


def _codes(grey: Grey, *kinds: zxingcpp.BarcodeFormat) -> list[zxingcpp.Barcode]:
    return list(zxingcpp.read_barcodes(grey, formats=_formats(*kinds), text_mode=zxingcpp.TextMode.Plain))


def _corners(code: zxingcpp.Barcode, grey: Grey) -> Corners:
    place = code.position
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    corners = np.array([(point.x, point.y) for point in points], np.float32)
    if "417" in str(code.format):
        # Of a slanted one the reader tells a skewed part.
        grown = corners + (corners - corners.mean(axis=0)) * np.float32(SKEWED)
        return np.asarray(grown, np.float32)
    return _whole_bars(grey, corners) if str(code.format) in _LINEAR else corners


def _whole_bars(grey: Grey, corners: Corners) -> Corners:
    """A barcode in its full height: the reader tells only the rows in which it read it.

    The bars are laid out flat and followed from the middle to either side for as long as the rows look alike.
    """
    begin, end = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    along = _across_bars(grey, begin, end)
    length = max(abs(float((end - begin) @ along)), 2.0)
    across = np.array([-along[1], along[0]], np.float32)
    reach = round(REACH * length)
    start = (begin + end) / 2 - along * length / 2
    origin = start - across * reach
    flat = cv2.warpAffine(
        grey,
        np.array([[along[0], across[0], origin[0]], [along[1], across[1], origin[1]]], np.float64),
        (round(length), 2 * reach + 1),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    ).astype(np.float32)
    rows = flat - flat.mean(axis=1, keepdims=True)
    middle = rows[reach]
    sizes = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(middle)), 1e-6)
    alike = (rows @ middle) / np.maximum(sizes, 1e-6) >= ALIKE
    above = next((step for step in range(reach) if not alike[reach - step]), reach)
    below = next((step for step in range(reach) if not alike[reach + step]), reach)
    ends = [start, start + along * length]
    bars = [point + across * step for point in ends for step in (-above, below)]
    return np.concatenate([corners, bars]).astype(np.float32)


def _across_bars(grey: Grey, begin: npt.NDArray[np.float32], end: npt.NDArray[np.float32]) -> Corners:
    """The unit vector along which bars and gaps follow each other: the main direction of the gradients.

    The line on which a slanted code was read is not that direction.
    """
    line = end - begin
    length = max(float(np.linalg.norm(line)), 2.0)
    middle, half = (begin + end) / 2, max(4.0, length / 6)
    (left, top), (right, bottom) = (np.maximum(middle + side, 0).astype(int) for side in (-half, half))
    patch = grey[top : bottom + 1, left : right + 1].astype(np.float32)
    if min(patch.shape) < 3:
        return np.asarray(line / length, np.float32)
    x, y = cv2.Sobel(patch, cv2.CV_32F, 1, 0), cv2.Sobel(patch, cv2.CV_32F, 0, 1)
    angle = 0.5 * math.atan2(2 * float((x * y).sum()), float((x * x - y * y).sum()))
    along = np.array([math.cos(angle), math.sin(angle)], np.float32)
    return along if along @ line >= 0 else -along


def _seen(picture: Picture) -> list[tuple[Corners, float]]:
    scale = min(1.0, LONGEST / max(picture.width, picture.height))
    grey = cv2.cvtColor(resized(picture.pixels, scale), cv2.COLOR_RGB2GRAY)
    seen, corners = cv2.QRCodeDetector().detectMulti(grey)
    if not seen or corners is None:
        return []
    return [
        (np.asarray(each, np.float32).reshape(-1, 2) / np.float32(scale), SEEN)
        for each in corners
        if cv2.contourArea(np.asarray(each, np.float32)) > 0
    ]
