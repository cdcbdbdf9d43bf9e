"""The page of a case: what is written is not lost, what was displayed is measured, and all can use it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, Page, Route, ViewportSize, expect

from omnigov.decisions.models import Decision
from omnigov.ledger.models import LedgerEntry
from omnigov.review.models import Review
from tests.journeys.conftest import JOURNEY, PASSWORD, SignIn
from tests.omnigov import recorded

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe-4.14.1.min.js"
BOXES = [("FACE", (10, 10, 60, 60)), ("EMAIL_ADDRESS", (10, 70, 120, 90))]


@pytest.fixture
def decision(committed_cast: Any) -> Decision:
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("team.png", recorded.png("teal"))
    )
    return recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (640, 480), "teal"), boxes=BOXES, label="person"
    )


def enter(page: Page, site: str, person: Any) -> None:
    page.goto(f"{site}/sign-in/")
    page.fill("#id_username", person.username)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def test_what_is_written_survives(
    signed_in: SignIn, site: str, committed_cast: Any, decision: Decision
) -> None:
    page = signed_in(committed_cast.officer)
    address = f"{site}/decisions/{decision.id}/"
    page.goto(address)
    page.keyboard.press("3")
    page.keyboard.type("It is a house,")
    kept = page.locator("[data-draft-said]")
    expect(kept).to_have_text("Kept as a draft; not sent.")
    second = page.context.new_page()
    second.goto(address)
    expect(second.locator("#id_reason")).to_have_value("It is a house,")
    expect(second.locator("[name=label]:checked")).to_have_value("building")
    for each in (page, second):
        expect(each.locator("[data-two-tabs]")).to_be_visible()
    page.locator("#id_reason").press_sequentially(" and no person.")
    expect(second.locator("#id_reason")).to_have_value("It is a house, and no person.")
    second.close()
    page.locator("form[action='/sign-out/'] button").click()
    expect(page.locator("#id_username")).to_be_visible()
    enter(page, site, committed_cast.officer)
    page.goto(address)
    expect(page.locator("#id_reason")).to_have_value("It is a house, and no person.")
    expect(page.locator("#overturn")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("Nothing else waits for you here.")
    page.goto(address)
    expect(page.locator("#id_reason")).to_have_value("")


def test_leaving_asks_only_where_something_would_be_lost(
    signed_in: SignIn, site: str, committed_cast: Any, decision: Decision
) -> None:
    page = signed_in(committed_cast.officer)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto(f"{site}/decisions/{decision.id}/")
    page.keyboard.press("u")
    page.keyboard.type("Plainly so.")
    expect(page.locator("[data-draft-said]")).to_have_text("Kept as a draft; not sent.")
    page.goto(f"{site}/review/")
    assert asked == []
    page.goto(f"{site}/decisions/{decision.id}/")
    page.context.clear_cookies()  # signed out behind the page's back
    page.locator("#id_reason").press_sequentially(" And more.")
    expect(page.locator("[data-draft-said]")).to_contain_text("Not kept as a draft")
    page.goto(f"{site}/sign-in/")
    assert asked == ["beforeunload"]


def test_what_is_sent_is_no_draft_any_more(
    signed_in: SignIn, site: str, committed_cast: Any, decision: Decision
) -> None:
    page = signed_in(committed_cast.officer)
    page.goto(f"{site}/decisions/{decision.id}/")
    sent: list[Route] = []
    kept: list[str] = []
    page.route("**/decisions/*/verdict/", lambda route: sent.append(route))  # the server takes its time
    page.on("request", lambda request: kept.append(request.url) if "/drafts/" in request.url else None)
    page.keyboard.press("u")
    page.keyboard.type("Plainly so.")
    kept.clear()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(1500)
    assert (len(sent), kept) == (1, [])
    sent[0].continue_()
    expect(page.locator("main")).to_contain_text("Nothing else waits for you here.")


def test_what_was_displayed_is_measured(
    signed_in: SignIn, site: str, committed_cast: Any, decision: Decision
) -> None:
    page = signed_in(committed_cast.officer)
    page.set_viewport_size(ViewportSize(width=1440, height=900))
    page.goto(f"{site}/decisions/{decision.id}/")
    page.wait_for_function("document.querySelector('.layers img').complete")
    page.keyboard.press("h")
    page.wait_for_timeout(1500)
    page.keyboard.press("z")
    page.wait_for_timeout(600)
    page.keyboard.press("u")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("Nothing else waits for you here.")
    review = Review.objects.get(decision=decision)
    said = review.displayed
    assert said is not None
    assert said["zoom"] == 2
    assert said["unloaded"] == []
    for code in ("redacted_copy", "decision", "scores"):
        assert 1000 <= said["parts"][code] <= said["total"]
    assert 0 < said["overlays"]["heat_map"] <= said["overlays"]["boxes"]
    # In closed drawers nothing is displayed.
    assert not {"reasons", "explanation", "provenance", "all_scores"} & set(said["parts"])
    assert re.search(rb'"displayed":"[0-9a-f]{64}"', bytes(LedgerEntry.objects.get(id=review.entry).body))


def test_without_scripts_the_verdict_works_and_nothing_was_measured(
    browser: Browser, site: str, committed_cast: Any, decision: Decision
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, site, committed_cast.officer)
    page.goto(f"{site}/decisions/{decision.id}/")
    page.check("#overturn", force=True)
    page.check("[name=label][value=building]", force=True)
    page.check("[name=chips][value=shows_else]", force=True)
    page.click("text=Record the verdict")
    review = Review.objects.get(decision=decision)
    assert (review.verdict, review.label, review.displayed) == ("overturn", "building", None)
    assert review.reason == "The copy shows something else."
    assert b'"displayed":null' in bytes(LedgerEntry.objects.get(id=review.entry).body)
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_review(
    browser: Browser, site: str, committed_cast: Any, decision: Decision, width: int, scheme: Any
) -> None:
    stuck = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("stuck.png", recorded.png("pink"))
    )
    run = recorded.run_of(stuck.submissions.get())
    recorded.stop(run, quarantine=True)
    # Only axe itself needs to get past the pages' own rule for scripts.
    context = browser.new_context(
        viewport=ViewportSize(width=width, height=900), color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    enter(page, site, committed_cast.officer)
    one = f"/decisions/{decision.id}/"
    found, passes = [], 0
    for path in (
        one,
        f"{one}correct/",
        "/review/",
        "/review/done/",
        "/quarantine/",
        f"/quarantine/{run.id}/",
    ):
        page.goto(site + path)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        if path == one:
            page.keyboard.press("h")
            page.keyboard.press("o")
            expect(page.locator("#drawer-similar .similar")).to_be_attached()
        page.evaluate(AXE.read_text(encoding="utf-8"))
        answer = page.evaluate("axe.run()")
        passes += len(answer["passes"])
        found += [
            (path, each["id"], each["impact"], each["nodes"][0]["html"])
            for each in answer["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert found == []
    assert passes > 100
    context.close()
