"""What becomes of a run, by whose fault it did not end well: one victim each time."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from omnigov.contracts import Quarantined
from omnigov.decisions import leases, live_workers
from omnigov.decisions.leases import Claim, PolicyStopped
from omnigov.decisions.models import LiveWorker, Run, RunState
from omnigov.keys import keyring
from omnigov.registry.queries import current_model
from tests.conftest import Cast
from tests.omnigov.decisions.test_leases import make_runs
from workers import pipeline
from workers.faults import WorkerUnfit
from workers.omni.infer import LabelsAlike
from workers.running import deciding, drain, ends, redacting
from workers.running import process as process_module
from workers.running.drain import Drain, StepPlan
from workers.running.process import process

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def alone(db: None) -> Iterator[None]:
    """Nothing else waits, and a worker that left in one test has not left in the next."""
    Run.objects.filter(state__in=[state for states in leases.STATES.values() for state in states]).update(
        state=RunState.CANCELLED
    )
    yield
    process.leaving.clear()


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def drained(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """A worker takes what waits to be redacted, and this happens to each."""
    monkeypatch.setattr(redacting, "redact_one", failing(error))
    Drain(StepPlan("redact", 1, redacting.redact))()


def test_a_worker_without_its_detector_ends_no_run_and_takes_no_more(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = make_runs(cast, 3)
    drained(monkeypatch, Quarantined("detector_missing", "The detector centerface did not load."))
    assert process.leaving.is_set()
    found = list(Run.objects.filter(pk__in=[run.pk for run in runs]).order_by("created_at"))
    assert [run.attempt for run in found] == [0, 0, 0]
    assert all(run.lease_token is None for run in found)
    assert [run.state for run in found] == ["redacting", "received", "received"], "only one was touched"
    assert found[0].trouble == "The detector centerface did not load."
    assert live_workers.Lookout().why_waits(found[0]).sentence == "The detector centerface did not load."


def test_a_run_whose_policy_was_stopped_is_given_back_and_counts_no_attempt(
    cast: Cast,
) -> None:
    (run,) = make_runs(cast, 1)
    (claim,) = leases.runs_claim(step="redact", worker="one")
    ends.guarded(claim, failing(PolicyStopped("The policy was stopped.")))
    run.refresh_from_db()
    assert (run.attempt, run.lease_token, run.suspect, run.trouble) == (0, None, False, "")
    assert not process.leaving.is_set()


def test_the_files_fault_ends_one_run_and_the_next_is_done(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = make_runs(cast, 2)
    drained(monkeypatch, Quarantined("still_found", "Personal data was still found."))
    states = Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("state", flat=True)
    assert list(states) == ["quarantined", "quarantined"]
    assert not process.leaving.is_set()


def test_a_full_disk_is_waited_out_with_growing_pauses(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    (run,) = make_runs(cast, 1)
    drained(monkeypatch, OSError(errno.ENOSPC, "no space left on device"))
    run.refresh_from_db()
    assert (run.state, run.attempt, run.lease_token) == ("redacting", 0, None)
    assert "disk" in run.trouble
    assert run.not_before is not None
    assert leases.runs_claim(step="redact", worker="b") == [], "its pause is not over"
    Run.objects.update(not_before=None, troubled_since=Now() - timedelta(seconds=40))
    drained(monkeypatch, OSError(errno.ENOSPC, "no space left on device"))
    run.refresh_from_db()
    assert timedelta(seconds=35) < run.not_before - timezone.now() < timedelta(seconds=45)


def test_a_moment_that_lasts_too_long_ends_with_a_sentence(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    (run,) = make_runs(cast, 1)
    Run.objects.update(troubled_since=Now() - timedelta(seconds=settings.OMNIGOV_TROUBLE_SECONDS + 1))
    drained(monkeypatch, MemoryError())
    run.refresh_from_db()
    assert (run.state, run.failure_code) == ("failed", "trouble_lasted")
    assert "memory" in run.failure_sentence


def test_a_policy_whose_labels_are_alike_ends_the_run_with_a_sentence_and_no_worker(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = make_runs(cast, 1)
    drained(monkeypatch, LabelsAlike("cat"))
    run.refresh_from_db()
    assert (run.state, run.failure_code) == ("failed", "labels_alike")
    assert "label words of its own" in run.failure_sentence


def test_a_night_without_a_worker_is_no_trouble_that_lasts(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = make_runs(cast, 1)
    drained(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    night = Now() - timedelta(hours=10)
    Run.objects.update(not_before=night, troubled_since=night)
    drained(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    run.refresh_from_db()
    assert (run.state, run.trouble_code) == ("redacting", "moment")
    assert run.troubled_since is not None
    assert timezone.now() - run.troubled_since < timedelta(minutes=1)


def test_where_the_database_is_away_the_parent_gives_the_run_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_runs(cast, 1)
    owed: list[Claim] = []
    monkeypatch.setattr(process.line, "owe", lambda claim, code, sentence: owed.append(claim))
    monkeypatch.setattr(ends.leases, "lease_release", failing(OperationalError("gone")))
    monkeypatch.setattr(ends.leases, "lease_postpone", failing(OperationalError("gone")))
    (claim,) = leases.runs_claim(step="redact", worker="a")
    ends.guarded(claim, failing(OperationalError("gone")))
    assert owed == [claim]


def test_a_claim_whose_commit_was_not_heard_of_is_given_back_by_the_parent(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_runs(cast, 1)
    held: list[Claim] = []
    owed: list[Claim] = []

    class CommitNotHeardOf:
        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None:
            raise OperationalError("The connection was lost while it committed.")

    monkeypatch.setattr(process_module, "transaction", SimpleNamespace(atomic=CommitNotHeardOf))
    monkeypatch.setattr(process.line, "hold", held.extend)
    monkeypatch.setattr(process.line, "owe", lambda claim, code, sentence: owed.append(claim))
    with pytest.raises(OperationalError), process.claimed("redact", 1):
        pass
    assert len(held) == 1
    assert owed == held


def test_what_a_leaving_worker_has_not_begun_is_given_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = make_runs(cast, 3, state=RunState.INFERRING, inference={"label": "animal"})
    done: list[Claim] = []

    def first_only(claim: Claim) -> None:
        done.append(claim)
        process.leaving.set()

    monkeypatch.setattr(deciding, "decide_one", first_only)
    Drain(StepPlan("decide", 4, deciding.decide))()
    assert [claim.run_id for claim in done] == [runs[0].pk]
    for run in runs[1:]:
        run.refresh_from_db()
        assert (run.attempt, run.lease_token) == (0, None)


def test_a_gpu_that_is_gone_gives_the_whole_batch_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = make_runs(cast, 3, state=RunState.INFERRING, inference={"label": "animal"})
    monkeypatch.setattr(
        deciding, "decide_one", failing(RuntimeError("CUDA error: unspecified launch failure"))
    )
    Drain(StepPlan("decide", 4, deciding.decide))()
    found = Run.objects.filter(pk__in=[run.pk for run in runs]).order_by("created_at")
    # The first was at work alone: it may be what ended the GPU.
    assert list(found.values_list("state", "attempt", "suspect", "lease_token")) == [
        ("inferring", 1, True, None),
        ("inferring", 0, False, None),
        ("inferring", 0, False, None),
    ]
    assert all("GPU" in run.trouble for run in found)


def test_a_gpu_that_ends_over_a_batch_makes_all_of_it_suspect_and_blames_none(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = make_runs(cast, 3, state=RunState.INFERRING)
    monkeypatch.setattr(deciding, "_infer", failing(RuntimeError("CUDA error: unspecified launch failure")))
    Drain(StepPlan("decide", 4, deciding.decide))()
    found = Run.objects.filter(pk__in=[run.pk for run in runs])
    assert set(found.values_list("attempt", "suspect")) == {(0, True)}
    Run.objects.update(not_before=None)
    assert len(leases.runs_claim(step="decide", worker="b", limit=4)) == 1, "each is taken alone now"


def test_a_file_that_ends_the_gpu_of_one_worker_after_another_is_the_files_fault(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    bad, good = make_runs(cast, 2, state=RunState.INFERRING, inference={"label": "animal"})

    def decided(claim: Claim) -> None:
        if claim.run_id == bad.pk:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        Run.objects.filter(pk=claim.run_id).update(
            state=RunState.RECORDED, lease_token=None, lease_until=None
        )

    monkeypatch.setattr(deciding, "decide_one", decided)
    for _ in range(settings.OMNIGOV_MAX_ATTEMPTS + 1):
        process.leaving.clear()
        Run.objects.update(not_before=None)
        Drain(StepPlan("decide", 4, deciding.decide))()
    for run in (bad, good):
        run.refresh_from_db()
    assert (bad.state, bad.failure_code) == ("failed", "gpu_ended")
    assert "GPU" in bad.failure_sentence
    assert good.state == "recorded"


def test_a_vault_that_is_not_mounted_is_waited_for(cast: Cast, tmp_path: Path, settings: Settings) -> None:
    (run,) = make_runs(cast, 1)
    keyring().asset_make(run.asset_id)
    settings.OMNIGOV_VAULT_DIR = str(tmp_path / "not mounted")
    Drain(StepPlan("redact", 1, redacting.redact))()
    run.refresh_from_db()
    assert (run.state, run.attempt, run.trouble_code) == ("redacting", 0, "moment")
    assert "folder of originals" in run.trouble


def test_attribution_does_not_hide_that_the_worker_can_not_go_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = make_runs(cast, 1, state=RunState.ATTRIBUTING)
    monkeypatch.setattr(deciding, "run_of", lambda _: run)
    monkeypatch.setattr(Run, "inference_result", property(lambda _: object()))
    monkeypatch.setattr(deciding, "seen_of", lambda _: b"")
    monkeypatch.setattr(pipeline, "attribute", failing(RuntimeError("CUDA error: device gone")))
    (claim,) = leases.runs_claim(step="decide", worker="a")
    with pytest.raises(RuntimeError, match="CUDA"):
        deciding._attribute(claim)
    monkeypatch.setattr(pipeline, "attribute", failing(ValueError("no gradient")))
    assert "could not be computed" in deciding._attribute(claim)[2]


def test_a_worker_claims_only_what_its_models_can_do_and_the_rest_waits_and_says_so(cast: Cast) -> None:
    people: Any = cast
    (run,) = make_runs(cast, 1, state=RunState.INFERRING)
    model = current_model(people.policy_version.spec.stage)
    assert leases.runs_claim(step="decide", worker="a", models={"f" * 64}) == []
    Run.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    run.refresh_from_db()
    assert live_workers.Lookout().why_waits(run).code == "no_worker"
    live_workers.worker_seen(name="a", queue="gpu", holds={"f" * 64}, ready=True)
    assert live_workers.Lookout().why_waits(run).code == "no_model"
    live_workers.worker_seen(name="b", queue="gpu", holds={model.digest}, ready=True)
    assert live_workers.Lookout().why_waits(run).code == ""
    assert len(leases.runs_claim(step="decide", worker="b", models={model.digest})) == 1


def test_the_batch_page_says_why_a_run_waits(cast: Cast, client: Client) -> None:
    people: Any = cast
    (run,) = make_runs(cast, 1, state=RunState.INFERRING)
    Run.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    client.force_login(people.operator)
    page = client.get(f"/batches/{run.submission.batch_id}/").content.decode()
    assert "No worker is running that could take this file." in page
    live_workers.worker_seen(name="a", queue="gpu", holds={"f" * 64}, ready=True)
    page = client.get(f"/batches/{run.submission.batch_id}/").content.decode()
    assert "No worker holds the model version that this run asks for." in page
    live_workers.worker_seen(name="a", queue="gpu", holds={run.model_version.digest}, ready=True)
    page = client.get(f"/batches/{run.submission.batch_id}/").content.decode()
    assert "No worker" not in page


def test_where_every_worker_is_unfit_the_page_says_what_the_worker_says(cast: Cast) -> None:
    (run,) = make_runs(cast, 1)
    Run.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    run.refresh_from_db()
    live_workers.worker_seen(name="a", queue="cpu", trouble="The detector text finds nothing.")
    assert live_workers.Lookout().why_waits(run).sentence == "The detector text finds nothing."
    LiveWorker.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    assert live_workers.Lookout().why_waits(run).code == "no_worker"


def test_what_has_come_in_meanwhile_is_checked_before_the_next_redaction(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person waits for the check's answer; a backlog of redactions must not keep it."""
    order: list[str] = []

    def check(claims: list[Claim]) -> None:
        order.append("check")
        Run.objects.filter(pk__in=[claim.run_id for claim in claims]).update(state=RunState.CANCELLED)

    def redact(claims: list[Claim]) -> None:
        order.append("redact")
        Run.objects.filter(pk__in=[claim.run_id for claim in claims]).update(state=RunState.CANCELLED)
        if len(order) == 1:
            make_runs(cast, 1, state=RunState.CHECKING)

    make_runs(cast, 2)
    Drain(StepPlan("check", 1, check), StepPlan("redact", 1, redact))()
    assert order == ["redact", "check", "redact"]


def test_a_loop_that_meets_a_lost_database_ends_and_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain.process, "claimed", failing(OperationalError("gone")))
    Drain(StepPlan("redact", 1, redacting.redact))()
    assert not process.leaving.is_set()


def test_a_step_that_says_it_is_unfit_stops_the_process_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(process.line, "unfit", said.append)
    process.stop(WorkerUnfit("The detector is missing."))
    assert said == ["The detector is missing."]
    assert process.leaving.is_set()
