"""External auditors: for a time, of some batches and policies, by pages that are named, and on the record."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov.accounts.engagements import NotEngaged, engagement_begin, engagement_end, engagements_over
from omnigov.accounts.models import Engagement, Membership
from omnigov.decisions.engaged import subjects_within
from omnigov.decisions.models import Decision
from omnigov.erasure.services import hold_place
from omnigov.exports.jobs import NotExported, job_create, subjects_of
from omnigov.exports.models import ExportJob
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.trail.engaged import OF_A_DECISION, OPEN
from omnigov.trail.live import live_at
from tests.omnigov import recorded
from tests.omnigov.trail.test_auditors_change_nothing import addresses

PASSWORD = "handed over by post"
NOW = datetime.now(UTC)


def decided(cast: Any, name: str, colour: str) -> Decision:
    batch = recorded.batch_of(
        cast.policy_version, cast.operator, (f"{name}.png", recorded.png(colour)), name=name
    )
    return recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")


def engaged(cast: Any, *decisions: Decision, begins: int = -1, ends: int = 1, **named: Any) -> Engagement:
    return engagement_begin(
        **{
            "workspace": cast.workspace,
            "username": f"outsider-of-{cast.workspace.slug}",
            "password": PASSWORD,
            "since": datetime.now(UTC) + timedelta(hours=begins),
            "until": datetime.now(UTC) + timedelta(hours=ends),
            "batches": [each.run.submission.batch_id for each in decisions],
            "policies": [],
            "by": cast.steward,
        }
        | named
    )


def test_they_see_what_they_were_engaged_for_and_nothing_else(client: Client, cast: Any) -> None:
    mine, other = decided(cast, "mine", "teal"), decided(cast, "other", "red")
    one = engaged(cast, mine)
    client.force_login(one.person)
    for page in ("/ledger/?kind=decision", "/ledger/trail/?kind=decision"):
        shown = client.get(page).content.decode()
        assert str(mine.entry) in shown
        assert str(other.entry) not in shown
    about = client.get(f"/ledger/trail/?file={other.run_id}").content.decode()
    assert "other.png" not in about
    for address, status in (
        (f"/ledger/entries/{mine.entry}/", 200),
        (f"/ledger/entries/{other.entry}/", 404),
        (f"/ledger/entries/{other.entry}/bytes/", 404),
        (f"/decisions/{mine.id}/", 200),
        (f"/decisions/{other.id}/", 404),
        (f"/decisions/{other.id}/picture/redacted/", 404),
        ("/policies/", 403),
        ("/ledger/live/", 403),
        ("/ledger/samples/", 403),
        ("/ledger/engagements/", 403),
    ):
        assert client.get(address).status_code == status, address


def test_no_page_leads_them_to_a_wall_or_names_others(client: Client, cast: Any) -> None:
    mine = decided(cast, "mine", "teal")
    one = engaged(cast, mine)
    client.force_login(one.person)
    page = client.get(f"/decisions/{mine.id}/").content.decode()
    assert "/policies/" not in page
    assert "/similar/" not in page
    export = client.get("/export/").content.decode()
    assert "everything that you were engaged for" in export
    assert "of this workspace" not in export
    assert "/export/?sample" not in export
    choice = re.search(
        r'<select name="person".+?</select>', client.get("/ledger/").content.decode(), re.DOTALL
    )
    assert choice
    assert cast.operator.username in choice[0]
    assert cast.second_officer.username not in choice[0]
    assert "Select a valid choice" in client.get(f"/ledger/?person={cast.second_officer.id}").content.decode()
    client.force_login(cast.auditor)
    assert cast.second_officer.username in client.get("/ledger/").content.decode()
    assert f"/decisions/{mine.id}/similar/" in client.get(f"/decisions/{mine.id}/").content.decode()


def test_every_page_that_is_not_named_is_closed(client: Client, cast: Any) -> None:
    one = engaged(cast, decided(cast, "mine", "teal"))
    client.force_login(one.person)
    names = {name for name, _ in addresses()}
    assert names >= OPEN | OF_A_DECISION
    for name, address in addresses():
        if name not in OPEN:  # nor the tiles of the log, which hold every workspace's entries
            assert client.get(address).status_code in {403, 404, 405}, name


def test_it_ends_by_itself(client: Client, cast: Any) -> None:
    one = engaged(cast, decided(cast, "mine", "teal"))
    client.force_login(one.person)
    assert client.get("/ledger/").status_code == 200
    Engagement.objects.update(until=datetime.now(UTC) - timedelta(seconds=1))
    answer = client.get("/ledger/")  # before the keeper came by
    assert answer.status_code == 403
    assert engagements_over(datetime.now(UTC)) == [one.id]
    engagement_end(engagement_id=one.id, by=None)
    assert client.get("/ledger/").status_code == 403
    assert not Membership.objects.filter(user=one.person).exists()
    assert engagements_over(datetime.now(UTC)) == []
    with pytest.raises(NotEngaged, match="ended already"):
        engagement_end(engagement_id=one.id, by=cast.steward)


def test_it_is_not_open_before_it_begins(client: Client, cast: Any) -> None:
    one = engaged(cast, decided(cast, "mine", "teal"), begins=1, ends=2)
    client.force_login(one.person)
    assert client.get("/ledger/").status_code == 403


def test_both_ends_are_on_the_record_and_in_what_was_live(cast: Any) -> None:
    mine = decided(cast, "mine", "teal")
    one = engaged(cast, mine)
    (entry,) = LedgerEntry.objects.filter(kind="engagement_begun", subject=one.person_id)
    record = canonical.decode(bytes(entry.body))["record"]
    assert record["batches"] == [str(mine.run.submission.batch_id)]
    assert record["by"] == str(cast.steward.id)
    assert one.person.username.encode() not in bytes(entry.body)

    def live() -> list[str]:
        return [
            each.role
            for each in live_at(cast.workspace, datetime.now(UTC)).people
            if each.id == one.person_id
        ]

    assert live() == ["auditor"]
    engagement_end(engagement_id=one.id, by=cast.steward)
    assert LedgerEntry.objects.filter(kind="engagement_ended", subject=one.person_id).count() == 1
    assert live() == []


def test_what_they_export_is_of_that_alone(client: Client, cast: Any) -> None:
    mine, other = decided(cast, "mine", "teal"), decided(cast, "other", "red")
    one = engaged(cast, mine)
    client.force_login(cast.auditor)
    client.post("/export/", {"profile": "redacted", "language": "en"})
    client.force_login(one.person)
    assert "Nothing was exported yet" in client.get("/export/").content.decode()
    given = {"profile": "redacted", "language": "en", "batch": str(other.run.submission.batch_id)}
    assert client.post("/export/", given).status_code == 422
    assert client.post("/export/", {"profile": "redacted", "language": "en"}).status_code == 302
    job = ExportJob.objects.get(by=one.person)
    assert subjects_of(job) == subjects_within(one)
    assert other.run_id not in subjects_within(one)
    assert {mine.run_id, mine.run.asset_id} < subjects_within(one)
    theirs = ExportJob.objects.get(by=cast.auditor)
    assert client.get(f"/export/{theirs.id}/file/").status_code == 404


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"until": NOW - timedelta(days=1)}, "to come"),
        ({"since": NOW + timedelta(days=9), "until": NOW + timedelta(days=8)}, "after it begins"),
        ({"batches": []}, "a batch or a policy"),
    ],
)
def test_what_makes_no_engagement_is_refused(cast: Any, named: dict[str, Any], why: str) -> None:
    mine = decided(cast, "mine", "teal")
    with pytest.raises(NotEngaged, match=why):
        engaged(cast, mine, **named)
    with pytest.raises(NotEngaged, match="this name already"):
        engaged(cast, mine, username=cast.officer.username)


def test_a_steward_makes_and_ends_one_in_the_pages(client: Client, cast: Any) -> None:
    mine = decided(cast, "mine", "teal")
    given = {
        "username": f"anna-{cast.workspace.slug}",
        "password": PASSWORD,
        "since": f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "until": f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "batches": [str(mine.run.submission.batch_id)],
    }
    client.force_login(cast.auditor)
    assert client.get("/ledger/engagements/").status_code == 200
    assert client.post("/ledger/engagements/", given).status_code == 403
    client.force_login(cast.steward)
    assert client.post("/ledger/engagements/", given | {"password": "short"}).status_code == 422
    assert client.post("/ledger/engagements/", given).status_code == 302
    one = Engagement.objects.get(workspace=cast.workspace)
    page = client.get("/ledger/engagements/").content.decode()
    assert re.search(rf"{one.person.username}.+mine.+Running", page, re.DOTALL)
    assert PASSWORD not in page
    assert client.post(f"/ledger/engagements/{one.id}/end/").status_code == 302
    assert "Ended" in client.get("/ledger/engagements/").content.decode()
    client.force_login(cast.outsider)
    assert client.post(f"/ledger/engagements/{one.id}/end/").status_code in {403, 404}


def test_a_file_s_other_name_is_not_theirs_to_read(client: Client, cast: Any) -> None:
    other, mine = decided(cast, "patient Tanaka", "teal"), decided(cast, "mine", "teal")
    assert other.run.asset_id == mine.run.asset_id
    hold_place(asset_id=mine.run.asset_id, reason="A court asks for it.", by=cast.officer)
    client.force_login(engaged(cast, mine).person)
    trail = client.get("/ledger/trail/").content.decode()
    assert "placed a legal hold" in trail
    assert "mine.png" in trail
    assert "Tanaka" not in trail
    client.force_login(cast.auditor)
    assert "Tanaka" in client.get("/ledger/trail/").content.decode()


def test_nobody_s_words_are_handed_out_to_them(client: Client, cast: Any) -> None:
    one = engaged(cast, decided(cast, "mine", "teal"))
    client.force_login(one.person)
    assert 'value="full"' not in client.get("/export/").content.decode()
    answer = client.post("/export/", {"profile": "full", "language": "en"})
    assert answer.status_code == 422
    assert not ExportJob.objects.filter(workspace=cast.workspace).exists()
    with pytest.raises(NotExported, match="without anybody's words"):
        job_create(
            workspace=cast.workspace,
            by=one.person,
            profile="full",
            language="en",
            since=None,
            until=None,
            engagement=one,
        )
    assert client.post("/export/", {"profile": "redacted", "language": "en"}).status_code == 302


def test_a_name_taken_at_the_same_moment_is_refused_in_words(cast: Any) -> None:
    decision = decided(cast, "mine", "teal")
    engaged(cast, decision)
    with pytest.raises(NotEngaged, match="Somebody has this name"):
        engaged(cast, decision)  # what the other one found free is taken by now
    assert Engagement.objects.filter(workspace=cast.workspace).count() == 1
    assert Membership.objects.filter(engagement__isnull=False).count() == 1
