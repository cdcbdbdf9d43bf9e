"""A worker with another key folder opens no file, and ends no run for that."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from omnigov.decisions.models import RunState
from omnigov.keys import KeyUnavailable
from omnigov.ledger.services import keys_record
from tests.conftest import Cast
from tests.omnigov import recorded
from workers import child
from workers.faults import WorkerUnfit
from workers.running.ends import guarded
from workers.running.keys import keys_held

pytestmark = pytest.mark.services


def test_a_worker_whose_key_folder_is_another_one_is_not_fit(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    keys_record()
    keys_held()
    settings.OMNIGOV_KEYS_DIR = str(tmp_path)
    with pytest.raises(WorkerUnfit, match="mounted"):
        keys_held()
    assert "mounted" in child._load("cpu")


def test_a_file_whose_keys_are_gone_says_so(cast: Cast) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png("plum")))
    run = recorded.run_of(batch.submissions.get())

    def gone() -> None:
        raise KeyUnavailable(f"This asset's keys are gone: {uuid.uuid4()}")

    guarded(recorded.claim(run, "redact"), gone)
    run.refresh_from_db()
    assert (run.state, run.failure_code) == (RunState.FAILED, "KeyUnavailable")
    assert "keys are gone" in run.failure_sentence
