"""Silent stretches of a recording: corrected by hand, let out of quarantine, and the original listened to."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omnigov.contracts import Finding, Interval, RedactionEdits, Region, Span, peak_pairs
from omnigov.decisions.models import Decision, Run
from omnigov.evidence.models import EvidencePart
from omnigov.intake.originals import pass_for, view_end, views_over
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.review import regions
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_media, recorded_sound
from workers.running.showing import show


@pytest.fixture
def recording(cast: Any) -> Decision:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("report.wav", recorded_sound.wav(3000)))
    return recorded_media.record(batch.submissions.get(), recorded_sound.sound())


def sent(*marked: dict[str, Any]) -> dict[str, Any]:
    return {"new_id": str(uuid.uuid4()), "regions": json.dumps(marked), "reason": "It was left out."}


def drawn(start: int, end: int) -> dict[str, Any]:
    place = {"place": "interval", "start": start, "end": end}
    return {"id": "n1", "place": place, "kind": "PERSON", "origin": "drawn"}


def test_a_stretch_is_added_and_an_entry_says_so(client: Client, cast: Cast, recording: Decision) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    url = reverse("review:correct", args=[recording.id])
    answer = client.get(url)
    page = answer.content.decode()
    assert "silences.js" in page
    assert 'data-milliseconds="11600"' in page
    assert "data-keep-found" in page
    assert "'nonce-" in answer["Content-Security-Policy"]
    assert client.post(url, sent(drawn(400, 900))).status_code == 302
    (region,) = Run.objects.get(parent=recording.run).redaction_edits.added
    assert region == Region(place=Interval(start=400, end=900), kind="PERSON")
    entry = LedgerEntry.objects.filter(kind="redaction_corrected").latest("created_at")
    body = canonical.decode(bytes(entry.body))
    assert (body["record"]["added"], body["record"]["removed"]) == (1, 0)


@pytest.mark.parametrize(
    "place",
    [
        {"place": "interval", "start": 11_000, "end": 11_602},
        {"place": "span", "start": 0, "end": 5},
        {"place": "area", "part": 0, "left": 0, "top": 0, "right": 5, "bottom": 5},
        {"place": "interval", "start": 5, "end": 5},
    ],
)
def test_what_lies_in_no_recording_is_refused(
    client: Client, cast: Cast, recording: Decision, place: dict[str, Any]
) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    url = reverse("review:correct", args=[recording.id])
    assert client.post(url, sent(drawn(0, 1) | {"place": place})).status_code == 422
    assert not Run.objects.filter(parent=recording.run).exists()


def test_what_was_found_stays_until_the_original_was_opened(
    client: Client, cast: Cast, recording: Decision
) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    url = reverse("review:correct", args=[recording.id])
    result = recording.run.redaction_result
    assert result is not None
    found = regions.shown(result, RedactionEdits())
    assert [each["place"]["start"] for each in found] == [2400, 7000, 10200]
    taken = sent(*[each | {"removed": each["id"] == "f0"} for each in found])
    assert client.post(url, taken).status_code == 422
    see = reverse("review:correct-original", args=[recording.id])
    page = client.post(see, {**taken, "open_reason": "Is that a name?"}).content.decode()
    assert f'data-original="/media/{recording.run.asset_id}/original/' in page
    assert client.post(url, taken).status_code == 302
    (gone,) = Run.objects.get(parent=recording.run).redaction_edits.removed
    assert gone.place == Interval(start=2400, end=3300)


def test_the_original_is_listened_to_for_some_minutes(
    client: Client, cast: Cast, recording: Decision
) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    asset = recording.run.asset
    see = reverse("review:correct-original", args=[recording.id])
    client.post(see, {**sent(), "open_reason": "Is that a name?"})
    show()
    allowed = pass_for(asset, cast.officer)  # type: ignore[arg-type]
    url = reverse("erasure:original", args=[asset.id, allowed])
    heard = client.get(url)
    assert (heard["Content-Type"], heard.content[:4]) == ("audio/flac", b"fLaC")
    assert client.get(url, headers={"Range": "bytes=0-0"}).status_code == 206
    peaks = client.get(reverse("erasure:original-peaks", args=[asset.id, allowed]))
    assert len(peak_pairs(peaks.content)) == 60
    assert client.get(reverse("erasure:original-peaks", args=[asset.id, "none"])).status_code == 404
    shown = client.get(reverse("erasure:original-shown", args=[asset.id, allowed, 1])).content.decode()
    assert f'src="{url}"' in shown
    EvidencePart.objects.filter(run=asset.id).update(digest="0" * 64)
    from django.utils import timezone

    asset.views.update(until=timezone.now())
    for view in views_over():
        view_end(view_id=view)
    assert client.get(url).status_code == 404
    assert not EvidencePart.objects.filter(run=asset.id).exists()


def test_a_recording_leaves_quarantine_by_hand(client: Client, cast: Cast) -> None:
    batch = recorded.batch_of(
        cast.policy_version,  # type: ignore[arg-type]
        cast.operator,  # type: ignore[arg-type]
        ("report.wav", recorded_sound.wav()),
    )
    run = recorded.run_of(batch.submissions.get())
    recorded.stop(run, quarantine=True)
    client.force_login(cast.officer)  # type: ignore[arg-type]
    url = reverse("review:release", args=[run.id])
    see = reverse("review:release-original", args=[run.id])
    page = client.post(see, {**sent(), "open_reason": "To redact it by hand."}).content.decode()
    assert "data-silences" in page
    assert "silences.js" in page
    # Of what is in quarantine there is no copy with peaks: they are made with the view of the original.
    show()
    (address,) = re.findall(r'data-peaks="([^"]+)"', page)
    assert len(peak_pairs(client.get(address).content)) == 40
    assert client.post(url, {**sent(drawn(0, 700)), "act": "by_hand"}).status_code == 302
    child = Run.objects.get(parent=run)
    assert child.by_hand
    assert child.redaction_edits.added[0].place == Interval(start=0, end=700)


# --- the pure part -------------------------------------------------------------------------------------


def changed(*marked: dict[str, Any]) -> regions.Change:
    return regions.changed(recorded_sound.sound().result, RedactionEdits(), regions.read(json.dumps(marked)))


def test_a_stretch_that_grew_uncovers_nothing_and_one_that_moved_does() -> None:
    first = {"id": "f0", "kind": "PERSON", "origin": "found"}
    grown = changed(first | {"place": {"place": "interval", "start": 2300, "end": 3500}})
    assert (grown.added, grown.removed) == (1, 0)
    moved = changed(first | {"place": {"place": "interval", "start": 2600, "end": 3500}})
    assert (moved.added, moved.removed) == (1, 1)
    assert moved.edits.removed == (Region(place=Interval(start=2400, end=3300), kind="PERSON"),)


def test_what_lies_for_the_most_part_under_a_stretch_that_is_taken_away_stays_hidden() -> None:
    copy = recorded_sound.sound()
    under = Finding(
        kind="PHONE_NUMBER", place=Interval(start=2900, end=3500), score=900_000, detector="words"
    )
    result = copy.result.model_copy(update={"findings": (*copy.result.findings, under)})
    taken = [each | {"removed": each["id"] == "f0"} for each in regions.shown(result, RedactionEdits())]
    change = regions.changed(result, RedactionEdits(), regions.read(json.dumps(taken)))
    assert change.edits.added == (Region(place=under.place, kind="PHONE_NUMBER"),)


def test_what_is_silent_up_to_the_end_may_end_within_the_last_millisecond() -> None:
    last = {"place": {"place": "interval", "start": 11_000, "end": 11_601}}
    change = changed(drawn(0, 500) | {"id": "n2"}, drawn(0, 1) | last)
    assert change.added == 2


def test_a_file_of_edits_speaks_in_intervals() -> None:
    result = recorded_sound.sound().result
    file = (
        b'{"report.wav": {"added": [{"place": {"place": "interval", "start": 0, "end": 90}}], "removed": []}}'
    )
    more = regions.read_file(file, "report.wav")
    assert regions.with_file(result, changed(), more).edits.added[0].place == Interval(start=0, end=90)
    beyond = RedactionEdits(added=(Region(place=Span(start=0, end=4)),))
    with pytest.raises(regions.NotRegions, match="recording"):
        regions.with_file(result, changed(), beyond)
