"""An officer asks who a pseudonym is, in a real browser; the page leaves the value when its time is over."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from omnigov import passes
from omnigov.decisions.models import Decision
from omnigov.pseudonyms.models import Mention
from tests.conftest import Cast
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov import recorded
from tests.omnigov.pseudonyms import named

pytestmark = JOURNEY

NAME = "Wanda Ostrowska"


@pytest.fixture
def hidden(committed_cast: Cast) -> tuple[Decision, Mention]:
    """Made before the browser starts: its loop lets nobody at the database."""
    people: Any = committed_cast
    files = (("a.png", recorded.png("coral")), ("b.png", recorded.png("ivory")))
    batch = recorded.batch_of(people.policy_version, people.operator, *files)
    run, other = (recorded.run_of(submission) for submission in batch.submissions.all())
    for each in (run, other):
        named.redact(each, ("FACE", ""), ("PERSON", NAME))
    return named.decide(run), Mention.objects.get(run=run)


def test_who_is_this(
    committed_cast: Cast,
    hidden: tuple[Decision, Mention],
    site: str,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people: Any = committed_cast
    decision, mention = hidden
    ask = reverse("pseudonyms:ask", args=[decision.run_id, 1])
    page = signed_in(people.officer)
    page.goto(f"{site}{reverse('review:decision', args=[decision.id])}")
    page.click("text=Who is this?")
    expect(page.locator("main")).to_contain_text("PERSON_1 is in 2 files.")
    expect(page.locator("main")).not_to_contain_text(NAME)
    page.fill("#id_reason", "The court asks who it is.")
    page.press("#id_reason", "Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(NAME)

    monkeypatch.setattr(passes, "VIEW_SECONDS", 15)
    soon = passes.handed_out(f"value:{mention.pk}", people.officer.id)
    page.goto(f"{site}{reverse('pseudonyms:value', args=[decision.run_id, 1, soon])}")
    expect(page.locator("main")).to_contain_text(NAME)
    page.wait_for_url(f"**{ask}", timeout=40_000)
    expect(page.locator("main")).not_to_contain_text(NAME)
    page.go_back()
    expect(page.locator("body")).not_to_contain_text(NAME)

    auditor = signed_in(people.auditor)
    auditor.goto(f"{site}{reverse('trail:trail')}")
    expect(auditor.locator("tr", has_text="PERSON_1")).to_contain_text(people.officer.username)
    expect(auditor.locator("main")).not_to_contain_text(NAME)
    assert auditor.goto(f"{site}{ask}").status == 403  # type: ignore[union-attr]
