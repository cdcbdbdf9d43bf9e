"""A policy of one's own in a real browser: examples in, measured, adapted, promoted by a second person."""

from __future__ import annotations

import io
import os
from itertools import product
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from omnigov.decisions.models import Example, Run, RunState
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import policy_publish
from omnigov.review.services import review_add
from omnigov.studio import studies
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov.recorded import checked, png, redact
from tests.omnigov.recorded_examples import decided
from tests.omnigov.studio.test_studies import COLOURS, a_head, measure

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]

LOOKS = os.environ.get("OMNIGOV_LOOKS", "")
"""A folder for pictures of the pages; none: nobody looks at them."""


def look(page: Page, name: str) -> None:
    """No page is wider than a telephone's screen; a picture of each, light and dark, in both languages."""
    for (width, scheme), language in product([(1280, "light"), (390, "dark")], ("en", "ja")):
        if page.locator("html").get_attribute("lang") != language:
            page.locator(f'button[name="language"][value="{language}"]').click()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is too wide"
        if LOOKS:
            page.screenshot(path=str(Path(LOOKS) / f"{name}-{width}-{scheme}-{language}.png"), full_page=True)
    page.locator('button[name="language"][value="en"]').click()
    page.set_viewport_size({"width": 1280, "height": 900})


def redacted_as_a_worker_does(version: PolicyVersion) -> None:
    """Ends what was handed in as examples."""
    for run in Run.objects.filter(policy_version=version, state=RunState.CHECKING).select_related(
        "submission"
    ):
        checked(run.submission)
        run.refresh_from_db()
        redact(run, Image.open(io.BytesIO(CONTENT[run.submission.name])), [])


CONTENT = {f"{colour}.png": png(colour, (320, 240)) for colour in COLOURS}


def test_from_examples_to_a_promoted_model(committed_cast, signed_in: SignIn, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    cast = committed_cast
    spec = cast.policy_version.spec
    spec = spec.model_copy(
        update={
            "question": "Is this product in good order?",
            "labels": (
                spec.labels[0].model_copy(
                    update={"key": "good", "phrase": "good", "name_en": "Good", "name_ja": "良品"}
                ),
                spec.labels[1].model_copy(
                    update={"key": "damaged", "phrase": "damaged", "name_en": "Damaged", "name_ja": "不良品"}
                ),
            ),
        }
    )
    version = policy_publish(
        workspace=cast.workspace,
        slug="product",
        name_en="Product photograph",
        name_ja="製品写真",
        spec=spec,
        by=cast.steward,
    )
    unmeasured = decided(version, cast.operator, "good")
    for name, content in CONTENT.items():
        (tmp_path / name).write_bytes(content)
    page = signed_in(cast.steward)
    page.goto(
        page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + f"/policies/product/{version.number}/"
    )
    expect(page.get_by_text("every decision of it waits for a person")).to_be_visible()
    look(page, "version")
    page.get_by_role("link", name="Examples").click()
    expect(page.get_by_text("Measuring takes at least 10 examples")).to_be_visible()
    for key, colours in (("good", COLOURS[:5]), ("damaged", COLOURS[5:])):
        with page.expect_navigation():
            page.set_input_files(f"#files-{key}", [tmp_path / f"{colour}.png" for colour in colours])
    expect(page.locator("#arriving")).to_contain_text("10 files are being redacted")
    redacted_as_a_worker_does(version)
    expect(page.locator("ul.examples li")).to_have_count(10, timeout=15_000)
    look(page, "examples")

    first = page.locator("ul.examples li").first.get_by_role("button", name="Take out")
    gone = page.locator("ul.examples li .name").first.inner_text()
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("ul.examples li")).to_have_count(9)
    assert Example.objects.filter(policy=version.policy, removed_at__isnull=True).count() == 9
    with page.expect_navigation():  # the same file once more is the same medium, and an example again
        page.set_input_files("#files-good", [tmp_path / gone])
    redacted_as_a_worker_does(version)
    expect(page.locator("ul.examples li")).to_have_count(10, timeout=15_000)

    page.click("#ask-evaluate")
    expect(page.locator("#study")).to_contain_text("Waits for a worker")
    held = studies.study_claim({version.model_version.digest})
    assert held is not None
    studies.study_goes_on(held, step="features", progress=400_000)
    expect(page.locator("#study")).to_contain_text("The model is being measured", timeout=15_000)
    look(page, "measuring")
    measure(version, held)
    expect(page.locator("#study")).to_contain_text("87 % of 30 examples right", timeout=15_000)
    page.get_by_role("link", name="See what was measured").click()
    expect(page.get_by_role("heading", name="What was taken for what")).to_be_visible()
    look(page, "measured")

    page.get_by_role("link", name="Examples").click()
    page.click("#ask-adapt")
    held = studies.study_claim({version.model_version.digest})
    assert held is not None
    content, card = a_head(version)
    studies.study_adapted(held, content, card, studies.usable(version).examples)
    page.get_by_role("link", name="See the adapted model").click(timeout=15_000)
    page.fill("#reason", "It knows our product.")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("a second person has to decide")).to_be_visible()
    look(page, "proposed")
    second = signed_in(cast.second_officer)
    site = second.url.split("/review")[0]
    second.goto(f"{site}/decisions/{unmeasured.pk}/")
    expect(second.get_by_text("Not measured").first).to_be_visible()
    expect(second.get_by_text("was never measured, so a person looks")).to_be_visible()
    look(second, "decision")
    review_add(decision_id=unmeasured.pk, officer=cast.officer, verdict="uphold", reason="It is whole.")
    second.reload()
    second.click("#make-example")
    expect(second.get_by_text("It is an example of this policy from here on.")).to_be_visible()
    look(second, "decision-example")
    second.goto(f"{site}/batches/{unmeasured.run.submission.batch_id}/")
    look(second, "batch")
    second.goto(page.url)
    second.get_by_role("button", name="Promote").click()
    expect(second.get_by_text("version 2").first).to_be_visible()
    look(second, "promoted")
    assert version.policy.versions.first().model_version.base == version.model_version
    kinds = set(LedgerEntry.objects.filter(subject=version.policy_id).values_list("kind", flat=True))
    assert {"evaluated", "adapted", "promotion_proposed", "promoted", "policy_published"} <= kinds
