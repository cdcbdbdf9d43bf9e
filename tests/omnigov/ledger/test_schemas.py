"""What may stand on the record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from omnigov.ledger import schemas
from omnigov.ledger.canonical import decode, encode
from tests.omnigov.ledger.conftest import decision

D = "a" * 64
ONE_OF_EACH: list[schemas.Record] = [
    decision(),
    schemas.Attribution(
        decision=D,
        label="animal",
        attribution=None,
        attribution_method=None,
        attribution_missing="out_of_time",
        duration=3,
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
