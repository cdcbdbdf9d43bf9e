"""What is on the record: one schema a kind, versioned, all in this file.

Rules for every schema:

- Integers, strings, booleans, null, lists and objects; no floats. Shares, scores and confidences are in
  millionths, durations in milliseconds.
- No personal data: no file name, no user name, no address, no text that a person or a model wrote about
  someone's media. People, runs and workspaces are opaque UUIDs.
- What is made from someone's media stands here as a `Commitment`, keyed with the asset's own key. Erasing the
  asset destroys the key, and then nothing here tells whether a given file was ever seen. That holds for the
  model's reasons and an officer's reason too: they are about the redacted media, and a sentence can say more
  than was meant. Whoever may read them gets them beside the entry, and checks them against it.
- What is the same for many assets (policy, model, redaction profile) stands here as a plain `Digest`.
- A schema never changes. A new version is a new class with the next `schema_version`, and the old class
  stays, because entries made with it stay.

The envelope around each record is made by `services.append`:
at (RFC 3339, UTC, microseconds), id, key (of idempotency), kind, previous (leaf hash of the newest entry
about the same subject, or null), record (one of the schemas here), schema (its version), subject, workspace.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from omnigov.contracts import MILLION, Frozen, LabelScore, ModelVersion, Stage
from omnigov.ledger.canonical import MAX_INTEGER

#: HMAC-SHA-256, in hex, with the asset's commitment key (`omnigov.keys.AssetKeys.commit`).
Commitment = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: SHA-256, in hex.
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: The leaf hash of another entry, in hex.
LeafHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: A code that stands for one reason, such as `detector_missing`.
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
#: What a value is called in its case, such as `PERSON_3`.
Pseudonym = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,39}_[1-9][0-9]{0,9}$")]
#: What a sample is drawn by: digits alone, in which nobody can write a name.
Seed = Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Share = Annotated[int, Field(ge=0, le=MILLION)]
#: A point in time by RFC 3339, UTC, with microseconds.
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
#: A name or version of a thing, never of a person: a method, a package, a device.
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Forgetting(StrEnum):
    """How what an entry says of a medium or a person is forgotten, although the entry stays."""

    #: Commitments under the asset's own key, which an erasure destroys: then they tell nothing any more.
    ASSET_KEY = "asset_key"
    #: A commitment under a key that is kept beside the words, and goes with them.
    KEY_BESIDE = "key_beside"
    #: People are opaque ids. Who one was is in the list of people, and nowhere in the log.
    PERSON_ID = "person_id"
    #: Nothing of it is about a medium or a person.
    NOTHING = "nothing"


class Record(Frozen):
    """A schema. `kind` and `schema_version` say which; `forgotten` says how what it holds is forgotten.

    Each schema answers that for itself: a class without an answer is refused where it is written.
    """

    kind: ClassVar[str]
    schema_version: ClassVar[int] = 1
    forgotten: ClassVar[tuple[Forgetting, ...]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.__dict__.get("forgotten"):
            raise TypeError(f"{cls.__name__} does not say how it is forgotten: give it `forgotten`.")


class Decision(Record):
    """What was decided in a run (the entry's subject), on what, by what. The label is the first of `scores`
    unless the model abstained."""

    kind: ClassVar[str] = "decision"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    asset: Commitment = Field(description="of the original's bytes")
    redacted: Commitment = Field(description="of the redacted copy's SHA-256: all that the model saw")
    findings: Commitment = Field(description="of the canonical list of what was hidden")
    findings_count: Count
    redaction_revision: Digest = Field(description="of the redaction profile and every detector")
    policy: Digest = Field(description="of the policy version")
    model: ModelVersion = Field(description="what decided, every weight file by digest")
    code_version: Name
    libraries: dict[Name, Name]
    device: Name
    dtype: Name
    seed: Count
    stage: Stage
    prompt: Commitment
    label: Name
    scores: tuple[LabelScore, ...] = Field(min_length=1, max_length=32)
    confidence: Share
    # Nothing calibrates a confidence yet; a schema that was written keeps its words.
    confidence_kind: Literal["uncalibrated", "calibrated"]
    abstained: bool
    reasons: Commitment = Field(description="of the sentences that the model wrote after the label")
    attribution: Commitment | None
    attribution_method: Name | None
    attribution_missing: Code | None = Field(
        description="why there is none; the entry `attribution` after this one says so too"
    )
    review_rules: tuple[Code, ...] = Field(description="the rules that ask for a person; none: no review")
    durations: dict[Code, Count] = Field(description="milliseconds by step")
    parent: UUID | None = Field(description="the run that this one corrects")

    @model_validator(mode="after")
    def has_an_attribution_or_a_reason(self) -> Self:
        _require_one_of(self.attribution, self.attribution_method, self.attribution_missing)
        return self


class Decision2(Record):
    """What was decided in a run (the entry's subject), on what, by what, and how often
    such decisions are known to be right. The label is the first of `scores`
    unless the model abstained."""

    kind: ClassVar[str] = "decision"
    schema_version: ClassVar[int] = 2
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    asset: Commitment = Field(description="of the original's bytes")
    redacted: Commitment = Field(description="of the redacted copy's SHA-256: all that the model saw")
    findings: Commitment = Field(description="of the canonical list of what was hidden")
    findings_count: Count
    redaction_revision: Digest = Field(description="of the redaction profile and every detector")
    policy: Digest = Field(description="of the policy version")
    model: ModelVersion = Field(description="what decided, every weight file by digest")
    code_version: Name
    libraries: dict[Name, Name]
    device: Name
    dtype: Name
    seed: Count
    stage: Stage
    prompt: Commitment
    label: Name
    scores: tuple[LabelScore, ...] = Field(min_length=1, max_length=32)
    confidence: Share
    confidence_kind: Literal["uncalibrated", "calibrated"]
    measurement: Digest | None = Field(
        description="of what was measured of this policy and model, as `evaluated` has it; null: not measured"
    )
    abstained: bool
    reasons: Commitment = Field(description="of the sentences that the model wrote after the label")
    attribution: Commitment | None
    attribution_method: Name | None
    attribution_missing: Code | None = Field(
        description="why there is none; the entry `attribution` after this one says so too"
    )
    review_rules: tuple[Code, ...] = Field(description="the rules that ask for a person; none: no review")
    durations: dict[Code, Count] = Field(description="milliseconds by step")
    parent: UUID | None = Field(description="the run that this one corrects")

    @model_validator(mode="after")
    def has_an_attribution_or_a_reason(self) -> Self:
        _require_one_of(self.attribution, self.attribution_method, self.attribution_missing)
        return self


class Attribution(Record):
    """An attribution that is not in its decision's entry: it failed. The subject is the run."""

    kind: ClassVar[str] = "attribution"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY,)

    decision: LeafHash
    label: Name
    attribution: Commitment | None
    attribution_method: Name | None
    attribution_missing: Code | None
    duration: Count

    @model_validator(mode="after")
    def has_an_attribution_or_a_reason(self) -> Self:
        _require_one_of(self.attribution, self.attribution_method, self.attribution_missing)
        return self


class DeepAttribution(Record):
    """The thorough explanation of a decision ended. The subject is the run."""

    kind: ClassVar[str] = "deep_attribution"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: UUID = Field(description="the id of the decision's entry")
    label: Name
    against: Name | None = Field(description="the runner-up that it is explained against")
    attribution: Commitment | None = Field(description="of the explanation with its trials")
    attribution_method: Name | None
    attribution_missing: Code | None
    complete: bool | None = Field(description="whether its parts add up to the score's change")
    by: UUID | None = Field(description="the officer who asked for it; null: the policy drew it")
    duration: Count
    code_version: Name

    @model_validator(mode="after")
    def has_an_attribution_or_a_reason(self) -> Self:
        _require_one_of(self.attribution, self.attribution_method, self.attribution_missing)
        return self


class Review(Record):
    """One officer's verdict. The subject is the run."""

    kind: ClassVar[str] = "review"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: LeafHash
    reviewer: UUID
    role: Code
    verdict: Literal["uphold", "overturn", "escalate"]
    label: Name = Field(description="the label under review")
    right_label: Name | None = Field(description="where overturned")
    reason: Commitment = Field(description="of the officer's own words")
    # Written as a constant: it names what pages of that time held, and nothing that was seen to be displayed.
    shown: tuple[Code, ...] = Field(description="what the officer had before them, such as `redacted_copy`")

    @model_validator(mode="after")
    def has_a_right_label_where_overturned(self) -> Self:
        if (self.verdict == "overturn") != (self.right_label is not None):
            raise ValueError("a right label stands where the verdict is overturn, and nowhere else")
        return self


class Review2(Record):
    """One officer's verdict, and what the server had served for it. The subject is the run."""

    kind: ClassVar[str] = "review"
    schema_version: ClassVar[int] = 2
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    decision: LeafHash
    reviewer: UUID
    role: Code
    verdict: Literal["uphold", "overturn", "escalate"]
    label: Name = Field(description="the label under review: the model's")
    right_label: Name | None = Field(description="where overturned")
    outcome: Name | None = Field(
        description="the label that holds after this verdict; null: the model abstained, nobody decided"
    )
    reason: Commitment = Field(description="of the officer's own words")
    served: tuple[Code, ...] = Field(
        description="what was in the page that the server served to this person, such as `redacted_copy`; "
        "not that any of it was displayed or looked at. Empty where no page was served"
    )
    displayed: Commitment | None = Field(
        description="of what the page measured to have been displayed; null where nothing was measured"
    )

    @model_validator(mode="after")
    def has_a_right_label_where_overturned(self) -> Self:
        if (self.verdict == "overturn") != (self.right_label is not None):
            raise ValueError("a right label stands where the verdict is overturn, and nowhere else")
        return self


class VerdictTakenBack(Record):
    """An officer took their verdict back within seconds: it counts no more. The subject is the run."""

    kind: ClassVar[str] = "verdict_taken_back"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    review: LeafHash = Field(description="of the verdict's own entry")
    by: UUID
    role: Code
    outcome: Name | None = Field(
        description="the label that holds without it; null: the model abstained, nobody decided"
    )


class CaseActed(Record):
    """What a person did with a case, beside giving a verdict. The subject is the run."""

    kind: ClassVar[str] = "case"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    act: Literal[
        "held", "given_back", "skipped", "handed_over", "escalated", "sent_back", "question_answered"
    ] = Field(description="escalated: to whom a verdict of that name passed it on")
    by: UUID
    role: Code
    to: tuple[UUID, ...] = Field(default=(), max_length=100, description="the people it is asked of now")
    seconds: Count | None = Field(default=None, description="for which it is held, or not offered again")
    words: Commitment | None = Field(default=None, description="of the question, or of its answer")


class AbsenceSet(Record):
    """A person said that they are away, or back. The subject is the person."""

    kind: ClassVar[str] = "absence_set"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    by: UUID
    stand_in: UUID | None = Field(description="who is asked in their place; null: they are back")
    until: Moment | None


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


class RedactionCorrected(Record):
    """A person corrected what is hidden: the run, the subject, is its parent's with other regions."""

    kind: ClassVar[str] = "redaction_corrected"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: Digest
    model: Digest = Field(description="of the model version")
    parent: UUID = Field(description="the run that is corrected")
    by: UUID
    role: Code
    added: Count = Field(description="regions, by this correction alone")
    removed: Count = Field(description="regions, by this correction alone")
    original_seen: bool = Field(description="whether the person had opened the original before")
    edits: Commitment = Field(description="of all that people added and took away, earlier corrections' too")
    reason: Commitment = Field(description="of the person's own words")


class QuarantineReleased(Record):
    """An officer let a file out of quarantine: the run, which is the subject, is its parent's by hand."""

    kind: ClassVar[str] = "quarantine_released"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: Digest
    model: Digest = Field(description="of the model version")
    parent: UUID = Field(description="the run in quarantine")
    code: Code = Field(description="why it was there")
    by: UUID
    role: Code
    mode: Literal["by_hand", "nothing_visible"]
    regions: Count = Field(description="that the officer drew")
    edits: Commitment = Field(description="of all that people added and took away")
    reason: Commitment = Field(description="of the officer's own words")


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


class Export(Record):
    """A bundle that was handed out. The subject is the export."""

    kind: ClassVar[str] = "export"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    exporter: UUID | None = Field(description="the person; null for the command line")
    profile: Literal["full", "redacted"]
    whole: bool
    entries: Count
    size: Count = Field(description="of the log, by the checkpoint in the bundle")
    bundle: Digest


class SignIn(Record):
    """A person signed in. The subject is the person."""

    kind: ClassVar[str] = "sign_in"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)


class SignInRefused(Record):
    """Somebody was not let in. The subject is the person whose name was given; where nobody has that name,
    an id of its own: what was typed may be a password in the wrong field."""

    kind: ClassVar[str] = "sign_in_refused"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    known: bool = Field(description="whether the name is a person's")
    code: Code


class SignInLocked(Record):
    """A name may not sign in from an address for a while. The subject is the person; where nobody has that
    name, the lock."""

    kind: ClassVar[str] = "sign_in_locked"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    lock: UUID
    known: bool = Field(description="whether the name is a person's")
    refusals: Count = Field(description="that it took")
    seconds: Count = Field(description="for which it lasts, if nobody lifts it")


class SignInUnlocked(Record):
    """Such a lock ended. The subject is that of the entry that began it."""

    kind: ClassVar[str] = "sign_in_unlocked"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    lock: UUID
    known: bool = Field(description="whether the name is a person's")
    refused: Count = Field(description="tries while it lasted, none of which was looked at")
    lifted: bool = Field(description="whether an administrator ended it before its time")


class SignOut(Record):
    """A person signed out. The subject is the person."""

    kind: ClassVar[str] = "sign_out"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)


class PasswordSet(Record):
    """A person has another password. The subject is the person."""

    kind: ClassVar[str] = "password_set"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    by: UUID | None = Field(description="who set it; null for the command line")


class RoleGiven(Record):
    """A person's role in the workspace. The subject is the person."""

    kind: ClassVar[str] = "role_given"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    role: Code
    before: Code | None = Field(description="null where the person is new here")
    by: UUID | None = Field(description="who gave it; null for the command line")


class PolicyPublished(Record):
    """A policy has a new version. The subject is the policy."""

    kind: ClassVar[str] = "policy_published"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    number: Count
    policy: Digest
    before: Digest | None = Field(description="of the version that it follows")
    changed: tuple[Code, ...] = Field(description="fields that differ, as review_below_confidence")
    by: UUID | None = Field(description="who published it; null for the command line")


class PolicyPublished2(Record):
    """A policy has a new version, and why. The subject is the policy."""

    kind: ClassVar[str] = "policy_published"
    schema_version: ClassVar[int] = 2
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    number: Count
    policy: Digest
    before: Digest | None = Field(description="of the version that it follows")
    changed: tuple[Code, ...] = Field(description="fields that differ, as review_below_confidence")
    reason: Commitment | None = Field(
        description="of the publisher's own words, under a key kept beside them; null where none were asked"
    )
    by: UUID | None = Field(description="who published it; null for the command line")


class PolicyPublished3(Record):
    """A policy has a new version, of which model version it is asked, and why. The subject is the policy."""

    kind: ClassVar[str] = "policy_published"
    schema_version: ClassVar[int] = 3
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    number: Count
    policy: Digest
    before: Digest | None = Field(description="of the version that it follows")
    changed: tuple[Code, ...] = Field(description="fields that differ, as review_below_confidence")
    model: Digest = Field(description="of the model version that decides")
    model_before: Digest | None = Field(description="of the version that it follows; null for the first")
    builtin: bool = Field(description="whether the text came with the product")
    reason: Commitment | None = Field(
        description="of the publisher's own words, under a key kept beside them; null where none were asked"
    )
    by: UUID | None = Field(description="who published it; null for the command line")


class BuiltinDeclined(Record):
    """A newer text of a policy that came with the product was declined. The subject is the policy."""

    kind: ClassVar[str] = "builtin_declined"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    offered: Digest = Field(description="of the text that came with the product")
    policy: Digest = Field(description="of the version that stays")
    reason: Commitment = Field(description="of the steward's own words, under a key kept beside them")
    by: UUID


class ModelRegistered(Record):
    """A model version that runs can be decided with from now on. The subject is the model version."""

    kind: ClassVar[str] = "model_registered"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.NOTHING,)

    model: ModelVersion = Field(description="every weight file by digest")
    version: Digest = Field(description="of the model version")


class ExampleAdded(Record):
    """A redacted medium is an example of a policy: a person says its right label. The subject is its run."""

    kind: ClassVar[str] = "example_added"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: UUID = Field(description="the policy, whichever of its versions")
    label: Name
    origin: Literal["upload", "verdict"]
    by: UUID


class ExampleRemoved(Record):
    """A medium is no example of a policy any more. The subject is its run."""

    kind: ClassVar[str] = "example_removed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    policy: UUID = Field(description="the policy, whichever of its versions")
    label: Name
    by: UUID


class Evaluated(Record):
    """A policy's text and a model version were measured on examples. The subject is the policy."""

    kind: ClassVar[str] = "evaluated"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    policy: Digest = Field(description="of the policy version")
    model: Digest = Field(description="of the model version, what was fitted to the policy included")
    evaluation: Digest = Field(description="of all that was measured")
    examples: Commitment = Field(
        description="SHA-256 of the sorted commitments of the examples' media, with their labels"
    )
    examples_count: Count
    accuracy: Share
    accuracy_low: Share = Field(description="of the interval of 95 %")
    accuracy_high: Share
    calibrated: bool = Field(description="whether confidence was fitted to examples, and says a frequency")
    builtin: bool = Field(description="whether the measurement came with the product")
    by: UUID | None = Field(description="who asked for it; null where it came with the product")


class Adapted(Record):
    """A model version was fitted to a policy, and is bound to it alone. The subject is the policy."""

    kind: ClassVar[str] = "adapted"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    policy: Digest = Field(description="of the policy version")
    base: Digest = Field(description="of the model version that it stands on")
    model: Digest = Field(description="of the model version that came of it")
    head: Digest = Field(
        description="SHA-256 of the file that was fitted, which names its examples by their media's keys"
    )
    card: Digest = Field(description="of its card")
    examples: Commitment = Field(
        description="SHA-256 of the sorted commitments of the examples' media, with their labels"
    )
    examples_count: Count
    by: UUID = Field(description="who asked for it")


class PromotionProposed(Record):
    """A steward proposes to ask a policy of a model version fitted to it. The subject is the policy."""

    kind: ClassVar[str] = "promotion_proposed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    policy: Digest = Field(description="of the policy version")
    model: Digest = Field(description="of the model version")
    by: UUID


class Promoted(Record):
    """A second person decided on such a proposal. The subject is the policy; where it was promoted, the entry
    `policy_published` after this one is the version that came of it."""

    kind: ClassVar[str] = "promoted"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    policy: Digest = Field(description="of the policy version")
    model: Digest = Field(description="of the model version")
    promoted: bool
    proposed_by: UUID
    by: UUID


class StageOpened(Record):
    """A steward asks a policy of another stage of the model, which was measured on the policy's examples.

    The subject is the policy; the entry `policy_published` after this one is the version that came of it."""

    kind: ClassVar[str] = "stage_opened"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    policy: Digest = Field(
        description="of the text that is asked from now on: the one before at another stage"
    )
    before: Digest = Field(description="of the text that was asked until now")
    stage: Stage
    stage_before: Stage
    model: Digest = Field(description="of the model version")
    evaluation: Digest = Field(description="of what was measured of that text and that model version")
    by: UUID


class KeyMade(Record):
    """A key came into use. The subject is made from its fingerprint."""

    kind: ClassVar[str] = "key_made"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.NOTHING,)

    use: Literal["log_signing", "key_encryption", "workspace"]
    fingerprint: Digest = Field(description="of a public key its SHA-256, of a secret one an HMAC under it")
    verifier: Name | None = Field(description="a signing key's public half, as a signed note names it")


class OriginalOpened(Record):
    """An officer opened a sealed original. The subject is the asset."""

    kind: ClassVar[str] = "original_opened"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    viewer: UUID
    role: Code
    reason: Commitment = Field(description="of the officer's own words")
    seconds: Count = Field(description="for which it may be looked at")


class Reidentified(Record):
    """An officer asked who a pseudonym is, and was shown the value. The subject is the asset."""

    kind: ClassVar[str] = "reidentified"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    batch: UUID = Field(description="the case that the pseudonym's number is of")
    pseudonym: Pseudonym
    viewer: UUID
    role: Code
    reason: Commitment = Field(description="of the officer's own words")
    seconds: Count = Field(description="for which it may be looked at")


class HoldPlaced(Record):
    """A legal hold: the asset, which is the subject, is not erased while it stands."""

    kind: ClassVar[str] = "hold_placed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    hold: UUID
    reason: Commitment
    by: UUID | None = Field(description="who placed it; null for the command line")


class HoldReleased(Record):
    """A legal hold was released. The subject is the asset."""

    kind: ClassVar[str] = "hold_released"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment
    hold: UUID
    reason: Commitment
    by: UUID | None = Field(description="who released it; null for the command line")


class Erasure(Record):
    """An asset, which is the subject, was erased: keys, original, derivatives, and what was said of them."""

    kind: ClassVar[str] = "erasure"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.ASSET_KEY, Forgetting.PERSON_ID)

    asset: Commitment = Field(description="as earlier entries name it; its key is destroyed")
    cause: Literal["request", "retention"]
    by: UUID | None = Field(description="who asked for it; null for the command line and for retention")
    runs: tuple[UUID, ...] = Field(max_length=1000, description="of the asset, the first thousand")
    runs_count: Count
    journaled: Moment = Field(description="when the journal outside of the database had it")
    replayed: bool = Field(description="whether a crash or a backup that was played back made it necessary")


class PolicyStopped(Record):
    """A person stopped a policy: from here on nothing is decided under it. The subject is the policy."""

    kind: ClassVar[str] = "policy_stopped"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    stop: UUID
    reason: Commitment = Field(description="of the person's own words, under a key kept beside them")
    by: UUID


class PolicyResumed(Record):
    """A stopped policy goes on. The subject is the policy."""

    kind: ClassVar[str] = "policy_resumed"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    stop: UUID
    reason: Commitment = Field(description="of the steward's own words, under a key kept beside them")
    by: UUID


class EngagementBegun(Record):
    """A steward made an account for an external auditor. The subject is the person."""

    kind: ClassVar[str] = "engagement_begun"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    engagement: UUID
    since: Moment
    until: Moment
    batches: tuple[UUID, ...] = Field(max_length=100)
    policies: tuple[UUID, ...] = Field(max_length=100, description="whichever of their versions")
    by: UUID


class EngagementEnded(Record):
    """An engagement is over, and its role gone. The subject is the person."""

    kind: ClassVar[str] = "engagement_ended"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    engagement: UUID
    by: UUID | None = Field(description="who ended it; null: its time was over")


class SampleDrawn(Record):
    """An auditor drew a sample of entries. The subject is the sample. How it is drawn: `ledger.sampling`."""

    kind: ClassVar[str] = "sample_drawn"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.PERSON_ID,)

    algorithm: Name
    seed: Seed
    seed_chosen: bool = Field(description="by the person; else it is the root of the newest checkpoint")
    log_size: Count = Field(description="only entries with a place before it were drawn from")
    population_kind: Code | None = Field(description="of entries; null: of every kind")
    since: Moment | None
    until: Moment | None
    batch: UUID | None = Field(description="entries about its runs alone; null: about anything")
    policies: tuple[Digest, ...] = Field(
        max_length=500, description="entries about runs under these texts alone; none: about anything"
    )
    population: Count = Field(description="entries that were drawn from")
    size: Count
    drawn: Digest = Field(description="of the ids of the entries in their order")
    by: UUID


class SampleSheet(Record):
    """What an auditor found in a sample, as far as they have come. The subject is the sample."""

    kind: ClassVar[str] = "sample_sheet"
    forgotten: ClassVar[tuple[Forgetting, ...]] = (Forgetting.KEY_BESIDE, Forgetting.PERSON_ID)

    size: Count
    fine: Count
    findings: Count
    sheet: Commitment = Field(
        description="SHA-256 of the HMACs of its lines in their order, each under a key kept beside the line"
    )
    by: UUID


#: Every schema that an entry was ever made with, by kind and version.
SCHEMAS: dict[tuple[str, int], type[Record]] = {
    (schema.kind, schema.schema_version): schema
    for schema in (
        *(FileRefused, RunQueued, RunQueued2, RunQueued3, RunStep, RunRetried, RunCancelled, RunTimedOut),
        *(RedactionCorrected, QuarantineReleased, VerdictTakenBack, CaseActed, AbsenceSet),
        *(Decision, Decision2, Attribution, DeepAttribution),
        *(Review, Review2, Quarantine, RunFailed, Export),
        *(SignIn, SignInRefused, SignInLocked, SignInUnlocked, SignOut, PasswordSet, RoleGiven),
        *(PolicyPublished, PolicyPublished2, PolicyPublished3, BuiltinDeclined, ModelRegistered, KeyMade),
        *(ExampleAdded, ExampleRemoved, Evaluated, Adapted, PromotionProposed, Promoted, StageOpened),
        *(PolicyStopped, PolicyResumed, EngagementBegun, EngagementEnded, SampleDrawn, SampleSheet),
        *(OriginalOpened, Reidentified, HoldPlaced, HoldReleased, Erasure),
    )
}


def _require_one_of(attribution: str | None, method: str | None, missing: str | None) -> None:
    if (attribution is None) != (method is None) or (attribution is None) == (missing is None):
        raise ValueError("either an attribution with its method, or the reason why there is none")
