"""A worker dies while it measures or adapts: another one does it, and it is recorded once."""

from __future__ import annotations

from typing import Any

import pytest

from omnigov.ledger.check import check
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import Measurement
from omnigov.studio import studies
from tests.conftest import Cast
from tests.omnigov.recorded_examples import colours_kept
from tests.processes import until, working

pytestmark = [pytest.mark.long, pytest.mark.services, pytest.mark.timeout(500)]


def test_killed_midway_another_worker_ends_it_once(committed_cast: Cast) -> None:
    people: Any = committed_cast
    version = colours_kept(committed_cast)
    study = studies.study_ask(version=version, kind="adapt", by=people.steward)

    def state() -> str:
        study.refresh_from_db()
        return study.state

    with working() as doomed:
        until(lambda: state() == "working", within=180, worker=doomed, every=0.01)
        doomed.kill()
    assert state() == "working"
    with working() as worker:
        until(lambda: state() in {"done", "failed"}, within=300, worker=worker)
    assert (study.state, study.tries, study.failure_sentence) == ("done", 2, "")
    assert Measurement.objects.filter(policy=version.policy).count() == 1
    for kind in ("adapted", "evaluated"):
        assert LedgerEntry.objects.filter(subject=version.policy_id, kind=kind).count() == 1
    problems = check().problems
    assert not problems, problems
