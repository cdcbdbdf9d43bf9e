"""The page of a medium, as people of each role meet it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from omnigov import passes
from omnigov.decisions.models import Decision
from omnigov.erasure import certificate as certificates
from omnigov.erasure import journal
from omnigov.intake.originals import original_open, pass_for
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.sequencer import IntegrationTimeoutError
from omnigov.passes import VIEW_SECONDS
from tests.conftest import Cast
from tests.omnigov import recorded
from workers.running.showing import show

pytestmark = pytest.mark.services

PICTURE = recorded.png("olive")


@pytest.fixture(autouse=True)
def journal_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "erasures.ndjson"
    monkeypatch.setattr(journal, "path", lambda: file)
    return file


@pytest.fixture
def decision(cast: Cast) -> Decision:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("gate.png", PICTURE))
    return recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)))


def page(decision: Decision, name: str = "medium") -> str:
    return reverse(f"erasure:{name}", args=[decision.run.asset_id])


def as_(client: Client, person: object) -> Client:
    client.force_login(person)  # type: ignore[arg-type]
    return client


def test_it_is_the_officers_page(client: Client, cast: Cast, decision: Decision) -> None:
    for person, status in (
        (cast.officer, 200),
        (cast.steward, 200),
        (cast.operator, 403),
        (cast.auditor, 200),
    ):
        assert as_(client, person).get(page(decision)).status_code == status
    assert as_(client, cast.outsider).get(page(decision)).status_code == 404
    assert "Erase for good" not in as_(client, cast.auditor).get(page(decision)).content.decode()


def test_an_officer_holds_releases_and_erases(client: Client, cast: Cast, decision: Decision) -> None:
    as_(client, cast.officer)
    answer = client.post(page(decision, "hold"), {"hold-reason": "A court asks for it."}, follow=True)
    assert "Under legal hold" in answer.content.decode()
    refused = client.post(page(decision, "erase"), {"erase-sure": "on"})
    assert refused.status_code == 409
    assert "Release it first" in refused.content.decode()
    client.post(page(decision, "release"), {"release-reason": "The case is closed."})
    unsure = client.post(page(decision, "erase"), {"erase-reference": "DSR-17"})
    assert unsure.status_code == 422
    assert "Confirm that" in unsure.content.decode()
    done = client.post(
        page(decision, "erase"), {"erase-sure": "on", "erase-reference": "DSR-17"}, follow=True
    )
    text = done.content.decode()
    assert "Certificate with proof" in text
    assert "DSR-17" in text
    assert "gate.png" not in text
    kinds = LedgerEntry.objects.filter(subject=decision.run.asset_id).order_by("seq")
    assert list(kinds.values_list("kind", flat=True)) == ["hold_placed", "hold_released", "erasure"]


def test_pages_of_what_is_erased_still_open(client: Client, cast: Cast, decision: Decision) -> None:
    as_(client, cast.steward).post(page(decision, "erase"), {"erase-sure": "on"})
    shown = client.get(reverse("review:decision", args=[decision.id])).content.decode()
    assert "Decision on an erased medium" in shown
    assert not re.findall(r"<form[^>]*verdict", shown)
    for piece in ("redacted", "heatmap"):
        url = reverse("decisions:picture", args=[decision.id, piece])
        assert client.get(url).status_code == 404
    batch = client.get(reverse("decisions:batch", args=[decision.run.submission.batch_id])).content.decode()
    assert "(erased)" in batch
    assert "gate.png" not in batch
    given = {"verdict": "uphold", "reason": "Still right.", "review_id": str(decision.id)}
    late = client.post(reverse("review:verdict", args=[decision.id]), given)
    assert late.status_code == 422


def test_the_original_opens_with_a_reason_for_one_person(
    client: Client, cast: Cast, decision: Decision
) -> None:
    as_(client, cast.officer)
    assert client.post(page(decision, "open"), {"open-reason": ""}).status_code == 422
    assert not LedgerEntry.objects.filter(kind="original_opened", subject=decision.run.asset_id).exists()
    shown = client.post(page(decision, "open"), {"open-reason": "The mask covers what is asked."})
    assert LedgerEntry.objects.filter(kind="original_opened", subject=decision.run.asset_id).count() == 1
    found = re.search(r'<img class="original" src="([^"]+)"', shown.content.decode())
    assert found
    show()
    answer = client.get(found[1])
    assert answer.content == PICTURE
    assert answer["Cache-Control"] == "no-store"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert as_(client, cast.second_officer).get(found[1]).status_code == 404
    assert as_(client, cast.operator).get(found[1]).status_code == 403


def test_the_view_ends(
    client: Client, cast: Cast, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    people: Any = cast
    as_(client, cast.officer)
    original_open(asset_id=decision.run.asset_id, reason="To look at it.", by=people.officer)
    show()
    allowed = pass_for(decision.run.asset, people.officer)
    url = reverse("erasure:original", args=[decision.run.asset_id, allowed])
    assert client.get(url).status_code == 200
    assert client.get(url.replace(allowed, "x" + allowed[1:])).status_code == 404
    now = time.time()
    monkeypatch.setattr(passes.time, "time", lambda: now + VIEW_SECONDS + 1)
    assert client.get(url).status_code == 404


def test_there_is_no_certificate_before(client: Client, cast: Cast, decision: Decision) -> None:
    assert as_(client, cast.officer).get(page(decision, "certificate")).status_code == 404


def test_a_certificate_that_has_to_wait_says_so(
    client: Client, cast: Cast, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(_: object, __: float) -> None:
        raise IntegrationTimeoutError("1 entries were not integrated.")

    as_(client, cast.officer).post(page(decision, "erase"), {"erase-sure": "on"})
    monkeypatch.setattr(certificates, "wait_integrated", late)
    assert client.get(page(decision, "certificate")).status_code == 409
