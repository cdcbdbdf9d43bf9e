"""The main job in a real browser: an operator uploads, an officer overturns, an auditor verifies at home."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from omnigov.ledger.keys import log_signer
from tests.conftest import Cast
from tests.journeys.conftest import JOURNEY, PASSWORD
from tests.processes import SAMPLES, working

PATIENCE = 240_000

pytestmark = [*JOURNEY, pytest.mark.timeout(600)]


def sign_in(browser: Browser, site: str, person: object) -> Page:
    page = browser.new_page()
    page.goto(f"{site}/sign-in/")
    page.fill("#id_username", person.username)  # type: ignore[attr-defined]
    page.fill("#id_password", PASSWORD)
    page.click("button[type=submit] >> text=Sign in")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def test_from_picture_to_proof(committed_cast: Cast, site: str, browser: Browser, tmp_path: Path) -> None:
    with working():
        batch = upload(sign_in(browser, site, committed_cast.operator), site)
        expect(batch.locator("body")).to_contain_text("form.png", timeout=PATIENCE)
        expect(batch.locator('a[href*="/decisions/"]').nth(1)).to_be_visible(timeout=PATIENCE)
        decision = batch.locator('a[href*="/decisions/"]').first.get_attribute("href")
        overturn(sign_in(browser, site, committed_cast.officer), f"{site}{decision}")
        auditor = sign_in(browser, site, committed_cast.auditor)
        auditor.goto(f"{site}/ledger/")
        auditor.click('a[href="/export/"].button')
        auditor.click('form[action="/export/"] button[type=submit]')
        finished = auditor.locator('a[href*="/file/"]')
        expect(finished).to_be_visible(timeout=PATIENCE)
        with auditor.expect_download() as download:
            finished.click()
    bundle = tmp_path / "provenance.zip"
    download.value.save_as(bundle)
    answer = verify(bundle, tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert verify(tampered(bundle, tmp_path), tmp_path).returncode == 1


def upload(page: Page, site: str) -> Page:
    page.goto(f"{site}/upload/")
    page.set_input_files("#id_files", [SAMPLES / "form.png", SAMPLES / "cat.jpg"])
    page.click("[data-send]")
    page.wait_for_url("**/batches/**", timeout=PATIENCE)
    return page


def overturn(page: Page, url: str) -> None:
    page.goto(url)
    chosen = page.locator("#overturn")
    chosen.check(force=True)
    page.locator("[name=label]").first.check(force=True)
    page.fill("[name=reason]", "The picture shows something else.")
    page.click("text=Record the verdict")
    expect(page.locator("body")).to_contain_text("The picture shows something else.")


def verify(bundle: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """With the verifier out of the bundle, in an interpreter that finds nothing of ours."""
    script = folder / "omnigov_verify.py"
    if not script.exists():
        with zipfile.ZipFile(bundle) as archive:
            script.write_bytes(archive.read("omnigov_verify.py"))
    command = [sys.executable, "-I", str(script), str(bundle), "--key", str(log_signer().verifier)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def tampered(bundle: Path, folder: Path) -> Path:
    """The same bundle with one bit of the first entry turned."""
    changed = folder / "changed.zip"
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(changed, "w") as out:
        for name in source.namelist():
            content = source.read(name)
            if name == "entries.ndjson":
                content = content[:20] + bytes([content[20] ^ 1]) + content[21:]
            out.writestr(name, content)
    return changed
