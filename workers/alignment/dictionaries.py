"""Cuts WordNet and EDICT down to the two files that labels are looked up in.

python -m workers.alignment.dictionaries
"""

from __future__ import annotations

import lzma
import re
import unicodedata
from pathlib import Path

from workers.alignment.wordnet import WordNet, read_wordnet
from workers.omni.dictionary import ENGLISH, FOLDER, JAPANESE
from workers.weights import datasets

LONGEST_GLOSS = 160
MOST_WORDS = 3  # of a lemma
NOUN = re.compile(r"\((?:[a-z0-9-]+,)*(?:n|n-suf|n-pref|pn)(?:,[a-z0-9-]+)*\)")
REMARK = re.compile(r"\([^)]*\)")


def english_lines(wordnet: WordNet) -> list[str]:
    """Lemma, synonyms, meaning: of the first sense of each noun that is no name."""
    lines = []
    for lemma, keys in sorted(wordnet.senses.items()):
        sense = wordnet.synsets[keys[0]]
        if len(lemma.split()) > MOST_WORDS or not sense.above or not re.match("[a-z]", lemma):
            continue
        synonyms = [word for word in sense.lemmas if word != lemma]
        lines.append(f"{lemma}\t{'|'.join(synonyms)}\t{sense.gloss.split(';')[0][:LONGEST_GLOSS].strip()}")
    return lines


def japanese_lines(edict: Path) -> list[str]:
    """Word, English words: of the nouns that are marked as common, by writing and by reading."""
    found: dict[str, list[str]] = {}
    readings: dict[str, list[str]] = {}
    for line in edict.read_text(encoding="euc_jp", errors="replace").splitlines()[1:]:
        if "(P)" not in line or not NOUN.search(line):
            continue
        word, _, rest = line.partition(" ")
        english = [clean for part in rest.split("/")[1:-1] if (clean := _clean(part))]
        if english:
            found.setdefault(unicodedata.normalize("NFKC", word), []).extend(english)
            if match := re.match(r"\[([^\];]+)", rest):
                readings.setdefault(unicodedata.normalize("NFKC", match.group(1)), []).extend(english)
    for reading, english in readings.items():
        found.setdefault(reading, english)
    return [
        f"{word}\t{'|'.join(dict.fromkeys(english).keys())[:200]}" for word, english in sorted(found.items())
    ]


def _clean(part: str) -> str:
    plain = " ".join(REMARK.sub(" ", part).split())
    return "" if plain == "(P)" or not re.match("[A-Za-z]", plain) or len(plain) > 40 else plain.lower()


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    english = english_lines(read_wordnet(datasets.path("wordnet-base")))
    japanese = japanese_lines(datasets.path("edict") / "edict")
    for name, lines in ((ENGLISH, english), (JAPANESE, japanese)):
        packed = lzma.compress(("\n".join(lines) + "\n").encode(), preset=9 | lzma.PRESET_EXTREME)
        (FOLDER / name).write_bytes(packed)
        print(f"{name}: {len(lines):,} words, {len(packed):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
