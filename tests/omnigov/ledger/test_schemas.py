"""What may stand on the record."""

from __future__ import annotations

import inspect
import re
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from pydantic import ValidationError

from omnigov.ledger import schemas
from omnigov.ledger.canonical import decode, encode
from omnigov.wording import KINDS
from tests.omnigov.ledger.conftest import decision

D = "a" * 64
PICTURE = schemas.BesidePicture(asset=D, run=UUID(int=8), findings_count=2, redaction_revision=D)
ONE_OF_EACH: list[schemas.Record] = [
    schemas.SampleDrawn(
        algorithm="sha256-of-seed-and-id/1",
        seed="1f",
        seed_chosen=True,
        log_size=9,
        population_kind="decision",
        since=None,
        until="2026-11-28T09:00:00.000000Z",
        batch=UUID(int=1),
        policies=(D,),
        population=5,
        size=2,
        drawn=D,
        by=UUID(int=2),
    ),
    schemas.PolicyStopped(stop=UUID(int=1), reason=D, by=UUID(int=2)),
    schemas.PolicyResumed(stop=UUID(int=1), reason=D, by=UUID(int=2)),
    schemas.EngagementBegun(
        engagement=UUID(int=1),
        since="2026-11-28T09:00:00.000000Z",
        until="2026-11-29T09:00:00.000000Z",
        batches=(UUID(int=3),),
        policies=(),
        by=UUID(int=2),
    ),
    schemas.EngagementEnded(engagement=UUID(int=1), by=None),
    schemas.SampleSheet(size=2, fine=1, findings=1, sheet=D, by=UUID(int=2)),
    decision(),
    schemas.Decision2(**(dict(decision()) | {"measurement": D})),
    schemas.Decision3(**(dict(decision()) | {"measurement": D, "beside": (PICTURE,), "beside_copies": D})),
    schemas.Attribution(
        decision=D,
        label="animal",
        attribution=None,
        attribution_method=None,
        attribution_missing="out_of_time",
        duration=3,
    ),
    schemas.DeepAttribution(
        decision=UUID(int=1),
        label="animal",
        against="plant",
        attribution=D,
        attribution_method="deep/integrated_gradients",
        attribution_missing=None,
        complete=True,
        by=None,
        duration=3,
        code_version="1",
    ),
    schemas.Review(
        decision=D,
        reviewer=UUID(int=1),
        role="officer",
        verdict="overturn",
        label="animal",
        right_label="plant",
        reason=D,
        shown=("scores",),
    ),
    schemas.Review2(
        decision=D,
        reviewer=UUID(int=1),
        role="officer",
        verdict="overturn",
        label="animal",
        right_label="plant",
        outcome="plant",
        reason=D,
        served=("scores",),
        displayed=None,
    ),
    schemas.Quarantine(
        asset=D, policy=D, redaction_revision=None, code="detector_missing", code_version="1", durations={}
    ),
    schemas.RunFailed(
        asset=D, policy=D, step="inferring", code="out_of_memory", attempts=5, code_version="1", durations={}
    ),
    schemas.Export(exporter=None, profile="full", whole=True, entries=3, size=3, bundle=D),
    schemas.SignIn(),
    schemas.SignInRefused(known=False, code="invalid_login"),
    schemas.SignInLocked(lock=UUID(int=3), known=False, refusals=5, seconds=900),
    schemas.SignInUnlocked(lock=UUID(int=3), known=False, refused=7, lifted=False),
    schemas.SignOut(),
    schemas.PasswordSet(by=UUID(int=1)),
    schemas.RoleGiven(role="officer", before="operator", by=None),
    schemas.VerdictTakenBack(review=D, by=UUID(int=1), role="officer", outcome="plant"),
    schemas.CaseActed(act="sent_back", by=UUID(int=1), role="officer", to=(UUID(int=2),), words=D),
    schemas.Disposition(
        decision=D,
        review=D,
        done="sent_on",
        outcome="plant",
        to=D,
        words=None,
        by=UUID(int=1),
        role="officer",
    ),
    schemas.LetterMade(
        decision=D, review=None, outcome="plant", letter=D, language="ja", by=UUID(int=1), role="officer"
    ),
    schemas.KnownAnswerPlaced(decision=D, answer=D, by=UUID(int=1)),
    schemas.AbsenceSet(by=UUID(int=1), stand_in=UUID(int=2), until="2026-01-01T00:00:00.000000Z"),
    schemas.PolicyPublished(number=2, policy=D, before=D, changed=("review_sample_rate",), by=None),
    schemas.PolicyPublished2(number=2, policy=D, before=D, changed=("question",), reason=D, by=None),
    schemas.PolicyPublished3(
        number=2,
        policy=D,
        before=D,
        changed=("question",),
        model=D,
        model_before=D,
        builtin=False,
        reason=D,
        by=None,
    ),
    schemas.BuiltinDeclined(offered=D, policy=D, reason=D, by=UUID(int=1)),
    schemas.ModelRegistered(model=decision().model, version=D),
    schemas.ExampleAdded(asset=D, policy=UUID(int=9), label="good", origin="upload", by=UUID(int=1)),
    schemas.ExampleRemoved(asset=D, policy=UUID(int=9), label="good", by=UUID(int=1)),
    schemas.Evaluated(
        policy=D,
        model=D,
        evaluation=D,
        examples=D,
        examples_count=60,
        accuracy=870_000,
        accuracy_low=760_000,
        accuracy_high=934_000,
        calibrated=True,
        builtin=False,
        by=UUID(int=1),
    ),
    schemas.Adapted(policy=D, base=D, model=D, head=D, card=D, examples=D, examples_count=60, by=UUID(int=1)),
    schemas.PromotionProposed(policy=D, model=D, by=UUID(int=1)),
    schemas.StageOpened(
        policy=D, before=D, stage="audio", stage_before="image_text", model=D, evaluation=D, by=UUID(int=1)
    ),
    schemas.Promoted(policy=D, model=D, promoted=True, proposed_by=UUID(int=1), by=UUID(int=2)),
    schemas.KeyMade(use="workspace", fingerprint=D, verifier=None),
    schemas.FileRefused(
        asset=None, policy=D, batch=UUID(int=2), by=UUID(int=1), code="not_media", code_version="1"
    ),
    schemas.RunQueued(asset=D, policy=D, model=D, batch=UUID(int=2), by=UUID(int=1), seen_before=False),
    schemas.RunQueued2(
        asset=D,
        policy=D,
        model=D,
        batch=UUID(int=2),
        uploader=UUID(int=1),
        uploader_assumed=False,
        seen_before=False,
    ),
    schemas.RunQueued3(
        asset=D,
        policy=D,
        model=D,
        batch=UUID(int=2),
        uploader=UUID(int=1),
        uploader_assumed=False,
        seen_before=False,
        encoding="euc_jp",
    ),
    schemas.RunTimedOut(asset=D, step="redacting", attempt=1, alone=True, code_version="1"),
    schemas.RunStep(step="redaction", result=D, attempt=1, duration=120, code_version="1"),
    schemas.RedactionCorrected(
        asset=D,
        policy=D,
        model=D,
        parent=UUID(int=6),
        by=UUID(int=1),
        role="officer",
        added=2,
        removed=1,
        original_seen=True,
        edits=D,
        reason=D,
    ),
    schemas.QuarantineReleased(
        asset=D,
        policy=D,
        model=D,
        parent=UUID(int=6),
        code="still_found",
        by=UUID(int=1),
        role="officer",
        mode="by_hand",
        regions=3,
        edits=D,
        reason=D,
    ),
    schemas.RunRetried(step="received", by=UUID(int=1)),
    schemas.RunCancelled(by=None),
    schemas.OriginalOpened(asset=D, viewer=UUID(int=1), role="officer", reason=D, seconds=300),
    schemas.Reidentified(
        asset=D,
        batch=UUID(int=5),
        pseudonym="PERSON_3",
        viewer=UUID(int=1),
        role="officer",
        reason=D,
        seconds=300,
    ),
    schemas.HoldPlaced(asset=D, hold=UUID(int=3), reason=D, by=None),
    schemas.HoldReleased(asset=D, hold=UUID(int=3), reason=D, by=UUID(int=1)),
    schemas.Erasure(
        asset=D,
        cause="request",
        by=None,
        runs=(UUID(int=4),),
        runs_count=1,
        journaled="2026-01-02T03:04:05.000006Z",
        replayed=False,
    ),
]


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: record.kind)
def test_each_schema_is_canonical_json_and_back(record: schemas.Record) -> None:
    body = decode(encode(record.model_dump(mode="json")))
    assert type(record).model_validate(body) == record


def test_there_is_one_of_each() -> None:
    assert {(record.kind, record.schema_version) for record in ONE_OF_EACH} == set(schemas.SCHEMAS)


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: record.kind)
def test_an_unknown_field_is_refused(record: schemas.Record) -> None:
    with pytest.raises(ValidationError, match="file_name"):
        type(record).model_validate({**record.model_dump(mode="json"), "file_name": "me.jpg"})


@pytest.mark.parametrize(
    "change",
    [
        {"asset": "me.jpg"},
        {"asset": "A" * 64},
        {"policy": ""},
        {"seed": 2**53},
        {"seed": -1},
        {"confidence": 1_000_001},
        {"scores": []},
        {"confidence": 0.5},
        {"attribution": None},
        {"attribution_method": None},
        {"attribution_missing": "late"},
        {"durations": {"infer": -1}},
        {"durations": {"In Fer": 1}},
        {"review_rules": ["Low Confidence"]},
        {"device": ""},
        {"parent": "run-1"},
        {"attribution": None, "attribution_method": None},
    ],
)
def test_a_decision_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        schemas.Decision.model_validate({**decision().model_dump(mode="json"), **change})


@pytest.mark.parametrize(
    "change", [{"verdict": "uphold"}, {"right_label": None}, {"reviewer": "taro"}, {"reason": "because"}]
)
def test_a_review_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        schemas.Review.model_validate({**ONE_OF_EACH[2].model_dump(mode="json"), **change})


# --- how each is forgotten -----------------------------------------------------------------------------

#: Fields that name a person.
PEOPLE = {"by", "reviewer", "viewer", "uploader", "exporter"}
#: Kinds whose subject is a person.
ABOUT_PEOPLE = {"password_set", "role_given", "sign_in", "sign_in_locked", "sign_in_refused"} | {
    "sign_in_unlocked",
    "sign_out",
}
EVERY = sorted(schemas.SCHEMAS.values(), key=lambda schema: (schema.kind, schema.schema_version))


@pytest.mark.parametrize("schema", EVERY, ids=lambda each: f"{each.kind}-{each.schema_version}")
def test_each_schema_says_how_it_is_forgotten(schema: type[schemas.Record]) -> None:
    answers, fields = set(schema.forgotten), inspect.get_annotations(schema)
    committed = any("Commitment" in str(fields[name]) for name in schema.model_fields if name in fields)
    named = bool(PEOPLE & schema.model_fields.keys()) or schema.kind in ABOUT_PEOPLE
    keys = {schemas.Forgetting.ASSET_KEY, schemas.Forgetting.KEY_BESIDE}
    assert len(answers & keys) == committed
    assert (schemas.Forgetting.PERSON_ID in answers) == named
    assert (schemas.Forgetting.NOTHING in answers) == (not committed and not named)


@pytest.mark.parametrize("schema", [*EVERY, schemas.BesidePicture], ids=str)
def test_a_field_of_any_kind_is_an_id_a_code_a_number_or_a_digest(
    schema: type[schemas.Record] | type[schemas.BesidePicture],
) -> None:
    """A text of one's own could hold anything, and nothing would take it out again."""
    allowed = re.compile(
        r"^(Commitment|Digest|LeafHash|Code|Pseudonym|Seed|Count|Share|Moment|Name|UUID|bool|Stage|ModelVersion"
        r"|Literal|None|tuple|dict|LabelScore|BesidePicture|\[|\]|\||,|\.\.\.|\"[a-z_]+\"|'[a-z_]+'|\s)+$"
    )
    fields: dict[str, object] = {}
    for each in reversed(schema.__mro__):  # a version may be the one before with more
        fields |= inspect.get_annotations(each)
    for name in schema.model_fields:
        assert allowed.match(str(fields[name])), f"{schema.__name__}.{name}: {fields[name]}"


def test_pictures_beside_a_recording_are_committed_to_or_there_are_none() -> None:
    given = dict(decision()) | {"measurement": D}
    for beside, copies in (((PICTURE,), None), ((), D)):
        with pytest.raises(ValidationError, match="committed to"):
            schemas.Decision3(**given, beside=beside, beside_copies=copies)


def test_a_schema_without_an_answer_is_refused_where_it_is_written() -> None:
    with pytest.raises(TypeError, match="does not say how it is forgotten"):

        class Silent(schemas.Record):
            kind = "silent"


def test_the_docs_list_every_kind_and_how_it_is_forgotten() -> None:
    text = (settings.BASE_DIR / "docs" / "record.en.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([a-z_, `]+) \|$", text, re.MULTILINE)
    newest = {schema.kind: schema for schema in EVERY}
    said = {kind: set(re.findall(r"`(\w+)`", answers)) for kind, answers in rows}
    assert said == {kind: {answer.value for answer in schema.forgotten} for kind, schema in newest.items()}


def test_every_kind_has_words_for_people() -> None:
    assert {schema.kind for schema in EVERY} <= KINDS.keys()
