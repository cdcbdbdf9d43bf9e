"""Cases with a known answer, agreement between officers, and what a person sees of their own verdicts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov.decisions.models import Decision
from omnigov.decisions.services import NotPossible
from omnigov.keys import keyring
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.review import known_answers
from omnigov.review.concord import concord
from omnigov.review.known_answers import known_answer_place
from omnigov.review.models import Case, KnownAnswer, Review
from omnigov.review.queue import Asked, next_case
from omnigov.review.services import review_add
from omnigov.review.signs import signs_of
from tests.omnigov import recorded
from tests.omnigov.review.conftest import asks


def decided(cast: Any, colour: str, label: str = "animal", confidence: int = 990_000) -> Decision:
    batch = recorded.batch_of(cast.policy_version, cast.operator, (f"{colour}.png", recorded.png(colour)))
    picture = Image.new("RGB", (64, 48), colour)
    return recorded.record(
        batch.submissions.get(), picture=picture, boxes=[], label=label, confidence=confidence
    )


@pytest.fixture
def decision(cast: Any) -> Decision:
    """Does not wait for anybody."""
    found = decided(cast, "teal")
    # Chance may have drawn it.
    Case.objects.filter(decision=found).update(state="closed", reasons=[])
    Decision.objects.filter(pk=found.pk).update(review_state="not_needed", review_reasons=[])
    return found


def answer(decision: Decision, officer: Any, label: str = "", reason: str = "It is so.") -> Review:
    verdict = "overturn" if label else "uphold"
    return review_add(decision_id=decision.id, officer=officer, verdict=verdict, label=label, reason=reason)


def test_it_waits_as_if_drawn_at_random_and_the_entry_does_not_tell(cast: Any, decision: Decision) -> None:
    known = known_answer_place(decision_id=decision.id, label="plant", by=cast.steward)
    case = Case.objects.get(decision=decision)
    assert (case.state, case.reasons) == ("open", ["sample"])
    body = json.loads(bytes(LedgerEntry.objects.get(id=known.entry).body))
    assert "plant" not in json.dumps(body)
    keys = keyring().asset(decision.run.asset_id)
    assert body["record"]["answer"] == keys.commit(canonical.encode([str(known.nonce), "plant"]))
    assert next_case(cast.workspace, cast.officer, Asked({}), None) == case
    assert next_case(cast.workspace, cast.steward, Asked({}), None) is None


def test_nothing_on_an_officers_pages_tells_that_it_is_one(
    client: Client, cast: Any, decision: Decision
) -> None:
    other = decided(cast, "olive")
    Case.objects.filter(decision=other).update(state="open", reasons=["sample"])
    Decision.objects.filter(pk=other.pk).update(review_state="waiting", review_reasons=["sample"])
    known_answer_place(decision_id=decision.id, label="plant", by=cast.steward)
    client.force_login(cast.officer)
    pages = [client.get(f"/decisions/{each.id}/").content.decode() for each in (decision, other)]
    assert [page.count("known") for page in pages] == [pages[0].count("known")] * 2
    assert "teal.png" not in client.get("/review/quality/").content.decode()


def test_who_knows_the_answer_does_not_give_it(client: Client, cast: Any, decision: Decision) -> None:
    known_answer_place(decision_id=decision.id, label="plant", by=cast.steward)
    with pytest.raises(NotPossible, match="another officer"):
        answer(decision, cast.steward)


@pytest.mark.parametrize("who", ["officer", "operator", "auditor", "outsider"])
def test_only_a_steward_places_one(cast: Any, decision: Decision, who: str) -> None:
    with pytest.raises(NotPossible, match="not for your role"):
        known_answer_place(decision_id=decision.id, label="plant", by=getattr(cast, who))


def test_what_somebody_answered_or_has_no_such_label_is_refused(cast: Any, decision: Decision) -> None:
    with pytest.raises(NotPossible, match="Choose the right label"):
        known_answer_place(decision_id=decision.id, label="no_such", by=cast.steward)
    answer(decision, cast.officer)
    with pytest.raises(NotPossible, match="already"):
        known_answer_place(decision_id=decision.id, label="plant", by=cast.steward)
    assert not KnownAnswer.objects.filter(case__decision=decision).exists()


def test_what_comes_of_it_is_the_house_s_and_each_one_s_own(
    client: Client, cast: Any, decision: Decision
) -> None:
    second = decided(cast, "navy")
    for each in (decision, second):
        known_answer_place(decision_id=each.id, label="plant", by=cast.steward)
    assert known_answers.met(cast.workspace).of == 0
    answer(decision, cast.officer, "plant")
    answer(second, cast.second_officer)
    met = known_answers.met(cast.workspace)
    assert (met.count, met.of) == (1, 2)
    (own,) = known_answers.met_by(cast.workspace, cast.officer)
    assert own[1:] == ("plant", "plant")
    client.force_login(cast.officer)
    quality = client.get("/review/quality/").content.decode()
    assert "1 of 2" in quality
    for person in (cast.officer, cast.second_officer, cast.steward):
        assert quality.count(person.username) == (1 if person == cast.officer else 0)  # the page's own frame
    signs = client.get("/review/done/figures/").content.decode()
    assert "teal.png" in signs
    assert "navy.png" not in signs
    for person, status in ((cast.auditor, 403), (cast.operator, 403)):
        client.force_login(person)
        assert client.get("/review/done/figures/").status_code == status


def test_agreement_is_of_those_who_did_not_see_each_other(cast: Any) -> None:
    for number, (first, second) in enumerate([("", ""), ("plant", "plant"), ("", "plant")]):
        found = decided(cast, ("teal", "olive", "navy")[number], label="person")
        asks(Case.objects.get(decision=found), needed=2, most=2)
        answer(found, cast.officer, first)
        answer(found, cast.second_officer, second)
    (of,) = concord(cast.workspace)
    assert (of.found.agreed.count, of.found.agreed.of, of.enough) == (2, 3, False)
    assert of.found.value == pytest.approx(0.4)


def test_the_signs_are_of_what_was_measured(cast: Any) -> None:
    shown = {"total": 3000, "parts": {"redacted_copy": 500}, "overlays": {}, "played": 0}
    for number, colour in enumerate(("teal", "olive", "navy")):
        made = answer(decided(cast, colour, label="person"), cast.officer, reason=" As  always. ")
        if number < 2:
            Review.objects.filter(pk=made.pk).update(
                displayed={**shown, "total": 3000 + 6000 * number, "parts": {"page_2": 500 + 4000 * number}}
            )
    found = signs_of(cast.workspace, cast.officer)
    assert (found.verdicts, found.in_a_row, found.measured, found.typical_ms) == (3, 3, 2, 6000)
    assert [(each.count, each.of) for each in (found.quick, found.hardly, found.closer)] == [
        (1, 2),
        (1, 2),
        (0, 2),
    ]
    assert (found.same_reason.count, found.same_reason.of) == (3, 3)
    assert signs_of(cast.workspace, cast.second_officer).verdicts == 0
