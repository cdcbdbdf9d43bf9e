"""Examples of a policy: handed in, kept, shown, taken out, and gone with their medium."""

from __future__ import annotations

import pytest
from django.test import Client

from omnigov.decisions import examples
from omnigov.decisions.models import Example, Run, RunState
from omnigov.erasure.services import asset_erase
from omnigov.intake.models import Batch
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import PolicyVersion
from omnigov.review.services import review_add, review_take_back
from tests.conftest import Cast
from tests.omnigov.recorded import png
from tests.omnigov.recorded_examples import decided, kept

pytestmark = pytest.mark.django_db


def url(version: PolicyVersion, end: str = "") -> str:
    return f"/policies/{version.policy.slug}/examples/{end}"


@pytest.fixture
def steward(client: Client, cast: Cast) -> Client:
    client.force_login(cast.steward)
    return client


def test_a_file_that_was_handed_in_is_kept_once_it_is_redacted(cast: Cast) -> None:
    run = kept(cast.policy_version, cast.steward, "animal")
    example = Example.objects.get(run=run)
    assert (run.state, example.label, example.origin) == (RunState.KEPT, "animal", "upload")
    assert run.lease_token is None
    assert not hasattr(run, "decision")
    assert LedgerEntry.objects.filter(kind="example_added", subject=run.pk).count() == 1


def test_it_is_no_batch_to_be_decided(cast: Cast, steward: Client) -> None:
    kept(cast.policy_version, cast.steward, "animal")
    assert Batch.objects.filter(label="animal").count() == 1
    page = steward.get("/batches/").content.decode()
    assert "No batch yet" in page


def test_the_page_shows_it_and_its_redacted_copy(cast: Cast, steward: Client) -> None:
    run = kept(cast.policy_version, cast.steward, "animal")
    example = Example.objects.get(run=run)
    page = steward.get(url(cast.policy_version)).content.decode()
    assert f"{example.pk}/picture/" in page
    answer = steward.get(url(cast.policy_version, f"{example.pk}/picture/"))
    assert answer["Content-Type"] == "image/png"


def test_it_hands_in_without_a_script(cast: Cast, steward: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("a.png", png())
    answer = steward.post(url(cast.policy_version), {"label": "animal", "files": [file]})
    assert answer.status_code == 302
    run = Run.objects.get(submission__batch__label="animal")
    assert (run.state, run.submission.uploaded_by) == (RunState.CHECKING, cast.steward)


def test_a_script_gets_the_batch_of_the_label(cast: Cast, steward: Client) -> None:
    answer = steward.post(
        url(cast.policy_version), {"label": "animal"}, headers={"Accept": "application/json"}
    )
    assert answer.json()["id"] == str(Batch.objects.get(label="animal").pk)


def test_a_label_that_is_none_is_refused(cast: Cast, steward: Client) -> None:
    answer = steward.post(url(cast.policy_version), {"label": "x"}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "no such label" in answer.json()["sentence"]


@pytest.mark.parametrize(
    ("who", "status"), [("operator", 403), ("auditor", 403), ("outsider", 404), ("officer", 200)]
)
def test_who_sees_them(cast: Cast, client: Client, who: str, status: int) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(url(cast.policy_version)).status_code == status


def test_an_officer_hands_none_in(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)
    assert client.post(url(cast.policy_version), {"label": "animal"}).status_code == 403


def test_an_operator_puts_no_file_into_a_batch_of_examples(cast: Cast, client: Client) -> None:
    import base64

    batch = examples.batch_for(version=cast.policy_version, label="animal", by=cast.steward)
    client.force_login(cast.operator)
    coded = base64.b64encode(str(batch.pk).encode()).decode()
    answer = client.post(
        "/uploads/",
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": f"batch {coded}"},
    )
    assert answer.status_code == 403


def test_it_is_taken_out(cast: Cast, steward: Client) -> None:
    run = kept(cast.policy_version, cast.steward, "animal")
    example = Example.objects.get(run=run)
    steward.post(url(cast.policy_version, f"{example.pk}/remove/"))
    assert examples.usable(cast.policy_version).examples == []
    assert LedgerEntry.objects.filter(kind="example_removed", subject=run.pk).count() == 1
    assert steward.get(url(cast.policy_version, f"{example.pk}/picture/")).status_code == 404


def test_the_same_bytes_are_one_example_with_the_newest_label(cast: Cast) -> None:
    kept(cast.policy_version, cast.steward, "animal")
    kept(cast.policy_version, cast.steward, "tool")
    assert [each.label for each in examples.usable(cast.policy_version).examples] == ["tool"]


def test_nothing_is_left_of_an_erased_one(cast: Cast) -> None:
    run = kept(cast.policy_version, cast.steward, "animal")
    asset_erase(asset_id=run.asset_id, by=cast.officer)
    assert not Example.objects.filter(run=run).exists()
    assert examples.usable(cast.policy_version).examples == []


def test_what_was_redacted_otherwise_is_left_out(cast: Cast) -> None:
    from omnigov.policies.services import redaction_publish

    kept(cast.policy_version, cast.steward, "animal")
    profile = cast.policy_version.spec.redaction.model_copy(update={"padding": 200_000})
    after = redaction_publish(
        based_on=cast.policy_version, redaction=profile, reason="Wider margins", by=cast.steward
    )
    found = examples.usable(after)
    assert (found.examples, found.otherwise) == ([], 1)


def test_a_verdict_becomes_one_by_a_click(cast: Cast, client: Client) -> None:
    decision = decided(cast.policy_version, cast.operator)
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.pk}/").content.decode()
    assert "make-example" not in page
    review_add(
        decision_id=decision.pk,
        officer=cast.officer,
        verdict="overturn",
        label="tool",
        reason="It is a hammer.",
    )
    assert "make-example" in client.get(f"/decisions/{decision.pk}/").content.decode()
    client.post(f"/decisions/{decision.pk}/example/")
    client.post(f"/decisions/{decision.pk}/example/")
    example = Example.objects.get(run=decision.run)
    assert (example.label, example.origin, example.added_by) == ("tool", "verdict", cast.officer)
    assert "make-example" not in client.get(f"/decisions/{decision.pk}/").content.decode()


def test_of_a_verdict_that_is_taken_back_it_is_an_example_no_more(cast: Cast, client: Client) -> None:
    decision = decided(cast.policy_version, cast.operator)
    review = review_add(
        decision_id=decision.pk, officer=cast.officer, verdict="overturn", label="tool", reason="A hammer."
    )
    client.force_login(cast.officer)
    client.post(f"/decisions/{decision.pk}/example/")
    review_take_back(review_id=review.pk, officer=cast.officer)
    assert Example.objects.get(run=decision.run).removed_at is not None
    assert LedgerEntry.objects.filter(kind="example_removed", subject=decision.run_id).count() == 1
    assert "make-example" not in client.get(f"/decisions/{decision.pk}/").content.decode()
    client.post(f"/decisions/{decision.pk}/example/")
    assert not Example.objects.filter(run=decision.run, removed_at__isnull=True).exists()


def test_without_a_verdict_it_becomes_none(cast: Cast) -> None:
    decision = decided(cast.policy_version, cast.operator)
    with pytest.raises(examples.NotAnExample, match="upheld or overturned"):
        examples.example_of_verdict(decision_id=decision.pk, by=cast.officer)
