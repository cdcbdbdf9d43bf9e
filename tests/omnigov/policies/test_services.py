"""Publishing a policy's next version."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omnigov import contracts
from omnigov.contracts import Label, PolicySpec, RedactionProfile, Stage, digest_of_stored
from omnigov.ledger import canonical, schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.models import LedgerEntry
from omnigov.policies import services
from omnigov.policies.models import Builtin, BuiltinState, PolicyVersion
from omnigov.policies.queries import offer_of, published
from omnigov.policies.services import (
    NotPublished,
    builtin_accept,
    builtin_decline,
    builtin_publish,
    model_publish,
    policy_publish,
    redaction_publish,
)
from omnigov.registry.models import ModelVersion
from omnigov.registry.services import model_version_register
from tests.omnigov import recorded


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


@pytest.mark.parametrize("again", ["Cat", "ｃａｔ", " cat  "])
def test_labels_of_the_same_words_are_not_published(cast: Any, again: str) -> None:
    labels = tuple(
        Label(key=f"k{number}", phrase=phrase, name_en=phrase, name_ja=phrase)
        for number, phrase in enumerate(("cat", "tree", again))
    )
    spec = PolicySpec(question="What is it?", labels=labels)
    with pytest.raises(NotPublished, match="same words"):
        policy_publish(workspace=cast.workspace, slug="alike", name_en="Alike", name_ja="同じ", spec=spec)
    assert not PolicyVersion.objects.filter(policy__slug="alike").exists()


def test_the_record_names_what_changed_and_commits_to_the_reason(cast: Any) -> None:
    before: PolicyVersion = cast.policy_version
    after = redaction_publish(
        based_on=before, redaction=change(before, seals=False), reason="No seals come.", by=cast.steward
    )
    entry = LedgerEntry.objects.filter(kind="policy_published", subject=before.policy_id).latest("seq")
    body = canonical.decode(bytes(entry.body))
    record = body["record"]
    assert body["schema"] == 3
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


# --- what comes with the product -----------------------------------------------------------------------


@pytest.fixture
def newer_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts another text of the built-in policy in the product's place."""
    shutil.copytree(services.BUILTIN, tmp_path / "builtin")
    monkeypatch.setattr(services, "BUILTIN", tmp_path / "builtin")

    def change_text(**fields: Any) -> None:
        file = tmp_path / "builtin" / "what_is_shown.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))

    return change_text


def test_a_builtin_policy_is_published_once(cast: Any) -> None:
    for _ in range(2):
        version, *_others = builtin_publish(workspace=cast.workspace)
        assert version == cast.policy_version
    assert version.policy.versions.count() == 1


def test_a_steward_s_version_is_never_taken_back(cast: Any) -> None:
    mine = redaction_publish(
        based_on=cast.policy_version,
        redaction=change(cast.policy_version, seals=False),
        reason="No seals come.",
        by=cast.steward,
    )
    version, *_others = builtin_publish(workspace=cast.workspace)
    assert version == mine
    assert offer_of(cast.workspace, mine.policy.slug) is None


def test_a_newer_text_is_offered_once_and_published_by_a_steward(cast: Any, newer_product: Any) -> None:
    newer_product(question="What stands here?")
    for _ in range(2):
        version, *_others = builtin_publish(workspace=cast.workspace)
        assert version == cast.policy_version
    offer = offer_of(cast.workspace, version.policy.slug)
    assert offer is not None
    after = builtin_accept(offer=offer, based_on=version, reason="It asks better.", by=cast.steward)
    assert (after.number, after.spec.question, after.created_by) == (2, "What stands here?", cast.steward)
    entry = LedgerEntry.objects.filter(kind="policy_published", subject=after.policy_id).latest("seq")
    record = canonical.decode(bytes(entry.body))["record"]
    assert (record["builtin"], record["by"]) == (True, str(cast.steward.id))
    assert builtin_publish(workspace=cast.workspace)[0] == after
    assert offer_of(cast.workspace, version.policy.slug) is None


def test_what_was_declined_is_not_offered_again(cast: Any, newer_product: Any) -> None:
    newer_product(question="What stands here?")
    builtin_publish(workspace=cast.workspace)
    offer = offer_of(cast.workspace, cast.policy_version.policy.slug)
    assert offer is not None
    with pytest.raises(NotPublished, match="Write a reason"):
        builtin_decline(offer=offer, based_on=cast.policy_version, reason=" ", by=cast.steward)
    offer.refresh_from_db()
    builtin_decline(offer=offer, based_on=cast.policy_version, reason="Ours is better.", by=cast.steward)
    entry = LedgerEntry.objects.get(kind="builtin_declined", subject=offer.policy_id)
    record = canonical.decode(bytes(entry.body))["record"]
    assert (record["offered"], record["policy"]) == (offer.digest, cast.policy_version.digest)
    assert record["reason"] == offer.reason_commitment
    assert builtin_publish(workspace=cast.workspace)[0] == cast.policy_version
    assert offer_of(cast.workspace, cast.policy_version.policy.slug) is None
    newer_product(question="What is it, then?")
    builtin_publish(workspace=cast.workspace)
    assert offer_of(cast.workspace, cast.policy_version.policy.slug) is not None


def test_a_newer_text_takes_the_place_of_one_that_waits(cast: Any, newer_product: Any) -> None:
    for question in ("What stands here?", "What is it, then?"):
        newer_product(question=question)
        builtin_publish(workspace=cast.workspace)
    offer = offer_of(cast.workspace, cast.policy_version.policy.slug)
    assert offer is not None
    assert offer.spec.question == "What is it, then?"
    first = Builtin.objects.get(policy=offer.policy, state=BuiltinState.OVERTAKEN)
    with pytest.raises(NotPublished, match="decided already"):
        builtin_accept(offer=first, based_on=cast.policy_version, reason="Yes.", by=cast.steward)


# --- the model that is asked ----------------------------------------------------------------------------


def another_model() -> ModelVersion:
    return model_version_register(
        contracts.ModelVersion(name="newer", stage=Stage.IMAGE_TEXT, config_digest="2" * 64, files=())
    )


def test_registering_a_model_changes_no_policy(cast: Any) -> None:
    before = cast.policy_version.model_version
    another_model()
    assert PolicyVersion.objects.get(pk=cast.policy_version.pk).model_version == before
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png("teal")))
    assert recorded.run_of(batch.submissions.get()).model_version == before
    after = redaction_publish(
        based_on=cast.policy_version,
        redaction=change(cast.policy_version, seals=False),
        reason="No seals come.",
        by=cast.steward,
    )
    assert after.model_version == before


def test_a_steward_has_another_model_asked(cast: Any) -> None:
    newer = another_model()
    after = model_publish(
        based_on=cast.policy_version, model_version=newer, reason="Measured, and better.", by=cast.steward
    )
    assert (after.number, after.model_version, after.digest) == (2, newer, cast.policy_version.digest)
    entry = LedgerEntry.objects.filter(kind="policy_published", subject=after.policy_id).latest("seq")
    record = canonical.decode(bytes(entry.body))["record"]
    assert (record["model"], record["changed"]) == (newer.digest, [])
    assert record["model_before"] == cast.policy_version.model_version.digest
    batch = recorded.batch_of(after, cast.operator, ("a.png", recorded.png("teal")))
    assert recorded.run_of(batch.submissions.get()).model_version == newer
    with pytest.raises(NotPublished, match="Nothing differs"):
        model_publish(based_on=after, model_version=newer, reason="Again.", by=cast.steward)
