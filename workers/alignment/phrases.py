"""The phrases that the space is trained with, and what of a picture's texts belongs to which of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.alignment.captioned import Captioned
from workers.alignment.wordnet import WordNet

WORDS = Path(__file__).parents[2] / "bench" / "model" / "held_out_words.json"
MOST_TEXTS = 5  # of a picture
MOST_JAPANESE = 3
MOST_GLOSS = 90  # characters


@dataclass(frozen=True)
class Phrases:
    """Each phrase once; of each picture, synonym pair and translation the phrases by their number."""

    all: tuple[str, ...]
    of_pictures: tuple[tuple[int, ...], ...]
    japanese: tuple[tuple[int, ...], ...]
    meanings: tuple[tuple[int, int], ...]  # a lemma with its gloss, a synonym or what it is a kind of


def held_out_phrases() -> frozenset[str]:
    """Words that are asked with later and that nothing may be trained with, in lower case."""
    written = json.loads(WORDS.read_text(encoding="utf-8"))
    sets = [*written["held_out"].values(), *written["spent"].values()]
    return frozenset(word.lower() for words in sets for word in words)


def gather_phrases(pictures: Sequence[Captioned], wordnet: WordNet) -> Phrases:
    """Of training pictures alone: whoever calls has taken the others out."""
    number: dict[str, int] = {}
    forbidden = held_out_phrases()

    def numbered(texts: Iterable[str]) -> tuple[int, ...]:
        return tuple(number.setdefault(t, len(number)) for t in texts if t and t.lower() not in forbidden)

    of_pictures, japanese, lemmas = [], [], {}
    for one in pictures:
        above = _above(one.texts, wordnet)
        of_pictures.append(numbered(dict.fromkeys((*one.texts[:MOST_TEXTS], *above))))
        japanese.append(numbered(one.japanese[:MOST_JAPANESE]))
        lemmas.update(dict.fromkeys((*one.texts[:MOST_TEXTS], *above)))
    meanings = []
    for lemma in lemmas:
        sense = wordnet.first(lemma)
        if sense is None or lemma.lower() in forbidden:
            continue
        meant = [sense.gloss.split(";")[0][:MOST_GLOSS], *(word for word in sense.lemmas if word != lemma)][
            :3
        ]
        for left in numbered([lemma]):
            meanings += [(left, right) for right in numbered(meant)]
    return Phrases(tuple(number), tuple(of_pictures), tuple(japanese), tuple(meanings))


def _above(texts: Sequence[str], wordnet: WordNet) -> list[str]:
    """What the caption, or its last word, is a kind of: two steps up."""
    caption = texts[0]
    sense = wordnet.first(caption) or wordnet.first(caption.split()[-1])
    if sense is None:
        return []
    found = []
    for one in wordnet.lineage(sense):
        found.append(one.lemmas[0])
        if len(found) == 3:
            break
    return found
