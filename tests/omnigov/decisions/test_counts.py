"""The counters of batches say what there is, whoever changes it and however many do at once."""

from __future__ import annotations

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from PIL import Image

from omnigov.decisions.counts import Counts, counts_mend, counts_of
from omnigov.decisions.models import BatchCount, Decision, Run, RunState
from omnigov.decisions.progress import batch_progress
from omnigov.intake.models import Batch, Submission
from tests.conftest import Cast
from tests.omnigov import recorded


def counted(batch: Batch) -> Counts:
    """The counts, once they are held against the rows."""
    assert counts_mend() == 0
    return counts_of([batch.pk])[batch.pk]


def states(batch: Batch) -> dict[str, int]:
    return {state: number for state, number in counted(batch).files.items() if number}


@pytest.fixture
def batch(cast: Any) -> Batch:
    files = [(f"{n}.png", recorded.png("red", (64 + n, 64))) for n in range(3)]
    return recorded.batch_of(cast.policy_version, cast.operator, *files, ("a.docx", b"PK\x03\x04" * 9))


def test_files_are_counted_in_the_state_that_they_are_in(cast: Cast, batch: Batch) -> None:
    first, second, third, _ = batch.submissions.order_by("created_at")
    assert counted(batch).total == 4
    decision = recorded.record(first, picture=Image.new("RGB", (64, 48)))
    recorded.stop(recorded.run_of(second))
    Run.objects.filter(submission=third).update(state="tomorrow")
    found = counted(batch)
    assert states(batch) == {"recorded": 1, "failed": 1, "refused": 1, "tomorrow": 1}
    assert (found.total, found.ended, found.recorded, found.stopped, found.refused) == (4, 3, 1, 1, 1)
    assert found.progress == 750_000
    Decision.objects.filter(pk=decision.pk).update(review_state="escalated")
    assert counted(batch).in_review == 1
    Decision.objects.filter(pk=decision.pk).update(review_state="reviewed")
    assert counted(batch).in_review == 0


def test_a_batch_s_bar_is_two_queries_however_many_files(
    cast: Any, batch: Batch, django_assert_max_num_queries: Any
) -> None:
    """`omnigov submit --wait` asks several times a second."""
    Run.objects.filter(submission__batch=batch).update(state="redacting", step="faces")
    with django_assert_max_num_queries(2) as asked:
        found = batch_progress(batch)
    assert (found.total, found.ended, found.percent, found.step) == (4, 1, 25, "faces")
    assert not [each["sql"] for each in asked if '"redaction"' in each["sql"]]


def test_of_a_corrected_file_the_newest_run_counts(cast: Cast, batch: Batch) -> None:
    first = batch.submissions.order_by("created_at")[0]
    recorded.record(first, picture=Image.new("RGB", (64, 48)))
    old = recorded.run_of(first)
    new = Run.objects.create(
        workspace_id=old.workspace_id,
        submission=first,
        asset_id=old.asset_id,
        policy_version_id=old.policy_version_id,
        model_version_id=old.model_version_id,
        parent=old,
    )
    assert "recorded" not in states(batch)
    Run.objects.filter(pk=old.pk).update(state=RunState.ERASED)
    assert "erased" not in states(batch)
    Run.objects.filter(pk=new.pk).update(state=RunState.ERASED)
    assert states(batch)["erased"] == 1


def test_a_file_is_counted_from_its_first_byte_on(cast: Any, batch: Batch) -> None:
    upload = Submission.objects.create(batch=batch, uploaded_by=cast.operator, name="b.png", length=9)
    assert states(batch)["uploading"] == 1
    Submission.objects.filter(pk=upload.pk).update(state="refused")
    assert states(batch)["refused"] == 2
    assert "uploading" not in states(batch)


def test_rows_are_gathered_now_and_then(cast: Cast, batch: Batch) -> None:
    run = Run.objects.filter(submission__batch=batch)[0]
    for number in range(400):
        Run.objects.filter(pk=run.pk).update(state=("redacting", "inferring")[number % 2])
    assert BatchCount.objects.filter(batch=batch).count() < 600
    assert states(batch)["inferring"] == 1


def test_what_somebody_changed_by_hand_is_mended(cast: Cast, batch: Batch) -> None:
    BatchCount.objects.create(batch=batch, state="failed", files=7)
    BatchCount.objects.filter(batch=batch, state="received").delete()
    assert counts_of([batch.pk])[batch.pk].total != 4
    assert counts_mend() == 2
    assert counted(batch).total == 4


@pytest.mark.services
def test_many_at_once_lose_no_count(committed_cast: Cast) -> None:
    people: Any = committed_cast
    files = [(f"{n}.png", recorded.png("navy", (64 + n, 64))) for n in range(8)]
    batch = recorded.batch_of(people.policy_version, people.operator, *files)
    runs = list(Run.objects.filter(submission__batch=batch).values_list("pk", flat=True))

    def change(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(40):
                with transaction.atomic():
                    # Rows in one order, so that only counters could make them wait in a circle.
                    for run in sorted(chance.sample(runs, 2)):
                        Run.objects.filter(pk=run).update(state=chance.choice(list(RunState)))
                if chance.random() < 0.1:
                    _correct(chance.choice(runs))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(8)))
    assert counted(batch).total == 8
    # No worker is to find them.
    Run.objects.filter(submission__batch=batch).update(state=RunState.CANCELLED)
    assert states(batch) == {"cancelled": 8}


def _correct(run: uuid.UUID) -> None:
    """Puts another run in this one's place, unless one is."""
    old = Run.objects.get(pk=run)
    if not old.corrections.exists():
        fields = ("workspace_id", "submission_id", "asset_id", "policy_version_id", "model_version_id")
        Run.objects.bulk_create(
            [Run(parent=old, **{name: getattr(old, name) for name in fields})], ignore_conflicts=True
        )
