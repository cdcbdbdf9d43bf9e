"""What a person hides, in a real browser with a real worker: by mouse, by keyboard, and out of quarantine."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from omnigov.contracts import Area, RedactionProfile
from omnigov.decisions import comparison as decisions
from omnigov.decisions.models import Run
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.ledger.check import CheckReport
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.services import policy_publish
from omnigov.review import comparison as reviews
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov import recorded
from tests.processes import SAMPLES, until, working

PATIENCE = 240_000

pytestmark = [*JOURNEY, pytest.mark.timeout(600), pytest.mark.usefixtures("asking_beside_a_loop")]

CAT = (SAMPLES / "cat.jpg").read_bytes()


def ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.ended


def draw(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    """Drags from corner to corner; shares of the picture."""
    page.locator(".regions-surface").scroll_into_view_if_needed()
    frame = page.locator(".regions-surface").bounding_box()
    assert frame
    x, y = frame["x"], frame["y"]
    page.mouse.move(x + left * frame["width"], y + top * frame["height"])
    page.mouse.down()
    page.mouse.move(x + right * frame["width"], y + bottom * frame["height"], steps=4)
    page.mouse.up()


def black(run: Run, box: Area) -> bool:
    """Whether the box is hidden in the run's copy; JPEG leaves black a little off."""
    picture = np.asarray(Image.open(io.BytesIO(evidence.content(run.id, Name.REDACTED))).convert("RGB"))
    return bool((picture[box.top : box.bottom, box.left : box.right].max(axis=2) < 24).mean() > 0.98)


def problems(*runs: Run) -> list[str]:
    report = CheckReport(started_at=datetime.now(UTC))
    decisions.compare(report)
    reviews.compare(report)
    return [each.detail for each in report.problems if any(str(run.pk) in each.detail for run in runs)]


def test_regions_by_mouse_and_by_keyboard_make_a_new_decision(
    committed_cast: Any, site: str, signed_in: SignIn
) -> None:
    with working() as worker:
        batch = recorded.batch_of(committed_cast.policy_version, committed_cast.operator, ("cat.jpg", CAT))
        run = batch.submissions.get().runs.get()
        until(lambda: ended(run), within=240, worker=worker)
        page = signed_in(committed_cast.officer)
        page.goto(f"{site}/decisions/{run.decision.id}/")
        page.keyboard.press("c")
        expect(page.locator("h1")).to_have_text("Is anything personal left to be seen?")
        draw(page, 0.05, 0.05, 0.3, 0.2)
        page.select_option(".regions-list select", "LICENCE_PLATE")
        page.locator(".regions-surface").focus()
        page.keyboard.press("Enter")
        for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowDown", "a", "Delete", "a", "Control+z"):
            page.keyboard.press(key)
        expect(page.locator(".regions-list li")).to_have_count(2)
        page.fill("[name=reason]", "The plate and the badge were left out.")
        page.click("text=Record the correction")
        expect(page.locator("#chain")).to_contain_text("This decision was corrected.")
        page.click("text=Go to the decision in its place", timeout=PATIENCE)
        expect(page.locator("#chain")).to_contain_text("A person corrected what is hidden.")
        expect(page.locator("main")).to_contain_text("Licence plate")
    new = Run.objects.get(parent=run)
    added = new.redaction_edits.added
    assert [region.kind for region in added] == ["LICENCE_PLATE", "BY_HAND"]
    assert all(black(new, region.area) for region in added)
    assert not any(black(run, region.area) for region in added)
    assert problems(run, new) == []


def test_a_file_is_redacted_by_hand_out_of_quarantine(
    committed_cast: Any, site: str, signed_in: SignIn
) -> None:
    ever = committed_cast.policy_version
    unheard_of = RedactionProfile(entities=(*ever.spec.redaction.entities, "SHOE_SIZE"))
    version = policy_publish(
        workspace=committed_cast.workspace,
        slug="shoes",
        name_en="Shoes",
        name_ja="靴",
        spec=ever.spec.model_copy(update={"redaction": unheard_of}),
        by=None,
    )
    with working() as worker:
        batch = recorded.batch_of(version, committed_cast.operator, ("cat.jpg", CAT))
        run = batch.submissions.get().runs.get()
        until(lambda: ended(run), within=240, worker=worker)
        assert (run.state, run.failure_code, run.inference) == ("quarantined", "unknown_kind", None)
        page = signed_in(committed_cast.officer)
        page.goto(f"{site}/quarantine/")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("which no detector finds")
        page.fill("[name=open_reason]", "To redact it by hand.")
        page.click("button:has-text('Open the original')")
        draw(page, 0.1, 0.1, 0.4, 0.3)
        page.check("#by_hand", force=True)
        page.fill("[name=reason]", "Only the tag shows a name.")
        page.click("button:has-text('Let it out of quarantine')")
        expect(page.locator("#progress")).to_contain_text("Recorded", timeout=PATIENCE)
        page.click('#progress a[href*="/decisions/"]')
        expect(page.locator(".case-head")).to_contain_text("Redacted by hand by an officer")
        expect(page.locator("#chain")).to_contain_text("something that no detector finds")
    new = Run.objects.get(parent=run)
    (region,) = new.redaction_edits.added
    assert black(new, region.area)
    result = new.redaction_result
    assert result is not None
    assert (result.by_hand, [each.code for each in result.shortfalls]) == (True, ["unknown_kind"])
    kinds = LedgerEntry.objects.filter(subject__in=[run.pk, new.pk]).order_by("seq")
    assert list(kinds.values_list("kind", flat=True)) == [
        "run_queued",
        "quarantine",
        "quarantine_released",
        "run_step",
        "run_step",
        "decision",
    ]
    run.refresh_from_db()
    assert (run.state, run.inference) == ("quarantined", None)
    assert problems(run, new) == []
