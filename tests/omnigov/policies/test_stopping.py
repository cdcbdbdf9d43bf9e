"""The stop button of a policy: at once, on the record, and let go on by a steward alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov.decisions import leases, services
from omnigov.decisions.leases import PolicyStopped
from omnigov.decisions.models import Decision, RunState
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import PolicyStop, committed
from omnigov.policies.stopping import NotStopped, policy_resume, policy_stop, stop_of
from omnigov.trail.live import live_at
from tests.omnigov import recorded


def handed_in(cast: Any, colour: str = "teal") -> Any:
    batch = recorded.batch_of(cast.policy_version, cast.operator, (f"{colour}.png", recorded.png(colour)))
    return batch.submissions.get()


def test_what_waits_is_not_decided_until_it_goes_on(cast: Any) -> None:
    run = recorded.run_of(handed_in(cast))
    run.state = RunState.INFERRING
    run.save()
    policy = cast.policy_version.policy
    assert run in leases.claimable("decide")
    policy_stop(policy=policy, reason="Wrong all morning.", by=cast.officer)
    assert run not in leases.claimable("decide")
    other = recorded.run_of(handed_in(cast, "red"))
    assert other in leases.claimable("redact")  # personal data goes on being hidden
    policy_resume(policy=policy, reason="A better text is out.", by=cast.steward)
    assert run in leases.claimable("decide")


def test_what_a_worker_is_at_is_not_recorded(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = handed_in(cast)
    honest = services.inference_record

    def stopped_meanwhile(*given: Any, **named: Any) -> None:
        honest(*given, **named)
        policy_stop(policy=cast.policy_version.policy, reason="Wrong.", by=cast.officer)

    monkeypatch.setattr(services, "inference_record", stopped_meanwhile)
    with pytest.raises(PolicyStopped, match="stopped"):
        recorded.record(submission, picture=Image.new("RGB", (64, 48)), label="money")
    assert not Decision.objects.filter(run__submission=submission).exists()
    assert not LedgerEntry.objects.filter(kind="decision", subject=recorded.run_of(submission).pk).exists()


def test_both_are_on_the_record_with_their_reasons_committed_to(cast: Any) -> None:
    policy = cast.policy_version.policy
    stop = policy_stop(policy=policy, reason="Wrong all morning.", by=cast.officer)
    then = datetime.now(UTC)
    policy_resume(policy=policy, reason="A better text is out.", by=cast.steward)
    stop.refresh_from_db()
    for kind, by, reason, key in (
        ("policy_stopped", cast.officer, stop.reason, stop.reason_key),
        ("policy_resumed", cast.steward, stop.end_reason, stop.end_key),
    ):
        entry = LedgerEntry.objects.get(kind=kind, subject=policy.pk)
        record = canonical.decode(bytes(entry.body))["record"]
        assert record == {"stop": str(stop.id), "by": str(by.id), "reason": committed(reason, key)}
    held = [live_at(cast.workspace, at).policies for at in (then, datetime.now(UTC))]
    (before, after) = [next(each.stopped_by for each in one if each.policy == policy) for one in held]
    assert before is not None
    assert after is None


def test_what_makes_no_sense_is_refused(cast: Any) -> None:
    policy = cast.policy_version.policy
    with pytest.raises(NotStopped, match="not stopped"):
        policy_resume(policy=policy, reason="On.", by=cast.steward)
    with pytest.raises(NotStopped, match="Write a reason"):
        policy_stop(policy=policy, reason=" ", by=cast.officer)
    policy_stop(policy=policy, reason="Wrong.", by=cast.officer)
    with pytest.raises(NotStopped, match="stopped already"):
        policy_stop(policy=policy, reason="Wrong.", by=cast.officer)
    assert PolicyStop.objects.filter(policy=policy).count() == 1


def test_an_officer_stops_it_and_a_steward_lets_it_go_on(client: Client, cast: Any) -> None:
    policy = cast.policy_version.policy
    address = f"/policies/{policy.slug}/{cast.policy_version.number}/"
    for person in (cast.operator, cast.auditor):
        client.force_login(person)
        assert "Stop this policy" not in client.get(address).content.decode()
        assert client.post(f"/policies/{policy.slug}/stop/", {"reason": "Wrong."}).status_code == 403
    client.force_login(cast.officer)
    assert "Stop this policy now" in client.get(address).content.decode()
    assert client.post(f"/policies/{policy.slug}/stop/", {"reason": "<b>Wrong."}).status_code == 302
    page = client.get(address).content.decode()
    assert "Stopped: nothing is decided under this policy" in page
    assert "&lt;b&gt;Wrong." in page
    assert "Stopped" in client.get("/policies/").content.decode()
    assert client.post(f"/policies/{policy.slug}/resume/", {"reason": "On."}).status_code == 403
    client.force_login(cast.outsider)
    client.post(f"/policies/{policy.slug}/resume/", {"reason": "On."})
    assert stop_of(policy) is not None  # theirs has the same name, and is another
    client.force_login(cast.steward)
    assert client.post(f"/policies/{policy.slug}/resume/", {"reason": "On."}).status_code == 302
    assert stop_of(policy) is None
