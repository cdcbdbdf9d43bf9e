"""Verdicts: an officer's, with a reason, added and never edited, on the record."""

from __future__ import annotations

import json
import uuid

import pytest

from omnigov import contracts
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.services import NotPossible
from omnigov.decisions.uploads import file_submit
from omnigov.intake.models import Submission
from omnigov.intake.services import batch_create
from omnigov.ledger.models import LedgerEntry
from omnigov.review.models import Review
from omnigov.review.services import review_add
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.omnigov.conftest import decide
from tests.omnigov.decisions.test_uploads import picture


@pytest.fixture
def decision(
    run: Run, redaction: contracts.RedactionResult, attribution: contracts.AttributionResult
) -> Decision:
    return decide(run, redaction, attribution, confidence=300_000)


def entry_of(review: Review) -> dict[str, object]:
    body: dict[str, object] = json.loads(bytes(LedgerEntry.objects.get(id=review.entry).body))
    return body


def test_a_verdict_is_kept_with_its_entry(cast: Cast, decision: Decision) -> None:
    review = review_add(
        decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="It is a cat."
    )
    decision.refresh_from_db()
    assert decision.review_state == "reviewed"
    entry = entry_of(review)
    leaf = bytes(LedgerEntry.objects.get(id=decision.entry).leaf_hash).hex()
    assert entry["record"]["decision"] == leaf  # type: ignore[index]
    assert entry["previous"] == leaf
    assert "cat" not in json.dumps(entry)


def test_an_overturned_decision_names_the_right_label_and_keeps_the_models(
    cast: Cast, decision: Decision
) -> None:
    review = review_add(
        decision_id=decision.id,
        officer=cast.officer,
        verdict="overturn",
        label="plant",
        reason="It is a fern.",
    )
    decision.refresh_from_db()
    assert (decision.label, review.label) == ("animal", "plant")
    assert entry_of(review)["record"]["right_label"] == "plant"  # type: ignore[index]


def test_a_double_click_is_one_verdict(cast: Cast, decision: Decision) -> None:
    mark = uuid.uuid4()
    for _ in range(2):
        review_add(
            decision_id=decision.id,
            officer=cast.officer,
            verdict="uphold",
            reason="Yes, it is.",
            review_id=mark,
        )
    assert decision.reviews.count() == 1
    assert LedgerEntry.objects.filter(subject=decision.run_id, kind="review").count() == 1


@pytest.mark.parametrize(
    ("verdict", "reason", "label"),
    [
        ("overturn", "  ", "tool"),
        ("escalate", "  ", ""),
        ("overturn", "It is not.", ""),
        ("overturn", "It is not.", "no_such_label"),
        ("overturn", "It is not.", "animal"),
        ("delete", "It is not.", ""),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    cast: Cast, decision: Decision, verdict: str, reason: str, label: str
) -> None:
    with pytest.raises(NotPossible, match=r"\.$"):
        review_add(decision_id=decision.id, officer=cast.officer, verdict=verdict, reason=reason, label=label)
    assert not decision.reviews.exists()


def test_who_escalated_does_not_answer(cast: Cast, decision: Decision) -> None:
    review_add(decision_id=decision.id, officer=cast.officer, verdict="escalate", reason="I am not sure.")
    decision.refresh_from_db()
    assert decision.review_state == "escalated"
    with pytest.raises(NotPossible, match="another officer"):
        review_add(decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="Now I am.")
    review_add(decision_id=decision.id, officer=cast.second_officer, verdict="uphold", reason="It is right.")
    assert decision.reviews.count() == 2


def test_only_an_officer_of_the_workspace_gives_verdicts(cast: Cast, decision: Decision) -> None:
    for person in (cast.operator, cast.auditor, cast.outsider):
        with pytest.raises(NotPossible, match="officer"):
            review_add(decision_id=decision.id, officer=person, verdict="uphold", reason="Let me.")


def test_who_handed_a_file_in_does_not_review_it(cast: Cast, decision: Decision) -> None:
    submission = decision.run.submission
    assert submission.batch.created_by == cast.operator
    Submission.objects.filter(pk=submission.pk).update(uploaded_by=cast.officer)
    with pytest.raises(NotPossible, match="another officer has to review it"):
        review_add(decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="It is right.")
    review_add(decision_id=decision.id, officer=cast.second_officer, verdict="uphold", reason="It is right.")


def test_who_handed_the_same_bytes_in_before_does_not_review_them(cast: Cast, decision: Decision) -> None:
    batch = batch_create(policy_version=cast.policy_version, name="b", by=cast.operator)
    again = recorded.checked(file_submit(batch=batch, name="again.png", content=picture(), by=cast.officer))
    assert again.asset_id == decision.run.asset_id
    with pytest.raises(NotPossible, match="another officer has to review it"):
        review_add(decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="It is right.")
