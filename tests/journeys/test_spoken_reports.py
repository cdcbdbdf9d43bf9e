"""A spoken report with its photograph in a real browser: handed in as one, seen, and corrected."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from omnigov.decisions.models import Run
from omnigov.intake.models import Submission
from tests.journeys.conftest import JOURNEY, SignIn
from tests.journeys.test_recordings import come_true, listened
from tests.omnigov import recorded, recorded_report, recorded_sound

pytestmark = [*JOURNEY, pytest.mark.timeout(900), pytest.mark.usefixtures("asking_beside_a_loop")]

LOOK = os.environ.get("OMNIGOV_LOOK", "")
"""A folder that pictures of the pages are laid in, for who wants to see them."""


def look(page: Page, name: str) -> None:
    for width in (1440, 390) if LOOK else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=str(Path(LOOK) / f"{name}-{width}.png"), full_page=True)


def test_a_recording_and_a_photograph_are_handed_in_as_one_report(
    committed_cast: Any, site: str, signed_in: SignIn, tmp_path: Path
) -> None:
    (tmp_path / "report.wav").write_bytes(recorded_sound.wav())
    (tmp_path / "photo.png").write_bytes(recorded.png())
    page = signed_in(committed_cast.operator)
    page.goto(f"{site}/upload/")
    offered = page.locator("[data-together]")
    page.set_input_files("#id_files", [tmp_path / "photo.png"])
    expect(offered).to_be_hidden()  # a picture alone is no report
    page.set_input_files("#id_files", [tmp_path / "report.wav"])
    expect(offered).to_be_visible()
    page.check("#id_together")
    look(page, "upload")
    page.click("[data-send]")
    page.wait_for_url("**/batches/**", timeout=60_000)
    recording = Submission.objects.get(batch__workspace=committed_cast.workspace, beside=None)
    (picture,) = recording.pictures.all()
    assert (recording.name, recording.with_pictures, picture.name) == ("report.wav", 1, "photo.png")
    expect(page.locator("main")).to_contain_text("Belongs to “report.wav”: they are decided together")


def test_what_is_hidden_in_the_photograph_is_seen_and_corrected(
    committed_cast: Any, site: str, signed_in: SignIn
) -> None:
    decision = recorded_report.record(committed_cast.policy_version, committed_cast.operator)
    page = signed_in(committed_cast.officer)
    assert listened(page, site, decision) == []
    shown = page.locator(".picture-beside")
    expect(shown).to_have_count(1)
    come_true(page, "document.querySelector('.picture-beside img').naturalWidth == 640")
    expect(shown.locator(".boxes [data-box]")).to_have_count(2)
    look(page, "decision")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.click("text=Correct what is hidden in this picture")
    page.wait_for_url("**/pictures/0/correct/")
    look(page, "correct")
    page.set_viewport_size({"width": 1440, "height": 900})
    drawn = page.locator("[data-regions] img")
    box = drawn.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.3, steps=4)
    page.mouse.up()
    page.fill("[name=reason]", "A name on the wall.")
    page.click("text=Record the correction")
    expect(page.locator("#chain")).to_contain_text("This decision was corrected.")
    again = Run.objects.get(parent=decision.run)
    changed = Run.objects.get(submission__beside=again.submission_id, parent__isnull=False)
    assert len(changed.redaction_edits.added) == 1
    assert again.redaction_edits.added == ()
