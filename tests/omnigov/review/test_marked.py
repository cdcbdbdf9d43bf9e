"""Texts cut into what is shown alike, in portions; and tables whose cells know where they stand."""

from __future__ import annotations

import pytest

from omnigov.contracts import Span, SpanShare
from omnigov.review import tables
from omnigov.review.marked import Gap, Marks, Piece, pieces, portions, readable

TEXT = "Dear [PERSON_1], your order is here."
NAME = Gap(5, 15, "PERSON", 1)


def share(start: int, end: int, value: int) -> SpanShare:
    return SpanShare(place=Span(start=start, end=end), value=value)


def said(found: list[Piece]) -> list[str]:
    return [piece.text for piece in found]


def test_a_text_without_marks_is_one_piece() -> None:
    assert pieces(TEXT, 0, len(TEXT), Marks()) == [Piece(TEXT)]
    assert pieces("", 0, 0, Marks()) == []


def test_a_gap_is_a_piece_of_its_own() -> None:
    found = pieces(TEXT, 0, len(TEXT), Marks(gaps=(NAME,)))
    assert said(found) == ["Dear ", "[PERSON_1]", ", your order is here."]
    assert [piece.gap for piece in found] == [None, NAME, None]


def test_shares_cut_the_text_and_add_up_where_they_meet() -> None:
    marks = Marks(
        gaps=(NAME,), shares=(share(0, 4, 80), share(5, 9, -10), share(9, 15, -30), share(17, 21, 20))
    )
    found = pieces(TEXT, 0, len(TEXT), marks)
    assert said(found) == ["Dear", " ", "[PERSON_1]", ", ", "your", " order is here."]
    assert [piece.value for piece in found] == [80, None, -40, None, 20, None]
    assert [piece.strength for piece in found if piece.value] == [
        "for level-4",
        "against level-2",
        "for level-1",
    ]
    both = pieces("犬だ", 0, 2, Marks(shares=(share(0, 1, 5), share(0, 1, 7))))
    assert [(piece.text, piece.value) for piece in both] == [("犬", 12), ("だ", None)]


def test_what_was_not_given_is_told_apart() -> None:
    marks = Marks(given=Span(start=0, end=21), asked=True, gaps=(NAME,))
    found = pieces(TEXT, 0, len(TEXT), marks)
    assert [(piece.text, piece.given) for piece in found][-2:] == [
        (", your", True),
        (" order is here.", False),
    ]
    assert not any(piece.given for piece in pieces(TEXT, 0, 9, Marks(asked=True)))


def test_pieces_are_the_whole_text_whatever_the_marks() -> None:
    shares = tuple(share(at, at + 3, at - 9) for at in range(0, 33, 2))
    for start in range(0, 20, 3):
        marks = Marks(
            gaps=(NAME, Gap(12, 20, "URL", 2)), shares=shares, given=Span(start=4, end=30), asked=True
        )
        assert "".join(said(pieces(TEXT, start, 36, marks))) == TEXT[start:36]


def test_portions_end_with_lines_and_never_within_a_gap() -> None:
    lines = "a line of the text\n" * 40
    cut = portions(lines, most=100)
    assert "".join(lines[start:end] for start, end in cut) == lines
    assert all(lines[end - 1] == "\n" and end - start <= 100 for start, end in cut)
    one = "x" * 250
    assert portions(one, [Gap(95, 105, "PERSON", 1)], most=100) == [(0, 95), (95, 195), (195, 250)]
    assert portions("") == [(0, 0)]
    assert portions("a" * 99 + "\r\n" + "b" * 9, most=100)[0] == (0, 99)


def test_signs_that_a_page_can_t_show_are_shown_as_pictures_of_them() -> None:
    assert readable("a\0b\x1bc\td\n") == "a␀b␛c\td\n"


CSV = 'name,city,note\r\n[PERSON_1],Leeds,"likes ""tea"", and\r\ncake"\r\n[PERSON_2],"York",\r\n'


def cells(text: str, layout: tables.Layout, place: int, marks: Marks | None = None) -> list[str]:
    row = tables.row(text, layout, place, marks or Marks())
    return ["".join(piece.text for piece in cell.pieces) for cell in row.cells]


def test_a_table_s_cells_know_where_they_stand() -> None:
    layout = tables.layout(CSV)
    assert (layout.separator, layout.head, len(layout.rows), layout.portions) == (",", 0, 3, ((1, 3),))
    assert cells(CSV, layout, 0) == ["name", "city", "note"]
    assert cells(CSV, layout, 1) == ["[PERSON_1]", "Leeds", 'likes ""tea"", and\r\ncake']
    assert cells(CSV, layout, 2) == ["[PERSON_2]", "York", ""]
    at = CSV.index("[PERSON_2]")
    row = tables.row(CSV, layout, 2, Marks(gaps=(Gap(at, at + 10, "PERSON", 2),)))
    assert [cell.hidden for cell in row.cells] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "separator", "head"),
    [
        ("a;b\n1,5;2\n", ";", 0),
        ("a\tb c, d\n1\t2\n", "\t", 0),
        ("sep=|\na|b\n1|2\n", "|", 1),
        ("only\none\n", ",", 0),
    ],
)
def test_the_separator_is_told_from_the_rows(text: str, separator: str, head: int) -> None:
    layout = tables.layout(text)
    assert (layout.separator, layout.head) == (separator, head)


def test_a_table_comes_in_portions() -> None:
    text = "n,name\n" + "".join(f"{number},x\n" for number in range(1, 1000))
    layout = tables.layout(text)
    assert layout.portions[0] == (1, 1 + tables.ROWS)
    assert layout.portions[-1][1] == 1000
    assert cells(text, layout, layout.portions[1][0]) == [str(1 + tables.ROWS), "x"]


@pytest.mark.parametrize("text", ["", "a," * 5000, "a,b\rc,d", "a,b\n" + "x" * 40_000 + ",y\n", "sep=;\n"])
def test_what_is_no_table_for_a_page_says_so(text: str) -> None:
    with pytest.raises(tables.NoTable):
        tables.layout(text)


def test_a_large_table_is_laid_out_in_a_moment() -> None:
    import time

    text = "n,name,city\n" + "123456,Somebody Else,A town\n" * 70_000
    began = time.monotonic()
    layout = tables.layout(text)
    assert len(layout.rows) == 70_001
    assert time.monotonic() - began < 3
