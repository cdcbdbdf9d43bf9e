"""A worker dies, a broker forgets: every run still ends, once, with one entry on the record."""

from __future__ import annotations

import os

import pytest
import redis

from omnigov.decisions.models import Decision, Run, RunState
from omnigov.decisions.uploads import file_submit
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.intake.services import batch_create
from omnigov.ledger.check import check
from omnigov.ledger.models import LedgerEntry
from tests import bad_documents
from tests.conftest import Cast
from tests.processes import SAMPLES, until, working

pytestmark = [pytest.mark.long, pytest.mark.services, pytest.mark.timeout(300)]

PICTURES = sorted(file for file in SAMPLES.iterdir() if file.suffix in {".jpg", ".png", ".webp"})
MIDWAY = [RunState.REDACTING, RunState.INFERRING, RunState.ATTRIBUTING]


def hand_in(cast: Cast, count: int) -> list[Run]:
    batch = batch_create(policy_version=cast.policy_version, name="faults", by=cast.operator)
    submissions = [
        file_submit(batch=batch, name=file.name, content=file.read_bytes(), by=batch.created_by)
        for file in PICTURES[:count]
    ]
    return [submission.runs.get() for submission in submissions]


def states(runs: list[Run]) -> list[str]:
    return list(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("state", flat=True))


def assert_each_recorded_once(runs: list[Run]) -> None:
    assert states(runs) == [RunState.RECORDED] * len(runs)
    for run in runs:
        assert Decision.objects.filter(run=run).count() == 1
        assert LedgerEntry.objects.filter(subject=run.pk, kind="decision").count() == 1
    problems = check().problems
    assert not problems, problems


@pytest.mark.parametrize("state", MIDWAY)
def test_killed_midway_the_run_ends_with_another_worker(committed_cast: Cast, state: RunState) -> None:
    runs = hand_in(committed_cast, 2)
    with working() as doomed:
        until(lambda: state in states(runs), within=120, worker=doomed, every=0.01)
        doomed.kill()
    assert state in states(runs)
    with working() as worker:
        until(lambda: states(runs) == [RunState.RECORDED] * 2, within=180, worker=worker)
    assert_each_recorded_once(runs)


def test_killed_before_it_took_anything_nothing_is_lost(committed_cast: Cast) -> None:
    with working() as doomed:
        doomed.kill()
    runs = hand_in(committed_cast, 1)
    assert states(runs) == [RunState.CHECKING]
    with working() as worker:
        until(lambda: states(runs) == [RunState.RECORDED], within=180, worker=worker)
    assert_each_recorded_once(runs)


def test_an_emptied_broker_loses_nothing(committed_cast: Cast) -> None:
    broker = redis.Redis(unix_socket_path=os.environ["BROKER_URL"].removeprefix("redis+socket://"))
    runs = hand_in(committed_cast, 2)
    broker.flushall()
    with working() as worker:
        until(lambda: RunState.REDACTING in states(runs), within=120, worker=worker, every=0.01)
        broker.flushall()
        until(lambda: states(runs) == [RunState.RECORDED] * 2, within=180, worker=worker)
    broker.close()
    assert_each_recorded_once(runs)


def test_a_message_delivered_many_times_does_the_work_once(committed_cast: Cast) -> None:
    from omnigov import celery

    runs = hand_in(committed_cast, 1)
    for _ in range(20):
        celery.wake("workers.redact", "workers.decide")
    with working() as worker:
        until(lambda: states(runs) == [RunState.RECORDED], within=180, worker=worker)
        for _ in range(20):
            celery.wake("workers.redact", "workers.decide")
    assert_each_recorded_once(runs)


def test_two_workers_share_a_batch(committed_cast: Cast) -> None:
    runs = hand_in(committed_cast, 4)
    with working(), working() as worker:
        until(lambda: states(runs) == [RunState.RECORDED] * 4, within=240, worker=worker)
    assert_each_recorded_once(runs)


def test_killed_midway_a_document_and_a_text_end_with_another_worker(committed_cast: Cast) -> None:
    batch = batch_create(policy_version=committed_cast.policy_version, name="f", by=committed_cast.operator)
    letter = b"Dear Ms Whitfield, please call 03-1234-5678 soon.\n"
    files = {"a.pdf": bad_documents.pdf(bad_documents.page(), bad_documents.WORDS), "b.txt": letter}
    runs = [
        file_submit(batch=batch, name=name, content=content, by=batch.created_by).runs.get()
        for name, content in files.items()
    ]
    with working() as doomed:
        until(lambda: RunState.REDACTING in states(runs), within=120, worker=doomed, every=0.01)
        doomed.kill()
    with working() as worker:
        until(lambda: states(runs) == [RunState.RECORDED] * 2, within=180, worker=worker)
    assert_each_recorded_once(runs)
    document, text = ({part.name for part in evidence.manifest(run.pk)} for run in runs)
    assert document >= {"redacted", "pages", "thumbnail", "transcript", "heat_map"}
    assert text == {"redacted"}
    copy = evidence.content(runs[1].pk, Name.REDACTED)
    assert copy == b"Dear [PERSON_1], please call [PHONE_NUMBER_1] soon.\n"
