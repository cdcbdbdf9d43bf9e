"""Personal data written in pictures: read the text, judge it row by row, box the words that are hit."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field

import cv2
import numpy as np

from omnigov.contracts import MILLION, Box, Detector, Finding
from workers import weights
from workers.redaction import analysis, ocr, plates, rules
from workers.redaction.analysis import UNREADABLE
from workers.redaction.normal import FIELD, Normal, normal
from workers.redaction.ocr import Line
from workers.redaction.picture import Picture, millionths
from workers.redaction.runtime import joint_digest
from workers.redaction.spans import Span, merged
from workers.redaction.values import same

NAME = "text"
GAP = 1.5  # letter heights between two boxes from which they are two fields
BELOW = 1.5  # letter heights between a label and the value under it
WHOLE_FROM = 0.7  # share of a line's characters from which all of it is hidden
CLEARLY_READ = 0.7  # below this the places of the characters are not trusted either
LETTER = 1.5  # a box shorter than this many letter heights holds no more than a letter
LARGE = 0.2  # of the picture's shorter side: letters of this height are rare,
WORD = 4.0  # and held for text only if they are clear or their box is this many letter heights long
PAD_MIN = 2.0  # pixels
PLATE_SCORE = 0.5
INK_DARKER = 45  # than the ground, of 255
# The second look searches at another size: what was missed at the first is not missed again the same way.
ZOOM = {"first": 1.0, "second": 0.75}


class TextInPictures:
    """OCR boxes to personal data to padded boxes. Text that could not be read is hidden whole."""

    def __init__(self) -> None:
        self._reader = ocr.Reader()
        self._analyser = analysis.Analyser()
        self._digest = joint_digest([*(weights.sha256(name) for name in ocr.FILES), analysis.digest()])
        # Both engines keep state while they work; on one processor's cores taking turns costs nothing.
        self._turn = threading.Lock()

    def describe(self) -> Detector:
        return Detector(name=NAME, version=f"{ocr.VERSION}, {analysis.VERSION}", digest=self._digest)

    def find(self, picture: Picture) -> list[Finding]:
        """Every word of a kind that the profile hides; boxes in pixels of `picture`, never the text."""
        with self._turn:
            read = self._reader.read(picture.pixels, ZOOM[picture.look])
            lines = [line for line in read if _is_text(line, picture)]
            rows = _rows(lines)
            found = self._analyser.find([row.text for row in rows], picture.profile) if rows else []
        found = [merged(spans) for spans in found]
        _saw(picture, rows, found)
        hits: list[_Hit] = []
        for row, spans in zip(rows, found, strict=True):
            for span in spans:
                hits.extend(row.hits(span))
        hits += _under_labels(rows, picture)
        hits += _unread(lines, picture)
        hits += _plates(rows, picture)
        findings = []
        for hit in hits:
            findings.append(_finding(hit.kind, _box(hit, picture), hit.score))
            if hit.kind != UNREADABLE and hit.value.strip():
                picture.read.note(findings[-1], hit.value, same(hit.kind, hit.value))
        drawn = [("SIGNATURE", box, rules.LABEL_SCORE) for box in _signatures(rows, picture)]
        drawn += [("LICENCE_PLATE", box, plates.SCORE) for box in plates.japanese(lines, picture)]
        return findings + [_finding(*each) for each in drawn]


def _finding(kind: str, box: Box, score: float) -> Finding:
    return Finding(kind=kind, box=box, score=millionths(score), detector=NAME)


def _saw(picture: Picture, rows: list[_Row], found: list[list[Span]]) -> None:
    """Notes the text of a picture, and what is left of it when the spans are hidden."""
    left = []
    for row, spans in zip(rows, found, strict=True):
        text = row.text
        for span in reversed(spans):
            text = f"{text[: span.start]} {text[span.end :]}"
        left.append(text)
    picture.read.seen, picture.read.left = "\n".join(row.text for row in rows), "\n".join(left)


@dataclass(frozen=True)
class _Hit:
    """Characters `first` … `last` − 1 of a line."""

    line: Line
    first: int
    last: int
    kind: str
    score: float
    value: str = field(repr=False)


@dataclass(frozen=True)
class _Row:
    """Boxes that stand beside each other, as one text; its character i comes from `places[i]`."""

    text: str
    lines: tuple[Line, ...]
    places: tuple[tuple[int, int, int] | None, ...]  # line, first, last + 1; None between two boxes

    def hits(self, span: Span) -> list[_Hit]:
        reach: dict[int, tuple[int, int]] = {}
        for place in self.places[span.start : span.end]:
            if place is not None:
                line, first, last = place
                low, high = reach.get(line, (first, last))
                reach[line] = (min(low, first), max(high, last))
        return [
            _Hit(self.lines[line], first, last, span.kind, span.score, self.text[span.start : span.end])
            for line, (first, last) in reach.items()
        ]

    def line_at(self, index: int) -> Line | None:
        place = self.places[index]
        return None if place is None else self.lines[place[0]]


def _rows(lines: list[Line]) -> list[_Row]:
    """Boxes to rows, top to bottom; text set upright down the page is a row of its own."""
    flat = sorted((line for line in lines if not line.vertical and line.text.strip()), key=_middle)
    groups: list[list[Line]] = []
    for line in flat:
        beside = next((group for group in reversed(groups) if _is_beside(group[-1], line)), None)
        if beside is None:
            groups.append([line])
        else:
            beside.append(line)
    return [_row(sorted(group, key=lambda line: line.upright[0])) for group in groups] + _columns(lines)


def _columns(lines: list[Line]) -> list[_Row]:
    """Text set upright down the page: boxes under each other are one column, read from its top."""
    tall = sorted(
        (line for line in lines if line.vertical and line.text.strip()), key=lambda line: line.upright[1]
    )
    groups: list[list[Line]] = []
    for line in tall:
        over = next((group for group in groups if _is_in_column(group[-1], line)), None)
        if over is None:
            groups.append([line])
        else:
            over.append(line)
    return [_row(group, down=True) for group in groups]


def _is_in_column(upper: Line, lower: Line) -> bool:
    common = min(upper.upright[2], lower.upright[2]) - max(upper.upright[0], lower.upright[0])
    return common > 0.5 * min(upper.upright[2] - upper.upright[0], lower.upright[2] - lower.upright[0])


def _middle(line: Line) -> float:
    return (line.upright[1] + line.upright[3]) / 2


def _is_beside(one: Line, other: Line) -> bool:
    common = min(one.upright[3], other.upright[3]) - max(one.upright[1], other.upright[1])
    return common > 0.5 * min(one.upright[3] - one.upright[1], other.upright[3] - other.upright[1])


def _row(lines: list[Line], *, down: bool = False) -> _Row:
    near, far = (1, 3) if down else (0, 2)
    text, places = "", list[tuple[int, int, int] | None]()
    for index, line in enumerate(lines):
        if index:
            gap = line.upright[near] - lines[index - 1].upright[far]
            text += FIELD if gap > GAP * min(line.thickness, lines[index - 1].thickness) else " "
            places.append(None)
        form: Normal = normal(line.text)
        text += form.text.replace(FIELD, " ")
        places += [(index, first, last) for first, last in zip(form.first, form.last, strict=True)]
    return _Row(text, tuple(lines), tuple(places))


def _under_labels(rows: list[_Row], picture: Picture) -> list[_Hit]:
    """Values that stand below their label: one under a lone label, the whole column under a table's head."""
    labels = [
        [span for span in rules.lone_labels(row.text) if not row.text[span.end :].strip()] for row in rows
    ]
    heads = [rules.lone_labels(row.text) for row in rows]
    hits = []
    for row, lone, head in zip(rows, labels, heads, strict=True):
        fields = row.text.split(FIELD)
        is_head = len(head) > 1 and len(head) >= len(fields) / 2
        for span in head if is_head else lone:
            label = row.line_at(span.start)
            if (
                label is None
                or span.kind not in picture.profile.entities
                or _has_hidden_value(label, picture)
            ):
                continue
            hits += [
                _Hit(line, 0, len(line.text), span.kind, rules.LABEL_SCORE, line.text)
                for line in _below(label, rows, heads, column=is_head)
            ]
    return hits


def _has_hidden_value(label: Line, picture: Picture) -> bool:
    """Whether something beside or under the label is blacked out already: then its value was found."""
    if picture.hidden is None:
        return False
    hidden = picture.hidden[::-1, ::-1] if label.upside_down else picture.hidden
    offset = (picture.width, picture.height) if label.upside_down else (0, 0)
    left, right = (max(round(edge) + offset[0], 0) for edge in label.upright[0::2])
    top, bottom = (max(round(edge) + offset[1], 0) for edge in label.upright[1::2])
    beside = hidden[top:bottom, right:]
    under = hidden[bottom : bottom + round(BELOW * label.thickness), left:right]
    return bool(beside.any() or under.any())


def _below(label: Line, rows: list[_Row], heads: list[list[Span]], *, column: bool) -> list[Line]:
    taken: list[Line] = []
    last = label
    for row, head in zip(rows, heads, strict=True):
        under = [line for line in row.lines if line is not label and _is_under(last, line)]
        if not under:
            continue
        labelled = [row.line_at(span.start) for span in head]
        if any(line is other for line in under for other in labelled):
            break
        taken += under
        last = under[0]
        if not column:
            break
    return taken


def _is_under(upper: Line, lower: Line) -> bool:
    gap = lower.upright[1] - upper.upright[3]
    common = min(upper.upright[2], lower.upright[2]) - max(upper.upright[0], lower.upright[0])
    return (
        -0.5 * upper.thickness < gap < BELOW * upper.thickness
        and common > 0
        and _middle(lower) > _middle(upper)
    )


def _is_text(line: Line, picture: Picture) -> bool:
    """False for fruit, eyes and fabric, which OCR takes for one or two huge signs that it half reads."""
    large = line.thickness > LARGE * min(picture.width, picture.height)
    return line.score >= CLEARLY_READ or not large or line.length >= WORD * line.thickness


def _unread(lines: list[Line], picture: Picture) -> list[_Hit]:
    """Boxes with text that nobody can vouch for; a single sign, which textures look like, is none."""
    threshold = picture.profile.text_threshold / MILLION
    return [
        _Hit(line, 0, len(line.text), UNREADABLE, 1 - line.score, "")
        for line in lines
        if line.score < threshold and line.length >= LETTER * line.thickness
    ]


_PLATE = re.compile(r"(?=.*[A-Z])(?=.*\d)[A-Z0-9]{1,8}(?:[ \-.·][A-Z0-9]{1,4}){0,3}")
PLATE_SIGNS = range(5, 9)
PLATE_LENGTH = (2.5, 7.0)  # of a plate's text, in heights of its letters


def _plates(rows: list[_Row], picture: Picture) -> list[_Hit]:
    """Licence plates, by the geometry of their text: alone in its row, of few large signs of both kinds.

    A part's number can look the same, and is hidden then: there is no way to tell from the text.
    """
    if "LICENCE_PLATE" not in picture.profile.entities:
        return []
    return [
        _Hit(row.lines[0], 0, len(row.lines[0].text), "LICENCE_PLATE", PLATE_SCORE, row.lines[0].text)
        for row in rows
        if len(row.lines) == 1
        and _PLATE.fullmatch(row.text.strip())
        and sum(sign.isalnum() for sign in row.text) in PLATE_SIGNS
        and PLATE_LENGTH[0] <= row.lines[0].length / max(row.lines[0].thickness, 1) <= PLATE_LENGTH[1]
    ]


SIGN_ALONG, SIGN_ABOVE, SIGN_BELOW = 14.0, 2.0, 1.0  # letter heights about a label in which someone signs
INK = 0.004  # of that place is dark: less is dust, or the line to sign on


def _signatures(rows: list[_Row], picture: Picture) -> list[Box]:
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
            beside = picture.box(
                right, top - SIGN_ABOVE * high, right + SIGN_ALONG * high, bottom + SIGN_BELOW * high
            )
            under = picture.box(left, bottom, left + SIGN_ALONG * high, bottom + 3 * high)
            above = picture.box(left, top - 3 * high, left + SIGN_ALONG * high, top)
            boxes += [box for place in (beside, under, above) if (box := _drawn(place, rows, high, picture))]
    return boxes


def _drawn(place: Box, rows: list[_Row], high: float, picture: Picture) -> Box | None:
    """The part of the place that holds strokes: neither read text nor ruled lines nor nothing."""
    grey = picture.pixels[place.top : place.bottom, place.left : place.right].min(axis=2)
    ground = float(np.percentile(grey, 80))
    ink = (grey < ground - INK_DARKER).astype(np.uint8)
    if picture.hidden is not None:
        ink[picture.hidden[place.top : place.bottom, place.left : place.right]] = 0
    # OCR half reads a flourish as some letters.
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
    return picture.box(
        place.left + xs.min(),
        place.top + ys.min(),
        place.left + xs.max() + 1,
        place.top + ys.max() + 1,
        pad_x=0.3 * high,
        pad_y=0.3 * high,
    )


def _box(hit: _Hit, picture: Picture) -> Box:
    line = hit.line
    share = picture.profile.padding / MILLION
    pad = max(PAD_MIN, share * line.thickness)
    count = len(line.text)
    if not count or hit.last - hit.first >= WHOLE_FROM * count or line.score < CLEARLY_READ:
        return picture.box(*line.bounds, pad_x=pad, pad_y=pad)
    # Where a character ends is told to about half of one, so that much is added along the line.
    along = max(pad, 0.5 * line.length / count)
    pads = (pad, along) if line.vertical else (along, pad)
    return picture.box(*line.span(hit.first, hit.last), pad_x=pads[0], pad_y=pads[1])
