"""A steward changes a policy in a real browser: what is hidden, and a form that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from omnigov.policies.models import PolicyVersion
from tests.journeys.conftest import CHROMIUM
from tests.omnigov.policies.test_samples import FIELD, as_file, form

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.services,
    pytest.mark.skipif(CHROMIUM is None, reason="no browser; get it: apt-get install chromium"),
    pytest.mark.usefixtures("asking_beside_a_loop"),
]

SignIn = Callable[[object], Page]


@pytest.fixture
def asking_beside_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    file = tmp_path / "form.png"
    file.write_bytes(as_file(form()))
    return file


def draw(page: Page, box: Any) -> None:
    """Drags over a box that is given in pixels of the sample."""
    surface = page.locator(".regions-surface")
    surface.scroll_into_view_if_needed()
    place = surface.bounding_box()
    assert place
    scale = place["width"] / 1000
    page.mouse.move(place["x"] + box.left * scale, place["y"] + box.top * scale)
    page.mouse.down()
    page.mouse.move(place["x"] + box.right * scale, place["y"] + box.bottom * scale, steps=4)
    page.mouse.up()


def newest(cast: Any) -> PolicyVersion:
    return PolicyVersion.objects.filter(policy__workspace=cast.workspace).latest("number")


def draw_a_form(page: Page, site: str, blank: Path) -> None:
    """A form with one field drawn by mouse and one by keyboard, looked at and published."""
    page.goto(f"{site}/policies/what-is-shown/1/")
    page.click("text=Add a form")
    page.set_input_files("#id_picture", blank)
    page.click("text=Go on to the fields")
    page.fill("#id_name", "Library card")
    draw(page, FIELD)
    page.locator(".regions-list input").first.fill("Name")
    page.locator(".regions-list select").first.select_option("PERSON")
    page.locator(".regions-surface").focus()
    page.keyboard.press("a")
    for _ in range(6):
        page.keyboard.press("Shift+ArrowRight")
    page.locator(".regions-list input").nth(1).fill("Card")
    page.click("text=Show what is kept")
    expect(page.locator(".form-picture img")).to_be_visible()


def test_a_form_is_drawn_looked_at_and_published(
    committed_cast: Any, site: str, signed_in: SignIn, blank: Path
) -> None:
    page = signed_in(committed_cast.steward)
    draw_a_form(page, site, blank)
    kept = page.locator(".form-picture img")
    assert kept.evaluate("image => image.complete && image.naturalWidth") == 1000
    page.click("text=Back to the form")
    expect(page.locator(".regions-list input").nth(1)).to_have_value("Card")
    page.click("text=Show what is kept")
    page.check("#id_looked")
    page.fill("#id_reason", "Library cards come from now on.")
    page.click("text=Publish version 2")
    expect(page.locator("[role=status] .notice")).to_contain_text("The new version is published")
    shown = page.locator(".form-picture img")
    assert shown.evaluate("image => image.complete && image.naturalWidth") == 1000
    (template,) = newest(committed_cast).spec.redaction.templates
    name, card = template.fields
    assert (name.name, name.kind, card.name, card.kind) == ("Name", "PERSON", "Card", "FORM_FIELD")
    for side in ("left", "top", "right", "bottom"):
        assert abs(getattr(name.box, side) - getattr(FIELD, side)) <= 3
    assert card.box.right - card.box.left > 1000 // 6


def test_less_is_hidden_only_after_a_warning(committed_cast: Any, site: str, signed_in: SignIn) -> None:
    page = signed_in(committed_cast.steward)
    page.goto(f"{site}/policies/what-is-shown/1/")
    page.click("text=Change what is hidden")
    expect(page.locator(".when-off")).to_be_hidden()
    expect(page.locator(".when-weak")).to_be_hidden()
    page.uncheck("#id_second_look")
    page.check("[name=fill][value=blur]")
    expect(page.locator(".when-off")).to_be_visible()
    page.check("#id_weak_fill_known")
    page.click("text=Show what differs")
    expect(page.locator("tr.weaker")).to_have_count(2)
    page.fill("#id_reason", "A test of weak settings.")
    page.click("text=Publish version 2")
    assert newest(committed_cast).number == 1  # the browser itself asks for the confirmation
    page.check("#id_sure")
    page.click("text=Publish version 2")
    expect(page.locator("[role=status] .notice")).to_contain_text("The new version is published")
    redaction = newest(committed_cast).spec.redaction
    assert (redaction.second_look, redaction.fill) == (False, "blur")
