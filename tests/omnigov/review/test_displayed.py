"""What a page measured to have been displayed: bound to the page, committed to, forgotten with the medium."""

from __future__ import annotations

import json
import re
import time
import uuid
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from PIL import Image

from omnigov.decisions.models import Decision
from omnigov.erasure import journal
from omnigov.erasure.services import asset_erase
from omnigov.keys import keyring
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.review.displayed import CLOCKS_MS, displayed_on
from omnigov.review.models import Review
from omnigov.review.served import read
from tests.omnigov import recorded

SAID: dict[str, Any] = {
    "total": 4_000,
    "parts": {"redacted_copy": 3_900, "scores": 4_000},
    "overlays": {"boxes": 1_500},
    "zoom": 2,
}


@pytest.fixture
def decision(cast: Any) -> Decision:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("team.png", recorded.png()))
    return recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="person")


def opened(client: Client, decision: Decision) -> str:
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    found = re.search(r'id="served" name="served" value="([^"]+)"', page)
    assert found
    return found[1]


def given(client: Client, decision: Decision, said: str, served: str = "", waited: float = 10) -> Review:
    form = {
        "verdict": "uphold",
        "review_id": str(uuid.uuid4()),
        "served": served or opened(client, decision),
        "displayed": said,
    }
    with patch("omnigov.review.forms.time.time", return_value=time.time() + waited):
        assert client.post(f"/decisions/{decision.id}/verdict/", form).status_code == 302
    return decision.reviews.latest("created_at")


def entry_of(review: Review) -> Any:
    return json.loads(bytes(LedgerEntry.objects.get(id=review.entry).body))["record"]


def test_the_entry_commits_to_what_was_measured(client: Client, cast: Any, decision: Decision) -> None:
    client.force_login(cast.officer)
    review = given(client, decision, json.dumps(SAID))
    kept = review.displayed
    assert kept is not None
    assert {name: kept[name] for name in SAID} == SAID
    assert re.fullmatch("[0-9a-f]{32}", kept["page"])
    keys = keyring().asset(decision.run.asset_id)
    assert entry_of(review)["displayed"] == keys.commit(canonical.encode(kept))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "not json",
        "[]",
        json.dumps({**SAID, "more": 1}),
        json.dumps({**SAID, "total": -1}),
        json.dumps({**SAID, "total": 1.5}),
        json.dumps({**SAID, "total": 60_000}),  # the page is ten seconds old
        json.dumps({**SAID, "parts": {"redacted_copy": 14_000}}),  # longer than the page itself
        json.dumps({**SAID, "overlays": {"boxes": 14_000}}),
        json.dumps({**SAID, "parts": {"<b>": 1}}),
        json.dumps({**SAID, "parts": {f"part_{number}": 1 for number in range(401)}}),
        json.dumps({**SAID, "page": "mine"}),
    ],
)
def test_what_was_not_measured_is_not_made_up(
    client: Client, cast: Any, decision: Decision, said: str
) -> None:
    client.force_login(cast.officer)
    review = given(client, decision, said)
    assert review.displayed is None
    assert entry_of(review)["displayed"] is None


def test_each_page_has_a_mark_of_its_own(client: Client, cast: Any, decision: Decision) -> None:
    client.force_login(cast.officer)
    first = given(client, decision, json.dumps(SAID)).displayed
    second = given(client, decision, json.dumps(SAID)).displayed
    assert first is not None
    assert second is not None
    assert first["page"] != second["page"]


def test_a_form_that_comes_back_goes_on_measuring_the_same_page(
    client: Client, cast: Any, decision: Decision
) -> None:
    client.force_login(cast.officer)
    served = opened(client, decision)
    form = {
        "verdict": "overturn",
        "served": served,
        "review_id": str(uuid.uuid4()),
        "displayed": json.dumps(SAID),
    }
    answer = client.post(f"/decisions/{decision.id}/verdict/", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    again = re.search(r'id="served" name="served" value="([^"]+)"', page)
    assert again
    assert "&quot;redacted_copy&quot;: 3900" in page
    before, after = (read(text, decision=decision, person=cast.officer) for text in (served, again[1]))
    assert before.page == after.page
    assert before.since == after.since
    other = read(opened(client, decision), decision=decision, person=cast.officer)
    assert other.page != before.page


def test_a_page_without_a_mark_measures_nothing() -> None:
    assert displayed_on(json.dumps(SAID), page="", age_ms=10_000) is None
    assert displayed_on(json.dumps(SAID), page="a", age_ms=0) is not None  # within what clocks differ by
    assert displayed_on(json.dumps({**SAID, "total": CLOCKS_MS + 1}), page="a", age_ms=0) is None


def test_it_is_forgotten_with_the_medium(
    client: Client, cast: Any, decision: Decision, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    client.force_login(cast.officer)
    review = given(client, decision, json.dumps(SAID))
    asset_erase(asset_id=decision.run.asset_id)
    review.refresh_from_db()
    assert review.displayed is None


def test_officers_see_it_of_themselves_alone(client: Client, cast: Any, decision: Decision) -> None:
    client.force_login(cast.officer)
    given(client, decision, json.dumps(SAID))
    page = client.get("/review/done/").content.decode()
    assert "In view: the scores 4.0 s, the redacted copy 3.9 s." in page
    client.force_login(cast.second_officer)
    for path in ("/review/done/", "/review/?show=all", f"/decisions/{decision.id}/"):
        assert "3.9 s" not in client.get(path).content.decode()
