"""Development pictures asked with shipped words and words for development: what joining is fitted on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from omnigov.contracts import Label, PolicySpec
from workers.alignment.captioned import Captioned
from workers.alignment.features import draw
from workers.alignment.joining import kind_of
from workers.alignment.phrases import WORDS
from workers.alignment.views import plain_view
from workers.alignment.wordnet import WordNet
from workers.omni.joined import prior_of, similarities, with_ends
from workers.omni.model import OmniModel
from workers.omni.prompt import build_prompt
from workers.omni.score import label_scores, read_media, read_question

AT_ONCE = 16


@dataclass(frozen=True)
class Asked:
    """One set of words: what was scored of each picture, [pictures, labels], and what it shows."""

    name: str
    likelihood: Tensor
    prior: Tensor  # [labels]
    similarity: Tensor
    truth: Tensor  # [pictures]

    @property
    def beyond(self) -> Tensor:
        """How much likelier the words are than they usually are."""
        return self.likelihood - self.prior

    def ways(self, likelihood: float, similarity: float) -> dict[str, Tensor]:
        """The scores that are compared, by name; the last is joined with these weights."""
        return {
            "likelihood": self.likelihood,
            "likelihood − prior": self.beyond,
            "dual": self.similarity,
            "joined": likelihood * self.beyond + similarity * self.similarity,
        }


class Row(BaseModel):
    """One set of words: how many pictures each way of scoring gets right."""

    model_config = ConfigDict(frozen=True)

    words: str
    pictures: int
    right: dict[str, int]


def word_sets() -> tuple[list[str], dict[str, list[str]]]:
    """The kinds, and the sets of words for development: the shipped ones first."""
    written = json.loads(WORDS.read_text(encoding="utf-8"))
    return written["kinds"], {"shipped": written["kinds"], **written["development"]}


def of_development(
    pictures: Sequence[Captioned], sides: Mapping[str, str], wordnet: WordNet
) -> list[tuple[Captioned, str]]:
    """Development pictures whose caption names a kind, with that kind."""
    some = [one for one in pictures if sides.get(one.name) == "development"]
    return [(one, kind) for one in some if (kind := kind_of(one, wordnet))]


def reworded(policy: PolicySpec, kinds: Sequence[str], words: Sequence[str]) -> PolicySpec:
    """The policy with a label a kind, in the kinds' order, called by these words alone."""
    labels = tuple(
        Label(key=kind, phrase=word, name_en=word, name_ja=word)
        for kind, word in zip(kinds, words, strict=True)
    )
    return policy.model_copy(update={"labels": labels})


def seen_patches(model: OmniModel, pictures: Sequence[Captioned]) -> Tensor:
    """The tower's patches of the whole pictures on white: [pictures, grid², tower width]."""
    side = model.config.picture_side
    blocks = []
    for begin in range(0, len(pictures), AT_ONCE):
        views = [plain_view(draw(one), side) for one in pictures[begin : begin + AT_ONCE]]
        blocks.append(model.patches(views))
    return torch.cat(blocks)


@torch.no_grad()  # not inference mode: the weights are fitted on what comes of it
def ask(model: OmniModel, policy: PolicySpec, name: str, patches: Tensor, truth: Tensor) -> Asked:
    """Both parts of the joined score, as the product scores them."""
    prompt = build_prompt(policy, model.words)
    ended = with_ends(prompt)
    question = read_question(model, ended)
    likelihood = []
    for begin in range(0, len(patches), AT_ONCE):
        read = read_media(model, model.connector(patches[begin : begin + AT_ONCE]), ended, question)
        likelihood.append(label_scores(model, read, ended))
    return Asked(
        name=name,
        likelihood=torch.cat(likelihood),
        prior=prior_of(model, prompt),
        similarity=similarities(model, policy, patches),
        truth=truth,
    )


def ask_all(
    model: OmniModel,
    policy: PolicySpec,
    shown: Sequence[tuple[Captioned, str]],
    said: Callable[[str], None],
) -> list[Asked]:
    """Every development picture with every set of words for development."""
    kinds, sets = word_sets()
    patches = seen_patches(model, [one for one, _ in shown])
    truth = torch.tensor([kinds.index(kind) for _, kind in shown])
    found = []
    for name, words in sets.items():
        found.append(ask(model, reworded(policy, kinds, words), name, patches, truth))
        said(f"development: asked {len(shown)} pictures with {name}")
    return found


def rows_of(asked: Sequence[Asked], likelihood: float, similarity: float) -> list[Row]:
    return [
        Row(
            words=one.name,
            pictures=len(one.truth),
            right={
                way: int((scores.argmax(1) == one.truth).sum())
                for way, scores in one.ways(likelihood, similarity).items()
            },
        )
        for one in asked
    ]
