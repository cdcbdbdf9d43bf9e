"""All that writes batches and media. What becomes of a whole file is not known here: `decisions.uploads`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from omnigov.accounts.models import User
from omnigov.clock import database_now
from omnigov.contracts import Refused, plainly_taken
from omnigov.contracts.encodings import encoding_named
from omnigov.contracts.kinds import HEAD, KINDS
from omnigov.intake import entries, vault
from omnigov.intake.models import Batch, MediaAsset, Submission
from omnigov.intake.names import safe_name
from omnigov.intake.queries import ABANDONED_AFTER
from omnigov.keys import keyring
from omnigov.ledger import services as ledger
from omnigov.policies.models import PolicyVersion

#: What every kind of file is told from, at the least.
FIRST_BYTES = 16
#: That may belong to one recording: each takes its part of the prompt.
MOST_PICTURES = 4


class UploadConflict(Exception):
    """The chunk doesn't start where the upload stands; `offset` says where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"This upload stands at byte {offset}; go on from there.")
        self.offset = offset


class UploadGone(Exception):
    """The upload is not there, was refused or is complete."""


class NotTogether(ValueError):
    """These files can't be one report; the sentence says why. Nothing was begun."""


def batch_create(*, policy_version: PolicyVersion, name: str, by: User) -> Batch:
    """A new, empty batch in the policy's workspace. An empty name becomes the moment's date."""
    return Batch.objects.create(
        workspace=policy_version.policy.workspace,
        policy_version=policy_version,
        name=safe_name(name) if name.strip() else timezone.localtime().strftime("%Y-%m-%d %H:%M"),
        created_by=by,
    )


@transaction.atomic
def upload_begin(
    *,
    batch: Batch,
    name: str,
    length: int,
    by: User,
    encoding: str = "",
    beside: Submission | None = None,
    with_pictures: int = 0,
) -> Submission:
    """A new upload of `length` bytes. What is empty or too large is refused before a byte is sent.

    `encoding` is what its uploader says that it is in, should it be a text; one that nobody may name is
    refused too. `with_pictures` announces so many pictures that belong to this recording, and `beside` is the
    recording that this one is a picture of: they are decided together. Raises `NotTogether`.
    """
    submission = Submission(batch=batch, name=safe_name(name), length=length, uploaded_by=by)
    submission.beside, submission.with_pictures = _together(batch, beside, with_pictures)
    limit = batch.policy_version.spec.limits.max_bytes
    refusal = None
    try:
        submission.encoding = encoding_named(encoding)
    except Refused as unknown:
        refusal = unknown
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
    submission.save(force_insert=True)
    _touch(submission)
    vault.create(submission.id)
    return submission


def recording_among(heads: Sequence[bytes]) -> int:
    """Which of these files, by their first bytes, the recording of a report is. Raises `NotTogether`.

    Whether the others are pictures is checked with all their bytes, by a worker.
    """
    sounds = [at for at, head in enumerate(heads) if _plainly(head) == "sound"]
    if len(sounds) != 1:
        raise NotTogether("A report is one recording and its pictures. Choose exactly one recording.")
    if not 1 < len(heads) <= MOST_PICTURES + 1:
        raise NotTogether(f"A report is one recording and one to {MOST_PICTURES} pictures.")
    return sounds[0]


def _plainly(head: bytes) -> str:
    """What the file may be by its first bytes. A container that holds either may be a recording."""
    kinds = [kind.name for kind in KINDS if kind.begins.match(head[:HEAD])]
    return "sound" if kinds[:2] == ["video", "sound"] else next(iter(kinds), "")


def _together(batch: Batch, beside: Submission | None, with_pictures: int) -> tuple[Submission | None, int]:
    """The recording that the new file belongs to, locked, and how many pictures belong to the file."""
    if not beside and not with_pictures:
        return None, 0
    if batch.label:
        raise NotTogether("An example is one file: hand in each by itself.")
    if with_pictures < 0 or with_pictures > MOST_PICTURES:
        raise NotTogether(f"Up to {MOST_PICTURES} pictures can be handed in with one recording.")
    if beside is None:
        return None, with_pictures
    recording = Submission.objects.select_for_update().get(pk=beside.pk)
    if recording.batch_id != batch.pk or recording.beside_id or with_pictures:
        raise NotTogether("A picture belongs to one recording of its own batch.")
    if recording.state == Submission.State.REFUSED:
        raise NotTogether("The recording that this picture belongs to was refused.")
    if recording.asset and recording.asset.erased_at:
        raise NotTogether("The recording that this picture belongs to was erased.")
    if recording.pictures.count() >= recording.with_pictures:
        raise NotTogether("More pictures came than were announced with the recording.")
    return recording, 0


@transaction.atomic
def chunk_seal(*, submission_id: uuid.UUID, offset: int, chunk: bytes) -> Submission:
    """Seals the chunk of an upload that starts at `offset`.

    What is plainly no medium by its first bytes is refused as they pass, and nothing of it is kept. Raises
    `UploadConflict` where the upload stands elsewhere, `UploadGone` where it has ended.
    """
    submission = _locked(submission_id)
    if submission is None or submission.state != Submission.State.UPLOADING:
        raise UploadGone("This upload has ended.")
    if submission.offset != offset or offset + len(chunk) > submission.length:
        raise UploadConflict(submission.offset)
    if offset == 0 and chunk and (refusal := _plainly_none(submission, chunk)):
        _refuse(submission, refusal)
        submission.save()
        transaction.on_commit(partial(vault.discard, submission.id))
        return submission
    submission.sealed = vault.append(submission.id, chunk, offset=offset, sealed=submission.sealed)
    submission.offset += len(chunk)
    submission.save(update_fields=["offset", "sealed"])
    _touch(submission)
    return submission


def _touch(submission: Submission) -> None:
    # By the database's clock: another machine's tells when the upload was left.
    Submission.objects.filter(pk=submission.pk).update(touched_at=Now())


def _plainly_none(submission: Submission, chunk: bytes) -> Refused | None:
    """Why a file with these first bytes is not taken. Of too few bytes only a worker can tell."""
    if len(chunk) < min(FIRST_BYTES, submission.length):
        return None
    try:
        plainly_taken(chunk[:HEAD])
    except Refused as refusal:
        return refusal
    return None


@transaction.atomic
def upload_close(*, submission_id: uuid.UUID) -> tuple[Submission, MediaAsset] | None:
    """Makes a whole upload an asset that is to be checked; None where it is not whole, or was closed."""
    submission = _locked(submission_id)
    if (
        submission is None
        or submission.state != Submission.State.UPLOADING
        or submission.offset != submission.length
    ):
        return None
    asset = MediaAsset.objects.create(
        id=submission.id,
        workspace=submission.batch.workspace,
        media_type="",
        size=submission.length,
        width=0,
        height=0,
        commitment=keyring().asset(submission.id).commit(entries.unchecked(submission)),
    )
    submission.state = Submission.State.CHECKING
    submission.save()
    return submission, asset


def _locked(submission_id: uuid.UUID) -> Submission | None:
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("batch__workspace", "batch__policy_version__policy")
        .filter(pk=submission_id)
        .first()
    )


def _refuse(submission: Submission, refusal: Refused) -> None:
    submission.state = Submission.State.REFUSED
    submission.refusal_code = refusal.code
    submission.refusal_sentence = refusal.sentence
    body = entries.refused(submission, refusal.code, with_keys=submission.offset > 0)
    ledger.record(body, workspace=submission.batch.workspace_id, subject=submission.id)


@transaction.atomic
def upload_abandon(*, submission_id: uuid.UUID) -> None:
    """Refuses an upload that nobody took up for a day, and discards what came of it."""
    row = Submission.objects.select_for_update().get(pk=submission_id)
    if row.state != Submission.State.UPLOADING or row.touched_at >= database_now() - ABANDONED_AFTER:
        return
    _refuse(
        row,
        Refused(
            "abandoned", "The upload stopped half-way and was not taken up for a day. Send the file again."
        ),
    )
    row.save()
    transaction.on_commit(partial(vault.discard, row.id))
