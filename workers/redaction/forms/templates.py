"""Forms that a profile knows: laid over the template's reference, their fields are hidden by place, unread.

A template's reference is the form's ink without what stood in its fields (`omnigov.form_reference`). The
picture is made such ink too; SIFT points of both are matched, a homography is told by MAGSAC, and it counts
if it is that of a sheet of paper held before a camera and puts most of the form's ink on ink of the picture.
Scaling, turning, perspective and other ink in the fields do no harm; another form has its ink elsewhere.

Of a field that has to be filled in it is told whether anything is written in it: ink that is no line along
the form's own boxes. What was written is neither read nor kept.
"""

from __future__ import annotations

import base64
import functools
import io
import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from omnigov.contracts import Area, Detector, Finding, Quarantined
from omnigov.form_reference import ink_of
from workers.redaction.core import sources
from workers.redaction.core.picture import Picture, millionths

NAME = "form_template"
LONGEST = 1600  # pixels that the longer side of a large picture is brought down to
POINTS = 4000  # of interest in a picture, at most
RATIO = 0.8  # of the second-best match's distance that the best one must stay below (Lowe)
INLIERS = 20  # points that agree, at least,
AGREE = 0.15  # and this share of all that were matched
NEAR = 4.0  # pixels of the reference within which points agree
SQUASHED = 2.0  # one side of the paper over the opposite one, at most, and its two scales
SMALLEST = 0.02  # of the picture's area that the form fills, at least
ON_INK = 0.72  # of the reference's ink that lies on ink of the picture, at least
TOLERANCE = 2  # pixels of the reference by which it may lie beside it
MARGIN = 0.006  # of the form's longer side by which a field is grown on each side
TIGHT = 0.3  # of a field's height: more than this its box does not grow because it lies aslant
PIECES_MAX = 24
INSET = 0.15  # of a field's height from its border: the form's own box may be drawn there
LINE = 0.5  # of a field's length, from which ink in one line is the form's and not somebody's
WRITTEN = 0.006  # of a field's inside that is ink, from which something is written in it

Ink = npt.NDArray[np.uint8]  # [height, width], 1 where ink is
Matrix = npt.NDArray[np.float64]  # [3, 3]: from the reference to the picture


@dataclass(frozen=True)
class _Points:
    places: npt.NDArray[np.float32]  # [points, 2]
    marks: npt.NDArray[np.float32]  # [points, 128]


@dataclass(frozen=True)
class _Reference:
    ink: Ink
    points: _Points


class FormTemplates:
    """Finds the forms of the profile's templates, and hides their fields."""

    def describe(self) -> Detector:
        return Detector(name=NAME, version=f"1, opencv {cv2.__version__}", digest=sources.digest(__file__))

    def find(self, picture: Picture) -> list[Finding]:
        """The fields of every template that the picture is a form of.

        Raises `Quarantined` where the profile asks for a form and the picture is none of them.
        """
        scale = min(1.0, LONGEST / max(picture.width, picture.height))
        drawn = ink_of(Image.fromarray(picture.pixels), LONGEST)
        ink = (np.asarray(drawn) < 128).astype(np.uint8)
        points = _points(ink)
        findings: list[Finding] = []
        for template in picture.profile.templates:
            known = _known(template.reference)
            found = register(known, ink, points)
            if found is None:
                continue
            matrix, share = found
            down = max(known.ink.shape) / max(template.width, template.height)
            to_picture = np.diag([1 / scale, 1 / scale, 1.0]) @ matrix @ np.diag([down, down, 1.0])
            margin = MARGIN * max(template.width, template.height)
            for field in template.fields:
                empty = field.required and is_empty(field.place, down, ink, matrix, known.ink.shape)
                findings += [
                    Finding(
                        kind=field.kind,
                        place=box,
                        score=millionths(share),
                        detector=NAME,
                        empty=field.name if empty else "",
                    )
                    for box in _boxes(field.place, margin, to_picture, picture)
                ]
        if picture.profile.template_required and not findings:
            raise Quarantined(
                "no_template",
                "The picture is none of the forms that the profile has templates for. Draw a template of "
                "this form, or redact the picture by hand.",
            )
        return findings


def register(known: _Reference, ink: Ink, points: _Points) -> tuple[Matrix, float] | None:
    """From the reference to the picture, and how much of the form's ink is there; None for another form."""
    if min(len(known.points.places), len(points.places)) < INLIERS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(known.points.marks, points.marks, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(good) < INLIERS:
        return None
    here = known.points.places[[match.queryIdx for match in good]]
    there = points.places[[match.trainIdx for match in good]]
    cv2.setRNGSeed(1)  # the same picture gives the same fields
    found, agree = cv2.findHomography(here, there, cv2.USAC_MAGSAC, NEAR, maxIters=5000, confidence=0.999)
    if found is None or agree is None or int(agree.sum()) < max(INLIERS, AGREE * len(good)):
        return None
    matrix = np.asarray(found, np.float64)
    if not _is_of_paper(matrix, known.ink.shape, ink.shape):
        return None
    share = _on_ink(known.ink, ink, matrix)
    return (matrix, share) if share >= ON_INK else None


@functools.lru_cache(maxsize=64)
def _known(encoded: str) -> _Reference:
    """A template's reference as ink, with its points."""
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        ink = (np.asarray(image.convert("L")) < 128).astype(np.uint8)
    return _Reference(ink, _points(ink))


def _points(ink: Ink) -> _Points:
    soft = cv2.GaussianBlur(255 - 255 * ink, (0, 0), 1.2)
    places, marks = cv2.SIFT.create(nfeatures=POINTS).detectAndCompute(soft, None)
    if marks is None:
        return _Points(np.empty((0, 2), np.float32), np.empty((0, 128), np.float32))
    return _Points(np.array([place.pt for place in places], np.float32), np.asarray(marks, np.float32))


def _corners(wide: float, high: float) -> npt.NDArray[np.float64]:
    return np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float64)


def _moved(places: npt.NDArray[np.float64], matrix: Matrix) -> npt.NDArray[np.float64] | None:
    """Where the places come to lie, [places, 2]; None where one of them lies behind the camera."""
    far = np.hstack([places, np.ones((len(places), 1))]) @ matrix.T
    if (far[:, 2] <= 1e-9).any():
        return None
    moved: npt.NDArray[np.float64] = far[:, :2] / far[:, 2:]
    return moved


def _is_of_paper(matrix: Matrix, form: tuple[int, ...], picture: tuple[int, ...]) -> bool:
    """Whether a sheet held before a camera looks like this: convex, not mirrored, hardly squashed."""
    high, wide = form
    corners = _moved(_corners(wide, high), matrix)
    if corners is None:
        return False
    sides = np.roll(corners, -1, axis=0) - corners
    after = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    if (turns <= 0).any():
        return False
    scales = np.linalg.norm(sides, axis=1) / np.array([wide, high, wide, high])
    if scales.max() > SQUASHED * scales.min():
        return False
    return cv2.contourArea(corners.astype(np.float32)) >= SMALLEST * picture[0] * picture[1]


def _on_ink(form: Ink, picture: Ink, matrix: Matrix) -> float:
    """How much of the form's ink lies on ink of the picture, of that which the picture shows."""
    size = (form.shape[1], form.shape[0])
    back = np.linalg.inv(matrix)
    near = cv2.dilate(picture, np.ones((3, 3), np.uint8))
    seen = cv2.warpPerspective(near, back, size, flags=cv2.INTER_LINEAR)
    shown = cv2.warpPerspective(np.ones_like(picture), back, size, flags=cv2.INTER_NEAREST)
    reach = np.ones((2 * TOLERANCE + 1, 2 * TOLERANCE + 1), np.uint8)
    there = np.asarray(cv2.dilate(seen, reach), np.uint8) > 0
    # Ink that lies outside the picture counts as not found, so that a corner alone is no form.
    return float((there & (shown > 0))[form > 0].mean()) if form.any() else 0.0


def is_empty(field: Area, down: float, picture: Ink, matrix: Matrix, form: tuple[int, ...]) -> bool:
    """Whether nothing is written in a field: `down` is from the template's pixels to its reference's."""
    flat = cv2.warpPerspective(picture, np.linalg.inv(matrix), (form[1], form[0]), flags=cv2.INTER_AREA)
    left, top, right, bottom = (side * down for side in (field.left, field.top, field.right, field.bottom))
    inset = INSET * min(bottom - top, right - left)
    inside = np.ascontiguousarray(
        flat[round(top + inset) : round(bottom - inset), round(left + inset) : round(right - inset)], np.uint8
    )
    if not inside.size:
        return False
    for length, shape in ((inside.shape[1], (1, 0)), (inside.shape[0], (0, 1))):
        run = max(3, round(LINE * length))
        line = cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones((run, 1) if shape[1] else (1, run), np.uint8))
        # A line drawn aslant is some pixels thick, and its edges are ink too.
        inside = np.where(cv2.dilate(line, np.ones((3, 3), np.uint8)) > 0, 0, inside).astype(np.uint8)
    return bool(inside.mean() < WRITTEN)


def _boxes(field: Area, margin: float, matrix: Matrix, picture: Picture) -> list[Area]:
    """The field on the picture; in pieces where it lies aslant, so that they cover little else."""
    left, top = field.left - margin, field.top - margin
    right, bottom = field.right + margin, field.bottom + margin
    wide, high = right - left, bottom - top
    count = _pieces(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]), matrix)
    across = np.linspace(left, right, count + 1) if wide >= high else np.array([left, right])
    down = np.linspace(top, bottom, count + 1) if wide < high else np.array([top, bottom])
    boxes = []
    for x0, x1 in pairwise(across.tolist()):
        for y0, y1 in pairwise(down.tolist()):
            corners = _moved(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), matrix)
            if corners is None:
                continue
            (low_x, low_y), (high_x, high_y) = corners.min(axis=0), corners.max(axis=0)
            if high_x > 0 and high_y > 0 and low_x < picture.width and low_y < picture.height:
                boxes.append(picture.area(float(low_x), float(low_y), float(high_x), float(high_y)))
    return boxes


def _pieces(corners: npt.NDArray[np.float64], matrix: Matrix) -> int:
    moved = _moved(corners, matrix)
    if moved is None:
        return 1
    across, down = moved[1] - moved[0], moved[3] - moved[0]
    long, short = sorted((across, down), key=lambda side: -float(np.linalg.norm(side)))
    lean = float(np.abs(long).min())
    return min(PIECES_MAX, max(1, math.ceil(lean / max(1.0, TIGHT * float(np.linalg.norm(short))))))
