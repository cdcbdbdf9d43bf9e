"""WordNet 3.0's nouns, from the files of Debian's `wordnet-base` (format: wndb(5WN), senseidx(5WN)).

A word's first sense is the one that is meant most often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SENSE = re.compile(r"\([^)]*\)$")


@dataclass(frozen=True)
class Synset:
    key: str  # its offset in data.noun
    lemmas: tuple[str, ...]
    gloss: str  # what it means, without the examples
    above: tuple[str, ...]  # keys of what it is a kind of


@dataclass(frozen=True)
class WordNet:
    synsets: dict[str, Synset]
    senses: dict[str, tuple[str, ...]]  # of a lemma, its synsets' keys, the first sense first
    irregular: dict[str, str]  # plural to singular

    def first(self, phrase: str) -> Synset | None:
        """The first sense of a phrase, in singular or plural; None for one that WordNet has not."""
        low = " ".join(phrase.lower().split())
        for form in self._forms(low):
            if form in self.senses:
                return self.synsets[self.senses[form][0]]
        return None

    def _forms(self, low: str) -> Iterator[str]:
        yield low
        if low in self.irregular:
            yield self.irregular[low]
        for ending, singular in (("ies", "y"), ("ses", "s"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
            if low.endswith(ending):
                yield low[: -len(ending)] + singular
        if low.endswith("s"):
            yield low[:-1]

    def lineage(self, synset: Synset) -> Iterator[Synset]:
        """What it is a kind of, nearest first; each once."""
        seen, waiting = {synset.key}, list(synset.above)
        while waiting:
            key = waiting.pop(0)
            if key not in seen:
                seen.add(key)
                yield self.synsets[key]
                waiting += self.synsets[key].above


def read_wordnet(folder: Path) -> WordNet:
    synsets = {one.key: one for one in _synsets(folder / "data.noun")}
    senses: dict[str, tuple[str, ...]] = {}
    for line in _lines(folder / "index.noun"):
        fields = line.split()
        count = int(fields[2])
        senses[fields[0].replace("_", " ")] = tuple(fields[-count:])
    irregular = {}
    for line in _lines(folder / "noun.exc"):
        plural, singular = line.split()[:2]
        irregular[plural.replace("_", " ")] = singular.replace("_", " ")
    return WordNet(synsets, senses, irregular)


def _synsets(file: Path) -> Iterator[Synset]:
    for line in _lines(file):
        data, _, gloss = line.partition("|")
        fields = data.split()
        count = int(fields[3], 16)
        lemmas = tuple(
            _SENSE.sub("", word).replace("_", " ").lower() for word in fields[4 : 4 + 2 * count : 2]
        )
        pointers = fields[5 + 2 * count :]
        above = tuple(pointers[i + 1] for i, mark in enumerate(pointers) if mark in ("@", "@i"))
        meaning = gloss.split(';  "')[0].split('; "')[0].strip()
        yield Synset(fields[0], lemmas, meaning, above)


def _lines(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="latin-1").splitlines():
        if not line.startswith("  "):  # the licence
            yield line
