"""Personal data written in pictures: read the text, judge it row by row, box the words that are hit."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from omnigov.contracts import MILLION, Area, Detector, Finding, RedactionProfile
from workers import weights
from workers.redaction.core import scripts, sources
from workers.redaction.core.normal import normal
from workers.redaction.core.picture import Picture, hidden_share, millionths
from workers.redaction.core.runtime import joint_digest
from workers.redaction.core.spans import Span, merged
from workers.redaction.core.values import same
from workers.redaction.forms import labels as form_labels
from workers.redaction.forms import plates, signatures
from workers.redaction.forms.fields import Fields
from workers.redaction.forms.labelled import Labelled, area_of, labels_of
from workers.redaction.language import analysis, rules
from workers.redaction.language.analysis import UNREADABLE
from workers.redaction.reading import curved, faint, legible, ocr
from workers.redaction.reading.cells import Paper, Patch
from workers.redaction.reading.curved import Rim
from workers.redaction.reading.layout import Hit, Page, Row, rows_of, turned
from workers.redaction.reading.ocr import Line
from workers.redaction.reading.writing.tell import WritingSystems

NAME = "text"
WHOLE_FROM = 0.7  # share of a line's characters from which all of it is hidden
LETTER = 1.5  # a box shorter than this many letter heights holds no more than a letter
NOT_READ = 0.5  # of a line: with less its letters are no name, whatever they spell
BESIDE = 0.3  # of a line of faint ink under a plain one: it is the plain one's edge
WELL_ON_RIM = 0.95  # along a rim letters lean: with less they are hidden
ALIKE = 0.5  # of the larger of two places: the smaller says what kind it is
MARGIN = 4  # pixels by which two places that are one may differ
REST, ONE_VALUE = 4, 24  # signs behind a find, of a line that holds little else
PAD_MIN = 2.0  # pixels
PLATE_SCORE = 0.5
ONE_KANJI = 0.95  # a sign alone that is read with less may as well be an icon
LEFT_OVER = 0.3  # of the letter's height before a label is hidden: then it is the rest of a line
# The second look searches at another size: what was missed at the first is not missed again the same way.
ZOOM = {"first": 1.0, "second": 0.75}


class TextInPictures:
    """OCR boxes to personal data to padded boxes. Text that could not be read is hidden whole."""

    def __init__(self) -> None:
        self._reader = ocr.Reader()
        self._analyser = analysis.shared()
        self._digest = joint_digest(
            [
                *(weights.sha256(name) for name in ocr.FILES),
                WritingSystems.digest(),
                analysis.digest(),
                sources.digest(__file__),
            ]
        )
        # Both engines keep state while they work; on one processor's cores taking turns costs nothing.
        self._turn = threading.Lock()

    def describe(self) -> Detector:
        return Detector(name=NAME, version=f"{ocr.VERSION}, {analysis.VERSION}", digest=self._digest)

    def find(self, picture: Picture) -> list[Finding]:
        """Every word of a kind that the profile hides; boxes in pixels of `picture`, never the text."""
        with self._turn:
            if picture.look == "first":
                self._reader.forget()
            page, rims = self._read(picture)
            rows = rows_of(page.lines)
            found = self._judged([row.text for row in rows], picture.profile)
            on_rims = [finding for rim in rims if (finding := self._on_rim(rim, picture)) is not None]
        found = [merged(spans) for spans in found]
        _saw(picture, rows, found)
        picture.read.rows = [(_where(row, page), row.text) for row in rows]
        labels = [label for label in labels_of(rows) if not _is_left_over(label, page.picture)]
        spots = _spots(page, rows, found, labels, picture)
        findings = [finding for spot in once(spots) for finding in _noted(page, *spot)]
        return findings + on_rims

    def _read(self, picture: Picture) -> tuple[Page, list[Rim]]:
        """The page turned upright, with its lines, and what is written on round things."""
        page = turned(picture, self._lines(picture))
        if page.lay_on_its_side:
            # Short words are taken for columns there, and misread.
            page = replace(page, lines=self._lines(page.picture))
        if picture.look == "second":
            return page, []
        legible.count(page.lines, picture.legible)
        rims = curved.rims(picture.pixels, self._reader)
        for rim in rims:
            legible.count(rim.lines, picture.legible)
        return page, rims

    def _judged(self, rows: list[str], profile: RedactionProfile) -> list[list[Span]]:
        return self._analyser.find(rows, profile, of_text=False) if rows else []

    def _on_rim(self, rim: Rim, picture: Picture) -> Finding | None:
        """A round thing, whole, where what runs along its rim was read badly or is somebody's; else None."""
        x, y, radius = rim.circle
        box = picture.padded(x - radius, y - radius, x + radius, y + radius)
        worst = min(line.score for line in rim.lines)
        if worst < WELL_ON_RIM:
            return _finding(UNREADABLE, box, 1 - worst)
        rows = self._judged([normal(line.text).text for line in rim.lines], picture.profile)
        spans = sorted((span for row in rows for span in row), key=lambda span: -span.score)
        return _finding(spans[0].kind, box, spans[0].score) if spans else None

    def _lines(self, picture: Picture) -> list[Line]:
        """The lines of text, those of faint ink too where the plain eye sees nothing."""
        zoom = ZOOM[picture.look]
        lines = self._reader.read(picture.pixels, zoom)
        brought_out = faint.view(picture.pixels, of_copy=picture.look == "second")
        if brought_out is not None:
            plain = [Patch(*line.bounds) for line in lines]
            lines += [
                line
                for line in self._reader.read(brought_out, zoom)
                if not any(Patch(*line.bounds).share_in(area) > BESIDE for area in plain)
            ]
        known = self._analyser.is_word
        return [
            replace(line, strange=legible.strange(line, known)) if line.strange else line
            for line in lines
            if legible.is_text(line, picture)
        ]


class Spot(NamedTuple):
    """A place on the turned page that is to be hidden, and what was read there."""

    kind: str
    box: Area
    score: float
    value: str


def _spots(
    page: Page, rows: list[Row], found: list[list[Span]], labels: list[Labelled], picture: Picture
) -> list[Spot]:
    fields = _fields(page, labels)
    hits = [
        hit
        for row, spans in zip(rows, found, strict=True)
        for span in spans
        for each in row.hits(span)
        if (hit := _without_label(each, labels)) is not None
    ]
    if labels and fields:
        firms = fields.firms()
        hits = [_to_the_end(hit) for hit in hits if not _is_a_firms(hit, firms)]
    of_form = fields is not None and fields.is_form
    hits = [_as_read(hit) for hit in [*hits, *_honoured(page)] if of_form or not _is_icon(hit.line)]
    if not of_form:
        hits = [hit for hit in hits if not _is_scrawl(hit)]
    hits += _unread(page.lines, picture, of_form=of_form)
    hits += _plates(rows, picture)
    spots = [
        Spot(hit.kind, _box(hit, page.picture), hit.score, hit.value if hit.kind != UNREADABLE else "")
        for hit in hits
    ]
    for place in fields.find() if fields else []:
        value = _text_in(place.area, page.lines) if place.kind != UNREADABLE else ""
        spots.append(Spot(place.kind, _cell(place.area, page.picture), place.score, value))
    spots += [Spot("SIGNATURE", box, rules.LABEL_SCORE, "") for box in signatures.find(rows, page.picture)]
    return spots + [
        Spot("LICENCE_PLATE", box, plates.SCORE, "") for box in plates.japanese(page.lines, page.picture)
    ]


def once(spots: list[Spot]) -> list[Spot]:
    """The spots without those that lie in another: what was found in two ways is one place.

    The larger one stays, with what is known of the other where it is only known to be unreadable.
    """
    kept: list[Spot] = []
    for spot in sorted(spots, key=lambda spot: (-_size(spot.box), spot.kind == UNREADABLE)):
        place = next((place for place, other in enumerate(kept) if _lies_in(spot.box, other.box)), None)
        if place is None:
            kept.append(spot)
            continue
        # What the smaller one has beyond the other's edge, by the margin, stays hidden.
        about = kept[place] = kept[place]._replace(box=_about(kept[place].box, spot.box))
        alike = _size(spot.box) >= ALIKE * _size(about.box)
        if alike and about.kind == UNREADABLE:
            kept[place] = about._replace(kind=spot.kind, score=spot.score, value=spot.value)
        elif about.kind == spot.kind and not about.value.strip():
            kept[place] = about._replace(value=spot.value)
    return sorted(kept, key=lambda spot: spots.index(spot) if spot in spots else len(spots))


def _about(one: Area, other: Area) -> Area:
    """The box about both."""
    return Area(
        left=min(one.left, other.left),
        top=min(one.top, other.top),
        right=max(one.right, other.right),
        bottom=max(one.bottom, other.bottom),
    )


def _size(box: Area) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def _lies_in(box: Area, other: Area) -> bool:
    """Whether all of the box is hidden with the other, but for the margin that each has."""
    return (
        box.left >= other.left - MARGIN
        and box.top >= other.top - MARGIN
        and box.right <= other.right + MARGIN
        and box.bottom <= other.bottom + MARGIN
    )


def _is_left_over(label: Labelled, picture: Picture) -> bool:
    """Whether a label without a colon begins where something is hidden: it is the rest of a line."""
    if picture.hidden is None or label.colon:
        return False
    area = label.area
    left = picture.area(area.left - area.high, area.top, area.left, area.bottom)
    return hidden_share(picture.hidden, left) > LEFT_OVER


def _is_scrawl(hit: Hit) -> bool:
    """What was read as small letters, and badly, or as one kanji, and not well: music, fur, icons."""
    if hit.kind not in ("PERSON", "LOCATION"):
        return False
    value = hit.value.strip()
    if len(value) == 1 and value > "\u2e7f":
        return hit.line.score < ONE_KANJI
    return value.isascii() and value.islower() and hit.line.score < legible.CLEARLY


def _is_icon(line: Line) -> bool:
    """An icon or a texture that OCR takes for a sign, and a model for the name that it is."""
    return line.score < legible.CLEARLY and not legible.is_word(line)


def _as_read(hit: Hit) -> Hit:
    """What was not read names nobody: it is unreadable, whatever its few letters happen to spell."""
    return replace(hit, kind=UNREADABLE, value="") if hit.line.score < NOT_READ else hit


def _without_label(hit: Hit, labels: list[Labelled]) -> Hit | None:
    """The hit without the label that its line begins with: what a form calls its fields is nobody's."""
    for label in labels:
        if label.sure and any(line is hit.line for line in label.lines):
            if label.whole or hit.last <= label.signs:
                return None
            return replace(hit, first=max(hit.first, label.signs), behind_label=True)
    return hit


def _to_the_end(hit: Hit) -> Hit:
    """On a form, with the rest of its line where that is short: of a name half read, the other half."""
    count = len(hit.line.text)
    is_end = hit.kind != UNREADABLE and 0 < count - hit.last <= REST and count <= ONE_VALUE
    return replace(hit, last=count) if is_end else hit


def _noted(page: Page, kind: str, box: Area, score: float, value: str) -> list[Finding]:
    """The findings of a place on the turned page; what was read there is noted beside them."""
    findings = [_finding(kind, back, score) for back in page.back(box)]
    if value.strip():
        for finding in findings:
            page.original.read.note(finding, value, same(kind, value))
    return findings


def _honoured(page: Page) -> list[Hit]:
    """Lines that end in 様: whatever was read before it is somebody."""
    if "PERSON" not in page.picture.profile.entities:
        return []
    return [
        Hit(line, 0, count, "PERSON", rules.LABEL_SCORE, line.text[:count])
        for line in page.lines
        if (count := form_labels.honoured(line.text))
        and not ((label := form_labels.whole(line.text)) and label.sure)
    ]


def _is_a_firms(hit: Hit, firms: list[Patch]) -> bool:
    """One word beside or below "Company" or "Item", taken for a person or a town: no, by its label."""
    word = hit.line.text
    if hit.kind not in ("PERSON", "LOCATION") or len(word.split()) > 1 or not scripts.has_latin(word):
        return False
    return any(area.holds(*area_of(hit.line).middle) for area in firms)


def _fields(page: Page, labels: list[Labelled]) -> Fields | None:
    """What tells values by their place on a form."""
    if not page.lines:
        return None
    letter = float(np.median([line.thickness for line in page.lines]))
    wanted = frozenset(page.picture.profile.entities)
    paper = Paper(page.picture, letter)
    return Fields(paper, page.lines, labels, wanted, again=page.picture.look == "second")


def _text_in(area: Patch, lines: list[Line]) -> str:
    """What was read there; of a line that its label stands in too, what comes after the label."""
    inside = [line for line in lines if area.holds(*Patch(*line.bounds).middle)]
    return " ".join(_unlabelled(line) for line in sorted(inside, key=lambda line: line.bounds[:2]))


def _unlabelled(line: Line) -> str:
    label = form_labels.leading(line.text)
    return line.text[label.end :].lstrip(" :：") if label else line.text


def _cell(area: Patch, picture: Picture) -> Area:
    return picture.area(*area, pad_x=PAD_MIN, pad_y=PAD_MIN)


def _finding(kind: str, box: Area, score: float) -> Finding:
    return Finding(kind=kind, place=box, score=millionths(score), detector=NAME)


def _saw(picture: Picture, rows: list[Row], found: list[list[Span]]) -> None:
    """Notes the text of a picture, and what is left of it when the spans are hidden."""
    left = []
    for row, spans in zip(rows, found, strict=True):
        text = row.text
        for span in reversed(spans):
            text = f"{text[: span.start]} {text[span.end :]}"
        left.append(text)
    picture.read.seen, picture.read.left = "\n".join(row.text for row in rows), "\n".join(left)


def _where(row: Row, page: Page) -> tuple[Area, ...]:
    """The places of a row's boxes in the picture as it came."""
    boxes = [page.picture.area(*line.bounds) for line in row.lines]
    return tuple(place for box in boxes for place in page.back(box))


def _unread(lines: list[Line], picture: Picture, *, of_form: bool) -> list[Hit]:
    """Boxes with text that nobody can vouch for; a single sign, which textures look like, is none.

    On a form every box of more than a letter counts, elsewhere it has to be as long as a word.
    """
    threshold = picture.profile.text_threshold / MILLION
    return [
        Hit(line, 0, len(line.text), UNREADABLE, 1 - line.score, "")
        for line in lines
        if line.score < threshold
        and line.length >= LETTER * line.thickness
        and (of_form or legible.is_word(line))
    ]


_PLATE = re.compile(r"(?=.*[A-Z])(?=.*\d)[A-Z0-9]{1,8}(?:[ \-.·][A-Z0-9]{1,4}){0,3}")
PLATE_SIGNS = range(5, 9)
PLATE_LENGTH = (2.5, 7.0)  # of a plate's text, in heights of its letters


def _plates(rows: list[Row], picture: Picture) -> list[Hit]:
    """Licence plates, by the geometry of their text: alone in its row, of few large signs of both kinds.

    A part's number can look the same, and is hidden then: there is no way to tell from the text.
    """
    if "LICENCE_PLATE" not in picture.profile.entities:
        return []
    return [
        Hit(row.lines[0], 0, len(row.lines[0].text), "LICENCE_PLATE", PLATE_SCORE, row.lines[0].text)
        for row in rows
        if len(row.lines) == 1
        and _PLATE.fullmatch(row.text.strip())
        and sum(sign.isalnum() for sign in row.text) in PLATE_SIGNS
        and PLATE_LENGTH[0] <= row.lines[0].length / max(row.lines[0].thickness, 1) <= PLATE_LENGTH[1]
    ]


def _box(hit: Hit, picture: Picture) -> Area:
    line = hit.line
    share = picture.profile.padding / MILLION
    pad = max(PAD_MIN, share * line.thickness)
    count = len(line.text)
    whole = hit.last - hit.first >= WHOLE_FROM * count and not hit.behind_label
    if not count or whole or line.score < legible.CLEARLY:
        return picture.area(*line.bounds, pad_x=pad, pad_y=pad)
    # Where a character ends is told to about half of one, so that much is added along the line.
    along = max(pad, 0.5 * line.length / count)
    pads = (pad, along) if line.vertical else (along, pad)
    return picture.area(*line.span(hit.first, hit.last), pad_x=pads[0], pad_y=pads[1])
