"""Places in English text that the words about them tell. Every person and most of the places are invented."""

from __future__ import annotations

import pytest

from omnigov.contracts import RedactionProfile
from tests.workers.redaction.language.conftest import shared
from workers.redaction.core.normal import normal

PROFILE = RedactionProfile(entities=("PERSON", "LOCATION"))


def hidden(text: str) -> list[str]:
    """The runs of the text that are hidden as a place's or a person's, whichever it is taken for."""
    row = normal(text).text
    places = {place for span in shared().find([row], PROFILE)[0] for place in range(span.start, span.end)}
    marked = "".join(
        sign if place in places or (sign == " " and {place - 1, place + 1} <= places) else "\0"
        for place, sign in enumerate(row)
    )
    return [run for run in marked.split("\0") if run]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("MOSS bridge is falling down", "MOSS"),
        ("She teaches at a school outside Hjelmsund", "Hjelmsund"),
        ("It rained in OULA for a week", "OULA"),
        ("The flat is in Loka pri Zidanem Mostu", "Loka pri Zidanem Mostu"),
        ("He was last seen on Turjanska 68.", "Turjanska 68"),
        ("The suspect, of 376 Turjanska 48, was charged", "376 Turjanska 48"),
        ("Next stop: KORVALA", "KORVALA"),
        ("a bus to Vearby leaves at noon", "Vearby"),
        ("the zip code of Fortalesa, CE?", "CE"),
        ("They bought a farm in East Lothian", "East Lothian"),
        ("Two cars collided on Bell Motorway", "Bell Motorway"),
    ],
)
def test_it_is_hidden_whole(text: str, place: str) -> None:
    assert any(place in run for run in hidden(text))


@pytest.mark.parametrize(
    "text",
    [
        "The bridge is closed.",
        "Save it in HTML or to PDF",
        "Our branch opens in March",
        "He speaks Finnish and a little Korean.",
        "The new office is in use",
        "Section 3.2: Data Retention",
    ],
)
def test_what_is_no_place_is_left_alone(text: str) -> None:
    assert hidden(text) == []


def test_what_counts_is_no_part_of_a_place() -> None:
    assert not any("40" in run for run in hidden("Outside Hjelmsund 40 boats lay still"))
