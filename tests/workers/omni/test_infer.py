"""Results for the record: sorted scores, shares that sum to one, the same every time; and the real model."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from omnigov.contracts import MILLION, ModelVersion, PolicySpec, Refused, Stage
from workers import omni, weights
from workers.alignment.command import POLICY_FILE
from workers.omni.infer import infer_together
from workers.omni.model import OmniModel
from workers.omni.seen import Seen

infer_module = importlib.import_module("workers.omni.infer")  # the package has a function of that name

inferring = sys.modules["workers.omni.infer"]  # the package has a function of that name
SAMPLES = Path(__file__).parents[3] / "samples"
VERSION = ModelVersion(name="tiny", stage=Stage.IMAGE_TEXT, config_digest="0" * 64, files=())


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert progress is None or 0 <= progress <= 1


def run(
    model: OmniModel, policy: PolicySpec, pictures: list[np.ndarray], seed: int = 5
) -> list[dict[str, Any]]:
    made = infer_together(
        model,
        VERSION,
        [Seen.of_picture(p) for p in pictures],
        policy,
        seeds=[seed] * len(pictures),
        hook=hook,
    )
    return [result.model_dump(exclude={"duration_ms"}) for result in made]


def test_scores_are_sorted_and_the_first_is_the_decision(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    for result in run(tiny, policy, pictures):
        likelihoods = [score["log_likelihood"] for score in result["scores"]]
        assert likelihoods == sorted(likelihoods, reverse=True)
        assert likelihoods[0] < 0
        assert {score["label"] for score in result["scores"]} == {label.key for label in policy.labels}
        assert abs(sum(score["probability"] for score in result["scores"]) - MILLION) <= len(policy.labels)
        assert result["label"] == result["scores"][0]["label"]
        assert result["confidence"] == result["scores"][0]["probability"]
        assert result["confidence_kind"] == "uncalibrated"
        assert (result["device"], result["dtype"], result["seed"]) == ("cpu", "float32", 5)


def test_the_same_seed_gives_the_same_result(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    assert run(tiny, policy, pictures) == run(tiny, policy, pictures)


def test_it_abstains_below_the_policys_bound(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    sure = policy.model_copy(update={"abstain_below": MILLION})
    assert all(result["abstained"] for result in run(tiny, sure, pictures))
    assert not any(result["abstained"] for result in run(tiny, policy, pictures))


def test_scores_that_are_no_numbers_decide_nothing(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_numbers(*given: Any) -> torch.Tensor:
        return label_scores(*given) * float("nan")

    label_scores = inferring.label_scores
    monkeypatch.setattr(inferring, "label_scores", no_numbers)
    with pytest.raises(Refused, match="are not numbers, so nothing was decided"):
        run(tiny, policy, pictures[:1])


def test_another_question_is_another_prompt(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    other = policy.model_copy(update={"question": "Which one?"})
    first, second = run(tiny, policy, pictures[:1])[0], run(tiny, other, pictures[:1])[0]
    assert first["prompt_digest"] != second["prompt_digest"]
    assert first["scores"] != second["scores"]


def test_a_stage_without_a_connector_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infer_module, "STAGES", (Stage.IMAGE_TEXT,))
    monkeypatch.setenv("OMNIGOV_DTYPE", "bfloat16")  # of which no stage is kept in memory
    with pytest.raises(omni.StageNotAligned, match="another stage"):
        omni.load(Stage.VIDEO, device="cpu")


def test_a_picture_is_asked_and_scored_as_before_there_were_segments(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    made = run(tiny, policy, pictures)
    assert {result["prompt_digest"] for result in made} == {
        "10537f7320b2fedd77827406bd13db31a10fe5c77227800553d6a146e139ed4d"
    }
    assert [result["scores"][0]["log_likelihood"] for result in made] == pytest.approx(
        [-16755478, -16756067, -16758224], abs=5
    )
    assert all("seen" not in result for result in made)


@pytest.mark.long
def test_the_real_model_asks_and_scores_a_picture_as_before_there_were_segments() -> None:
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    with Image.open(SAMPLES / "cat.jpg") as picture:
        seen = Seen.of_picture(np.asarray(picture.convert("RGB")))
    (result,) = omni.infer([seen], [policy], seeds=[1], hook=hook)
    assert result.prompt_digest == "982189c3c596ab62e5dde58707ba43fe3e3e49349ec1e3719a03e068cc11b42c"
    assert result.label == "animal"
    assert result.scores[0].log_likelihood == pytest.approx(-684131, abs=2000)
    assert result.scores[0].joined is None, "the connector learned these words"
    assert result.other_order is not None
    assert result.other_order.label == "animal"
    assert "space" in {file.role for file in result.model.files}, "the version's digest covers it"


@pytest.mark.long
def test_the_shipped_model_scores_words_that_are_new_to_it_by_nearness_too() -> None:
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    named = {"animal": "creature", "vehicle": "conveyance"}
    labels = [
        label.model_copy(update={"phrase": named.get(label.key, label.phrase)}) for label in policy.labels
    ]
    policy = policy.model_copy(update={"labels": tuple(labels)})
    with Image.open(SAMPLES / "cat.jpg") as picture:
        seen = Seen.of_picture(np.asarray(picture.convert("RGB")))
    (result,) = omni.infer([seen], [policy], seeds=[1], hook=hook)
    assert result.label == "animal"
    near = {score.label: score.similarity or 0 for score in result.scores}
    assert max(near, key=near.__getitem__) == "animal"


@pytest.mark.long
def test_the_real_model_infers_a_batch_as_it_infers_each_alone() -> None:
    from workers.alignment.command import DATA, stamps_of
    from workers.alignment.views import picture_of, plain_view
    from workers.weights import datasets

    try:
        datasets.path(DATA)
    except weights.WeightsUnavailable as missing:
        pytest.skip(str(missing))
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    stamps = [stamp for stamp in stamps_of(None).held_out if stamp.kind in ("food", "animal", "vehicle")][::8]
    views = [plain_view(picture_of(stamp), 300) for stamp in stamps]
    seen = [Seen.of_picture(view) for view in views]
    together = omni.infer(seen, [policy] * len(views), seeds=[1] * len(views), hook=hook)
    for view, result in zip(views, together, strict=True):
        alone = omni.infer([Seen.of_picture(view)], [policy], seeds=[1], hook=hook)[0]
        assert (alone.label, alone.reasons) == (result.label, result.reasons)
        assert abs(alone.confidence - result.confidence) < 1000
        assert result.model == weights.model_version(Stage.IMAGE_TEXT)
        assert result.reasons
    assert sum(r.label == s.kind for r, s in zip(together, stamps, strict=True)) >= len(stamps) * 0.6
