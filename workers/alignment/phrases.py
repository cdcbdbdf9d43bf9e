"""The phrases that the space is trained with, and what of a picture's texts belongs to which of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.alignment.captioned import Captioned
from workers.alignment.wordnet import WordNet

WORDS = Path(__file__).parents[2] / "bench" / "model" / "held_out_words.json"
MOST_TEXTS = 5  # of a picture
MOST_JAPANESE = 3
MOST_GLOSS = 90  # characters
# fmt: off
TOO_WIDE = frozenset((
    "entity", "physical entity", "abstraction", "object", "whole", "matter", "thing", "causal agent",
    "substance", "group", "attribute", "psychological feature", "relation", "act", "event", "part", "unit",
    "measure", "instrumentality", "artifact", "location", "state", "process", "cognition", "content",
))
# fmt: on
"""What a picture is not called, though all things of a sort are one."""
_ARTICLE = re.compile(r"^(?:an?|the|some) ")
_BRACKETS = re.compile(r"\s*\([^)]*\)")


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
        own = [plain(text) for text in one.texts[:MOST_TEXTS]]
        above = _above(own, wordnet)
        kinds = [one.classes["kind"]] if one.source == "stamps" else []  # as the connector learned them
        of_pictures.append(numbered(dict.fromkeys((*own, *above, *kinds))))
        japanese.append(numbered(one.japanese[:MOST_JAPANESE]))
        lemmas.update(dict.fromkeys((*own, *above)))
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


def plain(text: str) -> str:
    """A caption without its article and what stands in brackets."""
    return _ARTICLE.sub("", _BRACKETS.sub("", text)).strip() or text


def _above(texts: Sequence[str], wordnet: WordNet) -> list[str]:
    """What the caption, its last word, or else a keyword is a kind of, as far as that says something."""
    tried = (texts[0], texts[0].split()[-1], *texts[1:])
    sense = next((found for text in tried if (found := wordnet.first(text))), None)
    if sense is None:
        return []
    return [one.lemmas[0] for one in (sense, *wordnet.lineage(sense)) if one.lemmas[0] not in TOO_WIDE]
