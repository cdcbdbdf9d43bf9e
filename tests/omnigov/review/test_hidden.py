"""What was hidden as a list, and what spoke for the label as marks."""

from __future__ import annotations

from omnigov.contracts import Area, Finding
from omnigov.review.doubts import doubts_of
from omnigov.review.explained import words_said
from omnigov.review.heat import cells
from omnigov.review.hidden import MOST_OPEN, grouped
from omnigov.review.numbered import Numbered
from tests.omnigov import recorded


def found(*kinds: str) -> list[Numbered]:
    return [
        Numbered(
            ordinal,
            Finding(
                kind=kind,
                place=Area(left=ordinal, top=0, right=ordinal + 1, bottom=1),
                score=1000 * ordinal,
                detector="text",
            ),
        )
        for ordinal, kind in enumerate(kinds, 1)
    ]


def test_places_of_one_value_are_one_line_of_their_kind() -> None:
    groups = grouped(
        found("PERSON", "FACE", "PERSON", "PERSON"), {0: "PERSON_1", 2: "PERSON_2", 3: "PERSON_1"}
    )
    assert [(group.kind, group.places) for group in groups] == [("PERSON", 3), ("FACE", 1)]
    often, once = groups[0].values
    assert (often.name, often.ordinals, often.least) == ("PERSON_1", "1 4", 1000)
    assert (once.name, once.ordinals) == ("PERSON_2", "3")


def test_what_nobody_could_read_is_never_taken_for_one_value() -> None:
    (group,) = grouped(found("FACE", "FACE"), {})
    assert [value.ordinals for value in group.values] == ["1", "2"]


def test_many_places_are_shown_by_kind_first() -> None:
    few, many = found(*["FACE"] * MOST_OPEN), found(*["FACE"] * (MOST_OPEN + 1))
    assert grouped(few, {})[0].open
    assert not grouped(many, {})[0].open


def test_marks_cover_the_picture_as_the_grid_does() -> None:
    marks = cells(((100, -25), (0, 3)), 41, 20)
    assert [(cell.left, cell.top, cell.width, cell.height) for cell in marks] == [
        (0, 0, 20, 10),
        (20, 0, 21, 10),
    ]
    strong, weak = marks
    assert (strong.against, strong.radius, strong.strength) == (False, 5, 4)
    # A quarter of the share has half the radius: a quarter of the surface.
    assert (weak.against, weak.radius, weak.strength) == (True, 2, 2)


def test_a_grid_of_nothing_has_no_marks() -> None:
    assert cells((), 10, 10) == cells(((0, 0),), 10, 10) == cells(((5,),), 0, 0) == []


def test_the_least_sure_come_first_and_the_sure_not_at_all() -> None:
    sure, unsure = found("FACE")[0].finding.model_copy(update={"score": 900_000}), found("FACE")[0].finding
    late = sure.model_copy(update={"look": "second"})
    assert [each.ordinal for each in doubts_of((sure, late, unsure))] == [3, 2]


def test_words_are_said_by_the_side_that_they_speak_for() -> None:
    why = recorded.attributed("animal", "What kind of thing")
    assert words_said(why) == (
        "Of the question's words these spoke most for the label: “What”, “of”. "
        "These spoke most against it: “kind”, “thing”."
    )
    assert words_said(why.model_copy(update={"tokens": ()})) == ""
