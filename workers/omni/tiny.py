"""A tower and a language model with random weights, built in milliseconds: what the fast tests run on."""

from __future__ import annotations

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor, nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from workers.omni.config import OmniConfig
from workers.omni.language import END, START, Language


class TinyTower(nn.Module):
    """One convolution that cuts the picture into patches."""

    def __init__(self, config: OmniConfig) -> None:
        super().__init__()
        patch = config.picture_side // config.grid
        self.width = config.tower_width
        self.cut = nn.Conv2d(3, config.tower_width, kernel_size=patch, stride=patch)

    def forward(self, pixels: Tensor) -> Tensor:  # [batch, 3, side, side] -> [batch, grid², width]
        return functional.relu6(self.cut(pixels)).flatten(2).transpose(1, 2)


def tiny_tower(config: OmniConfig) -> TinyTower:
    torch.manual_seed(0)
    return TinyTower(config).eval().requires_grad_(False)


def tiny_language(config: OmniConfig) -> Language:
    """Two layers over single bytes."""
    torch.manual_seed(1)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(
        models.BPE(vocab={letter: index for index, letter in enumerate(alphabet)}, merges=[])
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(START, special=True), AddedToken(END, special=True)])
    tokenizer.encode_special_tokens = True
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=config.language_width,
            intermediate_size=2 * config.language_width,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.token_to_id(START),
            eos_token_id=tokenizer.token_to_id(END),
            pad_token_id=tokenizer.token_to_id(END),
        )
    )
    return Language(model=model.eval().requires_grad_(False), tokenizer=tokenizer)
