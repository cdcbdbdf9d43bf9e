"""Adaptation on a tiny model: a head that has learned, that is bound, calibrated and honest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from omnigov.contracts import MILLION, Head, Label, ModelVersion, PolicySpec, Stage, WeightFile, digest_of
from omnigov.contracts.evaluation import NOTHING, Caution
from workers.alignment.adapting import adapt, folds, forecast
from workers.alignment.examples import Example, NotEnough, known
from workers.alignment.fitting import STRENGTHS, Way, fit
from workers.alignment.measures import calibration, measured, threshold_for
from workers.evaluation.evaluating import evaluate
from workers.omni.config import TINY
from workers.omni.features import NEAR, keyed, mark
from workers.omni.heads import HeadUnfit, head_from
from workers.omni.model import OmniModel, new_model
from workers.omni.seen import Seen
from workers.omni.space import TINY_SPACE, new_space

COLOURS = {"red": (200, 40, 40), "green": (40, 200, 40), "blue": (40, 40, 200)}
BASE = ModelVersion(
    name="tiny",
    stage=Stage.IMAGE_TEXT,
    config_digest="0" * 64,
    files=(WeightFile(name="tiny", role="vision_tower", sha256="1" * 64),),
)


def policy_of(labels: Sequence[str], question: str = "Which colour is it?") -> PolicySpec:
    return PolicySpec(
        question=question,
        labels=tuple(Label(key=key, phrase=key, name_en=key, name_ja=key) for key in labels),
        reasons_max_tokens=0,
    )


POLICY = policy_of(list(COLOURS))


def silent(step: str, artefact: object = None, progress: float | None = None) -> None:
    """Nobody listens."""


def coloured(per_label: int, seed: int, noise: float = 40) -> list[Example]:
    random = np.random.default_rng(seed)
    found = []
    for label, colour in COLOURS.items():
        for _ in range(per_label):
            pixels = np.asarray(colour) + random.normal(0, noise, (24, 24, 3))
            found.append(Example(Seen.of_picture(pixels.clip(0, 255).astype(np.uint8)), label))
    return found


@pytest.fixture(scope="module")
def model() -> OmniModel:
    return new_model(TINY)


@pytest.fixture(scope="module")
def adapted(model: OmniModel) -> tuple[bytes, Head]:
    return adapt(coloured(10, 1), POLICY, silent, model=model, version=BASE)


def test_a_head_learns_what_the_model_does_not_know(model: OmniModel, adapted: tuple[bytes, Head]) -> None:
    file, card = adapted
    ask = partial(evaluate, coloured(40, 2), POLICY, hook=silent, model=model, version=BASE)

    found, alone = ask(file), ask(None)

    assert found.accuracy.value > 950_000 > alone.accuracy.value
    assert found.calibrated
    assert not alone.calibrated
    assert alone.threshold == NOTHING
    assert found.out_of_fold == 0
    assert {"majority", "chance", "linear_probe", "blind", "model_alone"} == {b.name for b in found.baselines}
    assert {"majority", "chance", "linear_probe", "blind"} == {b.name for b in alone.baselines}
    assert card.counts == (10, 10, 10)
    assert sum(each.chosen for each in card.candidates) == 1
    assert card.measured.out_of_fold == card.measured.n == 30


def test_examples_that_it_was_fitted_on_are_decided_by_who_had_not_seen_them(model: OmniModel) -> None:
    random = np.random.default_rng(0)
    by_lot = [Example(each.seen, str(random.choice(["red", "green", "blue"]))) for each in coloured(20, 3)]
    file, card = adapt(by_lot, POLICY, silent, model=model, version=BASE)

    again = evaluate(by_lot, POLICY, file, silent, model=model, version=BASE)

    assert again.out_of_fold == again.n == 60
    assert again.accuracy == card.measured.accuracy
    assert again.accuracy.low < 400_000, "labels drawn by lot can't be learned"
    assert again.threshold == NOTHING
    assert Caution.NOTHING_DECIDED in again.cautions
    assert Caution.NOT_BETTER in again.cautions


def test_a_head_is_bound_to_its_policy_and_model(model: OmniModel, adapted: tuple[bytes, Head]) -> None:
    file, card = adapted
    assert card.policy_digest == digest_of(POLICY)
    assert head_from(file).policy_digest == digest_of(POLICY)
    other = policy_of(list(COLOURS), "Another question?")
    with pytest.raises(HeadUnfit, match="another policy"):
        evaluate(coloured(2, 1), other, file, silent, model=model, version=BASE)
    moved = BASE.model_copy(update={"files": (BASE.files[0].model_copy(update={"sha256": "2" * 64}),)})
    with pytest.raises(HeadUnfit, match="another model"):
        evaluate(coloured(2, 1), POLICY, file, silent, model=model, version=moved)
    with pytest.raises(HeadUnfit, match="no head"):
        head_from(file[:100])


def test_the_same_examples_and_seed_give_the_same_file(model: OmniModel, adapted: tuple[bytes, Head]) -> None:
    file, card = adapt(coloured(10, 1), POLICY, silent, model=model, version=BASE)
    assert file == adapted[0]
    assert card.file_digest == adapted[1].file_digest
    shares = head_from(file).out_of_fold.sum(1)
    assert np.allclose(shares, 1, atol=1e-4)


def test_too_few_examples_are_refused_in_words(model: OmniModel) -> None:
    with pytest.raises(NotEnough, match="red has 4"):
        adapt(coloured(4, 1), POLICY, silent, model=model, version=BASE)
    same = [Example(each.seen, each.label) for each in coloured(1, 1) for _ in range(9)]
    with pytest.raises(NotEnough, match="red has 1"):
        adapt(same, POLICY, silent, model=model, version=BASE)
    with pytest.raises(NotEnough, match="no label purple"):
        adapt([Example(coloured(1, 1)[0].seen, "purple")], POLICY, silent, model=model, version=BASE)


def test_what_says_nothing_is_left_out_and_counted(model: OmniModel) -> None:
    some = coloured(2, 1)
    given = [*some, some[0], Example(some[1].seen, "blue"), Example(Seen(text=" "), "red")]
    material = known(given, POLICY, silent, model=model, version=BASE)
    assert len(material) == 5
    assert {each.code: each.n for each in material.left_out} == {"contradicting": 1, "twice": 1, "empty": 1}


def test_texts_are_examples_too(model: OmniModel) -> None:
    words = {"red": "stop stop stop", "green": "go on go on", "blue": "wait wait wait"}
    texts = [Example(Seen(text=f"{words[label]} {number}"), label) for label in words for number in range(8)]
    file, card = adapt(texts, POLICY, silent, model=model, version=BASE)
    assert card.measured.accuracy.value > 800_000
    assert not any("pooled" in each.name for each in card.candidates)
    found = evaluate(texts[:3], POLICY, file, silent, model=model, version=BASE)
    assert found.n == 3


def test_a_group_stays_in_one_fold(model: OmniModel) -> None:
    given = [
        Example(each.seen, each.label, group=f"{each.label}-{number % 5}")
        for number, each in enumerate(coloured(10, 1))
    ]
    material = known(given, POLICY, silent, model=model, version=BASE)
    fold = folds(material, 3, 0)
    for group in set(material.groups):
        assert len({int(f) for f, g in zip(fold, material.groups, strict=True) if g == group}) == 1
    assert all(len(set(material.truth[fold == number])) == 3 for number in range(3))


def test_a_head_names_its_examples_by_their_keys_alone(model: OmniModel) -> None:
    given = [replace(each, key=bytes([n]) * 32) for n, each in enumerate(coloured(6, 1))]
    file, card = adapt(given, POLICY, silent, model=model, version=BASE)
    plain = [mark(each.seen) for each in given]
    assert not any(bytes.fromhex(each) in file for each in plain)
    lines = sorted(f"{each} {example.label}\n" for each, example in zip(plain, given, strict=True))
    guessed = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert guessed not in (card.examples_digest, card.measured.examples_digest)
    again = evaluate(given, POLICY, file, silent, model=model, version=BASE)
    assert again.out_of_fold == 18
    without = [replace(each, key=bytes(32)) for each in given[1:]]
    assert evaluate(without, POLICY, file, silent, model=model, version=BASE).out_of_fold == 0


def test_a_head_from_before_marks_had_keys_is_still_read(model: OmniModel) -> None:
    given = coloured(6, 1)
    head = head_from(adapt(given, POLICY, silent, model=model, version=BASE)[0])
    plain = {keyed(mark(each.seen), each.key): mark(each.seen) for each in given}
    before = replace(head, keyed=False, marks=tuple(plain[each] for each in head.marks)).to_bytes()
    assert b"head-1" in before
    again = evaluate(given, POLICY, before, silent, model=model, version=BASE)
    assert again.out_of_fold == 18


def test_a_threshold_reckons_with_one_error_more() -> None:
    confidence, right = np.linspace(0.99, 0.5, 40), np.ones(40, bool)
    assert threshold_for(confidence[:18], right[:18], 50_000) == NOTHING
    assert threshold_for(confidence[:19], right[:19], 50_000) == round(confidence[18] * MILLION)
    right[30:] = False
    chosen = threshold_for(confidence, right, 50_000)
    assert round(confidence[29] * MILLION) == chosen
    assert threshold_for(np.full(40, 0.9), right, 50_000) == NOTHING, "equal ones stand or fall together"


def test_calibration_error_of_what_promises_too_much() -> None:
    right = np.arange(200) % 2 == 0
    assert calibration(np.full(200, 0.5), right)[0] < 30_000
    error, bins = calibration(np.full(200, 0.9), right)
    assert error == pytest.approx(400_000, abs=1000)
    assert sum(each.n for each in bins) == 200


def test_a_forecast_follows_the_curve() -> None:
    from omnigov.contracts import CurvePoint

    points = [
        CurvePoint(per_label=n, accuracy=measured(round(1000 * (1 - 0.8 / n)), 1000)) for n in (2, 4, 8)
    ]
    found = forecast(points, 2, 1000, 0)
    assert found is not None
    assert found.accuracy.value == pytest.approx((1 - 0.8 / 18) * MILLION, abs=15_000)
    assert found.accuracy.low <= found.accuracy.value <= found.accuracy.high
    assert forecast(points[:2], 2, 1000, 0) is None


def test_prototypes_begin_at_the_labels_words_and_move_with_examples() -> None:
    """Held hard the nearest words win; held loosely the examples do, where the words mislead."""
    random = np.random.default_rng(6)
    words = np.eye(3, 8)
    truth = np.repeat(np.arange(3), 8)
    way = Way("prototypes", (NEAR,), started=True)

    def near(labels: np.ndarray) -> np.ndarray:
        rows = words[labels] + random.normal(0, 0.2, (len(labels), 8))
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))

    def said(shown: np.ndarray, strength: int) -> np.ndarray:
        fits = fit(way, {NEAR: near(shown)}, truth, 3, words)
        asked = near(np.arange(3).repeat(20))
        return np.asarray(fits[strength].logits({NEAR: asked}).argmax(1)).reshape(3, 20)

    assert (said(truth, 0) == np.arange(3)[:, None]).mean() > 0.95
    # Examples that lie at other labels' words, as where a word means something else to a company.
    turned = (truth + 1) % 3
    moved = said(turned, len(STRENGTHS) - 1)
    assert (moved == (np.arange(3)[:, None] - 1) % 3).mean() > 0.95
    with pytest.raises(ValueError, match="vectors"):
        fit(way, {NEAR: near(truth)}, truth, 3)


def test_the_map_at_the_examples_mean_is_its_bias_with_prototypes_too() -> None:
    random = np.random.default_rng(3)
    words, truth = random.normal(size=(2, 6)), np.arange(12) % 2
    blocks = {NEAR: random.normal(size=(12, 6)), "local": random.normal(size=(12, 5))}
    for names in ((NEAR,), ("local",), (NEAR, "local")):
        linear = fit(Way("p", names, started=True), blocks, truth, 2, words)[2]
        middle = {name: block.mean(0, keepdims=True) for name, block in blocks.items()}
        assert np.allclose(linear.logits(middle), linear.bias)
        assert set(linear.weight) == {NEAR, *names}


def test_a_model_with_a_space_lets_prototypes_stand_for_election(model: OmniModel) -> None:
    spaced = new_model(TINY)
    spaced.join(new_space(TINY_SPACE))
    file, card = adapt(coloured(6, 1), POLICY, silent, model=spaced, version=BASE)
    tried = {each.name for each in card.candidates}
    assert {"prototypes", "prototypes_local", "local"} <= tried
    assert NEAR in known(coloured(2, 1), POLICY, silent, model=spaced, version=BASE).blocks
    assert (
        evaluate(coloured(9, 2), POLICY, file, hook=silent, model=spaced, version=BASE).accuracy.value
        > 900_000
    )
    plain = adapt(coloured(6, 1), POLICY, silent, model=model, version=BASE)[1]
    assert not any(each.name.startswith("prototypes") for each in plain.candidates)
