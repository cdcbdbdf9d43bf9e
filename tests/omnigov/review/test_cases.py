"""A case for everything that waits: who may answer it, how many have to, and what becomes of it."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from omnigov import contracts
from omnigov.accounts.services import person_add
from omnigov.clock import database_now
from omnigov.contracts import digest_of
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.services import NotPossible
from omnigov.erasure.services import asset_erase
from omnigov.ledger.models import LedgerEntry
from omnigov.review.absences import absence_end, absence_set
from omnigov.review.agreement import Said, settle
from omnigov.review.cases import HeldByAnother, hidden_from
from omnigov.review.claims import case_give_back, case_hand_over, case_hold, case_skip
from omnigov.review.models import Case, CaseAsked, CaseState, Notice, Question, Review
from omnigov.review.questions import case_send_back, question_answer
from omnigov.review.services import UNDO_SECONDS, review_add, review_take_back
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.omnigov.conftest import decide
from tests.omnigov.review.conftest import asks
from tests.omnigov.review.test_comparison import problems

A, B, C = (uuid.UUID(int=number) for number in range(1, 4))


@pytest.fixture
def decision(
    run: Run, redaction: contracts.RedactionResult, attribution: contracts.AttributionResult
) -> Decision:
    return decide(run, redaction, attribution, confidence=300_000)


@pytest.fixture
def case(decision: Decision) -> Case:
    return Case.objects.get(decision=decision)


def acts(case: Case) -> list[dict[str, Any]]:
    found = LedgerEntry.objects.filter(subject=case.run_id, kind="case").order_by("seq")
    return [json.loads(bytes(each.body))["record"] for each in found]


def give(decision: Decision, officer: Any, verdict: str = "uphold", label: str = "", **more: Any) -> Review:
    return review_add(
        decision_id=decision.id,
        officer=officer,
        verdict=verdict,
        label=label,
        reason="So it is, plainly.",
        **more,
    )


def state(case: Case) -> str:
    case.refresh_from_db()
    return case.state


# --- where cases come from -----------------------------------------------------------------------------


def test_a_decision_that_waits_is_a_case(cast: Any, case: Case, decision: Decision) -> None:
    assert (case.kind, case.state) == ("decision", "open")
    assert "low_confidence" in case.reasons  # chance may draw its redaction beside
    assert (case.label, case.medium, case.uploader, case.needed) == ("animal", "picture", cast.operator, 1)
    assert case.batch_id == decision.run.submission.batch_id
    assert case.since == decision.created_at


def test_a_file_in_quarantine_is_a_case_until_it_leaves(cast: Any, run: Run) -> None:
    recorded.stop(run, quarantine=True)
    case = Case.objects.get(run=run)
    assert (case.kind, case.state, case.reasons) == ("release", "open", ["still_found"])
    from omnigov.decisions.services import run_retry

    run_retry(run_id=run.id, by=cast.officer)
    assert state(case) == "closed"
    recorded.stop(run, quarantine=True)
    assert state(case) == "open"


def test_a_decision_that_does_not_wait_can_be_found_too(cast: Any, decision: Decision, case: Case) -> None:
    Decision.objects.filter(pk=decision.pk).update(review_state="not_needed")
    assert state(case) == "closed"


# --- what verdicts come to -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "needed", "most", "outcome", "became", "disagreed"),
    [
        ([], 1, 1, "animal", "open", False),
        ([("uphold", "", A)], 1, 1, "animal", "answered", False),
        ([("overturn", "plant", A)], 1, 1, "plant", "answered", False),
        ([("escalate", "", A)], 1, 1, "animal", "escalated", False),
        ([("uphold", "", A)], 2, 3, "animal", "open", False),
        ([("overturn", "plant", A)], 2, 3, "animal", "open", False),
        ([("overturn", "plant", A), ("overturn", "plant", B)], 2, 3, "plant", "answered", False),
        # Two of them disagree: a third is asked, and decides with one of them.
        ([("uphold", "", A), ("overturn", "plant", B)], 2, 3, "animal", "open", True),
        (
            [("uphold", "", A), ("overturn", "plant", B), ("overturn", "plant", C)],
            *(2, 3, "plant", "answered", True),
        ),
        # Three say three things, or two of two do: nobody here can decide.
        (
            [("uphold", "", A), ("overturn", "plant", B), ("overturn", "money", C)],
            *(2, 3, "animal", "escalated", True),
        ),
        ([("uphold", "", A), ("overturn", "plant", B)], 2, 2, "animal", "escalated", True),
        # Whoever answers an escalation decides alone.
        ([("escalate", "", A), ("overturn", "plant", B)], 2, 3, "plant", "answered", False),
        # One person is one voice, however often they speak.
        ([("overturn", "plant", A), ("overturn", "plant", A)], 2, 3, "animal", "open", False),
    ],
)
def test_the_outcome_follows_from_the_verdicts(
    verdicts: list[tuple[str, str, uuid.UUID]],
    needed: int,
    most: int,
    outcome: str,
    became: str,
    disagreed: bool,
) -> None:
    said = [Said(*each) for each in verdicts]
    found = settle("animal", abstained=False, verdicts=said, needed=needed, most=most)
    assert (found.outcome, found.state, found.disagreed) == (outcome, became, disagreed)


def test_two_have_to_agree_and_do_not_see_each_other(cast: Any, decision: Decision, case: Case) -> None:
    asks(case, needed=2, most=3)
    give(decision, cast.officer)
    assert (state(case), case.outcome) == ("open", "animal")
    assert hidden_from(case, cast.second_officer)
    assert not hidden_from(case, cast.officer)
    with pytest.raises(NotPossible, match="another officer has to give theirs"):
        give(decision, cast.officer)
    give(decision, cast.second_officer, "overturn", "plant")
    assert (state(case), case.disagreed) == ("open", True)
    decision.refresh_from_db()
    assert (decision.review_state, decision.outcome) == ("waiting", "animal")
    give(decision, cast.steward, "overturn", "plant")
    assert (state(case), case.outcome) == ("answered", "plant")
    decision.refresh_from_db()
    assert (decision.review_state, decision.outcome) == ("reviewed", "plant")


def test_a_blind_second_verdict_is_no_older_page(cast: Any, decision: Decision, case: Case) -> None:
    from omnigov.review.served import Served

    asks(case, needed=2, most=3)
    give(decision, cast.officer)
    give(decision, cast.second_officer, served=Served())
    assert state(case) == "answered"


def test_the_policy_says_how_many_have_to_agree(cast: Any) -> None:
    rule = contracts.ReviewRule(verdicts_needed=2, verdicts_most=3, due_hours=24, high_severity=False)
    spec = cast.policy_version.spec.model_copy(update={"review": rule})
    version = cast.policy_version
    type(version).objects.filter(pk=version.pk).update(
        body=spec.model_dump(mode="json"), digest=digest_of(spec)
    )
    version.refresh_from_db()
    from PIL import Image

    batch = recorded.batch_of(version, cast.operator, ("a.png", recorded.png()))
    made = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), confidence=100_000)
    assert (made.case.needed, made.case.most) == (2, 3)
    assert made.case.due_at == made.created_at + timedelta(hours=24)


# --- escalation, absence -------------------------------------------------------------------------------


def test_only_who_was_named_answers_an_escalation(cast: Any, decision: Decision, case: Case) -> None:
    give(decision, cast.officer, "escalate", to=[cast.steward.id])
    assert (state(case), case.urgency) == ("escalated", 0)
    assert Notice.objects.get(case=case).person == cast.steward
    with pytest.raises(NotPossible, match="somebody else by name"):
        give(decision, cast.second_officer)
    give(decision, cast.steward)
    assert state(case) == "answered"
    assert Notice.objects.get(case=case, kind="answered").person == cast.officer
    assert acts(case)[0]["to"] == [str(cast.steward.id)]


def test_nobody_is_named_who_could_not_answer(cast: Any, decision: Decision) -> None:
    for person in (cast.operator, cast.auditor, cast.outsider, cast.officer):
        with pytest.raises(NotPossible, match="Choose officers"):
            give(decision, cast.officer, "escalate", to=[person.id])


def test_who_stands_in_is_asked_too(cast: Any, decision: Decision, case: Case) -> None:
    until = timezone.now() + timedelta(days=2)
    absence_set(workspace=cast.workspace, person=cast.steward, stand_in=cast.second_officer.id, until=until)
    give(decision, cast.officer, "escalate", to=[cast.steward.id])
    assert {each.person for each in Notice.objects.filter(case=case)} == {cast.steward, cast.second_officer}
    give(decision, cast.second_officer)
    assert state(case) == "answered"


def test_an_absence_hands_over_what_was_held(cast: Any, case: Case) -> None:
    case_hold(case_id=case.id, by=cast.officer)
    until = timezone.now() + timedelta(days=2)
    for _ in range(2):
        absence_set(
            workspace=cast.workspace, person=cast.officer, stand_in=cast.second_officer.id, until=until
        )
    case.refresh_from_db()
    assert case.held_by == cast.second_officer
    assert LedgerEntry.objects.filter(kind="absence_set", subject=cast.officer.id).count() == 1
    absence_end(workspace=cast.workspace, person=cast.officer)
    assert LedgerEntry.objects.filter(kind="absence_set", subject=cast.officer.id).count() == 2


@pytest.mark.parametrize("who", ["operator", "auditor", "outsider", "officer"])
def test_only_another_officer_stands_in(cast: Any, who: str) -> None:
    with pytest.raises(NotPossible, match="another officer"):
        absence_set(
            workspace=cast.workspace,
            person=cast.officer,
            stand_in=getattr(cast, who).id,
            until=timezone.now() + timedelta(days=1),
        )


# --- holding -------------------------------------------------------------------------------------------


def test_one_person_holds_a_case(cast: Any, decision: Decision, case: Case) -> None:
    case_hold(case_id=case.id, by=cast.officer)
    case_hold(case_id=case.id, by=cast.officer)
    with pytest.raises(HeldByAnother):
        case_hold(case_id=case.id, by=cast.second_officer)
    with pytest.raises(HeldByAnother):
        give(decision, cast.second_officer)
    give(decision, cast.officer)
    assert [each["act"] for each in acts(case)] == ["held"]
    case.refresh_from_db()
    assert case.held_by is None


def test_a_hold_that_ran_out_holds_nobody(cast: Any, decision: Decision, case: Case) -> None:
    case_hold(case_id=case.id, by=cast.officer)
    Case.objects.filter(pk=case.pk).update(held_until=database_now() - timedelta(seconds=1))
    case_hold(case_id=case.id, by=cast.second_officer)
    with pytest.raises(HeldByAnother):
        give(decision, cast.officer)
    give(decision, cast.second_officer)


def test_a_case_is_given_back_put_off_and_handed_over(cast: Any, case: Case) -> None:
    case_hold(case_id=case.id, by=cast.officer)
    case_give_back(case_id=case.id, by=cast.officer)
    case_give_back(case_id=case.id, by=cast.officer)
    case_skip(case_id=case.id, by=cast.officer)
    case_skip(case_id=case.id, by=cast.officer)
    for _ in range(2):
        case_hand_over(case_id=case.id, by=cast.officer, to=cast.second_officer.id)
    assert [each["act"] for each in acts(case)] == ["held", "given_back", "skipped", "handed_over"]
    case.refresh_from_db()
    assert case.held_by == cast.second_officer
    assert Notice.objects.get(case=case, person=cast.second_officer).kind == "handed"


@pytest.mark.parametrize("who", ["operator", "auditor", "outsider"])
def test_only_officers_hold(cast: Any, case: Case, who: str) -> None:
    for act in (case_hold, case_give_back, case_skip):
        with pytest.raises(NotPossible, match="officer"):
            act(case_id=case.id, by=getattr(cast, who))
    with pytest.raises(NotPossible, match="officer"):
        case_hand_over(case_id=case.id, by=getattr(cast, who), to=cast.officer.id)


def test_who_handed_the_file_in_never_has_its_case(cast: Any, case: Case) -> None:
    person_add(workspace=cast.workspace, username=cast.operator.username, password="", role="officer")
    with pytest.raises(NotPossible, match="You handed this file in"):
        case_hold(case_id=case.id, by=cast.operator)
    with pytest.raises(NotPossible, match="Choose officers"):
        case_hand_over(case_id=case.id, by=cast.officer, to=cast.operator.id)


# --- questions -----------------------------------------------------------------------------------------


def test_a_case_goes_back_with_a_question_and_comes_back_with_an_answer(
    cast: Any, decision: Decision, case: Case
) -> None:
    mark = uuid.uuid4()
    for _ in range(2):
        asked = case_send_back(
            case_id=case.id, by=cast.officer, question="Is this your cat?", question_id=mark
        )
    assert state(case) == "sent_back"
    assert Notice.objects.get(case=case).person == cast.operator
    with pytest.raises(NotPossible, match="Only whoever handed the file in"):
        question_answer(question_id=asked.id, by=cast.second_officer, answer="It is mine.")
    for _ in range(2):
        question_answer(question_id=asked.id, by=cast.operator, answer="It is a neighbour's.")
    assert (state(case), case.urgency) == ("open", 0)
    assert Notice.objects.get(case=case, kind="came_back").person == cast.officer
    assert [each["act"] for each in acts(case)] == ["sent_back", "question_answered"]
    assert "cat" not in json.dumps(acts(case))


def test_an_officer_may_decide_without_the_answer(cast: Any, decision: Decision, case: Case) -> None:
    asked = case_send_back(
        case_id=case.id, by=cast.officer, question="Whose is it?", question_id=uuid.uuid4()
    )
    give(decision, cast.second_officer)
    assert state(case) == "answered"
    with pytest.raises(NotPossible, match="does not wait for an answer"):
        question_answer(question_id=asked.id, by=cast.operator, answer="It is mine.")


# --- taking back ---------------------------------------------------------------------------------------


def test_a_verdict_is_taken_back_with_an_entry_of_its_own(cast: Any, decision: Decision, case: Case) -> None:
    review = give(decision, cast.officer, "overturn", "plant")
    for _ in range(2):
        review_take_back(review_id=review.id, officer=cast.officer)
    assert (state(case), case.outcome, case.held_by) == ("open", "animal", cast.officer)
    decision.refresh_from_db()
    assert (decision.review_state, decision.outcome) == ("waiting", "animal")
    entry = LedgerEntry.objects.get(kind="verdict_taken_back", subject=decision.run_id)
    record = json.loads(bytes(entry.body))["record"]
    assert record["review"] == bytes(LedgerEntry.objects.get(id=review.entry).leaf_hash).hex()
    assert record["outcome"] == "animal"
    give(decision, cast.officer)
    assert state(case) == "answered"
    assert decision.reviews.count() == 2


def test_who_escalated_to_is_told_no_more_once_that_is_taken_back(
    cast: Any, decision: Decision, case: Case
) -> None:
    review = give(decision, cast.officer, "escalate", to=[cast.steward.id])
    review_take_back(review_id=review.id, officer=cast.officer)
    assert not Notice.objects.filter(case=case).exists()
    assert not CaseAsked.objects.filter(case=case).exists()
    give(decision, cast.officer)


def test_an_answer_to_a_named_escalation_is_taken_back(cast: Any, decision: Decision, case: Case) -> None:
    give(decision, cast.officer, "escalate", to=[cast.steward.id])
    review = give(decision, cast.steward)
    review_take_back(review_id=review.id, officer=cast.steward)
    assert state(case) == "escalated"
    Case.objects.filter(pk=case.pk).update(held_by=None, held_until=None)
    with pytest.raises(NotPossible, match="somebody else by name"):
        give(decision, cast.second_officer)


def test_it_is_too_late_after_some_seconds(cast: Any, decision: Decision) -> None:
    review = give(decision, cast.officer)
    before = review.created_at - timedelta(seconds=UNDO_SECONDS + 60)
    Review.objects.filter(pk=review.pk).update(created_at=before)
    with pytest.raises(NotPossible, match="too late"):
        review_take_back(review_id=review.id, officer=cast.officer)


def test_only_ones_own_newest_verdict_is_taken_back(cast: Any, decision: Decision) -> None:
    review = give(decision, cast.officer)
    with pytest.raises(NotPossible, match="Only whoever gave"):
        review_take_back(review_id=review.id, officer=cast.second_officer)
    give(decision, cast.second_officer)
    with pytest.raises(NotPossible, match="Another verdict came after"):
        review_take_back(review_id=review.id, officer=cast.officer)


# --- the record, erasure -------------------------------------------------------------------------------


def test_the_tables_are_held_against_the_record(cast: Cast, decision: Decision, case: Case) -> None:
    review = give(decision, cast.officer)
    review_take_back(review_id=review.id, officer=cast.officer)
    assert problems(decision.run) == []
    Case.objects.filter(pk=case.pk).update(outcome="plant", state=CaseState.ANSWERED)
    assert len(problems(decision.run)) == 2


def test_an_erasure_takes_the_words_of_a_case(cast: Any, decision: Decision, case: Case) -> None:
    case_send_back(case_id=case.id, by=cast.officer, question="Is this your cat?", question_id=uuid.uuid4())
    asset_erase(asset_id=decision.run.asset_id, by=cast.officer)
    asked = Question.objects.get(case=case)
    assert (asked.question, asked.answer) == ("", "")
    assert asked.ended_at is not None
    case.refresh_from_db()
    assert (case.state, case.reasons, case.held_by) == ("closed", [], None)
