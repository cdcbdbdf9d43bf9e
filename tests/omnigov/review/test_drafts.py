"""What is written and not sent is kept for whoever wrote it, until it is sent."""

from __future__ import annotations

import html
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov.decisions.models import Decision, Run, RunState
from omnigov.erasure import journal
from omnigov.erasure.services import asset_erase
from omnigov.review.drafts import MOST_BYTES, draft_keep
from omnigov.review.forgetting import cases_forget
from omnigov.review.models import Draft
from tests.omnigov import recorded
from tests.omnigov.beside import beside

WRITTEN = {
    "verdict": ["overturn"],
    "reason": ['A <b>cat</b> & "more"'],
    "chips": ["shows_else", "too_little"],
}


@pytest.fixture
def decision(cast: Any) -> Decision:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("team.png", recorded.png()))
    return recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="person")


def keep(client: Client, decision: Decision, fields: Any, page: str = "verdict") -> int:
    text = fields if isinstance(fields, str) else json.dumps(fields)
    status: int = client.post(f"/drafts/{decision.run_id}/{page}/", {"fields": text}).status_code
    return status


def draft_in(client: Client, path: str) -> Any:
    found = re.search(r'data-draft="([^"]*)"', client.get(path).content.decode())
    return json.loads(html.unescape(found[1])) if found else None


def test_it_is_there_again_after_signing_out(client: Client, cast: Any, decision: Decision) -> None:
    page = f"/decisions/{decision.id}/"
    client.force_login(cast.officer)
    assert draft_in(client, page) is None
    assert keep(client, decision, {"reason": ["A"]}) == 204
    assert keep(client, decision, WRITTEN) == 204
    client.logout()
    client.force_login(cast.officer)
    assert draft_in(client, page) == WRITTEN
    client.force_login(cast.second_officer)
    assert draft_in(client, page) is None


def test_it_ends_when_it_is_sent_or_empty(client: Client, cast: Any, decision: Decision) -> None:
    client.force_login(cast.officer)
    page = f"/decisions/{decision.id}/"
    keep(client, decision, WRITTEN)
    keep(client, decision, {})
    assert draft_in(client, page) is None
    keep(client, decision, WRITTEN)
    served = re.search(r'name="served" value="([^"]+)"', client.get(page).content.decode())
    assert served
    form = {"verdict": "uphold", "served": served[1], "review_id": str(uuid.uuid4())}
    assert client.post(f"{page}verdict/", form).status_code == 302
    assert draft_in(client, page) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "[]",
        '{"reason": "A"}',
        '{"reason": [1]}',
        '{"reason": ["\\u0000"]}',
        "x" * (MOST_BYTES + 1),
    ],
)
def test_what_is_no_draft_is_not_kept(client: Client, cast: Any, decision: Decision, text: str) -> None:
    client.force_login(cast.officer)
    assert keep(client, decision, text) == 422
    assert not Draft.objects.filter(person=cast.officer).exists()


def test_drafts_are_an_officers_of_the_workspace(client: Client, cast: Any, decision: Decision) -> None:
    for who, status in (("operator", 403), ("auditor", 403), ("outsider", 404)):
        client.force_login(getattr(cast, who))
        assert keep(client, decision, WRITTEN) == status
    client.force_login(cast.officer)
    assert keep(client, decision, WRITTEN, page="elsewhere") == 404
    assert client.get(f"/drafts/{decision.run_id}/verdict/").status_code == 405


def test_regions_are_kept_too(client: Client, cast: Any, decision: Decision) -> None:
    client.force_login(cast.officer)
    drawn = {"regions": ["[]"], "reason": ["A sign."]}
    keep(client, decision, drawn, page="correction")
    assert draft_in(client, f"/decisions/{decision.id}/correct/") == drawn
    assert draft_in(client, f"/decisions/{decision.id}/") is None


def test_it_goes_with_the_medium(
    client: Client, cast: Any, decision: Decision, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    client.force_login(cast.officer)
    keep(client, decision, WRITTEN)
    asset_erase(asset_id=decision.run.asset_id)
    assert not Draft.objects.filter(person=cast.officer).exists()
    assert keep(client, decision, WRITTEN) == 404


@pytest.mark.services
def test_none_is_written_beside_an_erasure_that_goes_on(
    request: pytest.FixtureRequest, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    people: Any = request.getfixturevalue("committed_cast")
    batch = recorded.batch_of(people.policy_version, people.operator, ("team.png", recorded.png("navy")))
    run = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="person").run

    def erased() -> None:  # as an erasure ends, which holds the run from its beginning
        cases_forget([run.pk])
        Run.objects.filter(pk=run.pk).update(state=RunState.ERASED)

    def kept() -> None:
        text = json.dumps(WRITTEN)
        known = draft_keep(
            workspace=people.workspace, run_id=run.pk, person=people.officer, page="verdict", text=text
        )
        assert not known

    beside(erased, kept)
    assert not Draft.objects.filter(run=run).exists()
