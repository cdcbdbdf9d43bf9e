"""Reasons: the same alone and together, cut after so many tokens, whole sentences, nothing for zero."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from omnigov.contracts import PolicySpec
from workers.omni.model import OmniModel
from workers.omni.prompt import build_prompt
from workers.omni.score import read_pictures, read_question
from workers.omni.stream import _Writer, reasons


def written(
    model: OmniModel, policy: PolicySpec, pictures: list[np.ndarray], chosen: list[int], tokens: int = 12
) -> list[list[str]]:
    prompt = build_prompt(policy, model.words)
    with torch.inference_mode():
        read = read_pictures(model, model.patches(pictures), prompt, read_question(model, prompt))
    rows: list[list[str]] = [[] for _ in pictures]
    for row, sentence in reasons(model, read, prompt, chosen, tokens):
        rows[row].append(sentence)
    return rows


def test_a_batch_writes_what_each_picture_alone_would(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    chosen = [1, 0, 3]  # labels of three lengths
    together = written(tiny, policy, pictures, chosen)
    alone = [written(tiny, policy, [p], [c])[0] for p, c in zip(pictures, chosen, strict=True)]
    assert together == alone
    assert any(together)


def test_no_tokens_no_reasons(tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]) -> None:
    assert written(tiny, policy, pictures, [0, 0, 0], tokens=0) == [[], [], []]


def feed(writer: _Writer, text: str, model: OmniModel) -> list[str]:
    return [sentence for token in model.words.encode(text) for sentence in writer.add(token)]


def test_a_sentence_comes_as_soon_as_it_is_whole(tiny: OmniModel) -> None:
    writer = _Writer(tiny)
    assert feed(writer, " A crow. It", tiny) == ["A crow."]
    assert feed(writer, ' says "caw!" Yes', tiny) == ['It says "caw!"']
    assert writer.add(tiny.words.end) == ["Yes"]
    assert writer.ended
    assert writer.add(5) == []


@pytest.mark.parametrize(
    ("text", "last"), [(" A crow on a", "A crow on a…"), (" A crow.", "A crow."), ("", None)]
)
def test_what_is_cut_off_ends_in_dots(tiny: OmniModel, text: str, last: str | None) -> None:
    writer = _Writer(tiny)
    assert feed(writer, text, tiny) == []
    assert writer.cut() == ([last] if last else [])
