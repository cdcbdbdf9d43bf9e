"""All that writes batches and media: one way in for the page, the API and the command line."""

from __future__ import annotations

import hashlib
import hmac
import io
import uuid
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from omnigov.accounts.models import User, Workspace
from omnigov.contracts import Refused
from omnigov.decisions.services import run_create
from omnigov.intake import vault
from omnigov.intake.models import Batch, MediaAsset, Submission
from omnigov.intake.probe import Probed, probe, safe_name
from omnigov.intake.queries import ABANDONED_AFTER
from omnigov.keys import keyring
from omnigov.policies.models import PolicyVersion


class UploadConflict(Exception):
    """The chunk doesn't start where the upload stands; `offset` says where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"This upload stands at byte {offset}; go on from there.")
        self.offset = offset


class UploadGone(Exception):
    """The upload is not there, was refused or is complete."""


def batch_create(*, policy_version: PolicyVersion, name: str, by: User) -> Batch:
    """A new, empty batch in the policy's workspace. An empty name becomes the moment's date."""
    return Batch.objects.create(
        workspace=policy_version.policy.workspace,
        policy_version=policy_version,
        name=safe_name(name) if name.strip() else timezone.localtime().strftime("%Y-%m-%d %H:%M"),
        created_by=by,
    )


def upload_begin(*, batch: Batch, name: str, length: int, by: User) -> Submission:
    """A new upload of `length` bytes. What is empty or too large is refused before a byte is sent."""
    submission = Submission(batch=batch, name=safe_name(name), length=length, uploaded_by=by)
    limit = batch.policy_version.spec.limits.max_bytes
    refusal = None
    if length == 0:
        refusal = Refused("empty", "The file is empty. Check that it was copied whole, and send it again.")
    elif length > limit:
        refusal = Refused(
            "too_many_bytes",
            f"The file has {length / 1e6:.1f} MB; this policy takes up to {limit / 1e6:.0f} MB. "
            "Send a smaller one.",
        )
    if refusal:
        _refuse(submission, refusal)
        submission.save(force_insert=True)
        return submission
    with transaction.atomic():
        submission.save(force_insert=True)
        vault.create(submission.id)
    return submission


def upload_append(*, submission_id: uuid.UUID, offset: int, chunk: bytes) -> Submission:
    """Seals the chunk that starts at `offset`; the last one makes the file an asset and starts its run.

    Raises `UploadConflict` where the upload stands elsewhere, `UploadGone` where it has ended.
    """
    with transaction.atomic():
        submission = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("batch__workspace", "batch__policy_version__policy")
            .filter(pk=submission_id)
            .first()
        )
        if submission is None or submission.state != Submission.State.UPLOADING:
            raise UploadGone("This upload has ended.")
        if submission.offset != offset or offset + len(chunk) > submission.length:
            raise UploadConflict(submission.offset)
        submission.sealed = vault.append(submission.id, chunk, offset=offset, sealed=submission.sealed)
        submission.offset += len(chunk)
        submission.save(update_fields=["offset", "sealed", "touched_at"])
    if submission.offset == submission.length:
        upload_finish(submission_id=submission.id)
        submission.refresh_from_db()
    return submission


def upload_finish(*, submission_id: uuid.UUID) -> None:
    """Looks at the whole file: refuses it with the reason kept, or makes it an asset with a run.

    Done once however often it is called; a crash before it is done again by the next call or sweep.
    """
    with transaction.atomic():
        submission = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("batch__workspace", "batch__policy_version__policy")
            .get(pk=submission_id)
        )
        if submission.state != Submission.State.UPLOADING or submission.offset != submission.length:
            return
        content = vault.read(submission.id, length=submission.length)
        try:
            probed = probe(
                io.BytesIO(content), submission.length, submission.batch.policy_version.spec.limits
            )
        except Refused as refusal:
            _refuse(submission, refusal)
            submission.save()
            transaction.on_commit(lambda: vault.discard(submission.id))
            return
        asset, created = _asset_of(submission, content, probed)
        submission.asset = asset
        submission.seen_before = not created
        submission.state = Submission.State.ACCEPTED
        submission.save()
        if not created:
            transaction.on_commit(lambda: vault.discard(submission.id))
        run_create(submission=submission)


def _asset_of(submission: Submission, content: bytes, probed: Probed) -> tuple[MediaAsset, bool]:
    """The asset that these bytes are, and whether it is a new one."""
    workspace = submission.batch.workspace
    digest = _recognition_digest(workspace, content)
    # Locked: an asset that is being erased this moment is not known any more when the lock is free.
    known = MediaAsset.objects.select_for_update().filter(workspace=workspace, keyed_digest=digest).first()
    if known:
        return known, False
    try:
        with transaction.atomic():
            asset = MediaAsset.objects.create(
                id=submission.id,
                workspace=workspace,
                media_type=probed.media_type,
                size=submission.length,
                width=probed.width,
                height=probed.height,
                keyed_digest=digest,
                commitment=keyring().asset(submission.id).commit(content),
            )
    except IntegrityError:  # the same bytes came in twice at one moment, and the other was first
        return MediaAsset.objects.get(workspace=workspace, keyed_digest=digest), False
    return asset, True


def _recognition_digest(workspace: Workspace, content: bytes) -> str:
    key = keyring().unwrap(bytes(workspace.wrapped_key), purpose=f"workspace:{workspace.id}")
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def file_submit(*, batch: Batch, name: str, content: bytes, by: User) -> Submission:
    """Hands in a file that is already here, by the same steps as an upload in chunks."""
    submission = upload_begin(batch=batch, name=name, length=len(content), by=by)
    if submission.state == Submission.State.REFUSED:
        return submission
    return upload_append(submission_id=submission.id, offset=0, chunk=content)


def _refuse(submission: Submission, refusal: Refused) -> None:
    submission.state = Submission.State.REFUSED
    submission.refusal_code = refusal.code
    submission.refusal_sentence = refusal.sentence


@transaction.atomic
def upload_abandon(*, submission_id: uuid.UUID) -> None:
    """Refuses an upload that nobody took up for a day, and discards what came of it."""
    row = Submission.objects.select_for_update().get(pk=submission_id)
    if row.state != Submission.State.UPLOADING or row.touched_at >= timezone.now() - ABANDONED_AFTER:
        return
    _refuse(
        row,
        Refused(
            "abandoned", "The upload stopped half-way and was not taken up for a day. Send the file again."
        ),
    )
    row.save()
    transaction.on_commit(partial(vault.discard, row.id))
