"""Examples as a worker leaves them, and decisions that can become one."""

from __future__ import annotations

import io

from PIL import Image

from omnigov.accounts.models import User
from omnigov.decisions.examples import batch_for
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.uploads import file_submit
from omnigov.policies.models import PolicyVersion
from tests.omnigov.recorded import batch_of, checked, png, record, redact, run_of


def kept(
    version: PolicyVersion, by: User, label: str, colour: str = "teal", size: tuple[int, int] = (64, 48)
) -> Run:
    """A file that was handed in as an example of this label, after its redaction."""
    content = png(colour, size)
    batch = batch_for(version=version, label=label, by=by)
    submission = checked(file_submit(batch=batch, name=f"{colour}.png", content=content, by=by))
    run = run_of(submission)
    redact(run, Image.open(io.BytesIO(content)), [])
    run.refresh_from_db()
    return run


def decided(version: PolicyVersion, by: User) -> Decision:
    """A decision on a file of one's own, by the record."""
    content = png()
    batch = batch_of(version, by, ("a.png", content))
    submission = batch.submissions.get()
    return record(submission, picture=Image.open(io.BytesIO(content)))
