"""Who sees a pseudonym, who may ask whom it stands for, and what the record says first."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omnigov import passes
from omnigov.decisions.models import Decision, Run
from omnigov.erasure import journal
from omnigov.erasure.services import asset_erase
from omnigov.intake.models import Batch
from omnigov.ledger.models import LedgerEntry
from omnigov.pseudonyms import services, views
from omnigov.pseudonyms.models import Mention
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.omnigov.pseudonyms import named

pytestmark = pytest.mark.services

NAME = "Wanda Ostrowska"
REASON = {"reason": "The court asks who it is."}


@pytest.fixture(autouse=True)
def journal_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")


@pytest.fixture
def batch(cast: Cast) -> Batch:
    people: Any = cast
    files = [(f"{colour}.png", recorded.png(colour)) for colour in ("red", "green")]
    return recorded.batch_of(people.policy_version, people.operator, *files)


@pytest.fixture
def decision(batch: Batch) -> Decision:
    first, second = Run.objects.filter(submission__batch=batch)
    named.redact(first, ("FACE", ""), ("PERSON", NAME))
    named.redact(second, ("PERSON", NAME))
    return named.decide(first)


def as_(client: Client, person: object) -> Client:
    client.force_login(person)  # type: ignore[arg-type]
    return client


def ask(decision: Decision, finding: int = 1) -> str:
    return reverse("pseudonyms:ask", args=[decision.run_id, finding])


def case(batch: Batch) -> str:
    return reverse("pseudonyms:case", args=[batch.id])


def asked() -> int:
    return LedgerEntry.objects.filter(kind="reidentified").count()


def test_the_decision_page_names_what_was_hidden(client: Client, cast: Cast, decision: Decision) -> None:
    url = reverse("review:decision", args=[decision.id])
    for person, may_ask in ((cast.officer, True), (cast.operator, False), (cast.auditor, False)):
        page = as_(client, person).get(url).content.decode()
        assert page.count("<code>PERSON_1</code>") == 1
        assert (ask(decision) in page) is may_ask
        assert NAME not in page
        assert "is sealed" in page


def test_of_a_face_there_is_no_pseudonym(client: Client, cast: Cast, decision: Decision) -> None:
    assert as_(client, cast.officer).get(ask(decision, 0)).status_code == 404
    assert client.get(ask(decision, 7)).status_code == 404


def test_only_an_officer_may_ask(client: Client, cast: Cast, decision: Decision) -> None:
    assert client.get(ask(decision)).status_code == 302
    for person, status in (
        (cast.officer, 200),
        (cast.steward, 200),
        (cast.operator, 403),
        (cast.auditor, 403),
        (cast.outsider, 404),
    ):
        page = as_(client, person).get(ask(decision))
        assert page.status_code == status
        assert NAME not in page.content.decode()
        if status != 200:
            assert client.post(ask(decision), REASON).status_code == status
    assert asked() == 0


def test_no_value_without_a_reason(client: Client, cast: Cast, decision: Decision) -> None:
    as_(client, cast.officer)
    for reason, status in (("", 422), ("x", 409)):
        page = client.post(ask(decision), {"reason": reason})
        assert page.status_code == status
        assert "Write a reason" in page.content.decode()
    assert asked() == 0


def test_the_value_is_shown_to_one_person_after_the_entry_and_is_kept_nowhere(
    client: Client, cast: Cast, decision: Decision
) -> None:
    as_(client, cast.officer)
    answer = client.post(ask(decision), REASON)
    assert asked() == 1
    assert NAME not in answer.content.decode() + answer["Location"]
    page = client.get(answer["Location"])
    assert NAME in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    left = re.fullmatch(r"(\d+); url=(.*)", page["Refresh"])
    assert left
    assert 290 <= int(left[1]) <= 300
    assert left[2] == ask(decision)
    for person, status in ((cast.second_officer, 404), (cast.operator, 403), (cast.auditor, 403)):
        assert as_(client, person).get(answer["Location"]).status_code == status
    assert asked() == 1


def test_a_pass_is_for_its_minutes_and_its_finding(
    client: Client, cast: Cast, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_(client, cast.officer)
    location = client.post(ask(decision), REASON)["Location"]
    other = Mention.objects.filter(run__workspace=cast.workspace).exclude(run=decision.run).get()
    elsewhere = reverse("pseudonyms:value", args=[other.run_id, other.finding, location.split("/")[-2]])
    assert client.get(elsewhere).status_code == 404
    assert client.get(location[:-3] + "/").status_code == 404
    assert client.get(location).status_code == 200
    now = time.time()
    monkeypatch.setattr(passes.time, "time", lambda: now + passes.VIEW_SECONDS + 1)
    assert client.get(location).status_code == 404


def test_where_the_entry_can_t_be_written_nothing_is_shown(
    client: Client, cast: Cast, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("the record is full")

    monkeypatch.setattr(services.ledger, "record", broken)
    as_(client, cast.officer)
    client.raise_request_exception = False
    answer = client.post(ask(decision), REASON)
    assert answer.status_code == 500
    assert "Location" not in answer


def test_erased_it_is_gone(client: Client, cast: Cast, decision: Decision, batch: Batch) -> None:
    as_(client, cast.officer)
    location = client.post(ask(decision), REASON)["Location"]
    asset_erase(asset_id=decision.run.asset_id)
    assert client.get(location).status_code == 404
    assert client.get(ask(decision)).status_code == 404
    assert client.post(ask(decision), REASON).status_code == 404
    assert client.get(case(batch)).content.decode().count("red.png") == 0


def test_a_medium_erased_meanwhile_is_told(
    client: Client, cast: Cast, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = views._mention

    def erased_then(*given: Any) -> Mention:
        mention = found(*given)
        asset_erase(asset_id=decision.run.asset_id)
        return mention

    monkeypatch.setattr(views, "_mention", erased_then)
    page = as_(client, cast.officer).post(ask(decision), REASON)
    assert page.status_code == 409
    assert "erased" in page.content.decode()


def test_the_audit_trail_lists_who_asked(client: Client, cast: Cast, decision: Decision) -> None:
    people: Any = cast
    as_(client, cast.officer).post(ask(decision), REASON)
    trail = as_(client, cast.auditor).get(reverse("trail:trail")).content.decode()
    assert "Person behind a pseudonym shown" in trail
    assert "PERSON_1" in trail
    assert people.officer.username in trail
    assert NAME not in trail
    assert REASON["reason"] not in trail


def test_the_case_page_says_which_pseudonym_is_in_which_files(
    client: Client, cast: Cast, decision: Decision, batch: Batch
) -> None:
    for person, status in (
        (cast.operator, 200),
        (cast.officer, 200),
        (cast.auditor, 200),
        (cast.outsider, 404),
    ):
        page = as_(client, person).get(case(batch))
        assert page.status_code == status
        text = page.content.decode()
        assert NAME not in text
        if status == 200:
            assert "PERSON_1" in text
            assert re.search(r'class="number">2</td>', text)
            assert reverse("review:decision", args=[decision.id]) in text
            assert "green.png" in text
    assert (
        case(batch)
        in as_(client, cast.operator).get(reverse("decisions:batch", args=[batch.id])).content.decode()
    )


def test_a_batch_in_which_nothing_was_read_says_so(client: Client, cast: Cast, batch: Batch) -> None:
    assert "No value was read" in as_(client, cast.operator).get(case(batch)).content.decode()


def test_it_speaks_japanese(client: Client, cast: Cast, decision: Decision, batch: Batch) -> None:
    as_(client, cast.officer).cookies["django_language"] = "ja"
    page = client.get(ask(decision)).content.decode()
    assert "PERSON_1 は誰ですか" in page
    assert "仮名" in client.get(case(batch)).content.decode()
