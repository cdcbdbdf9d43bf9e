"""The review queue, the decision page, its pictures and verdicts."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from PIL import Image

from omnigov.contracts import Area, OtherOrder, PolicySpec, RedactionEdits, Region, WeightFile
from omnigov.decisions.models import Decision, ReviewState
from omnigov.erasure import journal
from omnigov.erasure.services import asset_erase
from omnigov.evidence import queries as evidence
from omnigov.evidence import store
from omnigov.evidence.models import EvidencePart, Name
from omnigov.evidence.services import key_of
from omnigov.ledger.models import LedgerEntry
from omnigov.review.corrections import redaction_correct
from omnigov.review.models import Review
from omnigov.review.regions import Change
from tests.conftest import Cast
from tests.omnigov import recorded

BOXES = [("FACE", (10, 10, 60, 60)), ("EMAIL_ADDRESS", (10, 70, 120, 90))]


@pytest.fixture
def decision(cast: Any) -> Decision:
    """Waits for an officer: a person is a label of high severity."""
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("team.png", recorded.png()))
    return recorded.record(
        batch.submissions.get(),
        picture=Image.new("RGB", (160, 120), "teal"),
        boxes=BOXES,
        label="person",
        confidence=930_000,
        heat_map=recorded.png("maroon"),
    )


def record_of(review: Review) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(LedgerEntry.objects.get(id=review.entry).body))["record"]
    return found


def served(client: Client, decision: Decision) -> str:
    """What the page takes along; empty for who may not give verdicts."""
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    found = re.search(r'name="served" value="([^"]*)"', page)
    return found[1] if found else ""


def verdict(client: Client, decision: Decision, **given: str) -> Any:
    form = {"verdict": "uphold", "reason": "Plainly right.", "review_id": str(uuid.uuid4()), **given}
    form.setdefault("served", served(client, decision))
    return client.post(f"/decisions/{decision.id}/verdict/", form)


def test_the_queue_says_why_each_waits(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    page = client.get("/review/").content.decode()
    assert f"/decisions/{decision.id}/" in page
    assert "team.png" in page
    assert "A wrong decision on this label does much harm" in page


def test_an_escalated_decision_comes_first(client: Client, cast: Any, decision: Decision) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("later.png", recorded.png("red")))
    later = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")
    client.force_login(cast.officer)
    verdict(client, later, verdict="escalate")
    page = client.get("/review/").content.decode()
    assert page.index("later.png") < page.index("team.png")


def test_the_queue_asks_as_often_for_many_as_for_few(
    client: Client, cast: Any, django_assert_max_num_queries: Any
) -> None:
    files = [(f"{n}.png", recorded.png("red", (64 + n, 64))) for n in range(8)]
    for submission in recorded.batch_of(cast.policy_version, cast.operator, *files).submissions.all():
        recorded.record(submission, picture=Image.new("RGB", (64, 48)), label="money")
    client.force_login(cast.officer)
    with django_assert_max_num_queries(18):
        assert client.get("/review/").content.decode().count("data-row") == 8


def test_the_page_shows_what_the_decision_was_made_from(
    client: Client, cast: Cast, decision: Decision
) -> None:
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    run = decision.run
    entry = LedgerEntry.objects.get(id=decision.entry)
    shown = [
        "Person",
        "93.0 %",
        "uncalibrated",
        "What kind of thing does this picture show?",
        "Written by the model after it had chosen the label",
        "It has four legs and fur.",
        "73.1 %",  # the picture's share
        "integrated gradients (captum)",
        "Face",
        "E-mail address",
        "98.1 %",  # the detector's score
        run.policy_version.digest,
        run.model_version.spec.files[0].sha256,
        "torch 2.13.0",
        "float32",
        bytes(entry.leaf_hash).hex(),
        "omnigov_verify.py",
        "checked against its digest just now",
        "A wrong decision on this label does much harm",
    ]
    assert [words for words in shown if words not in page] == []
    assert page.count("data-finding=") == 2
    assert page.count('class="line"') == 2


def test_the_page_asks_as_often_for_173_regions_as_for_two(
    client: Client, cast: Any, decision: Decision, django_assert_max_num_queries: Any
) -> None:
    boxes = [("FACE", (place, place, place + 5, place + 5)) for place in range(173)]
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("many.png", recorded.png("red")))
    many = recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (400, 400)), boxes=boxes, label="person"
    )
    client.force_login(cast.officer)
    for each in (decision, many):
        with django_assert_max_num_queries(32):
            client.get(f"/decisions/{each.id}/")


def test_a_missing_attribution_is_said(client: Client, cast: Any) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png()))
    sentence = "The attribution could not be computed (MemoryError); the decision stands without it."
    made = recorded.record(
        batch.submissions.get(),
        picture=Image.new("RGB", (64, 48)),
        label="money",
        attribution_failure=sentence,
    )
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{made.id}/").content.decode()
    assert sentence in page
    assert 'id="show-heat" class="hidden-box" disabled' in page


@pytest.mark.parametrize(
    ("role", "status", "verdict_form"),
    [("operator", 200, False), ("officer", 200, True), ("auditor", 200, False), ("steward", 200, True)],
)
def test_only_officers_are_asked_for_a_verdict(
    client: Client, cast: Cast, decision: Decision, role: str, status: int, verdict_form: bool
) -> None:
    client.force_login(getattr(cast, role))
    answer = client.get(f"/decisions/{decision.id}/")
    assert answer.status_code == status
    assert ("Record the verdict" in answer.content.decode()) is verdict_form
    assert (verdict(client, decision).status_code == 302) is verdict_form


def test_another_workspace_is_not_there(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.outsider)
    for path in ("", "picture/redacted/", "picture/heatmap/"):
        assert client.get(f"/decisions/{decision.id}/{path}").status_code == 404
    assert verdict(client, decision).status_code == 404
    assert str(decision.id) not in client.get("/review/").content.decode()


def test_pictures_are_served_without_leaving_a_copy(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    for piece, name in (("redacted", Name.REDACTED), ("heatmap", Name.HEAT_MAP)):
        answer = client.get(f"/decisions/{decision.id}/picture/{piece}/")
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.content == evidence.content(decision.run_id, name)


@pytest.mark.parametrize("piece", ["original", "..", "redacted%2F..%2Fheatmap", "REDACTED"])
def test_nothing_else_is_served(client: Client, cast: Cast, decision: Decision, piece: str) -> None:
    client.force_login(cast.steward)
    assert client.get(f"/decisions/{decision.id}/picture/{piece}/").status_code == 404


def change(decision: Decision, name: Name) -> None:
    """One bit of a sealed part."""
    part = EvidencePart.objects.get(run=decision.run_id, name=name)
    key = key_of(run=part.run, token=part.token, name=name)
    sealed = bytearray(b"".join(store.stream(key)))
    sealed[-1] ^= 1
    store.put(key, [bytes(sealed)])


def test_a_part_of_a_picture_is_served(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    path, whole = (
        f"/decisions/{decision.id}/picture/redacted/",
        evidence.content(decision.run_id, Name.REDACTED),
    )
    some = client.get(path, headers={"Range": "bytes=10-19"})
    assert (some.status_code, some.content) == (206, whole[10:20])
    assert some.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert client.get(path, headers={"Range": "bytes=-5"}).content == whole[-5:]
    assert client.get(path, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    stale = client.get(path, headers={"Range": "bytes=10-19", "If-Range": '"another"'})
    assert (stale.status_code, stale.content) == (200, whole)


def test_a_changed_picture_is_not_shown(client: Client, cast: Cast, decision: Decision) -> None:
    change(decision, Name.REDACTED)
    client.force_login(cast.officer)
    assert client.get(f"/decisions/{decision.id}/picture/redacted/").status_code == 404
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "was changed after it was recorded" in page
    assert "picture/redacted" not in page


def test_a_changed_heat_map_is_not_shown(client: Client, cast: Cast, decision: Decision) -> None:
    change(decision, Name.HEAT_MAP)
    client.force_login(cast.officer)
    assert client.get(f"/decisions/{decision.id}/picture/heatmap/").status_code == 404
    assert "picture/heatmap" not in client.get(f"/decisions/{decision.id}/").content.decode()


def test_a_verdict_is_recorded(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    answer = verdict(client, decision, verdict="overturn", label="animal", reason="It is a cat.")
    assert answer.headers["Location"] == f"/decisions/{decision.id}/"
    review = decision.reviews.get()
    assert (review.verdict, review.label, review.officer) == ("overturn", "animal", cast.officer)
    decision.refresh_from_db()
    assert decision.review_state == ReviewState.REVIEWED
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "It is a cat." in page
    assert "Overturned" in page


def test_a_double_click_is_one_verdict(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    found = re.search(r'name="review_id" value="([0-9a-f-]{36})"', page)
    assert found
    for _ in range(2):
        assert verdict(client, decision, review_id=found[1]).status_code == 302
    assert decision.reviews.count() == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": "  ", "verdict": "escalate"}, "Write a reason"),
        ({"reason": "", "verdict": "overturn", "label": "animal"}, "Write a reason"),
        ({"verdict": "overturn"}, "Choose the right label."),
        ({"verdict": "overturn", "label": "person"}, "person is not one of the available choices"),
        ({"verdict": "burn"}, "burn is not one of the available choices"),
        ({"verdict": ""}, "Choose to uphold, to overturn or to escalate."),
        ({"review_id": "7"}, "Load the page again, and give your verdict anew."),
        ({"served": "made up"}, "Load the page again, and give your verdict anew."),
        ({"served": ""}, "Load the page again, and give your verdict anew."),
    ],
)
def test_what_is_not_a_verdict_is_said_and_kept(
    client: Client, cast: Cast, decision: Decision, given: dict[str, str], sentence: str
) -> None:
    client.force_login(cast.officer)
    answer = verdict(client, decision, **given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    if "reason" not in given:
        assert "Plainly right." in answer.content.decode()
    assert not decision.reviews.exists()


def test_upholding_takes_a_reason_only_where_the_policy_asks_for_one(
    client: Client, cast: Any, decision: Decision
) -> None:
    client.force_login(cast.officer)
    version = decision.run.policy_version
    rule = version.spec.review.model_copy(update={"uphold_reason": True})
    strict = version.spec.model_copy(update={"review": rule}).model_dump(mode="json")
    with patch.object(type(version), "spec", PolicySpec.model_validate(strict)):
        refused = verdict(client, decision, reason="")
    assert refused.status_code == 422
    assert "Write a reason" in refused.content.decode()
    assert verdict(client, decision, reason="").status_code == 302
    assert decision.reviews.get().reason == ""


def test_what_was_chosen_as_a_reason_stands_before_the_own_words(
    client: Client, cast: Cast, decision: Decision
) -> None:
    client.force_login(cast.officer)
    form: Any = {"chips": ["unsure", "plain", "involved"], "reason": " She is my aunt. "}
    assert verdict(client, decision, verdict="escalate", **form).status_code == 302
    # What belongs to another verdict is not said with this one.
    assert decision.reviews.get().reason == (
        "I am not sure. I know somebody whom it concerns.\nShe is my aunt."
    )


def test_a_chosen_reason_is_enough_and_is_kept_beside_a_mistake(
    client: Client, cast: Cast, decision: Decision
) -> None:
    client.force_login(cast.officer)
    form: Any = {"chips": ["shows_else"], "reason": "", "verdict": "overturn"}
    answer = verdict(client, decision, **form)
    assert answer.status_code == 422
    assert 'name="chips" value="shows_else" checked' in answer.content.decode()
    assert verdict(client, decision, **form, label="animal").status_code == 302
    assert decision.reviews.get().reason == "The copy shows something else."


def test_recording_can_go_on_to_the_next_one_of_the_same_queue(
    client: Client, cast: Any, decision: Decision
) -> None:
    files = ("money.png", recorded.png("red")), ("person.png", recorded.png("blue"))
    others = {}
    for submission in recorded.batch_of(cast.policy_version, cast.operator, *files).submissions.all():
        label = submission.name.removesuffix(".png")
        others[label] = recorded.record(submission, picture=Image.new("RGB", (64, 48)), label=label)
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.id}/?in=label%3Dperson").content.decode()
    assert page.count('name="in" value="label=person"') == 2
    answer = verdict(client, decision, reason="", then="next", **{"in": "label=person"})
    assert answer.headers["Location"] == f"/decisions/{others['person'].id}/?in=label%3Dperson"
    assert others["person"].case.held_by == cast.officer
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Your verdict on “team.png” counts." in page
    assert "Your verdict is recorded." not in page
    answer = verdict(client, others["person"], reason="", then="next", **{"in": "label=person"})
    assert answer.headers["Location"] == "/review/?label=person"
    page = client.get("/review/?label=person").content.decode()
    assert "Your verdict on “person.png” counts." in page
    assert "Nothing else waits for you here." in page


def test_a_form_of_another_decision_is_not_taken_for_this_one(
    client: Client, cast: Any, decision: Decision
) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("b.png", recorded.png("red")))
    other = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")
    client.force_login(cast.officer)
    one = str(uuid.uuid4())
    verdict(client, decision, review_id=one)
    assert verdict(client, other, review_id=one).status_code == 422
    assert not other.reviews.exists()


def test_the_entry_says_what_was_in_the_page_and_no_more(
    client: Client, cast: Cast, decision: Decision
) -> None:
    client.force_login(cast.officer)
    verdict(client, decision)
    record = record_of(decision.reviews.get())
    assert record["served"] == ["redacted_copy", "findings", "scores", "reasons", "heat_map"]
    assert record["displayed"] is None
    assert "shown" not in record


def test_what_was_not_in_the_page_is_not_on_the_record(client: Client, cast: Any) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png()))
    bare = recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money", reasons=()
    )
    EvidencePart.objects.filter(run=bare.run_id, name=Name.REDACTED).delete()
    client.force_login(cast.officer)
    assert "picture/redacted" not in client.get(f"/decisions/{bare.id}/").content.decode()
    verdict(client, bare)
    assert record_of(bare.reviews.get())["served"] == ["findings", "scores"]


def test_a_verdict_on_a_decision_that_moved_is_refused_and_kept(
    client: Client, cast: Any, decision: Decision
) -> None:
    client.force_login(cast.officer)
    older = served(client, decision)
    second = Client()
    second.force_login(cast.second_officer)
    assert verdict(second, decision, verdict="overturn", label="animal").status_code == 302
    answer = verdict(client, decision, served=older, reason="I looked at it for an hour.")
    said = answer.content.decode()
    assert answer.status_code == 409
    assert f"{cast.second_officer.username} gave the verdict “overturn” (right label: Animal)" in said
    assert "I looked at it for an hour." in said
    assert decision.reviews.count() == 1
    newer = re.search(r'name="served" value="([^"]*)"', said)
    assert newer
    answer = verdict(client, decision, served=newer[1], reason="I looked at it for an hour.")
    assert answer.status_code == 302
    decision.refresh_from_db()
    assert (decision.label, decision.outcome) == ("person", "person")


def test_another_person_s_page_is_not_taken(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.second_officer)
    theirs = served(client, decision)
    client.force_login(cast.officer)
    assert verdict(client, decision, served=theirs).status_code == 422
    assert not decision.reviews.exists()


def test_a_reason_is_not_lost_when_the_decision_was_corrected(
    client: Client, cast: Any, decision: Decision
) -> None:
    client.force_login(cast.officer)
    older = served(client, decision)
    redaction_correct(
        run_id=decision.run_id,
        by=cast.second_officer,
        change=Change(RedactionEdits(added=(Region(place=Area(left=1, top=1, right=9, bottom=9)),)), 1, 0),
        reason="A sign was missed.",
    )
    answer = verdict(client, decision, served=older, reason="I looked at it for an hour.")
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "This decision was corrected; give your verdict on the one in its place." in said
    assert "I looked at it for an hour." in said


def test_the_outcome_stands_beside_the_model_s_answer(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    verdict(client, decision, verdict="overturn", label="animal")
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "An officer overturned the model's answer, “Person”." in page.replace("&#x27;", "'")
    page = client.get(f"/batches/{decision.run.submission.batch_id}/").content.decode()
    assert re.search(r">Animal</a>.*The model said: Person", page, re.DOTALL)


def test_one_does_not_answer_ones_own_escalation(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    verdict(client, decision, verdict="escalate")
    answer = verdict(client, decision)
    assert answer.status_code == 422
    assert "You escalated this decision; another officer has to answer it." in answer.content.decode()
    client.force_login(cast.second_officer)
    assert verdict(client, decision).status_code == 302
    assert Review.objects.filter(decision=decision).count() == 2


def test_a_reason_is_text_and_stays_text(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    verdict(client, decision, reason="<script>alert(1)</script>\nsecond line")
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>second line" in page


def test_the_page_speaks_japanese(client: Client, cast: Cast, decision: Decision) -> None:
    client.force_login(cast.officer)
    client.post("/language/", {"language": "ja"})
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    for words in ("人物", "未較正", "メールアドレス", "裁定を記録する", "モデルが書いた理由"):
        assert words in page


def test_what_was_written_on_a_medium_that_was_erased_since_is_kept(
    client: Client, cast: Any, decision: Decision, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
    client.force_login(cast.officer)
    before = served(client, decision)
    asset_erase(asset_id=decision.run.asset_id)
    late = verdict(client, decision, served=before, reason="I had looked at it.")
    page = late.content.decode()
    assert late.status_code == 422
    assert "This medium is erased; there is nothing left to look at." in page
    assert "I had looked at it." in page
    assert not Review.objects.filter(decision=decision).exists()


def scored_by(decision: Decision, **of_result: Any) -> None:
    """The decision's result as a model with a shared space gives it."""
    result = decision.run.inference_result
    assert result is not None
    decision.run.inference = result.model_copy(update=of_result).model_dump(mode="json")
    decision.run.save(update_fields=["inference"])


def test_the_page_says_what_a_score_was_made_of_and_whether_its_order_mattered(
    client: Client, cast: Any, decision: Decision
) -> None:
    client.force_login(cast.officer)
    plain = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "Nearness" not in plain
    assert "opposite order" not in plain
    result = decision.run.inference_result
    assert result is not None
    space = WeightFile(name="space-image-text", role="space", sha256="5" * 64)
    model = result.model.model_copy(update={"files": (*result.model.files, space)})
    scores = tuple(
        each.model_copy(update={"joined": 1_234_000, "prior": -7_654_000, "similarity": 321_000})
        for each in result.scores
    )
    scored_by(decision, scores=scores, model=model, other_order=OtherOrder(label="person", change=12_000))
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    for words in (
        "Nearness",
        "+1.234",
        "\N{MINUS SIGN}7.654",
        "+0.321",
        "two parts",
        "no probability changed by more than 1.2 %",
    ):
        assert words in page, words
    assert "alone" not in page.split('class="scores"')[0].split("All scores")[1]
    whole = (Area(left=0, top=0, right=5, bottom=5),)
    scored_by(decision, scores=result.scores, model=model, seen=whole)
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "only asked of a single picture" in page
    other = OtherOrder(label="plant", change=1)
    scored_by(decision, scores=result.scores, model=model, seen=(), other_order=other)
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "learned with these very labels" in page
    assert "then answered “Plant”" in page
    assert "depends on the order" in page
