"""Names in English text that grammar and the words about them tell. Every person is invented."""

from __future__ import annotations

import pytest

from tests.workers.redaction.language.conftest import found
from workers.redaction.core.spans import Span
from workers.redaction.language.en import sentences as english_sentences


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
        ("Why is Peer so late?", "Peer"),
        ("Don't go to town, Martin!", "Martin"),
        ("It may be that Hughes was there first", "Hughes"),
        ("better than early Boyes was", "Boyes"),
        ("We have 3 founders: White, King and Meyer.", "White"),
        ("the songwriter Amber Nielsen was asked", "Amber Nielsen"),
        ("Ana Dias, the owner, said no", "Ana Dias"),
        ("it is my partner Marina Yegorova", "Marina Yegorova"),
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
        "Is the Premium Plan free?",
        "Read the manual, please. Then call.",
        "The computer runs again.",
    ],
)
def test_what_is_nobody_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_who_takes_turns_with_a_person_is_one() -> None:
    said = english_sentences.speakers(
        ["Samuel: What a day.", "Heather: Remember me, sir?", "Note: It ends here"],
        [[Span(0, 6, "PERSON", 0.8)], [], []],
    )
    assert [[(span.start, span.end) for span in spans] for spans in said] == [[(0, 6)], [(0, 7)], []]


def test_labels_below_each_other_are_no_speakers() -> None:
    rows = ["Total: Twelve of them.", "Remark: All is well."]
    assert english_sentences.speakers(rows, [[], []]) == [[], []]
