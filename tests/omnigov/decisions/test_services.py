"""The life of a run on the web app's side: each step once, each end on the record."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from omnigov import contracts
from omnigov.decisions import leases, services
from omnigov.decisions.models import Run
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.services import run_discard
from omnigov.keys import keyring
from omnigov.ledger.models import LedgerEntry
from tests.omnigov import recorded
from tests.omnigov.conftest import DIGEST, claim, decide, inferred


def entries(run: Run) -> list[dict[str, object]]:
    """What the record says of how the run ended."""
    ends = ("decision", "quarantine", "run_failed")
    found = LedgerEntry.objects.filter(subject=run.pk, kind__in=ends).order_by("seq")
    return [json.loads(bytes(entry.body)) for entry in found]


def test_a_run_goes_from_received_to_recorded(
    run: Run, redaction: contracts.RedactionResult, attribution: contracts.AttributionResult
) -> None:
    first = claim()
    run.refresh_from_db()
    assert run.state == "redacting"
    services.redaction_record(first, redaction, parts=[])
    run.refresh_from_db()
    assert (run.state, run.lease_token, run.attempt) == ("inferring", None, 0)
    second = claim("decide")
    services.inference_record(second, inferred())
    run.refresh_from_db()
    assert run.state == "attributing"
    decision = services.decision_record(second, attribution)
    run.refresh_from_db()
    assert (run.state, run.lease_token) == ("recorded", None)
    assert run.timings == {"redaction": 100, "inference": 200, "attribution": 300}
    assert decision.label == "animal"
    (entry,) = entries(run)
    assert entry["kind"] == "decision"
    assert str(LedgerEntry.objects.get(subject=run.pk, kind="decision").id) == str(decision.entry)


def test_the_entry_names_what_decided_and_holds_nothing_by_which_the_picture_is_known(
    run: Run, redaction: contracts.RedactionResult, attribution: contracts.AttributionResult
) -> None:
    decide(run, redaction, attribution)
    (entry,) = entries(run)
    record = entry["record"]
    assert isinstance(record, dict)
    assert record["policy"] == run.policy_version.digest
    assert record["asset"] == run.asset.commitment
    assert record["redacted"] == keyring().asset(run.asset_id).commit(redaction.digest.encode())
    whole = json.dumps(entry)
    for secret in (redaction.digest * 2, "a.png", "four legs", run.asset.keyed_digest):
        assert secret not in whole
    assert f'"redacted": "{DIGEST}"' not in whole


def test_a_step_that_ended_can_not_end_again(run: Run, redaction: contracts.RedactionResult) -> None:
    first = claim()
    services.redaction_record(first, redaction, parts=[])
    with pytest.raises(leases.LeaseLost):
        services.redaction_record(first, redaction, parts=[])


def test_evidence_is_in_the_manifest_with_the_step_s_record_or_not_at_all(
    run: Run, redaction: contracts.RedactionResult
) -> None:
    lost = claim()
    late = recorded.part(run, lost, Name.REDACTED, b"of a worker that was thought dead")
    Run.objects.filter(pk=run.pk).update(lease_until=run.created_at)
    taken = claim()
    services.redaction_record(
        taken, redaction, parts=[recorded.part(run, taken, Name.REDACTED, b"of the one that came after")]
    )
    with pytest.raises(leases.LeaseLost):
        services.redaction_record(lost, redaction, parts=[late])
    assert [part.token for part in evidence.manifest(run.id)] == [taken.token]
    assert evidence.content(run.id, Name.REDACTED) == b"of the one that came after"


def test_what_an_earlier_redaction_left_beside_its_copy_is_the_run_s_no_more(
    run: Run, redaction: contracts.RedactionResult
) -> None:
    first = claim()
    parts = [recorded.part(run, first, name, b"of the first") for name in (Name.REDACTED, Name.TRANSCRIPT)]
    services.redaction_record(first, redaction, parts=parts)
    Run.objects.filter(pk=run.pk).update(state="received")
    again = claim()
    services.redaction_record(again, redaction, parts=[recorded.part(run, again, Name.REDACTED, b"anew")])
    assert [(part.name, part.token) for part in evidence.manifest(run.id)] == [("redacted", again.token)]


def test_a_decision_is_recorded_once(
    run: Run, redaction: contracts.RedactionResult, attribution: contracts.AttributionResult
) -> None:
    services.redaction_record(claim(), redaction, parts=[])
    taken = claim("decide")
    services.inference_record(taken, inferred())
    services.decision_record(taken, attribution)
    with pytest.raises(leases.LeaseLost):
        services.decision_record(taken, attribution)
    assert len(entries(run)) == 1


def test_a_failed_attribution_does_not_hold_the_decision_back(
    run: Run, redaction: contracts.RedactionResult
) -> None:
    decision = decide(run, redaction, None)
    assert decision.attribution.failure_sentence == "It did not work."
    (entry,) = entries(run)
    assert entry["record"]["attribution_missing"] == "attribution_failed"  # type: ignore[index]
    failed = LedgerEntry.objects.get(subject=run.pk, kind="attribution")
    record = json.loads(bytes(failed.body))["record"]
    assert record["decision"] == bytes(LedgerEntry.objects.get(id=decision.entry).leaf_hash).hex()
    assert (record["label"], record["attribution"]) == ("animal", None)


def test_a_worker_that_was_stopped_for_making_no_progress_is_an_entry(run: Run) -> None:
    taken = claim()
    leases.lease_suspect(taken, alone=True, code=leases.HUNG, sentence="It made no progress.")
    (entry,) = LedgerEntry.objects.filter(subject=run.pk, kind="run_timed_out")
    record = json.loads(bytes(entry.body))["record"]
    assert (record["step"], record["attempt"], record["alone"]) == ("redacting", 1, True)
    assert record["asset"] == run.asset.commitment
    leases.lease_suspect(taken, alone=True, code=leases.HUNG, sentence="Said twice.")
    assert LedgerEntry.objects.filter(subject=run.pk, kind="run_timed_out").count() == 1


def test_an_abstention_is_on_the_record_and_has_no_outcome(
    run: Run, redaction: contracts.RedactionResult, attribution: contracts.AttributionResult
) -> None:
    decision = decide(run, redaction, attribution, abstained=True)
    (entry,) = entries(run)
    assert entry["record"]["abstained"] is True  # type: ignore[index]
    assert decision.outcome == ""


def test_quarantine_and_failure_end_a_run_with_a_sentence_and_an_entry(run: Run) -> None:
    services.run_quarantine(claim(), code="no_detector", sentence="The face detector did not load.")
    run.refresh_from_db()
    assert (run.state, run.failure_sentence) == ("quarantined", "The face detector did not load.")
    services.run_retry(run_id=run.pk)
    services.run_fail(claim(), code="VaultDamaged", sentence="The sealed original is gone.")
    run.refresh_from_db()
    assert run.state == "failed"
    assert [entry["kind"] for entry in entries(run)] == ["quarantine", "run_failed"]
    assert entries(run)[1]["record"]["code"] == "vault_damaged"  # type: ignore[index]


def test_a_retry_goes_on_behind_the_last_step_that_ended_well(
    run: Run, redaction: contracts.RedactionResult
) -> None:
    recorded.redact(run, Image.new("RGB", (64, 48)), [])
    services.run_fail(claim("decide"), code="model", sentence="No.")
    assert services.run_retry(run_id=run.pk).state == "inferring"


def test_a_retry_whose_redacted_copy_is_gone_is_redacted_again(run: Run) -> None:
    recorded.redact(run, Image.new("RGB", (64, 48)), [])
    services.run_fail(claim("decide"), code="EvidenceDamaged", sentence="The copy is gone.")
    run_discard(run.pk)
    again = services.run_retry(run_id=run.pk)
    assert (again.state, again.redaction, again.inference) == ("received", None, None)
    assert leases.runs_claim(step="redact", worker="test")


def test_only_what_stopped_is_tried_again_and_only_what_waits_is_cancelled(run: Run) -> None:
    with pytest.raises(services.NotPossible):
        services.run_retry(run_id=run.pk)
    taken = claim()
    with pytest.raises(services.NotPossible):
        services.run_cancel(run_id=run.pk)
    leases.lease_release(taken)


def test_a_waiting_run_can_be_cancelled(run: Run) -> None:
    assert services.run_cancel(run_id=run.pk).state == "cancelled"
    assert leases.runs_claim(step="redact", worker="test") == []


def test_what_kills_its_workers_fails_in_the_end(run: Run, settings: object) -> None:
    settings.OMNIGOV_MAX_ATTEMPTS = 2  # type: ignore[attr-defined]
    for _ in range(2):
        assert services.run_give_up(claim()) is False
        Run.objects.filter(pk=run.pk).update(lease_until="2000-01-01T00:00:00Z")
    assert services.run_give_up(claim()) is True
    run.refresh_from_db()
    assert (run.state, run.failure_code) == ("failed", "worker_died")


@pytest.mark.parametrize(
    ("result", "reasons"),
    [
        ({"label": "person", "confidence": 950_000}, ["high_severity"]),
        ({"confidence": 300_000}, ["low_confidence"]),
        ({"confidence": 300_000, "abstained": True}, ["abstained", "low_confidence"]),
    ],
)
def test_rules_send_a_decision_to_review(
    run: Run,
    redaction: contracts.RedactionResult,
    attribution: contracts.AttributionResult,
    result: dict[str, object],
    reasons: list[str],
) -> None:
    decision = decide(run, redaction, attribution, **result)
    by_rule = [each for each in decision.review_reasons if each != "redaction_sample"]  # which chance draws
    assert (decision.review_state, by_rule) == ("waiting", reasons)
