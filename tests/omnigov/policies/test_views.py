"""Policies, as every member reads them."""

from __future__ import annotations

import json
import re
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import translation

from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import policy_publish, redaction_publish
from omnigov.policies.words import QUESTIONS
from omnigov.templatetags.omnigov import question_read
from tests.conftest import Cast


def test_every_member_reads_the_policies(client: Client, cast: Cast) -> None:
    for person in (cast.operator, cast.officer, cast.auditor, cast.steward):
        client.force_login(person)
        page = client.get("/policies/").content.decode()
        assert "What is shown" in page
        assert "/policies/what-is-shown/1/" in page


def test_a_version_shows_labels_and_what_is_hidden(client: Client, cast: Any) -> None:
    client.force_login(cast.operator)
    page = client.get("/policies/what-is-shown/1/").content.decode()
    for label in cast.policy_version.spec.labels:
        assert label.name_en in page
    for words in ("Face", "My Number (Japan)", "confidence below 60.0 %", cast.policy_version.digest):
        assert words in page


def test_an_old_version_stays_readable(client: Client, cast: Any) -> None:
    spec = cast.policy_version.spec.model_copy(update={"question": "What else is there?"})
    policy_publish(workspace=cast.workspace, slug="what-is-shown", name_en="x", name_ja="x", spec=spec)
    client.force_login(cast.auditor)
    assert "/policies/what-is-shown/2/" in client.get("/policies/").content.decode()
    assert "What else is there?" not in client.get("/policies/what-is-shown/1/").content.decode()
    assert "What else is there?" in client.get("/policies/what-is-shown/2/").content.decode()


def test_what_is_not_there_is_404(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator)
    assert client.get("/policies/what-is-shown/9/").status_code == 404
    client.force_login(cast.outsider)
    assert client.get("/policies/what-is-shown/1/").status_code == 404


def test_a_version_that_was_changed_behind_our_back_says_so(client: Client, cast: Any) -> None:
    version = cast.policy_version
    profile = version.spec.redaction.model_copy(update={"seals": False})
    after = redaction_publish(based_on=version, redaction=profile, reason="No seals.", by=cast.steward)
    client.force_login(cast.auditor)
    changed = "is not what the record says"
    page = client.get("/policies/what-is-shown/2/").content.decode()
    assert changed not in page
    entry = LedgerEntry.objects.filter(kind="policy_published", subject=version.policy_id).latest("seq")
    assert f"/ledger/entries/{entry.id}/" in page
    assert changed not in client.get("/policies/what-is-shown/1/").content.decode()
    rows = PolicyVersion.objects.filter(pk=after.pk)
    rows.update(reason="No seals ever.")
    assert changed in client.get("/policies/what-is-shown/2/").content.decode()
    rows.update(reason="No seals.", body=version.body)
    assert changed in client.get("/policies/what-is-shown/2/").content.decode()
    rows.update(body=after.body)
    assert changed not in client.get("/policies/what-is-shown/2/").content.decode()


def test_what_the_built_in_policies_ask_is_read_in_japanese_and_as_the_model_is_asked(
    client: Client, cast: Any
) -> None:
    questions = []
    for file in sorted((settings.BASE_DIR / "omnigov" / "policies" / "builtin").glob("*.json")):
        body = json.loads(file.read_text(encoding="utf-8"))
        if "question" in body:
            questions.append(body["question"])
            for label in body["labels"]:
                assert re.search("[\\u3040-\\u30ff\\u4e00-\\u9fff]", label["name_ja"]), (file.name, label)
    assert set(QUESTIONS) == set(questions)
    with translation.override("ja"):
        assert all(question_read(question) != question for question in questions)
        assert question_read("A question of ours?") == "A question of ours?"
    client.force_login(cast.operator)
    page = client.get("/policies/what-is-shown/1/", headers={"Accept-Language": "ja"}).content.decode()
    assert "この画像は何を写したものですか" in page
    assert '<span lang="en">“What kind of thing does this picture show?”</span>' in page
    english = client.get("/policies/what-is-shown/1/").content.decode()
    assert english.count("What kind of thing does this picture show?") == 1
