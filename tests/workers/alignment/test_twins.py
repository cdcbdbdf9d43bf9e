"""Copies among examples: found, kept on one side of a split, and counted beside what a head was fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from omnigov.contracts.evaluation import Caution
from tests.workers.alignment.test_adapting import BASE, COLOURS, POLICY, silent
from workers.alignment.adapting import adapt, folds
from workers.alignment.examples import Example, known
from workers.alignment.twins import kept_together, twins_among
from workers.evaluation.evaluating import evaluate
from workers.omni.config import TINY
from workers.omni.features import Features
from workers.omni.model import OmniModel, new_model
from workers.omni.seen import Seen


@pytest.fixture(scope="module")
def model() -> OmniModel:
    return new_model(TINY)


def checked(per_label: int, seed: int) -> list[np.ndarray]:
    """Pictures in blocks of like colours, so that each is another one; label after label."""
    random = np.random.default_rng(seed)
    found = []
    for colour in COLOURS.values():
        for _ in range(per_label):
            blocks = np.asarray(colour) + random.normal(0, 60, (4, 4, 3))
            found.append(np.kron(blocks.clip(0, 255), np.ones((6, 6, 1))).astype(np.uint8))
    return found


def examples(pictures: Sequence[np.ndarray]) -> list[Example]:
    each = len(pictures) // len(COLOURS)
    return [Example(Seen.of_picture(p), list(COLOURS)[n // each]) for n, p in enumerate(pictures)]


def brighter(picture: np.ndarray) -> np.ndarray:
    return (picture.astype(int) + 3).clip(0, 255).astype(np.uint8)


def test_copies_are_in_one_fold_and_counted(model: OmniModel) -> None:
    given = examples(checked(6, 1))
    given += [Example(Seen.of_picture(brighter(each.seen.pages[0].pixels)), each.label) for each in given[:3]]
    material = known(given, POLICY, silent, model=model, version=BASE)
    assert material.twins.sum() >= 6
    fold = folds(material, 3, 0)
    assert all(fold[n] == fold[18 + n] for n in range(3))
    card = adapt(given, POLICY, silent, model=model, version=BASE)[1]
    assert card.measured.twins == material.twins.sum()
    assert Caution.TWINS in card.measured.cautions


def test_evaluating_says_how_many_look_like_what_was_fitted_on(model: OmniModel) -> None:
    pictures = checked(6, 1)
    cache: dict[str, Features] = {}
    file, _ = adapt(examples(pictures), POLICY, silent, model=model, version=BASE, cache=cache)
    copies = [Example(Seen.of_picture(brighter(pictures[n])), "red") for n in range(2)]
    others = examples(checked(2, 9))
    found = evaluate([*copies, *others], POLICY, file, silent, model=model, version=BASE, cache=cache)
    assert found.out_of_fold == 0
    assert found.twins_in_training is not None
    assert found.twins_in_training >= 2
    assert Caution.TWINS_IN_TRAINING in found.cautions
    unknown = evaluate([*copies, *others], POLICY, file, silent, model=model, version=BASE)
    assert unknown.twins_in_training is None, "nobody kept what the examples looked like"


def some(rows: Sequence[Sequence[float]]) -> dict[str, np.ndarray]:
    return {"words": np.array(rows, float)}


def test_a_label_of_copies_alone_keeps_its_groups() -> None:
    same = some(
        [[1, 0], [1, 0.001], [1, 0], [1, 0.002], [0, 1], [0, 1.001], [0.3, 1], [5, 0], [1, 7], [2, 2]]
    )
    truth = np.array([0] * 6 + [1] * 4)
    groups, twins = kept_together([str(n) for n in range(10)], truth, same)
    assert len({groups[n] for n in range(6)}) == 2
    assert twins[:6].all()
    one = some([[1, 0]] * 2 + [[1, 9]] * 2)
    merged, _ = kept_together(["a", "a", "b", "b"], np.zeros(4, int), one)
    assert set(merged) == {"a", "b"}


def test_what_lacks_a_page_is_no_copy_of_what_has_one() -> None:
    random = np.random.default_rng(0)
    pooled = random.random((6, 8))
    words = np.zeros((6, 4))
    pooled[4:], words[4:] = 0, random.random((2, 4))
    blocks = {"pooled": pooled, "words": words}
    _, twins = kept_together([str(n) for n in range(6)], np.zeros(6, int), blocks)
    assert not twins.any()
    assert not twins_among(np.zeros(1, int), {k: v[:1] for k, v in blocks.items()}, np.zeros(5, int),
                           {k: v[1:] for k, v in blocks.items()}).any()  # fmt: skip
