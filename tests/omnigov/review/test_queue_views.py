"""The queue: what it shows to whom, in which order, by which filters, and what is done from it."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from omnigov.clock import database_now
from omnigov.decisions.models import Decision
from omnigov.erasure.services import asset_erase
from omnigov.ledger.models import LedgerEntry
from omnigov.review.case_models import Case, Notice, SavedView, SearchText
from omnigov.review.claims import case_hold, case_skip
from omnigov.review.counts import case_counts_mend, waiting_in
from omnigov.review.grams import grams, query_of
from omnigov.review.indexing import case_index, cases_unindexed
from omnigov.review.models import Review
from omnigov.review.queue import A_PAGE, Asked, next_case, page_of
from omnigov.review.services import review_add
from tests.conftest import Cast
from tests.omnigov import recorded

SIZE = iter(range(64, 100_000))
PATHS = ("/review/", "/review/done/", "/review/counts/", "/quarantine/")


def decided(cast: Any, name: str = "a.png", **more: Any) -> Decision:
    """A decision that waits, because the model was not sure enough."""
    more = {"label": "animal", "confidence": 300_000, **more}
    file = (name, recorded.png("red", (next(SIZE), 64)))
    submission = recorded.batch_of(cast.policy_version, cast.operator, file).submissions.get()
    return recorded.record(submission, picture=Image.new("RGB", (64, 48)), **more)


def case_of(decision: Decision) -> Case:
    return Case.objects.get(decision=decision)


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/review/{query}").content.decode()
    return re.findall(r"</span></span>([\w ]+\.png)</a>", page)


# --- who -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("who", "status"),
    [("operator", 403), ("officer", 200), ("second_officer", 200), ("auditor", 403), ("steward", 200)],
)
def test_the_queue_is_an_officers(client: Client, cast: Any, path: str, who: str, status: int) -> None:
    client.force_login(getattr(cast, who))
    read = who == "auditor" and path in ("/review/", "/review/counts/", "/quarantine/")
    assert client.get(path).status_code == (200 if read else status)


@pytest.mark.parametrize("path", PATHS)
def test_whoever_is_not_signed_in_is_sent_to_sign_in(client: Client, cast: Cast, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/sign-in/?next={path}"


def test_another_workspace_sees_nothing_of_it(client: Client, cast: Any) -> None:
    decision = decided(cast)
    case = case_of(decision)
    client.force_login(cast.outsider)
    assert "a.png" not in client.get("/review/?show=all").content.decode()
    for act in ("hold", "give-back", "skip", "hand-over", "send-back", "look"):
        assert client.post(f"/cases/{case.id}/{act}/").status_code == 404
    assert client.get(f"/decisions/{decision.id}/thumbnail/").status_code == 404
    client.post("/review/next/", {"after": str(case.id)})
    client.post("/review/bulk/", {"case": str(case.id), "reason": "All fine.", "bulk_id": str(uuid.uuid4())})
    case.refresh_from_db()
    assert (case.state, case.held_by) == ("open", None)


@pytest.mark.parametrize("who", ["operator", "auditor"])
def test_who_is_no_officer_does_nothing_with_a_case(client: Client, cast: Any, who: str) -> None:
    case = case_of(decided(cast))
    client.force_login(getattr(cast, who))
    for act in ("hold", "give-back", "skip", "hand-over", "send-back", "look"):
        assert client.post(f"/cases/{case.id}/{act}/").status_code == 403
    for path in ("/review/next/", "/review/bulk/", "/review/views/"):
        assert client.post(path).status_code == 403


def test_what_changes_something_is_no_get(client: Client, cast: Any) -> None:
    case = case_of(decided(cast))
    client.force_login(cast.officer)
    for path in (f"/cases/{case.id}/hold/", "/review/next/", "/review/bulk/", "/review/views/"):
        assert client.get(path).status_code == 405


# --- what it shows -------------------------------------------------------------------------------------


def test_it_is_narrowed_down(client: Client, cast: Any) -> None:
    first, second = decided(cast, "first.png"), decided(cast, "second.png", label="money")
    client.force_login(cast.officer)
    assert set(names(client)) == {"first.png", "second.png"}
    assert names(client, "?label=money") == ["second.png"]
    assert names(client, f"?batch={first.run.submission.batch_id}") == ["first.png"]
    assert names(client, "?medium=text") == []
    assert set(names(client, "?reason=low_confidence")) == {"first.png", "second.png"}
    assert names(client, "?reason=abstained") == []
    assert names(client, f"?person={cast.operator.id}&risk=2") == ["first.png"]
    assert names(client, "?risk=1") == ["second.png"]
    assert names(client, f"?person={cast.officer.id}") == []
    Case.objects.filter(decision=second).update(since=database_now() - timedelta(days=8))
    assert names(client, "?age=7") == ["second.png"]
    assert names(client, "?age=30") == []
    assert names(client, "?sort=newest") == ["first.png", "second.png"]
    assert names(client, "?sort=oldest") == ["second.png", "first.png"]


@pytest.mark.parametrize(
    "query",
    [
        *("?label=%27%3B--", "?batch=x", "?person=1", "?sort=x", "?age=999", "?after=x~y", "?after=~~"),
        *("?q=%00'%27\\", "?q=" + "x" * 9000, "?after=1~2020-01-01~" + "0" * 32, "?show=x", "?risk=9"),
        "?q=%E2%80%AE<b>",
    ],
)
def test_what_makes_no_sense_in_an_address_is_left_out(client: Client, cast: Any, query: str) -> None:
    decided(cast)
    client.force_login(cast.officer)
    assert client.get(f"/review/{query}").status_code == 200


def test_pages_go_on_where_the_last_one_ended(client: Client, cast: Any) -> None:
    file = ("same.png", recorded.png("red", (next(SIZE), 64)))
    submission = recorded.batch_of(cast.policy_version, cast.operator, file).submissions.get()
    recorded.record(submission, picture=Image.new("RGB", (64, 48)), confidence=300_000)
    for number in range(A_PAGE + 4):
        decided(cast, f"{number}.png")
    # All at one moment: the last column of the order tells them apart.
    Case.objects.filter(workspace=cast.workspace).update(since=database_now())
    for sort in ("urgent", "risk", "oldest", "newest"):
        first = page_of(cast.workspace, cast.officer, Asked({"sort": sort}))
        second = page_of(cast.workspace, cast.officer, Asked({"sort": sort}), first.next)
        seen = [case.pk for case in (*first.cases, *second.cases)]
        assert (len(first.cases), len(seen), len(set(seen))) == (A_PAGE, A_PAGE + 5, A_PAGE + 5)
        assert second.next == ""
    client.force_login(cast.officer)
    page = client.get("/review/").content.decode()
    following = re.findall(r'rel="next"[^>]*href="([^"]+)"', page)[0].replace("&amp;", "&")
    assert client.get(following).content.decode().count("data-row") == 5


def test_nothing_is_counted_and_nothing_stepped_over(client: Client, cast: Any) -> None:
    for number in range(3):
        decided(cast, f"{number}.png")
    client.force_login(cast.officer)
    for path in ("/review/", "/review/?show=all&q=png", "/review/done/", "/quarantine/"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        wrong = [
            each["sql"] for each in asked if re.search(r"COUNT\(\*\)|OFFSET \d", each["sql"], re.IGNORECASE)
        ]
        assert wrong == []
        assert len(asked) <= 18


def test_a_decision_asks_as_often_with_a_case_that_much_happened_to(client: Client, cast: Any) -> None:
    plain, busy = decided(cast, "plain.png"), decided(cast, "busy.png")
    review_add(
        decision_id=busy.id, officer=cast.officer, verdict="escalate", reason="Hm.x", to=[cast.steward.id]
    )
    review_add(decision_id=busy.id, officer=cast.steward, verdict="uphold", reason="It is so.")
    client.force_login(cast.second_officer)
    asked = []
    for decision in (plain, busy):
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"/decisions/{decision.id}/").status_code == 200
        asked.append(len(found))
    assert max(asked) <= 36, asked


def test_own_files_say_why_they_are_somebody_elses(client: Client, cast: Any) -> None:
    decision = decided(cast)
    decision.run.submission.uploaded_by = cast.officer
    decision.run.submission.save()
    client.force_login(cast.officer)
    assert "You handed this file in" in client.get("/review/").content.decode()
    assert next_case(cast.workspace, cast.officer, Asked(), None) is None


def test_names_are_no_markup(client: Client, cast: Any) -> None:
    decided(cast, '<img src=x onerror="a()">.png')
    client.force_login(cast.officer)
    page = client.get("/review/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


# --- the next one --------------------------------------------------------------------------------------


def follow(client: Client, after: Case | None = None) -> str:
    answer = client.post("/review/next/", {"after": str(after.id)} if after else {})
    location: str = answer.headers["Location"]
    return location


def test_the_next_one_goes_through_all_and_does_not_alternate(client: Client, cast: Any) -> None:
    made = [decided(cast, f"{number}.png") for number in range(4)]
    client.force_login(cast.officer)
    seen, at = [], None
    for _ in range(5):
        location = follow(client, at)
        seen.append(location)
        at = Case.objects.get(decision=location.split("/")[2])
    assert seen == [f"/decisions/{each.id}/" for each in (*made, made[0])]


def test_each_tab_goes_through_its_own_queue(client: Client, cast: Any) -> None:
    first, second, third = (decided(cast, f"{number}.png") for number in range(3))
    client.force_login(cast.officer)
    page = client.get("/review/?sort=newest").content.decode()
    assert f'/decisions/{third.id}/?in=sort%3Dnewest"' in page
    assert 'name="in" value="sort=newest"' in page
    client.get("/review/?sort=oldest")  # another tab
    newest = client.post("/review/next/", {"after": str(case_of(third).id), "in": "sort=newest"})
    assert newest.headers["Location"] == f"/decisions/{second.id}/?in=sort%3Dnewest"
    oldest = client.post("/review/next/", {"after": str(case_of(first).id), "in": "sort=oldest"})
    assert oldest.headers["Location"] == f"/decisions/{second.id}/?in=sort%3Doldest"
    odd = client.post("/review/next/", {"after": "7", "in": "sort=%00&show=" + "x" * 5000})
    assert odd.headers["Location"] == f"/decisions/{first.id}/"


def test_what_i_may_not_answer_is_not_the_next_one(client: Client, cast: Any) -> None:
    mine, others, put_off, escalated, free = (decided(cast, f"{number}.png") for number in range(5))
    mine.run.submission.uploaded_by = cast.officer
    mine.run.submission.save()
    case_hold(case_id=case_of(others).id, by=cast.second_officer)
    case_skip(case_id=case_of(put_off).id, by=cast.officer)
    review_add(decision_id=escalated.id, officer=cast.officer, verdict="escalate", reason="Not sure.")
    client.force_login(cast.officer)
    assert follow(client) == f"/decisions/{free.id}/"
    assert follow(client, case_of(free)) == "/review/"
    assert "Nothing else waits for you here." in client.get("/review/").content.decode()
    client.force_login(cast.second_officer)
    assert follow(client) == f"/decisions/{escalated.id}/"


def test_the_next_one_is_taken(client: Client, cast: Any) -> None:
    decision = decided(cast)
    client.force_login(cast.officer)
    follow(client)
    assert case_of(decision).held_by == cast.officer
    client.force_login(cast.second_officer)
    assert follow(client) == "/review/"
    page = client.get("/review/").content.decode()
    assert f"{cast.officer.username} until" in page


def test_the_next_one_keeps_to_the_queue_that_its_page_was_opened_from(client: Client, cast: Any) -> None:
    decided(cast, "first.png")
    money = decided(cast, "second.png", label="money")
    client.force_login(cast.officer)
    answer = client.post("/review/next/", {"in": "label=money"})
    assert answer.headers["Location"] == f"/decisions/{money.id}/?in=label%3Dmoney"


# --- one case ------------------------------------------------------------------------------------------


def test_a_case_is_taken_given_back_and_put_off(client: Client, cast: Any) -> None:
    decision = decided(cast)
    case = case_of(decision)
    client.force_login(cast.officer)
    for _ in range(2):
        assert client.post(f"/cases/{case.id}/hold/").headers["Location"] == f"/decisions/{decision.id}/"
    assert "You have this case until" in client.get(f"/decisions/{decision.id}/").content.decode()
    client.post(f"/cases/{case.id}/give-back/")
    assert client.post(f"/cases/{case.id}/skip/").headers["Location"] == "/review/"
    acts = LedgerEntry.objects.filter(subject=decision.run_id, kind="case")
    assert acts.count() == 3


def test_a_hold_that_ran_out_while_typing_loses_nothing(client: Client, cast: Any) -> None:
    decision = decided(cast)
    case = case_of(decision)
    client.force_login(cast.officer)
    client.post(f"/cases/{case.id}/hold/")
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    served = re.search(r'name="served" value="([^"]*)"', page)
    assert served
    Case.objects.filter(pk=case.pk).update(held_until=database_now() - timedelta(seconds=1))
    case_hold(case_id=case.id, by=cast.second_officer)
    form = {"verdict": "uphold", "reason": "Typed for long.", "review_id": str(uuid.uuid4())}
    answer = client.post(f"/decisions/{decision.id}/verdict/", {**form, "served": served[1]})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"{cast.second_officer.username} has this case until" in page
    assert "Typed for long." in page
    assert not decision.reviews.exists()


def test_two_tabs_give_one_verdict_each_and_say_so(client: Client, cast: Any) -> None:
    decision = decided(cast)
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    served = re.search(r'name="served" value="([^"]*)"', page)
    assert served
    form = {"verdict": "uphold", "reason": "Plainly so.", "served": served[1]}
    first = client.post(f"/decisions/{decision.id}/verdict/", {**form, "review_id": str(uuid.uuid4())})
    second = client.post(f"/decisions/{decision.id}/verdict/", {**form, "review_id": str(uuid.uuid4())})
    assert (first.status_code, second.status_code) == (302, 409)
    assert decision.reviews.count() == 1


def test_a_verdict_is_taken_back_from_the_page(client: Client, cast: Any) -> None:
    decision = decided(cast)
    review = review_add(decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="Plainly.")
    client.force_login(cast.officer)
    assert "Take it back" in client.get(f"/decisions/{decision.id}/").content.decode()
    for _ in range(2):
        assert client.post(f"/verdicts/{review.id}/take-back/").status_code == 302
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "Taken back" in page
    assert "Your verdict is taken back" in page
    client.force_login(cast.outsider)
    assert client.post(f"/verdicts/{review.id}/take-back/").status_code == 404


def test_a_blind_second_officer_sees_nothing_of_the_first(client: Client, cast: Any) -> None:
    decision = decided(cast)
    Case.objects.filter(decision=decision).update(needed=2, most=3)
    review_add(
        decision_id=decision.id, officer=cast.officer, verdict="overturn", label="plant", reason="A secret."
    )
    client.force_login(cast.second_officer)
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "A secret." not in page
    assert "Verdicts so far" not in page
    review_add(decision_id=decision.id, officer=cast.second_officer, verdict="uphold", reason="I see a cat.")
    assert "A secret." in client.get(f"/decisions/{decision.id}/").content.decode()


def test_who_else_looks_is_said(client: Client, cast: Any) -> None:
    case = case_of(decided(cast))
    client.force_login(cast.officer)
    assert "looks at it" not in client.post(f"/cases/{case.id}/look/").content.decode()
    client.force_login(cast.second_officer)
    said = client.post(f"/cases/{case.id}/look/").content.decode()
    assert f"{cast.officer.username} looks at it right now" in said
    assert "somebody looks at it" in client.get("/review/").content.decode()


# --- questions, notices, absence -----------------------------------------------------------------------


def test_a_question_goes_to_the_operator_and_comes_back(client: Client, cast: Any) -> None:
    decision = decided(cast)
    case = case_of(decision)
    client.force_login(cast.officer)
    form = {"question": "Whose <b>cat</b> is it?", "question_id": str(uuid.uuid4())}
    for _ in range(2):
        client.post(f"/cases/{case.id}/send-back/", form)
    assert names(client) == []
    assert names(client, "?show=sent_back") == ["a.png"]
    client.force_login(cast.operator)
    page = client.get("/for-you/").content.decode()
    assert "Whose &lt;b&gt;cat&lt;/b&gt; is it?" in page
    refused = client.post(f"/questions/{form['question_id']}/answer/", {"answer": " "})
    assert refused.status_code == 422
    assert "Write an answer" in refused.content.decode()
    for _ in range(2):
        client.post(f"/questions/{form['question_id']}/answer/", {"answer": "A neighbour's."})
    client.force_login(cast.officer)
    assert names(client) == ["a.png"]
    assert "Your question was answered" in client.get("/for-you/").content.decode()
    assert "A neighbour" in client.get(f"/decisions/{decision.id}/").content.decode()
    for person in (cast.outsider, cast.second_officer):
        client.force_login(person)
        path = f"/questions/{form['question_id']}/answer/"
        assert client.post(path, {"answer": "Mine."}).status_code == 404


def test_what_one_is_told_is_counted_until_it_is_read(client: Client, cast: Any) -> None:
    decision = decided(cast)
    review_add(
        decision_id=decision.id,
        officer=cast.officer,
        verdict="escalate",
        reason="Not sure.",
        to=[cast.steward.id],
    )
    client.force_login(cast.steward)
    page = client.get("/for-you/").content.decode()
    assert "A case was escalated to you." in page
    assert client.post("/for-you/read/").status_code == 302
    assert Notice.objects.get(person=cast.steward).seen_at is not None
    assert "I have read it" not in client.get("/for-you/").content.decode()


def test_an_address_for_mail_is_kept_and_taken_away(client: Client, cast: Any) -> None:
    client.force_login(cast.officer)
    assert client.post("/for-you/mail/", {"address": "no address"}).status_code == 422
    client.post("/for-you/mail/", {"address": "o@example.org"})
    assert "o@example.org" in client.get("/for-you/").content.decode()
    client.post("/for-you/mail/", {"address": ""})
    assert "o@example.org" not in client.get("/for-you/").content.decode()


def test_an_absence_is_said_and_ended(client: Client, cast: Any) -> None:
    client.force_login(cast.officer)
    until = (database_now() + timedelta(days=3)).date().isoformat()
    for wrong in ({"until": "x", "stand_in": str(cast.steward.id)}, {"until": until, "stand_in": "x"}):
        assert client.post("/for-you/away/", wrong).status_code == 422
    client.post("/for-you/away/", {"until": until, "stand_in": str(cast.second_officer.id)})
    assert f"{cast.second_officer.username} stands in for you" in client.get("/for-you/").content.decode()
    client.post("/for-you/back/")
    assert "stands in for you" not in client.get("/for-you/").content.decode()


# --- several at once, saved views, own verdicts ---------------------------------------------------------


def drawn(cast: Any, name: str) -> Decision:
    """As if nothing but chance had asked for a person."""
    decision = decided(cast, name)
    Decision.objects.filter(pk=decision.pk).update(review_reasons=["sample"])
    Case.objects.filter(decision=decision).update(risk=3)
    return decision


def test_what_was_drawn_at_random_is_upheld_together(client: Client, cast: Any) -> None:
    some = [drawn(cast, f"{number}.png") for number in range(3)]
    other = decided(cast, "other.png")
    client.force_login(cast.officer)
    page = client.get("/review/").content.decode()
    assert page.count('type="checkbox" name="case"') == 3
    cases = [str(case_of(each).id) for each in (*some, other)]
    form = {"case": cases, "reason": "All of them are right.", "bulk_id": str(uuid.uuid4())}
    for _ in range(2):
        client.post("/review/bulk/", form)
    assert Review.objects.filter(decision__in=some, officer=cast.officer).count() == 3
    assert not other.reviews.exists()
    entries = LedgerEntry.objects.filter(kind="review", subject__in=[each.run_id for each in some])
    assert entries.count() == 3
    page = client.get("/review/").content.decode()
    assert "3 decisions are upheld." in page
    assert "1 case was left as it is" in page


def test_nothing_is_upheld_without_a_reason(client: Client, cast: Any) -> None:
    decision = drawn(cast, "a.png")
    client.force_login(cast.officer)
    client.post(
        "/review/bulk/", {"case": str(case_of(decision).id), "reason": " ", "bulk_id": str(uuid.uuid4())}
    )
    assert not decision.reviews.exists()


def test_a_view_is_kept_under_an_address_of_its_own(client: Client, cast: Any) -> None:
    decided(cast, "first.png")
    decided(cast, "second.png", label="money")
    client.force_login(cast.officer)
    for _ in range(2):
        answer = client.post("/review/views/", {"name": "Money <b>", "query": "label=money&nonsense=1"})
    view = SavedView.objects.get(person=cast.officer)
    assert answer.headers["Location"] == f"/review/views/{view.id}/"
    page = client.get(f"/review/views/{view.id}/").content.decode()
    assert "second.png" in page
    assert "first.png" not in page
    assert "Money &lt;b&gt;" in page
    for person in (cast.second_officer, cast.outsider):
        client.force_login(person)
        assert client.get(f"/review/views/{view.id}/").status_code == 404
        client.post(f"/review/views/{view.id}/remove/")
    client.force_login(cast.officer)
    client.post(f"/review/views/{view.id}/remove/")
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_ones_own_verdicts_are_found_again(client: Client, cast: Any) -> None:
    decision = decided(cast)
    review_add(decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="Plainly a cat.")
    client.force_login(cast.officer)
    assert "Plainly a cat." in client.get("/review/done/").content.decode()
    client.force_login(cast.second_officer)
    assert "Plainly a cat." not in client.get("/review/done/").content.decode()


# --- searching, counting -------------------------------------------------------------------------------


def test_words_and_pairs_of_signs() -> None:
    assert grams("Invoice ２０２４ 東京都庁 犬") == {"invoice", "2024", "東京", "京都", "都庁", "犬"}
    assert query_of("東京都 inv") == "'東京' & '京都' & 'inv':*"
    assert query_of(" '!\\ ") == ""


def test_a_case_is_found_by_name_reason_and_what_was_said(client: Client, cast: Any) -> None:
    cat = decided(cast, "請求書 2024.png", reasons=("It shows a striped cat.",))
    decided(cast, "other.png")
    review_add(decision_id=cat.id, officer=cast.officer, verdict="uphold", reason="The whiskers say so.")
    for case in cases_unindexed():
        case_index(case_id=case)
    assert not [each for each in cases_unindexed() if Case.objects.get(pk=each).workspace == cast.workspace]
    review_add(decision_id=cat.id, officer=cast.second_officer, verdict="uphold", reason="Purring, too.")

    def found(words: str) -> list[Decision | None]:
        page = page_of(cast.workspace, cast.officer, Asked.read({"q": words}))
        return [case.decision for case in page.cases]

    for words in ("請求", "請求書", "stri", "STRIPED cat", "whiskers", "purring", "Autumn striped"):
        assert found(words) == [cat], words
    for words in ("求請", "striped dog", "書求"):
        assert found(words) == [], words
    assert len(found("png")) == 2
    client.force_login(cast.officer)
    assert "striped" not in client.get("/review/?q=nothing+such").content.decode()


def test_an_erased_medium_is_found_by_nothing(cast: Any) -> None:
    decision = decided(cast, "striped.png")
    case = case_of(decision)
    case_index(case_id=case.id)
    assert SearchText.objects.filter(case=case).exists()
    asset_erase(asset_id=decision.run.asset_id, by=cast.officer)
    assert not SearchText.objects.filter(case=case).exists()
    assert case.id not in cases_unindexed()
    case_index(case_id=case.id)
    assert not SearchText.objects.filter(case=case).exists()


def test_counters_follow_what_happens(cast: Any) -> None:
    first, second = decided(cast, "1.png"), decided(cast, "2.png")
    assert waiting_in(cast.workspace).review == 2
    review_add(decision_id=first.id, officer=cast.officer, verdict="uphold", reason="Plainly.")
    assert waiting_in(cast.workspace).review == 1
    asset_erase(asset_id=second.run.asset_id, by=cast.officer)
    assert waiting_in(cast.workspace).review == 0
    assert case_counts_mend() == 0


def test_a_thumbnail_is_of_the_redacted_copy(client: Client, cast: Any) -> None:
    decision = decided(cast)
    client.force_login(cast.officer)
    small = client.get(f"/decisions/{decision.id}/thumbnail/")
    assert small.content == client.get(f"/decisions/{decision.id}/picture/redacted/").content
    asset_erase(asset_id=decision.run.asset_id, by=cast.officer)
    assert client.get(f"/decisions/{decision.id}/thumbnail/").status_code == 404


# --- mail ----------------------------------------------------------------------------------------------


def test_who_wants_it_is_mailed_once_and_told_nothing_of_the_file(cast: Any, settings: Any) -> None:
    from django.core import mail

    from omnigov.keeper import mailing
    from omnigov.review.notices import mail_to_set, to_mail

    settings.OMNIGOV_URL = "https://omnigov.example/"
    decision = decided(cast, "striped.png")
    mail_to_set(cast.steward, "s@example.org")
    people = [cast.steward.id, cast.second_officer.id]
    review_add(decision_id=decision.id, officer=cast.officer, verdict="escalate", reason="Hm, no.", to=people)
    for notice in to_mail(database_now() + timedelta(seconds=1)) * 2:
        mailing.mail(mailing._Item(notice))
    (sent,) = mail.outbox
    assert sent.to == ["s@example.org"]
    assert "https://omnigov.example/for-you/" in sent.body
    assert "striped" not in sent.subject + sent.body
    assert not to_mail(database_now() + timedelta(seconds=1))
