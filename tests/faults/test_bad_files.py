"""Files that no camera made, through the door, the queue and a real worker: each ends, and says why."""

from __future__ import annotations

import re

import pytest

from omnigov.decisions.models import ENDED, Run, RunState
from omnigov.decisions.uploads import file_submit
from omnigov.intake.models import Submission
from omnigov.intake.services import batch_create
from omnigov.ledger.check import check
from tests.bad_files import REFUSED_BY_DECODER, BadFile, bad_files
from tests.conftest import Cast
from tests.processes import SAMPLES, until, working

pytestmark = [pytest.mark.long, pytest.mark.services, pytest.mark.timeout(900)]

INNARDS = re.compile(r"Traceback|File \"|\.py\b|0x[0-9a-f]{6}|Error\b|Exception")
GOOD = ("cat.jpg", "fruits.jpg")


def test_each_bad_file_ends_with_a_sentence_and_delays_nobody(committed_cast: Cast) -> None:
    files = list(bad_files())
    assert len(files) >= 60
    batch = batch_create(policy_version=committed_cast.policy_version, name="bad", by=committed_cast.operator)
    good = [BadFile(name, (SAMPLES / name).read_bytes(), "accepted") for name in GOOD]
    handed_in = [
        (file, file_submit(batch=batch, name=file.name, content=file.content, by=batch.created_by))
        for file in [good[0], *files, good[1]]
    ]
    runs = Run.objects.filter(submission__batch=batch)
    with working() as worker:
        until(lambda: not runs.exclude(state__in=ENDED).exists(), within=600, worker=worker, every=0.5)
        assert worker.process.poll() is None
    for file, submission in handed_in:
        assert_ended_as_expected(file, submission)
    problems = check().problems
    assert not problems, problems


def assert_ended_as_expected(file: BadFile, submission: Submission) -> None:
    submission.refresh_from_db()
    run = submission.runs.first()
    if run is None or run.state == RunState.REFUSED:
        assert submission.state == Submission.State.REFUSED, file.name
        assert file.expected == "refused", (file.name, submission.refusal_sentence)
        sentence = submission.refusal_sentence
    else:
        assert file.expected == "accepted" or file.name in REFUSED_BY_DECODER, file.name
        # What decodes ends with a decision, or a person has to look at it; the rest says what it is.
        ends = {RunState.FAILED} if file.expected == "refused" else {RunState.RECORDED, RunState.QUARANTINED}
        assert run.state in ends, (file.name, run.state, run.failure_sentence)
        sentence = run.failure_sentence
        assert run.state == RunState.RECORDED or sentence, file.name
    if file.name in GOOD:
        assert run is not None
        assert run.state == RunState.RECORDED
    assert len(sentence) > 20 or not sentence, (file.name, sentence)
    assert not INNARDS.search(sentence), (file.name, sentence)
