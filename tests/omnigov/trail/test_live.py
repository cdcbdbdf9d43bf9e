"""What was live at a moment, from the record."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client

from omnigov.accounts.services import person_add
from omnigov.contracts import RedactionProfile
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import redaction_publish
from omnigov.trail.live import Live, live_at


def test_the_version_and_the_roles_of_then_and_not_of_now(cast: Any) -> None:
    version: PolicyVersion = cast.policy_version
    before = datetime.now(UTC)
    other = version.spec.redaction.model_copy(update={"seals": not version.spec.redaction.seals})
    later = redaction_publish(
        based_on=version, redaction=RedactionProfile.model_validate(other), reason="Seals.", by=cast.steward
    )
    person_add(
        workspace=cast.workspace,
        username=cast.operator.username,
        password="a good password",
        role="auditor",
        by=cast.steward,
    )
    then, now = live_at(cast.workspace, before), live_at(cast.workspace, datetime.now(UTC))

    def number(live: Live) -> int:
        return next(each.number for each in live.policies if each.policy == version.policy)

    def role(live: Live) -> str:
        return next(each.role for each in live.people if each.id == cast.operator.id)

    assert (number(then), number(now)) == (version.number, later.number)
    assert (role(then), role(now)) == ("operator", "auditor")
    (policy,) = [each for each in now.policies if each.policy == version.policy]
    assert policy.version == later
    assert policy.model == later.model_version
    ancient = live_at(cast.workspace, before - timedelta(days=9))
    assert (ancient.policies, ancient.people, ancient.code_version) == ([], [], None)
    assert live_at(cast.elsewhere, before).people != then.people


def test_a_version_that_was_changed_afterwards_is_not_shown_as_what_was_live(cast: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE policies_policyversion SET body = jsonb_set(body, '{question}', '\"Another?\"') "
            "WHERE id = %s",
            [cast.policy_version.pk],
        )
    live = live_at(cast.workspace, datetime.now(UTC))
    (policy,) = [each for each in live.policies if each.policy == cast.policy_version.policy]
    assert policy.version is None


def test_the_page_speaks_of_a_moment_by_the_reader_s_clock(client: Client, cast: Any) -> None:
    client.force_login(cast.auditor)
    page = client.get("/ledger/live/").content.decode()
    assert re.search(rf"{cast.officer.username}</th><td[^>]*>compliance officer", page)
    assert "confidence below" in page
    page = client.get("/ledger/live/?at=2020-01-01T09:00").content.decode()
    assert "2020-01-01 09:00:00 UTC" in page
    assert "No policy was published by then" in page
    client.cookies["omnigov_zone"] = "Asia/Tokyo"
    assert "2020-01-01 09:00:00 JST" in client.get("/ledger/live/?at=2020-01-01T09:00").content.decode()
    assert "still to come" in client.get("/ledger/live/?at=9999-12-31T23:59").content.decode()
    for odd in ("0001-01-01T00:00", "yesterday", "2020-13-01T00:00"):
        assert client.get(f"/ledger/live/?at={odd}").status_code == 200
    client.force_login(cast.officer)
    assert client.get("/ledger/live/").status_code == 403
