"""The life of a run: uploaded, queued, its steps, and how it stopped."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from omnigov.ledger.schemas.base import Code, Commitment, Count, Digest, Forgetting, Name, Record


class FileRefused(Record):
    """A file can't be taken. The subject is its run, which ends with this, or the upload, which has none."""

    kind: ClassVar[str] = "file_refused"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment | None = Field(
        description="of the sealed file's id, its key destroyed with the file; null where no byte was taken"
    )
    policy: Digest = Field(description="of the policy version, whose limits it was held against")
    batch: UUID
    by: UUID = Field(description="who uploaded it")
    code: Code
    code_version: Name


class RunQueued(Record):
    """A file that was accepted is to be decided. The subject is the run."""

    kind: ClassVar[str] = "run_queued"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: Digest
    model: Digest = Field(description="of the model version")
    batch: UUID
    # Whoever made the batch: until version 2 nobody noted who uploaded into it.
    by: UUID = Field(description="who handed the file in")
    seen_before: bool = Field(description="whether the same bytes were here already")


class RunQueued2(Record):
    """A file that was accepted is to be decided. The subject is the run."""

    kind: ClassVar[str] = "run_queued"
    schema_version: ClassVar[int] = 2
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: Digest
    model: Digest = Field(description="of the model version")
    batch: UUID
    uploader: UUID = Field(description="who uploaded this file, whoever made the batch")
    uploader_assumed: bool = Field(
        description="whether nobody had noted who uploaded it, so that it is taken to be who made the batch"
    )
    seen_before: bool = Field(description="whether the same bytes were here already")


class RunQueued3(Record):
    """A file that was accepted is to be decided. The subject is the run."""

    kind: ClassVar[str] = "run_queued"
    schema_version: ClassVar[int] = 3
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: Digest
    model: Digest = Field(description="of the model version")
    batch: UUID
    uploader: UUID = Field(description="who uploaded this file, whoever made the batch")
    uploader_assumed: bool = Field(
        description="whether nobody had noted who uploaded it, so that it is taken to be who made the batch"
    )
    seen_before: bool = Field(description="whether the same bytes were here already")
    encoding: Name | None = Field(
        description="what its uploader said that a text is in; null: nobody did, and its bytes say it"
    )


class RunStep(Record):
    """A step of a run that ended well. The subject is the run; the last step's entry is the decision."""

    kind: ClassVar[str] = "run_step"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    step: Literal["redaction", "inference"]
    result: Commitment = Field(description="of the canonical record that the step returned")
    attempt: Count
    duration: Count
    code_version: Name


class RunRetried(Record):
    """A run that had failed or was in quarantine is tried again. The subject is the run."""

    kind: ClassVar[str] = "run_retried"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    step: Code = Field(description="at which it starts again")
    by: UUID | None


class RunCancelled(Record):
    """A run was taken back before a worker began it. The subject is the run."""

    kind: ClassVar[str] = "run_cancelled"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    by: UUID | None


class RunTimedOut(Record):
    """A worker made no progress with a file and was stopped. The run, which is the subject, is tried again,
    or ends with an entry of its own."""

    kind: ClassVar[str] = "run_timed_out"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    asset: Commitment
    step: Code = Field(description="that was being done")
    attempt: Count
    alone: bool = Field(description="whether the worker was at nothing else, so that the attempt counts")
    code_version: Name


class Quarantine(Record):
    """Redaction could not be shown to have worked, so the model saw nothing. The subject is the run."""

    kind: ClassVar[str] = "quarantine"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    asset: Commitment
    policy: Digest
    redaction_revision: Digest | None
    code: Code
    code_version: Name
    durations: dict[Code, Count]


class RunFailed(Record):
    """A run that ended without a decision. The subject is the run."""

    kind: ClassVar[str] = "run_failed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    asset: Commitment
    policy: Digest
    step: Code
    code: Code
    attempts: Count
    code_version: Name
    durations: dict[Code, Count]
