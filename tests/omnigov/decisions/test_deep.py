"""The thorough explanation: asked for or drawn, held by one worker, on the record, in words, forgotten."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov import contracts
from omnigov.decisions import deep
from omnigov.decisions.leases import LeaseLost
from omnigov.decisions.models import Decision, DeepExplanation, DeepState
from omnigov.decisions.review_rules import deep_drawn
from omnigov.erasure.services import asset_erase
from omnigov.keys import keyring
from omnigov.ledger.models import LedgerEntry
from omnigov.review.explained import explanation_said
from tests.conftest import Cast
from tests.omnigov import recorded

pytestmark = pytest.mark.services


@pytest.fixture
def decision(cast: Cast) -> Decision:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png()))
    return recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)))


def asked(decision: Decision, cast: Any) -> deep.DeepClaim:
    deep.deep_request(decision=decision, by=cast.officer)
    claim = deep.deep_claim()
    assert claim is not None
    return claim


def explained(decision: Decision) -> Any:
    return DeepExplanation.objects.filter(decision=decision)


def entries(decision: Decision) -> Any:
    return LedgerEntry.objects.filter(kind="deep_attribution", subject=decision.run_id)


def test_an_officer_asks_once_and_one_worker_holds_it(decision: Decision, cast: Any) -> None:
    asked(decision, cast)
    deep.deep_request(decision=decision, by=cast.officer)
    assert explained(decision).count() == 1
    assert deep.deep_claim() is None


def test_a_worker_takes_none_of_a_model_that_it_has_not(decision: Decision, cast: Any) -> None:
    deep.deep_request(decision=decision, by=cast.officer)
    assert deep.deep_claim(["f" * 64]) is None
    assert deep.deep_claim([decision.run.model_version.digest]) is not None


def test_what_is_given_back_is_taken_again(decision: Decision, cast: Any) -> None:
    first = asked(decision, cast)
    deep.deep_release(first)
    again = deep.deep_claim()
    assert again is not None
    assert again.attempt == 1
    with pytest.raises(LeaseLost):
        deep.deep_record(first, recorded.thorough())


def test_it_has_an_entry_of_its_own_that_commits_to_it(decision: Decision, cast: Any) -> None:
    deep.deep_record(asked(decision, cast), recorded.thorough())
    row = explained(decision).get()
    record = json.loads(bytes(entries(decision).get().body))["record"]
    assert (row.state, record["by"], record["decision"]) == (
        DeepState.DONE,
        str(cast.officer.id),
        str(decision.entry),
    )
    stored = json.dumps(row.result, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert record["attribution"] == keyring().asset(decision.run.asset_id).commit(stored)
    assert (record["label"], record["against"], record["complete"]) == ("animal", "plant", False)


def test_one_that_failed_is_on_the_record_and_can_be_asked_for_again(decision: Decision, cast: Any) -> None:
    deep.deep_record(asked(decision, cast), None, failure="It did not work.")
    record = json.loads(bytes(entries(decision).get().body))["record"]
    assert record["attribution_missing"] == "attribution_failed"
    deep.deep_record(asked(decision, cast), recorded.thorough())
    assert explained(decision).get().state == DeepState.DONE
    assert entries(decision).count() == 2


def test_an_erasure_reaches_it(decision: Decision, cast: Any) -> None:
    deep.deep_record(asked(decision, cast), recorded.thorough())
    asset_erase(asset_id=decision.run.asset_id)
    assert explained(decision).get().result is None
    assert deep.deep_request(decision=decision, by=cast.officer) is None


def test_a_worker_writes_none_of_an_erased_medium(decision: Decision, cast: Any) -> None:
    claim = asked(decision, cast)
    asset_erase(asset_id=decision.run.asset_id)
    with pytest.raises(LeaseLost):
        deep.deep_record(claim, recorded.thorough())
    assert not explained(decision).exists()


def test_a_policy_draws_as_many_as_it_says(decision: Decision) -> None:
    spec = decision.run.policy_version.spec
    assert not deep_drawn(decision.run_id, spec)
    assert deep_drawn(decision.run_id, spec.model_copy(update={"deep_share": 1_000_000}))
    assert "deep_share" not in spec.model_dump()  # digests of before stay


def test_the_page_asks_waits_and_says_it_in_words(client: Client, decision: Decision, cast: Any) -> None:
    address = f"/decisions/{decision.id}/"
    client.force_login(cast.auditor)
    assert client.post(f"{address}deep/").status_code == 403
    client.force_login(cast.officer)
    assert "Explain thoroughly" in client.get(address).content.decode()
    assert client.post(f"{address}deep/").status_code == 302
    assert "is on its way" in client.get(address).content.decode()
    claim = deep.deep_claim()
    assert claim is not None
    deep.deep_record(claim, recorded.thorough())
    page = client.get(address).content.decode()
    for words in (
        "leaves the label a probability of 31.0 % on average; in a random order 62.0 % (2 tried).",
        "no better than chance here",
        "the order of the parts stays (0.93 of 1)",
        "without its 1 strongest part (2.0 % of all parts) the label is “Tool or household thing”",
        f"{cast.officer.username} asked for this thorough explanation",
    ):
        assert words in page.replace("&#x27;", "'"), words


def test_an_explanation_says_what_it_is_not(decision: Decision) -> None:
    decision.run.refresh_from_db()
    spec = decision.run.policy_version.spec
    said = explanation_said(recorded.thorough().attribution, spec)
    warned = " ".join(each.text for each in said if each.warns)
    assert "Not complete: 0.6 % of the change" in warned
    assert "What redaction hid counts for 30.0 % of the file's part; up to 4.0 % would be noise" in warned
    assert any("stands for more than its own pixels" in each.text for each in said)
    inference = decision.run.inference_result
    assert inference is not None
    voices = (contracts.Voice(who="head", label="animal", decided=True), contracts.Voice(who="model"))
    by_head = inference.model_copy(update={"voices": voices})
    assert "base model's own score" in explanation_said(recorded.attributed("animal"), spec, by_head)[0].text
    of_head = recorded.attributed("animal").model_copy(update={"method": "integrated_gradients/x/head"})
    assert not any("base model's own" in each.text for each in explanation_said(of_head, spec, by_head))
    old = recorded.attributed("animal")
    assert [each.warns for each in explanation_said(old, spec)] == [False]
