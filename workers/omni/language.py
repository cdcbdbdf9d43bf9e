"""A causal language model with its tokenizer: what every backend in this folder hands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

START, END = "<|im_start|>", "<|im_end|>"


@dataclass(frozen=True)
class Language:
    """`model` is a transformers `LlamaForCausalLM` in `eval()`, without gradients for its weights."""

    model: Any
    tokenizer: Tokenizer
    # A question names its labels in the alphabet's order: how somebody wrote them down decides nothing then.
    alphabetical: bool = False

    @property
    def end(self) -> int:
        """The token that ends a turn."""
        token: int | None = self.tokenizer.token_to_id(END)
        if token is None:
            raise ValueError(f"the tokenizer has no {END}")
        return token

    def control(self, token: str) -> int:
        """The id of a control token, START or END."""
        found: int | None = self.tokenizer.token_to_id(token)
        if found is None:
            raise ValueError(f"the tokenizer has no {token}")
        return found

    def encode(self, text: str) -> list[int]:
        """Token ids. Control tokens spelled out in `text` stay plain text: a policy can't end a turn."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def encode_with_places(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """As `encode`, and of each token the characters of `text` from … to before … that it is made of.

        Tokens of one character that takes several have one place.
        """
        encoded = self.tokenizer.encode(text, add_special_tokens=False)
        return encoded.ids, encoded.offsets

    def spell(self, token: int) -> str:
        """One token as text; control tokens by their name."""
        text: str = self.tokenizer.decode([token], skip_special_tokens=False)
        return text

    def decode(self, ids: list[int]) -> str:
        text: str = self.tokenizer.decode(ids, skip_special_tokens=True)
        return text
