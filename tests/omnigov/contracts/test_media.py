"""Places in media: told by their tag. What was stored as a box on a page is read, and its digest checked."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from omnigov.contracts import (
    Area,
    Finding,
    FormField,
    Frozen,
    Interval,
    Place,
    RedactionEdits,
    Region,
    Span,
    Track,
    digest_of,
    digest_of_stored,
)

AREA = Area(part=2, left=1, top=2, right=30, bottom=40)
BOX = {"left": 1, "top": 2, "right": 30, "bottom": 40}
PLACES: list[Any] = [
    AREA,
    Span(start=0, end=9),
    Interval(start=1500, end=2000),
    Track(id="face-1", interval=Interval(start=0, end=40), hull=AREA),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.place)
def test_a_place_comes_back_as_it_was_stored(place: Any) -> None:
    finding = Finding(kind="PERSON", place=place, score=1, detector="text")
    assert Finding.model_validate(finding.model_dump(mode="json")) == finding
    assert finding.model_dump()["place"]["place"] == type(place).__name__.lower()


@pytest.mark.parametrize(
    "place",
    [
        {"place": "area", "left": 5, "top": 5, "right": 5, "bottom": 9},
        {"place": "area", "left": 5, "top": 5, "right": 9, "bottom": 4},
        {"place": "span", "start": 5, "end": 5},
        {"place": "interval", "start": 5, "end": 4},
        {"place": "interval", "start": -1, "end": 4},
        {"place": "point", "left": 5, "top": 5},
        BOX,
    ],
)
def test_what_is_no_place_is_refused(place: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Place).validate_python(place)


STORED: list[tuple[type[Frozen], dict[str, Any], Area]] = [
    (Finding, {"kind": "FACE", "score": 1, "detector": "mtcnn", "look": "second"}, AREA),
    (Region, {"kind": "FACE"}, AREA),
    (FormField, {"name": "Who", "kind": "PERSON"}, AREA.model_copy(update={"part": 0})),
]


@pytest.mark.parametrize(("kind", "fields", "area"), STORED, ids=lambda each: getattr(each, "__name__", ""))
def test_what_was_stored_as_a_box_is_read(kind: type[Frozen], fields: dict[str, Any], area: Area) -> None:
    page = {"page": area.part} if area.part else {}
    assert kind.model_validate({**fields, "box": BOX, **page}) == kind.model_validate(
        {**fields, "place": area}
    )


@pytest.mark.parametrize("box", [None, 7, {**BOX, "right": 1}, {"left": 1}])
def test_a_box_that_is_none_is_refused(box: Any) -> None:
    with pytest.raises(ValidationError):
        Region.model_validate({"box": box})


def test_a_digest_is_checked_against_what_was_stored() -> None:
    stored = {"added": [{"page": 0, "box": BOX, "kind": "BY_HAND"}], "removed": []}
    # Of this record, as it was before there were places.
    kept = "59e769b271eef498940618c2bcba537357eb829c203fe1d5f45aaa7b56a4a876"
    read = RedactionEdits.model_validate(stored)
    assert digest_of_stored(stored) != digest_of(read)
    assert digest_of_stored(read.model_dump(mode="json")) == digest_of(read)
    assert digest_of_stored(stored) == kept


def test_only_an_area_has_pixels() -> None:
    assert Region(place=AREA).area is not None
    with pytest.raises(TypeError, match="span"):
        _ = Region(place=Span(start=0, end=1)).area
