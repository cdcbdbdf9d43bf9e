"""Exports that are ordered in the pages."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from PIL import Image
from pytest_django import Settings

from omnigov.audits.services import Population, sample_draw
from omnigov.decisions.models import Decision
from omnigov.erasure import journal
from omnigov.erasure import services as erasure
from omnigov.erasure.replaying import replay
from omnigov.erasure.services import asset_erase
from omnigov.exports import command, jobs
from omnigov.exports.folder import command_spool, held
from omnigov.exports.models import ExportJob
from omnigov.ledger import export as export_module
from omnigov.ledger import sequencer
from omnigov.ledger.export import ExportError
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.review.models import Case
from omnigov.review.services import review_add
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


def test_a_blind_reviewer_does_not_fetch_the_others_verdicts(client: Client, people: Any) -> None:
    decision = decided(people)
    Case.objects.filter(decision=decision).update(needed=2, most=3, blind=True)
    before = ordered(people)
    jobs.jobs_run()
    review_add(decision_id=decision.id, officer=people.officer, verdict="uphold", reason="It is plain.")
    after, of_decisions = ordered(people), ordered(people)
    ExportJob.objects.filter(pk=of_decisions.pk).update(kind="decision")
    jobs.jobs_run()

    def fetched(job: ExportJob) -> int:
        status: int = client.get(f"/export/{job.id}/file/").status_code
        return status

    client.force_login(people.steward)
    assert [fetched(each) for each in (before, after, of_decisions)] == [200, 302, 200]
    assert "have an auditor fetch it" in client.get("/export/").content.decode()
    client.force_login(people.auditor)
    assert fetched(after) == 200
    review_add(decision_id=decision.id, officer=people.steward, verdict="uphold", reason="It is plain.")
    client.force_login(people.steward)
    assert fetched(after) == 200


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
    with held(str(job.id)) as mine:
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


def test_a_full_export_is_found_that_began_before_the_keys_were_gone(
    people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins after the journal's line and ends before the erasure is committed: all it read is there."""
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    decision, quoted = decided(people), list[bool]()
    real = erasure.destroy

    def export_meanwhile(*given: Any) -> None:
        with ThreadPoolExecutor(1) as other:  # of another process: it sees what is committed
            job = other.submit(_export_of_its_own, people).result(60)
        with zipfile.ZipFile(jobs.file_of(job)) as archive:
            quoted.append(b"Hanako" in archive.read("evidence.ndjson"))
        real(*given)

    monkeypatch.setattr(erasure, "destroy", export_meanwhile)
    asset_erase(asset_id=decision.run.asset_id)
    assert quoted == [True]
    job = ExportJob.objects.get(workspace=people.workspace)
    assert (job.state, jobs.file_of(job).exists()) == (State.EXPIRED, False)


def _export_of_its_own(people: Any) -> ExportJob:
    try:
        job = ordered(people, "full")
        assert jobs.jobs_run() == 1
        return job
    finally:
        connection.close()


def test_an_erasure_leaves_what_began_after_it(
    people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the clocks stand: the entry is in the log that the export is of."""
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    decision = decided(people)
    asset_erase(asset_id=decision.run.asset_id)
    job = ordered(people, "full")
    jobs.jobs_run()
    ExportJob.objects.filter(pk=job.pk).update(began_at=datetime(2001, 1, 1, tzinfo=UTC))
    assert replay() == 0
    job.refresh_from_db()
    assert (job.state, jobs.file_of(job).exists()) == (State.DONE, True)


def test_one_that_was_cut_off_is_not_taken_up_once_a_medium_was_erased(
    people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    decision = decided(people)
    out, real = tmp_path / "p.zip", export_module._write_bundle
    arguments = ["--out", str(out), "--profile", "full", "--workspace", str(people.workspace.id)]

    def cut(*_: Any) -> int:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(export_module, "_write_bundle", cut)
        with pytest.raises(SystemExit):
            command.main(arguments)
    assert [each.suffix for each in _left(tmp_path)] == [".lock", ".out", ".spool"]
    # As if the process that erased it had been killed before it came to exports.
    monkeypatch.setattr(erasure, "full_exports_discard", lambda **_: 0)
    asset_erase(asset_id=decision.run.asset_id)
    assert export_module._write_bundle is real
    assert command.main(arguments) == 0
    with zipfile.ZipFile(out) as archive:
        assert b"Hanako" not in archive.read("evidence.ndjson")
    assert _left(tmp_path) == []


def test_a_medium_that_is_erased_while_a_command_exports_is_not_quoted(
    people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    decision, real = decided(people), export_module._write_bundle

    def erase_meanwhile(*given: Any) -> int:
        count = real(*given)
        asset_erase(asset_id=decision.run.asset_id)
        return count

    out = tmp_path / "p.zip"
    arguments = ["--out", str(out), "--profile", "full", "--workspace", str(people.workspace.id)]
    with monkeypatch.context() as patch:
        patch.setattr(export_module, "_write_bundle", erase_meanwhile)
        assert command.main(arguments) == 1
    assert "A medium was erased" in capsys.readouterr().err
    assert not out.exists()
    assert _left(tmp_path) == []
    assert command.main(arguments) == 0


def _left(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "exports").iterdir())


def test_what_a_killed_command_left_is_removed(people: Any, tmp_path: Path) -> None:
    decided(people)
    out = tmp_path / "p.zip"
    arguments = ["--out", str(out), "--profile", "full", "--workspace", str(people.workspace.id)]
    for name in (".p.zip.k3x8.part", ".p.zip.spool/000000/evidence.ndjson"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"Hanako")
    (tmp_path / ".other.zip.k3x8.part").write_bytes(b"of another export")
    assert command.main(arguments) == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == [".other.zip.k3x8.part", "exports", "p.zip"]


def test_nobody_comes_back_for_it(people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was left is removed: of commands after as many days as an export is kept, of jobs at once."""
    decided(people)

    def cut(*_: Any) -> int:
        raise SystemExit

    job = ordered(people, "full")
    out = tmp_path / "p.zip"
    with monkeypatch.context() as patch:
        patch.setattr(export_module, "_write_bundle", cut)
        with pytest.raises(SystemExit):
            command.main(["--out", str(out), "--profile", "full", "--workspace", str(people.workspace.id)])
        with pytest.raises(SystemExit):
            jobs.jobs_run()
    (tmp_path / ".p.zip.k3x8.part").write_bytes(b"Hanako")
    (tmp_path / "exports" / f".{job.id}.zip.k3x8.part").write_bytes(b"Hanako")
    assert jobs.jobs_expire() == 0
    assert len(_left(tmp_path)) == 6
    ExportJob.objects.filter(pk=job.pk).update(state=State.EXPIRED)
    with held(str(job.id)):
        jobs.jobs_expire()  # somebody works on it: it is left alone
        assert len(_left(tmp_path)) == 6
    assert jobs.jobs_expire() == 1
    assert [each.suffix for each in _left(tmp_path)] == [".lock", ".out", ".spool"]
    jobs.jobs_expire(datetime.now(UTC) + timedelta(days=8))
    assert _left(tmp_path) == []
    assert not (tmp_path / ".p.zip.k3x8.part").exists()


def test_two_do_not_write_to_one_file(
    people: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "p.zip"
    with command_spool(out, "redacted") as spool:
        assert spool is not None
        assert command.main(["--out", str(out)]) == 1
        assert "is being written" in capsys.readouterr().err
    assert command.main(["--out", str(out)]) == 0


def test_an_export_is_of_a_batch_a_kind_or_a_sample(client: Client, people: Any) -> None:
    one, other = decided(people), decided(people, "red")
    sequencer.integrate()
    sample = sample_draw(
        workspace=people.workspace,
        by=people.auditor,
        population=Population(kind="decision"),
        size=1,
        seed="1",
    )
    drawn = sample.items.get().subject
    client.force_login(people.auditor)
    page = client.get(f"/export/?sample={sample.id}").content.decode()
    assert f'<option value="{sample.id}" selected>' in page
    assert "data-copy" in page
    plain = {"profile": "redacted", "language": "en"}
    for given, subjects, kinds in (
        ({"batch": str(one.run.submission.batch_id)}, {one.run_id}, None),
        ({"kind": "decision"}, {one.run_id, other.run_id}, {"decision"}),
        ({"sample": str(sample.id)}, {drawn, sample.id}, None),
    ):
        assert client.post("/export/", plain | given).status_code == 302
        jobs.jobs_run()
        job = ExportJob.objects.filter(workspace=people.workspace).latest("created_at")
        assert job.state == State.DONE, job.sentence
        lines = zipfile.ZipFile(jobs.file_of(job)).read("entries.ndjson").splitlines()
        entries = [json.loads(line)["entry"] for line in lines]
        assert {uuid.UUID(entry["subject"]) for entry in entries} == subjects
        assert kinds is None or {entry["kind"] for entry in entries} == kinds
    both = {"batch": str(one.run.submission.batch_id), "sample": str(sample.id)}
    assert client.post("/export/", plain | both).status_code == 422
    client.force_login(people.outsider)
    assert client.post("/export/", plain | {"sample": str(sample.id)}).status_code == 422  # none of theirs
