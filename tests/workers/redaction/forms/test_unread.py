"""Ink that OCR read nothing from: a name in a script that it lacks, in a line that it read well."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import Quarantined
from tests.workers.redaction.conftest import TEXT_ONLY, dejavu
from tests.workers.redaction.forms.conftest import found
from workers.redaction.core.picture import Picture
from workers.redaction.forms import unread
from workers.redaction.forms.fields import Fields
from workers.redaction.forms.labelled import Labelled
from workers.redaction.forms.labels import NEUTRAL
from workers.redaction.reading.cells import Paper, Patch
from workers.redaction.reading.ocr import Line, _doubt, _gaps
from workers.redaction.reading.ppocr import Reading


def areas_of(paper: Paper, line: Line, *, is_label: bool = False) -> list[Patch]:
    found = unread.half_read(paper, [line], {id(line)} if is_label else set())
    return [area for each in found for area in ([each.whole] if each.whole else each.parts)]


def reading(text: str, middles: list[float], sure: float = 1.0) -> Reading:
    return Reading(text, sure, np.array(middles, np.float32), np.full(len(text), sure, np.float32))


def test_a_stretch_without_a_sign_is_told() -> None:
    even = reading("abcde", [0.1, 0.3, 0.5, 0.7, 0.9])
    assert _gaps(even, 0.2) == ()
    between = _gaps(reading("ab de", [0.05, 0.1, 0.2, 0.9, 0.95]), 0.1)
    assert len(between) == 1
    assert between[0] == pytest.approx((0.14, 0.86), abs=0.01)
    assert _gaps(reading("de", [0.9, 0.95]), 0.1)[0] == pytest.approx((0.0, 0.86), abs=0.01)


def test_the_worst_word_tells_a_lines_doubt() -> None:
    line = reading("fine word", [i / 9 for i in range(9)])
    line.sure[5:] = 0.4
    assert _doubt(line) == pytest.approx(0.6)
    assert _doubt(reading("fine", [0.1, 0.3, 0.5, 0.7])) == pytest.approx(0.0)


@pytest.mark.parametrize(("inked", "is_label"), [(True, False), (True, True), (False, False)])
def test_ink_in_a_gap_hides_the_line_and_of_a_label_the_gap(inked: bool, is_label: bool) -> None:
    page = np.full((120, 600, 3), 255, np.uint8)
    if inked:
        page[45:65, 260:400:6] = 0
    quad = np.array([[40, 40], [560, 40], [560, 70], [40, 70]], np.float32)
    line = Line(quad, "ab", 1.0, np.array([0, 0.5, 1], np.float32), False, False, gaps=((0.4, 0.7),))
    paper = Paper(Picture(page, TEXT_ONLY), 30.0)
    areas = areas_of(paper, line, is_label=is_label)
    ink, rest = (330, 55), (60, 55)
    assert any(area.holds(*ink) for area in areas) == inked
    assert any(area.holds(*rest) for area in areas) == (inked and not is_label)


def test_a_word_in_doubt_hides_its_line() -> None:
    quad = np.array([[40, 40], [560, 40], [560, 70], [40, 70]], np.float32)
    paper = Paper(Picture(np.full((120, 600, 3), 255, np.uint8), TEXT_ONLY), 30.0)
    line = Line(quad, "ab", 0.9, np.array([0, 0.5, 1], np.float32), False, False, doubt=0.54)
    assert [area.holds(300, 55) for area in areas_of(paper, line)] == [True]
    assert Patch(*line.stretch(0.5, 1.0)) == Patch(300, 40, 560, 70)


def test_letters_that_were_taken_for_others_hide_the_line() -> None:
    page = np.full((120, 600, 3), 255, np.uint8)
    page[45:65, 60:540:6] = 0
    quad = np.array([[40, 40], [560, 40], [560, 70], [40, 70]], np.float32)
    line = Line(quad, "ab", 1.0, np.array([0, 0.5, 1], np.float32), False, False, strange=((0.4, 0.7),))
    paper = Paper(Picture(page, TEXT_ONLY), 30.0)
    assert [area.holds(60, 55) for area in areas_of(paper, line)] == [True]
    assert [area.holds(60, 55) for area in areas_of(paper, line, is_label=True)] == [False]


def test_small_print_in_strange_letters_is_hidden_on_a_page_of_large_ones() -> None:
    page = np.full((400, 900, 3), 255, np.uint8)
    page[100:104, 60:64] = 0
    quad = np.array([[50, 96], [110, 96], [110, 108], [50, 108]], np.float32)
    line = Line(quad, "ab", 1.0, np.array([0, 0.5, 1], np.float32), False, False, strange=((0.0, 1.0),))
    assert areas_of(Paper(Picture(page, TEXT_ONLY), 60.0), line)


def test_of_a_line_that_is_half_hidden_the_strange_part_is_hidden_too() -> None:
    page = np.full((120, 600, 3), 255, np.uint8)
    hidden = np.zeros((120, 600), np.bool_)
    hidden[40:70, 40:340] = True
    quad = np.array([[40, 40], [560, 40], [560, 70], [40, 70]], np.float32)
    line = Line(quad, "ab", 1.0, np.array([0, 0.5, 1], np.float32), False, False, strange=((0.7, 1.0),))
    picture = Picture(page, TEXT_ONLY, "second", hidden)
    places = Fields(Paper(picture, 30.0), [line], [], frozenset(), again=True).find()
    assert any(place.area.holds(500, 55) for place in places)


@pytest.mark.parametrize(("strange", "is_hidden"), [(((0.0, 1.0),), True), ((), False)])
def test_of_lines_on_their_heads_strange_letters_count_and_gaps_do_not(
    strange: tuple[tuple[float, float], ...], is_hidden: bool
) -> None:
    page = np.full((120, 600, 3), 255, np.uint8)
    page[45:65, 60:540:6] = 0
    quad = np.array([[40, 40], [560, 40], [560, 70], [40, 70]], np.float32)
    edges = np.array([0, 0.5, 1], np.float32)
    line = Line(quad, "ab", 0.99, edges, False, True, gaps=((0.4, 0.7),), strange=strange, doubt=0.9)
    places = Fields(Paper(Picture(page, TEXT_ONLY), 30.0), [line], [], frozenset()).find()
    assert any(place.area.holds(300, 55) for place in places) == is_hidden


@pytest.mark.long
@pytest.mark.parametrize("size", [16, 30])
@pytest.mark.parametrize(
    "words",
    ["محمد عبد الله", "שרה לוי", "Ольга Петрова", "Γεώργιος", "გიორგი", "Տիգրան", "ສົມຊາຍ", "ⵎⵓⵃⵎⵎⴰⴷ"],
)
def test_a_name_in_another_script_amid_english_is_never_released(words: str, size: int) -> None:
    page, mask = Image.new("RGB", (36 * size, 7 * size), "white"), Image.new("L", (36 * size, 7 * size))
    pen, font = ImageDraw.Draw(page), dejavu(size)
    pen.text((2 * size, 3 * size), "The parcel went to ", font=font, fill="black")
    begin = 2 * size + font.getlength("The parcel went to ")
    pen.text((begin, 3 * size), words, font=font, fill="black")
    ImageDraw.Draw(mask).text((begin, 3 * size), words, font=font, fill=255)
    after = begin + font.getlength(words) + 0.3 * size
    pen.text((after, 3 * size), "on the bus", font=font, fill="black")
    try:
        hidden = found(np.asarray(page).copy())
    except Quarantined:
        return
    assert hidden[np.asarray(mask) > 100].mean() > 0.98


@pytest.mark.parametrize("ruled", [True, False])
def test_labels_in_ruled_cells_make_a_form_whatever_they_ask_for(ruled: bool) -> None:
    sheet = Image.new("RGB", (640, 300), "white")
    pen = ImageDraw.Draw(sheet)
    labels = []
    for top in (40, 120):
        pen.text((60, top + 20), "Vehicle", "black", dejavu(20))
        if ruled:
            for left, right in ((40, 200), (200, 600)):
                pen.rectangle((left, top, right, top + 60), outline="black", width=2)
        quad = np.array([[60, top + 20], [140, top + 20], [140, top + 42], [60, top + 42]], np.float32)
        line = Line(quad, "Vehicle", 1.0, np.linspace(0, 1, 8, dtype=np.float32), False, False)
        labels.append(
            Labelled(Patch(*line.bounds), NEUTRAL, False, True, False, True, lines=(line,), signs=0)
        )
    paper = Paper(Picture(np.asarray(sheet), TEXT_ONLY), 22.0)
    lines = [line for label in labels for line in label.lines]
    assert Fields(paper, lines, labels, frozenset(TEXT_ONLY.entities)).is_form is ruled
