"""What is put on the record of files that were handed in."""

from __future__ import annotations

from omnigov.intake.models import Submission
from omnigov.keys import keyring
from omnigov.ledger import schemas
from omnigov.release import code_version


def refused(submission: Submission, code: str, *, with_keys: bool) -> schemas.FileRefused:
    """The entry of a file that can't be taken. `with_keys`: whether bytes of it were sealed."""
    asset = keyring().asset(submission.id).commit(unchecked(submission)) if with_keys else None
    return schemas.FileRefused(
        asset=asset,
        policy=submission.batch.policy_version.digest,
        batch=submission.batch_id,
        by=submission.uploaded_by_id,
        code=code,
        code_version=code_version(),
    )


def unchecked(submission: Submission) -> bytes:
    """What the record commits to of a file whose bytes nobody has looked at: its id."""
    return b"unchecked " + submission.id.bytes
