"""A recording in a real browser: listened to, corrected, decided by a real worker, proved, and erased."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from omnigov.commands.demo import RECORDINGS
from omnigov.contracts import Interval, Span
from omnigov.decisions.models import Decision, Run
from omnigov.evidence.queries import anything_of
from omnigov.ledger.keys import log_signer
from omnigov.policies.queries import current_version
from omnigov.policies.services import policy_publish
from tests.journeys.conftest import JOURNEY, SignIn
from tests.journeys.test_corrections import ended
from tests.omnigov import recorded, recorded_media, recorded_sound
from tests.processes import SAMPLES, until, working

PATIENCE = 600_000

pytestmark = [*JOURNEY, pytest.mark.timeout(1800), pytest.mark.usefixtures("asking_beside_a_loop")]


def regions(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page.locator("textarea[name=regions]").input_value())
    return found


def drawn(page: Page) -> list[tuple[int, int]]:
    places = [each["place"] for each in regions(page) if each["origin"] == "drawn"]
    return [(place["start"], place["end"]) for place in places]


def come_true(page: Page, expression: str, within: float = 60.0) -> None:
    """Waits for it. Playwright's own way to do so is refused by our pages, which evaluate no strings."""
    end = time.monotonic() + within
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)


def listened(page: Page, site: str, decision: Decision) -> list[str]:
    """Opens the page of a decision once its waveform is drawn; what the console says from then on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{site}/decisions/{decision.id}/")
    expect(page.locator("[data-wave].drawn")).to_be_visible(timeout=30_000)
    come_true(page, "document.querySelector('audio').readyState >= 1")
    return said


@pytest.fixture
def recording(committed_cast: Any) -> Decision:
    batch = recorded.batch_of(
        committed_cast.policy_version, committed_cast.operator, ("report.wav", recorded_sound.wav(11_600))
    )
    copy = recorded_sound.sound()
    words = recorded_sound.transcript(copy)
    seen = (Span(start=0, end=len(words)),)
    return recorded_media.record(batch.submissions.get(), copy, seen=seen, words=words)


def test_a_recording_is_played_by_keys_and_its_transcript_follows(
    committed_cast: Any, recording: Decision, site: str, signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    said = listened(page, site, recording)
    expect(page.locator(".silence rect").first).to_be_visible()
    page.keyboard.press("ArrowRight")
    come_true(page, "document.querySelector('audio').currentTime == 5")
    expect(page.locator(".turn[aria-current]")).to_contain_text("Is anybody hurt?")
    expect(page.locator(".word.now")).to_have_text("anybody")
    page.keyboard.press("Shift+ArrowLeft")
    come_true(page, "document.querySelector('audio').currentTime == 4.5")
    page.keyboard.press(".")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.25
    page.keyboard.press(",")
    page.locator(".word", has_text="Please").click()
    come_true(page, "!document.querySelector('audio').paused")
    expect(page.locator("[data-do=play]")).to_contain_text("Pause")
    come_true(page, "document.querySelector('audio').currentTime > 6.6")
    page.locator("h1").click()
    page.keyboard.press("Space")
    come_true(page, "document.querySelector('audio').paused")
    page.locator("[data-finding] [data-lead]").first.click()
    come_true(
        page, "(({ currentTime }) => currentTime > 1.3 && currentTime < 3.5)(document.querySelector('audio'))"
    )
    page.locator("[data-finding]").first.focus()
    expect(page.locator('.silence[data-box="1"]')).to_have_class("silence pointed")
    wide = page.locator(".sound-lanes").bounding_box()
    page.keyboard.press("z")
    longer = page.locator(".sound-lanes").bounding_box()
    assert wide
    assert longer
    assert abs(longer["width"] - 4 * wide["width"]) < 3
    page.keyboard.press("h")
    expect(page.locator(".band").first).to_be_visible()
    assert said == []


def test_without_scripts_it_is_played_and_read(
    committed_cast: Any, recording: Decision, site: str, signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    cookies = page.context.cookies()
    plain = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain.add_cookies(cookies)  # type: ignore[arg-type]
    bare = plain.new_page()
    bare.goto(f"{site}/decisions/{recording.id}/")
    expect(bare.locator("audio")).to_be_visible()
    expect(bare.locator(".player-bar")).to_be_hidden()
    expect(bare.locator(".wave-still path")).to_be_visible()
    expect(bare.locator(".conversation")).to_contain_text("Is anybody hurt?")


def test_silent_stretches_by_keyboard_and_by_mouse(
    committed_cast: Any, recording: Decision, site: str, signed_in: SignIn
) -> None:
    page = signed_in(committed_cast.officer)
    page.goto(f"{site}/decisions/{recording.id}/correct/")
    live = page.locator(".sound > [role=status]")
    expect(page.locator(".silence-mark.is-found")).to_have_count(3)
    come_true(page, "document.querySelector('audio').readyState >= 1")
    page.keyboard.press("o")
    expect(live).to_contain_text("Say first where it begins")
    page.keyboard.press("ArrowRight")
    come_true(page, "document.querySelector('audio').currentTime == 5")
    page.keyboard.press("i")
    page.keyboard.press("Shift+ArrowRight")
    come_true(page, "document.querySelector('audio').currentTime == 5.5")
    page.keyboard.press("o")
    assert drawn(page) == [(5000, 5500)]
    box = page.locator(".silence-layer").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.02, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + 44, steps=4)
    page.mouse.up()
    assert len(drawn(page)) == 2
    start, end = drawn(page)[1]
    assert abs(start - 232) < 25
    assert abs(end - 1160) < 25
    row = page.locator(".regions-list li.is-drawn").first
    row.locator("[data-time=start]").fill("0:00.50")
    row.locator("[data-time=start]").press("Tab")
    assert drawn(page)[1] == (500, end)
    row.locator("[data-time=end]").press("ArrowUp")
    assert drawn(page)[1] == (500, end + 100)
    row.locator("[data-time=end]").fill("9:99")
    row.locator("[data-time=end]").press("Tab")
    expect(live).to_contain_text("no time in this recording")
    mark = page.locator(".silence-mark.is-drawn").first
    mark.focus()
    page.keyboard.press("ArrowRight")
    assert drawn(page)[1] == (600, end + 200)
    page.keyboard.press("Control+z")
    assert drawn(page)[1] == (500, end + 100)
    page.locator(".silence-mark.is-drawn").first.focus()
    page.keyboard.press("Delete")
    assert drawn(page) == [(5000, 5500)]
    expect(page.locator(".regions-list li.is-found [data-take]").first).to_be_hidden()
    page.fill("[name=open_reason]", "Is that a name?")
    page.click("button:has-text('Open the original')")
    come_true(page, "document.querySelector('audio').readyState >= 1")
    assert drawn(page) == [(5000, 5500)]
    taken = page.locator(".regions-list li.is-found").first
    taken.locator("[data-take]").click()
    expect(page.locator(".silence-mark.is-removed")).to_have_count(1)
    page.fill("[name=reason]", "Not a name, and the word after it is one.")
    page.click("text=Record the correction")
    expect(page.locator("#chain")).to_contain_text("1 added, 1 taken away")
    edits = Run.objects.get(parent=recording.run).redaction_edits
    assert [region.place for region in edits.added] == [Interval(start=5000, end=5500)]
    assert [region.place for region in edits.removed] == [Interval(start=2400, end=3300)]


def test_a_spoken_report_goes_all_the_way(
    committed_cast: Any, site: str, signed_in: SignIn, tmp_path: Path
) -> None:
    small = current_version(committed_cast.workspace, "voice-report").spec.model_copy(
        update={"attribution_steps": 2, "reasons_max_tokens": 4, "text_tokens": 48}
    )
    names = {"slug": "reports", "name_en": "Reports", "name_ja": "報告"}
    policy_publish(workspace=committed_cast.workspace, spec=small, **names)
    report = next(file for file in sorted(SAMPLES.iterdir()) if file.suffix in RECORDINGS)
    photograph = tmp_path / "photograph.png"
    photograph.write_bytes(recorded.png("teal"))
    with working() as worker:
        operator = signed_in(committed_cast.operator)
        operator.goto(f"{site}/upload/")
        operator.select_option("#id_policy", "reports")
        expect(operator.locator("[data-together]")).to_be_hidden()
        operator.set_input_files("#id_files", [photograph, report])
        operator.check("#id_together")
        operator.click("[data-send]")
        operator.wait_for_url("**/batches/**", timeout=PATIENCE)
        expect(operator.locator("main")).to_contain_text("they are decided together")
        runs = Run.objects.filter(workspace=committed_cast.workspace)
        run, picture = runs.get(submission__beside=None), runs.exclude(submission__beside=None).get()
        until(lambda: ended(run), within=900, worker=worker)
        assert run.state == "recorded", run.failure_sentence
        picture.refresh_from_db()
        assert picture.state == "joined", picture.failure_sentence
        why = run.decision.attribution.record
        assert why is not None
        assert why.picture_share > 0
        assert {each.place.place for each in why.segments} >= {"area", "span"}
        result = run.redaction_result
        assert result is not None
        assert result.sound is not None
        assert result.sound.turns
        page = signed_in(committed_cast.officer)
        assert listened(page, site, run.decision) == []
        expect(page.locator(".conversation .word").first).to_be_visible()
        expect(page.locator(".silence")).to_have_count(len(result.findings))
        shown = page.locator(".picture-beside img")
        expect(shown).to_have_count(1)
        come_true(page, "document.querySelector('.picture-beside img').naturalWidth > 0")
        page.goto(f"{site}/decisions/{run.decision.id}/correct/")
        come_true(page, "document.querySelector('audio').readyState >= 1")
        page.keyboard.press("i")
        page.keyboard.press("Shift+ArrowRight")
        come_true(page, "document.querySelector('audio').currentTime == 0.5")
        page.keyboard.press("o")
        page.fill("[name=reason]", "The beginning says who it is.")
        page.click("text=Record the correction")
        expect(page.locator("#chain")).to_contain_text("This decision was corrected.")
        child = Run.objects.get(parent=run)
        until(lambda: ended(child), within=900, worker=worker)
    assert child.state == "recorded", child.failure_sentence
    copy = child.redaction_result
    assert copy is not None
    assert any(
        isinstance(each.place, Interval) and each.place.start == 0 and each.place.end >= 500
        for each in copy.findings
    )
    overruled(page, site, child)
    exported(signed_in(committed_cast.auditor), site, tmp_path)
    page.goto(f"{site}/media/{run.asset_id}/")
    expect(page.locator("main")).to_contain_text("they are erased with it: photograph.png")
    page.check("[name=erase-sure]")
    page.click("button:has-text('Erase for good')")
    expect(page.locator("main")).to_contain_text("The medium is erased")
    assert not anything_of(run.pk)
    assert not anything_of(child.pk)
    assert not anything_of(picture.pk)  # the page said that the picture goes too


def overruled(page: Page, site: str, run: Run) -> None:
    page.goto(f"{site}/decisions/{run.decision.id}/")
    page.check("#overturn", force=True)
    other = next(each.key for each in run.policy_version.spec.labels if each.key != run.decision.label)
    page.check(f"[name=label][value={other}]", force=True)
    page.fill("#your-verdict [name=reason]", "Listened to all of it: it tells of something else.")
    page.click("#your-verdict button[type=submit]:not([name])")
    expect(page.locator(".reviews")).to_contain_text("Overturned")
    run.decision.refresh_from_db()
    assert run.decision.outcome == other


def exported(page: Page, site: str, folder: Path) -> None:
    """The auditor takes the record home, and the verifier in it says that it holds."""
    page.goto(f"{site}/export/")
    page.click("form[action='/export/'] button[type=submit]")
    link = page.locator("#jobs a:has-text('Download')").first
    link.wait_for(timeout=PATIENCE)
    with page.expect_download() as download:
        link.click()
    bundle = folder / "bundle.zip"
    download.value.save_as(bundle)
    with zipfile.ZipFile(bundle) as archive:
        (folder / "verify.py").write_bytes(archive.read("omnigov_verify.py"))
    command = [
        sys.executable,
        "-I",
        str(folder / "verify.py"),
        str(bundle),
        "--key",
        str(log_signer().verifier),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
