"""The trail in words: each entry a sentence, with its file, in both languages and the reader's own days."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from PIL import Image

from omnigov.accounts.middleware import ZONE_COOKIE
from omnigov.decisions.models import Decision
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.schemas import SCHEMAS
from omnigov.review.services import review_add
from omnigov.trail.sentences import SENTENCES, Names, sentence_of
from tests.omnigov import recorded
from tests.omnigov.ledger.test_schemas import ONE_OF_EACH

NAMES = Names(who="Anna", subject="Ben", policy="Currency")


def decided(cast: Any, name: str = "a.png", colour: str = "teal") -> Decision:
    batch = recorded.batch_of(cast.policy_version, cast.operator, (name, recorded.png(colour)))
    return recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("body", ONE_OF_EACH, ids=lambda body: f"{body.kind}-{body.schema_version}")
def test_every_kind_of_entry_is_a_sentence(body: Any, language: str) -> None:
    with translation.override(language):
        said = sentence_of(body.kind, body.model_dump(mode="json"), NAMES)
    assert said.endswith((".", "。"))
    assert "%(" not in said
    assert bool(re.search("[ぁ-ん]", said)) is (language == "ja")


def test_no_sentence_is_of_a_kind_that_is_not_there() -> None:
    assert {each.partition(".")[0] for each in SENTENCES} == {kind for kind, _ in SCHEMAS}


def test_a_sentence_says_who_and_which_file(client: Client, cast: Any) -> None:
    decision = decided(cast, "<b>a.png")
    review_add(
        decision_id=decision.id, officer=cast.officer, verdict="overturn", label="plant", reason="A leaf."
    )
    client.force_login(cast.auditor)
    page = client.get("/ledger/trail/?kind=review").content.decode()
    assert f"{cast.officer.username} overturned the decision: not Money, but Plant." in page
    assert f'<a href="/decisions/{decision.id}/">&lt;b&gt;a.png</a>' in page
    client.cookies["django_language"] = "ja"
    page = client.get("/ledger/trail/?kind=review").content.decode()
    assert re.search(rf"{cast.officer.username} が判定を覆しました：.+ ではなく .+。", page)


def test_everything_about_one_file_and_nothing_else(client: Client, cast: Any) -> None:
    decision, other = decided(cast), decided(cast, "b.png", "red")
    client.force_login(cast.auditor)
    run = decision.run
    expected = {
        str(each)
        for each in LedgerEntry.objects.filter(subject__in=[run.pk, run.asset_id]).values_list(
            "id", flat=True
        )
    }
    for given in (run.pk, run.asset_id, run.submission_id, f"http://host/decisions/{decision.id}/"):
        page = client.get("/ledger/trail/", {"file": str(given)}).content.decode()
        assert set(re.findall(r"/ledger/entries/([0-9a-f-]{36})/", page)) == expected
        assert "The model decided: Money." in page  # what nobody did belongs to it too
    assert str(other.entry) not in page
    for unknown in (str(uuid.uuid4()), "a.png", str(cast.officer.id)):
        assert "No file here has this id" in client.get("/ledger/trail/", {"file": unknown}).content.decode()
    client.force_login(cast.outsider)
    assert "No file here" in client.get("/ledger/trail/", {"file": str(run.pk)}).content.decode()


def test_a_day_is_the_reader_s_own(client: Client, cast: Any) -> None:
    decision = decided(cast)
    entry = LedgerEntry.objects.get(id=decision.entry)
    client.force_login(cast.auditor)
    # Of these two zones, 25 hours apart, no moment has the same day in both.
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        client.cookies[ZONE_COOKIE] = zone
        day = entry.created_at.astimezone(ZoneInfo(zone))
        page = client.get(f"/ledger/trail/?kind=decision&since={day:%Y-%m-%d}&until={day:%Y-%m-%d}")
        assert f"{day:%Y-%m-%d %H:%M:%S}" in page.content.decode()
        assert zone in page.content.decode()
        before = day - timedelta(days=1)
        page = client.get(f"/ledger/trail/?kind=decision&until={before:%Y-%m-%d}")
        assert str(entry.id) not in page.content.decode()
    assert timezone.get_current_timezone_name() == "UTC"  # the next request is somebody else's


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc/passwd", "", "x" * 5000])
def test_a_zone_that_is_none_is_the_server_s(client: Client, cast: Any, zone: str) -> None:
    client.force_login(cast.auditor)
    client.cookies[ZONE_COOKIE] = zone
    assert "Days and times by UTC." in client.get("/ledger/trail/").content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_calendar_s_ends_are_days_too(client: Client, cast: Any, day: str) -> None:
    client.force_login(cast.auditor)
    for zone in ("Asia/Tokyo", "America/New_York"):
        client.cookies[ZONE_COOKIE] = zone
        for name in ("since", "until"):
            assert client.get(f"/ledger/trail/?{name}={day}").status_code == 200


def test_a_page_takes_the_same_queries_however_long(client: Client, cast: Any) -> None:
    client.force_login(cast.auditor)

    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get("/ledger/trail/").status_code == 200
        return [each["sql"] for each in asked.captured_queries]

    review_add(decision_id=decided(cast).id, officer=cast.officer, verdict="uphold", reason="It is right.")
    few = queries()
    for name, colour in (("b.png", "red"), ("c.png", "blue")):
        review_add(
            decision_id=decided(cast, name, colour).id,
            officer=cast.second_officer,
            verdict="uphold",
            reason="It is right.",
        )
    assert len(queries()) == len(few)
    assert not [each for each in few if re.search(r"COUNT\(|OFFSET", each)]


def test_a_moment_in_words_is_in_the_reader_s_zone() -> None:
    away = {"by": "a", "stand_in": "b", "until": "2026-11-30T22:00:00.000000Z"}
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        said = sentence_of("absence_set", away, Names(who="Anna", people={"b": "Ben"}))
    assert said == "Anna is away until 2026-12-01 07:00, and Ben stands in."
    assert datetime.fromisoformat(away["until"]).tzinfo
