"""Regions over a picture in a real browser: what is fixed, grips, keys, undo, touch, and their JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from omnigov.decisions.models import Run
from tests.journeys.conftest import JOURNEY, PASSWORD, SignIn
from tests.omnigov import recorded

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]

BOXES = [("FACE", (100, 100, 200, 200)), ("PERSON", (300, 100, 500, 140))]


@pytest.fixture
def correcting(committed_cast: Any, site: str) -> tuple[str, Run]:
    """The page on which a decision's regions are corrected. The picture has 640 × 480 pixels."""
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("a.png", recorded.png("teal"))
    )
    decision = recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (640, 480), "teal"), boxes=BOXES
    )
    return f"{site}/decisions/{decision.id}/correct/", decision.run


def value(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page.locator("textarea[name=regions]").input_value())
    return found


def box(page: Page, place: int = -1) -> list[int]:
    return [value(page)[place]["place"][side] for side in ("left", "top", "right", "bottom")]


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """A point of the picture, on the screen."""
    frame = page.locator(".regions-surface").bounding_box()
    assert frame
    return frame["x"] + x * frame["width"] / 640, frame["y"] + y * frame["height"] / 480


def drag(page: Page, *points: tuple[float, float]) -> None:
    (first, *rest) = [at(page, *point) for point in points]
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def near(found: list[int], expected: list[int]) -> bool:
    return all(abs(one - other) <= 2 for one, other in zip(found, expected, strict=True))


def test_found_regions_stay_until_the_original_is_open(
    committed_cast: Any, correcting: tuple[str, Run], signed_in: SignIn
) -> None:
    url, run = correcting
    page = signed_in(committed_cast.officer)
    page.goto(url)
    live = page.locator(".regions > [role=status]")
    page.locator(".region").first.focus()
    for key in ("Delete", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
        expect(live).to_contain_text("stays here")
    expect(page.locator(".regions-list li.is-found button").first).to_be_hidden()
    assert [each["removed"] for each in value(page)] == [False, False]
    # Over one that stays a drag draws a new one.
    drag(page, (110, 110), (160, 160))
    assert near(box(page), [110, 110, 160, 160])
    page.fill("[name=open_reason]", "Is that a face?")
    page.click("button:has-text('Open the original')")
    expect(page.locator(".regions-list li")).to_have_count(3)
    assert near(box(page), [110, 110, 160, 160])
    page.locator(".region").first.focus()
    page.keyboard.press("Delete")
    expect(live).to_contain_text("taken away")
    drag(page, (400, 120), (400, 220))
    assert [each["removed"] for each in value(page)] == [True, False, False]
    assert near(box(page, 1), [300, 200, 500, 240])
    page.fill("[name=reason]", "No face, and the name stands lower.")
    page.click("text=Record the correction")
    expect(page.locator("#chain")).to_contain_text("2 added, 2 taken away")
    edits = Run.objects.get(parent=run).redaction_edits
    assert sorted(region.kind for region in edits.removed) == ["FACE", "PERSON"]


def test_by_mouse_it_is_drawn_moved_and_resized(
    committed_cast: Any, correcting: tuple[str, Run], signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    page.set_viewport_size({"width": 1280, "height": 1200})
    page.goto(correcting[0])
    drag(page, (20, 300), (120, 360))
    assert near(box(page), [20, 300, 120, 360])
    drag(page, (70, 330), (90, 350))
    assert near(box(page), [40, 320, 140, 380])
    drag(page, (140, 380), (200, 400))
    assert near(box(page), [40, 320, 200, 400])
    drag(page, (40, 320), (250, 330))  # no corner passes the one across from it
    assert near(box(page), [199, 330, 200, 400])
    drag(page, (600, 460), (900, 700))  # nor does anything leave the picture
    assert box(page)[2:] == [640, 480]
    for count in (4, 3, 3, 3, 3):
        assert len(value(page)) == count
        page.click("[data-do=undo]")
    expect(page.locator("[data-do=undo]")).to_be_disabled()
    page.mouse.click(*at(page, 600, 300))
    assert len(value(page)) == 2


def test_by_keyboard_alone(committed_cast: Any, correcting: tuple[str, Run], signed_in: SignIn) -> None:
    page = signed_in(committed_cast.officer)
    page.goto(correcting[0])
    page.locator("[data-do=whole-size]").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".regions-surface")).to_be_focused()
    page.keyboard.press("Enter")
    live = page.locator(".regions > [role=status]")
    expect(live).to_have_text("Region 3 is added.")
    before = box(page)
    page.keyboard.press("Control+ArrowLeft")
    page.keyboard.press("Control+ArrowDown")
    assert box(page) == [before[0] - 1, before[1] + 1, before[2] - 1, before[3] + 1]
    page.keyboard.press("Control+Shift+ArrowRight")
    assert box(page)[2] == before[2]
    page.keyboard.press("Control+z")  # one press for each kind of change
    assert box(page)[2] == before[2] - 1
    page.keyboard.press("Control+z")
    assert box(page) == before
    page.keyboard.press("Enter")
    expect(page.locator(".regions-list select")).to_be_focused()
    page.keyboard.press("c")  # a choice by its first letter is no shortcut
    page.locator(".region").nth(2).focus()
    page.keyboard.press("Delete")
    assert len(value(page)) == 2
    expect(page.locator(".region").nth(1)).to_be_focused()


def test_the_original_is_covered_when_its_time_is_over(
    committed_cast: Any, correcting: tuple[str, Run], signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    page.clock.install()
    page.set_viewport_size({"width": 1280, "height": 1200})
    page.goto(correcting[0])
    page.fill("[name=open_reason]", "Is that a face?")
    page.click("button:has-text('Open the original')")
    drag(page, (20, 300), (120, 360))
    page.clock.fast_forward(299_000)
    expect(page.locator(".covered")).to_have_count(0)
    page.clock.fast_forward(2_000)
    expect(page.locator(".covered img")).to_be_hidden()
    assert page.locator(".covered img").get_attribute("src") == ""
    expect(page.locator(".covered")).to_contain_text("The time is over")
    assert len(value(page)) == 3


def test_the_json_can_be_edited_and_says_what_is_wrong(
    committed_cast: Any, correcting: tuple[str, Run], signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    page.goto(correcting[0])
    page.click("summary")
    field = page.locator("textarea[name=regions]")
    more = {
        "id": "n1",
        "place": {"place": "area", "part": 0, "left": 5, "top": 5, "right": 50, "bottom": 50},
        "origin": "drawn",
    }
    field.fill(json.dumps([*value(page), more]))
    field.blur()
    expect(page.locator(".regions-list li")).to_have_count(3)
    field.fill("[{")
    field.blur()
    expect(page.locator(".regions > [role=status]")).to_contain_text("can't be read")


def test_a_finger_draws_on_a_narrow_screen(
    committed_cast: Any, correcting: tuple[str, Run], browser: Browser, site: str
) -> None:
    page = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ).new_page()
    page.goto(f"{site}/sign-in/")
    page.fill("#id_username", committed_cast.officer.username)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(correcting[0])
    page.locator(".regions-surface").scroll_into_view_if_needed()

    def swipe() -> None:
        session = page.context.new_cdp_session(page)
        points = [at(page, x, 300) for x in (50, 120, 200)]
        for kind, (x, y) in zip(("touchStart", "touchMove", "touchMove"), points, strict=True):
            y += 40 if kind != "touchStart" else 0
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe()
    expect(page.locator(".regions-list li")).to_have_count(3)
    assert near(box(page)[:1] + box(page)[2:3], [50, 200])
    page.click("[data-do=undo]")
    page.click("[data-do=touch]")
    expect(page.locator("[data-do=touch]")).to_have_attribute("aria-pressed", "false")
    swipe()
    expect(page.locator(".regions-list li")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
