"""Lit screens of computers and telephones in a photograph: what they show may be personal.

Told by shape and light alone, as no model for them comes with a package: a lit four-sided patch within a
frame that is dark, narrow and straight, with something lighter on the frame's other side. That last mark
keeps paper on a dark desk apart, which has no frame. It also means that a screen whose frame is light, or
that stands before something as dark, is not found, and that a picture in a dark frame on a wall is taken for
one. Panes that share a frame are a window or a table. A picture that is itself a scan, a drawing or a
screenshot is left to the other detectors.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from omnigov.contracts import Detector, Finding
from workers.media.picture import Pixels
from workers.redaction.core import sources
from workers.redaction.core.picture import Picture, millionths, resized, strongest

NAME = "screens"
KIND = "SCREEN"
LONGEST = 960  # pixels that the longer side of a picture is brought down to
DARK = (35, 50, 65, 80, 100, 120)  # levels up to which a frame may be dark; each is tried
SMALLEST, LARGEST = 0.004, 0.75  # of the picture's area
SIDE_MIN = 14  # pixels of a screen's shorter side
LEGIBLE = 60  # pixels of the picture that a screen's longer side has: on a smaller one nothing can be read
FOUR_SIDED = 0.92  # of the quadrilateral is filled by the patch's hull
SOLID = 0.80  # of the hull is filled by the patch
SLIM = 4.5  # the longer side over the shorter one, at most
OBLIQUE = 0.55  # a side over the one opposite to it, at least
FRAME = (0.015, 0.20)  # of the shorter side: how broad a frame is
CONTRAST = 45  # levels between a frame and what is lit within it
RISE = 14  # levels between a frame and what is beyond it
PLACES = 48  # along each side, at which the frame is looked at
HELD = 0.7  # of the places of a side show a frame; half as many where what is shown is not light everywhere
SIDES = 3  # of four: a stand or a keyboard may join one to something dark
UNLIKE = 2.5  # the second broadest of the sides' frames over the narrowest, at most
LIT = 95  # the mean level of a patch
LIT_DEVICE = 60  # the same of a whole device, its frame included
PANES = 0.3  # of a patch's area: another of this size in the same frame makes it a window
CLIPPED = 0.01  # of the picture's longer side: nearer to its edge a patch goes on beyond it
DRAWN = 0.5  # of the pixels are just as their neighbours: not a photograph
SAME = 0.4  # overlap (IoU) from which two boxes are one screen
PADDING = 0.015  # of the box's own size

Grey = npt.NDArray[np.uint8]  # [height, width]
Hull = npt.NDArray[np.int32]  # [points, 1, 2]: x, y
Quad = npt.NDArray[np.float32]  # [4, 2]: x, y of the corners, in turn
ScoredBox = tuple[float, float, float, float, float]  # left, top, right, bottom, score


class Screens:
    """Finds lit screens with dark frames, in perspective."""

    def describe(self) -> Detector:
        return Detector(name=NAME, version=f"1, opencv {cv2.__version__}", digest=sources.digest(__file__))

    def find(self, picture: Picture) -> list[Finding]:
        """A box about each screen and its frame, in pixels of `picture`."""
        scale = min(1.0, LONGEST / max(picture.width, picture.height))
        pixels = resized(picture.pixels, scale)
        if is_drawn(picture.pixels):
            return []
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        boxes = [box for level in DARK for box in _at(grey, level)]
        if not boxes:
            return []
        findings = []
        for left, top, right, bottom, score in strongest(np.array(boxes, np.float32), SAME).tolist():
            if max(right - left, bottom - top) < LEGIBLE * scale:
                continue
            pad_x, pad_y = PADDING * (right - left) / scale, PADDING * (bottom - top) / scale
            place = (left / scale, top / scale, right / scale, bottom / scale)
            box = picture.area(*place, pad_x=pad_x, pad_y=pad_y)
            findings.append(Finding(kind=KIND, place=box, score=millionths(score), detector=NAME))
        return findings


def is_drawn(pixels: Pixels) -> bool:
    """Whether this is a screenshot, a scan or a drawing: most pixels are just like those beside and below.

    A photograph has noise in every pixel that is not wholly white or black.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    alike = (grey[:-1, 1:] == grey[:-1, :-1]) & (grey[1:, :-1] == grey[:-1, :-1])
    return bool(alike.mean() > DRAWN)


def _at(grey: Grey, level: int) -> Iterator[ScoredBox]:
    """Screens with frames no lighter than `level`: by the patch within the frame, and by its outline."""
    dark = (grey <= level).astype(np.uint8)
    dark = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    contours, hierarchy = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if hierarchy is None:
        return
    areas = [cv2.contourArea(contour) for contour in contours]
    large = [place for place, area in enumerate(areas) if SMALLEST <= area / grey.size <= LARGEST]
    parents = hierarchy[0][:, 3]
    for place in large:
        contour, parent = np.asarray(contours[place], np.int32), parents[place]
        # A patch within something dark has it for its parent; what is dark itself has none.
        frame = place if parent < 0 else parent
        panes = [areas[other] for other in large if parents[other] == frame]
        if sum(pane > PANES * max(panes) for pane in panes) > 1:
            continue
        if parent < 0:
            quad = _four_sided(_without_stand(contour), grey)
            box = None if quad is None else _framed(grey, quad, outline=True)
        else:
            hull = np.asarray(cv2.convexHull(contour), np.int32)
            quad = _four_sided(hull, grey) if areas[place] >= SOLID * cv2.contourArea(hull) else None
            box = None if quad is None else _framed(grey, quad, outline=False)
        if box is not None:
            yield box


def _without_stand(outline: Hull) -> Hull:
    """The hull of a dark outline without what is slim and sticks out: a stand, a cable, a shadow."""
    left, top, width, height = cv2.boundingRect(outline)
    scale = min(1.0, 128 / max(width, height))
    filled = np.zeros((round(height * scale) + 3, round(width * scale) + 3), np.uint8)
    moved = np.rint((outline - [left, top]) * scale).astype(np.int32) + 1
    cv2.drawContours(filled, [moved], -1, 1, cv2.FILLED)
    reach = max(3, round(0.4 * min(width, height) * scale))
    opened = cv2.morphologyEx(
        filled, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    )
    parts, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not parts:
        return np.asarray(cv2.convexHull(outline), np.int32)
    device = max(parts, key=cv2.contourArea)
    return np.rint((cv2.convexHull(device) - 1) / scale + [left, top]).astype(np.int32)


def _four_sided(hull: Hull, grey: Grey) -> Quad | None:
    """The quadrilateral that the hull fills, or nothing. Telephones have round corners."""
    if len(hull) < 4:
        return None
    # The smallest that holds it, so that round corners end up where the sides would meet.
    quad = np.asarray(cv2.approxPolyN(hull, 4, ensure_convex=True), np.float32).reshape(-1, 2)
    if len(quad) != 4:
        return None
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    wide, high = max(sides[0], sides[2]), max(sides[1], sides[3])
    if min(sides) < SIDE_MIN or max(wide, high) > SLIM * min(wide, high):
        return None
    if min(sides[0], sides[2]) < OBLIQUE * wide or min(sides[1], sides[3]) < OBLIQUE * high:
        return None
    near = max(2.0, CLIPPED * max(grey.shape))
    if (quad < near).any() or (quad > np.array(grey.shape[::-1]) - 1 - near).any():
        return None
    drawn, filled = cv2.contourArea(quad), cv2.contourArea(hull)
    return quad if FOUR_SIDED * drawn <= filled <= drawn / FOUR_SIDED else None


def _framed(grey: Grey, quad: Quad, *, outline: bool) -> ScoredBox | None:
    """The box about a screen and its frame with a score, where at least `SIDES` of its sides have a frame.

    `quad` is the outline of the frame, or of the lit patch within it.
    """
    within = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(within, np.rint(quad).astype(np.int32), 1)
    if float(grey[within > 0].mean()) < (LIT_DEVICE if outline else LIT):
        return None
    middle = quad.mean(axis=0)
    short = float(min(np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)))
    looked = [
        _side(grey, corner, after, middle, short, outline=outline)
        for corner, after in zip(quad, np.roll(quad, -1, axis=0), strict=True)
    ]
    needed = 0.5 * HELD if outline else HELD
    breadths = sorted(breadth for share, breadth in looked if share >= needed)
    if len(breadths) < SIDES or breadths[-2] > UNLIKE * breadths[0] + 2:
        return None
    out = 1.0 if outline else max(breadths[-2], 1.0)
    (left, top), (right, bottom) = quad.min(axis=0) - out, quad.max(axis=0) + out
    score = float(np.mean(sorted(share for share, _ in looked)[1:]))
    return float(left), float(top), float(right), float(bottom), score


def _side(
    grey: Grey, corner: Quad, after: Quad, middle: Quad, short: float, *, outline: bool
) -> tuple[float, float]:
    """Of the places along one side, the share that shows a frame, and the frame's usual breadth in pixels.

    From the side the frame is walked through, inwards from its outline or outwards from the lit patch.
    """
    along = after - corner
    onward = np.array([along[1], -along[0]], np.float32) / max(float(np.linalg.norm(along)), 1e-6)
    if bool(onward @ (corner - middle) < 0) != outline:
        onward = -onward
    places = corner + np.linspace(0.12, 0.88, PLACES, dtype=np.float32)[:, None] * along
    back = max(3, round(0.03 * short))
    reach = max(6, round(FRAME[1] * short)) + 3
    steps = np.arange(-back, reach + 1, dtype=np.float32)
    at = places[:, None] + steps[None, :, None] * onward  # [places, steps, 2]
    levels = cv2.remap(grey, at[..., 0], at[..., 1], cv2.INTER_LINEAR).astype(np.int16)
    behind, frame = levels[:, :back].max(axis=1), levels[:, back : back + 4].min(axis=1)
    enough = (RISE, CONTRAST) if outline else (CONTRAST, RISE)
    beyond = levels[:, back + 1 :] >= (frame + enough[1])[:, None]
    # The frame may begin two pixels off the side; from there it goes on until it gets lighter.
    beyond[:, :2] = False
    ends = np.where(beyond.any(axis=1), beyond.argmax(axis=1) + 1, reach + 1).astype(np.float32)
    shows = (behind - frame >= enough[0]) & (ends >= max(2.0, FRAME[0] * short)) & (ends <= reach - 2)
    if not shows.any():
        return 0.0, 0.0
    usual = float(np.median(ends[shows]))
    straight = shows & (np.abs(ends - usual) <= max(2.0, 0.35 * usual))
    return float(straight.mean()), usual
