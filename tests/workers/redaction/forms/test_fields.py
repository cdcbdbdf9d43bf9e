"""Values are hidden by their place: beside and below labels, in cells and columns, however the page lies."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from omnigov.contracts import Area, Quarantined
from tests.workers.redaction.conftest import TEXT_ONLY, dejavu, font
from tests.workers.redaction.forms.conftest import found
from workers.redaction.core.picture import Picture
from workers.redaction.forms.fields import Fields
from workers.redaction.forms.labelled import Labelled
from workers.redaction.reading.cells import Paper, Patch
from workers.redaction.reading.layout import turned
from workers.redaction.reading.ocr import Line

Page = np.ndarray


def scrawl(pen: ImageDraw.ImageDraw, left: int, top: int, wide: int = 150) -> None:
    """Writing that nobody can read: a line that goes up and down."""
    dice = np.random.default_rng(left + top)
    xs = np.arange(left, left + wide, 5)
    points = [(int(x), int(top + 16 + dice.integers(-13, 13))) for x in xs]
    pen.line(points, fill=(20, 20, 90), width=2)


def ruled() -> tuple[Page, list[Area], list[Area]]:
    """A table of label and scrawl; the boxes of values that are somebody's, and of some that are not."""
    page = Image.new("RGB", (900, 460), "white")
    pen = ImageDraw.Draw(page)
    mine, free = [], []
    for row, (label, personal) in enumerate(
        [("氏名", True), ("品名", False), ("電話番号", True), ("数量", False), ("住所", True)]
    ):
        top = 40 + 70 * row
        pen.rectangle((40, top, 860, top + 70), outline="black")
        pen.line((260, top, 260, top + 70), fill="black")
        pen.text((60, top + 20), label, font=font(28), fill="black")
        if personal:
            scrawl(pen, 300, top + 18)
            mine.append(Area(left=298, top=top + 18, right=452, bottom=top + 50))
        else:
            pen.text((300, top + 20), "りんごの箱", font=font(28), fill="black")
            free.append(Area(left=300, top=top + 22, right=430, bottom=top + 48))
    return np.asarray(page).copy(), mine, free


def share(hidden: np.ndarray, box: Area) -> float:
    return float(hidden[box.top : box.bottom, box.left : box.right].mean())


def turned_by(degrees: float) -> Callable[[Page], Page]:
    def turn(page: Page) -> Page:
        if degrees == 90.0:
            return np.ascontiguousarray(np.rot90(page))
        matrix = cv2.getRotationMatrix2D((450, 230), degrees, 0.92)
        border = (255, 255, 255) if page.ndim == 3 else 0
        return np.asarray(cv2.warpAffine(page, matrix, (900, 460), borderValue=border))

    return turn


@pytest.mark.long
@pytest.mark.parametrize("degrees", [0.0, 3.0, 90.0, 180.0])
def test_a_cell_beside_its_label_is_hidden_whatever_stands_in_it(degrees: float) -> None:
    page, mine, free = ruled()
    turn = turned_by(degrees)
    hidden = found(turn(page))
    for boxes, least, most in ((mine, 0.99, 1.0), (free, 0.0, 0.35)):
        for box in boxes:
            place = np.zeros(page.shape[:2], np.uint8)
            place[box.top : box.bottom, box.left : box.right] = 1
            assert least <= hidden[turn(place) > 0].mean() <= most, box


@pytest.mark.long
@pytest.mark.parametrize("is_ruled", [True, False])
def test_a_column_under_its_head_is_hidden_to_its_end(is_ruled: bool) -> None:
    page = Image.new("RGB", (900, 420), "white")
    pen = ImageDraw.Draw(page)
    edges = (40, 320, 560, 860)
    for row in range(6):
        top = 40 + 56 * row
        for left, right, head, text in zip(
            edges, edges[1:], ("品名", "参加者名", "数量"), ("鉛筆", "", "三個"), strict=False
        ):
            if is_ruled:
                pen.rectangle((left, top, right, top + 56), outline="black")
            if row == 0 or text:
                pen.text((left + 16, top + 12), head if row == 0 else text, font=font(26), fill="black")
            else:
                scrawl(pen, left + 20, top + 10, 120)
    hidden = found(np.asarray(page).copy())
    for row in range(1, 6):
        top = 40 + 56 * row
        assert share(hidden, Area(left=342, top=top + 12, right=456, bottom=top + 40)) > 0.98, row
        assert share(hidden, Area(left=58, top=top + 14, right=108, bottom=top + 38)) < 0.3, row


@pytest.mark.long
def test_an_underlined_value_is_hidden() -> None:
    page = Image.new("RGB", (900, 300), "white")
    pen = ImageDraw.Draw(page)
    for top, label in ((60, "お名前"), (150, "Date of birth:")):
        pen.text((60, top), label, font=font(28), fill="black")
        scrawl(pen, 320, top - 2)
        pen.line((300, top + 38, 700, top + 38), fill="black")
    hidden = found(np.asarray(page).copy())
    for top in (60, 150):
        assert share(hidden, Area(left=320, top=top, right=468, bottom=top + 28)) > 0.98


@pytest.mark.long
@pytest.mark.parametrize(
    "words", ["محمد عبد الله الأحمد", "Иван Сергеевич Петров", "Γεώργιος Παπαδόπουλος", "יצחק אברהם כהן"]
)
def test_a_name_in_a_script_that_is_not_read_is_never_released(words: str) -> None:
    page = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(page).text((80, 80), words, font=dejavu(36), fill="black")
    ink = np.asarray(page).min(axis=2) < 128
    try:
        hidden = found(np.asarray(page).copy())
    except Quarantined:
        return
    assert hidden[ink].mean() > 0.97


def test_cells_are_told_by_their_rules() -> None:
    page, _, _ = ruled()
    paper = Paper(Picture(page, TEXT_ONLY), 34.0)
    cells = sorted(paper.cells(), key=lambda cell: (cell.top, cell.left))
    assert len(cells) == 10
    label, value = cells[:2]
    assert paper.beside(label, label.middle[1]) == value
    assert paper.under(value, value.middle[0]) == cells[3]
    assert paper.beside(value, value.middle[1]) is None
    ink = paper.ink(value)
    assert ink is not None
    assert Patch(290, 50, 460, 100).holds(*ink.middle)
    assert paper.ink(Patch(600, 45, 850, 100)) is None


def test_a_rule_goes_on_under_what_is_hidden() -> None:
    page, _, _ = ruled()
    hidden = np.zeros(page.shape[:2], np.bool_)
    for row in (1, 2, 4):
        hidden[38 + 70 * row : 113 + 70 * row, 258:863] = True
    page[hidden] = 0
    paper = Paper(Picture(page, TEXT_ONLY, "second", hidden), 34.0)
    free = paper.cell_at(400, 275)
    assert free is not None
    assert 240 < free.top < free.bottom < 330


def label_at(text: str, kind: str, left: float, top: float, *, firm: bool = False) -> Labelled:
    line = line_at(left, top, left + 100, top + 30, text)
    return Labelled(Patch(*line.bounds), kind, False, True, False, True, (line,), len(text), firm)


def test_a_firms_column_is_told_from_a_persons() -> None:
    labels = [
        label_at("Name", "PERSON", 40, 40),
        label_at("Company", "NEUTRAL", 340, 40, firm=True),
        label_at("Time", "NEUTRAL", 640, 40),
    ]
    page = np.full((260, 900, 3), 255, np.uint8)
    lines = [label.lines[0] for label in labels]
    for row in (1, 2, 3):
        for left in (40, 340, 640):
            lines.append(line_at(left, 40 + 50 * row, left + 150, 70 + 50 * row))
            page[45 + 50 * row : 65 + 50 * row, left + 5 : left + 145 : 7] = 0
    fields = Fields(Paper(Picture(page, TEXT_ONLY), 30.0), lines, labels, frozenset({"PERSON"}))
    firms = fields.firms()
    for row in (1, 2, 3):
        middle = 55 + 50 * row
        assert any(area.holds(415, middle) for area in firms)
        assert not any(area.holds(115, middle) or area.holds(715, middle) for area in firms)


def line_at(left: float, top: float, right: float, bottom: float, text: str = "text") -> Line:
    quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return Line(quad, text, 1.0, np.linspace(0, 1, len(text) + 1, dtype=np.float32), False, False)


def test_a_box_comes_back_from_the_turned_page_over_the_same_ink() -> None:
    matrix = cv2.getRotationMatrix2D((500, 400), -2.5, 1.0)
    lines = []
    for row in range(5):
        line = line_at(100, 100 + 80 * row, 700, 130 + 80 * row)
        quad = np.hstack([line.quad, np.ones((4, 1))]) @ matrix.T
        lines.append(Line(quad.astype(np.float32), "text", 1.0, line.edges, False, False))
    picture = Picture(np.full((800, 1000, 3), 255, np.uint8), TEXT_ONLY)
    page = turned(picture, lines)
    assert page.matrix is not None
    for turned_line, line in zip(page.lines, lines, strict=True):
        left, top, right, bottom = turned_line.bounds
        assert bottom - top < 33
        boxes = page.back(page.picture.area(left, top, right, bottom))
        there = np.zeros((800, 1000), np.uint8)
        cv2.fillConvexPoly(there, np.round(line.quad).astype(np.int32), 1)
        hidden = np.zeros((800, 1000), np.bool_)
        for box in boxes:
            hidden[box.top : box.bottom, box.left : box.right] = True
        assert hidden[there > 0].mean() > 0.99
        assert hidden.sum() < 1.8 * there.sum()
