"""The pages of the record."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from omnigov.accounts.locks import lock_end, over
from omnigov.accounts.models import SignInLock
from omnigov.decisions.models import Decision
from omnigov.ledger import queries, sequencer
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerCheck, LedgerEntry
from omnigov.ledger.proof import verify_proof
from omnigov.review.case_models import Case
from omnigov.review.services import review_add
from omnigov.trail import views
from tests.conftest import Cast
from tests.omnigov import recorded


def decided(cast: Any, colour: str = "teal") -> Decision:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png(colour)))
    return recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")


@pytest.mark.parametrize("path", ["/ledger/", "/ledger/trail/", "/export/"])
def test_the_ledger_is_for_auditors(client: Client, cast: Cast, path: str) -> None:
    for person in (cast.operator, cast.officer):
        client.force_login(person)
        assert client.get(path).status_code == 403
    client.force_login(cast.auditor)
    assert client.get(path).status_code in {200, 405}


def test_the_log_lists_entries_by_kind(client: Client, cast: Cast) -> None:
    decision = decided(cast)
    client.force_login(cast.auditor)
    page = client.get("/ledger/").content.decode()
    assert f"/ledger/entries/{decision.entry}/" in page
    assert "waits for its place" in page
    assert str(decision.entry) in client.get("/ledger/?kind=decision").content.decode()
    assert str(decision.entry) not in client.get("/ledger/?kind=review").content.decode()
    assert str(decision.entry) in client.get("/ledger/?page=99").content.decode()
    wrong = client.get("/ledger/?kind=nonsense").content.decode()
    assert str(decision.entry) not in wrong  # what is shown is what was asked for, or nothing
    assert "mend what is marked above" in wrong


def test_an_entry_says_what_it_says(client: Client, cast: Cast) -> None:
    decision = decided(cast)
    client.force_login(cast.auditor)
    page = client.get(f"/ledger/entries/{decision.entry}/").content.decode()
    entry = queries.entry(decision.entry)
    assert entry
    assert bytes(entry.leaf_hash).hex() in page
    assert "&quot;confidence_kind&quot;: &quot;uncalibrated&quot;" in page
    assert f"/decisions/{decision.id}/" in page
    assert "a.png" not in page
    assert client.get(f"/ledger/entries/{decision.entry}/proof/").status_code == 404  # still pending


def test_another_workspace_is_not_there(client: Client, cast: Cast) -> None:
    decision = decided(cast)
    client.force_login(cast.outsider)
    assert client.get(f"/ledger/entries/{decision.entry}/").status_code == 404
    assert client.get(f"/ledger/entries/{decision.entry}/proof/").status_code == 404
    assert client.get(f"/ledger/entries/{decision.entry}/bytes/").status_code == 404
    assert str(decision.entry) not in client.get("/ledger/").content.decode()


def test_entries_are_narrowed_down(client: Client, cast: Any) -> None:
    decision = decided(cast)
    client.force_login(cast.auditor)

    def shown(query: str) -> str:
        return str(client.get(f"/ledger/?{query}").content.decode())

    assert str(decision.entry) in shown(f"subject={decision.run_id}")
    assert str(decision.entry) not in shown(f"subject={cast.officer.id}")
    # The operator handed the file in; the decision itself is nobody's.
    queued = LedgerEntry.objects.get(subject=decision.run_id, kind="run_queued")
    assert str(queued.id) in shown(f"person={cast.operator.id}")
    assert str(decision.entry) not in shown(f"person={cast.operator.id}")
    assert str(queued.id) not in shown(f"person={cast.officer.id}")
    today = datetime.now(UTC).date()
    assert str(decision.entry) in shown(f"since={today}&until={today}")
    assert "The last day lies before the first one" in shown(
        f"since={today}&until={today - timedelta(days=1)}"
    )
    assert str(decision.entry) not in shown(f"until={today - timedelta(days=1)}")
    assert "Paste the whole id" in shown("subject=abc")
    assert "Select a valid choice" in shown(f"person={cast.outsider.id}")  # nobody of this workspace


def test_older_entries_are_a_page_away(client: Client, cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ENTRIES_A_PAGE", 3)
    decided(cast)
    client.force_login(cast.auditor)
    seen, query = list[str](), ""
    while True:
        page = client.get(f"/ledger/?{query}").content.decode()
        found = re.findall(r'href="/ledger/entries/([0-9a-f-]{36})/"', page)
        assert 0 < len(found) <= 3
        seen += found
        older = re.search(r'href="\?([^"]*before=[0-9]+)" rel="next"', page)
        if not older:
            break
        query = html.unescape(older[1])
    newest_first = LedgerEntry.objects.filter(workspace=cast.workspace.id).order_by("-seq")
    assert seen == [str(each) for each in newest_first.values_list("id", flat=True)]


def test_the_audit_trail_names_who_did_what(client: Client, cast: Any) -> None:
    decision = decided(cast)
    review_add(decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="It is right.")
    client.force_login(cast.auditor)
    page = client.get("/ledger/trail/").content.decode()
    assert f"{cast.officer.username} upheld the decision: Money." in page
    assert f"The command line gave {cast.officer.username} the role compliance officer." in page
    assert f"/ledger/entries/{decision.entry}/" not in page
    client.force_login(cast.operator)
    assert client.get("/ledger/trail/").status_code == 403


def test_the_audit_trail_says_nobody_did_what_nobody_did(client: Client, cast: Any) -> None:
    for _ in range(6):
        client.post("/sign-in/", {"username": cast.officer.username, "password": "wrong"})
    SignInLock.objects.update(until=timezone.now() - timedelta(minutes=1))
    lock_end(over()[0])
    client.force_login(cast.auditor)
    page = client.get("/ledger/trail/").content.decode()
    assert f"Sign-ins as {cast.officer.username} are locked after 5 refusals." in page
    assert "The lock on a name ended by itself. Tries while it lasted: 1." in page


def test_the_badge_says_when_and_what(client: Client, cast: Any) -> None:
    client.force_login(cast.auditor)
    now = datetime.now(UTC)
    LedgerCheck.objects.create(
        started_at=now, ended_at=now + timedelta(days=1), full=True, size=12, root=bytes(32)
    )
    page = client.get("/ledger/").content.decode()
    assert "All 12 entries checked, nothing found" in page
    LedgerCheck.objects.create(
        started_at=now,
        ended_at=now + timedelta(days=2),
        full=False,
        size=12,
        root=bytes(32),
        problems=[{"check": "tile", "detail": "tile 1/0 of 3 differs from the entries", "index": None}],
        problems_count=1,
        warnings=["owns ledger_entry"],
    )
    page = client.get("/ledger/").content.decode()
    assert "1 problem found" in page
    assert "tile 1/0 of 3 differs" in page
    assert "owns ledger_entry" in page


@pytest.mark.services
def test_an_entry_in_the_log_has_a_proof(client: Client, committed_cast: Cast) -> None:
    decision = decided(committed_cast)
    sequencer.integrate()
    client.force_login(committed_cast.auditor)
    index = queries.index_of(decision.entry)
    assert f"#{index}" in client.get(f"/ledger/entries/{decision.entry}/").content.decode()
    answer = client.get(f"/ledger/entries/{decision.entry}/proof/")
    content = client.get(f"/ledger/entries/{decision.entry}/bytes/").content
    assert verify_proof(answer.content, content, str(log_signer().verifier))[0] == index
    assert f'filename="entry-{index}.tlog-proof"' in answer.headers["Content-Disposition"]
    assert answer.content.decode().startswith("c2sp.org/tlog-proof@v1")


def test_who_may_still_answer_sees_no_verdict_in_the_record_before_their_own(
    client: Client, cast: Any
) -> None:
    decision = decided(cast)
    Case.objects.filter(decision=decision).update(needed=2, most=3)
    review = review_add(
        decision_id=decision.id, officer=cast.officer, verdict="overturn", label="plant", reason="A secret."
    )
    pages = (f"/ledger/entries/{review.entry}/", "/ledger/trail/?kind=review")
    client.force_login(cast.auditor)
    assert all("plant" in client.get(page).content.decode().lower() for page in pages)
    assert client.get(f"/ledger/entries/{review.entry}/bytes/").status_code == 200
    client.force_login(cast.steward)
    for page in pages:
        shown = client.get(page).content.decode()
        assert str(review.entry) in shown or cast.officer.username in shown
        assert not re.search("plant|overturn", shown.lower())
    assert client.get(f"/ledger/entries/{review.entry}/bytes/").status_code == 403
    review_add(decision_id=decision.id, officer=cast.steward, verdict="uphold", reason="I see a coin.")
    assert all("plant" in client.get(page).content.decode().lower() for page in pages)
