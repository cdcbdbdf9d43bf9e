"""Intake: resumable, refused with a reason that is kept, the same bytes known again."""

from __future__ import annotations

import io
import uuid

import pytest
from PIL import Image

from omnigov.decisions.models import Run
from omnigov.intake import vault
from omnigov.intake.models import MediaAsset
from omnigov.intake.services import (
    UploadConflict,
    UploadGone,
    batch_create,
    file_submit,
    upload_append,
    upload_begin,
)
from omnigov.keys import keyring
from tests.conftest import Cast


def picture(colour: str = "red", size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def batch(cast: Cast) -> object:
    return batch_create(policy_version=cast.policy_version, name="morning", by=cast.operator)


def test_a_picture_becomes_a_sealed_asset_with_a_run(cast: Cast) -> None:
    content = picture()
    submission = file_submit(batch=batch(cast), name="a.png", content=content, by=cast.operator)
    asset = submission.asset
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
    assert done.state == "accepted"
    assert vault.read(done.asset.id, length=len(content)) == content


def test_more_bytes_than_announced_are_refused(cast: Cast) -> None:
    upload = upload_begin(batch=batch(cast), name="a.png", length=10, by=cast.operator)
    with pytest.raises(UploadConflict):
        upload_append(submission_id=upload.id, offset=0, chunk=b"x" * 11)


def test_nothing_is_added_to_an_ended_upload(cast: Cast) -> None:
    done = file_submit(batch=batch(cast), name="a.png", content=picture(), by=cast.operator)
    with pytest.raises(UploadGone):
        upload_append(submission_id=done.id, offset=0, chunk=b"x")
    with pytest.raises(UploadGone):
        upload_append(submission_id=uuid.uuid4(), offset=0, chunk=b"x")


def test_the_same_bytes_are_one_asset_and_two_runs(
    cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        first = file_submit(batch=batch(cast), name="a.png", content=picture(), by=cast.operator)
        second = file_submit(batch=batch(cast), name="copy.png", content=picture(), by=cast.operator)
    assert (first.seen_before, second.seen_before) == (False, True)
    assert second.asset == first.asset
    assert Run.objects.filter(asset=first.asset).count() == 2
    assert not vault._file(second.id).exists()


def test_the_same_bytes_in_another_workspace_are_not_known(cast: Cast) -> None:
    from omnigov.policies.services import builtin_publish

    file_submit(batch=batch(cast), name="a.png", content=picture(), by=cast.operator)
    version = builtin_publish(workspace=cast.elsewhere)[0]
    theirs = file_submit(
        batch=batch_create(policy_version=version, name="", by=cast.outsider),
        name="a.png",
        content=picture(),
        by=cast.outsider,
    )
    assert theirs.seen_before is False
    both = MediaAsset.objects.filter(workspace__in=[cast.workspace, cast.elsewhere])
    digests = set(both.values_list("keyed_digest", flat=True))
    assert len(digests) == 2


def test_what_is_refused_says_why_and_leaves_no_byte(
    cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        refused = file_submit(
            batch=batch(cast), name="notes.png", content=b"these are only words", by=cast.operator
        )
    refused.refresh_from_db()
    assert refused.state == "refused"
    assert refused.refusal_sentence.endswith(".")
    assert not refused.runs.exists()
    assert not vault._file(refused.id).exists()


@pytest.mark.parametrize(("length", "code"), [(0, "empty"), (10**9, "too_many_bytes")])
def test_what_can_be_refused_before_a_byte_is_sent_is(cast: Cast, length: int, code: str) -> None:
    assert upload_begin(batch=batch(cast), name="a.png", length=length, by=cast.operator).refusal_code == code
