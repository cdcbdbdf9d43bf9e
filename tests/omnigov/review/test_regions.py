"""From the regions of a page to what the next run hides."""

from __future__ import annotations

import json

import pytest

from omnigov.contracts import (
    Area,
    Detector,
    Finding,
    RedactionEdits,
    RedactionResult,
    Region,
    Span,
    TextCopy,
)
from omnigov.review import regions
from omnigov.review.regions import Drawn, NotRegions


def box(left: int, top: int, right: int, bottom: int) -> Area:
    return Area(left=left, top=top, right=right, bottom=bottom)


FACE = Finding(kind="FACE", place=box(10, 10, 50, 50), score=1, detector="centerface")
NAME = Finding(kind="PERSON", place=box(10, 60, 90, 70), score=1, detector="text")
MINE = Finding(kind="BY_HAND", place=box(100, 100, 120, 120), score=1, detector="person")


def result(*findings: Finding, pages: int = 1) -> RedactionResult:
    return RedactionResult(
        media_type="image/png",
        width=200,
        height=150,
        digest="0" * 64,
        findings=findings,
        detectors=(Detector(name="centerface", version="1", digest="0" * 64),),
        revision="0" * 64,
        duration_ms=1,
        pages=pages,
    )


def page(result: RedactionResult, edits: RedactionEdits | None = None) -> list[Drawn]:
    """The regions as the page gets them, ready to be changed."""
    return list(regions.read(json.dumps(regions.shown(result, edits or RedactionEdits()))))


def with_changes(all_of: list[Drawn], number: int, **changes: object) -> list[Drawn]:
    return [each.model_copy(update=changes) if at == number else each for at, each in enumerate(all_of)]


def drawn(where: Area, kind: str = "BY_HAND") -> Drawn:
    return Drawn(id="n1", place=where, kind=kind, origin="drawn")


def test_a_page_that_is_sent_back_as_it_was_changes_nothing() -> None:
    found, before = result(FACE, NAME, MINE), RedactionEdits(added=(Region(place=MINE.area),))
    change = regions.changed(found, before, page(found, before))
    assert (change.edits, change.added, change.removed) == (before, 0, 0)


def test_what_the_page_leaves_out_stays_hidden() -> None:
    change = regions.changed(result(FACE), RedactionEdits(), [])
    assert (change.edits, change.removed) == (RedactionEdits(), 0)


def test_a_drawn_region_is_added() -> None:
    change = regions.changed(result(FACE), RedactionEdits(), [*page(result(FACE)), drawn(box(1, 2, 3, 4))])
    assert change.edits.added == (Region(place=box(1, 2, 3, 4)),)
    assert (change.added, change.removed) == (1, 0)


def test_a_found_region_that_is_taken_away_is_removed() -> None:
    found = result(FACE, NAME)
    change = regions.changed(found, RedactionEdits(), with_changes(page(found), 0, removed=True))
    assert change.edits == RedactionEdits(removed=(Region(place=FACE.area, kind="FACE"),))
    assert (change.added, change.removed) == (0, 1)


def test_a_found_region_that_is_moved_is_removed_and_added() -> None:
    found, there = result(FACE), box(100, 10, 140, 50)
    change = regions.changed(found, RedactionEdits(), with_changes(page(found), 0, place=there))
    assert change.edits.removed == (Region(place=FACE.area, kind="FACE"),)
    assert change.edits.added == (Region(place=there, kind="FACE"),)
    assert (change.added, change.removed) == (1, 1)


def test_a_found_region_that_grows_uncovers_nothing() -> None:
    found, larger = result(FACE), box(5, 5, 60, 60)
    change = regions.changed(found, RedactionEdits(), with_changes(page(found), 0, place=larger))
    assert change.edits == RedactionEdits(added=(Region(place=larger, kind="FACE"),))
    assert (change.added, change.removed) == (1, 0)


def test_what_a_person_drew_before_is_just_not_added_any_more() -> None:
    found, before = result(MINE), RedactionEdits(added=(Region(place=MINE.area),))
    change = regions.changed(found, before, with_changes(page(found, before), 0, removed=True))
    assert (change.edits, change.removed) == (RedactionEdits(), 1)


def test_what_lies_under_a_region_that_is_taken_away_stays_hidden() -> None:
    whole = FACE.model_copy(update={"place": box(0, 0, 150, 100), "kind": "LOCATION"})
    found = result(whole, FACE, NAME)
    change = regions.changed(found, RedactionEdits(), with_changes(page(found), 0, removed=True))
    assert change.edits.added == (
        Region(place=FACE.area, kind="FACE"),
        Region(place=NAME.area, kind="PERSON"),
    )
    assert (change.added, change.removed) == (0, 1)


def test_changes_add_up_over_a_chain_and_can_be_taken_back() -> None:
    gone = Region(place=FACE.area, kind="FACE")
    before = RedactionEdits(added=(Region(place=MINE.area),), removed=(gone,))
    found = result(NAME, MINE)
    kept = regions.changed(found, before, [*page(found, before), drawn(box(1, 2, 3, 4))])
    assert kept.edits.removed == (gone,)
    assert kept.edits.added == (Region(place=MINE.area), Region(place=box(1, 2, 3, 4)))
    back = regions.changed(found, before, with_changes(page(found, before), 2, removed=False))
    assert back.edits.removed == ()
    assert back.edits.added == (Region(place=MINE.area), gone)
    assert (back.added, back.removed) == (1, 0)


def test_a_file_s_edits_come_on_top() -> None:
    more = RedactionEdits(added=(Region(place=box(1, 2, 3, 4)),), removed=(Region(place=FACE.area),))
    change = regions.with_file(result(FACE), regions.changed(result(FACE), RedactionEdits(), []), more)
    assert change.edits == more
    assert (change.added, change.removed) == (1, 1)


def test_by_hand_takes_what_was_drawn_beside_what_was_before() -> None:
    before = RedactionEdits(added=(Region(place=MINE.area),))
    sent = regions.read(json.dumps(regions.drawn_before(before)))
    change = regions.by_hand(
        regions.Bounds("picture", (200, 150)), before, [*sent, drawn(box(1, 2, 3, 4))], RedactionEdits()
    )
    assert change.edits.added == (Region(place=MINE.area), Region(place=box(1, 2, 3, 4)))
    assert (change.added, change.removed) == (1, 0)
    # The sides that intake wrote down may be those before the camera's turn.
    assert (
        regions.by_hand(
            regions.Bounds("picture", (200, 150)), before, [drawn(box(1, 2, 3, 190))], RedactionEdits()
        ).added
        == 1
    )
    with pytest.raises(NotRegions, match="taken away"):
        regions.by_hand(
            regions.Bounds("picture", (200, 150)),
            before,
            [],
            RedactionEdits(removed=(Region(place=FACE.area),)),
        )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "can't be used"),
        ("[1]", "can't be used"),
        (
            '[{"id":"n1","origin":"drawn","place":{"place":"area","left":5,"top":5,"right":5,"bottom":9}}]',
            "area",
        ),
        ('[{"id":"n1","origin":"drawn","place":{"place":"track","start":5,"end":9}}]', "place"),
        ('[{"id":"n1","origin":"drawn","kind":"x y","box":{"left":1,"top":1,"right":5,"bottom":9}}]', "kind"),
    ],
)
def test_regions_that_are_none_are_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(NotRegions, match=words):
        regions.read(text)


@pytest.mark.parametrize("where", [box(1, 1, 201, 5), box(1, 1, 5, 151), box(190, 150, 202, 201)])
def test_a_region_beyond_the_picture_is_refused(where: Area) -> None:
    with pytest.raises(NotRegions, match="beyond the picture"):
        regions.changed(result(FACE), RedactionEdits(), [drawn(where)])
    if where.right > 200 and where.bottom > 200:
        with pytest.raises(NotRegions):
            regions.by_hand(
                regions.Bounds("picture", (200, 150)), RedactionEdits(), [drawn(where)], RedactionEdits()
            )


def test_a_page_that_the_document_does_not_have_is_refused() -> None:
    there = drawn(Area(part=2, left=1, top=1, right=900, bottom=900))
    assert regions.changed(result(FACE, pages=3), RedactionEdits(), [there]).added == 1
    with pytest.raises(NotRegions, match="page 3"):
        regions.changed(result(FACE, pages=2), RedactionEdits(), [there])


# Of “Dear Maria Stone, call 020 7946 0000.”, as it is shown: “Dear [PERSON_1], call [PHONE_NUMBER_1].”
MARIA = Finding(
    kind="PERSON", place=Span(start=5, end=16), shown=Span(start=5, end=15), score=1, detector="text"
)
PHONE = Finding(
    kind="PHONE_NUMBER",
    place=Span(start=23, end=36),
    shown=Span(start=22, end=38),
    score=1,
    detector="text",
)
TEXT = result(MARIA, PHONE).model_copy(
    update={"media_type": "text/plain; charset=utf-8", "text": TextCopy(characters=39)}
)


def stretch(start: int, end: int) -> Drawn:
    return Drawn(id="n1", place=Span(start=start, end=end), origin="drawn")


def test_a_span_of_a_text_is_added_and_one_that_was_found_is_taken_away() -> None:
    assert regions.original_characters(TEXT) == 37
    change = regions.changed(TEXT, RedactionEdits(), [*page(TEXT), stretch(0, 4)])
    assert change.edits.added == (Region(place=Span(start=0, end=4)),)
    gone = regions.changed(TEXT, RedactionEdits(), with_changes(page(TEXT), 0, removed=True))
    assert gone.edits.removed == (Region(place=MARIA.place, kind="PERSON"),)
    assert (gone.added, gone.removed) == (0, 1)


def test_a_span_under_one_that_is_taken_away_stays_hidden() -> None:
    whole = MARIA.model_copy(update={"place": Span(start=0, end=36), "shown": None, "kind": "LOCATION"})
    both = TEXT.model_copy(update={"findings": (whole, PHONE)})
    change = regions.changed(both, RedactionEdits(), with_changes(page(both), 0, removed=True))
    assert change.edits.added == (Region(place=PHONE.place, kind="PHONE_NUMBER"),)


def test_a_span_beyond_the_text_or_of_another_kind_of_medium_is_refused() -> None:
    with pytest.raises(NotRegions, match="37 characters"):
        regions.changed(TEXT, RedactionEdits(), [stretch(30, 38)])
    with pytest.raises(NotRegions, match="no place in a text"):
        regions.changed(TEXT, RedactionEdits(), [drawn(box(1, 1, 5, 5))])
    with pytest.raises(NotRegions, match="on a page"):
        regions.changed(result(FACE), RedactionEdits(), [stretch(1, 5)])
    unknown = regions.Bounds("text")
    assert regions.by_hand(unknown, RedactionEdits(), [stretch(0, 10**6)], RedactionEdits()).added == 1
    several = regions.Bounds("document", (200, 150), pages=None)
    there = drawn(Area(part=7, left=1, top=1, right=900, bottom=900))
    assert regions.by_hand(several, RedactionEdits(), [there], RedactionEdits()).added == 1


def test_more_regions_than_a_run_takes_are_refused() -> None:
    many = [drawn(box(1, 1, 2 + place % 100, 9)) for place in range(1001)]
    with pytest.raises(NotRegions, match="too many"):
        regions.changed(result(FACE), RedactionEdits(), many)


def test_a_file_is_one_medium_s_or_names_several() -> None:
    edits = RedactionEdits(added=(Region(place=box(1, 2, 3, 4)),))
    assert regions.read_file(edits.model_dump_json().encode(), "a.png") == edits
    assert regions.read_file(b"{}", "a.png") == RedactionEdits()
    several = json.dumps({"a.png": edits.model_dump(mode="json"), "b.png": {}}).encode()
    assert regions.read_file(several, "a.png") == edits
    with pytest.raises(NotRegions, match="not among them"):
        regions.read_file(several, "c.png")


@pytest.mark.parametrize(
    "content", [b'{"added": 1}', b'{"a.png": {"add": []}}', b"[1]", b"{", b"\xff", b"[" * 9999]
)
def test_a_file_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(NotRegions, match=r"not usable|not JSON"):
        regions.read_file(content, "a.png")
