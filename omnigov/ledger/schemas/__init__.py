"""What is on the record: one schema a kind, versioned; a file a subject, and the list of all of them here.

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

from omnigov.ledger.schemas.audits import (
    EngagementBegun,
    EngagementEnded,
    Export,
    KeyMade,
    SampleDrawn,
    SampleSheet,
)
from omnigov.ledger.schemas.base import Forgetting, Record
from omnigov.ledger.schemas.decisions import (
    Attribution,
    BesidePicture,
    Decision,
    Decision2,
    Decision3,
    DeepAttribution,
)
from omnigov.ledger.schemas.media import Erasure, HoldPlaced, HoldReleased, OriginalOpened, Reidentified
from omnigov.ledger.schemas.people import (
    PasswordSet,
    RoleGiven,
    SignIn,
    SignInLocked,
    SignInRefused,
    SignInUnlocked,
    SignOut,
)
from omnigov.ledger.schemas.policies import (
    Adapted,
    BuiltinDeclined,
    Evaluated,
    ExampleAdded,
    ExampleRemoved,
    ModelRegistered,
    PolicyPublished,
    PolicyPublished2,
    PolicyPublished3,
    PolicyResumed,
    PolicyStopped,
    Promoted,
    PromotionProposed,
    StageOpened,
)
from omnigov.ledger.schemas.reviews import (
    AbsenceSet,
    CaseActed,
    Disposition,
    KnownAnswerPlaced,
    LetterMade,
    QuarantineReleased,
    RedactionCorrected,
    Review,
    Review2,
    VerdictTakenBack,
)
from omnigov.ledger.schemas.runs import (
    FileRefused,
    Quarantine,
    RunCancelled,
    RunFailed,
    RunQueued,
    RunQueued2,
    RunQueued3,
    RunRetried,
    RunStep,
    RunTimedOut,
)

__all__ = [
    "SCHEMAS",
    "AbsenceSet",
    "Adapted",
    "Attribution",
    "BesidePicture",
    "BuiltinDeclined",
    "CaseActed",
    "Decision",
    "Decision2",
    "Decision3",
    "DeepAttribution",
    "Disposition",
    "EngagementBegun",
    "EngagementEnded",
    "Erasure",
    "Evaluated",
    "ExampleAdded",
    "ExampleRemoved",
    "Export",
    "FileRefused",
    "Forgetting",
    "HoldPlaced",
    "HoldReleased",
    "KeyMade",
    "KnownAnswerPlaced",
    "LetterMade",
    "ModelRegistered",
    "OriginalOpened",
    "PasswordSet",
    "PolicyPublished",
    "PolicyPublished2",
    "PolicyPublished3",
    "PolicyResumed",
    "PolicyStopped",
    "Promoted",
    "PromotionProposed",
    "Quarantine",
    "QuarantineReleased",
    "Record",
    "RedactionCorrected",
    "Reidentified",
    "Review",
    "Review2",
    "RoleGiven",
    "RunCancelled",
    "RunFailed",
    "RunQueued",
    "RunQueued2",
    "RunQueued3",
    "RunRetried",
    "RunStep",
    "RunTimedOut",
    "SampleDrawn",
    "SampleSheet",
    "SignIn",
    "SignInLocked",
    "SignInRefused",
    "SignInUnlocked",
    "SignOut",
    "StageOpened",
    "VerdictTakenBack",
]

#: Every schema that an entry was ever made with, by kind and version.
SCHEMAS: dict[tuple[str, int], type[Record]] = {
    (schema.kind, schema.schema_version): schema
    for schema in (
        *(FileRefused, RunQueued, RunQueued2, RunQueued3, RunStep, RunRetried, RunCancelled, RunTimedOut),
        *(RedactionCorrected, QuarantineReleased, VerdictTakenBack, CaseActed, AbsenceSet),
        *(Disposition, LetterMade, KnownAnswerPlaced),
        *(Decision, Decision2, Decision3, Attribution, DeepAttribution),
        *(Review, Review2, Quarantine, RunFailed, Export),
        *(SignIn, SignInRefused, SignInLocked, SignInUnlocked, SignOut, PasswordSet, RoleGiven),
        *(PolicyPublished, PolicyPublished2, PolicyPublished3, BuiltinDeclined, ModelRegistered, KeyMade),
        *(ExampleAdded, ExampleRemoved, Evaluated, Adapted, PromotionProposed, Promoted, StageOpened),
        *(PolicyStopped, PolicyResumed, EngagementBegun, EngagementEnded, SampleDrawn, SampleSheet),
        *(OriginalOpened, Reidentified, HoldPlaced, HoldReleased, Erasure),
    )
}
