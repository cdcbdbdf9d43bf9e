"""What a label's words mean: synonyms and meaning from WordNet, English for Japanese words from EDICT.

Both lie beside this file, cut down by `workers.alignment.dictionaries`: of WordNet 3.0 the first sense of
each noun, of EDICT the words that its authors mark as common. Each is searched as it lies in memory, 10 MB
and 1 MB; a look-up takes milliseconds.
"""

from __future__ import annotations

import functools
import lzma
import unicodedata
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "dictionaries"
ENGLISH, JAPANESE = "wordnet_nouns.tsv.xz", "edict_common.tsv.xz"
MOST_SYNONYMS = 4


@dataclass(frozen=True)
class Meaning:
    synonyms: tuple[str, ...]
    gloss: str


def meaning(phrase: str) -> Meaning | None:
    """What an English noun most often means; None for what is not in the dictionary."""
    for form in _forms(" ".join(phrase.lower().split())):
        if found := _line(ENGLISH, form):
            synonyms, _, gloss = found.partition("\t")
            return Meaning(tuple(word for word in synonyms.split("|") if word)[:MOST_SYNONYMS], gloss)
    return None


def english_for(phrase: str) -> tuple[str, ...]:
    """A Japanese word in English, the nearest first; empty for what is not in the dictionary."""
    found = _line(JAPANESE, unicodedata.normalize("NFKC", phrase).strip())
    return tuple(found.split("|")) if found else ()


def _forms(low: str) -> tuple[str, ...]:
    """The word as it stands, and what it may be the plural of."""
    forms = [low]
    for ending, singular in (
        ("ies", "y"),
        ("ses", "s"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("s", ""),
    ):
        if low.endswith(ending) and len(low) > len(ending) + 2:
            forms.append(low[: -len(ending)] + singular)
    return tuple(forms)


def _line(file: str, word: str) -> str:
    if not word or "\t" in word or "\n" in word:
        return ""
    lines = _lines(file)
    at = lines.find(f"\n{word}\t".encode())
    if at < 0:
        return ""
    start = at + len(f"\n{word}\t".encode())
    return lines[start : lines.index(b"\n", start)].decode()


@functools.cache
def _lines(file: str) -> bytes:
    return b"\n" + lzma.decompress((FOLDER / file).read_bytes())
