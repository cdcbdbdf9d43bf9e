"""What the keeper finishes, refuses, erases and carries out again; and that one bad item stops no other."""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from omnigov import celery
from omnigov.erasure import journal
from omnigov.erasure import replaying as erasure_replaying
from omnigov.erasure.retention import retention_look
from omnigov.intake import vault
from omnigov.intake.models import Batch, MediaAsset, Submission
from omnigov.intake.services import batch_create, chunk_seal, upload_abandon, upload_begin
from omnigov.keeper import orphans, replaying, retention, uploads
from omnigov.keeper.faults import faults
from omnigov.keys import keyring
from tests.conftest import Cast
from tests.omnigov import recorded

pytestmark = pytest.mark.services

STAY = threading.Event()


@pytest.fixture(autouse=True)
def journal_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of this test's own: what it erases in a transaction that is rolled back was never there."""
    file = tmp_path / "erasures.ndjson"
    monkeypatch.setattr(journal, "path", lambda: file)
    return file


@pytest.fixture
def batch(cast: Cast) -> Batch:
    people: Any = cast
    return batch_create(policy_version=people.policy_version, name="sweeps", by=people.operator)


def cut_off(batch: Batch, content: bytes, *, keyless: bool = False) -> Submission:
    """An upload whose process died between the last byte and the look at the whole file."""
    upload = upload_begin(batch=batch, name="a.png", length=len(content), by=batch.created_by)
    sealed = vault.append(upload.id, content, offset=0, sealed=0)
    if keyless:
        keyring().asset_destroy(upload.id)
    Submission.objects.filter(pk=upload.pk).update(
        offset=len(content), sealed=sealed, touched_at=timezone.now() - timedelta(minutes=1)
    )
    return upload


def test_an_upload_whose_last_step_was_cut_off_is_finished(batch: Batch) -> None:
    upload = cut_off(batch, recorded.png("blue"))
    uploads.sweep(STAY)
    upload.refresh_from_db()
    assert upload.state == "checking"
    assert upload.runs.get().state == "checking"


def test_one_damaged_upload_stops_no_other_and_is_told(batch: Batch) -> None:
    bad = cut_off(batch, recorded.png("red"), keyless=True)
    good = cut_off(batch, recorded.png("blue"))
    uploads.sweep(STAY)
    good.refresh_from_db()
    assert good.state == "checking"
    fault = faults().get(job="uploads")
    assert fault.subject == str(bad.pk)
    assert "keys are gone" in fault.sentence


def test_an_upload_that_nobody_took_up_for_a_day_is_refused(batch: Batch) -> None:
    upload = upload_begin(batch=batch, name="a.png", length=1000, by=batch.created_by)
    Submission.objects.filter(pk=upload.pk).update(touched_at=timezone.now() - timedelta(days=2))
    uploads.sweep(STAY)
    upload.refresh_from_db()
    assert (upload.state, upload.refusal_code) == ("refused", "abandoned")


@pytest.mark.parametrize("days", [2, -2])
def test_a_clock_that_is_wrong_by_days_refuses_no_open_upload(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """The keeper's that goes ahead, or that of the machine which took the upload and goes behind."""
    right = timezone.now

    def wrong() -> datetime:
        return right() + timedelta(days=days)

    monkeypatch.setattr(timezone, "now", wrong)
    upload = upload_begin(batch=batch, name="a.png", length=1000, by=batch.created_by)
    fresh = upload_begin(batch=batch, name="b.png", length=1000, by=batch.created_by)
    chunk_seal(submission_id=upload.pk, offset=0, chunk=recorded.png()[:99])
    monkeypatch.setattr(timezone, "now", right if days < 0 else wrong)
    uploads.sweep(STAY)
    for each in (upload, fresh):
        upload_abandon(submission_id=each.pk)
        each.refresh_from_db()
        assert each.state == "uploading"


def test_a_keeper_whose_clock_goes_years_ahead_erases_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    people: Any = cast
    made = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    submission = made.submissions.get()
    recorded.stop(recorded.run_of(submission))

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + timedelta(days=4000)

    monkeypatch.setattr(timezone, "now", lambda: Ahead.now(UTC))
    monkeypatch.setattr(retention, "datetime", Ahead)
    retention.retain(STAY)
    submission.asset.refresh_from_db()
    assert submission.asset.erased_at is None


def test_originals_that_a_crash_left_are_removed_and_no_others(cast: Cast) -> None:
    """They are removed after a commit, which does not come in this test."""
    people: Any = cast
    taken, same, bad = (
        ("a.png", recorded.png("olive")),
        ("b.png", recorded.png("olive")),
        ("c.png", b"\x89PNG\r\n\x1a\n" + bytes(99)),
    )
    made = recorded.batch_of(people.policy_version, people.operator, taken, same, bad)
    first, second, refused = made.submissions.order_by("name")
    going = upload_begin(batch=made, name="d.png", length=9, by=people.operator)
    assert (second.asset_id, refused.state) == (first.pk, Submission.State.REFUSED)
    for upload in (first, second, refused, going):
        assert vault.exists(upload.pk)
        orphans.originals_remove(upload.pk.hex[:2], STAY)
    there = {upload.name: vault.exists(upload.pk) for upload in (first, second, refused, going)}
    assert there == {"a.png": True, "b.png": False, "c.png": False, "d.png": True}
    assert not keyring().has_asset(second.pk)


def test_what_is_not_due_is_not_looked_at_again_before_it_can_be(cast: Cast) -> None:
    people: Any = cast
    MediaAsset.objects.filter(erased_at__isnull=True).update(retention_at="2999-01-01T00:00:00Z")
    made = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    asset = made.submissions.get().asset
    now = datetime.now(UTC)
    days = people.policy_version.spec.retention_days
    assert retention_look(now, limit=10).count == 1
    asset.refresh_from_db()
    assert abs(asset.retention_at - (now + timedelta(days=days))) < timedelta(minutes=5)
    assert retention_look(now + timedelta(days=days - 1), limit=10).count == 0


def test_one_medium_that_can_not_be_erased_stops_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    people: Any = cast
    MediaAsset.objects.filter(erased_at__isnull=True).update(retention_at="2999-01-01T00:00:00Z")
    files = [(f"{colour}.png", recorded.png(colour)) for colour in ("red", "green", "blue")]
    made = recorded.batch_of(people.policy_version, people.operator, *files)
    for submission in made.submissions.all():
        recorded.stop(recorded.run_of(submission))
    first, *_ = assets = [each.asset for each in made.submissions.order_by("created_at")]
    discard = vault.discard

    def stubborn(asset: uuid.UUID) -> None:
        if asset == first.pk:
            raise OSError("the disk does not answer")
        discard(asset)

    monkeypatch.setattr(vault, "discard", stubborn)
    later = datetime.now(UTC) + timedelta(days=4000)
    assert retention.retain(STAY, later) == 2
    erased = MediaAsset.objects.filter(pk__in=[asset.pk for asset in assets], erased_at__isnull=False)
    assert erased.count() == 2
    assert faults().get(job="retention").subject == str(first.pk)


def test_an_erasure_that_holds_is_not_carried_out_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    people: Any = cast
    made = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    asset = made.submissions.get().asset
    from omnigov.erasure.services import asset_erase

    asset_erase(asset_id=asset.pk)
    carried: list[journal.Line] = []
    monkeypatch.setattr(replaying, "line_carry_out", carried.append)
    replay = replaying.Replay()
    replay(STAY)
    with CaptureQueriesContext(connection) as queries:
        replay(STAY)
    assert carried == []
    assert len(queries) == 0, "what was seen to hold is not asked for again"


def test_a_line_that_waits_is_not_forgotten_when_the_database_goes_away(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = replaying.Replay()
    replay(STAY)
    line = journal.Line(uuid.uuid4(), datetime.now(UTC), "request")
    journal.write(line)
    monkeypatch.setattr(replaying, "standing", lambda lines: list(lines))
    monkeypatch.setattr(replaying, "line_carry_out", lambda _: None)
    replay(STAY)  # it stands all the same, and waits for the next round
    with monkeypatch.context() as away:

        def lost(*_: object) -> None:
            raise OperationalError("the database is away")

        away.setattr(replaying, "each_alone", lost)
        with pytest.raises(OperationalError):
            replay(STAY)
    assert replay(STAY) == 1


def test_a_new_line_is_carried_out_and_a_fault_is_tried_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = replaying.Replay()
    replay(STAY)
    people: Any = cast
    made = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("teal")))
    asset = made.submissions.get().asset
    journal.write(journal.Line(asset.pk, datetime.now(UTC), "request"))
    with monkeypatch.context() as broken:

        def crash(*_: object) -> None:
            raise OSError("the disk is gone")

        broken.setattr(erasure_replaying, "destroy", crash)
        broken.setattr("omnigov.erasure.services.destroy", crash)
        replay(STAY)
    assert keyring().has_asset(asset.pk)
    assert faults().get(job="erasures").subject == str(asset.pk)
    faults().update(next_at="2020-01-01T00:00:00Z")
    assert replay(STAY) == 1
    assert not keyring().has_asset(asset.pk)
    assert not faults().exists()


def test_a_queue_that_nobody_reads_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Celery("queues of this test", broker=os.environ["BROKER_URL"])
    routes = {task: {"queue": str(uuid.uuid4())} for task in ("workers.check", "workers.redact")}
    app.conf.task_routes = routes
    monkeypatch.setattr(celery, "app", app)
    for _ in range(3):
        celery.wake(*celery.unheard(["workers.check"]))
    with app.connection_for_write() as broker:
        assert [broker.default_channel._size(route["queue"]) for route in routes.values()] == [1, 0]
    assert celery.unheard(list(routes)) == ["workers.redact"]


def test_a_broker_that_is_away_keeps_the_keeper_no_longer_than_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Celery("no broker", broker="redis+socket:///nonexistent/valkey.sock")
    app.conf.task_routes = {"workers.check": {"queue": "cpu"}}
    monkeypatch.setattr(celery, "app", app)
    began = time.monotonic()
    assert celery.unheard(["workers.check"]) == []
    assert time.monotonic() - began < 10
