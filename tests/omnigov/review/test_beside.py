"""The pictures of a spoken report on the page of its decision, corrected by hand."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omnigov.contracts import Area, RedactionEdits, Region
from omnigov.decisions import leases, together
from omnigov.decisions.models import Decision, ReviewState, Run, RunState
from omnigov.decisions.services import NotPossible
from omnigov.review.corrections import redaction_correct
from omnigov.review.queries import chain_of
from omnigov.review.regions import Change
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_media, recorded_report, recorded_sound

ADDED = Region(place=Area(left=1, top=1, right=60, bottom=40), kind="PERSON")


@pytest.fixture
def report(cast: Any) -> Decision:
    return recorded_report.record(cast.policy_version, cast.operator)


def test_the_page_shows_recording_and_pictures(client: Client, cast: Cast, report: Decision) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    page = client.get(reverse("review:decision", args=[report.id])).content.decode()
    source = reverse("decisions:page", args=[report.id, 0, "redacted"])
    assert source in page
    assert "photo-1.png" in page
    assert 'class="heat"' in page
    # Numbered on from what is silent in the recording, so that a number is one place of the page.
    assert 'data-box="4"' in page
    assert 'data-box="5"' in page
    assert reverse("review:correct-picture", args=[report.id, 0]) in page
    assert 'data-displayed="picture_1"' in page
    for piece in ("redacted", "heatmap", "thumbnail"):
        answer = client.get(reverse("decisions:page", args=[report.id, 0, piece]))
        assert answer.status_code == 200, piece
        assert answer["Content-Type"] == "image/png"
    assert client.get(reverse("decisions:page", args=[report.id, 1, "redacted"])).status_code == 404


@pytest.mark.parametrize("who", ["outsider", "operator"])
def test_who_may_not_does_not(client: Client, cast: Cast, report: Decision, who: str) -> None:
    client.force_login(getattr(cast, who))
    address = reverse("review:correct-picture", args=[report.id, 0])
    assert client.get(address).status_code in (403, 404)
    if who == "outsider":
        assert client.get(reverse("decisions:page", args=[report.id, 0, "redacted"])).status_code in (
            403,
            404,
        )


def test_a_corrected_picture_makes_the_whole_report_be_decided_anew(
    client: Client, cast: Cast, report: Decision
) -> None:
    client.force_login(cast.officer)  # type: ignore[arg-type]
    address = reverse("review:correct-picture", args=[report.id, 0])
    page = client.get(address).content.decode()
    assert f'action="{address}"' in page
    assert reverse("decisions:page", args=[report.id, 0, "redacted"]) in page
    drawn = {"id": "n", "place": ADDED.place.model_dump(mode="json"), "kind": "PERSON", "origin": "drawn"}
    sent = {"new_id": str(uuid.uuid4()), "regions": json.dumps([drawn]), "reason": "A name on the wall."}
    assert client.post(address, sent).status_code == 302
    (before,) = together.decided_with(report.run)
    picture, again = Run.objects.get(parent=before), Run.objects.get(parent=report.run)
    assert picture.redaction_edits.added == (ADDED,)
    assert again.redaction_edits == report.run.redaction_edits
    report.refresh_from_db()
    assert report.review_state == ReviewState.CORRECTED
    # The new run waits for the new copy, and is decided with it. The old decision keeps the old one.
    recorded_media.redact(again, recorded_sound.sound())
    assert again not in leases.claimable("decide")
    recorded_report.redact_picture(picture)
    assert again in leases.claimable("decide")
    after = recorded_report.decide(again)
    assert [each.pk for each in together.decided_with(after.run)] == [picture.pk]
    assert [each.pk for each in together.decided_with(report.run)] == [before.pk]
    assert chain_of(report.run).after_decision == after
    picture.refresh_from_db()
    assert picture.state == RunState.JOINED


def test_a_silence_of_the_recording_is_corrected_with_the_pictures_as_they_are(
    cast: Cast, report: Decision
) -> None:
    made = redaction_correct(
        run_id=report.run_id,
        by=cast.officer,
        change=Change(RedactionEdits(added=()), added=1),
        reason="A name was left.",
    )
    recorded_media.redact(made, recorded_sound.sound())
    assert made in leases.claimable("decide")
    after = recorded_report.decide(made)
    assert together.decided_with(after.run) == together.decided_with(report.run)


def test_a_picture_is_not_corrected_before_its_report_is_decided(cast: Cast) -> None:
    handed_in = recorded_report.hand_in(cast.policy_version, cast.operator)
    run = recorded.run_of(handed_in.pictures[0])
    recorded_report.redact_picture(run)
    with pytest.raises(NotPossible, match="once the file is decided"):
        redaction_correct(
            run_id=run.pk,
            by=cast.officer,
            change=Change(RedactionEdits(added=(ADDED,)), added=1),
            reason="A name on the wall.",
        )
