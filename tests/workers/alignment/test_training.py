"""Training lowers the loss, touches the connector alone, and goes on where it was stopped."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch

from omnigov.contracts import Label, PolicySpec
from workers.alignment.stamps import Stamp
from workers.alignment.training import (
    Examples,
    Recipe,
    answer_loss,
    make_examples,
    measure,
    prepare_connector,
    train,
    warm_up,
)
from workers.omni.config import TINY
from workers.omni.model import OmniModel, new_model
from workers.omni.prompt import build_prompt
from workers.omni.score import read_question

POLICY = PolicySpec(
    question="What?",
    labels=tuple(Label(key=w, phrase=w, name_en=w, name_ja=w) for w in ("animal", "food", "sign")),
)


def said(sentence: str) -> None:
    pass


def examples(model: OmniModel, seed: int) -> Examples:
    """Three kinds whose features lie around three points."""
    random = torch.Generator().manual_seed(seed)
    kinds = [label.key for label in POLICY.labels] * 8
    middles = 3 * torch.randn(3, 1, TINY.tower_width, generator=torch.Generator().manual_seed(0))
    stamps = [Stamp(f"{i}", Path(f"{i}"), f"A {kind} here.", kind, "") for i, kind in enumerate(kinds)]
    noise = torch.randn(2, len(kinds), TINY.grid**2, TINY.tower_width, generator=random)
    features = noise + torch.stack([middles[i % 3] for i in range(len(kinds))])
    return make_examples(model, POLICY, stamps, features.half())


def digest(module: torch.nn.Module) -> str:
    whole = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        whole.update(name.encode() + tensor.numpy().tobytes())
    return whole.hexdigest()


def test_training_learns_the_labels_and_leaves_tower_and_language_model_alone() -> None:
    model = new_model(TINY)
    seen, unseen = examples(model, 1), examples(model, 2)
    before = digest(model.tower), digest(model.language), digest(model.connector)
    prepare_connector(model)
    at_first = measure(model, POLICY, unseen)
    measured = train(model, POLICY, seen, unseen, Recipe(epochs=6, warm_up=3, batch=4), None, said)
    assert measured[-1].loss < at_first.loss
    assert measured[-1].label_loss < at_first.label_loss
    assert measured[-1].loss == measure(model, POLICY, unseen).loss
    assert (digest(model.tower), digest(model.language)) == before[:2]
    assert digest(model.connector) != before[2]


def test_warm_up_brings_pictures_near_their_words() -> None:
    model = new_model(TINY)
    losses: list[str] = []
    prepare_connector(model)
    warm_up(model, POLICY, examples(model, 1), Recipe(warm_up=4, batch=4), losses.append)
    values = [float(line.rsplit(" ", 1)[1]) for line in losses]
    assert values[-1] < values[0]


def test_a_stopped_training_goes_on_to_the_same_end(tmp_path: Path) -> None:
    recipe = Recipe(epochs=3, warm_up=1, batch=8)
    whole = new_model(TINY)
    train(whole, POLICY, examples(whole, 1), examples(whole, 2), recipe, None, said)

    class Stopped(Exception):
        pass

    def stop(sentence: str) -> None:
        if sentence.startswith("epoch 2"):
            raise Stopped

    checkpoint = tmp_path / "checkpoint.pt"
    first = new_model(TINY)
    with pytest.raises(Stopped):
        train(first, POLICY, examples(first, 1), examples(first, 2), recipe, checkpoint, stop)
    again = new_model(TINY)
    train(again, POLICY, examples(again, 1), examples(again, 2), recipe, checkpoint, said)
    assert digest(again.connector) == digest(whole.connector)


def test_padding_adds_nothing_to_the_loss() -> None:
    model = new_model(TINY)
    some = examples(model, 1)
    prompt = build_prompt(POLICY, model.words)
    question = read_question(model, prompt)
    answers = [some.answers[0], torch.cat([some.answers[1][:-1], some.answers[1]])]  # one is far longer
    features = some.features[0, :2].float()
    with torch.no_grad():
        together = answer_loss(model, features, answers, prompt, question)
        alone = [answer_loss(model, features[i : i + 1], [answers[i]], prompt, question) for i in range(2)]
    for part in range(2):
        assert together[part].item() == pytest.approx((alone[0][part] + alone[1][part]).item() / 2, abs=1e-4)
