"""A file that has come in whole begins its run: what intake keeps of it and its run, in one transaction.

One way in for the upload page, its script and the command line.
"""

from __future__ import annotations

import io
import uuid
from typing import BinaryIO

from django.db import transaction

from omnigov.accounts.models import User
from omnigov.decisions.services import run_create
from omnigov.intake import services as intake
from omnigov.intake.models import Batch, Submission

#: Of a file that is here already, so much is sealed at once.
CHUNK = 8 * 1024 * 1024


def upload_append(*, submission_id: uuid.UUID, offset: int, chunk: bytes) -> Submission:
    """Seals the chunk that starts at `offset`. After the last one the file waits for a worker to check it.

    Raises `UploadConflict` where the upload stands elsewhere, `UploadGone` where it has ended.
    """
    submission = intake.chunk_seal(submission_id=submission_id, offset=offset, chunk=chunk)
    if submission.state == Submission.State.UPLOADING and submission.offset == submission.length:
        upload_finish(submission_id=submission.id)
        submission.refresh_from_db()
    return submission


@transaction.atomic
def upload_finish(*, submission_id: uuid.UUID) -> None:
    """Makes a whole upload an asset that is to be checked, with its run.

    Done once however often it is called; a crash before it is done again by the next call or sweep.
    """
    if whole := intake.upload_close(submission_id=submission_id):
        submission, asset = whole
        run_create(submission=submission, asset=asset)


def file_submit(
    *,
    batch: Batch,
    name: str,
    content: bytes | BinaryIO,
    by: User,
    encoding: str = "",
    beside: Submission | None = None,
    with_pictures: int = 0,
) -> Submission:
    """Hands in a file that is already here, by the same steps as an upload in chunks.

    `encoding` is what a person says that it is in, should it be a text; `beside` and `with_pictures` are
    as of `intake.services.upload_begin`. Raises `NotTogether`.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    length = source.seek(0, io.SEEK_END)
    source.seek(0)
    submission = intake.upload_begin(
        batch=batch,
        name=name,
        length=length,
        by=by,
        encoding=encoding,
        beside=beside,
        with_pictures=with_pictures,
    )
    while submission.state == Submission.State.UPLOADING and (chunk := source.read(CHUNK)):
        submission = upload_append(submission_id=submission.id, offset=submission.offset, chunk=chunk)
    return submission
