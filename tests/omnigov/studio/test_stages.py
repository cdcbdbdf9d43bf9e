"""A stage is opened for a policy by a steward, after it was measured there, and never by itself."""

from __future__ import annotations

import pytest
from django.test import Client

from omnigov.contracts import Label, ModelVersion, PolicySpec, Stage, WeightFile, digest_of
from omnigov.decisions.examples import usable
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import PolicyVersion
from omnigov.policies.queries import current_version, measurement_of
from omnigov.policies.services import NotPublished
from omnigov.registry import models
from omnigov.registry.services import model_version_register
from omnigov.studio import studies
from omnigov.studio.stages import measured_there, openable, stage_open, text_at
from tests.conftest import Cast
from tests.measured import evaluation
from tests.omnigov.recorded_examples import kept

pytestmark = pytest.mark.django_db
COLOURS = ("red", "green", "blue", "teal", "navy", "olive", "gold", "pink", "tan", "plum")


@pytest.fixture
def policy(cast: Cast) -> PolicyVersion:
    """A version with ten examples."""
    for number, colour in enumerate(COLOURS):
        kept(cast.policy_version, cast.steward, "animal" if number % 2 else "tool", colour)
    return cast.policy_version


@pytest.fixture
def hears() -> models.ModelVersion:
    files = (WeightFile(name="ear.safetensors", role="sound_connector", sha256="3d" * 32),)
    return model_version_register(
        ModelVersion(name="hears", stage=Stage.AUDIO, config_digest="2e" * 32, files=files)
    )


def measured(version: PolicyVersion, model: models.ModelVersion, cast: Cast) -> None:
    study = studies.study_ask(version=version, kind="evaluate", by=cast.steward, model_version=model)
    held = studies.study_claim(None)
    assert held is not None
    assert held.id == study.pk
    text = text_at(version, model)
    labels = tuple(label.key for label in text.labels)
    studies.study_measured(held, evaluation(digest_of(text), model.digest, labels), usable(version).examples)


def test_a_stage_that_is_registered_opens_nothing(policy: PolicyVersion, hears: models.ModelVersion) -> None:
    assert current_version(policy.policy.workspace, policy.policy.slug) == policy
    assert [(each.stage, each.measurement) for each in openable(policy)] == [(Stage.AUDIO, None)]


def test_a_stage_opens_after_it_was_measured(
    cast: Cast, policy: PolicyVersion, hears: models.ModelVersion
) -> None:
    with pytest.raises(NotPublished, match="measured"):
        stage_open(version=policy, model_version=hears, reason="It should hear too.", by=cast.steward)
    measured(policy, hears, cast)
    with pytest.raises(NotPublished, match="steward"):
        stage_open(version=policy, model_version=hears, reason="It should hear too.", by=cast.officer)
    made = stage_open(version=policy, model_version=hears, reason="It should hear too.", by=cast.steward)
    assert (made.spec.stage, made.model_version, made.number) == (Stage.AUDIO, hears, policy.number + 1)
    assert measurement_of(made) == measured_there(policy, hears)
    entries = LedgerEntry.objects.filter(subject=policy.policy_id).order_by("seq")
    assert [each.kind for each in entries][-3:] == ["evaluated", "stage_opened", "policy_published"]
    record = canonical.decode(bytes(entries.get(kind="stage_opened").body))["record"]
    assert record == {
        "policy": made.digest,
        "before": policy.digest,
        "stage": "audio",
        "stage_before": "image_text",
        "model": hears.digest,
        "evaluation": measurement_of(made).digest,
        "by": str(cast.steward.id),
    }


def test_what_was_measured_of_another_text_opens_nothing(
    cast: Cast, policy: PolicyVersion, hears: models.ModelVersion
) -> None:
    """What was measured at the policy's own stage, or of words that were changed since, says nothing."""
    measured(policy, hears, cast)
    label = Label(key="other", name_en="Other", name_ja="他", phrase="other")
    spec: PolicySpec = policy.spec.model_copy(update={"labels": (*policy.spec.labels, label)})
    policy.policy.versions.filter(pk=policy.pk).update(
        body=spec.model_dump(mode="json"), digest=digest_of(spec)
    )
    policy.refresh_from_db()
    with pytest.raises(NotPublished, match="measured"):
        stage_open(version=policy, model_version=hears, reason="It should hear too.", by=cast.steward)


def test_the_page_measures_and_opens(
    cast: Cast, client: Client, policy: PolicyVersion, hears: models.ModelVersion
) -> None:
    at = f"/policies/{policy.policy.slug}/{policy.number}/stage/"
    client.force_login(cast.officer)
    assert client.get(at).status_code == 403
    client.force_login(cast.steward)
    assert "Measure it at this stage" in client.get(at).content.decode()
    assert at in client.get("/models/").content.decode()
    early = client.post(at, {"stage": "audio", "step": "open", "reason": "It should hear too."})
    assert early.status_code == 422
    assert "Measure it first" in early.content.decode()
    assert client.post(at, {"stage": "video", "step": "measure"}).status_code == 404
    client.post(at, {"stage": "audio", "step": "measure"})
    held = studies.study_claim(None)
    assert held is not None
    assert studies.study_of(held).model_version == hears
    text = text_at(policy, hears)
    made = evaluation(digest_of(text), hears.digest, tuple(label.key for label in text.labels))
    studies.study_measured(held, made, usable(policy).examples)
    page = client.get(at).content.decode()
    assert "26 of 30" in page or "87" in page
    assert client.post(at, {"stage": "audio", "step": "open", "reason": " "}).status_code == 422
    done = client.post(at, {"stage": "audio", "step": "open", "reason": "It should hear too."})
    assert done["Location"].endswith(f"/{policy.number + 1}/")
    assert current_version(cast.workspace, policy.policy.slug).spec.stage is Stage.AUDIO


def test_another_workspace_sees_nothing(cast: Cast, client: Client, policy: PolicyVersion) -> None:
    client.force_login(cast.outsider)
    assert client.get(f"/policies/{policy.policy.slug}/{policy.number}/stage/").status_code == 404
