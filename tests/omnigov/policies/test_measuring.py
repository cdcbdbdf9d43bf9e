"""What is measured and what is not: on pages, in JSON, on the record, and who has to wait for a person."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.test import Client

from omnigov.decisions.models import Decision
from omnigov.decisions.progress import batch_rows
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.policies import measuring
from omnigov.policies.models import Measurement, PolicyVersion
from omnigov.policies.queries import measurement_of
from omnigov.policies.services import redaction_publish
from tests.conftest import Cast
from tests.measured import evaluation, measured
from tests.omnigov.recorded_examples import decided

pytestmark = pytest.mark.django_db


@pytest.fixture
def unmeasured(cast: Cast) -> PolicyVersion:
    """The version after the measured one: with another text, nothing is known of it."""
    profile = cast.policy_version.spec.redaction.model_copy(update={"padding": 200_000})
    return redaction_publish(
        based_on=cast.policy_version, redaction=profile, reason="Wider margins", by=cast.steward
    )


def record_of(decision: Decision) -> dict[str, object]:
    entry = canonical.decode(bytes(LedgerEntry.objects.get(id=decision.entry).body))
    assert entry["schema"] == 3
    record: dict[str, object] = entry["record"]
    return record


def test_every_decision_of_an_unmeasured_version_waits(cast: Cast, unmeasured: PolicyVersion) -> None:
    decision = decided(unmeasured, cast.operator)
    assert decision.review_state == "waiting"
    assert "not_measured" in decision.review_reasons
    record = record_of(decision)
    assert record["measurement"] is None
    assert "not_measured" in record["review_rules"]


def test_a_decision_of_a_measured_version_names_the_measurement(cast: Cast) -> None:
    decision = decided(cast.policy_version, cast.operator)
    found = measurement_of(cast.policy_version)
    assert found is not None
    assert decision.measurement == found
    assert record_of(decision)["measurement"] == found.digest
    assert "not_measured" not in decision.review_reasons


@pytest.mark.parametrize(
    "page", ["/policies/", "/policies/what-is-shown/2/", "/upload/", "/batches/", "/review/"]
)
def test_the_pages_say_not_measured(cast: Cast, unmeasured: PolicyVersion, client: Client, page: str) -> None:
    decided(unmeasured, cast.operator)
    client.force_login(cast.steward)
    assert "ot measured" in client.get(page).content.decode()
    client.post("/language/", {"language": "ja", "next": "/"})
    assert "未測定" in client.get(page).content.decode()


def test_the_decision_and_its_batch_say_it(cast: Cast, unmeasured: PolicyVersion, client: Client) -> None:
    decision = decided(unmeasured, cast.operator)
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.pk}/").content.decode()
    assert "Not measured" in page
    assert "was never measured, so a person looks at every" in page
    batch = decision.run.submission.batch
    assert "Not measured" in client.get(f"/batches/{batch.pk}/").content.decode()
    (row,) = batch_rows(batch)
    assert row.as_json()["measured"] is False
    assert row.as_text()[3] == "62.0 % uncalibrated, not measured"


def test_the_decision_page_says_what_was_measured(cast: Cast, client: Client) -> None:
    decision = decided(cast.policy_version, cast.operator)
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.pk}/").content.decode()
    assert "Measured: 87 % of 30 examples right, 95 % interval 70 % to 95 %; calibrated confidence" in page
    (row,) = batch_rows(decision.run.submission.batch)
    assert row.as_json()["measured"] is True


def test_what_was_decided_before_it_was_measured_stays_not_measured(
    cast: Cast, unmeasured: PolicyVersion, client: Client
) -> None:

    decision = decided(unmeasured, cast.operator)
    measured(unmeasured)
    client.force_login(cast.officer)
    assert "Not measured" in client.get(f"/decisions/{decision.pk}/").content.decode()


def test_what_comes_with_the_product_counts_for_exactly_its_text_and_model(
    cast: Cast, unmeasured: PolicyVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "BUILTIN", tmp_path)
    labels = tuple(label.key for label in unmeasured.spec.labels)
    model = unmeasured.model_version
    assert model is not None
    of_another = evaluation(unmeasured.digest, "9" * 64, labels)
    (tmp_path / "a.json").write_text(of_another.model_dump_json())
    assert measuring.builtin_measure(workspace=cast.workspace) == []
    (tmp_path / "b.json").write_text(evaluation(unmeasured.digest, model.digest, labels).model_dump_json())
    (made,) = measuring.builtin_measure(workspace=cast.workspace)
    assert (made.builtin, measurement_of(unmeasured)) == (True, made)
    assert measuring.builtin_measure(workspace=cast.workspace) == []


def test_an_evaluation_of_another_model_is_refused(cast: Cast) -> None:
    model = cast.policy_version.model_version
    assert model is not None
    with pytest.raises(measuring.NotOfThis):
        measuring.measurement_record(
            policy=cast.policy_version.policy,
            model_version=model,
            evaluation=evaluation(cast.policy_version.digest, "9" * 64, ("animal", "plant")),
            examples=(),
            by=None,
        )
    assert Measurement.objects.filter(model_version=model).exists()


def test_the_decision_page_says_who_said_what(cast: Cast, client: Client) -> None:
    decision = decided(cast.policy_version, cast.operator)
    run = decision.run
    run.inference["voices"] = [
        {
            "who": "head",
            "label": "animal",
            "scores": [{"label": "animal", "probability": 910_000}],
            "decided": True,
        },
        {"who": "model", "label": "tool", "scores": [{"label": "tool", "probability": 410_000}]},
        {"who": "detectors", "counts": {"face": 2}},
        {"who": "text"},
    ]
    run.save()
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.pk}/").content.decode()
    for words in (
        "Who said what",
        "What was adapted to this policy",
        "91.0 %",
        "41.0 %",
        "Face: 2",
        "found nothing",
    ):
        assert words in page


def test_what_was_measured_of_an_adapted_model_says_nothing_of_its_base(cast: Cast) -> None:
    from omnigov.registry.models import ModelVersion

    base = cast.policy_version.model_version
    assert base is not None
    asked = ModelVersion.objects.create(
        name="adapted", stage=base.stage, body=base.body, digest="8" * 64, base=base, policy=uuid.uuid4()
    )
    PolicyVersion.objects.filter(pk=cast.policy_version.pk).update(model_version=asked)
    cast.policy_version.refresh_from_db()
    measured(cast.policy_version)
    decision = decided(cast.policy_version, cast.operator)  # by the base, as its record says
    assert decision.measurement is None
    assert "not_measured" in decision.review_reasons
