"""Past decisions beside one that waits: of the same policy and label, answered, never to a blind reviewer."""

from __future__ import annotations

from typing import Any

from django.test import Client
from PIL import Image

from omnigov.decisions.models import Decision
from omnigov.review.models import Case
from omnigov.review.services import review_add
from omnigov.review.similar import SHOWN, similar_to
from tests.omnigov import recorded
from tests.omnigov.review.conftest import asks


def decided(cast: Any, name: str, label: str = "money", confidence: int = 520_000) -> Decision:
    size = (64 + int(name), 48)
    batch = recorded.batch_of(cast.policy_version, cast.operator, (f"{name}.png", recorded.png("red", size)))
    return recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label=label, confidence=confidence
    )


def answered(cast: Any, name: str, **kwargs: Any) -> Decision:
    made = decided(cast, name, **kwargs)
    review_add(decision_id=made.id, officer=cast.second_officer, verdict="uphold", reason=f"As {name} shows.")
    return made


def names(decision: Decision) -> list[str]:
    return [each.case.run.submission.title.removesuffix(".png") for each in similar_to(decision)]


def test_they_have_policy_and_label_in_common(cast: Any) -> None:
    answered(cast, "1")
    answered(cast, "2", label="person")
    decided(cast, "3")  # nobody said anything of it
    assert names(decided(cast, "4")) == ["1"]


def test_the_same_reasons_come_before_the_newest(cast: Any, django_assert_num_queries: Any) -> None:
    for number in range(1, SHOWN + 2):
        answered(cast, str(number), confidence=990_000 if number > 1 else 520_000)
    waits = decided(cast, "9")
    assert "low_confidence" in waits.review_reasons
    assert names(waits) == ["1", *(str(number) for number in range(SHOWN + 1, 2, -1))]
    waits = Decision.objects.select_related("run__policy_version").get(pk=waits.pk)
    with django_assert_num_queries(2):
        similar_to(waits)


def test_the_page_says_what_was_said_and_what_was_not_compared(client: Client, cast: Any) -> None:
    answered(cast, "1")
    waits = decided(cast, "2")
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{waits.id}/similar/").content.decode()
    assert "As 1 shows." in page
    assert "What the files show was not compared." in page
    client.force_login(cast.outsider)
    assert client.get(f"/decisions/{waits.id}/similar/").status_code == 404


def test_a_blind_reviewer_sees_them_after_their_own_verdict(client: Client, cast: Any) -> None:
    answered(cast, "1")
    waits = decided(cast, "2")
    asks(Case.objects.get(decision=waits), needed=2, most=3)
    client.force_login(cast.officer)
    address = f"/decisions/{waits.id}/similar/"
    assert address not in client.get(f"/decisions/{waits.id}/").content.decode()
    assert client.get(address).status_code == 404
    review_add(decision_id=waits.id, officer=cast.officer, verdict="uphold", reason="")
    assert address in client.get(f"/decisions/{waits.id}/").content.decode()
    assert "As 1 shows." in client.get(address).content.decode()
