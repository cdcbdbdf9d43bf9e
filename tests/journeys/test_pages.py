"""What pages do with scripts, in a real browser against a real server: uploads, live progress, keyboard."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from omnigov.intake.models import Batch, Submission
from omnigov.ledger.keys import log_signer
from omnigov.ledger.proof import verify_proof
from omnigov.review.models import Review
from tests.conftest import Cast
from tests.journeys.conftest import JOURNEY, SignIn
from tests.omnigov import recorded

pytestmark = [*JOURNEY, pytest.mark.usefixtures("asking_beside_a_loop")]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture of noise that takes several pieces of two megabytes."""
    noise = random.Random(7).randbytes(1500 * 1400 * 3)
    picture = Image.frombytes("RGB", (1500, 1400), noise)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=0)
    file = tmp_path / "large.png"
    file.write_bytes(out.getvalue())
    assert file.stat().st_size > 6_000_000
    return file


def send(page: Page, site: str, *files: Path) -> None:
    page.goto(f"{site}/upload/")
    page.set_input_files("#id_files", list(files))
    page.click("[data-send]")


def submissions(cast: Any) -> list[Submission]:
    return list(Submission.objects.filter(batch__workspace=cast.workspace))


def test_an_upload_goes_on_after_the_connection_was_lost(
    committed_cast: Cast, site: str, signed_in: SignIn, large: Path
) -> None:
    page = signed_in(committed_cast.operator)
    pieces: list[int] = []

    def flaky(route: Route) -> None:
        pieces.append(int(route.request.headers["upload-offset"]))
        if len(pieces) in (2, 3):
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route(
        "**/uploads/*/", lambda route: flaky(route) if route.request.method == "PATCH" else route.continue_()
    )
    send(page, site, large)
    page.wait_for_url("**/batches/*/", timeout=60_000)
    sent = submissions(committed_cast)
    assert [each.state for each in sent] == ["checking"]
    # Never from the beginning again: the piece that was lost, and no other one, was sent anew.
    assert pieces[0] == 0
    assert len(set(pieces)) == len(pieces) - 2
    assert pieces.count(0) == 1


def test_the_chosen_encoding_goes_with_the_upload(
    committed_cast: Cast, site: str, signed_in: SignIn, tmp_path: Path
) -> None:
    (tmp_path / "minutes.txt").write_bytes("担当は山田太郎。\n".encode("euc_jp"))
    page = signed_in(committed_cast.operator)
    page.goto(f"{site}/upload/")
    page.set_input_files("#id_files", tmp_path / "minutes.txt")
    page.get_by_text("More choices").click()
    page.select_option("#id_encoding", "euc_jp")
    page.click("[data-send]")
    page.wait_for_url("**/batches/*/", timeout=60_000)
    assert [each.encoding for each in submissions(committed_cast)] == ["euc_jp"]


def test_an_upload_goes_on_after_the_page_was_loaded_again(
    committed_cast: Cast, site: str, signed_in: SignIn, large: Path
) -> None:
    page = signed_in(committed_cast.operator)
    page.on("dialog", lambda dialog: dialog.accept())
    arrived: list[bool] = []

    def first_piece_only(route: Route) -> None:
        if route.request.method == "PATCH" and arrived:
            route.abort("internetdisconnected")
            return
        if route.request.method == "PATCH":
            arrived.append(True)
        route.continue_()

    page.route("**/uploads/*/", first_piece_only)
    send(page, site, large)
    expect(page.locator("[data-state]")).to_contain_text("The connection is lost", timeout=30_000)
    page.unroute("**/uploads/*/")
    send(page, site, large)
    page.wait_for_url("**/batches/*/", timeout=60_000)
    sent = submissions(committed_cast)
    assert [each.state for each in sent] == ["checking"]
    assert Batch.objects.filter(workspace=committed_cast.workspace).count() == 1


def test_a_refused_file_says_why_in_its_row(
    committed_cast: Cast, site: str, signed_in: SignIn, tmp_path: Path
) -> None:
    page = signed_in(committed_cast.operator)
    good, letter, empty = tmp_path / "good.png", tmp_path / "letter.docx", tmp_path / "empty.png"
    good.write_bytes(recorded.png())
    letter.write_bytes(b"PK\x03\x04 and so on")
    empty.write_bytes(b"")
    send(page, site, good, letter, empty)
    expect(page.locator("[data-total]")).to_have_text("1 of 3 files handed in, 2 refused", timeout=30_000)
    rows = page.locator("[data-state]")
    expect(rows.nth(0)).to_have_text("Handed in, and being checked")
    expect(rows.nth(1)).to_contain_text(
        "This is a ZIP archive or an office document, which is not taken here."
    )
    expect(rows.nth(2)).to_contain_text("The file is empty.")
    expect(page).to_have_url(f"{site}/upload/")
    page.click("[data-follow]")
    expect(page.locator("h1")).to_be_visible()
    assert sorted(each.state for each in submissions(committed_cast)) == ["checking", "refused", "refused"]


def test_dropped_files_are_taken(committed_cast: Cast, site: str, signed_in: SignIn) -> None:
    page = signed_in(committed_cast.operator)
    page.goto(f"{site}/upload/")
    page.evaluate(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
            const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer });
            document.querySelector("[data-drop]").dispatchEvent(event);
        }""",
        list(recorded.png()),
    )
    expect(page.locator("[data-name]")).to_have_text("dropped.png")
    page.click("[data-send]")
    page.wait_for_url("**/batches/*/", timeout=30_000)
    assert [each.name for each in submissions(committed_cast)] == ["dropped.png"]


def test_a_batch_moves_without_loading_the_page(committed_cast: Any, site: str, signed_in: SignIn) -> None:
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("a.png", recorded.png())
    )
    page = signed_in(committed_cast.operator)
    page.goto(f"{site}/batches/{batch.id}/")
    expect(page.locator("#progress")).to_contain_text("0 of 1 file done")
    page.evaluate("window.stayed = true")
    recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="animal")
    expect(page.locator("#progress")).to_contain_text("Recorded", timeout=5_000)
    expect(page.locator("[data-live]")).to_have_text("1 of 1 file done")
    assert page.evaluate("window.stayed") is True
    assert page.locator("#progress").get_attribute("hx-get") is None


def test_whoever_is_signed_out_meanwhile_is_sent_to_sign_in(
    committed_cast: Any, site: str, signed_in: SignIn
) -> None:
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("a.png", recorded.png())
    )
    page = signed_in(committed_cast.operator)
    page.goto(f"{site}/batches/{batch.id}/")
    page.context.clear_cookies()
    page.wait_for_url("**/sign-in/?next=/batches/**", timeout=10_000)


def test_a_verdict_by_keyboard_alone(committed_cast: Any, site: str, signed_in: SignIn) -> None:
    files = [(f"{n}.png", recorded.png("red", (64 + n, 64))) for n in range(2)]
    batch = recorded.batch_of(committed_cast.policy_version, committed_cast.operator, *files)
    for submission in batch.submissions.all():
        recorded.record(submission, picture=Image.new("RGB", (64, 48)), label="money")
    page = signed_in(committed_cast.officer)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("1.png")
    page.keyboard.press("o")
    expect(page.locator("[name=label]").first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("jokes and outer space are no keys here")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("0.png")
    expect(page.locator(".undo")).to_contain_text("Your verdict on “1.png” counts.")
    review = Review.objects.get(decision__run__submission__batch=batch)
    assert (review.verdict, review.reason) == ("overturn", "jokes and outer space are no keys here")
    page.keyboard.press("t")
    expect(page.locator("[role=status] .notice")).to_contain_text("Your verdict is taken back")


def test_shortcuts_can_be_switched_off(committed_cast: Any, site: str, signed_in: SignIn) -> None:
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("a.png", recorded.png())
    )
    recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")
    page = signed_in(committed_cast.officer)
    page.click("[data-row] a")
    page.click("[data-keys-switch]")
    page.keyboard.press("u")
    expect(page.locator("#uphold")).not_to_be_checked()
    page.reload()
    page.keyboard.press("u")
    expect(page.locator("#uphold")).not_to_be_checked()
    page.click("[data-keys-switch]")
    page.locator("h1").click()
    page.keyboard.press("u")
    expect(page.locator("#uphold")).to_be_checked()
    expect(page.locator("#id_reason")).to_be_focused()


def test_a_double_click_is_one_verdict(committed_cast: Any, site: str, signed_in: SignIn) -> None:
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("a.png", recorded.png())
    )
    recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")
    page = signed_in(committed_cast.officer)
    page.click("[data-row] a")
    page.check("#uphold", force=True)
    page.fill("#id_reason", "Plainly right.")
    page.dblclick("text=Record the verdict")
    expect(page.locator("[role=status] .notice")).to_have_text("Your verdict is recorded.")
    assert Review.objects.filter(decision__run__submission__batch=batch).count() == 1


def test_the_theme_is_remembered(committed_cast: Cast, site: str, signed_in: SignIn) -> None:
    page = signed_in(committed_cast.officer)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("[data-theme-switch]")
    page.click("[data-theme-switch]")
    expect(page.locator("[data-theme-switch]")).to_have_text("Colours: dark")
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark


def test_an_officer_holds_opens_and_erases_a_medium(
    committed_cast: Any, site: str, signed_in: SignIn, tmp_path: Path
) -> None:
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("gate.png", recorded.png("orchid"))
    )
    decision = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (640, 480)))
    page = signed_in(committed_cast.officer)
    page.goto(f"{site}/decisions/{decision.id}/")
    page.click("#drawer-provenance > summary")
    page.click('a[href*="/media/"]')
    page.fill("[name=hold-reason]", "A court asks for it.")
    page.click("text=Place a hold")
    expect(page.locator("main")).to_contain_text("Under legal hold")
    expect(page.locator("[name=erase-sure]")).to_have_count(0)
    page.fill("[name=release-reason]", "The case is closed.")
    page.click("text=Release the hold")
    medium = page.url
    page.fill("[name=open-reason]", "The mask covers what is asked.")
    page.click("text=Open the original")
    original = page.locator("img.original")
    expect(original).to_be_visible()
    # A worker makes the view; the browser waits for it.
    expect(original).to_have_js_property("naturalWidth", 640, timeout=30_000)
    page.goto(medium)
    page.check("[name=erase-sure]")
    page.click("button:has-text('Erase for good')")
    expect(page.locator("main")).to_contain_text("The medium is erased, and that is on the record.")
    with page.expect_download() as download:
        page.click("text=Certificate with proof")
    download.value.save_as(tmp_path / "certificate.zip")
    with zipfile.ZipFile(tmp_path / "certificate.zip") as archive:
        proof, entry = archive.read("entry.tlog-proof"), archive.read("entry.json")
    assert verify_proof(proof, entry, str(log_signer().verifier))
    page.goto(f"{site}/decisions/{decision.id}/")
    expect(page.locator("h1")).to_have_text("Decision on an erased medium")
    assert "gate.png" not in page.content()
