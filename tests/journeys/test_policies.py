"""A steward changes a policy in a real browser: what is hidden, and a form that is drawn."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from omnigov.contracts import Area
from omnigov.decisions.models import Run
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.policies.models import PolicyVersion
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov.studio.test_samples import FIELD, as_file, form
from tests.processes import SAMPLES, until, working

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]


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


def scribbled(boxes: list[Area]) -> bytes:
    """The sample form, filled in by hand in a way that nobody reads."""
    page = Image.open(SAMPLES / "form.png").convert("RGB")
    pen = ImageDraw.Draw(page)
    for box in boxes:
        middle = (box.top + box.bottom) // 2
        pen.rectangle((box.left + 6, box.top + 4, box.right - 6, box.bottom - 4), fill="white")
        wave = [(x, middle + (9 if x // 7 % 2 else -9)) for x in range(box.left + 20, box.left + 300, 7)]
        pen.line(wave, fill=(30, 40, 140), width=3)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


LOOKED_AT = 240_000
"""Milliseconds that a worker may take to start and to look at a sample; the page asks again by itself."""


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
    expect(page.locator(".form-picture img")).to_be_visible(timeout=LOOKED_AT)


def test_a_form_is_drawn_looked_at_and_published(
    committed_cast: Any, site: str, signed_in: SignIn, blank: Path
) -> None:
    page = signed_in(committed_cast.steward)
    with working("cpu"):
        draw_a_form(page, site, blank)
    kept = page.locator(".form-picture img")
    expect(kept).to_have_js_property("naturalWidth", 1000)
    page.click("text=Back to the form")
    expect(page.locator(".regions-list input").nth(1)).to_have_value("Card")
    page.click("text=Show what is kept")
    page.check("#id_looked", timeout=LOOKED_AT)
    page.fill("#id_reason", "Library cards come from now on.")
    page.click("text=Publish version 2")
    expect(page.locator("[role=status] .notice")).to_contain_text("The new version is published")
    shown = page.locator(".form-picture img")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("naturalWidth", 1000)
    (template,) = newest(committed_cast).spec.redaction.templates
    name, card = template.fields
    assert (name.name, name.kind, card.name, card.kind) == ("Name", "PERSON", "Card", "FORM_FIELD")
    for side in ("left", "top", "right", "bottom"):
        assert abs(getattr(name.place, side) - getattr(FIELD, side)) <= 3
    assert card.place.right - card.place.left > 1000 // 6


@pytest.mark.timeout(600)
def test_a_drawn_form_hides_its_fields_by_place(
    committed_cast: Any, site: str, signed_in: SignIn, tmp_path: Path
) -> None:
    rows = json.loads((SAMPLES / "form.json").read_text(encoding="utf-8"))[:3]
    boxes = [Area(left=315, top=row["box"][1] - 8, right=935, bottom=row["box"][3] + 8) for row in rows]
    page = signed_in(committed_cast.steward)
    page.set_viewport_size({"width": 1440, "height": 1200})
    page.goto(f"{site}/policies/what-is-shown/1/templates/new/")
    page.set_input_files("#id_picture", SAMPLES / "form.png")
    page.click("text=Go on to the fields")
    page.fill("#id_name", "Warranty card")
    for place, box in enumerate(boxes):
        draw(page, box)
        page.locator(".regions-list input").nth(place).fill(f"Row {place + 1}")
    page.click("text=Show what is kept")
    with working("cpu"):
        page.check("#id_looked", timeout=LOOKED_AT)
    page.fill("#id_reason", "Warranty cards come from now on.")
    page.click("text=Publish version 2")
    filled = tmp_path / "filled.png"
    filled.write_bytes(scribbled(boxes))
    with working() as worker:
        page.goto(f"{site}/upload/")
        page.set_input_files("#id_files", filled)
        page.click("[data-send]")
        page.wait_for_url("**/batches/**", timeout=60_000)
        run = Run.objects.get(workspace=committed_cast.workspace)
        assert run.policy_version.number == 2
        until(lambda: Run.objects.get(pk=run.pk).ended, within=300, worker=worker, every=0.5)
    run.refresh_from_db()
    assert run.state == "recorded", run.failure_sentence
    assert run.redaction_result
    by_place = [each for each in run.redaction_result.findings if each.detector == "form_template"]
    assert {each.kind for each in by_place} == {"FORM_FIELD"}
    copy = Image.open(io.BytesIO(evidence.content(run.id, Name.REDACTED))).convert("L")
    for box in boxes:
        inside = copy.crop((box.left, box.top, box.right, box.bottom))
        assert inside.getextrema()[1] < 40  # type: ignore[operator]
    page.goto(f"{site}/decisions/{run.decision.id}/")
    fields = page.locator(".hidden-group", has_text="Field of a form")
    expect(fields).to_contain_text("form_template")


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
