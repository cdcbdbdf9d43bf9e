"""Studies: asked for, held by one worker at a time, recorded once; and what two people decide about it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from omnigov.accounts.services import person_add
from omnigov.contracts import Candidate, CurvePoint, Forecast, Head, Measured, digest_of, with_head
from omnigov.decisions.examples import usable
from omnigov.erasure.services import asset_erase
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import Measurement, PolicyVersion
from omnigov.policies.queries import measurement_of
from omnigov.policies.services import NotPublished, model_publish, policy_publish, redaction_publish
from omnigov.registry.models import ModelVersion
from omnigov.studio import studies
from omnigov.studio.models import Proposal, Study
from omnigov.studio.promotion import NotPromoted, promotion_decide, promotion_propose
from tests.conftest import Cast
from tests.measured import evaluation
from tests.omnigov.recorded_examples import kept

pytestmark = pytest.mark.django_db
COLOURS = ("red", "green", "blue", "teal", "navy", "olive", "gold", "pink", "tan", "plum")


@pytest.fixture
def unmeasured(cast: Cast) -> PolicyVersion:
    """A version that nobody has measured, with five examples of two of its labels."""
    profile = cast.policy_version.spec.redaction.model_copy(update={"padding": 200_000})
    version = redaction_publish(
        based_on=cast.policy_version, redaction=profile, reason="Wider margins", by=cast.steward
    )
    for number, colour in enumerate(COLOURS):
        kept(version, cast.steward, "animal" if number % 2 else "tool", colour)
    return version


def labels_of(version: PolicyVersion) -> tuple[str, ...]:
    return tuple(label.key for label in version.spec.labels)


def measure(version: PolicyVersion, held: studies.Held) -> None:
    made = evaluation(version.digest, str(version.model_version.digest), labels_of(version))
    studies.study_measured(held, made, usable(version).examples)


def a_head(version: PolicyVersion) -> tuple[bytes, Head]:
    """A head's file and card, for this version alone."""
    content, base, some = (
        b"a head",
        version.model_version.spec,
        Measured(value=900_000, low=800_000, high=950_000),
    )
    card = Head(
        name="head-1",
        file_digest=hashlib.sha256(content).hexdigest(),
        policy_digest=version.digest,
        base=base,
        features_digest="f" * 64,
        labels=labels_of(version),
        counts=(5, 5, *(0 for _ in labels_of(version)[2:])),
        examples_digest="e" * 64,
        candidates=(Candidate(name="pooled", accuracy=some, log_loss=300_000, chosen=True),),
        chosen="pooled",
        temperature=1_000_000,
        threshold=600_000,
        risk_target=50_000,
        learning_curve=(CurvePoint(per_label=5, accuracy=some),),
        forecast=Forecast(more=20, accuracy=some),
        measured=evaluation(version.digest, "0" * 64, labels_of(version)),
        seed=0,
        libraries={},
        duration_ms=1,
    )
    whole = digest_of(with_head(base, card.file))
    return content, card.model_copy(
        update={"measured": card.measured.model_copy(update={"model_digest": whole})}
    )


def adapted(version: PolicyVersion, by: object) -> ModelVersion:
    study = Study.objects.create(
        kind="adapt", policy_version=version, model_version=version.model_version, asked_by=by
    )  # type: ignore[misc]
    held = studies.study_claim(None)
    assert held is not None
    content, card = a_head(version)
    studies.study_adapted(held, content, card, usable(version).examples)
    study.refresh_from_db()
    assert study.candidate is not None
    return study.candidate


def test_a_version_is_measured(cast: Cast, client: Client, unmeasured: PolicyVersion) -> None:
    client.force_login(cast.steward)
    page = client.get(f"/policies/{unmeasured.policy.slug}/{unmeasured.number}/").content.decode()
    assert "Not measured" in page
    client.post(f"/policies/{unmeasured.policy.slug}/studies/", {"kind": "evaluate"})
    held = studies.study_claim({unmeasured.model_version.digest})
    assert held is not None
    fragment = client.get(f"/policies/{unmeasured.policy.slug}/studies/{held.id}/")
    assert "being measured" in fragment.content.decode()
    measure(unmeasured, held)
    found = measurement_of(unmeasured)
    assert found is not None
    assert found.asked_by == cast.steward
    assert len(found.examples) == 10
    record = LedgerEntry.objects.get(id=found.entry)
    assert record.kind == "evaluated"
    page = client.get(f"/policies/{unmeasured.policy.slug}/{unmeasured.number}/").content.decode()
    assert "Measured: 87 % of 30 examples right, 95 % interval 70 % to 95 %" in page
    ended = client.get(f"/policies/{unmeasured.policy.slug}/studies/{held.id}/")
    assert ended["HX-Refresh"] == "true"


def test_the_card_has_figures_confusion_curve_and_examples(cast: Cast, client: Client) -> None:
    found = Measurement.objects.filter(policy=cast.policy_version.policy).first()
    assert found is not None
    client.force_login(cast.auditor)
    page = client.get(f"/policies/{cast.policy_version.policy.slug}/measured/{found.pk}/").content.decode()
    for words in (
        "87 %",
        "26 / 30",
        "<polyline",
        'class="level-4 right"',
        "always the most common",
        "c" * 64,
    ):
        assert words in page
    client.force_login(cast.outsider)
    assert client.get(f"/policies/{cast.policy_version.policy.slug}/measured/{found.pk}/").status_code == 404


def test_too_few_examples_are_said_beforehand(cast: Cast, client: Client) -> None:
    client.force_login(cast.steward)
    client.post(f"/policies/{cast.policy_version.policy.slug}/studies/", {"kind": "evaluate"})
    assert not Study.objects.filter(policy_version__policy=cast.policy_version.policy).exists()
    page = client.get(f"/policies/{cast.policy_version.policy.slug}/examples/").content.decode()
    assert "Measuring takes at least 10 examples" in page
    assert "Adapting takes at least 5 examples of each label" in page


def test_the_card_says_how_many_of_its_examples_were_erased(
    cast: Cast, client: Client, unmeasured: PolicyVersion
) -> None:
    studies.study_ask(version=unmeasured, kind="evaluate", by=cast.steward)
    held = studies.study_claim(None)
    assert held is not None
    measure(unmeasured, held)
    found = measurement_of(unmeasured)
    assert found is not None
    client.force_login(cast.auditor)
    at = f"/policies/{unmeasured.policy.slug}/measured/{found.pk}/"
    assert "erased since" not in client.get(at).content.decode()
    asset_erase(asset_id=usable(unmeasured).examples[0].run.asset_id, by=cast.officer)
    assert "1 of them was erased since" in client.get(at).content.decode()


@pytest.mark.parametrize("who", ["operator", "officer", "auditor"])
def test_only_a_steward_asks(cast: Cast, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who))
    asked = client.post(f"/policies/{cast.policy_version.policy.slug}/studies/", {"kind": "evaluate"})
    assert asked.status_code == 403


def test_one_at_a_time(cast: Cast, unmeasured: PolicyVersion) -> None:
    studies.study_ask(version=unmeasured, kind="evaluate", by=cast.steward)
    with pytest.raises(studies.NotStudied, match="already"):
        studies.study_ask(version=unmeasured, kind="evaluate", by=cast.steward)


def test_a_worker_without_the_model_takes_none(cast: Cast, unmeasured: PolicyVersion) -> None:
    studies.study_ask(version=unmeasured, kind="evaluate", by=cast.steward)
    assert studies.study_claim({"1" * 64}) is None


def test_a_dead_workers_study_is_taken_again_and_recorded_once(cast: Cast, unmeasured: PolicyVersion) -> None:
    studies.study_ask(version=unmeasured, kind="evaluate", by=cast.steward)
    first = studies.study_claim(None)
    assert first is not None
    assert studies.study_claim(None) is None
    Study.objects.update(lease_until=Now() - timedelta(seconds=1))
    second = studies.study_claim(None)
    assert second is not None
    with pytest.raises(studies.StudyLost):
        measure(unmeasured, first)
    with pytest.raises(studies.StudyLost):
        studies.study_goes_on(first, step="features", progress=1)
    measure(unmeasured, second)
    with pytest.raises(studies.StudyLost):
        measure(unmeasured, second)
    assert Measurement.objects.filter(policy_digest=unmeasured.digest).count() == 1


def test_what_ends_every_worker_ends_with_a_sentence(cast: Cast, unmeasured: PolicyVersion) -> None:
    study = studies.study_ask(version=unmeasured, kind="evaluate", by=cast.steward)
    for _ in range(studies.MOST_TRIES):
        assert studies.study_claim(None) is not None
        Study.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert studies.study_claim(None) is None
    study.refresh_from_db()
    assert (study.state, study.failure_code) == ("failed", "worker_died")


def test_an_adapted_model_is_bound_and_asked_after_a_second_person(
    cast: Cast, unmeasured: PolicyVersion
) -> None:
    version = unmeasured
    model = adapted(version, cast.steward)
    assert (model.policy, model.base) == (version.policy_id, version.model_version)
    assert LedgerEntry.objects.filter(kind="adapted", subject=version.policy_id).count() == 1
    proposal = promotion_propose(
        version=version, model_version=model, reason="It is better.", by=cast.steward
    )
    with pytest.raises(NotPromoted, match="second person"):
        promotion_decide(proposal_id=proposal.pk, promote=True, by=cast.steward)
    made = promotion_decide(proposal_id=proposal.pk, promote=True, by=cast.officer)
    assert made is not None
    assert (made.digest, made.model_version, made.reason) == (version.digest, model, "It is better.")
    assert measurement_of(made) is not None
    with pytest.raises(NotPromoted, match="already"):
        promotion_decide(proposal_id=proposal.pk, promote=True, by=cast.second_officer)
    kinds = (
        LedgerEntry.objects.filter(subject=version.policy_id).order_by("seq").values_list("kind", flat=True)
    )
    assert list(kinds)[-3:] == ["promotion_proposed", "promoted", "policy_published"]


def test_the_same_examples_in_two_workspaces_make_a_model_version_of_each(
    cast: Cast, unmeasured: PolicyVersion
) -> None:
    first = adapted(unmeasured, cast.steward)
    there = policy_publish(
        workspace=cast.elsewhere,
        slug="the-same",
        name_en="The same",
        name_ja="同じ",
        spec=unmeasured.spec,
        by=cast.outsider,
    )
    for number, colour in enumerate(COLOURS):
        kept(there, cast.outsider, "animal" if number % 2 else "tool", colour)
    second = adapted(there, cast.outsider)
    assert second.digest == first.digest
    assert (first.policy, second.policy) == (unmeasured.policy_id, there.policy_id)
    assert set(second.head.examples).isdisjoint(first.head.examples)
    other = person_add(workspace=cast.elsewhere, username="other", password="a good password", role="officer")
    for version, model, by, decides in (
        (there, second, cast.outsider, other),
        (unmeasured, first, cast.steward, cast.officer),
    ):
        proposal = promotion_propose(version=version, model_version=model, reason="It is better.", by=by)
        made = promotion_decide(proposal_id=proposal.pk, promote=True, by=decides)
        assert made is not None
        assert made.model_version == model
    with pytest.raises(NotPromoted, match="another policy"):
        promotion_propose(version=there, model_version=first, reason="It is better.", by=cast.outsider)


def test_another_text_falls_back_to_the_base_and_is_not_measured(
    cast: Cast, unmeasured: PolicyVersion
) -> None:
    model = adapted(unmeasured, cast.steward)
    proposal = promotion_propose(
        version=unmeasured, model_version=model, reason="It is better.", by=cast.steward
    )
    made = promotion_decide(proposal_id=proposal.pk, promote=True, by=cast.officer)
    assert made is not None
    other = made.spec.redaction.model_copy(update={"padding": 300_000})
    after = redaction_publish(based_on=made, redaction=other, reason="Wider still", by=cast.steward)
    assert after.model_version == model.base
    assert measurement_of(after) is None
    with pytest.raises(NotPublished, match="another text"):
        model_publish(based_on=after, model_version=model, reason="Once more", by=cast.steward)


def test_the_pages_of_a_promotion(cast: Cast, client: Client, unmeasured: PolicyVersion) -> None:
    model = adapted(unmeasured, cast.steward)
    at = f"/policies/{unmeasured.policy.slug}/adapted/{model.pk}/"
    client.force_login(cast.operator)
    assert client.get(at).status_code == 200
    assert client.post(at + "propose/", {"reason": "It is better."}).status_code == 403
    client.force_login(cast.steward)
    assert client.post(at + "propose/", {"reason": ""}).status_code == 422
    client.post(at + "propose/", {"reason": "It is better."})
    proposal = Proposal.objects.get()
    page = client.get(at).content.decode()
    assert "a second person has to decide" in page
    assert "With 20 examples more about 90 % would be right" in page
    refused = client.post(f"{at}decide/{proposal.pk}/", {"step": "promote"})
    assert refused.status_code == 422
    client.force_login(cast.officer)
    done = client.post(f"{at}decide/{proposal.pk}/", {"step": "promote"})
    assert done["Location"].endswith(f"/{unmeasured.number + 1}/")


def test_a_proposal_is_taken_back(cast: Cast, client: Client, unmeasured: PolicyVersion) -> None:
    model = adapted(unmeasured, cast.steward)
    proposal = promotion_propose(
        version=unmeasured, model_version=model, reason="It is better.", by=cast.steward
    )
    assert promotion_decide(proposal_id=proposal.pk, promote=False, by=cast.steward) is None
    assert unmeasured.policy.versions.count() == unmeasured.number
