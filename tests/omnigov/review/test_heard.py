"""A recording on its decision's page, in the lists, and in the search."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from omnigov.contracts import Interval, Span, SpanShare, Turn, Word
from omnigov.decisions.models import Decision
from omnigov.decisions.progress import transcripts_recorded
from omnigov.evidence import queries as evidence
from omnigov.evidence import services as parts
from omnigov.evidence import waveform
from omnigov.evidence.models import EvidencePart, Name
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.review.heard import Along, covered, spoken
from omnigov.review.indexing import case_index
from omnigov.review.marked import Gap, Marks
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_media, recorded_sound
from tests.omnigov.recorded_sound import REPORT


def handed_in(cast: Any, content: bytes, name: str = "report.wav") -> Any:
    return recorded.batch_of(cast.policy_version, cast.operator, (name, content)).submissions.get()


def decided(cast: Any, lines: tuple[recorded_sound.Line, ...] = REPORT) -> Decision:
    copy = recorded_sound.sound(lines)
    words = recorded_sound.transcript(copy)
    seen = (Span(start=0, end=len(words)),) if words else ()
    submission = handed_in(cast, recorded_sound.wav(2000 + 10 * len(lines)))
    return recorded_media.record(submission, copy, seen=seen, words=words)


@pytest.fixture
def recording(cast: Any) -> Decision:
    return decided(cast)


def page_of(client: Client, decision: Decision, person: object) -> str:
    client.force_login(person)  # type: ignore[arg-type]
    answer = client.get(f"/decisions/{decision.id}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_plays_the_copy_and_has_what_is_said_turn_by_turn(
    client: Client, cast: Cast, recording: Decision
) -> None:
    page = page_of(client, recording, cast.officer)
    assert f'<audio controls preload="metadata" src="/decisions/{recording.id}/picture/redacted/"' in page
    assert page.count('<li class="turn ') == 4
    assert '<span class="word" data-at="0" data-until="300">' in page
    assert "Name of a person" in page
    assert "Silent from 0:10.2 to 0:11.1: it was not understood well enough, so all of it is hidden." in page
    assert "Redacted copy, 0:11.6 long; 2.7 s of it are silent" in page
    assert "0:02.4 – 0:03.3" in page
    assert page.count('class="silence"') == 3
    assert 'd="M0 ' in page
    assert "Of the redacted text it was given all" in page


def test_the_players_own_style_sheet_is_let_in_and_nothing_else(
    client: Client, cast: Cast, recording: Decision
) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    answer = client.get(f"/decisions/{recording.id}/")
    policy = answer["Content-Security-Policy"]
    (nonce,) = re.findall(r"style-src 'self' 'nonce-([^']+)'", policy)
    assert f'data-nonce="{nonce}"' in answer.content.decode()
    assert "script-src 'self';" in policy
    assert "media-src 'self';" in policy
    again = client.get(f"/decisions/{recording.id}/")
    assert nonce not in again["Content-Security-Policy"]


def test_any_range_of_the_copy_is_served_to_a_player(client: Client, cast: Cast, recording: Decision) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    whole = client.get(f"/decisions/{recording.id}/picture/redacted/")
    assert whole["Content-Type"] == "audio/flac"
    assert whole.content[:4] == b"fLaC"
    part = client.get(f"/decisions/{recording.id}/picture/redacted/", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    peaks = client.get(f"/decisions/{recording.id}/picture/peaks/")
    assert len(peaks.content) == 2 * 11_600 // 50
    client.force_login(cast.outsider)  # type: ignore[arg-type]
    for piece in ("redacted", "peaks"):
        assert client.get(f"/decisions/{recording.id}/picture/{piece}/").status_code == 404


def test_nobody_speaks(client: Client, cast: Cast) -> None:
    page = page_of(client, decided(cast, ()), cast.officer)
    assert "Nobody was heard to speak in this recording." in page
    assert "<audio" in page
    assert "It was given no text of this file." in page or 'class="plain-list given"' not in page


def test_what_moved_the_score_lies_on_the_line_of_time(
    client: Client, cast: Cast, recording: Decision
) -> None:
    page = page_of(client, recording, cast.officer)
    band = page[page.index('<svg class="band') : page.index('<svg class="turn-lanes')]
    assert re.search(r'<rect x="0.000%" width="2.586%" y="\d+" height="\d+" class="against level-', band)
    assert 'class="for level-' in band
    assert re.search(r'<span class="share against level-\d">The</span>', page)


def test_a_damaged_part_is_said_and_nothing_is_shown(client: Client, cast: Cast, recording: Decision) -> None:
    part = EvidencePart.objects.get(run=recording.run_id, name=Name.TURNS)
    part.digest = "0" * 64
    part.save()
    page = page_of(client, recording, cast.officer)
    assert "<audio" not in page
    assert 'role="alert"' in page


@pytest.mark.parametrize("name", [Name.TRANSCRIPT, Name.TURNS, Name.PEAKS])
def test_a_part_that_was_exchanged_is_not_what_the_record_says(
    client: Client, cast: Cast, name: Name
) -> None:
    copy, other = recorded_sound.sound(REPORT), recorded_sound.sound(REPORT[:2])
    copy = replace(copy, parts={**copy.parts, name: other.parts[name]})
    submission = handed_in(cast, recorded_sound.wav(3000))
    words = recorded_sound.transcript(copy)
    exchanged = recorded_media.record(submission, copy, seen=(Span(start=0, end=len(words)),), words=words)

    page = page_of(client, exchanged, cast.officer)

    assert "<audio" not in page
    assert 'role="alert"' in page
    if name == Name.PEAKS:
        for address in ("thumbnail", "picture/peaks"):
            assert client.get(f"/decisions/{exchanged.id}/{address}/").status_code == 404, address
    if name == Name.TRANSCRIPT:
        for address in ("/review/", f"/batches/{submission.batch_id}/"):
            assert "SPEAKER_1: The press" not in client.get(address).content.decode(), address
        case_index(case_id=exchanged.case.pk)
        assert "report.wav" not in client.get("/review/?q=switch+press").content.decode()


def test_the_entry_of_a_verdict_says_that_waveform_turns_and_transcript_were_served(
    client: Client, cast: Cast, recording: Decision
) -> None:
    page = page_of(client, recording, cast.officer)
    fields = dict(re.findall(r'name="(served|review_id)" value="([^"]+)"', page))
    client.post(
        f"/decisions/{recording.id}/verdict/", {**fields, "verdict": "uphold", "reason": "Listened to it."}
    )
    body = canonical.decode(bytes(LedgerEntry.objects.get(kind="review", subject=recording.run_id).body))
    assert {"redacted_copy", "findings", "transcript", "turns", "waveform"} <= set(body["record"]["served"])


def test_lists_show_the_waveform_and_the_first_words(client: Client, cast: Cast, recording: Decision) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    for page in ("/review/", f"/batches/{recording.run.submission.batch_id}/"):
        shown = client.get(page).content.decode()
        assert "SPEAKER_1: The press in hall two stopped at nine. [PERSON_1]" in shown
        assert f"/decisions/{recording.id}/thumbnail/" in shown
    small = client.get(f"/decisions/{recording.id}/thumbnail/")
    assert small["Content-Type"] == "image/svg+xml"
    assert "sandbox" in small["Content-Security-Policy"]
    assert b"<path d=" in small.content


def test_a_recording_is_found_by_what_is_said_and_not_after_its_erasure(
    client: Client, cast: Cast, recording: Decision
) -> None:
    case_index(case_id=recording.case.pk)
    client.force_login(cast.officer)  # type: ignore[arg-type]
    assert "report.wav" in client.get("/review/?q=switch+press").content.decode()
    client.post(f"/media/{recording.run.asset_id}/erase/", {"erase-sure": "on"})
    recording.run.refresh_from_db()
    assert recording.run.state == "erased"
    assert "report.wav" not in client.get("/review/?q=switch+press&show=all").content.decode()
    assert not evidence.anything_of(recording.run_id)
    assert not EvidencePart.objects.filter(run=recording.run_id).exists()
    for piece in ("redacted", "peaks"):
        assert client.get(f"/decisions/{recording.id}/picture/{piece}/").status_code == 404


def test_beginnings_leave_out_what_is_damaged(cast: Cast, recording: Decision) -> None:
    (recorded_as,) = transcripts_recorded([recording.run_id]).values()
    assert recorded_as is not None
    transcripts = {recording.run_id: recorded_as}
    assert evidence.beginnings(transcripts, 10) == {recording.run_id: "SPEAKER_1:…"}
    assert evidence.beginnings({recording.run_id: None}, 10) == {recording.run_id: "SPEAKER_1:…"}
    assert evidence.beginnings({recording.run_id: "0" * 64}, 10) == {}
    part = EvidencePart.objects.get(run=recording.run_id, name=Name.TRANSCRIPT)
    parts.token_discard(run=recording.run_id, token=part.token)
    assert evidence.beginnings(transcripts) == {}


# --- the pure parts ------------------------------------------------------------------------------------


def test_words_are_cut_where_marks_begin_and_keep_their_times() -> None:
    text = "A: one two [X_1]."
    turn = Turn(
        at=Interval(start=0, end=900),
        speaker=1,
        span=Span(start=3, end=17),
        words=(
            Word(at=Interval(start=0, end=200), span=Span(start=3, end=6)),
            Word(at=Interval(start=300, end=500), span=Span(start=7, end=10)),
        ),
    )
    marks = Marks(
        gaps=(Gap(11, 16, "X", 1),),
        shares=(SpanShare(place=Span(start=4, end=9), value=5),),
    )
    said = [
        ("".join(piece.text for piece in each.pieces), each.at and each.at.start)
        for each in spoken(text, turn, Along(marks), {1: Interval(start=600, end=800)})
    ]
    assert said == [("one", 0), (" ", None), ("two", 300), (" ", None), ("[X_1]", 600), (".", None)]


def test_overlapping_silences_count_once() -> None:
    places = [Interval(start=0, end=100), Interval(start=50, end=150), Interval(start=300, end=400)]
    assert covered(places) == 250


def test_a_waveform_keeps_the_loudest_of_each_column() -> None:
    peaks = bytes([0xFF, 1, 0xFB, 5, 0xFE, 2, 0xFD, 3])  # lows −1 −5 −2 −3
    assert waveform.columns_of(peaks, 2) == [(-5, 5), (-3, 3)]
    assert waveform.path_of([(-5, 5), (-3, 3)]) == "M0 -5L1 -3L1 3L0 5Z"
    assert waveform.height_of([(0, 0)]) == waveform.QUIET
    assert waveform.path_of([]) == ""
    with pytest.raises(ValueError, match="pairs"):
        waveform.columns_of(b"\0", 2)
