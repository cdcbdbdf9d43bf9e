"""The pages on which a person changes what is hidden, by URL: who may, who may not, and what they see."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from omnigov.decisions import services
from omnigov.decisions.models import Decision, Run
from omnigov.ledger.models import LedgerEntry
from omnigov.review.models import Correction
from tests.conftest import Cast
from tests.omnigov import recorded
from workers.running.showing import show

BOXES = [("FACE", (10, 10, 60, 60)), ("EMAIL_ADDRESS", (10, 70, 120, 90))]
DRAWN = {
    "id": "n1",
    "place": {"place": "area", "part": 0, "left": 100, "top": 5, "right": 140, "bottom": 40},
    "kind": "PERSON",
    "label": "",
    "origin": "drawn",
    "removed": False,
}
ORIGINAL = recorded.png("teal", (160, 120))


@pytest.fixture
def decision(cast: Any) -> Decision:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("team.png", ORIGINAL))
    return recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (160, 120), "teal"), boxes=BOXES, label="person"
    )


@pytest.fixture
def stopped(cast: Any) -> Run:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("card.png", ORIGINAL))
    run = batch.submissions.get().runs.get()
    recorded.stop(run, quarantine=True)
    return Run.objects.get(pk=run.pk)


def as_(client: Client, person: object) -> Client:
    client.force_login(person)  # type: ignore[arg-type]
    return client


def regions_on(page: str) -> list[dict[str, Any]]:
    found = re.search(r'<textarea name="regions"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    read: list[dict[str, Any]] = json.loads(found[1].replace("&quot;", '"'))
    return read


def sent(regions: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "new_id": str(uuid.uuid4()),
        "regions": json.dumps(regions),
        "reason": "The badge was left out.",
        **more,
    }


# --- correcting ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [("officer", 200), ("steward", 200), ("operator", 403), ("auditor", 403), ("outsider", 404)],
)
def test_correcting_is_an_officer_s(
    client: Client, cast: Cast, decision: Decision, role: str, status: int
) -> None:
    as_(client, getattr(cast, role))
    url = f"/decisions/{decision.id}/correct/"
    assert client.get(url).status_code == status
    assert client.post(url, sent([DRAWN])).status_code == (302 if status == 200 else status)
    assert client.post(f"{url}original/", {"open_reason": "To see."}).status_code in {200, status}
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert ("/correct/" in page) is False  # corrected now, or not theirs to correct
    assert Run.objects.filter(parent=decision.run).exists() is (status == 200)


def test_the_decision_page_leads_to_it(client: Client, cast: Cast, decision: Decision) -> None:
    page = as_(client, cast.officer).get(f"/decisions/{decision.id}/").content.decode()
    assert f'href="/decisions/{decision.id}/correct/"' in page
    page = as_(client, cast.operator).get(f"/decisions/{decision.id}/").content.decode()
    assert "/correct/" not in page


def test_it_begins_with_what_is_hidden_over_the_redacted_copy(
    client: Client, cast: Cast, decision: Decision
) -> None:
    page = as_(client, cast.officer).get(f"/decisions/{decision.id}/correct/").content.decode()
    regions = regions_on(page)
    assert [(each["kind"], each["origin"], each["removed"]) for each in regions] == [
        ("FACE", "found", False),
        ("EMAIL_ADDRESS", "found", False),
    ]
    assert f'src="/decisions/{decision.id}/picture/redacted/"' in page
    assert "data-keep-found" in page
    assert "/original/" in page
    assert 'class="original"' not in page
    # A browser sends the form without a reason to open the original.
    (opening,) = re.findall(r'<textarea name="open_reason"[^>]*>', page)
    assert "required" not in opening


def test_a_drawn_region_makes_a_new_run_and_both_decisions_know_of_it(
    client: Client, cast: Any, decision: Decision
) -> None:
    as_(client, cast.officer)
    regions = regions_on(client.get(f"/decisions/{decision.id}/correct/").content.decode())
    answer = client.post(f"/decisions/{decision.id}/correct/", sent([*regions, DRAWN]), follow=True)
    page = answer.content.decode()
    assert "This decision was corrected." in page
    assert "The badge was left out." in page
    assert f"/decisions/{decision.id}/chain/" in page
    assert "Record the verdict" not in page
    new = Run.objects.get(parent=decision.run)
    assert [region.kind for region in new.redaction_edits.added] == ["PERSON"]
    recorded.redact(new, Image.new("RGB", (160, 120)), [*BOXES, ("PERSON", (100, 5, 140, 40))])
    new.refresh_from_db()
    hold = recorded.claim(new, "decide")
    services.inference_record(hold, recorded.inferred(new, "animal"))
    made = services.decision_record(hold, recorded.attributed("animal"))
    part = client.get(f"/decisions/{decision.id}/chain/").content.decode()
    assert f'href="/decisions/{made.id}/"' in part
    assert "hx-get" not in part
    page = client.get(f"/decisions/{made.id}/").content.decode()
    assert "A person corrected what is hidden." in page
    assert f'href="/decisions/{decision.id}/"' in page
    assert "so the new decision is looked at" in page


def test_a_region_is_taken_away_over_the_original_alone(
    client: Client, cast: Any, decision: Decision
) -> None:
    as_(client, cast.officer)
    url = f"/decisions/{decision.id}/correct/"
    regions = regions_on(client.get(url).content.decode())
    regions[0]["removed"] = True
    refused = client.post(url, sent(regions))
    assert refused.status_code == 422
    assert "Open the original first" in refused.content.decode()
    assert regions_on(refused.content.decode())[0]["removed"] is True
    without = client.post(f"{url}original/", sent([*regions, DRAWN], open_reason=""))
    assert without.status_code == 422
    assert not LedgerEntry.objects.filter(kind="original_opened", subject=decision.run.asset_id).exists()
    opened = client.post(f"{url}original/", sent([*regions, DRAWN], open_reason="Is that a face?"))
    page = opened.content.decode()
    assert LedgerEntry.objects.filter(kind="original_opened", subject=decision.run.asset_id).count() == 1
    assert regions_on(page) == [*regions, DRAWN]
    assert "data-keep-found" not in page
    assert "The badge was left out." in page
    source = re.search(r'src="(/media/[^"]+/original/[^"]+)"', page)
    assert source
    show()
    assert client.get(source[1]).content == ORIGINAL
    assert client.post(url, sent(regions)).status_code == 302
    new = Run.objects.get(parent=decision.run)
    assert [region.kind for region in new.redaction_edits.removed] == ["FACE"]
    made = Correction.objects.get(run=new)
    assert (made.added, made.removed, made.by) == (0, 1, cast.officer)


def test_a_page_sent_with_an_error_keeps_the_open_original(
    client: Client, cast: Any, decision: Decision
) -> None:
    as_(client, cast.officer)
    url = f"/decisions/{decision.id}/correct/"
    page = client.post(f"{url}original/", sent([], open_reason="Is that a face?")).content.decode()
    found = re.search(r'name="pass_" value="([^"]+)"', page)
    assert found
    again = client.post(url, sent([DRAWN], reason="", pass_=found[1]))
    assert again.status_code == 422
    assert "/media/" in again.content.decode()
    forged = client.post(url, sent([DRAWN], reason="", pass_="x" + found[1][1:]))
    assert 'src="/media/' not in forged.content.decode()


def test_a_file_of_edits_is_taken(client: Client, cast: Any, decision: Decision) -> None:
    as_(client, cast.officer)
    url = f"/decisions/{decision.id}/correct/"
    edits = {"added": [{"place": DRAWN["place"], "kind": "PERSON"}]}
    for content, status in ((b"{}", 422), (b"[1]", 422), (json.dumps(edits).encode(), 302)):
        file = SimpleUploadedFile("edits.json", content, "application/json")
        assert client.post(url, sent([], edits=file)).status_code == status
    assert Run.objects.get(parent=decision.run).redaction_edits.added[0].kind == "PERSON"


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        ("{", "be used"),
        ("[]", "No region was changed"),
        (
            json.dumps(
                [{**DRAWN, "place": {"place": "area", "left": 0, "top": 0, "right": 161, "bottom": 9}}]
            ),
            "beyond",
        ),
    ],
)
def test_what_can_not_be_is_refused_with_a_sentence(
    client: Client, cast: Any, decision: Decision, regions: str, words: str
) -> None:
    answer = as_(client, cast.officer).post(
        f"/decisions/{decision.id}/correct/", {**sent([]), "regions": regions}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Run.objects.filter(parent=decision.run).exists()


def test_their_own_upload_is_not_opened_here(client: Client, cast: Any) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.steward, ("own.png", ORIGINAL))
    own = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (160, 120)), boxes=BOXES)
    as_(client, cast.steward)
    page = client.get(f"/decisions/{own.id}/correct/").content.decode()
    assert "You handed this file in" in page
    answer = client.post(f"/decisions/{own.id}/correct/original/", sent([], open_reason="To see."))
    assert answer.status_code == 422
    assert not LedgerEntry.objects.filter(kind="original_opened", subject=own.run.asset_id).exists()


def test_another_workspace_is_not_there(client: Client, cast: Cast, decision: Decision, stopped: Run) -> None:
    as_(client, cast.outsider)
    for url in (
        f"/decisions/{decision.id}/correct/",
        f"/decisions/{decision.id}/chain/",
        f"/quarantine/{stopped.id}/",
    ):
        assert client.get(url).status_code == 404
    for url in (
        f"/decisions/{decision.id}/correct/original/",
        f"/quarantine/{stopped.id}/original/",
        f"/quarantine/{stopped.id}/again/",
        f"/quarantine/{stopped.id}/",
    ):
        assert client.post(url, sent([DRAWN], act="by_hand", open_reason="To see.")).status_code == 404
    assert "card.png" not in client.get("/quarantine/").content.decode()


# --- quarantine ----------------------------------------------------------------------------------------


def test_quarantine_is_an_officer_s(client: Client, cast: Cast, stopped: Run) -> None:
    # An auditor of the house reads what is in quarantine. Where a file is let out is no page of theirs.
    for person, listed, let_out in (
        (cast.officer, 200, 200),
        (cast.steward, 200, 200),
        (cast.operator, 403, 403),
        (cast.auditor, 200, 403),
    ):
        as_(client, person)
        assert client.get("/quarantine/").status_code == listed
        assert client.get(f"/quarantine/{stopped.id}/").status_code == let_out
        assert ('href="/quarantine/"' in client.get("/policies/").content.decode()) is (listed == 200)
    page = client.get("/quarantine/").content.decode()
    assert "card.png" in page
    assert f'href="/quarantine/{stopped.id}/"' not in page


def test_it_says_why_and_shows_nothing(client: Client, cast: Any, stopped: Run) -> None:
    as_(client, cast.officer)
    page = client.get("/quarantine/").content.decode()
    for words in ("card.png", "still found", "Autumn", cast.operator.username):
        assert words in page
    page = client.get(f"/quarantine/{stopped.id}/").content.decode()
    assert "still found" in page
    assert "<img" not in page
    assert "Let it out of quarantine" not in page


def test_an_officer_redacts_by_hand(client: Client, cast: Any, stopped: Run) -> None:
    as_(client, cast.officer)
    url = f"/quarantine/{stopped.id}/"
    unseen = client.post(url, sent([DRAWN], act="by_hand"))
    assert unseen.status_code == 422
    assert "Open the original first" in unseen.content.decode()
    assert client.post(f"{url}original/", {"open_reason": ""}).status_code == 422
    opened = client.post(f"{url}original/", {"open_reason": "To redact it by hand."}).content.decode()
    source = re.search(r'src="(/media/[^"]+/original/[^"]+)"', opened)
    assert source
    show()
    assert client.get(source[1]).content == ORIGINAL
    neither = client.post(url, sent([DRAWN]))
    assert neither.status_code == 422
    assert client.post(url, sent([], act="by_hand")).status_code == 422
    done = client.post(url, sent([DRAWN], act="by_hand"))
    assert done.status_code == 302
    assert done.headers["Location"] == f"/batches/{stopped.submission.batch_id}/"
    new = Run.objects.get(parent=stopped)
    assert new.by_hand
    assert client.get(url).status_code == 404
    assert LedgerEntry.objects.filter(kind="quarantine_released", subject=new.pk).count() == 1


def test_an_officer_says_that_nothing_is_visible(client: Client, cast: Any, stopped: Run) -> None:
    as_(client, cast.officer)
    url = f"/quarantine/{stopped.id}/"
    client.post(f"{url}original/", {"open_reason": "To look at it."})
    assert client.post(url, sent([DRAWN], act="nothing_visible")).status_code == 422
    assert client.post(url, sent([], act="nothing_visible")).status_code == 302
    assert Correction.objects.get(run__parent=stopped).act == "nothing_visible"


def test_an_officer_tries_again(client: Client, cast: Any, stopped: Run) -> None:
    as_(client, cast.officer)
    assert client.post(f"/quarantine/{stopped.id}/again/").status_code == 302
    stopped.refresh_from_db()
    assert stopped.state == "received"


def test_the_batch_leads_an_officer_there(client: Client, cast: Any, stopped: Run) -> None:
    url = f"/batches/{stopped.submission.batch_id}/"
    assert f'href="/quarantine/{stopped.id}/"' in as_(client, cast.officer).get(url).content.decode()
    assert "/quarantine/" not in as_(client, cast.operator).get(url).content.decode()


def test_both_pages_speak_japanese(client: Client, cast: Any, decision: Decision, stopped: Run) -> None:
    as_(client, cast.officer)
    client.cookies["django_language"] = "ja"
    assert "隠した箇所を訂正" in client.get(f"/decisions/{decision.id}/correct/").content.decode()
    page = client.post(
        f"/quarantine/{stopped.id}/original/", {"open_reason": "確認のため。"}
    ).content.decode()
    assert "手作業で墨消しする" in page
    wrong = client.post(f"/decisions/{decision.id}/correct/", {**sent([]), "regions": "{"})
    assert "領域を使えません" in wrong.content.decode()


def test_the_list_asks_as_often_for_many_as_for_few(
    client: Client, cast: Any, django_assert_max_num_queries: Any
) -> None:
    files = [(f"{n}.png", recorded.png("red", (64 + n, 64))) for n in range(8)]
    batch = recorded.batch_of(cast.policy_version, cast.operator, *files)
    for submission in batch.submissions.all():
        recorded.stop(submission.runs.get(), quarantine=True)
    as_(client, cast.officer)
    with django_assert_max_num_queries(12):
        assert client.get("/quarantine/").content.decode().count("data-row") == 8
