"""A document and a text in a real browser: looked at, corrected by hand, decided by a real worker, erased."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from omnigov.contracts import Area, Pages, Span
from omnigov.decisions.models import Decision, Run
from omnigov.evidence.queries import anything_of
from omnigov.policies.queries import current_version
from omnigov.policies.services import policy_publish
from tests.journeys.conftest import JOURNEY, SignIn
from tests.journeys.test_corrections import draw, ended
from tests.omnigov import recorded, recorded_media
from tests.processes import SAMPLES, until, working

PATIENCE = 600_000

pytestmark = [*JOURNEY, pytest.mark.timeout(1800), pytest.mark.usefixtures("asking_beside_a_loop")]

SHEETS = [recorded_media.sheet(f"Page {number}", "Name:") for number in (1, 2, 3)]
READ = "Page 1\nName: [PERSON_1]\fPage 2\fPage 3"
CHAT = "Hello 😀, this is Maria Stone.\r\nCall 020 7946 0000.\r\nAsk for Tom or Ann.\r\n"
VALUES = [("Maria Stone", "PERSON"), ("020 7946 0000", "PHONE_NUMBER")]


def handed_in(cast: Any, name: str, content: bytes) -> Any:
    return recorded.batch_of(cast.policy_version, cast.operator, (name, content)).submissions.get()


def regions(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page.locator("textarea[name=regions]").input_value())
    return found


def marked(page: Page) -> list[str]:
    """What the drawn spans hide in the original."""
    places = [each["place"] for each in regions(page) if each["origin"] == "drawn"]
    return [CHAT[place["start"] : place["end"]] for place in places]


def test_from_page_to_page_by_keyboard(committed_cast: Any, site: str, signed_in: SignIn) -> None:
    seen = (recorded_media.whole(SHEETS[0], 0), recorded_media.whole(SHEETS[1], 1), Span(start=0, end=20))
    copy = recorded_media.document(SHEETS, [("PERSON", 1, (150, 110, 300, 150))], READ)
    submission = handed_in(committed_cast, "form.pdf", recorded_media.pdf_of(SHEETS)[0])
    decision = recorded_media.record(submission, copy, seen=seen, words=READ)
    page = signed_in(committed_cast.officer)
    page.goto(f"{site}/decisions/{decision.id}/")
    sheet = page.locator(".sheet > img").first
    expect(sheet).to_have_attribute("src", f"/decisions/{decision.id}/pages/0/redacted/")
    page.keyboard.press("j")
    expect(sheet).to_have_attribute("src", f"/decisions/{decision.id}/pages/1/redacted/")
    assert page.evaluate("document.querySelector('.sheet > img').decode().then(() => true)")
    assert page.url.endswith("?part=2")
    page.locator("[data-finding]").focus()
    expect(page.locator('[data-box="1"]')).to_have_class("pointed")
    page.keyboard.press("h")
    expect(page.locator(".sheet .heat")).to_be_visible()
    wide = page.locator(".sheet").bounding_box()
    page.keyboard.press("z")
    twice = page.locator(".sheet").bounding_box()
    assert wide
    assert twice
    assert abs(twice["width"] - 2 * wide["width"]) < 3
    page.keyboard.press("j")
    expect(page.locator(".sheet .heat")).to_have_count(0)
    expect(page.locator("#part-next")).to_have_count(0)
    page.click("#thumbnail-1")
    expect(page.locator(".transcript .gap-kind")).to_have_text("Name of a person")
    page.reload()
    expect(sheet).to_have_attribute("src", f"/decisions/{decision.id}/pages/0/redacted/")


@pytest.fixture
def text(committed_cast: Any) -> Decision:
    submission = handed_in(committed_cast, "chat.txt", CHAT.encode())
    return recorded_media.record(submission, recorded_media.text(CHAT, VALUES))


def test_spans_by_keyboard_and_by_mouse(
    committed_cast: Any, text: Decision, site: str, signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    page.goto(f"{site}/decisions/{text.id}/correct/")
    field, live = page.locator(".spans-text"), page.locator(".spans > [role=status]")
    expect(page.locator(".span-mark")).to_have_count(2)
    field.focus()
    page.keyboard.press("h")
    expect(live).to_contain_text("Nothing is selected")
    page.keyboard.press("x")
    assert "[PERSON_1]" in field.input_value()
    assert "x" not in field.input_value()
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowUp")
    for _ in range(len("Ask for ")):
        page.keyboard.press("ArrowRight")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("h")
    assert marked(page) == ["Tom"]
    select(page, "Ann")
    page.click("[data-do=hide]")
    assert marked(page) == ["Tom", "Ann"]
    select(page, "[PERSON_1]")
    page.keyboard.press("Enter")
    expect(live).to_contain_text("hidden already")
    select(page, "is [PER")  # into the middle of what is hidden: all of that
    page.keyboard.press("Enter")
    assert marked(page)[2] == "is Maria Stone"
    page.keyboard.press("Control+z")
    assert marked(page) == ["Tom", "Ann"]
    expect(page.locator(".regions-list li.is-found [data-take]").first).to_be_hidden()
    page.locator(".regions-list li.is-drawn").last.locator("[data-take]").click()
    assert marked(page) == ["Tom"]
    page.select_option(".regions-list select", "PERSON")
    page.fill("[name=open_reason]", "Is that a name?")
    page.click("button:has-text('Open the original')")
    assert marked(page) == ["Tom"]
    page.fill("[name=reason]", "Tom is a person.")
    page.click("text=Record the correction")
    expect(page.locator("#chain")).to_contain_text("1 added, 0 taken away")
    (region,) = Run.objects.get(parent=text.run).redaction_edits.added
    assert isinstance(region.place, Span)
    assert (CHAT[region.place.start : region.place.end], region.kind) == ("Tom", "PERSON")


def select(page: Page, words: str) -> None:
    """As a mouse would: what is selected in the field is what a drag leaves."""
    page.evaluate(
        """(words) => {
            const field = document.querySelector(".spans-text");
            const at = field.value.indexOf(words);
            field.focus();
            field.setSelectionRange(at, at + words.length);
        }""",
        words,
    )


def test_a_pdf_and_a_text_go_all_the_way(committed_cast: Any, site: str, signed_in: SignIn) -> None:
    small = current_version(committed_cast.workspace, "what-is-this-document").spec.model_copy(
        update={"pages": Pages(most=1), "text_tokens": 24, "attribution_steps": 2, "reasons_max_tokens": 4}
    )
    names = {"slug": "documents", "name_en": "Documents", "name_ja": "文書"}
    policy_publish(workspace=committed_cast.workspace, spec=small, **names)
    with working() as worker:
        operator = signed_in(committed_cast.operator)
        operator.goto(f"{site}/upload/")
        operator.select_option("#id_policy", "documents")
        operator.set_input_files("#id_files", [SAMPLES / "application.pdf", SAMPLES / "chat.txt"])
        operator.click("[data-send]")
        operator.wait_for_url("**/batches/**", timeout=PATIENCE)
        runs = {run.submission.name: run for run in Run.objects.filter(workspace=committed_cast.workspace)}
        for run in runs.values():
            until(lambda run=run: ended(run), within=600, worker=worker)  # type: ignore[misc]
        assert {run.state for run in runs.values()} == {"recorded"}
        page = signed_in(committed_cast.officer)
        corrected_page(page, site, runs["application.pdf"])
        corrected_span(page, site, runs["chat.txt"])
        for run in runs.values():
            child = Run.objects.get(parent=run)
            until(lambda child=child: ended(child), within=600, worker=worker)  # type: ignore[misc]
            assert child.state == "recorded"
        erased(page, site, runs["application.pdf"])


def corrected_page(page: Page, site: str, run: Run) -> None:
    page.goto(f"{site}/decisions/{run.decision.id}/")
    expect(page.locator(".given")).to_contain_text(
        "Pages that the model was given as pictures: 1 of 2. Not given: 2."
    )
    assert "Okonkwo" not in page.content()
    page.keyboard.press("c")
    page.locator(".regions-surface").wait_for()
    page.click("[data-do=page-after]")
    expect(page.locator(".regions-page")).to_contain_text("Page 2 of 2")
    page.click("[data-do=smaller]")  # at its own size a page is wider than the window
    before = len(regions(page))
    draw(page, 0.5, 0.04, 0.8, 0.1)  # of a tall page only the upper part is in sight
    assert len(regions(page)) == before + 1
    page.fill("[name=reason]", "The title has to go too.")
    page.click("text=Record the correction")
    expect(page.locator("#chain")).to_contain_text("This decision was corrected.")
    (region,) = Run.objects.get(parent=run).redaction_edits.added
    assert isinstance(region.place, Area)
    assert region.place.part == 1


def corrected_span(page: Page, site: str, run: Run) -> None:
    page.goto(f"{site}/decisions/{run.decision.id}/")
    expect(page.locator(".marked .gap-kind").first).to_be_visible()
    assert "Ferreira" not in page.content()
    page.goto(f"{site}/decisions/{run.decision.id}/correct/")
    expect(page.locator(".span-mark").first).to_be_visible()
    select(page, "parcel")
    page.keyboard.press("h")
    page.fill("[name=reason]", "It says what is in it.")
    page.click("text=Record the correction")
    expect(page.locator("#chain")).to_contain_text("This decision was corrected.")
    page.click("text=Go to the decision in its place", timeout=PATIENCE)
    expect(page.locator(".text-stage")).not_to_contain_text("parcel")


def erased(page: Page, site: str, run: Run) -> None:
    page.goto(f"{site}/media/{run.asset_id}/")
    page.check("[name=erase-sure]")
    page.click("button:has-text('Erase for good')")
    expect(page.locator("main")).to_contain_text("The medium is erased")
    assert not anything_of(run.pk)
