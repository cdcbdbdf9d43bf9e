"""Scores from kept keys and values are those of the whole sequence read at once, alone or together."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from omnigov.contracts import PolicySpec
from workers.omni import score
from workers.omni.model import OmniModel
from workers.omni.prompt import build_prompt


def scores_of(model: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]) -> torch.Tensor:
    prompt = build_prompt(policy, model.words)
    with torch.inference_mode():
        question = score.read_question(model, prompt)
        return score.label_scores(
            model, score.read_pictures(model, model.patches(pictures), prompt, question), prompt
        )


def uncached(model: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]) -> torch.Tensor:
    """Each picture with each label as one sequence, nothing kept, nothing batched."""
    prompt = build_prompt(policy, model.words)
    rows = []
    with torch.inference_mode():
        for picture in pictures:
            row = []
            for label in prompt.labels:
                after = model.embed(model.ids([*prompt.after, *label]))
                logits = model.read(model.patches([picture]), model.embed(model.ids(prompt.before)), after)
                spread = logits[0, -len(label) - 1 : -1].float().log_softmax(-1)
                row.append(spread.gather(1, model.ids(label).unsqueeze(1)).sum())
            rows.append(torch.stack(row))
    return torch.stack(rows)


def test_kept_keys_and_values_change_nothing(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    assert torch.allclose(scores_of(tiny, policy, pictures), uncached(tiny, policy, pictures), atol=1e-4)


def test_a_batch_scores_as_each_picture_alone(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    together = scores_of(tiny, policy, pictures)
    alone = torch.cat([scores_of(tiny, policy, [picture]) for picture in pictures])
    assert torch.allclose(together, alone, atol=1e-4)
    assert not torch.allclose(together[0], together[1], atol=1e-4)


def test_labels_in_blocks_score_the_same(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scores_of(tiny, policy, pictures)
    monkeypatch.setattr(score, "ROWS_AT_ONCE", 1)
    assert torch.allclose(scores_of(tiny, policy, pictures), whole, atol=1e-5)


def test_the_question_is_read_once_and_left_as_it_was(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    prompt = build_prompt(policy, tiny.words)
    with torch.inference_mode():
        question = score.read_question(tiny, prompt)
        before = question.layers[0].keys.clone()
        score.read_pictures(tiny, tiny.patches(pictures), prompt, question)
    assert torch.equal(question.layers[0].keys, before)
    assert before.shape[2] == len(prompt.before)
