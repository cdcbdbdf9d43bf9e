"""Exports that are ordered in the pages."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from pytest_django import Settings

from omnigov.decisions.models import Decision
from omnigov.erasure import journal
from omnigov.erasure.services import asset_erase
from omnigov.exports import jobs
from omnigov.exports.models import ExportJob
from omnigov.ledger import export as export_module
from omnigov.ledger.export import ExportError
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerEntry
from tests.conftest import Cast
from tests.omnigov import recorded

pytestmark = pytest.mark.services

State = ExportJob.State


@pytest.fixture
def people(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.OMNIGOV_EXPORTS_DIR = tmp_path / "exports"
    # Other tests' orders lie in another folder.
    cast: Cast = request.getfixturevalue("committed_cast")
    ExportJob.objects.filter(state__in=jobs.OPEN).update(state=State.EXPIRED)
    return cast


def decided(people: Any, colour: str = "teal") -> Decision:
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png(colour)))
    return recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (64, 48)), reasons=("Hanako is here.",)
    )


def ordered(people: Any, profile: Any = "redacted") -> ExportJob:
    return jobs.job_create(
        workspace=people.workspace, by=people.auditor, profile=profile, language="en", since=None, until=None
    )


def test_an_export_is_ordered_written_and_fetched(client: Client, people: Any, tmp_path: Path) -> None:
    decision = decided(people)
    client.force_login(people.auditor)
    given = {"since": "", "until": "", "profile": "redacted", "language": "ja"}
    page = client.post("/export/", given, follow=True).content.decode()
    assert "Waiting" in page
    assert jobs.jobs_run() == 1
    job = ExportJob.objects.get(workspace=people.workspace)
    assert (job.state, job.entries, job.entries > 3) == (State.DONE, job.total, True)
    assert "Download" in client.get("/export/progress/").content.decode()
    answer: Any = client.get(f"/export/{job.id}/file/")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="provenance-')
    content = b"".join(answer.streaming_content)
    assert len(content) == int(answer.headers["Content-Length"]) == job.size
    (tmp_path / "provenance.zip").write_bytes(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lines = archive.read("entries.ndjson").decode().splitlines()
        (tmp_path / "omnigov_verify.py").write_bytes(archive.read("omnigov_verify.py"))
    assert all(f'"workspace":"{people.workspace.id}"' in line for line in lines)
    assert sum(str(decision.entry) in line for line in lines) == 1
    command = [sys.executable, "-I", "omnigov_verify.py", "provenance.zip", "--deep", "--key"]
    done = subprocess.run(
        [*command, str(log_signer().verifier)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    entry = LedgerEntry.objects.get(kind="export", workspace=people.workspace.id)
    assert str(people.auditor.id).encode() in bytes(entry.body)


def test_a_download_that_was_cut_off_goes_on(client: Client, people: Any) -> None:
    decided(people)
    job = ordered(people)
    jobs.jobs_run()
    client.force_login(people.auditor)
    url = f"/export/{job.id}/file/"
    whole: Any = client.get(url)
    content = b"".join(whole.streaming_content)
    rest: Any = client.get(url, headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]})
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes 100-{len(content) - 1}/{len(content)}"
    assert b"".join(rest.streaming_content) == content[100:]
    other: Any = client.get(url, headers={"Range": "bytes=100-", "If-Range": '"another file"'})
    assert (other.status_code, b"".join(other.streaming_content)) == (200, content)
    assert client.get(url, headers={"Range": f"bytes={len(content)}-"}).status_code == 416


def test_nobody_else_sees_it(client: Client, people: Any) -> None:
    job = ordered(people)
    jobs.jobs_run()
    for person, status in ((people.officer, 403), (people.operator, 403), (people.outsider, 404)):
        client.force_login(person)
        assert client.get(f"/export/{job.id}/file/").status_code == status
        assert client.post(f"/export/{job.id}/resume/").status_code == status


def test_days_in_the_wrong_order_are_said(client: Client, people: Any) -> None:
    client.force_login(people.auditor)
    given = {"since": "2026-02-02", "until": "2026-02-01", "profile": "redacted", "language": "en"}
    answer = client.post("/export/", given)
    assert answer.status_code == 422
    assert "The last day lies before the first one." in answer.content.decode()
    assert not ExportJob.objects.filter(workspace=people.workspace).exists()


def test_one_that_was_cut_off_is_taken_up_where_it_was(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is all that another process knows of it, and the spool."""
    monkeypatch.setattr(export_module, "SEGMENT", 3)
    decided(people)
    job, written = ordered(people), list[int]()
    real = export_module._Core.close

    def cut(self: Any) -> None:
        real(self)
        written.append(self.count)
        if len(written) == 2:
            raise SystemExit  # what is no Exception ends the process, as a kill does

    with monkeypatch.context() as patch:
        patch.setattr(export_module._Core, "close", cut)
        with pytest.raises(SystemExit):
            jobs.jobs_run()
    job.refresh_from_db()
    assert (job.state, job.entries) == (State.RUNNING, 3)
    assert jobs.jobs_run() == 1
    job.refresh_from_db()
    assert job.state == State.DONE


def test_what_somebody_works_on_is_left_to_them(people: Any) -> None:
    job = ordered(people)
    with jobs._held(job.id) as mine:
        assert mine
        assert jobs.jobs_run() == 0
    assert jobs.jobs_run() == 1


def test_a_failed_one_says_why_and_goes_on(
    client: Client, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ordered(people)

    def fails(*_: object, **__: object) -> None:
        raise ExportError("Entries are still without a place in the log.")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "bundle_write", fails)
        jobs.jobs_run()
    client.force_login(people.auditor)
    assert "still without a place" in client.get("/export/").content.decode()
    assert client.get(f"/export/{job.id}/file/").status_code == 404
    assert client.post(f"/export/{job.id}/resume/").status_code == 302
    jobs.jobs_run()
    job.refresh_from_db()
    assert job.state == State.DONE
    with pytest.raises(jobs.NotExported):
        jobs.job_resume(job_id=job.id)


def test_an_unexpected_failure_is_told_without_its_text(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("Hanako")

    job = ordered(people)
    monkeypatch.setattr(jobs, "bundle_write", fails)
    jobs.jobs_run()
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "RuntimeError" in job.sentence
    assert "Hanako" not in job.sentence


def test_files_are_removed_after_some_days(people: Any) -> None:
    job = ordered(people)
    jobs.jobs_run()
    assert jobs.file_of(job).exists()
    assert jobs.jobs_expire() == 0
    jobs.jobs_expire(datetime.now(UTC) + timedelta(days=8))
    job.refresh_from_db()
    assert (job.state, jobs.file_of(job).exists()) == (State.EXPIRED, False)


def test_an_erasure_reaches_full_exports(
    people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    decision = decided(people)
    full, plain = ordered(people, "full"), ordered(people)
    assert jobs.jobs_run() == 2
    asset_erase(asset_id=decision.run.asset_id)
    for job, state in ((full, State.EXPIRED), (plain, State.DONE)):
        job.refresh_from_db()
        assert (job.state, jobs.file_of(job).exists()) == (state, state == State.DONE)


def test_an_erasure_begins_a_full_export_anew(
    people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was spooled before is thrown away, and what is written does not quote the medium."""
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    monkeypatch.setattr(export_module, "SEGMENT", 3)
    decision = decided(people)
    job, real, erased = ordered(people, "full"), export_module._Core.close, list[bool]()

    def erase_meanwhile(self: Any) -> None:
        real(self)
        if not erased:
            erased.append(True)
            asset_erase(asset_id=decision.run.asset_id)

    monkeypatch.setattr(export_module._Core, "close", erase_meanwhile)
    jobs.jobs_run()
    job.refresh_from_db()
    assert (job.state, jobs.file_of(job).exists()) == (State.WAITING, False)
    jobs.jobs_run()
    with zipfile.ZipFile(jobs.file_of(job)) as archive:
        assert not [name for name in archive.namelist() if b"Hanako" in archive.read(name)]
        assert b"the medium was erased" in archive.read("evidence.ndjson")
    shutil.rmtree(tmp_path / "exports")
