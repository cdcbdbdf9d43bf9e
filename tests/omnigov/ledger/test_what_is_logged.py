"""What people do is on the record: one entry each, in the same transaction, and no word that they typed."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.test import Client

from omnigov.accounts.models import User
from omnigov.accounts.services import password_set, person_add, workspace_create
from omnigov.contracts import ModelVersion, ReviewRule, Stage
from omnigov.keys import keyring
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.schemas import SCHEMAS
from omnigov.ledger.services import export_record, keys_record
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import policy_publish
from omnigov.registry.services import model_version_register
from tests.conftest import Cast


def entries(kind: str, **where: Any) -> list[dict[str, Any]]:
    found = LedgerEntry.objects.filter(kind=kind, **where).order_by("seq")
    return [json.loads(bytes(entry.body)) for entry in found]


def test_a_sign_in_and_a_sign_out_are_entries_about_the_person(client: Client, cast: Cast) -> None:
    person: Any = cast.officer
    client.post("/sign-in/", {"username": person.username, "password": "a good password"})
    (entry,) = entries("sign_in", subject=person.id)
    assert entry["workspace"] == str(cast.workspace.id)  # type: ignore[attr-defined]
    client.post("/sign-out/")
    assert len(entries("sign_out", subject=person.id)) == 1
    client.post("/sign-out/")
    assert len(entries("sign_out", subject=person.id)) == 1


def test_a_refused_sign_in_does_not_say_what_was_typed(client: Client, cast: Cast) -> None:
    person: Any = cast.officer
    client.post("/sign-in/", {"username": person.username, "password": "not-the-password"})
    (known,) = entries("sign_in_refused", subject=person.id)
    assert known["record"] == {"known": True, "code": "invalid_login"}
    client.post("/sign-in/", {"username": "my-secret-password", "password": "x"})
    unknown = entries("sign_in_refused")[-1]
    assert unknown["record"]["known"] is False
    assert unknown["workspace"] is None
    everything = b"".join(bytes(entry.body) for entry in LedgerEntry.objects.all())
    for typed in (b"my-secret-password", b"not-the-password", person.username.encode()):
        assert typed not in everything
    client.post("/sign-in/", {"username": "", "password": ""})
    assert entries("sign_in_refused")[-1]["id"] == unknown["id"]


def test_a_closed_account_is_refused_on_the_record(client: Client, cast: Cast) -> None:
    person: Any = cast.officer
    User.objects.filter(pk=person.pk).update(is_active=False)
    client.post("/sign-in/", {"username": person.username, "password": "a good password"})
    assert len(entries("sign_in_refused", subject=person.id)) == 1
    assert entries("sign_in", subject=person.id) == []


def test_a_role_is_an_entry_when_it_changes(cast: Cast) -> None:
    workspace: Any = cast.workspace
    steward: Any = cast.steward

    def give(role: str) -> User:
        return person_add(
            workspace=workspace, username="new-one", password="a good password", role=role, by=steward
        )

    person = give("operator")
    give("operator")
    give("auditor")
    given = [entry["record"] for entry in entries("role_given", subject=person.id)]
    assert given == [
        {"role": "operator", "before": None, "by": str(steward.id)},
        {"role": "auditor", "before": "operator", "by": str(steward.id)},
    ]
    password_set(user=person, password="another password")
    assert entries("password_set", subject=person.id)[0]["record"] == {"by": None}


def test_a_policy_s_new_version_names_the_fields_that_changed(cast: Cast) -> None:
    version: Any = cast.policy_version
    before: PolicyVersion = version
    rules = ReviewRule(below_confidence=123_456, sample_rate=before.spec.review.sample_rate)
    spec = before.spec.model_copy(update={"question": "What is it?", "review": rules})

    def publish() -> PolicyVersion:
        policy = before.policy
        return policy_publish(
            workspace=policy.workspace, slug=policy.slug, name_en="x", name_ja="x", spec=spec, by=None
        )

    after = publish()
    publish()
    first, second = entries("policy_published", subject=before.policy_id)
    assert (first["record"]["before"], first["record"]["changed"]) == (None, [])
    record = second["record"]
    assert (record["before"], record["policy"], record["number"]) == (before.digest, after.digest, 2)
    assert {"question", "review_below_confidence"} <= set(record["changed"])
    assert all(name.startswith(("question", "review_")) for name in record["changed"])


def test_a_model_is_registered_once(cast: Cast) -> None:
    spec = ModelVersion(name="another", stage=Stage.IMAGE_TEXT, config_digest="1" * 64, files=())
    version = model_version_register(spec)
    model_version_register(spec)
    (entry,) = entries("model_registered", subject=version.id)
    assert entry["record"]["version"] == version.digest
    assert entry["workspace"] is None


def test_keys_are_on_the_record_by_fingerprint(db: None) -> None:
    keys_record()
    keys_record()
    made = {entry["record"]["use"]: entry["record"] for entry in entries("key_made", workspace=None)}
    assert made["log_signing"]["verifier"] == str(log_signer().verifier)
    assert made["key_encryption"]["fingerprint"] == keyring().fingerprint
    workspace = workspace_create(name="New", slug="new")
    assert len(entries("key_made", subject=workspace.id)) == 1
    assert LedgerEntry.objects.filter(kind="key_made", workspace=None).count() == 2
    secret = (keyring().folder / "key-encryption-key").read_bytes()
    everything = b"".join(bytes(entry.body) for entry in LedgerEntry.objects.filter(kind="key_made"))
    assert secret not in everything
    assert secret.hex().encode() not in everything


def test_what_is_rolled_back_leaves_no_entry(cast: Cast) -> None:
    person: Any = cast.officer

    with transaction.atomic():
        password_set(user=person, password="another password")
        transaction.set_rollback(True)
    assert entries("password_set", subject=person.id) == []


def test_an_export_is_an_entry_with_the_digest_of_its_file(db: None) -> None:
    export_record(
        digest="a" * 64,
        profile="redacted",
        entries=3,
        size=7,
        whole=False,
        workspace=UUID(int=7),
        exporter=UUID(int=9),
    )
    (entry,) = entries("export", workspace=UUID(int=7))
    assert entry["record"]["bundle"] == "a" * 64
    assert entry["record"]["exporter"] == str(UUID(int=9))


def test_the_documentation_lists_every_kind() -> None:
    text = (settings.BASE_DIR / "docs" / "record.en.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) == {kind for kind, _ in SCHEMAS}
