"""A policy is measured on redacted copies, and a model adapted to them, by a worker that holds the model."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from omnigov.contracts import digest_of
from omnigov.decisions.examples import usable
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import PolicyVersion
from omnigov.policies.queries import measurement_by, measurement_of
from omnigov.studio import studies
from omnigov.studio.models import Study
from omnigov.studio.promotion import promotion_decide, promotion_propose
from tests.conftest import Cast
from tests.omnigov import recorded
from tests.omnigov.recorded_examples import colours_kept
from workers.running import studying
from workers.running.deciding import decide

pytestmark = [pytest.mark.services, pytest.mark.long]


@pytest.fixture
def version(committed_cast: Cast) -> PolicyVersion:
    """A policy with six examples of each of its labels."""
    return colours_kept(committed_cast)


def ended(study: Study) -> Study:
    assert studying.study()
    study.refresh_from_db()
    assert study.state == "done", study.failure_sentence
    return study


def test_it_is_measured_then_adapted_on_the_same_examples(
    committed_cast: Cast, version: PolicyVersion
) -> None:
    people: Any = committed_cast
    study = ended(studies.study_ask(version=version, kind="evaluate", by=people.steward))
    found = measurement_of(version)
    assert found is not None
    assert (study.measurement, found.evaluation.n) == (found, 12)
    assert sorted(found.examples) == sorted(each.run.asset.commitment for each in usable(version).examples)

    study = ended(studies.study_ask(version=version, kind="adapt", by=people.steward))
    model = study.candidate
    assert model is not None
    assert (model.policy, model.base) == (version.policy_id, version.model_version)
    card = model.head.spec
    assert card.counts == (6, 6)
    assert card.measured.accuracy.value > 800_000
    assert measurement_by(version, model) == study.measurement
    kinds = set(LedgerEntry.objects.filter(subject=version.policy_id).values_list("kind", flat=True))
    assert {"evaluated", "adapted"} <= kinds

    # Measured again, each example is decided by fits that had not seen it.
    study = ended(studies.study_ask(version=version, kind="evaluate", by=people.steward, model_version=model))
    assert study.measurement is not None
    assert study.measurement.evaluation.out_of_fold == 12


def test_what_was_promoted_decides_and_the_record_says_so(
    committed_cast: Cast, version: PolicyVersion
) -> None:
    people: Any = committed_cast
    study = ended(studies.study_ask(version=version, kind="adapt", by=people.steward))
    model = study.candidate
    assert model is not None
    proposal = promotion_propose(
        version=version, model_version=model, reason="It is better.", by=people.steward
    )
    newest = promotion_decide(proposal_id=proposal.pk, promote=True, by=people.officer)
    assert newest is not None
    content = recorded.png("red", (64, 48))
    batch = recorded.batch_of(newest, people.operator, ("red.png", content))
    run = recorded.run_of(batch.submissions.get())
    recorded.redact(run, Image.open(io.BytesIO(content)), [])
    decide([recorded.claim(run, "decide")])
    run.refresh_from_db()
    decision = run.decision
    result = run.inference_result
    assert result is not None
    assert digest_of(result.model) == model.digest
    assert (decision.confidence_kind, decision.measurement) == ("calibrated", study.measurement)
    assert {"head", "model"} <= {voice.who for voice in result.voices}
    assert "not_measured" not in decision.review_reasons


def test_a_worker_that_leaves_gives_it_back(committed_cast: Cast, version: PolicyVersion) -> None:
    people: Any = committed_cast
    study = studies.study_ask(version=version, kind="evaluate", by=people.steward)
    studying.process.leaving.set()
    try:
        assert studying.study()
    finally:
        studying.process.leaving.clear()
    study.refresh_from_db()
    assert (study.state, study.tries, study.lease_token) == ("waiting", 0, None)
    Study.objects.filter(pk=study.pk).update(state="failed")  # it would wait for the next test


def test_without_enough_left_it_ends_with_a_sentence(
    committed_cast: Cast, version: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    people: Any = committed_cast
    study = studies.study_ask(version=version, kind="adapt", by=people.steward)
    few = usable(version)
    monkeypatch.setattr(studying, "usable", lambda _: few.__class__(few.examples[:3], 0, 0))
    assert studying.study()
    study.refresh_from_db()
    assert (study.state, study.failure_code) == ("failed", "not_enough")
    assert "add more" in study.failure_sentence
