"""The reasons: written by the language model after the label, sentence by sentence, for a batch at once.

Greedy decoding: the likeliest token each time, so the same picture gives the same reasons. The end of the
turn doesn't count before the first word, so that there is always a reason. A reason is what the model
writes when asked to go on after its label; it is no account of how the label came about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from workers.omni.model import OmniModel
from workers.omni.prompt import Prompt
from workers.omni.score import Read, repeated

SENTENCE_END = re.compile(r"[.!?。！？]+[\"')\]]*(?=\s)")


def reasons(
    model: OmniModel, read: Read, prompt: Prompt, chosen: Sequence[int], max_tokens: int
) -> Iterator[tuple[int, str]]:
    """(row, sentence) as soon as each sentence is whole; rows come interleaved.

    `chosen` is each row's label. A row ends with the end of the model's turn or after `max_tokens`; words
    that are left then come as a last sentence ending in "…".
    """
    if max_tokens == 0:
        return
    by_length: dict[int, list[int]] = {}
    for row, label in enumerate(chosen):
        by_length.setdefault(len(prompt.labels[label]), []).append(row)
    # Rows whose labels have as many tokens go together: so nothing has to be padded.
    for rows in by_length.values():
        yield from _together(model, read, prompt, chosen, rows, max_tokens)


def _together(
    model: OmniModel, read: Read, prompt: Prompt, chosen: Sequence[int], rows: list[int], max_tokens: int
) -> Iterator[tuple[int, str]]:
    cache = repeated(read.cache, 1)
    cache.batch_select_indices(torch.tensor(rows, device=model.device))
    tokens = torch.stack([model.ids([*prompt.labels[chosen[row]], *prompt.full_stop]) for row in rows])
    writers = {row: _Writer(model) for row in rows}
    for position in range(max_tokens):
        tokens = _next(
            model.speaks(prompt), model.words.end, tokens, cache, may_end=position > 0
        )  # [rows, 1]
        for row, token in zip(rows, tokens[:, 0].tolist(), strict=True):
            yield from ((row, sentence) for sentence in writers[row].add(token))
        if all(writer.ended for writer in writers.values()):
            return
    for row, writer in writers.items():
        yield from ((row, sentence) for sentence in writer.cut())


@torch.inference_mode()
def _next(language: Any, end: int, tokens: torch.Tensor, cache: object, may_end: bool) -> torch.Tensor:
    out = language(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
    logits = out.logits[:, -1]  # [rows, vocabulary]
    if not may_end:
        logits[:, end] = -torch.inf
    likeliest: torch.Tensor = logits.argmax(-1, keepdim=True)
    return likeliest


class _Writer:
    """Collects one row's tokens and gives out whole sentences."""

    def __init__(self, model: OmniModel) -> None:
        self._words = model.words
        self._tokens: list[int] = []
        self._given = 0  # letters of the text that were given out
        self.ended = False

    def add(self, token: int) -> list[str]:
        if self.ended:
            return []
        if token == self._words.end:
            self.ended = True
            return self._sentences(whole=True)
        self._tokens.append(token)
        return self._sentences(whole=False)

    def cut(self) -> list[str]:
        """What is left when the tokens are used up."""
        if self.ended:
            return []
        self.ended = True
        rest = self._sentences(whole=True)
        if rest and not SENTENCE_END.search(rest[-1] + " "):
            rest[-1] += "…"
        return rest

    def _sentences(self, whole: bool) -> list[str]:
        text = self._words.decode(self._tokens)
        found = []
        for match in SENTENCE_END.finditer(text, self._given):
            found.append(text[self._given : match.end()])
            self._given = match.end()
        if whole:
            found.append(text[self._given :])
            self._given = len(text)
        return [sentence for part in found if (sentence := part.strip())]
