"""Signatures: strokes beside or under the label that asks for one."""

from __future__ import annotations

import cv2
import numpy as np

from omnigov.contracts import Area
from workers.redaction.core.picture import Picture
from workers.redaction.language import rules
from workers.redaction.reading.layout import Row

CLEARLY_READ = 0.7  # OCR half reads a flourish as some letters
INK_DARKER = 45  # than the ground, of 255
SIGN_ALONG, SIGN_ABOVE, SIGN_BELOW = 14.0, 2.0, 1.0  # letter heights about a label in which someone signs
INK = 0.004  # of that place is dark: less is dust, or the line to sign on


def find(rows: list[Row], picture: Picture) -> list[Area]:
    """Places beside or under a label like `Signature` where there is ink that is no text."""
    if "SIGNATURE" not in picture.profile.entities:
        return []
    boxes = []
    for row in rows:
        for span in rules.signature_labels(row.text):
            label = row.line_at(span.start)
            if label is None or label.upside_down or label.vertical:
                continue
            left, top, right, bottom = label.bounds
            high = label.thickness
            beside = picture.area(
                right, top - SIGN_ABOVE * high, right + SIGN_ALONG * high, bottom + SIGN_BELOW * high
            )
            under = picture.area(left, bottom, left + SIGN_ALONG * high, bottom + 3 * high)
            above = picture.area(left, top - 3 * high, left + SIGN_ALONG * high, top)
            boxes += [box for place in (beside, under, above) if (box := _drawn(place, rows, high, picture))]
    return boxes


def _drawn(place: Area, rows: list[Row], high: float, picture: Picture) -> Area | None:
    """The part of the place that holds strokes: neither read text nor ruled lines nor nothing."""
    grey = picture.pixels[place.top : place.bottom, place.left : place.right].min(axis=2)
    ground = float(np.percentile(grey, 80))
    ink = (grey < ground - INK_DARKER).astype(np.uint8)
    if picture.hidden is not None:
        ink[picture.hidden[place.top : place.bottom, place.left : place.right]] = 0
    clear = (line for row in rows for line in row.lines if line.score >= CLEARLY_READ)
    for line in clear:
        left, top, right, bottom = (round(edge) for edge in line.bounds)
        ink[
            max(top - place.top - 1, 0) : max(bottom - place.top + 1, 0),
            max(left - place.left - 1, 0) : max(right - place.left + 1, 0),
        ] = 0
    for shape in ((1, round(3 * high)), (round(3 * high), 1)):
        ruled = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        ink[cv2.dilate(ruled, np.ones((5, 5), np.uint8)) > 0] = 0
    strokes = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    if strokes.mean() < INK:
        return None
    ys, xs = np.nonzero(strokes)
    if xs.max() - xs.min() < high or ys.max() - ys.min() < 0.4 * high:
        return None
    return picture.area(
        place.left + xs.min(),
        place.top + ys.min(),
        place.left + xs.max() + 1,
        place.top + ys.max() + 1,
        pad_x=0.3 * high,
        pad_y=0.3 * high,
    )
