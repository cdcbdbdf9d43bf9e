"""Texts in a run: looked at again, corrected by spans, and told how far they are."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest

from omnigov.contracts import (
    Area,
    Limits,
    Quarantined,
    ReadValues,
    RedactionEdits,
    RedactionProfile,
    RedactionResult,
    Refused,
    Region,
    Span,
)
from workers.redaction.kinds import whole_text
from workers.redaction.kinds.text import TextRedactor
from workers.redaction.masking import bounds

LETTER = "Dear Ms Whitfield, please call 03-1234-5678 soon.\n"
SENTENCE = "The goods were sent on time and in full, and the invoice went to accounting on the same day. "


def redacted(
    text: str, edits: RedactionEdits | None = None, *, by_hand: bool = False, read: ReadValues | None = None
) -> tuple[str, RedactionResult]:
    out = io.BytesIO()
    result = whole_text.redact_to(
        text.encode(),
        out,
        RedactionProfile(),
        Limits(),
        edits=edits or RedactionEdits(),
        read=read,
        by_hand=by_hand,
    )
    return out.getvalue().decode(), result


def span(text: str, words: str) -> Region:
    at = text.index(words)
    return Region(place=Span(start=at, end=at + len(words)))


def test_a_person_adds_a_span_and_takes_one_away() -> None:
    edits = RedactionEdits(added=(span(LETTER, "soon"),), removed=(span(LETTER, "03-1234-5678"),))
    read = ReadValues()
    copy, result = redacted(LETTER, edits, read=read)
    assert copy == "Dear [PERSON_1], please call 03-1234-5678 [BY_HAND_1].\n"
    assert [(finding.kind, finding.detector) for finding in result.findings] == [
        ("PERSON", "text"),
        ("BY_HAND", "person"),
    ]
    values = [value.value if value else None for value in read.of(result.findings)]
    assert values == ["Ms Whitfield", "soon"]


def test_what_is_added_is_hidden_over_what_is_taken_away_and_found() -> None:
    number = span(LETTER, "03-1234-5678")
    edits = RedactionEdits(added=(span(LETTER, "call 03-1234"),), removed=(number,))
    copy, _ = redacted(LETTER, edits)
    assert copy == "Dear [PERSON_1], please [BY_HAND_1]-5678 soon.\n"
    copy, result = redacted(LETTER, RedactionEdits(added=(span(LETTER, "call 03-1234"),)))
    assert "1234" not in copy
    assert "5678" not in copy
    places = [finding.place for finding in result.findings if isinstance(finding.place, Span)]
    assert all(one.end <= other.start for one, other in pairwise(places))


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (Span(start=3, end=len(LETTER) + 1), "region_outside"),
        (Area(left=1, top=1, right=2, bottom=2), "regions_unusable"),
    ],
)
def test_a_place_that_is_none_of_the_text_is_refused(place: Span | Area, code: str) -> None:
    with pytest.raises(Refused) as caught:
        redacted(LETTER, RedactionEdits(removed=(Region(place=place),)))
    assert caught.value.code == code


def test_what_is_found_only_in_the_copy_is_hidden_too(monkeypatch: pytest.MonkeyPatch) -> None:
    find, looks = TextRedactor.find, []

    def once_blind(self: TextRedactor, layout: object, *rest: object) -> object:
        looks.append(1)
        found = find(self, layout, *rest)  # type: ignore[arg-type]
        return [each for each in found if each.kind != "PHONE_NUMBER"] if len(looks) == 1 else found

    monkeypatch.setattr(TextRedactor, "find", once_blind)
    copy, result = redacted(LETTER)
    assert copy == "Dear [PERSON_1], please call [PHONE_NUMBER_1] soon.\n"
    assert [finding.look for finding in result.findings] == ["first", "second"]


def test_an_analysis_that_stops_keeps_the_text_back_unless_a_person_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stops(*_: object) -> None:
        raise Quarantined("detector_failed", "The text's analysis stopped.")

    monkeypatch.setattr(TextRedactor, "find", stops)
    with pytest.raises(Quarantined):
        redacted(LETTER)
    copy, result = redacted(LETTER, RedactionEdits(added=(span(LETTER, "Ms Whitfield"),)), by_hand=True)
    assert copy == "Dear [BY_HAND_1], please call 03-1234-5678 soon.\n"
    assert [(each.code, each.detector) for each in result.shortfalls] == [("detector_failed", "text")]


def test_a_long_line_is_not_found_other_than_it_was_for_what_was_hidden_in_it() -> None:
    copy, result = redacted("Ask Ms Whitfield about it. " + SENTENCE * 60)
    assert {finding.look for finding in result.findings} == {"first"}
    assert copy.startswith("Ask [PERSON_1] about it. The goods")


def test_a_table_s_numbers_stay_where_names_are_hidden() -> None:
    rows = "".join(f"{number},Eleanor Whitfield,0{number}-4711-0815\n" for number in range(2, 9))
    _, result = redacted(f"id,name,phone\n{rows}")
    assert {finding.look for finding in result.findings} == {"first"}


def test_more_findings_than_a_record_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "FINDINGS_MAX", 1)
    with pytest.raises(Refused, match="Split it"):
        redacted(LETTER)
