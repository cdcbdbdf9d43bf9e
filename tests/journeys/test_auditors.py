"""An auditor's day in a real browser: the trail, what was live, a sample with its sheet, an export."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from omnigov.accounts.engagements import engagement_begin
from omnigov.review.services import review_add
from tests.conftest import Cast
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov import recorded

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]
PICTURES = os.environ.get("OMNIGOV_TEST_PICTURES")
"""A folder to keep a picture of each page in, wide and narrow, light and dark."""


def seen(page: Page, name: str) -> None:
    """The page fits its screen; where pictures are asked for, they are kept."""
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_an_auditor_s_day(committed_cast: Cast, site: str, signed_in: SignIn) -> None:
    cast: Any = committed_cast
    files = [(f"{colour}.png", recorded.png(colour)) for colour in ("red", "teal", "olive")]
    batch = recorded.batch_of(cast.policy_version, cast.operator, *files)
    for submission in batch.submissions.all():
        decision = recorded.record(submission, picture=Image.new("RGB", (64, 48)), label="money")
        review_add(decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="It is right.")
    page = signed_in(cast.auditor)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)

    page.goto(f"{site}/ledger/trail/")
    expect(page.locator("tbody")).to_contain_text(f"{cast.officer.username} upheld the decision: Money.")
    seen(page, "trail")
    page.get_by_role("link", name=re.compile("everything about it ?: red.png")).first.click()
    expect(page.locator("tbody")).to_contain_text("The model decided: Money.")
    expect(page.locator("tbody")).not_to_contain_text("teal.png")
    seen(page, "trail-of-a-file")

    page.goto(f"{site}/ledger/live/")
    expect(page.locator("main")).to_contain_text(cast.officer.username)
    seen(page, "live")

    page.goto(f"{site}/ledger/samples/")
    seen(page, "samples-empty")
    page.select_option("#id_kind", "decision")
    page.fill("#id_size", "2")
    page.get_by_role("button", name="Draw a sample").click()
    expect(page.locator("h1")).to_contain_text("2 of")
    page.locator("select[name=mark-1]").select_option("finding")
    page.fill("textarea[name=finding-1]", "A face is left in the mirror.")
    page.get_by_role("button", name="Keep the sheet").click()
    expect(page.get_by_role("status")).to_contain_text("on the record")
    page.locator("summary").click()
    seen(page, "sample")
    page.goto(f"{site}/ledger/samples/")
    seen(page, "samples")

    page.goto(f"{site}/export/")
    page.get_by_role("button", name="Copy the commands").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert "omnigov_verify.py" in page.evaluate("navigator.clipboard.readText()")
    seen(page, "export")


def test_an_external_auditor_s_account(committed_cast: Cast, site: str, signed_in: SignIn) -> None:
    cast: Any = committed_cast
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png("teal")))
    recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")
    now = datetime.now(UTC)
    one = engagement_begin(
        workspace=cast.workspace,
        username=f"outside-{cast.workspace.slug}",
        password="a good password",
        since=now - timedelta(hours=1),
        until=now + timedelta(hours=1),
        batches=[batch.id],
        policies=[],
        by=cast.steward,
    )
    steward = signed_in(cast.steward)
    steward.goto(f"{site}/ledger/engagements/")
    expect(steward.locator("tbody")).to_contain_text("Running")
    steward.locator("summary").click()
    seen(steward, "engagements")
    page = signed_in(one.person)
    expect(page.locator("main")).to_contain_text("You are engaged until")
    expect(page.get_by_role("link", name="Policies")).to_have_count(0)
    seen(page, "engaged")
    steward.get_by_role("button", name="End it now").click()
    assert page.goto(f"{site}/ledger/").status == 403  # type: ignore[union-attr]
