"""Intake: resumable, refused with a reason that is kept, the same bytes known again."""

from __future__ import annotations

import io
import json
import uuid
from datetime import UTC, datetime
from functools import partial

import pytest
from PIL import Image

from omnigov.decisions import services
from omnigov.decisions.comparison import compare
from omnigov.decisions.leases import LeaseLost
from omnigov.decisions.models import Run
from omnigov.decisions.progress import batch_rows
from omnigov.decisions.uploads import file_submit, upload_append
from omnigov.erasure.services import NotErased, asset_erase, hold_place
from omnigov.intake import vault
from omnigov.intake.models import MediaAsset, Submission
from omnigov.intake.services import UploadConflict, UploadGone, batch_create, upload_begin
from omnigov.keys import keyring
from omnigov.ledger.check import CheckReport
from omnigov.ledger.models import LedgerEntry
from tests.conftest import Cast
from tests.omnigov import recorded
from workers.running.probing import check_one


def picture(colour: str = "red", size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def batch(cast: Cast) -> object:
    return batch_create(policy_version=cast.policy_version, name="morning", by=cast.operator)


def hand_in(cast: Cast, content: bytes, name: str) -> Submission:
    return file_submit(batch=batch(cast), name=name, content=content, by=cast.operator)


def test_a_picture_becomes_a_sealed_asset_with_a_run(cast: Cast) -> None:
    content = picture()
    submission = hand_in(cast, content, "a.png")
    run = Run.objects.get(submission=submission)
    assert (submission.state, submission.asset, run.state) == ("checking", None, "checking")
    assert not run.asset.checked
    asset = recorded.checked(submission).asset
    assert asset == run.asset
    assert (submission.state, asset.media_type, asset.width, asset.height) == (
        "accepted",
        "image/png",
        64,
        48,
    )
    assert vault.read(asset.id, length=asset.size) == content
    assert asset.commitment == keyring().asset(asset.id).commit(content)
    assert Run.objects.get(submission=submission).state == "received"


def test_an_upload_goes_on_where_it_was_cut_off(cast: Cast) -> None:
    content = picture()
    upload = upload_begin(batch=batch(cast), name="a.png", length=len(content), by=cast.operator)
    upload_append(submission_id=upload.id, offset=0, chunk=content[:50])
    with pytest.raises(UploadConflict) as conflict:
        upload_append(submission_id=upload.id, offset=0, chunk=content[:50])
    assert conflict.value.offset == 50
    done = upload_append(submission_id=upload.id, offset=50, chunk=content[50:])
    assert recorded.checked(done).state == "accepted"
    assert vault.read(done.asset.id, length=len(content)) == content


def test_more_bytes_than_announced_are_refused(cast: Cast) -> None:
    upload = upload_begin(batch=batch(cast), name="a.png", length=10, by=cast.operator)
    with pytest.raises(UploadConflict):
        upload_append(submission_id=upload.id, offset=0, chunk=b"x" * 11)


def test_nothing_is_added_to_an_ended_upload(cast: Cast) -> None:
    done = hand_in(cast, picture(), "a.png")
    with pytest.raises(UploadGone):
        upload_append(submission_id=done.id, offset=0, chunk=b"x")
    with pytest.raises(UploadGone):
        upload_append(submission_id=uuid.uuid4(), offset=0, chunk=b"x")


def test_the_same_bytes_are_one_asset_and_two_runs(
    cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        first = recorded.checked(hand_in(cast, picture(), "a.png"))
        second = recorded.checked(hand_in(cast, picture(), "copy.png"))
    assert (first.seen_before, second.seen_before) == (False, True)
    assert second.asset == first.asset
    assert Run.objects.filter(asset=first.asset).count() == 2
    assert not vault._file(second.id).exists()
    assert not keyring().has_asset(second.id)
    assert not MediaAsset.objects.filter(pk=second.id).exists()
    assert {run.state for run in first.asset.runs.all()} == {"received"}


def test_the_same_bytes_in_another_workspace_are_not_known(cast: Cast) -> None:
    from omnigov.policies.services import builtin_publish

    recorded.checked(hand_in(cast, picture(), "a.png"))
    version = builtin_publish(workspace=cast.elsewhere)[0]
    theirs = file_submit(
        batch=batch_create(policy_version=version, name="", by=cast.outsider),
        name="a.png",
        content=picture(),
        by=cast.outsider,
    )
    assert recorded.checked(theirs).seen_before is False
    both = MediaAsset.objects.filter(workspace__in=[cast.workspace, cast.elsewhere])
    digests = set(both.values_list("keyed_digest", flat=True))
    assert len(digests) == 2


def entry_of(subject: uuid.UUID) -> dict[str, object]:
    body = json.loads(bytes(LedgerEntry.objects.get(subject=subject, kind="file_refused").body))
    found: dict[str, object] = body["record"]
    return found


def test_what_is_plainly_no_medium_is_refused_by_its_first_bytes(
    cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    content = b"\0\1\2 no medium " * 1_000_000
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        refused = hand_in(cast, content, "notes.png")
    refused.refresh_from_db()
    assert (refused.state, refused.refusal_code, refused.offset) == ("refused", "not_media", 0)
    assert refused.refusal_sentence.endswith(".")
    assert not refused.runs.exists()
    assert not vault._file(refused.id).exists()
    assert not keyring().has_asset(refused.id)
    entry = entry_of(refused.id)
    assert (entry["code"], entry["asset"]) == ("not_media", None)


@pytest.mark.parametrize(
    ("content", "code"),
    [(picture()[:-30], "truncated"), (picture() + b"and more", "polyglot")],
)
def test_what_the_check_refuses_says_why_and_leaves_no_byte(
    cast: Cast, django_capture_on_commit_callbacks: object, content: bytes, code: str
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        refused = recorded.checked(hand_in(cast, content, "notes.png"))
    run = refused.runs.get()
    assert (refused.state, refused.refusal_code, run.state) == ("refused", code, "refused")
    assert refused.asset is None
    assert refused.refusal_sentence.endswith(".")
    assert not vault._file(refused.id).exists()
    assert not keyring().has_asset(refused.id)
    entry = entry_of(run.id)
    assert (entry["code"], entry["asset"]) == (code, run.asset.commitment)
    report = CheckReport(started_at=datetime.now(UTC))
    compare(report)
    assert not [each for each in report.problems if str(run.id) in each.detail]
    (row,) = batch_rows(refused.batch)
    assert (row.state, row.sentence, row.ended) == ("refused", refused.refusal_sentence, True)


def test_a_check_that_was_lost_is_done_again_and_once(cast: Cast) -> None:
    submission = hand_in(cast, picture(), "a.png")
    run = submission.runs.get()
    lost = recorded.claim(run, "check")
    taken = recorded.claim(run, "check")
    check_one(taken, lambda *_, **__: None)
    with pytest.raises(LeaseLost):
        check_one(lost, lambda *_, **__: None)
    assert LedgerEntry.objects.filter(subject=run.id, kind="run_queued").count() == 1


def test_nothing_is_erased_or_held_while_it_is_checked(cast: Cast) -> None:
    submission = hand_in(cast, picture(), "a.png")
    for act in (asset_erase, partial(hold_place, reason="A case is open.")):
        with pytest.raises(NotErased, match="being checked"):
            act(asset_id=submission.id)  # type: ignore[operator]


def test_a_file_whose_check_failed_is_tried_again_and_can_be_erased(cast: Cast) -> None:
    submission = hand_in(cast, picture(), "a person.png")
    run = submission.runs.get()
    services.run_fail(recorded.claim(run, "check"), code="unexpected", sentence="It did not work.")
    assert services.run_retry(run_id=run.id).state == "checking"
    services.run_fail(recorded.claim(run, "check"), code="unexpected", sentence="It did not work.")
    (row,) = batch_rows(submission.batch)
    assert (row.state, row.run) == ("failed", run.id)
    asset_erase(asset_id=submission.id)
    submission.refresh_from_db()
    assert submission.name == ""
    assert not vault._file(submission.id).exists()


@pytest.mark.parametrize(("length", "code"), [(0, "empty"), (10**9, "too_many_bytes")])
def test_what_can_be_refused_before_a_byte_is_sent_is(cast: Cast, length: int, code: str) -> None:
    assert upload_begin(batch=batch(cast), name="a.png", length=length, by=cast.operator).refusal_code == code
