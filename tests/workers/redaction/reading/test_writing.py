"""Letters that OCR takes for others are told from the ones that it reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont
from safetensors.torch import load_file, save_file

from omnigov.contracts import Quarantined
from workers.media.picture import Pixels
from workers.redaction.reading.ocr import Reader, _strange
from workers.redaction.reading.ppocr import Reading
from workers.redaction.reading.writing import samples, tell
from workers.redaction.reading.writing.network import HIGH, Floats, entered, grey
from workers.redaction.reading.writing.tell import Stretch, WritingSystems, stretches
from workers.redaction.reading.writing.training import StrangeLetters

DEJAVU = font_manager.findfont("DejaVu Sans")  # never learned from


def drawn(text: str, size: int = 30) -> Pixels:
    font = ImageFont.truetype(DEJAVU, size)
    page = Image.new("RGB", (round(font.getlength(text)) + size, round(1.6 * size)), "white")
    ImageDraw.Draw(page).text((size // 2, size // 6), text, font=font, fill="black")
    return np.asarray(page)


@pytest.fixture(scope="module")
def writing() -> WritingSystems:
    return WritingSystems()


@pytest.mark.parametrize(
    "name", ["გიორგი ლევან", "Տիգրան Դավիթ", "Сергей Ильич", "Ξενοφώντας", "محمد يوسف", "ສົມຊາຍ ວົງ"]
)
@pytest.mark.parametrize("size", [15, 30])
def test_names_in_other_letters_are_seen(writing: WritingSystems, name: str, size: int) -> None:
    (found,) = writing([drawn(name, size)])
    assert max(stretch.likely for stretch in found) > tell.SURELY
    assert sum(stretch.end - stretch.begin for stretch in found) > 0.6


@pytest.mark.parametrize(
    "words",
    [
        "The pump was repaired on Monday",
        "INVOICE No. 2024-118/B",
        "Müller & Søn, Łódź, façade",
        "0123456789 ABC-77",
        "10 μm, 5 kΩ, ±0.2 °C",
    ],
)
def test_what_ocr_reads_is_not_strange(writing: WritingSystems, words: str) -> None:
    (found,) = writing([drawn(words)])
    assert all(stretch.likely < tell.SURELY for stretch in found)


def test_only_the_strange_word_of_a_line_is_told(writing: WritingSystems) -> None:
    before, name, after = "The parcel went to ", "გიორგი", " on the bus today"
    font = ImageFont.truetype(DEJAVU, 30)
    line = drawn(before + name + after)
    begin, end = (15 + font.getlength(text) for text in (before, before + name))
    (found,) = writing([line])
    sure = [stretch for stretch in found if stretch.likely > tell.SURELY]
    assert len(sure) == 1
    letter = 30 / line.shape[1]
    assert sure[0].begin == pytest.approx(begin / line.shape[1], abs=1.5 * letter)
    assert sure[0].end == pytest.approx(end / line.shape[1], abs=1.5 * letter)


def test_a_line_is_judged_as_if_it_were_alone(writing: WritingSystems) -> None:
    lines = [drawn(text) for text in ("plain words", "გიორგი", "Jürgen", "Տիգրან")]
    # Whatever stands at a line's end is no part of the next one; and there are more than go together at once.
    lines += [np.pad(line, ((0, 0), (0, 9), (0, 0))) for line in lines]
    alone = [writing([line])[0] for line in lines]
    together = writing(lines * 40)
    assert sum(line.shape[1] for line in lines * 40) > 2 * tell.STRIP
    for place, found in enumerate(together):
        assert np.allclose(alone[place % len(lines)], found, atol=1e-3)


def test_no_line_sees_the_edges_of_its_neighbours(writing: WritingSystems) -> None:
    line, dark = entered(grey(drawn("plain words")), tell.WIDEST), np.full((32, 64), 9.0, np.float32)
    (alone,) = tell.likely(writing._network, [line])
    _, between, _ = tell.likely(writing._network, [dark, line, dark])
    assert np.allclose(alone, between, atol=1e-5)


def test_a_faint_name_beside_what_is_hidden_is_seen(writing: WritingSystems) -> None:
    line = drawn("The parcel went to გიორგი on the bus")
    faint = (255 - (255 - line.astype(int)) * 0.5).astype(np.uint8)
    faint[4:-4, : line.shape[1] // 3] = 0
    (found,) = writing([faint])
    assert any(stretch.likely > tell.SURELY and 0.4 < stretch.begin < stretch.end < 0.8 for stretch in found)


def test_letters_that_are_set_apart_are_seen(writing: WritingSystems) -> None:
    (found,) = writing([drawn("გ  ი  ო  რ  გ  ი")])
    assert any(stretch.likely > tell.SURELY for stretch in found)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (40, 40)])
def test_a_line_of_any_size_with_nothing_on_it_is_not_strange(
    writing: WritingSystems, shape: tuple[int, int]
) -> None:
    assert writing([np.full((*shape, 3), 200, np.uint8)]) == [()]


def test_what_was_read_well_takes_more_to_be_called_strange() -> None:
    def reading(sure: float) -> Reading:
        return Reading("abc", sure, np.array([0.2, 0.5, 0.8], np.float32), np.full(3, sure, np.float32))

    guess, certain = Stretch(0.1, 0.9, 0.6), Stretch(0.1, 0.9, 0.9)
    assert _strange((guess,), reading(0.99)) == ()
    assert _strange((guess,), reading(0.9)) == ((0.1, 0.9),)
    assert _strange((certain,), reading(0.99)) == ((0.1, 0.9),)


def test_neighbouring_answers_are_taken_together_and_blanks_left_out() -> None:
    answers, inked = np.zeros(40, np.float32), np.ones(40, np.float32)
    answers[20] = 1.0
    assert stretches(answers, inked) == ()
    answers[16:30] = 1.0
    ((begin, end, likely),) = stretches(answers, inked)
    assert (begin, end, likely) == pytest.approx((0.3, 0.85, 1.0), abs=0.08)
    assert stretches(answers, 0 * inked) == ()
    inked[17:30:2] = 0
    assert stretches(answers * inked, inked)


def test_a_network_that_knows_nothing_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blank = tmp_path / "zero.safetensors"
    save_file({name: torch.zeros_like(part) for name, part in load_file(tell.FILE).items()}, blank)
    monkeypatch.setattr(tell, "FILE", blank)
    with pytest.raises(Quarantined) as caught:
        WritingSystems()
    assert caught.value.code == "detector_silent"


def test_an_answer_that_is_no_number_stops_the_work(writing: WritingSystems) -> None:
    def broken(lines: Floats) -> Floats:
        return np.full((1, lines.shape[3] // 4), np.nan, np.float32)

    with pytest.raises(ArithmeticError):
        tell.likely(broken, [np.zeros((32, 64), np.float32)])


def test_the_graph_is_the_network_that_was_taught() -> None:
    """The product runs the layers on onnxruntime; they are taught in torch."""
    taught = StrangeLetters()
    taught.load_state_dict({name: part.float() for name, part in load_file(tell.FILE).items()})
    strip = np.random.default_rng(3).normal(size=(1, 1, HIGH, 404)).astype(np.float32)
    with torch.inference_mode():
        expected = taught.eval()(torch.from_numpy(strip)).numpy()
    assert np.allclose(tell.loaded(tell.FILE)(strip), expected, atol=1e-3)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_reader_notes_where_letters_are_strange_however_the_page_lies(turns: int) -> None:
    before, name = "The parcel went to ", "გიორგი"
    line = drawn(before + name + " on the bus today")
    font = ImageFont.truetype(DEJAVU, 30)
    begin, end = (15 + font.getlength(text) for text in (before, before + name))
    ink = np.zeros(line.shape[:2], np.bool_)
    ink[10:40, round(begin) : round(end)] = line[10:40, round(begin) : round(end), 0] < 100
    page, ink = np.pad(line, ((60, 60), (60, 60), (0, 0)), constant_values=255), np.pad(ink, 60)
    page, ink = np.ascontiguousarray(np.rot90(page, turns)), np.rot90(ink, turns)
    hidden = np.zeros(ink.shape, np.bool_)
    for each in Reader().read(page):
        for part in each.strange:
            left, top, right, bottom = (round(edge) for edge in each.stretch(*part))
            hidden[top:bottom, left:right] = True
    assert hidden[ink].mean() > 0.9
    assert hidden.mean() < 0.25


def test_samples_are_the_same_for_the_same_seed_and_marked_where_strange_letters_stand() -> None:
    words = ["plain", "words", "of", "ours", "日本語の文章がここにあります。漢字とかな"]
    faces = list(samples.faces([Path(DEJAVU)]))
    assert {"GEORGIAN", "ARMENIAN", "CYRILLIC"} <= set(faces[0].letters)
    painters = [samples.Painter(faces, words, seed=3) for _ in range(2)]
    for painter in painters:
        painter._known = lambda: [("plain words", faces[0], False)]  # type: ignore[method-assign]
    for strange in (False, True):
        one, other = (painter.samples(strange=strange) for painter in painters)
        for first, second in zip(one, other, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
        assert all((sample.strange * sample.counts).any() == strange for sample in one)
