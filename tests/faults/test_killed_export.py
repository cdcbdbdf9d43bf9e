"""An export that is killed half-way is taken up by another process where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_django import Settings

from omnigov.exports import command, jobs
from omnigov.exports.models import ExportJob
from omnigov.ledger import export as export_module
from omnigov.ledger.keys import log_signer
from omnigov.ledger.verify import verify_bundle
from tests.conftest import Cast
from tests.omnigov import recorded

pytestmark = [pytest.mark.long, pytest.mark.services]

DOOMED = """
import os, signal, django
django.setup()
from omnigov.exports import command, jobs
from omnigov.ledger import export
export.SEGMENT = 3
close, closed = export._Core.close, []
def die(self):
    close(self)
    closed.append(self)
    if len(closed) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
export._Core.close = die
jobs.jobs_run()
"""


def test_killed_midway_the_export_ends_with_another_process(
    committed_cast: Cast, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people: Any = committed_cast
    ExportJob.objects.filter(state__in=jobs.OPEN).update(state=ExportJob.State.EXPIRED)
    settings.OMNIGOV_EXPORTS_DIR = tmp_path
    monkeypatch.setattr(export_module, "SEGMENT", 3)
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("maroon")))
    recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)))
    job = jobs.job_create(
        workspace=people.workspace,
        by=people.auditor,
        profile="full",
        language="ja",
        since=None,
        until=None,
    )
    killed = subprocess.run(
        [sys.executable, "-c", DOOMED],
        env={**os.environ, "OMNIGOV_EXPORTS_DIR": str(tmp_path)},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    job.refresh_from_db()
    assert (job.state, job.entries) == (ExportJob.State.RUNNING, 6)
    assert jobs.jobs_run() == 1
    job.refresh_from_db()
    assert job.state == ExportJob.State.DONE
    assert verify_bundle(jobs.file_of(job), str(log_signer().verifier), deep=True).ok
    assert [each.suffix for each in tmp_path.iterdir() if each.suffix != ".lock"] == [".zip"]


DOOMED_COMMAND = """
import os, signal, sys, django
django.setup()
from omnigov.exports.command import main
from omnigov.ledger import export
real = export.export_record
def die(**_):
    os.kill(os.getpid(), signal.SIGKILL)
export.export_record = die
main(sys.argv[1:])
"""


def test_what_a_killed_command_left_the_same_command_removes(
    committed_cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    """Killed when all words of a full bundle lie in its unfinished file."""
    people: Any = committed_cast
    settings.OMNIGOV_EXPORTS_DIR = tmp_path / "exports"
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("maroon")))
    recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)))
    out = tmp_path / "k" / "p.zip"
    arguments = ["--out", str(out), "--profile", "full", "--workspace", str(people.workspace.id)]
    killed = subprocess.run(
        [sys.executable, "-c", DOOMED_COMMAND, *arguments],
        env={**os.environ, "OMNIGOV_EXPORTS_DIR": str(tmp_path / "exports")},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    (left,) = out.parent.iterdir()
    assert left.suffix == ".part"
    assert command.main(arguments) == 0
    assert list(out.parent.iterdir()) == [out]
    assert list((tmp_path / "exports").iterdir()) == []
    assert verify_bundle(out, str(log_signer().verifier), deep=True).ok
