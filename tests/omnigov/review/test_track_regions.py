"""Tracks of a video, changed on a page: what the next run is told."""

from __future__ import annotations

import json

import pytest

from omnigov.contracts import Area, Interval, RedactionEdits, RedactionResult, Region, Track
from omnigov.review import regions
from omnigov.review.regions import Bounds, Drawn, NotRegions, by_hand, changed, read, shown
from tests.omnigov import recorded_video

RESULT = recorded_video.video(sound=False).result
T1 = RESULT.findings[0].place
HULL = Area(part=12, left=10, top=10, right=50, bottom=60)
HAND = Track(id="hand-n1", interval=Interval(start=0, end=4800), hull=HULL)


def drawn_page(
    result: RedactionResult = RESULT, edits: RedactionEdits | None = None
) -> list[dict[str, object]]:
    return shown(result, edits or RedactionEdits())


def sent(page: list[dict[str, object]]) -> tuple[Drawn, ...]:
    return read(json.dumps(page))


def test_a_box_is_followed_from_its_picture_while_it_is_said_to() -> None:
    page = [
        *drawn_page(),
        {"id": "n1", "place": HAND.model_dump(mode="json"), "kind": "FACE", "origin": "drawn"},
    ]
    change = changed(RESULT, RedactionEdits(), sent(page))
    assert change.edits.added == (Region(place=HAND, kind="FACE"),)
    assert (change.added, change.removed, change.edits.removed) == (1, 0, ())


def test_a_track_is_spared_whole() -> None:
    page = drawn_page()
    page[0]["removed"] = True
    change = changed(RESULT, RedactionEdits(), sent(page))
    assert change.edits.removed == (Region(place=T1, kind="FACE"),)
    assert (change.added, change.removed) == (0, 1)


def test_a_track_that_is_cut_is_spared_before_and_after() -> None:
    page = drawn_page()
    assert isinstance(T1, Track)
    page[0]["place"]["interval"] = {"place": "interval", "start": 800, "end": 1600}  # type: ignore[index]
    change = changed(RESULT, RedactionEdits(), sent(page))
    assert [each.place.interval for each in change.edits.removed] == [  # type: ignore[union-attr]
        Interval(start=T1.interval.start, end=800),
        Interval(start=1600, end=T1.interval.end),
    ]
    assert {each.place.id for each in change.edits.removed} == {"t1"}  # type: ignore[union-attr]
    assert (change.added, change.removed, change.edits.added) == (0, 2, ())


def test_a_track_is_not_made_longer_nor_into_another() -> None:
    for told in ({"interval": {"place": "interval", "start": 0, "end": 4000}}, {"id": "t2"}):
        page = drawn_page()
        page[0]["place"] |= told  # type: ignore[operator]
        with pytest.raises(NotRegions, match="cut and not be made longer"):
            changed(RESULT, RedactionEdits(), sent(page))


def test_what_a_person_drew_earlier_goes_when_its_track_is_taken_away() -> None:
    finding = RESULT.findings[0].model_copy(update={"detector": regions.PERSON, "place": HAND})
    result = RESULT.model_copy(update={"findings": (finding,)})
    before = RedactionEdits(added=(Region(place=HAND, kind="FACE"),))
    page = shown(result, before)
    page[0]["removed"] = True
    change = changed(result, before, sent(page))
    assert (change.edits.added, change.edits.removed, change.removed) == ((), (), 1)


def test_it_goes_by_whatever_name_the_redactor_gave_its_track() -> None:
    hull = HULL.model_copy(update={"part": 3, "left": 2, "right": 90})
    place = HAND.model_copy(update={"id": "t7", "hull": hull, "interval": Interval(start=240, end=2800)})
    finding = RESULT.findings[0].model_copy(update={"detector": regions.PERSON, "place": place})
    result = RESULT.model_copy(update={"findings": (finding,)})
    before = RedactionEdits(added=(Region(place=HULL, kind="FACE"), Region(place=HULL, kind="PERSON")))
    page = shown(result, before)
    page[0]["removed"] = True
    change = changed(result, before, sent(page))
    assert change.edits.added == (Region(place=HULL, kind="PERSON"),)
    assert change.edits.removed == ()


def test_what_was_spared_is_hidden_again() -> None:
    before = RedactionEdits(removed=(Region(place=T1, kind="FACE"),))
    page = drawn_page(edits=before)
    page[-1]["removed"] = False
    change = changed(RESULT, before, sent(page))
    assert change.edits.removed == ()
    assert change.added == 1


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"place": "span", "start": 0, "end": 3}, "no place in a video"),
        ({"place": "interval", "start": 0, "end": 9000}, "beyond the video"),
        (
            {"place": "area", "part": 60, "left": 0, "top": 0, "right": 5, "bottom": 5},
            "there are 60 pictures",
        ),
        ({"place": "area", "part": 0, "left": 0, "top": 0, "right": 900, "bottom": 5}, "beyond the picture"),
    ],
)
def test_places_that_no_video_has_are_refused(place: dict[str, object], said: str) -> None:
    page = [*drawn_page(), {"id": "n1", "place": place, "origin": "drawn"}]
    with pytest.raises(NotRegions, match=said):
        changed(RESULT, RedactionEdits(), sent(page))


def test_in_quarantine_boxes_and_silences_are_added() -> None:
    silent = {"id": "n2", "place": {"place": "interval", "start": 0, "end": 500}, "origin": "drawn"}
    boxed = {"id": "n1", "place": HAND.model_dump(mode="json"), "kind": "FACE", "origin": "drawn"}
    bounds = Bounds("video", recorded_video.SIZE, pages=None)
    change = by_hand(bounds, RedactionEdits(), sent([boxed, silent]), RedactionEdits())
    assert [each.place.place for each in change.edits.added] == ["track", "interval"]
    assert change.added == 2
