"""Names in English text that grammar and the words about them tell. Every person is invented."""

from __future__ import annotations

import pytest

from tests.workers.redaction.test_japanese_names import found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We need to add Zdislava Křenková as a guardian", "Zdislava Křenková"),
        ("Her maiden name is Wells", "Wells"),
        ("everybody calls me Fjalar", "Fjalar"),
        ("I spoke with ms. Astryd yesterday", "Astryd"),
        ("Fern lives in the north", "Fern"),
        ("it was Kestrel's birthday", "Kestrel"),
        ("The founders are Kalmár, Colon and Wells.", "Wells"),
        ("signed by Toby M West in person", "Toby M West"),
        ("Quillon: What did you say then?", "Quillon"),
        ("Hi Mads, thanks for the notes", "Mads"),
        ("JOHANNES ANDREASSEN called", "JOHANNES ANDREASSEN"),
    ],
)
def test_it_is_found_whole(text: str, name: str) -> None:
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The Shimazaki Corporation has a new office.",
        "Save it as PNG or JPEG",
        "We keep it in PostgreSQL and in SQLite",
        "On Monday in March we start",
        "The name of the rose",
        "Note: The form is blue",
    ],
)
def test_what_is_nobody_is_left_alone(text: str) -> None:
    assert found(text) == []
