"""The joined score: what it adds up, prefixes, orders, Japanese, labels that are alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from omnigov.contracts import Interval, Label, ModelVersion, PolicySpec, Stage
from workers.attribution.asked import asked_of, contents_of
from workers.omni import joined as joining
from workers.omni.config import TINY
from workers.omni.infer import LabelsAlike, infer_together
from workers.omni.model import OmniModel, new_model
from workers.omni.prompt import FrameSegment, about, build_prompt
from workers.omni.seen import Page, Seen
from workers.omni.space import TINY_SPACE, new_space, phrase_vectors

VERSION = ModelVersion(name="tiny", stage=Stage.IMAGE_TEXT, config_digest="0" * 64, files=())


def silent(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert step


@pytest.fixture(scope="module")
def spaced() -> OmniModel:
    model = new_model(TINY)
    model.join(new_space(TINY_SPACE))
    assert model.space is not None
    torch.manual_seed(5)
    model.space.references.copy_(torch.randn_like(model.space.references) * 0.1)
    return model


def asked_about(model: OmniModel, policy: PolicySpec, media: list[Seen]) -> list[dict]:  # type: ignore[type-arg]
    made = infer_together(model, VERSION, media, policy, seeds=[1] * len(media), hook=silent)
    return [one.model_dump() for one in made]


def policy_of(*phrases: str) -> PolicySpec:
    labels = tuple(Label(key=f"k{i}", phrase=p, name_en=p, name_ja=p) for i, p in enumerate(phrases))
    return PolicySpec(question="What is it?", labels=labels, reasons_max_tokens=2)


def test_a_score_is_likelihood_beyond_the_prior_and_similarity(
    spaced: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    config = TINY_SPACE
    for result in asked_about(spaced, policy, [Seen.of_picture(p) for p in pictures]):
        for score in result["scores"]:
            parts = config.likelihood * (score["log_likelihood"] - score["prior"])
            assert score["joined"] == pytest.approx(parts + config.similarity * score["similarity"], abs=60)
        assert [s["joined"] for s in result["scores"]] == sorted(
            (s["joined"] for s in result["scores"]), reverse=True
        )
        assert result["other_order"]["label"] in {label.key for label in policy.labels}


def test_the_order_of_a_policys_labels_changes_nothing(spaced: OmniModel, pictures: list[np.ndarray]) -> None:
    words = ["cat", "steam engine", "tree", "ox"]
    found = []
    for order in (words, words[::-1], [words[2], words[0], words[3], words[1]]):
        policy = policy_of(*order)
        result = asked_about(spaced, policy, [Seen.of_picture(pictures[0])])[0]
        found.append({policy.label(s["label"]).phrase: s["joined"] for s in result["scores"]})
    assert all(one == pytest.approx(found[0], abs=60) for one in found)


def test_the_other_order_is_another_question(spaced: OmniModel, policy: PolicySpec) -> None:
    there, back = (build_prompt(policy, spaced.words, backwards=turned) for turned in (False, True))
    assert there.before != back.before
    assert there.labels == back.labels


def test_a_label_that_begins_another_is_scored_with_its_end(spaced: OmniModel) -> None:
    prompt = joining.with_ends(build_prompt(policy_of("ice", "ice cream"), spaced.words))
    assert prompt.labels[1][: len(prompt.labels[0])] != prompt.labels[0]


def test_labels_that_differ_in_nothing_are_refused(spaced: OmniModel, pictures: list[np.ndarray]) -> None:
    with pytest.raises(LabelsAlike, match="words of its own"):
        asked_about(spaced, policy_of("Cat", " cat "), [Seen.of_picture(pictures[0])])


@pytest.mark.parametrize(
    ("label", "english"),
    [
        (Label(key="a", phrase="動物", name_en="Animal", name_ja="動物"), ("animal",)),
        (
            Label(key="a", phrase="乗り物", name_en="乗り物", name_ja="乗り物"),
            ("vehicle", "conveyance", "transport"),
        ),
        (Label(key="a", phrase="ムロヌケ", name_en="ムロヌケ", name_ja="ムロヌケ"), ()),
        (Label(key="a", phrase="cat", name_en="Feline", name_ja="猫"), ("cat",)),
    ],
)
def test_a_japanese_label_is_known_by_its_english_too(label: Label, english: tuple[str, ...]) -> None:
    assert joining.english_of(label) == english
    assert joining.phrases_of(label)[0] == label.phrase


def test_what_is_explained_is_what_was_scored(
    spaced: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    """Priors included: what a head is given of the score is the whole of it."""
    keys = [label.key for label in policy.labels]
    pages = [Page(number, pixels, (40, 30)) for number, pixels in enumerate(pictures[:2])]
    for seen in (
        Seen.of_picture(pictures[0]),
        Seen.of_text("some words of a text", 64, pages),
        Seen.of_text("some words of a text", 64),
    ):
        result = asked_about(spaced, policy, [seen])[0]
        scored = {s["label"]: s.get("joined", s["log_likelihood"]) for s in result["scores"]}
        prompt = about(build_prompt(policy, spaced.words), seen, policy, spaced.words)
        asked = asked_of(spaced, prompt, policy, keys[:2])
        with torch.no_grad():
            first, second = asked.of_media(*contents_of(spaced, prompt, seen).actual)[0].tolist()
        assert (first - second) * 1e6 == pytest.approx(scored[keys[0]] - scored[keys[1]], abs=300)


def test_of_a_single_label_its_own_words_are_near_or_not(
    spaced: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    keys = [label.key for label in policy.labels][:2]
    seen = Seen.of_picture(pictures[0])
    prompt = about(build_prompt(policy, spaced.words), seen, policy, spaced.words)
    asked, given = asked_of(spaced, prompt, policy, keys), contents_of(spaced, prompt, seen).actual
    with torch.no_grad():
        both = asked.of_media(*given)[0]
        each = [asked.of_one(index).of_media(*given)[0] for index in range(2)]
    assert torch.allclose(torch.cat(each), both, atol=1e-4)


def test_of_all_but_open_labels_of_a_picture_the_likelihood_decides_alone(
    spaced: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    """As it does in a model without a space, of the same question to the last digit; the order is turned."""
    assert spaced.space is not None
    plain, learning = new_model(TINY), new_model(TINY)
    plain.words = replace(plain.words, alphabetical=True)
    learned = tuple(label.phrase for label in policy.labels)
    learning.join(new_space(TINY_SPACE.model_copy(update={"learned": learned})))
    page = Page(0, pictures[0], (40, 30))
    for model, seen in (
        (spaced, Seen.of_text("some words of a text", 64)),
        (spaced, Seen.of_text("some words of a text", 64, [page])),
        (learning, Seen.of_picture(pictures[0])),
    ):
        ours, theirs = asked_about(model, policy, [seen])[0], asked_about(plain, policy, [seen])[0]
        assert ours["scores"] == theirs["scores"]
        assert all(s.keys().isdisjoint({"joined", "prior", "similarity"}) for s in ours["scores"])
        assert "other_order" not in theirs
        assert ours["other_order"]["label"] in {label.key for label in policy.labels}


def test_labels_are_open_where_the_connector_learned_not_all_of_them(
    spaced: OmniModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spaced.space is not None
    config = spaced.space.config.model_copy(update={"learned": ("cat", "dog", "ox")})
    monkeypatch.setattr(spaced.space, "config", config)

    def opened(*words: str) -> bool:
        policy = policy_of(*words)
        return joining.joins(spaced, build_prompt(policy, spaced.words), policy)

    assert not opened("cat", "dog")
    assert not opened(" Cat ", "DOG", "ox")
    assert opened("cat", "horse")
    policy = policy_of("cat", "horse")
    clip = replace(
        build_prompt(policy, spaced.words), segments=(FrameSegment(at=Interval(start=0, end=500)),)
    )
    assert not joining.joins(spaced, clip, policy)
    assert not joining.joins(new_model(TINY), build_prompt(policy, spaced.words), policy)


def test_the_prior_is_kept_and_read_again(
    spaced: OmniModel, policy: PolicySpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = build_prompt(policy, spaced.words)
    joining._prior.cache_clear()
    monkeypatch.setattr(spaced, "kept", tmp_path / "priors")
    found = joining.prior_of(spaced, prompt)
    (file,) = (tmp_path / "priors").iterdir()
    joining._prior.cache_clear()
    monkeypatch.setattr(joining, "label_scores", None)
    assert torch.equal(joining.prior_of(spaced, prompt), found)
    monkeypatch.undo()
    for bad in ("[1.0]", "[", '["a", "b"]', str([float("nan")] * len(policy.labels))):
        file.write_text(bad)
        joining._prior.cache_clear()
        monkeypatch.setattr(spaced, "kept", tmp_path / "priors")
        assert torch.allclose(joining.prior_of(spaced, prompt), found, atol=1e-5)
        assert len(file.read_text()) > len(bad)


def test_pictures_and_phrases_are_units_whatever_their_number(
    spaced: OmniModel, pictures: list[np.ndarray]
) -> None:
    assert spaced.space is not None
    vectors = phrase_vectors(spaced, ["a", "some longer words", "動物"])
    alone = phrase_vectors(spaced, ["some longer words"])
    assert torch.allclose(vectors.norm(dim=-1), torch.ones(3), atol=1e-5)
    assert torch.allclose(vectors[1], alone[0], atol=1e-4)
    assert torch.allclose(
        spaced.space.pictures(spaced.patches(pictures)).norm(dim=-1), torch.ones(3), atol=1e-5
    )
