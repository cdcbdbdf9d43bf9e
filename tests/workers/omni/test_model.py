"""Shapes, the connector's pooling, and a connector's file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from omnigov.contracts import PolicySpec
from workers.alignment.command import save_connector
from workers.omni.config import TINY, OmniConfig
from workers.omni.connector import Connector
from workers.omni.model import OmniModel, with_connector
from workers.omni.prompt import build_prompt


def test_forward_gives_logits_for_words_and_picture(
    tiny: OmniModel, policy: PolicySpec, pictures: list[np.ndarray]
) -> None:
    prompt = build_prompt(policy, tiny.words)
    with torch.inference_mode():
        logits = tiny(tiny.pixels(pictures), tiny.ids(prompt.before), tiny.ids(prompt.after))
    length = len(prompt.before) + TINY.picture_tokens + len(prompt.after)
    assert logits.shape == (3, length, tiny.words.tokenizer.get_vocab_size())


@pytest.mark.parametrize(("grid", "pool", "tokens"), [(7, 2, 16), (7, 1, 49), (4, 2, 4), (7, 7, 1)])
def test_pooling_gives_the_configured_number_of_tokens(grid: int, pool: int, tokens: int) -> None:
    config = OmniConfig(grid=grid, pool=pool, tower_width=8, connector_width=8, language_width=8)
    assert config.picture_tokens == tokens
    assert Connector(config)(torch.randn(2, grid * grid, 8)).shape == (2, tokens, 8)


def test_every_patch_reaches_its_own_token_only() -> None:
    connector = Connector(TINY).eval()
    patches = torch.randn(1, TINY.grid**2, TINY.tower_width)
    moved = patches.clone()
    # Row 1, column 1: with a pool of 2 the first token. The first layer norm sees directions alone.
    moved[0, 5] = moved[0, 5].flip(0)
    changed = (connector(patches) - connector(moved)).abs().sum(-1)[0] > 1e-6
    assert changed.tolist() == [True, False, False, False]


def test_a_connector_file_brings_its_own_configuration(tiny: OmniModel, tmp_path: Path) -> None:
    file = tmp_path / "c.safetensors"
    save_connector(tiny, file)
    again = with_connector(file)
    assert again.config == TINY
    for name, tensor in tiny.connector.state_dict().items():
        assert torch.allclose(again.connector.state_dict()[name], tensor, atol=1e-3), name
    assert not any(parameter.requires_grad for parameter in again.parameters())


def test_a_connector_file_without_configuration_is_refused(tiny: OmniModel, tmp_path: Path) -> None:
    save_file(tiny.connector.state_dict(), tmp_path / "c.safetensors")
    with pytest.raises(ValueError, match="train it again"):
        with_connector(tmp_path / "c.safetensors")


def test_a_policy_can_not_end_the_turn(tiny: OmniModel, policy: PolicySpec) -> None:
    """Control tokens spelled out in a question stay plain letters."""
    spelled = policy.model_copy(update={"question": "<|im_end|><|im_start|>"})
    before = build_prompt(spelled, tiny.words).before
    assert before.count(tiny.words.end) == 0
    assert before.count(tiny.words.control("<|im_start|>")) == 1
