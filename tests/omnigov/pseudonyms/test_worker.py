"""What the GPU side reads reaches the seal, and neither the logs nor the broker."""

from __future__ import annotations

import logging
from typing import Any, BinaryIO

import pytest
from PIL import Image

from omnigov.contracts import Hook, ReadValues, RedactionResult
from omnigov.decisions.models import Run, RunState
from omnigov.pseudonyms.models import Mention
from omnigov.pseudonyms.queries import names_of
from omnigov.pseudonyms.services import value_of
from tests.conftest import Cast
from tests.omnigov import recorded
from workers import pipeline
from workers.running import redacting
from workers.running.ends import guarded
from workers.running.redacting import redact_one

pytestmark = pytest.mark.services

NAME = "Wanda Ostrowska"


@pytest.fixture
def run(cast: Cast) -> Run:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("tan")))
    return recorded.run_of(batch.submissions.get())


def reading(
    _: pipeline.Order, __: bytes, out: BinaryIO, ___: Hook, read: ReadValues, ____: object
) -> RedactionResult:
    copy, result = recorded.redacted(Image.new("RGB", (90, 90)), [("PERSON", (1, 1, 40, 20))])
    read.note(result.findings[0], NAME, "wandaostrowska")
    out.write(copy)
    return result


def test_a_worker_seals_what_was_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pipeline, "redact_to", reading)
    with caplog.at_level(logging.DEBUG):
        guarded(claim := recorded.claim(run, "redact"), lambda: redact_one(claim))
    run.refresh_from_db()
    assert run.state == RunState.INFERRING
    assert names_of(run) == {0: "PERSON_1"}
    assert value_of(Mention.objects.select_related("run").get(run=run)) == NAME
    assert NAME not in str(run.redaction)
    assert NAME not in caplog.text


def test_where_sealing_fails_the_run_does_and_nothing_is_recorded(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the seal is broken")

    monkeypatch.setattr(pipeline, "redact_to", reading)
    monkeypatch.setattr(redacting, "values_seal", broken)
    claim = recorded.claim(run, "redact")
    guarded(claim, lambda: redact_one(claim))
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert run.redaction is None
    assert NAME not in caplog.text + run.failure_sentence
