"""The vote of the detector beside the model: whom it is asked for, what it says, and how it decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import omnigov
from omnigov.contracts import MILLION, InferenceResult, LabelScore, ModelVersion, PolicySpec, Stage, Voice
from workers.omni import voting
from workers.omni.objects import Thing
from workers.omni.seen import Page, Seen, stretches_seen

BUILT_IN = Path(omnigov.__file__).parent / "policies" / "builtin"
SAMPLES = Path(__file__).parents[3] / "samples"
BOX = (0.1, 0.1, 0.3, 0.3)


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert progress is None or 0 <= progress <= 1


@pytest.fixture(scope="module")
def policy() -> PolicySpec:
    return PolicySpec.model_validate_json((BUILT_IN / "gate_camera.json").read_text(encoding="utf-8"))


def clip(pixels: np.ndarray) -> Seen:
    frames = [
        Page(number, pixels, (pixels.shape[1], pixels.shape[0]), at)
        for number, at in enumerate(stretches_seen(4000, 100))
    ]
    return Seen.of_clip(frames, (), "", 64)


def said_by_the_model(shares: dict[str, float]) -> InferenceResult:
    scores = tuple(
        LabelScore(label=label, log_likelihood=-MILLION, probability=round(share * MILLION))
        for label, share in sorted(shares.items(), key=lambda each: -each[1])
    )
    return InferenceResult(
        label=scores[0].label,
        scores=scores,
        confidence=scores[0].probability,
        confidence_kind="uncalibrated",
        abstained=False,
        reasons=("Because.",),
        prompt_digest="0" * 64,
        model=ModelVersion(name="tiny", stage=Stage.VIDEO, config_digest="0" * 64, files=()),
        device="cpu",
        dtype="float32",
        seed=1,
        libraries={},
        duration_ms=1,
    )


def test_the_built_in_policy_is_voted_on_and_others_are_not(policy: PolicySpec) -> None:
    assert policy.stage is Stage.VIDEO
    assert voting.votes_on(policy)
    assert policy.label("vehicle").severity == "high"
    other = (BUILT_IN / "what_is_shown.json").read_text(encoding="utf-8")
    assert not voting.votes_on(PolicySpec.model_validate_json(other))


def test_a_person_in_a_clip_is_somebody_and_an_empty_one_nobody() -> None:
    person = np.asarray(Image.open(SAMPLES / "astronaut.jpg").convert("RGB"))
    vote = voting.vote_on(clip(person), hook)
    assert vote.who == "objects"
    assert vote.label == "somebody"
    assert vote.counts["person"] >= 1
    assert sum(score.probability for score in vote.scores) == pytest.approx(MILLION, abs=3)
    nobody = voting.vote_on(clip(np.full((90, 160, 3), 120, np.uint8)), hook)
    assert (nobody.label, nobody.counts) == ("nobody", {})


def test_one_frame_alone_does_not_make_somebody() -> None:
    person, none = (Thing("person", 0.9, BOX),), ()
    assert max(voting.shares_of([person, *[none] * 7]).items(), key=lambda each: each[1])[0] == "nobody"
    assert max(voting.shares_of([person, person]).items(), key=lambda each: each[1])[0] == "somebody"
    both = ((Thing("person", 0.9, BOX), Thing("vehicle", 0.9, BOX)),) * 3
    assert max(voting.shares_of(both).items(), key=lambda each: each[1])[0] == "vehicle"
    assert voting.shares_of([])["nobody"] > 0.9


def test_the_vote_decides_with_the_model_and_both_are_kept(policy: PolicySpec) -> None:
    result = said_by_the_model({"nobody": 0.7, "somebody": 0.2, "vehicle": 0.1})
    vote = voting.vote_on(clip(np.asarray(Image.open(SAMPLES / "astronaut.jpg").convert("RGB"))), hook)
    made = voting.with_vote(result, vote, policy, decides=True)
    assert made.label == "somebody"
    assert [(voice.who, voice.label) for voice in made.voices] == [
        ("model", "nobody"),
        ("objects", "somebody"),
    ]
    assert made.confidence == made.scores[0].probability
    assert sum(score.probability for score in made.scores) == pytest.approx(MILLION, abs=3)
    assert made.reasons == (), "the model wrote them for another label"
    beside = voting.with_vote(result, vote, policy, decides=False)
    assert beside.label == "nobody"
    assert beside.voices == (vote,)


def test_joining_is_a_weighted_sum_of_logarithms(monkeypatch: pytest.MonkeyPatch) -> None:
    model, vote = {"a": 0.9, "b": 0.1}, {"a": 0.2, "b": 0.8}
    monkeypatch.setattr(voting, "USUAL", {"a": 0.0, "b": 0.0})
    monkeypatch.setattr(voting, "MODEL_COUNTS", 1.0)
    found = voting.joined(model, vote)
    assert found["a"] == pytest.approx(0.18 / (0.18 + 0.08))
    monkeypatch.setattr(voting, "MODEL_COUNTS", 0.0)
    assert voting.joined(model, vote)["b"] == pytest.approx(0.8)


def test_a_vote_is_a_voice_of_the_record() -> None:
    Voice.model_validate({"who": "objects", "label": "nobody", "counts": {"person": 2}})
