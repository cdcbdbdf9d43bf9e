"""The page of a case as an officer works on it: where things stand on the screen, and what keys do."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from omnigov.decisions.models import Decision
from omnigov.review.models import Review
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov import recorded, recorded_media

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]

BOX = [("FACE", (10, 10, 60, 60))]
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)


@pytest.fixture
def decision(committed_cast: Any) -> Decision:
    """A picture with so much hidden in it that no list of it is short."""
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("many.png", recorded.png("beige"))
    )
    boxes = [
        (
            "PERSON" if place % 2 else "DATE_TIME",
            (40 + place % 7 * 130, 40 + place // 7 * 50, 140 + place % 7 * 130, 64 + place // 7 * 50),
        )
        for place in range(173)
    ]
    return recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (1000, 1400), "white"), boxes=boxes, label="money"
    )


def within(page: Page, selector: str) -> bool:
    """Whether all that there is of it stands in the window."""
    found, size = page.locator(selector).all(), page.viewport_size
    assert found
    assert size is not None
    for each in found:
        box = each.bounding_box()
        assert box is not None
        if box["x"] < 0 or box["y"] < 0:
            return False
        if box["x"] + box["width"] > size["width"] or box["y"] + box["height"] > size["height"]:
            return False
    return True


@pytest.mark.parametrize("scrolled", [0, 600])
def test_the_verdict_is_reached_without_scrolling(
    signed_in: SignIn, site: str, committed_cast: Any, decision: Decision, scrolled: int
) -> None:
    page = signed_in(committed_cast.officer)
    page.set_viewport_size(WIDE)
    page.goto(f"{site}/decisions/{decision.id}/")
    for key in ("u", "Escape", "o"):
        page.keyboard.press(key)
        page.evaluate(f"window.scrollTo(0, {scrolled})")
        for selector in (".rail", "#said", ".your-verdict", "#uphold", "#overturn", "#escalate"):
            assert within(page, selector), selector
        assert within(page, ".your-verdict button[type=submit]")
    assert scrolled or within(page, ".picture")


def test_one_thumb_reaches_the_verdict(
    signed_in: SignIn, site: str, committed_cast: Any, decision: Decision
) -> None:
    page = signed_in(committed_cast.officer)
    page.set_viewport_size(NARROW)
    page.goto(f"{site}/decisions/{decision.id}/")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    choices = page.locator(".verdict-form .choice")
    for scrolled in (0, 900):
        page.evaluate(f"window.scrollTo(0, {scrolled})")
        for place in range(3):
            box = choices.nth(place).bounding_box()
            assert box is not None
            # In the lower half, and as large as a finger.
            assert box["y"] > NARROW["height"] / 2
            assert box["y"] + box["height"] <= NARROW["height"]
            assert min(box["width"], box["height"]) >= 44
    choices.first.click()
    assert within(page, ".your-verdict button[type=submit]")


def test_173_regions_can_be_read(
    signed_in: SignIn, site: str, committed_cast: Any, decision: Decision
) -> None:
    page = signed_in(committed_cast.officer)
    page.goto(f"{site}/decisions/{decision.id}/")
    numbers = page.locator(".box-number")
    assert numbers.count() == 173
    shown = (
        "found => found.filter(each => getComputedStyle(each).visibility === 'visible')"
        ".map(each => each.textContent)"
    )
    assert numbers.evaluate_all(shown) == []
    assert page.locator(".hidden-group").all_inner_texts() == ["Date or time\n87", "Name of a person\n86"]
    page.locator("g[data-box='41']").hover(force=True)
    assert numbers.evaluate_all(shown) == ["41"]


def counted(page: Page) -> list[str]:
    """What the page loads as a document from here on."""
    loads: list[str] = []
    page.on("request", lambda asked: loads.append(asked.url) if asked.is_navigation_request() else None)
    return loads


def cases_of_every_kind(cast: Any, number: int) -> list[Decision]:
    """So many pictures, documents and texts by turns, each of which waits for an officer."""
    made = []
    for place in range(number):
        kind = ("picture", "document", "text")[place % 3]
        if kind == "picture":
            content = recorded.png("teal", (300 + place, 200))
            batch = recorded.batch_of(cast.policy_version, cast.operator, (f"{place:02}.png", content))
            made.append(
                recorded.record(
                    batch.submissions.get(), picture=Image.new("RGB", (300, 200)), boxes=BOX, label="money"
                )
            )
        elif kind == "document":
            pages = [recorded_media.sheet(f"Sheet {place}", "to be read"), recorded_media.sheet("and more")]
            content = recorded_media.pdf_of(pages)[0]
            batch = recorded.batch_of(cast.policy_version, cast.operator, (f"{place:02}.pdf", content))
            copy = recorded_media.document(pages, [("PERSON", 0, (50, 60, 200, 100))], "to be read\fand more")
            seen = (recorded_media.whole(pages[0], 0),)
            made.append(recorded_media.record(batch.submissions.get(), copy, seen=seen, label="money"))
        else:
            words = f"Letter {place} to Anna Smith.\n"
            batch = recorded.batch_of(cast.policy_version, cast.operator, (f"{place:02}.txt", words.encode()))
            copy = recorded_media.text(words, [("Anna Smith", "PERSON")])
            made.append(recorded_media.record(batch.submissions.get(), copy, label="money"))
    return made


@pytest.mark.parametrize("number", [12, pytest.param(50, marks=pytest.mark.timeout(900))])
def test_a_day_s_work_without_a_mouse(signed_in: SignIn, site: str, committed_cast: Any, number: int) -> None:
    cases = cases_of_every_kind(committed_cast, number)
    page = signed_in(committed_cast.officer)
    page.keyboard.press("n")
    expect(page.locator("h1")).to_have_text("00.png")
    for place in range(number):
        loads = counted(page)
        name = page.locator("h1").inner_text()
        if place % 4 == 3:
            page.keyboard.press("2")  # another label, and so another verdict
            page.keyboard.type(f"Not what {name} shows, 1 and u and o.")
        elif place % 4 == 2:
            page.keyboard.press("e")
            page.keyboard.type("Somebody else has to look.")
        else:
            page.keyboard.press("u")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".undo")).to_contain_text(f"Your verdict on “{name}” counts.")
        # One to send it, which leads on to the next one.
        assert len([url for url in loads if "/verdict/" in url]) == 1
        assert len(loads) == 2
    expect(page.locator("main")).to_contain_text("Nothing else waits for you here.")
    given = Review.objects.filter(officer=committed_cast.officer).order_by("created_at")
    assert [each.decision_id for each in given] == [each.id for each in cases]
    verdicts = ["uphold", "uphold", "escalate", "overturn"]
    assert [each.verdict for each in given] == [verdicts[place % 4] for place in range(number)]


def test_the_sheet_of_keys(signed_in: SignIn, site: str, committed_cast: Any, decision: Decision) -> None:
    page = signed_in(committed_cast.officer)
    page.goto(f"{site}/decisions/{decision.id}/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("[name=label]:checked")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("1")
    expect(page.locator("#uphold")).to_be_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.locator("#question")).to_be_focused()
