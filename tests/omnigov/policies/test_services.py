"""Publishing a policy's next version."""

from __future__ import annotations

from typing import Any

import pytest

from omnigov.contracts import RedactionProfile, digest_of_stored
from omnigov.ledger import canonical, schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import PolicyVersion
from omnigov.policies.queries import published
from omnigov.policies.services import NotPublished, redaction_publish


def change(version: PolicyVersion, **fields: Any) -> RedactionProfile:
    return version.spec.redaction.model_copy(update=fields)


def test_the_next_version_differs_in_its_redaction_alone(cast: Any) -> None:
    before: PolicyVersion = cast.policy_version
    after = redaction_publish(
        based_on=before, redaction=change(before, seals=False), reason=" No seals come. ", by=cast.steward
    )
    assert (after.number, after.reason, after.created_by) == (2, "No seals come.", cast.steward)
    assert after.spec.redaction == change(before, seals=False)
    assert after.spec.model_copy(update={"redaction": before.spec.redaction}) == before.spec


def test_the_record_names_what_changed_and_commits_to_the_reason(cast: Any) -> None:
    before: PolicyVersion = cast.policy_version
    after = redaction_publish(
        based_on=before, redaction=change(before, seals=False), reason="No seals come.", by=cast.steward
    )
    entry = LedgerEntry.objects.filter(kind="policy_published", subject=before.policy_id).latest("seq")
    body = canonical.decode(bytes(entry.body))
    record = body["record"]
    assert body["schema"] == 2
    assert record["changed"] == ["redaction_seals"]
    assert (record["before"], record["policy"], record["by"]) == (
        before.digest,
        after.digest,
        str(cast.steward.id),
    )
    assert record["reason"] == PolicyVersion.objects.get(pk=after.pk).reason_commitment
    assert b"No seals" not in bytes(entry.body)
    after.reason = "No seals came."
    assert record["reason"] != after.reason_commitment
    first = LedgerEntry.objects.filter(kind="policy_published", subject=before.policy_id).earliest("seq")
    assert canonical.decode(bytes(first.body))["record"]["reason"] is None


def test_a_version_whose_forms_were_stored_with_boxes_agrees_with_its_entry(cast: Any) -> None:
    """Its digest is that of what was stored; what is read from it has places, and would have another."""
    before: PolicyVersion = cast.policy_version
    field = {"name": "Who", "kind": "PERSON", "box": {"left": 1, "top": 2, "right": 30, "bottom": 40}}
    form = {"name": "Card", "width": 100, "height": 100, "fields": [field], "reference": "x"}
    body = before.body | {"redaction": before.body["redaction"] | {"templates": [form]}}
    stored = PolicyVersion.objects.create(
        policy=before.policy, number=2, body=body, digest=digest_of_stored(body), created_by=cast.steward
    )
    entry = schemas.PolicyPublished2(
        number=2, policy=stored.digest, before=before.digest, changed=(), reason=None, by=cast.steward.id
    )
    ledger.record(entry, workspace=before.policy.workspace_id, subject=before.policy_id)
    assert stored.spec.redaction.templates[0].fields[0].place.right == 30
    found = published(stored)
    assert found is not None
    assert found.agrees
    after = redaction_publish(
        based_on=stored, redaction=change(stored, seals=False), reason="No seals come.", by=cast.steward
    )
    record = canonical.decode(bytes(LedgerEntry.objects.latest("seq").body))["record"]
    assert (after.number, record["changed"]) == (3, ["redaction_seals"])


def test_nobody_takes_back_what_they_have_not_seen(cast: Any) -> None:
    before: PolicyVersion = cast.policy_version
    redaction_publish(based_on=before, redaction=change(before, seals=False), reason="One.", by=cast.steward)
    with pytest.raises(NotPublished, match="another version meanwhile"):
        redaction_publish(
            based_on=before, redaction=change(before, codes=False), reason="Two.", by=cast.steward
        )
    assert before.policy.versions.count() == 2


@pytest.mark.parametrize(
    ("fields", "reason", "sentence"),
    [({}, "Because.", "Nothing differs"), ({"seals": False}, "  ", "Write a reason")],
)
def test_what_is_not_published(cast: Any, fields: dict[str, Any], reason: str, sentence: str) -> None:
    before: PolicyVersion = cast.policy_version
    with pytest.raises(NotPublished, match=sentence):
        redaction_publish(based_on=before, redaction=change(before, **fields), reason=reason, by=cast.steward)
    assert before.policy.versions.count() == 1
