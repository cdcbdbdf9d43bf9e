"""The words around the picture. Training and scoring ask with the very same tokens."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from omnigov.contracts import PolicySpec
from workers.omni.language import END, START, Language


@dataclass(frozen=True)
class Prompt:
    """Token ids before and after the picture, and those of each label as they would follow.

    The question stands before the picture, so that what the language model makes of it is computed once a
    policy and not once a picture.
    """

    before: tuple[int, ...]
    asked: slice  # of `before`: the policy's question and labels, without the turn's own marks
    after: tuple[int, ...]
    labels: tuple[tuple[int, ...], ...]
    full_stop: tuple[int, ...]

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of all token ids."""
        body = json.dumps([self.before, self.after, self.labels], separators=(",", ":"))
        return hashlib.sha256(body.encode()).hexdigest()


def question_text(policy: PolicySpec) -> str:
    choices = ", ".join(label.phrase for label in policy.labels)
    return f"{policy.question} Answer with one of: {choices}."


def build_prompt(policy: PolicySpec, language: Language) -> Prompt:
    """`<|im_start|>user … [picture] <|im_end|> <|im_start|>assistant Answer:` and ` label` for each label."""
    start, end = language.control(START), language.control(END)
    newline = language.encode("\n")
    turn, asked = language.encode("user\n"), language.encode(question_text(policy))
    return Prompt(
        before=(start, *turn, *asked, *newline),
        asked=slice(1 + len(turn), 1 + len(turn) + len(asked)),
        after=(end, *newline, start, *language.encode("assistant\nAnswer:")),
        labels=tuple(tuple(language.encode(f" {label.phrase}")) for label in policy.labels),
        full_stop=tuple(language.encode(".")),
    )
