"""Fits how likelihood and similarity are joined, on development pictures that neither part was trained on.

Development pictures are clip art and emoji, named one of the twelve kinds by what WordNet says that their
caption is a kind of; they are asked with the shipped words and with two sets of words for development. The
two weights are those of a multinomial logistic regression over the labels, so that the joined scores are
also the logarithms of probabilities, as near as two numbers can bring them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from workers.alignment.captioned import Captioned
from workers.alignment.wordnet import WordNet

KINDS: dict[str, tuple[str, ...]] = {
    "animal": ("animal",),
    "building": ("building", "housing", "tower", "bridge"),
    "clothing": ("clothing", "headdress", "footwear"),
    "food": ("food", "edible fruit", "beverage", "vegetable", "baked goods", "dish"),
    "instrument": ("musical instrument",),
    "money": ("money", "currency", "coin"),
    "person": ("person",),
    "planet": ("celestial body", "star"),
    "plant": ("plant", "flower"),
    "sign": ("symbol", "flag", "signboard", "sign"),
    "tool": ("tool", "implement", "kitchen utensil", "furniture", "container"),
    "vehicle": ("vehicle", "craft"),
}


def kind_of(one: Captioned, wordnet: WordNet) -> str:
    """The kind that the caption names, or its last word; "" for none."""
    sense = wordnet.first(one.texts[0]) or wordnet.first(one.texts[0].split()[-1])
    if sense is None:
        return ""
    above = {lemma for each in (sense, *wordnet.lineage(sense)) for lemma in each.lemmas[:2]}
    found = [kind for kind, words in KINDS.items() if above.intersection(words)]
    return found[0] if len(found) == 1 else ""


def fit(
    likelihood: Sequence[Tensor], similarity: Sequence[Tensor], truth: Sequence[Tensor]
) -> tuple[float, float]:
    """The weights of (likelihood − prior) and of the cosine, from sets of [pictures, labels]."""
    raw = torch.tensor([-1.0, 3.0], requires_grad=True)  # logarithms: neither weight turns its sign
    optimiser = torch.optim.LBFGS([raw], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        first, second = raw.exp()
        parts = [
            functional.cross_entropy(first * a + second * b, c)
            for a, b, c in zip(likelihood, similarity, truth, strict=True)
        ]
        total = torch.stack(parts).mean()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    first, second = raw.detach().exp().tolist()
    return first, second
