"""What is done on the strength of a verdict, and letters to the person concerned: services, pages, record."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov.commands import done as command
from omnigov.decisions.models import Decision
from omnigov.decisions.services import NotPossible
from omnigov.erasure.services import asset_erase
from omnigov.keys import keyring
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.review.after import disposition_add
from omnigov.review.letters import letter_make
from omnigov.review.models import Case, Letter
from omnigov.review.services import review_add, review_take_back
from tests.omnigov import recorded


@pytest.fixture
def decision(cast: Any) -> Decision:
    """Waits for an officer: a person is a label of high severity."""
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("team.png", recorded.png()))
    picture = Image.new("RGB", (64, 48), "teal")
    return recorded.record(
        batch.submissions.get(), picture=picture, boxes=[], label="person", confidence=930_000
    )


def upheld(decision: Decision, officer: Any) -> Any:
    return review_add(decision_id=decision.id, officer=officer, verdict="uphold", reason="It is so.")


def record_of(entry: uuid.UUID) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(LedgerEntry.objects.get(id=entry).body))["record"]
    return found


def leaf(entry: uuid.UUID) -> str:
    return bytes(LedgerEntry.objects.get(id=entry).leaf_hash).hex()


def form(client: Client, decision: Decision, **given: str) -> dict[str, str]:
    """The form of what was done, as the page has it."""
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    hidden = dict(re.findall(r'name="(after-(?:disposition_id|seen))" value="([^"]*)"', page))
    return {**hidden, **{f"after-{name}": value for name, value in given.items()}}


# --- what was done ---------------------------------------------------------------------------------------


def test_what_was_done_is_bound_to_the_verdict_that_holds(cast: Any, decision: Decision) -> None:
    review = upheld(decision, cast.officer)
    made = disposition_add(
        decision_id=decision.id, by=cast.operator, done="sent_on", to="Legal department", words="By hand."
    )
    record = record_of(made.entry)
    assert (record["review"], record["decision"]) == (leaf(review.entry), leaf(decision.entry))
    assert (record["done"], record["outcome"], record["role"]) == ("sent_on", "person", "operator")
    keys = keyring().asset(decision.run.asset_id)
    assert record["to"] == keys.commit(b"Legal department")
    assert "Legal" not in json.dumps(record)


def test_nothing_is_done_on_what_still_waits(cast: Any, decision: Decision) -> None:
    with pytest.raises(NotPossible, match="still waits"):
        disposition_add(decision_id=decision.id, by=cast.operator, done="released")
    with pytest.raises(NotPossible, match="still waits"):
        letter_make(decision_id=decision.id, by=cast.officer, language="en", contact="a@b.example", days=30)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"done": "burnt"}, "Choose what was done"),
        ({"done": "sent_on"}, "Say where"),
        ({"done": "released", "to": "The archive"}, "Only what was sent on"),
        ({"done": "released", "words": "x" * 10_000}, "too long"),
        ({"done": "released", "words": "a\0b"}, "no text has"),
    ],
)
def test_what_makes_no_sense_is_refused(
    cast: Any, decision: Decision, given: dict[str, str], sentence: str
) -> None:
    upheld(decision, cast.officer)
    with pytest.raises(NotPossible, match=sentence):
        disposition_add(decision_id=decision.id, by=cast.operator, **given)
    assert not decision.dispositions.exists()


def test_only_who_works_here_says_what_was_done(cast: Any, decision: Decision) -> None:
    upheld(decision, cast.officer)
    for person in (cast.auditor, cast.outsider):
        with pytest.raises(NotPossible, match="not for your role"):
            disposition_add(decision_id=decision.id, by=person, done="released")


def test_a_verdict_that_something_was_done_on_is_not_taken_back(cast: Any, decision: Decision) -> None:
    review = upheld(decision, cast.officer)
    disposition_add(decision_id=decision.id, by=cast.operator, done="released")
    with pytest.raises(NotPossible, match="Something was done"):
        review_take_back(review_id=review.id, officer=cast.officer)


def test_it_is_recorded_from_the_page_and_once(client: Client, cast: Any, decision: Decision) -> None:
    upheld(decision, cast.officer)
    client.force_login(cast.operator)
    given = form(client, decision, done="released", to="", words="<b>Out</b>")
    for _ in range(2):
        assert client.post(f"/decisions/{decision.id}/after/", given).status_code == 302
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert decision.dispositions.get().words == "<b>Out</b>"
    assert "Released" in page
    assert "&lt;b&gt;Out&lt;/b&gt;" in page


def test_a_page_older_than_the_verdict_is_refused_and_nothing_is_lost(
    client: Client, cast: Any, decision: Decision
) -> None:
    upheld(decision, cast.officer)
    client.force_login(cast.operator)
    given = form(client, decision, done="released", words="Out by noon.")
    review_add(
        decision_id=decision.id,
        officer=cast.second_officer,
        verdict="overturn",
        label="plant",
        reason="A tree.",
    )
    answer = client.post(f"/decisions/{decision.id}/after/", given)
    assert answer.status_code == 422
    assert "Another verdict was given after your page was served" in answer.content.decode()
    assert "Out by noon." in answer.content.decode()
    assert not decision.dispositions.exists()
    # The page that comes back shows the outcome that holds now, and what it offers can be sent.
    page = answer.content.decode()
    assert re.search(r"Outcome: <strong>[^<]*[Pp]lant", page)
    hidden = dict(re.findall(r'name="(after-(?:disposition_id|seen))" value="([^"]*)"', page))
    assert client.post(f"/decisions/{decision.id}/after/", {**given, **hidden}).status_code == 302
    assert decision.dispositions.get().outcome == "plant"


def test_the_page_says_that_it_rests_on_an_earlier_verdict(
    client: Client, cast: Any, decision: Decision
) -> None:
    upheld(decision, cast.officer)
    disposition_add(decision_id=decision.id, by=cast.operator, done="released")
    client.force_login(cast.operator)
    said = "on an earlier verdict than the one that holds"
    assert said not in client.get(f"/decisions/{decision.id}/").content.decode()
    review_add(
        decision_id=decision.id,
        officer=cast.second_officer,
        verdict="overturn",
        label="plant",
        reason="A tree.",
    )
    assert said in client.get(f"/decisions/{decision.id}/").content.decode()


def test_who_may_not_is_told_and_what_is_elsewhere_is_not_there(
    client: Client, cast: Any, decision: Decision
) -> None:
    for person, status in ((cast.auditor, 403), (cast.outsider, 404)):
        client.force_login(person)
        assert client.post(f"/decisions/{decision.id}/after/", {}).status_code == status
        assert client.get(f"/decisions/{decision.id}/letter/").status_code == status
    client.force_login(cast.operator)
    assert client.get(f"/decisions/{decision.id}/letter/").status_code == 403


def test_another_system_records_it_by_the_command_line(
    cast: Any, decision: Decision, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "installation", contextlib.nullcontext)
    order = [str(decision.id), "--as", "rejected", "--by", cast.operator.username, "--json"]
    assert command.main(order) == 1
    assert "still waits" in capsys.readouterr().err
    review = upheld(decision, cast.officer)
    call = ["--id", str(uuid.uuid4()), "--verdict", str(review.id)]
    assert [command.main([*order, *call]) for _ in range(2)] == [0, 0]
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["done"], said["outcome"], said["verdict"]) == ("rejected", "person", str(review.id))
    assert decision.dispositions.count() == 1
    assert command.main([str(uuid.uuid4()), "--as", "released", "--by", cast.operator.username]) == 1
    assert command.main([str(decision.id), "--as", "released", "--by", "nobody at all"]) == 1


# --- letters ---------------------------------------------------------------------------------------------


def letter(decision: Decision, by: Any, language: str = "en", **more: Any) -> Letter:
    given = {"contact": "Data office\n1 Street", "days": 30, **more}
    return letter_make(decision_id=decision.id, by=by, language=language, **given)


def text_of(made: Letter) -> str:
    assert made.content is not None
    return "\n".join(line for section in made.content for line in section)


def test_a_letter_says_what_by_what_who_and_how_and_names_nobody(cast: Any, decision: Decision) -> None:
    review_add(
        decision_id=decision.id,
        officer=cast.officer,
        verdict="overturn",
        label="plant",
        reason="A secret reason.",
    )
    made = letter(decision, cast.officer)
    said = text_of(made)
    assert "The result that holds is: " in said
    assert "a compliance officer set another result than the program’s" in said
    assert "within 30 days" in said
    assert "1 Street" in said
    for secret in (cast.officer.username, "secret reason", "team.png"):
        assert secret not in said
    record = record_of(made.entry)
    keys = keyring().asset(decision.run.asset_id)
    assert record["letter"] == keys.commit(canonical.encode(made.content))
    assert record["outcome"] == "plant"


def test_a_letter_is_in_the_language_that_was_chosen(cast: Any, decision: Decision) -> None:
    upheld(decision, cast.officer)
    said = text_of(letter(decision, cast.officer, "ja"))
    assert "異議" in said
    assert not re.search(
        r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", said.replace(decision.run.policy_version.spec.question, "")
    )


def test_a_letter_is_made_once_printed_and_the_address_kept(
    client: Client, cast: Any, decision: Decision
) -> None:
    upheld(decision, cast.officer)
    client.force_login(cast.officer)
    address = f"/decisions/{decision.id}/letter/"
    given = {
        "letter_id": str(uuid.uuid4()),
        "language": "en",
        "contact": "office@works.example",
        "days": "14",
        "own_words": "<script>alert(1)</script>",
    }
    answers = [client.post(address, given) for _ in range(2)]
    made = decision.letters.get()
    assert {answer["Location"] for answer in answers} == {f"/letters/{made.id}/"}
    page = client.get(f"/letters/{made.id}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "office@works.example" in client.get(address).content.decode()
    client.force_login(cast.auditor)
    assert client.get(f"/letters/{made.id}/").status_code == 200
    client.force_login(cast.outsider)
    assert client.get(f"/letters/{made.id}/").status_code == 404


@pytest.mark.parametrize("wrong", [{"contact": "x"}, {"days": "0"}, {"days": "400"}, {"language": "xx"}])
def test_a_letter_that_could_not_be_answered_is_not_made(
    client: Client, cast: Any, decision: Decision, wrong: dict[str, str]
) -> None:
    upheld(decision, cast.officer)
    client.force_login(cast.officer)
    given = {"letter_id": str(uuid.uuid4()), "language": "en", "contact": "The office", "days": "14", **wrong}
    answer = client.post(f"/decisions/{decision.id}/letter/", {**given, "own_words": "Kept words"})
    assert answer.status_code == 422
    assert "Kept words" in answer.content.decode()
    assert not decision.letters.exists()


# --- erased with the medium ------------------------------------------------------------------------------


def test_an_erasure_takes_words_and_letters_and_leaves_that_they_were(
    client: Client, cast: Any, decision: Decision
) -> None:
    upheld(decision, cast.officer)
    done = disposition_add(
        decision_id=decision.id, by=cast.operator, done="sent_on", to="Legal", words="A note."
    )
    made = letter(decision, cast.officer)
    asset_erase(asset_id=decision.run.asset_id, by=cast.second_officer)
    done.refresh_from_db()
    made.refresh_from_db()
    assert (done.done, done.to, done.words, made.content) == ("sent_on", "", "", None)
    client.force_login(cast.officer)
    assert "erased" in client.get(f"/letters/{made.id}/").content.decode()
    assert client.get(f"/decisions/{decision.id}/").status_code == 200
    assert Case.objects.get(decision=decision).state
