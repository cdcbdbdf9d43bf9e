"""Names in small letters behind words that lead to a person. Every person is invented."""

from __future__ import annotations

import time

import pytest

from omnigov.contracts import RedactionProfile
from tests.workers.redaction.language.conftest import PERSONS, found, shared
from workers.redaction.core.spans import TIMEOUT
from workers.redaction.language.en import small_letters


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the form was signed by rahul deshpande yesterday.", "rahul deshpande"),
        ("please ask odile pruett about it.", "odile pruett"),
        ("i spoke to marek kowalczyk.", "marek kowalczyk"),
        ("hi wanjiru, thanks for the notes", "wanjiru"),
        ("Hi mark, can you look at it?", "mark"),
        ("hello grace and odile, see below", "odile"),
        ("cc marek kowalczyk, jane roe", "jane roe"),
        ("cc: priya", "priya"),
        ("regards, j. pruett", "j. pruett"),
        ("assigned to priya venkataraman", "priya venkataraman"),
        ("assignee: mkowalczyk", "mkowalczyk"),
        ("notes by aoife o'brien", "aoife o'brien"),
        ("met with björn åkesson", "björn åkesson"),
        ("approved by olga petrova", "olga petrova"),
        ("on behalf of bilal haddad", "bilal haddad"),
        ("my name is chidi okonkwo", "chidi okonkwo"),
        ("lunch with grace hill tomorrow", "grace hill"),
        ("attn: hiroshi tanaka", "hiroshi tanaka"),
        ("please contact li wei about it", "li wei"),
        ("attendees: anna, piotr, and chidi", "chidi"),
        ("the parcel was signed for by thandiwe mokoena on monday", "thandiwe mokoena"),
        ("please forward this to dmitri sokolov", "dmitri sokolov"),
        ("the report from jorge mendes is late", "jorge mendes"),
        ("to: rasmus", "rasmus"),
        ("the driver, mehmet yilmaz, left", "mehmet yilmaz"),
        ("her name was saoirse kelly", "saoirse kelly"),
        ("ring xiomara on monday", "xiomara"),
        ("created by user leopold", "leopold"),
        ("witness: caoimhe doyle", "caoimhe doyle"),
        ("signed, beatriz", "beatriz"),
    ],
)
def test_it_is_found_whole(text: str, name: str) -> None:
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "the form was signed by the supplier yesterday.",
        "please ask support about it.",
        "cc accounting, quality assurance",
        "hi all, hello everyone",
        "hi there",
        "thanks for the quick fix",
        "regards, your service team",
        "assigned to the backend team",
        "approved by finance",
        "please send the parts to the warehouse",
        "forward this to accounting, according to plan",
        "the report from the supplier is late",
        "signed by hand, paid by card, delivered by truck",
        "reported by cron",
        "dear customer, we regret the delay",
        "call the workshop if it is late",
        "call handle_request() again",
        "this is fine, and i am late",
        "contact support, or the help desk",
    ],
)
def test_what_is_nobody_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("closing", ["regards,", "Best regards", "thanks!", "cheers,", "Yours sincerely,"])
def test_who_signs_below_a_letter_is_found(closing: str) -> None:
    rows = ["it works now.", closing, "odile", ""]
    assert shared().find(rows, PERSONS, of_one_text=True)[2]
    assert not shared().find(["it works.", closing, "the service team"], PERSONS, of_one_text=True)[2]


@pytest.mark.parametrize("unit", ["cc ", "hi ", "signed by ", "regards, ", "a. ", "cc odile, ", "thanks "])
def test_a_hostile_line_ends_soon(unit: str) -> None:
    started = time.monotonic()
    small_letters.find(unit * (2_000 // len(unit)), frozenset())
    assert time.monotonic() - started < TIMEOUT


def test_only_the_kinds_of_the_profile_are_hidden() -> None:
    profile = RedactionProfile(entities=("PHONE_NUMBER",))
    assert shared().find(["cc marek kowalczyk"], profile) == [[]]
