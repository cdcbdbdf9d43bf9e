"""The page of a case as an officer works on it: where things stand on the screen, and what keys do."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, ViewportSize

from omnigov.decisions.models import Decision
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov import recorded

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]

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
    """Whether all of it stands in the window."""
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    return (
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= size["width"]
        and box["y"] + box["height"] <= size["height"]
    )


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
