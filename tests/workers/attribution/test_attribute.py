"""Attributions add up to the score's change, keep to their shapes, and rest on what the score rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from omnigov.contracts import MILLION, Label, PolicySpec
from workers import omni, weights
from workers.attribution import path
from workers.attribution.asked import (
    asked_of,
    blank_patches_of,
    blank_picture,
    contents_of,
    embedded_picture,
)
from workers.attribution.attribute import Contrast, attribute_with, explain, margin
from workers.attribution.blanks import blanks_of
from workers.attribution.parts import ground_of
from workers.omni.config import TINY
from workers.omni.model import OmniModel, new_model
from workers.omni.prompt import about, build_prompt
from workers.omni.score import label_scores, read_pictures, read_question
from workers.omni.seen import Seen


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    pass


@pytest.fixture(scope="module")
def tiny() -> OmniModel:
    return new_model(TINY)


@pytest.fixture(scope="module")
def policy() -> PolicySpec:
    words = ("cat", "steam engine", "tree")
    return PolicySpec(
        question="What is it?",
        labels=tuple(Label(key=w.replace(" ", "_"), phrase=w, name_en=w, name_ja=w) for w in words),
    )


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(4).integers(0, 256, size=(50, 70, 3), dtype=np.uint8)


def score_of(model: OmniModel, policy: PolicySpec, picture: np.ndarray) -> torch.Tensor:
    prompt = build_prompt(policy, model.words)
    with torch.inference_mode():
        read = read_pictures(model, model.patches([picture]), prompt, read_question(model, prompt))
        return label_scores(model, read, prompt)[0]


def test_patch_embeddings_average_to_what_the_connector_gives(tiny: OmniModel, picture: np.ndarray) -> None:
    with torch.no_grad():
        tokens = tiny.connector(tiny.patches([picture]).clone())
        gathered = tiny.connector.gather(embedded_picture(tiny, picture))
    assert torch.allclose(tokens, gathered, atol=1e-5)


@pytest.mark.parametrize("label", ["cat", "steam_engine"])
def test_attributions_sum_to_the_scores_change(
    tiny: OmniModel, policy: PolicySpec, picture: np.ndarray, label: str
) -> None:
    result = attribute_with(tiny, Seen.of_picture(picture), policy, label, 32, hook=hook)
    assert result.completeness_gap <= max(2000, abs(result.total) // 50)
    summed = sum(map(sum, result.grid)) + sum(token.value for token in result.tokens) + result.extent
    assert abs(abs(summed - result.total) - result.completeness_gap) < 100  # each part is rounded once


def test_steps_double_and_close_the_gap(
    tiny: OmniModel, policy: PolicySpec, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(path, "GAP_SHARE", 0.0)
    monkeypatch.setattr(path, "GAP_FLOOR", 0.0)
    asked = asked_of(tiny, build_prompt(policy, tiny.words), policy, ("cat",))
    contents = contents_of(tiny, asked.prompt, Seen.of_picture(picture))

    def score(given: torch.Tensor) -> torch.Tensor:
        return asked.of_media(given)[:, 0]

    with torch.no_grad():
        change = float(score(contents.actual[0]) - score(contents.blank[0]))
    found = [
        path.along(score, contents, change, first=2, most=most, at_once=8) for most in (2, 4, 5, 9, 16, 17)
    ]
    assert [each.points for each in found] == [2, 2, 5, 9, 9, 17]
    assert found[-1].gap < found[2].gap < found[0].gap


def test_the_end_of_the_path_is_the_score_of_the_record(
    tiny: OmniModel, policy: PolicySpec, picture: np.ndarray
) -> None:
    """The patches' part alone is the picture's score less the blank picture's, as `score` computes both."""
    result = attribute_with(tiny, Seen.of_picture(picture), policy, "steam_engine", 64, hook=hook)
    change = (
        score_of(tiny, policy, picture)[1]
        - score_of(tiny, policy, blank_picture(tiny, ground_of(picture)))[1]
    )
    assert sum(map(sum, result.grid)) / MILLION == pytest.approx(change.item(), abs=2e-3)


def test_shapes_and_words(tiny: OmniModel, policy: PolicySpec, picture: np.ndarray) -> None:
    result = attribute_with(tiny, Seen.of_picture(picture), policy, "cat", hook=hook)
    assert [len(row) for row in result.grid] == [TINY.grid] * TINY.grid
    text = "".join(token.text for token in result.tokens)
    assert text == "What is it? Answer with one of: cat, steam engine, tree."
    assert 0 < result.picture_share < MILLION
    assert result.steps >= 4


def test_no_weight_gathers_a_gradient(tiny: OmniModel, policy: PolicySpec, picture: np.ndarray) -> None:
    model = new_model(TINY).requires_grad_(False)
    attribute_with(model, Seen.of_picture(picture), policy, "cat", hook=hook)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_blank_picture_gets_nothing(tiny: OmniModel, policy: PolicySpec) -> None:
    result = attribute_with(
        tiny, Seen.of_picture(blank_picture(tiny, (248, 240, 8))), policy, "cat", hook=hook
    )
    assert {value for row in result.grid for value in row} == {0}


def test_an_unknown_label_is_refused(tiny: OmniModel, policy: PolicySpec, picture: np.ndarray) -> None:
    with pytest.raises(KeyError, match="no label 'dog'"):
        attribute_with(tiny, Seen.of_picture(picture), policy, "dog", hook=hook)


@pytest.mark.long
def test_blanking_the_strongest_patches_costs_more_than_blanking_others(tmp_path: Path) -> None:
    """Deletion (Samek et al., 2017) over held-out pictures: the named patches against seeded random ones."""
    from workers.alignment.command import DATA, POLICY_FILE, stamps_of
    from workers.alignment.views import picture_of, plain_view
    from workers.weights import datasets

    try:
        datasets.path(DATA)
    except weights.WeightsUnavailable as missing:
        pytest.skip(str(missing))
    policy = PolicySpec.model_validate_json(POLICY_FILE.read_text(encoding="utf-8"))
    model = omni.load(device="cpu")
    prompt = build_prompt(policy, model.words)
    keys = [label.key for label in policy.labels]
    random = np.random.default_rng(11)
    grid, take = model.config.grid, 10
    named, others = [], []
    for stamp in stamps_of(None).held_out[::25]:
        picture = plain_view(picture_of(stamp), 224)
        scores = score_of(model, policy, picture)
        label = int(scores.argmax())
        result = attribute_with(
            model, Seen.of_picture(picture), policy, keys[label], 8, hook=hook, kept=tmp_path
        )
        order = np.argsort(-np.asarray(result.grid).ravel())
        actual = embedded_picture(model, picture)
        blank = embedded_picture(model, blank_picture(model))
        chosen = [order[:take], *(random.permutation(grid * grid)[:take] for _ in range(6))]
        rows = actual.repeat(len(chosen), 1, 1)
        for row, patches in enumerate(chosen):
            rows[row, torch.from_numpy(patches.copy())] = blank[0, torch.from_numpy(patches.copy())]
        asked = asked_of(model, prompt, policy, (keys[label],))
        with torch.no_grad():
            drops = scores[label] - asked.of_media(rows)[:, 0]
        named.append(drops[0].item())
        others.append(drops[1:].mean().item())
    print("mean drop in nats: named", np.mean(named), "random", np.mean(others))
    assert np.mean(named) > 1.5 * np.mean(others)


def test_blank_pictures_are_scored_once_for_all_labels_as_each_pair_would_be(
    tiny: OmniModel, policy: PolicySpec
) -> None:
    """And a score that is known already changes nothing."""
    pixels = np.random.default_rng(3).integers(0, 256, size=(40, 40, 3), dtype=np.uint8)
    seen = Seen.of_picture(pixels)
    keys = [label.key for label in policy.labels][:2]
    prompt = about(build_prompt(policy, tiny.words), seen, policy, tiny.words)
    asked = asked_of(tiny, prompt, policy, keys)
    found = blanks_of(tiny, policy, seen)
    blank = blank_patches_of(tiny, ground_of(pixels))
    rows = [0, 1]
    assert torch.allclose(found.asked[:, rows], asked.of_media(blank), atol=1e-4)
    assert torch.allclose(found.unasked[:, rows], asked.without_question().of_media(blank), atol=1e-4)
    contents = contents_of(tiny, prompt, seen)
    score = float(margin(asked.of_media(*contents.actual))[0])
    plain = explain(tiny, seen, policy, Contrast(*keys), 6, hook=hook)
    given = explain(tiny, seen, policy, Contrast(*keys, score=score), 6, hook=hook)
    assert given.total == pytest.approx(plain.total, abs=200)
    assert np.allclose(given.grid, plain.grid, atol=200)
    for one, other in zip(given.coalitions, plain.coalitions, strict=True):
        assert one.members == other.members
        assert one.score == pytest.approx(other.score, abs=200)
