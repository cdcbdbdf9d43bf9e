"""The networks of text in pictures, run line by line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from workers import weights
from workers.media.picture import Pixels
from workers.redaction.reading.ocr import FILES
from workers.redaction.reading.ppocr import NARROWEST, Finder, Reading, Recogniser, Turner

WORDS = ("Harbour", "The quick brown fox jumps over it", "12", "Please deliver after six", "4711-0815")


def line(text: str, size: int = 30) -> Pixels:
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    page = Image.new("RGB", (round(right - left) + 16, round(bottom - top) + 16), "white")
    ImageDraw.Draw(page).text((8 - left, 8 - top), text, font=font, fill="black")
    return np.asarray(page)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(str(weights.path(FILES[2])))


def test_each_line_reads_as_it_stands_and_as_it_does_alone(recogniser: Recogniser) -> None:
    lines = [line(text) for text in WORDS]
    together = recogniser(lines)
    assert [reading.text for reading in together] == list(WORDS)
    assert all(reading.score > 0.9 for reading in together)
    for one, reading in zip(lines, together, strict=True):
        recogniser.forget()
        (alone,) = recogniser([one])
        assert (alone.text, alone.score) == (reading.text, reading.score)
        assert (alone.middles == reading.middles).all()


def test_each_sign_s_place_is_a_share_of_the_line(recogniser: Recogniser) -> None:
    for text in ("12", "Harbour", "Please deliver after six"):
        (reading,) = recogniser([line(text)])
        assert len(reading.middles) == len(text)
        assert (np.diff(reading.middles) > 0).all()
        # The line begins and ends with a letter and a margin, whatever grey was put on its right.
        assert reading.middles[0] < 0.45
        assert 0.6 < reading.middles[-1] <= 1, text


def test_the_very_same_pixels_are_read_once_until_they_are_forgotten(
    recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Pixels] = []
    real = recogniser._read

    def counted(each: Pixels) -> Reading:
        read.append(each)
        return real(each)

    monkeypatch.setattr(recogniser, "_read", counted)
    recogniser.forget()
    page = line(WORDS[0])
    (first,) = recogniser([page])
    (again,) = recogniser([page.copy()])
    assert again is first
    assert len(read) == 1
    other = page.copy()
    other[0, 0] ^= 1
    recogniser([other, np.ascontiguousarray(page.transpose(1, 0, 2))])
    assert len(read) == 3
    recogniser.forget()
    (fresh,) = recogniser([page])
    assert len(read) == 4
    assert (fresh.text, fresh.score) == (first.text, first.score)


def test_nothing_is_read_where_nothing_stands(recogniser: Recogniser) -> None:
    (reading,) = recogniser([np.full((40, 200, 3), 255, np.uint8)])
    assert (reading.text, reading.score, len(reading.middles)) == ("", 0.0, 0)
    assert recogniser([]) == []


def test_a_line_of_one_pixel_s_height_or_width_is_no_reason_to_stop(recogniser: Recogniser) -> None:
    hairline, needle = np.zeros((1, 5000, 3), np.uint8), np.zeros((300, 1, 3), np.uint8)
    assert len(recogniser([hairline, needle])) == 2


def test_a_line_on_its_head_is_told_from_one_that_stands() -> None:
    turner = Turner(str(weights.path(FILES[1])))
    lines = [line(WORDS[1]), np.rot90(line(WORDS[1]), 2), line(WORDS[3]), line("x")[:, :NARROWEST]]
    votes = turner(lines)
    assert [over for over, _ in votes[:3]] == [False, True, False]
    assert all(0.5 <= sure <= 1 for _, sure in votes)
    assert turner([]) == []


def test_of_very_many_words_none_is_given_up() -> None:
    word = line("box", 16)
    high, wide = word.shape[:2]
    rows, columns = 44, 26
    page = np.full((rows * 40, columns * 70, 3), 255, np.uint8)
    for row in range(rows):
        for column in range(columns):
            page[row * 40 : row * 40 + high, column * 70 : column * 70 + wide] = word
    found = Finder(str(weights.path(FILES[0])))(page)
    assert len(found) == rows * columns > 1000


def test_no_text_no_box() -> None:
    finder = Finder(str(weights.path(FILES[0])))
    assert finder(np.full((70, 90, 3), 200, np.uint8)).shape == (0, 4, 2)


def test_what_rapidocr_reads_of_the_form_is_read_here() -> None:
    """The parts of the pipeline that are written anew give what the original gives."""
    from rapidocr import RapidOCR

    sample = Path(__file__).parents[4] / "samples" / "form.png"
    page = np.array(Image.open(sample).convert("RGB"))
    page[-4:, -4:] = 0  # so that all of it is looked at here too, its empty foot as well
    theirs = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.model_path": str(weights.path(FILES[0])),
            "Cls.model_path": str(weights.path(FILES[1])),
            "Rec.model_path": str(weights.path(FILES[2])),
            "Det.limit_side_len": 32,
        }
    )(page[:, :, ::-1], use_cls=False)
    from workers.redaction.reading.ocr import Reader

    ours = {ours.text for ours in Reader().read(page)}
    assert set(theirs.txts) <= ours
